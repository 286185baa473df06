/*
 * seen: one number of a fixed width, overwritten in place with one write.
 */
#include "common/mail/seen.h"

#include "common/arena.h"
#include "common/log.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 20 };

struct seen {
        int file;
        int64_t at;
};

/* The number in the file; 0 if it is new. False: it holds something else. */
static bool read_at(int file, int64_t *at)
{
        char line[WIDTH];
        ssize_t size = pread(file, line, sizeof line, 0);

        *at = 0;
        return size == 0 || (size == WIDTH && text_to_int((struct text){ line, WIDTH - 1 }, at));
}

struct seen *seen_open(const char *directory, const char *name)
{
        struct arena *arena = arena_new();
        const char *path = arena_printf(arena, "%s/%s.seen", directory, name).at;
        struct seen *seen = calloc(1, sizeof *seen);

        if (!seen)
                panic("out of memory");
        seen->file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (seen->file < 0) {
                log_error("%s: %s; the sender must be able to write it", path, strerror(errno));
                seen_close(&seen);
        } else if (!read_at(seen->file, &seen->at)) {
                log_error("%s: not a time of ours; remove it once you know that the store is not "
                          "an older copy",
                          path);
                seen_close(&seen);
        }
        arena_destroy(&arena);
        return seen;
}

void seen_close(struct seen **seen)
{
        if (*seen && (*seen)->file >= 0)
                close((*seen)->file);
        free(*seen);
        *seen = NULL;
}

int64_t seen_at(const struct seen *seen)
{
        return seen->at;
}

bool seen_note(struct seen *seen, int64_t at)
{
        char line[32];

        if (at <= seen->at)
                return true;
        snprintf(line, sizeof line, "%0*" PRId64 "\n", WIDTH - 1, at);
        if (pwrite(seen->file, line, WIDTH, 0) != WIDTH) {
                log_error("the time of the last claim cannot be noted: %s", strerror(errno));
                return false;
        }
        seen->at = at;
        return true;
}
