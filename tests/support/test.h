/*
 * test: cmocka with what it needs before it, and checks for our own types.
 */
#pragma once

#include "common/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Fails unless the text has exactly the string's bytes. */
#define assert_text_equal(text_, string_) check_text((text_), (string_), __FILE__, __LINE__)

static inline void check_text(struct text got, const char *want, const char *file, int line)
{
        if (text_equal(got, text_of(want)))
                return;
        print_error("\"%.*s\" is not \"%s\"\n", TEXT_ARGS(got), want);
        _fail(file, line);
}
