/*
 * ballot: keys by BLAKE2b from the master key and the evaluation's id; padding as ISO/IEC 7816-4,
 * as libsodium removes it. (It pads in a loop over all bytes that hides how long the answer is from
 * whoever measures; here who could measure has seen the request.)
 */
#include "common/ballot.h"

#include "common/instance.h"
#include <sodium.h>
#include <string.h>

_Static_assert(BALLOT_KEY == crypto_box_PUBLICKEYBYTES, "the public key's size");
_Static_assert(BALLOT_KEY == crypto_box_SECRETKEYBYTES, "the secret key's size");
_Static_assert(BALLOT_SEALED == BALLOT_SIZE + crypto_box_SEALBYTES, "the box's size");

void ballot_keys(const unsigned char *master, struct text evaluation, struct ballot_keys *keys)
{
        unsigned char seed[crypto_box_SEEDBYTES];
        crypto_generichash_state state;
        crypto_generichash_init(&state, master, INSTANCE_KEY_SIZE, sizeof seed);
        crypto_generichash_update(&state, (const unsigned char *)"padriver ballot ", 16);
        crypto_generichash_update(&state, (const unsigned char *)evaluation.at, evaluation.size);
        crypto_generichash_final(&state, seed, sizeof seed);
        crypto_box_seed_keypair(keys->public_key, keys->secret_key, seed);
        sodium_memzero(seed, sizeof seed);
}

struct text ballot_seal(struct arena *arena, struct text public_key, struct text answer)
{
        unsigned char plain[BALLOT_SIZE];
        if (public_key.size != BALLOT_KEY || answer.size >= BALLOT_SIZE)
                return (struct text){ 0 };
        memcpy(plain, answer.at, answer.size);
        memset(plain + answer.size, 0, sizeof plain - answer.size);
        plain[answer.size] = 0x80;
        unsigned char *box = arena_raw(arena, BALLOT_SEALED);
        const bool good = crypto_box_seal(box, plain, sizeof plain,
                                          (const unsigned char *)public_key.at) == 0;
        sodium_memzero(plain, sizeof plain);
        return good ? (struct text){ (const char *)box, BALLOT_SEALED } : (struct text){ 0 };
}

struct text ballot_open(struct arena *arena, const struct ballot_keys *keys, struct text box)
{
        if (box.size != BALLOT_SEALED)
                return (struct text){ 0 };
        unsigned char *plain = arena_alloc(arena, BALLOT_SIZE);
        size_t size;
        if (crypto_box_seal_open(plain, (const unsigned char *)box.at, BALLOT_SEALED,
                                 keys->public_key, keys->secret_key) != 0 ||
            sodium_unpad(&size, plain, BALLOT_SIZE, BALLOT_SIZE) != 0)
                return (struct text){ 0 };
        return (struct text){ (const char *)plain, size };
}
