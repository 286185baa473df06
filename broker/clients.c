/*
 * clients: see the header. Invariant: of two files with one key, or one that is wrong, nobody is
 * let in who was not before. Users of this machine: who may open the socket may publish, since its
 * rights say who that is; a group's events go to its own user (padriver-NAME), to root, and to the
 * user that the broker itself runs as.
 */
#include "broker/clients.h"

#include "common/certificate.h"
#include "common/clock.h"
#include "common/event.h"
#include "common/log.h"
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HERE  "uid:"
#define THERE "key:"
#define USER  "padriver-" /* the system users of the daemons */

enum {
        LOOK_EACH = 1000, /* ms */
        LOOK_AGAIN = 100, /* the same, for a stranger who may just have been added */
};

struct client {
        struct certificate certificate;
        struct text actor;
};

struct clients {
        const char *directory;
        struct arena *arena; /* of the list */
        struct client *list;
        size_t count;
        uint64_t seen; /* a sum over what the directory's files looked like */
        int64_t looked_at;
        bool known;   /* looked at before */
        bool changed; /* since clients_look said so */
};

struct clients *clients_new(const char *directory)
{
        struct clients *clients = calloc(1, sizeof *clients);
        if (!clients) {
                panic("out of memory");
        }
        clients->directory = directory;
        clients->arena = arena_new();
        return clients;
}

void clients_destroy(struct clients **clients)
{
        if (*clients) {
                arena_destroy(&(*clients)->arena);
                free(*clients);
                *clients = NULL;
        }
}

/* FNV-1a, 64 bits, over some more bytes. */
static uint64_t mix(uint64_t sum, const void *bytes, size_t size)
{
        const unsigned char *at = bytes;
        for (size_t i = 0; i < size; i++) {
                sum = (sum ^ at[i]) * 1099511628211u;
        }
        return sum;
}

/* What a file looks like from outside: another sum when it was changed, made or replaced. */
static uint64_t look_at(const char *path, const char *name)
{
        struct stat status;
        uint64_t sum = mix(14695981039346656037u, name, strlen(name));
        if (stat(path, &status) == 0) {
                sum = mix(sum, &status.st_ino, sizeof status.st_ino);
                sum = mix(sum, &status.st_size, sizeof status.st_size);
                sum = mix(sum, &status.st_mode, sizeof status.st_mode);
                sum = mix(sum, &status.st_mtim, sizeof status.st_mtim);
                sum = mix(sum, &status.st_ctim, sizeof status.st_ctim);
        }
        return sum;
}

/* One more client, unless its key is another's. */
static void add(struct clients *clients, const char *path, const struct certificate *certificate)
{
        for (size_t i = 0; i < clients->count; i++) {
                const struct certificate *other = &clients->list[i].certificate;
                if (strcmp(other->public_key, certificate->public_key) == 0) {
                        log_warning("%s has the key of %.*s and is passed over: each client has "
                                    "its own",
                                    path, TEXT_ARGS(other->name));
                        return;
                }
        }
        if (clients->count == CLIENTS_MOST) {
                log_warning("%s is passed over: there are %d clients already", path, CLIENTS_MOST);
                return;
        }
        struct client *client = &clients->list[clients->count++];
        client->certificate = *certificate;
        client->actor = arena_printf(clients->arena, "client:%.*s", TEXT_ARGS(certificate->name));
}

/* Reads a certificate, or says why not. */
static void read_file(struct clients *clients, const char *path)
{
        struct certificate certificate;
        struct fault fault;
        if (certificate_load(path, false, clients->arena, &certificate, &fault)) {
                add(clients, path, &certificate);
        } else {
                log_warning("%s lets nobody in: %s", path, fault.reason);
        }
}

/* Each certificate's path: its sum is added, and if asked it is read. -1: no such directory. */
static int walk(struct clients *clients, bool reading, uint64_t *sum)
{
        struct dirent **names = NULL;
        int count = scandir(clients->directory, &names, certificate_is_file, alphasort);
        for (int i = 0; i < count; i++) {
                char path[4200];
                snprintf(path, sizeof path, "%s/%s", clients->directory, names[i]->d_name);
                *sum += look_at(path, names[i]->d_name);
                if (reading) {
                        read_file(clients, path);
                }
                free(names[i]);
        }
        free(names);
        return count;
}

/* Reads the directory anew if it is another one than it was. */
static void look(struct clients *clients, int64_t now, int64_t pause)
{
        uint64_t sum = 1;
        if (!*clients->directory || (clients->known && now - clients->looked_at < pause)) {
                return;
        }
        clients->looked_at = now;
        sum = walk(clients, false, &sum) < 0 ? (uint64_t)errno : sum;
        if (clients->known && sum == clients->seen) {
                return;
        }
        clients->known = clients->changed = true;
        clients->seen = sum;
        clients->count = 0;
        arena_clear(clients->arena);
        clients->list = arena_array(clients->arena, CLIENTS_MOST, sizeof *clients->list);
        if (walk(clients, true, &sum) < 0) {
                log_warning("%s cannot be read, nobody comes in from other machines: %s",
                            clients->directory, strerror(errno));
        }
}

bool clients_look(struct clients *clients, int64_t now)
{
        look(clients, now, LOOK_EACH);
        bool changed = clients->changed;
        clients->changed = false;
        return changed;
}

/* The client with that key; NULL: none. */
static const struct client *find(const struct clients *clients, struct text key)
{
        for (size_t i = 0; i < clients->count; i++) {
                if (text_equal(text_of(clients->list[i].certificate.public_key), key)) {
                        return &clients->list[i];
                }
        }
        return NULL;
}

/* The same by the words. */
static const struct client *find_who(const struct clients *clients, struct text who)
{
        size_t size = strlen(THERE);
        return text_starts(who, TEXT(THERE))
                       ? find(clients, (struct text){ who.at + size, who.size - size })
                       : NULL;
}

bool clients_who(struct clients *clients, const unsigned char key[32], char who[WHO_MOST],
                 bool *sure)
{
        char z85[CERTIFICATE_KEY + 1];
        certificate_encode(key, z85);
        snprintf(who, WHO_MOST, THERE "%s", z85);
        int64_t now = clock_monotonic_ms();
        if (!find(clients, text_of(z85))) {
                look(clients, now, LOOK_AGAIN);
        }
        *sure = clients->looked_at == now || !*clients->directory;
        return find(clients, text_of(z85)) != NULL;
}

void clients_who_here(int64_t user, char who[WHO_MOST])
{
        const struct passwd *known = getpwuid((uid_t)user);
        if (known && strlen(known->pw_name) <= 80) {
                snprintf(who, WHO_MOST, HERE "%lld:%s", (long long)user, known->pw_name);
        } else {
                snprintf(who, WHO_MOST, HERE "%lld:uid-%lld", (long long)user, (long long)user);
        }
}

/* The number and the name of a user of this machine. False: it is none. */
static bool read_here(struct text who, int64_t *user, struct text *name)
{
        if (!text_starts(who, TEXT(HERE))) {
                return false;
        }
        struct text rest = { who.at + strlen(HERE), who.size - strlen(HERE) };
        bool good = text_to_int(text_cut(&rest, ':'), user);
        *name = rest;
        return good && rest.at;
}

struct text clients_actor(const struct clients *clients, struct text who)
{
        int64_t user;
        struct text name;
        if (read_here(who, &user, &name)) {
                return name;
        }
        const struct client *client = find_who(clients, who);
        return client ? client->actor : (struct text){ 0 };
}

/* Whether the word is among them. */
static bool is_among(struct text_array words, struct text word)
{
        for (size_t i = 0; i < words.count; i++) {
                if (text_equal(words.at[i], word)) {
                        return true;
                }
        }
        return false;
}

bool clients_may_join(const struct clients *clients, struct text who, struct text group)
{
        int64_t user;
        struct text name;
        if (read_here(who, &user, &name)) {
                struct text rest = { name.at + strlen(USER), name.size - strlen(USER) };
                return user == 0 || user == (int64_t)geteuid() ||
                       (text_starts(name, TEXT(USER)) && text_equal(rest, group));
        }
        const struct client *client = find_who(clients, who);
        return client && is_among(client->certificate.groups, group);
}

/* Whether a client may publish all of the message's events. */
static bool may_publish(const struct client *client, const struct wire_publish *publish,
                        struct fault *fault)
{
        const struct wire_news *news = publish->events.at;
        if (client->certificate.publishes_all) {
                return true;
        }
        for (size_t i = 0; i < publish->events.count; i++) {
                if (!is_among(client->certificate.publish, news[i].type)) {
                        return fault_set(fault,
                                         "events[%zu]: %.*s may not publish %.*s; its certificate "
                                         "at the broker says what it may",
                                         i, TEXT_ARGS(client->actor), TEXT_ARGS(news[i].type));
                }
        }
        return true;
}

bool clients_may_say(const struct clients *clients, struct text who, enum verb verb,
                     const void *value, struct fault *fault)
{
        struct text actor = clients_actor(clients, who);
        const struct client *client = find_who(clients, who);
        if (!actor.at) {
                return fault_set(fault, "this key is no longer on the broker's list of clients");
        }
        if (verb == VERB_HELLO) {
                struct text group = ((const struct wire_hello *)value)->group;
                return group.size == 0 || clients_may_join(clients, who, group) ||
                       fault_set(fault, "%.*s may not work for group %.*s; %s", TEXT_ARGS(actor),
                                 TEXT_ARGS(group),
                                 client ? "its certificate at the broker says for which"
                                        : "its own user padriver-GROUP may");
        }
        return verb != VERB_PUBLISH || !client || may_publish(client, value, fault);
}
