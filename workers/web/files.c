/*
 * files: all of them in memory; a few hundred kilobytes.
 */
#include "workers/web/files.h"

#include "common/log.h"
#include "workers/web/http.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE_MOST = 4 << 20, HASH = 8 };

struct file {
        const char *name, *type;
        struct text content, path;
};

static const struct file known[] = {
        { .name = "designsystemet.css", .type = "text/css; charset=utf-8" },
        { .name = "designsystemet-theme.css", .type = "text/css; charset=utf-8" },
        { .name = "padriver.css", .type = "text/css; charset=utf-8" },
        { .name = "form.js", .type = "text/javascript; charset=utf-8" },
        { .name = "count.js", .type = "text/javascript; charset=utf-8" },
};

enum { COUNT = sizeof known / sizeof *known };

struct files {
        struct arena *arena;
        struct file file[COUNT];
};

/* All of an open file. No text: it cannot be read whole. */
static struct text read_all(struct arena *arena, int fd)
{
        struct stat status;
        if (fstat(fd, &status) != 0 || status.st_size <= 0 || status.st_size > SIZE_MOST)
                return (struct text){ 0 };
        const size_t size = (size_t)status.st_size;
        char *bytes = arena_raw(arena, size);
        size_t got = 0;
        for (ssize_t n = 1; n > 0 && got < size; got += (size_t)n)
                if ((n = read(fd, bytes + got, size - got)) < 0)
                        return (struct text){ 0 };
        return (struct text){ bytes, got };
}

/* Reads one of them. */
static bool load(struct files *files, struct file *file, const char *directory)
{
        unsigned char hash[HASH];
        char digits[2 * HASH + 1];
        const char *path = arena_printf(files->arena, "%s/%s", directory, file->name).at;
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
                file->content = read_all(files->arena, fd);
                close(fd);
        }
        if (!file->content.at) {
                log_error("cannot read %s: %s; see web.files", path, strerror(errno));
                return false;
        }
        crypto_generichash(hash, sizeof hash, (const unsigned char *)file->content.at,
                           file->content.size, NULL, 0);
        sodium_bin2hex(digits, sizeof digits, hash, sizeof hash);
        file->path = arena_printf(files->arena, "/static/%s?%s", file->name, digits);
        return true;
}

struct files *files_new(const char *directory)
{
        struct files *files = calloc(1, sizeof *files);
        if (!files)
                panic("out of memory");
        files->arena = arena_new();
        memcpy(files->file, known, sizeof known);
        for (size_t i = 0; i < COUNT && files; i++)
                if (!load(files, &files->file[i], directory))
                        files_destroy(&files);
        return files;
}

void files_destroy(struct files **files)
{
        if (!*files)
                return;
        arena_destroy(&(*files)->arena);
        free(*files);
        *files = NULL;
}

/* The file of that name, or NULL. */
static const struct file *find(const struct files *files, struct text name)
{
        for (size_t i = 0; i < COUNT; i++)
                if (text_equal(text_of(files->file[i].name), name))
                        return &files->file[i];
        return NULL;
}

struct text files_path(const struct files *files, const char *name)
{
        const struct file *file = find(files, text_of(name));
        if (!file)
                panic("no file %s", name);
        return file->path;
}

bool files_answer(const struct files *files, struct text name, struct request *request)
{
        const struct file *file = find(files, name);
        if (!file)
                return false;
        request_set_header(request, "Content-Type", text_of(file->type));
        request_set_header(request, "Cache-Control", TEXT("public, max-age=31536000, immutable"));
        request_set_header(request, "X-Content-Type-Options", TEXT("nosniff"));
        request_answer_lasting(request, 200, file->content);
        return true;
}
