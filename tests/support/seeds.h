/*
 * seeds: a test that is many runs, each told by its seed alone. A run that fails names its seed, and
 * SEED=n runs that one again; SEEDS=n runs as many as one has time for.
 */
#pragma once

#include <stdint.h>

/* Calls run with each seed from 1; most: how many, unless SEED or SEEDS say otherwise. */
void seeds_run(uint64_t most, void (*run)(uint64_t seed));

/* A cmocka teardown: says which seed failed, if one did. */
int seeds_tell(void **state);
