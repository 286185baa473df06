/*
 * import_files: reads files and directories for import.c. Every file is read, so that every fault
 * is told at once; sizes are bounded before anything is read.
 */
#include "workers/ctl/import.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void import_complain(struct text file, int64_t line, struct text column, struct text reason)
{
        fprintf(stderr, "%.*s", TEXT_ARGS(file));
        if (line > 0)
                fprintf(stderr, ":%lld", (long long)line);
        if (column.size)
                fprintf(stderr, ": %.*s", TEXT_ARGS(column));
        fprintf(stderr, ": %.*s\n", TEXT_ARGS(reason));
}

/* The whole file. NULL in .at: it said why not. */
static struct text read_file(struct ctl *ctl, const char *path)
{
        struct text data = { 0 };
        struct stat about;
        FILE *file = fopen(path, "rb");
        if (!file || fstat(fileno(file), &about) != 0) {
                ctl_fail(ctl, EXIT_BAD_DATA, "%s: %s", path, strerror(errno));
        } else if (about.st_size > (off_t)CSV_MOST_BYTES) {
                ctl_fail(ctl, EXIT_BAD_DATA, "%s is larger than %zu MiB; split it", path,
                         CSV_MOST_BYTES >> 20);
        } else {
                char *bytes = arena_alloc(ctl->arena, (size_t)about.st_size + 1);
                data = (struct text){ bytes, fread(bytes, 1, (size_t)about.st_size, file) };
        }
        if (file)
                fclose(file);
        return data;
}

/* Adds one file to those to be imported. */
static int add_file(struct ctl *ctl, json_t *files, const char *path)
{
        struct csv_fault fault = { 0 };
        struct text data = read_file(ctl, path);
        if (!data.at)
                return EXIT_BAD_DATA;
        if (import_add(files, text_of(path), data, ctl->arena, &fault))
                return EXIT_DONE;
        import_complain(text_of(path), fault.line, (struct text){ 0 }, text_of(fault.reason));
        return EXIT_BAD_DATA;
}

static int is_import(const struct dirent *entry)
{
        return entry->d_name[0] != '.' && import_is_file(text_of(entry->d_name));
}

/* Adds the files of a directory, by name. */
static int add_directory(struct ctl *ctl, json_t *files, const char *path)
{
        struct dirent **entries;
        int code = EXIT_DONE, count = scandir(path, &entries, is_import, alphasort);
        if (count < 0)
                return ctl_fail(ctl, EXIT_BAD_DATA, "%s: %s", path, strerror(errno));
        for (int i = 0; i < count; i++) {
                const char *file = arena_printf(ctl->arena, "%s/%s", path, entries[i]->d_name).at;
                if (i < IMPORT_MOST_FILES && add_file(ctl, files, file) != EXIT_DONE)
                        code = EXIT_BAD_DATA;
                free(entries[i]);
        }
        free(entries);
        if (count == 0)
                return ctl_fail(ctl, EXIT_BAD_DATA, "%s holds no .csv or .json file", path);
        return count <= IMPORT_MOST_FILES
                       ? code
                       : ctl_fail(ctl, EXIT_BAD_DATA, "%s holds more than %d files", path,
                                  IMPORT_MOST_FILES);
}

int import_add_word(struct ctl *ctl, json_t *files, const char *word)
{
        struct stat about;
        if (stat(word, &about) != 0)
                return ctl_fail(ctl, EXIT_BAD_DATA, "%s: %s", word, strerror(errno));
        if (S_ISDIR(about.st_mode))
                return add_directory(ctl, files, word);
        if (!import_is_file(text_of(word)))
                return ctl_fail(ctl, EXIT_BAD_DATA, "%s is neither .csv nor .json", word);
        return add_file(ctl, files, word);
}
