/*
 * migrate: reads the folder, compares hashes with public.migration, and runs what is new, each file
 * and its record in one transaction. Files hold neither BEGIN nor COMMIT. Invariant: what is
 * applied is a prefix of the files by number, each as it was when applied.
 */
#include "common/migrate.h"

#include "common/migrate_sql.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MOST (4 * 1024 * 1024)

static const char table[] = "CREATE TABLE IF NOT EXISTS public.migration ("
                            "number int PRIMARY KEY, name text NOT NULL, sha256 bytea NOT NULL,"
                            " at timestamptz NOT NULL)";

struct file {
        int64_t number;
        struct text name, sql;
        char sha256[crypto_hash_sha256_BYTES];
};

struct files {
        size_t count;
        struct file *file;
};

/* Keeps the first reason. Returns false. */
static bool __attribute__((format(printf, 2, 3)))
refuse(struct migrated *migrated, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        if (!*migrated->reason)
                vsnprintf(migrated->reason, sizeof migrated->reason, format, args);
        va_end(args);
        return false;
}

/* "0001_roles.sql" and the like. */
static int is_migration(const struct dirent *entry)
{
        const char *name = entry->d_name;
        size_t digits = strspn(name, "0123456789"), size = strlen(name);
        return digits == 4 && name[4] == '_' && size > 9 && strcmp(name + size - 4, ".sql") == 0;
}

/* Reads one file into the arena. */
static bool read_sql(const char *directory, struct file *file, struct arena *arena,
                     struct migrated *migrated)
{
        struct text path = arena_printf(arena, "%s/%.*s", directory, TEXT_ARGS(file->name));
        FILE *stream = fopen(path.at, "rb");
        char *bytes = malloc(FILE_MOST);
        size_t size = stream && bytes ? fread(bytes, 1, FILE_MOST, stream) : 0;
        bool good = stream && bytes && !ferror(stream) && size < FILE_MOST;
        if (!good)
                refuse(migrated, "%s: cannot be read: %s", path.at,
                       stream ? "too large" : strerror(errno));
        if (stream)
                fclose(stream);
        file->sql = arena_copy(arena, (struct text){ bytes ? bytes : "", size });
        crypto_hash_sha256((unsigned char *)file->sha256, (const unsigned char *)file->sql.at,
                           size);
        free(bytes);
        return good;
}

/* The migrations of the folder, by number. */
static bool read_files(const char *directory, struct files *files, struct arena *arena,
                       struct migrated *migrated)
{
        struct dirent **entries = NULL;
        int count = scandir(directory, &entries, is_migration, alphasort);
        bool good = count > 0 || refuse(migrated, "%s: there are no migrations here", directory);
        *files = (struct files){ 0 };
        if (count > 0)
                files->file = arena_array(arena, (size_t)count, sizeof *files->file);
        for (int i = 0; i < count; i++) {
                struct file *file = &files->file[files->count++];
                file->name = arena_copy(arena, text_of(entries[i]->d_name));
                text_to_int((struct text){ file->name.at, 4 }, &file->number);
                if (good && i > 0 && file[-1].number == file->number)
                        good = refuse(migrated, "%s: another file has its number", file->name.at);
                good = good && read_sql(directory, file, arena, migrated);
                free(entries[i]);
        }
        free(entries);
        return good;
}

/* Whether what is applied is how the files begin, unchanged. */
static bool check_applied(const struct files *files, const struct db_result *applied,
                          struct migrated *migrated)
{
        for (int64_t i = 0; i < applied->rows; i++) {
                struct text name = db_text(applied, i, 1), sha256 = db_text(applied, i, 2);
                const struct file *file = &files->file[i];
                if ((size_t)i >= files->count)
                        return refuse(migrated,
                                      "%.*s is applied but not here: the store is of a newer "
                                      "version than this one",
                                      TEXT_ARGS(name));
                if (!text_equal(file->name, name))
                        return refuse(
                                migrated,
                                "%.*s stands where %.*s was applied: migrations only go forward",
                                TEXT_ARGS(file->name), TEXT_ARGS(name));
                if (sha256.size != sizeof file->sha256 ||
                    memcmp(sha256.at, file->sha256, sizeof file->sha256) != 0)
                        return refuse(migrated,
                                      "%.*s was changed after it was applied: restore it and write "
                                      "a new migration",
                                      TEXT_ARGS(name));
        }
        migrated->before = (size_t)applied->rows;
        return true;
}

/* The line of the script that the server points at; 0 if it does not. */
static int line_of(struct text sql, int64_t position)
{
        int line = 1;
        if (position <= 0)
                return 0;
        for (size_t i = 0; i < sql.size && position > 1; i++) {
                line += sql.at[i] == '\n';
                position -= ((unsigned char)sql.at[i] & 0xC0) != 0x80; /* characters, not bytes */
        }
        return line;
}

/* Runs one file and records it, in one transaction. */
static bool apply(struct db *db, const struct file *file, int64_t now, struct migrated *migrated)
{
        const union param params[] = { { .integer = file->number },
                                       { .text = file->name },
                                       { .text = { file->sha256, sizeof file->sha256 } },
                                       { .integer = now } };
        struct db_result result;
        db_send_plain(db, "BEGIN", NULL, NULL);
        bool good = db_script(db, file->sql.at, &result);
        if (!good)
                refuse(migrated, "%s:%d: %s", file->name.at,
                       line_of(file->sql, db_position(&result)), result.message);
        db_result_clear(&result);
        if (good && !db_run(db, &record_migration_statement, params, &result))
                good = refuse(migrated, "%s: %s", file->name.at, result.message);
        if (good)
                db_result_clear(&result);
        if (!db_run_plain(db, good ? "COMMIT" : "ROLLBACK", &result))
                good = refuse(migrated, "%s: %s", file->name.at, result.message);
        db_result_clear(&result);
        migrated->applied += good;
        return good;
}

/* What is to be done while nobody else migrates. */
static bool migrate_alone(struct db *db, const struct files *files, int64_t now,
                          struct migrated *migrated)
{
        struct db_result result;
        if (!db_run_plain(db, table, &result)) {
                refuse(migrated, "public.migration: %s", result.message);
                db_result_clear(&result);
                return false;
        }
        db_result_clear(&result);
        bool good = db_run(db, &applied_migrations_statement, NULL, &result);
        if (!good)
                refuse(migrated, "public.migration: %s", result.message);
        good = good && check_applied(files, &result, migrated);
        db_result_clear(&result);
        for (size_t i = migrated->before; good && i < files->count; i++)
                good = apply(db, &files->file[i], now, migrated);
        return good;
}

bool migrate(struct db *db, const char *directory, int64_t now, struct migrated *migrated)
{
        struct arena *arena = arena_new();
        struct files files;
        struct db_result result = { .message = "" };
        *migrated = (struct migrated){ 0 };
        bool good = read_files(directory, &files, arena, migrated);
        if (good && !db_run(db, &lock_migrations_statement, NULL, &result))
                good = refuse(migrated, "nobody else may migrate meanwhile: %s", result.message);
        if (good) {
                db_result_clear(&result);
                good = migrate_alone(db, &files, now, migrated);
                db_send(db, &unlock_migrations_statement, NULL, NULL, NULL);
                db_wait(db);
        }
        db_result_clear(&result);
        arena_destroy(&arena);
        return good;
}
