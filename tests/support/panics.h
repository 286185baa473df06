/*
 * panics: what ends the program, tried in a process of its own. The child leaves by exit rather than
 * by SIGABRT, so that its counters of branches are written.
 */
#pragma once

/* Fails unless act() panics, saying the words. */
#define assert_panics(act_, words_) panics_check((act_), (words_), __FILE__, __LINE__)

void panics_check(void (*act)(void), const char *words, const char *file, int line);
