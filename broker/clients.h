/*
 * clients: who may do what at the broker's door: the allow-list, a directory of certificates
 * (common/certificate.h), read anew within a second of any change, and the rule for users of this
 * machine. Whoever speaks is known by the words that his connection got when he came in (who):
 * "uid:1000:anna" for a user of this machine, "key:" and the public key for a client of another.
 * Rights are asked for at each message, so what is taken away is gone for those connected, too.
 */
#pragma once

#include "broker/address.h"
#include "common/codec.h"
#include "common/wire.h"

enum {
        CLIENTS_MOST = 1024,
};

struct clients;

/* An empty directory's name: nobody comes from other machines. */
struct clients *clients_new(const char *directory);
void clients_destroy(struct clients **clients);

/* Looks at the directory, if a second has passed; whether the list is another one since the last
 * call. A file that is wrong is logged and lets nobody in. */
bool clients_look(struct clients *clients, int64_t now);

/* The words for a client's key of 32 bytes; false: a stranger. *sure: even if one looks anew, which
 * is not done for each of many. */
bool clients_who(struct clients *clients, const unsigned char key[32], char who[WHO_MOST],
                 bool *sure);

/* The words for a user of this machine. */
void clients_who_here(int64_t user, char who[WHO_MOST]);

/* The name of whoever it is: the actor of what he publishes. A client's is "client:library", which
 * no system user can bear. No text: it was taken off the list. */
struct text clients_actor(const struct clients *clients, struct text who);

/* Whether who may work for the group. */
bool clients_may_join(const struct clients *clients, struct text who, struct text group);

/* Whether who may say this; fault tells what is missing and the way out. */
bool clients_may_say(const struct clients *clients, struct text who, enum verb verb,
                     const void *value, struct fault *fault);
