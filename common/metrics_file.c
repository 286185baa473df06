/*
 * metrics_file: RUNTIME/metrics/NAME.prom, beside it NAME.lock (a lock of the open file
 * description: whoever reads can ask for it without taking it) and, while it is written,
 * NAME.prom.new.
 */
#include "common/log.h"
#include "common/metrics.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EVERY_MS = 2000, PROCESSES = 64 /* of one name on one machine */ };

struct metrics_file {
        char path[200], lock_path[200], number[12];
        int lock;
        int64_t written_at;
        bool failed; /* said */
};

/* Whether the lock of that path is ours now. */
static bool take(struct metrics_file *file)
{
        struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        file->lock = open(file->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
        if (file->lock >= 0 && fcntl(file->lock, F_OFD_SETLK, &lock) == 0) {
                return true;
        }
        if (file->lock >= 0) {
                close(file->lock);
        }
        return false;
}

struct metrics_file *metrics_open(const char *runtime_directory, const char *name)
{
        struct metrics_file *file = calloc(1, sizeof *file);
        char directory[160];
        if (!file) {
                panic("out of memory");
        }
        snprintf(directory, sizeof directory, "%s/metrics", runtime_directory);
        mkdir(directory, 03770);
        for (int n = 1; n <= PROCESSES; n++) {
                char more[8] = "";
                snprintf(file->number, sizeof file->number, "%d", n);
                if (n > 1) {
                        snprintf(more, sizeof more, "-%d", n);
                }
                snprintf(file->path, sizeof file->path, "%s/%.20s%s.prom", directory, name, more);
                snprintf(file->lock_path, sizeof file->lock_path, "%s/%.20s%s.lock", directory,
                         name, more);
                if (take(file)) {
                        return file;
                }
                if (errno != EAGAIN && errno != EACCES) {
                        break;
                }
        }
        log_warning("no metrics are written: %s: %s", file->lock_path, strerror(errno));
        free(file);
        return NULL;
}

void metrics_close(struct metrics_file **file)
{
        if (*file) {
                unlink((*file)->path);
                close((*file)->lock);
                free(*file);
                *file = NULL;
        }
}

bool metrics_due(const struct metrics_file *file, int64_t monotonic_ms)
{
        return file && monotonic_ms - file->written_at >= EVERY_MS;
}

struct text metrics_process_number(const struct metrics_file *file)
{
        return text_of(file ? file->number : "1");
}

/* All of it to the new file, which then takes the old one's place. */
static bool replace(const char *path, const struct metrics_page *page, int64_t monotonic_ms)
{
        char fresh[sizeof((struct metrics_file *)0)->path + 8];
        snprintf(fresh, sizeof fresh, "%s.new", path);
        int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
        FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
        if (!out) {
                if (fd >= 0) {
                        close(fd);
                }
                return false;
        }
        fprintf(out, "# written at %" PRId64 " ms of the machine\n", monotonic_ms);
        fwrite(page->text.at, 1, page->text.size, out);
        bool good = !ferror(out);
        good = fclose(out) == 0 && good;
        return good && rename(fresh, path) == 0;
}

void metrics_write(struct metrics_file *file, const struct metrics_page *page, int64_t monotonic_ms)
{
        bool good = replace(file->path, page, monotonic_ms);
        if (!good && !file->failed) {
                log_warning("metrics are not written: %s: %s", file->path, strerror(errno));
        }
        file->failed = !good;
        file->written_at = monotonic_ms;
}
