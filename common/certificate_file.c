/*
 * certificate_file: certificates as files, whose owner and mode are looked at before they are
 * believed, and the keys in them.
 */
#include "common/certificate.h"

#include "common/log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

int certificate_is_file(const struct dirent *entry)
{
        size_t size = strlen(entry->d_name), suffix = strlen(CERTIFICATE_SUFFIX);
        return entry->d_name[0] != '.' && size > suffix &&
               strcmp(entry->d_name + size - suffix, CERTIFICATE_SUFFIX) == 0;
}

/* Whether the name is that of the file. */
static bool is_named(const char *path, struct text name)
{
        const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
        return strlen(file) == name.size + strlen(CERTIFICATE_SUFFIX) &&
               memcmp(file, name.at, name.size) == 0 &&
               strcmp(file + name.size, CERTIFICATE_SUFFIX) == 0;
}

/* Whether the file is kept as it must be; the service manager's credentials are. */
static bool is_kept(int file, const char *path, bool secret, struct fault *fault)
{
        const char *credentials = getenv("CREDENTIALS_DIRECTORY");
        struct stat status;
        if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
                return fault_set(fault, "is not a file");
        }
        if (credentials && text_starts(text_of(path), text_of(credentials))) {
                return true;
        }
        if (secret && (status.st_mode & 077) != 0) {
                return fault_set(fault, "can be read by others: chmod 600, and if others may have "
                                        "read it, make a new key");
        }
        if ((status.st_mode & 022) != 0) {
                return fault_set(fault, "can be written by others: chmod go-w");
        }
        if (status.st_uid != 0 && status.st_uid != geteuid()) {
                return fault_set(fault, "belongs to user %u: chown it to root, or to who runs this",
                                 (unsigned)status.st_uid);
        }
        return true;
}

/* What is wrong with the secret part, if it is asked for. */
static bool check_secret(const struct certificate *certificate, struct fault *fault)
{
        char public_key[CERTIFICATE_KEY + 1];
        if (!*certificate->secret_key) {
                return fault_set(fault,
                                 "has no secret key: it is the file for the broker's machine");
        }
        zmq_curve_public(public_key, certificate->secret_key);
        return strcmp(public_key, certificate->public_key) == 0 ||
               fault_set(fault, "holds two keys that are no pair");
}

bool certificate_load(const char *path, bool secret, struct arena *arena,
                      struct certificate *certificate, struct fault *fault)
{
        char *bytes = arena_alloc(arena, CERTIFICATE_MOST + 1);
        int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (file < 0) {
                return fault_set(fault, "cannot be read: %s", strerror(errno));
        }
        bool good = is_kept(file, path, secret, fault);
        ssize_t size = good ? read(file, bytes, CERTIFICATE_MOST + 1) : 0;
        close(file);
        if (size < 0) {
                return fault_set(fault, "cannot be read: %s", strerror(errno));
        }
        good = good &&
               certificate_parse((struct text){ bytes, (size_t)size }, arena, certificate, fault);
        if (good && !secret && !is_named(path, certificate->name)) {
                return fault_set(fault, "is %.*s's: name it %.*s" CERTIFICATE_SUFFIX,
                                 TEXT_ARGS(certificate->name), TEXT_ARGS(certificate->name));
        }
        return good && (!secret || check_secret(certificate, fault));
}

struct text certificate_join(struct arena *arena, struct text_array words)
{
        struct text all = TEXT("");
        for (size_t i = 0; i < words.count; i++) {
                all = arena_printf(arena, "%.*s%s%.*s", TEXT_ARGS(all), i ? " " : "",
                                   TEXT_ARGS(words.at[i]));
        }
        return all;
}

struct text certificate_compose(struct arena *arena, const struct certificate *certificate,
                                bool secret)
{
        struct text publish = certificate->publishes_all
                                      ? TEXT("*")
                                      : certificate_join(arena, certificate->publish);
        struct text group = certificate_join(arena, certificate->groups);
        return arena_printf(
                arena,
                "# %s\nmetadata\n    name = \"%.*s\"\n    publish = \"%.*s\"\n"
                "    group = \"%.*s\"\ncurve\n    public-key = \"%s\"\n%s%s%s",
                secret ? "The key pair of a client of Pådriver's broker: keep it secret."
                       : "A client of Pådriver's broker, and what it may do.",
                TEXT_ARGS(certificate->name), TEXT_ARGS(publish), TEXT_ARGS(group),
                certificate->public_key, secret ? "    secret-key = \"" : "",
                secret ? certificate->secret_key : "", secret ? "\"\n" : "");
}

bool certificate_save(const struct certificate *certificate, const char *path, bool secret)
{
        char fresh[4200];
        struct arena *arena = arena_new();
        struct text words = certificate_compose(arena, certificate, secret);
        snprintf(fresh, sizeof fresh, "%s.%ld", path, (long)getpid());
        mode_t mode = secret ? 0600 : 0640;
        int file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        bool good = file >= 0 && fchmod(file, mode) == 0 &&
                    write(file, words.at, words.size) == (ssize_t)words.size && fsync(file) == 0 &&
                    link(fresh, path) == 0;
        int error = errno;
        if (file >= 0) {
                close(file);
                unlink(fresh);
        }
        arena_destroy(&arena);
        errno = error;
        return good;
}

void certificate_make_keys(struct certificate *certificate)
{
        if (zmq_curve_keypair(certificate->public_key, certificate->secret_key) != 0) {
                panic("libzmq was built without CURVE");
        }
}

void certificate_encode(const unsigned char key[32], char z85[CERTIFICATE_KEY + 1])
{
        zmq_z85_encode(z85, key, 32);
}

void certificate_public_of(const unsigned char secret[32], char public_key[CERTIFICATE_KEY + 1])
{
        char z85[CERTIFICATE_KEY + 1];
        certificate_encode(secret, z85);
        zmq_curve_public(public_key, z85);
}
