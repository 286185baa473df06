/*
 * panics: see the header.
 */
#include "tests/support/panics.h"
#include "tests/support/test.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PANICKED = 6, SURVIVED = 7 };

/* In place of dying. */
static void leave(int signal_number)
{
        (void)signal_number;
        exit(PANICKED);
}

/* The child: all it says goes into the pipe. */
static void run(void (*act)(void), int said)
{
        dup2(said, STDERR_FILENO);
        signal(SIGABRT, leave);
        act();
        _exit(SURVIVED);
}

void panics_check(void (*act)(void), const char *words, const char *file, int line)
{
        char said[4096];
        size_t size = 0;
        ssize_t got;
        int ends[2], status;
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
                run(act, ends[1]);
        close(ends[1]);
        while ((got = read(ends[0], said + size, sizeof said - 1 - size)) > 0)
                size += (size_t)got;
        said[size] = '\0';
        close(ends[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != PANICKED || !strstr(said, words)) {
                print_error("no panic with \"%s\": \"%s\"\n", words, said);
                _fail(file, line);
        }
}
