/*
 * instance: reads and makes the files of the state directory. A file is written under another name,
 * synced and linked into place: it is whole or not there, and two that make it at once get the same
 * one.
 */
#include "common/instance.h"

#include "common/log.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#define HEX_SIZE (2 * INSTANCE_KEY_SIZE)

struct key {
        bool known;
        unsigned char bytes[INSTANCE_KEY_SIZE];
};

struct instance {
        char id[33];
        char state_directory[4000];
        struct key link, master;
};

/* sodium's memory: not swapped, not dumped. */
static struct instance *allocate(void)
{
        struct instance *instance = sodium_init() < 0 ? NULL : sodium_malloc(sizeof(*instance));

        if (!instance)
                panic("libsodium gives no memory");
        memset(instance, 0, sizeof(*instance));
        return instance;
}

/* Reads a file of 32 bytes in hexadecimal digits. False with errno if it cannot be read or is
 * something else. */
static bool read_key(const char *directory, const char *name, unsigned char *key)
{
        char path[4096], line[HEX_SIZE + 2];
        const char *end = line;
        size_t size = 0;
        ssize_t got = -1;
        int file;

        snprintf(path, sizeof(path), "%s/%s", directory, name);
        file = open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0)
                return false;
        got = read(file, line, sizeof(line));
        close(file);
        if (got >= HEX_SIZE)
                sodium_hex2bin(key, INSTANCE_KEY_SIZE, line, HEX_SIZE, NULL, &size, &end);
        sodium_memzero(line, sizeof(line));
        errno = EBADMSG;
        return got <= HEX_SIZE + 1 && size == INSTANCE_KEY_SIZE;
}

/* Adds a file's first bytes to the hash, if there is one. False (logged) if it is kept from us. */
static bool hash_file(crypto_generichash_state *hash, const char *path)
{
        unsigned char bytes[256];
        ssize_t size;
        int file = open(path, O_RDONLY | O_CLOEXEC);

        if (file < 0 && errno == ENOENT)
                return true;
        size = file < 0 ? -1 : read(file, bytes, sizeof(bytes));
        if (size < 0)
                log_error("cannot read %s: %s", path, strerror(errno));
        else
                crypto_generichash_update(hash, bytes, (unsigned long long)size);
        if (file >= 0)
                close(file);
        return size >= 0;
}

/* Adds the inode and the birth of the file: a copy has others. */
static bool hash_place(crypto_generichash_state *hash, const char *path)
{
        struct statx status;
        uint64_t place[3];

        if (statx(AT_FDCWD, path, 0, STATX_INO | STATX_BTIME, &status)) {
                log_error("cannot look at %s: %s", path, strerror(errno));
                return false;
        }
        memset(place, 0, sizeof(place));
        place[0] = status.stx_ino;
        if (status.stx_mask & STATX_BTIME) {
                place[1] = (uint64_t)status.stx_btime.tv_sec;
                place[2] = status.stx_btime.tv_nsec;
        }
        crypto_generichash_update(hash, (const unsigned char *)place, sizeof(place));
        return true;
}

/* Makes the identity out of the random number, the file and the machine. False: logged. */
static bool identify(struct instance *instance, const char *runtime_directory)
{
        const sd_id128_t ours =
                SD_ID128_MAKE(8e, 5f, 40, 11, 9b, 2d, 4c, 6a, a1, 07, 3e, d2, 58, 90, c4, 77);
        unsigned char key[INSTANCE_KEY_SIZE], digest[16];
        char path[4096];
        crypto_generichash_state hash;
        sd_id128_t machine;

        if (!read_key(instance->state_directory, "instance", key)) {
                log_error("cannot read %s/instance: %s; padriver instance create makes it",
                          instance->state_directory, strerror(errno));
                return false;
        }
        crypto_generichash_init(&hash, key, sizeof(key), sizeof(digest));
        if (sd_id128_get_machine_app_specific(ours, &machine) == 0)
                crypto_generichash_update(&hash, machine.bytes, sizeof(machine.bytes));
        snprintf(path, sizeof(path), "%s/machine", runtime_directory);
        if (!hash_file(&hash, path))
                return false;
        snprintf(path, sizeof(path), "%s/instance", instance->state_directory);
        if (!hash_place(&hash, path))
                return false;
        crypto_generichash_final(&hash, digest, sizeof(digest));
        sodium_bin2hex(instance->id, sizeof(instance->id), digest, sizeof(digest));
        return true;
}

/* The instance of the state directory. */
struct instance *instance_open(const char *state_directory, const char *runtime_directory)
{
        struct instance *instance = allocate();

        snprintf(instance->state_directory, sizeof(instance->state_directory), "%s",
                 state_directory);
        if (!identify(instance, runtime_directory))
                instance_close(&instance);
        return instance;
}

/* Frees it, wiped. */
void instance_close(struct instance **instance)
{
        sodium_free(*instance);
        *instance = NULL;
}

/* The identity. */
struct text instance_id(const struct instance *instance)
{
        return text_of(instance->id);
}

/* Reads the key at the first call, as a credential of the service manager's or from the state
 * directory. */
static const unsigned char *find_key(struct instance *instance, struct key *key, const char *name)
{
        const char *credentials = getenv("CREDENTIALS_DIRECTORY");

        if (!key->known && credentials)
                key->known = read_key(credentials, name, key->bytes);
        if (!key->known)
                key->known = read_key(instance->state_directory, name, key->bytes);
        if (!key->known)
                log_error("cannot read %s/%s: %s", instance->state_directory, name,
                          strerror(errno));
        return key->known ? key->bytes : NULL;
}

/* The HMAC key of links. */
const unsigned char *instance_link_key(struct instance *instance)
{
        return find_key(instance, &instance->link, "link.key");
}

/* What the evaluations' private keys derive from. */
const unsigned char *instance_master_key(struct instance *instance)
{
        return find_key(instance, &instance->master, "master.key");
}

/* The broker's CURVE secret key: it needs no identity. */
bool instance_broker_key(const char *state_directory, unsigned char key[INSTANCE_KEY_SIZE])
{
        const char *credentials = getenv("CREDENTIALS_DIRECTORY");
        bool known = (credentials && read_key(credentials, "broker.key", key)) ||
                     read_key(state_directory, "broker.key", key);

        if (!known)
                log_error("cannot read %s/broker.key: %s; padriver instance create makes it",
                          state_directory, strerror(errno));
        return known;
}

/* A file of its own with 32 random bytes in hexadecimal digits, on disk. False with errno. */
static bool write_key(const char *path, mode_t mode)
{
        unsigned char key[INSTANCE_KEY_SIZE];
        char line[HEX_SIZE + 1];
        bool done;
        int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

        if (file < 0)
                return false;
        randombytes_buf(key, sizeof(key));
        sodium_bin2hex(line, sizeof(line), key, sizeof(key));
        line[HEX_SIZE] = '\n';
        done = fchmod(file, mode) == 0 &&
               write(file, line, sizeof(line)) == (ssize_t)sizeof(line) && fsync(file) == 0;
        sodium_memzero(key, sizeof(key));
        sodium_memzero(line, sizeof(line));
        close(file);
        return done;
}

/* Makes the file unless it is there. False: logged. */
static bool make_key(const char *directory, const char *name, mode_t mode)
{
        char path[4096], fresh[4200];
        bool done;

        snprintf(path, sizeof(path), "%s/%s", directory, name);
        if (access(path, F_OK) == 0)
                return true;
        snprintf(fresh, sizeof(fresh), "%s.%ld", path, (long)getpid());
        done = write_key(fresh, mode) && (link(fresh, path) == 0 || errno == EEXIST);
        if (!done)
                log_error("cannot make %s: %s", path, strerror(errno));
        unlink(fresh);
        return done;
}

/* What is missing of the files; the directory is synced, so that a new key is not lost behind the
 * first letter. */
bool instance_create(const char *state_directory)
{
        int directory;
        bool done;

        if (sodium_init() < 0)
                panic("libsodium cannot start");
        done = make_key(state_directory, "instance", 0640) &&
               make_key(state_directory, "link.key", 0600) &&
               make_key(state_directory, "master.key", 0600) &&
               make_key(state_directory, "broker.key", 0600);
        directory = open(state_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (done && (directory < 0 || fsync(directory))) {
                log_error("cannot sync %s: %s", state_directory, strerror(errno));
                done = false;
        }
        if (directory >= 0)
                close(directory);
        return done;
}
