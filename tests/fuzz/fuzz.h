/*
 * fuzz: what the targets share. A target is one file, fuzz_NAME.c: it gives a parser bytes that
 * nobody chose and requires what must hold of every answer. libFuzzer looks for bytes that break it
 * (tests/fuzz/run); what it found so far lies in corpus/NAME and is replayed as an ordinary test.
 */
#pragma once

#include "common/log.h"
#include "common/text.h"

/* The target: one input, exactly that many bytes. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define require(condition_) ((condition_) ? (void)0 : panic("not so: %s", #condition_))

/* Cuts so many bytes, or all that remain, off the front of the input. */
static inline struct text fuzz_take(struct text *input, size_t size)
{
        struct text taken = { input->at, size < input->size ? size : input->size };
        input->at = taken.size ? input->at + taken.size : input->at;
        input->size -= taken.size;
        return taken;
}

/* The next byte; 0 when none remain. */
static inline unsigned fuzz_byte(struct text *input)
{
        struct text byte = fuzz_take(input, 1);
        return byte.size ? (unsigned char)*byte.at : 0;
}
