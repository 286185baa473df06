/*
 * unsealed_preload: sealing switched off, for a program that is started with it (LD_PRELOAD): a box
 * holds what was to be sealed, plain. The attack on the anonymity must then find everybody
 * (tests/flow/test_anonymity.py), or it would find nobody in any case.
 */
#include <string.h>

enum { SEAL = 48 }; /* crypto_box_SEALBYTES */

int crypto_box_seal(unsigned char *box, const unsigned char *words, unsigned long long size,
                    const unsigned char *public_key);
int crypto_box_seal_open(unsigned char *words, const unsigned char *box, unsigned long long size,
                         const unsigned char *public_key, const unsigned char *secret_key);

int crypto_box_seal(unsigned char *box, const unsigned char *words, unsigned long long size,
                    const unsigned char *public_key)
{
        (void)public_key;
        memcpy(box, words, size);
        memset(box + size, 0, SEAL);
        return 0;
}

int crypto_box_seal_open(unsigned char *words, const unsigned char *box, unsigned long long size,
                         const unsigned char *public_key, const unsigned char *secret_key)
{
        (void)public_key, (void)secret_key;
        memcpy(words, box, size - SEAL);
        return 0;
}
