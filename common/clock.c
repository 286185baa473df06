/*
 * clock: the real time, or the number in RUNTIME/clock that all programs of an instance map.
 * The file is linked into place whole, so nobody sees half of it; the number only grows (compare
 * and swap).
 */
#include "common/clock.h"

#include "common/log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char mark[8] = "PADCLOCK";

struct page {
        char mark[8];
        _Atomic int64_t time;
};

struct clock {
        struct page *page; /* NULL: the real clock */
        bool writable;
};

/* Microseconds of one of the system's clocks. */
static int64_t system_time(clockid_t id)
{
        struct timespec now;

        if (clock_gettime(id, &now))
                panic("clock_gettime: %s", strerror(errno));
        return now.tv_sec * CLOCK_SECOND + now.tv_nsec / 1000;
}

/* Maps the file and checks that it is a clock. False (logged) if it is not. */
static bool map_file(struct clock *clock, int file, const char *path)
{
        int access = clock->writable ? PROT_READ | PROT_WRITE : PROT_READ;
        struct stat status;
        void *page = MAP_FAILED;

        if (fstat(file, &status) == 0 && status.st_size == sizeof(struct page))
                page = mmap(NULL, sizeof(struct page), access, MAP_SHARED, file, 0);
        if (page == MAP_FAILED || memcmp(page, mark, sizeof(mark)) != 0) {
                if (page != MAP_FAILED)
                        munmap(page, sizeof(struct page));
                log_error("%s is not a simulated clock: remove it, or restore it", path);
                return false;
        }
        clock->page = page;
        return true;
}

/* The instance's clock. */
struct clock *clock_open(const char *runtime_directory)
{
        char path[4096];
        struct clock *clock = calloc(1, sizeof(*clock));
        int file;

        if (!clock)
                panic("out of memory");
        snprintf(path, sizeof(path), "%s/clock", runtime_directory);
        clock->writable = true;
        file = open(path, O_RDWR | O_CLOEXEC);
        if (file < 0 && (errno == EACCES || errno == EROFS)) {
                clock->writable = false;
                file = open(path, O_RDONLY | O_CLOEXEC);
        }
        if (file < 0 && errno == ENOENT)
                return clock;
        if (file < 0)
                log_error("cannot open %s: %s", path, strerror(errno));
        if (file < 0 || !map_file(clock, file, path))
                clock_close(&clock);
        if (file >= 0)
                close(file);
        return clock;
}

/* Unmaps and frees. */
void clock_close(struct clock **clock)
{
        if (!*clock)
                return;
        if ((*clock)->page)
                munmap((*clock)->page, sizeof(struct page));
        free(*clock);
        *clock = NULL;
}

/* The domain's now. */
int64_t clock_now(const struct clock *clock)
{
        return clock->page ? atomic_load(&clock->page->time) : system_time(CLOCK_REALTIME);
}

/* Whether somebody moves this clock by hand. */
bool clock_is_simulated(const struct clock *clock)
{
        return clock->page != NULL;
}

/* Writes the page under a name of its own and links it in: the link fails if there is a clock. */
bool clock_simulate(const char *runtime_directory, int64_t time)
{
        char path[4096], fresh[4096 + 16];
        struct page page = { .time = time };
        bool done;
        int file;

        memcpy(page.mark, mark, sizeof(mark));
        snprintf(path, sizeof(path), "%s/clock", runtime_directory);
        snprintf(fresh, sizeof(fresh), "%s.%ld", path, (long)getpid());
        file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0660);
        if (file < 0) {
                log_error("cannot make %s: %s", fresh, strerror(errno));
                return false;
        }
        done = write(file, &page, sizeof(page)) == (ssize_t)sizeof(page) && link(fresh, path) == 0;
        if (!done)
                log_error("cannot make %s: %s", path, strerror(errno));
        close(file);
        unlink(fresh);
        return done;
}

/* Moves a simulated clock forward. */
bool clock_set(struct clock *clock, int64_t time)
{
        int64_t now = clock_now(clock);

        if (!clock->page || !clock->writable)
                return false;
        do {
                if (time < now)
                        return false;
        } while (!atomic_compare_exchange_weak(&clock->page->time, &now, time));
        return true;
}

/* Milliseconds that only go forward. */
int64_t clock_monotonic_ms(void)
{
        return system_time(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_monotonic_us(void)
{
        return system_time(CLOCK_MONOTONIC);
}

/* At the kernel's last tick. */
int64_t clock_coarse_ms(void)
{
        return system_time(CLOCK_MONOTONIC_COARSE) / 1000;
}
