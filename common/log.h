/*
 * log: messages for the operator, on standard error, one line each, with systemd's <N> priority
 * prefix when JOURNAL_STREAM is set. Ids only, never a person's words, name or address. (The event
 * log is another thing: schemas/sql, broker/.)
 */
#pragma once

/* The program's name in front of each line; call once in main. The string must stay. */
void log_open(const char *program);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Shown only when PADRIVER_DEBUG is set in the environment. */
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A broken invariant: logs and aborts. The service manager restarts, the cursor makes it safe. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));
