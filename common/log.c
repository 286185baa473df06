/*
 * log: one line a message on standard error, written at once, so that lines of several programs do
 * not mix. A line is cut at its bound; line ends inside a message become spaces, so that nobody
 * forges a line.
 */
#include "common/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

static struct {
        const char *program;
        bool journal; /* write systemd's priority prefix */
        bool debug;
} settings = { "padriver", false, false };

/* The program's name, and what the environment asks for. */
void log_open(const char *program)
{
        settings.program = program;
        settings.journal = getenv("JOURNAL_STREAM") != NULL;
        settings.debug = getenv("PADRIVER_DEBUG") != NULL;
}

/* snprintf's answer as the bytes that stand in a buffer of that size. */
static size_t bytes_in(int printed, size_t size)
{
        if (printed < 0)
                return 0;
        return (size_t)printed < size ? (size_t)printed : size - 1;
}

/* Writes one line. */
__attribute__((format(printf, 2, 0))) static void write_line(int priority, const char *format,
                                                             va_list list)
{
        char line[2048], prefix[8] = "";
        size_t size;

        if (settings.journal)
                snprintf(prefix, sizeof(prefix), "<%d>", priority);
        size = bytes_in(snprintf(line, sizeof(line), "%s%s: ", prefix, settings.program),
                        sizeof(line));
        size += bytes_in(vsnprintf(line + size, sizeof(line) - size, format, list),
                         sizeof(line) - size);
        for (size_t i = 0; i < size; i++)
                if ((unsigned char)line[i] < ' ')
                        line[i] = ' ';
        line[size++] = '\n';
        if (write(STDERR_FILENO, line, size) < 0)
                return; /* nowhere to say it */
}

/* Something is wrong and somebody must act. */
void log_error(const char *format, ...)
{
        va_list list;

        va_start(list, format);
        write_line(LOG_ERR, format, list);
        va_end(list);
}

/* Something is wrong and the program goes on. */
void log_warning(const char *format, ...)
{
        va_list list;

        va_start(list, format);
        write_line(LOG_WARNING, format, list);
        va_end(list);
}

/* What an operator likes to know. */
void log_info(const char *format, ...)
{
        va_list list;

        va_start(list, format);
        write_line(LOG_INFO, format, list);
        va_end(list);
}

/* What a programmer likes to know. */
void log_debug(const char *format, ...)
{
        va_list list;

        if (!settings.debug)
                return;
        va_start(list, format);
        write_line(LOG_DEBUG, format, list);
        va_end(list);
}

/* A broken invariant ends the process. */
void panic(const char *format, ...)
{
        va_list list;

        va_start(list, format);
        write_line(LOG_CRIT, format, list);
        va_end(list);
        abort();
}
