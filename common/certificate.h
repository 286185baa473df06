/*
 * certificate: who a client of the broker is: a CURVE key pair with a name, and in the broker's
 * allow-list what the client may do. A file in ZPL as czmq's zcert writes it (the part with the
 * secret key only at the client's machine):
 *
 *      metadata
 *          name = "library"
 *          publish = "session_held meeting_held"       * for all; none if left out
 *          group = "budget newsletter"                 none if left out
 *      curve
 *          public-key = "…"                            Z85, 40 letters
 *          secret-key = "…"
 *
 * What is unknown, twice or out of bounds is refused with its line. Keys are 32 bytes (RFC 32).
 */
#pragma once

#include "common/codec.h"
#include <dirent.h>

enum {
        CERTIFICATE_KEY = 40,         /* letters of a key in Z85 */
        CERTIFICATE_NAME = 40,        /* most letters of a name, as of a group's */
        CERTIFICATE_RIGHTS = 64,      /* most types, or groups */
        CERTIFICATE_MOST = 16 * 1024, /* bytes of a file */
};

#define CERTIFICATE_SUFFIX ".cert"

struct certificate {
        struct text name;
        char public_key[CERTIFICATE_KEY + 1];
        char secret_key[CERTIFICATE_KEY + 1]; /* empty: not in this file */
        bool publishes_all;
        struct text_array publish, groups; /* event types by name; worker groups */
};

/* Reads a certificate; its texts live in the arena. False: fault names the line and the way out. */
bool certificate_parse(struct text zpl, struct arena *arena, struct certificate *certificate,
                       struct fault *fault);

/*
 * Reads a file. With secret it must hold the secret key and be the owner's alone to read; without,
 * be nobody's to write but root's and ours, and bear its client's name (NAME.cert). False: fault
 * says why, without the path.
 */
bool certificate_load(const char *path, bool secret, struct arena *arena,
                      struct certificate *certificate, struct fault *fault);

/* A file's words, which certificate_parse reads. */
struct text certificate_compose(struct arena *arena, const struct certificate *certificate,
                                bool secret);

/* Writes the file whole or not at all, for the owner (with secret) or for owner and group. False
 * with errno; a file that is there stays (EEXIST). */
bool certificate_save(const struct certificate *certificate, const char *path, bool secret);

/* Whether it is a file of the list, for scandir: no editor's copies, no hidden files. */
int certificate_is_file(const struct dirent *entry);

/* Words as one text, with spaces between them. */
struct text certificate_join(struct arena *arena, struct text_array words);

/* Makes a key pair. */
void certificate_make_keys(struct certificate *certificate);

/* Whether the text is a key in Z85. */
bool certificate_is_key(struct text t);

/* The public key of a secret one of 32 bytes, in Z85. */
void certificate_public_of(const unsigned char secret[32], char public_key[CERTIFICATE_KEY + 1]);

/* 32 bytes of a public key in Z85. */
void certificate_encode(const unsigned char key[32], char z85[CERTIFICATE_KEY + 1]);
