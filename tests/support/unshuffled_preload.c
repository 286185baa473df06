/*
 * unshuffled_preload: for a program that is started with it (LD_PRELOAD) nothing is shuffled: a
 * number by lot is always the last one. The attack on the anonymity must then find everybody by the
 * order of rows (tests/flow/test_anonymity.py).
 */
#include <stdint.h>

uint32_t randombytes_uniform(uint32_t bound);

uint32_t randombytes_uniform(uint32_t bound)
{
        return bound - 1;
}
