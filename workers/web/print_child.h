/*
 * print_child: WeasyPrint as a child process. HTML in memory goes in, PDF in memory comes out; it
 * is bounded in time and size, and may open no socket.
 */
#pragma once

#include "common/text.h"
#include <sys/types.h>

#define PRINT_SIZE_MOST (16 << 20) /* bytes of a PDF */

struct print_child {
        pid_t pid;
        int process; /* readable once it has ended */
        int out;     /* what it wrote */
};

/* seconds: of the processor's time, so that it ends even when nobody looks. False: logged. */
bool print_child_start(struct print_child *child, const char *program, const char *style,
                       int64_t seconds, struct text html);

/* Whether it ended by itself, and well; of one that has ended. */
bool print_child_made(const struct print_child *child);

/* Ends it if it runs, and gives all back. */
void print_child_end(struct print_child *child);
