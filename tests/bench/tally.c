/*
 * tally: see the header. Counters are written by one process and read by another that waits for
 * them, so .acked is stored with release order, after all that it counts.
 */
#include "tests/bench/tally.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct tally *tally_open(void)
{
        const char *path = getenv("BENCH_TALLY");
        int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
        void *at = fd < 0 ? MAP_FAILED
                          : mmap(NULL, sizeof(struct tally), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                                 0);
        if (at == MAP_FAILED) {
                perror("BENCH_TALLY must name the tally that tests/bench/run makes");
                exit(78);
        }
        close(fd);
        return at;
}

int64_t tally_now(void)
{
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Below STEPS each microsecond has its bucket, then each doubling has STEPS of them. */
static int bucket_of(int64_t us)
{
        int shift = 0;
        if (us < 0) {
                us = 0;
        }
        while (us >> shift >= 2 * TALLY_STEPS) {
                shift++;
        }
        int64_t bucket = (int64_t)shift * TALLY_STEPS + (us >> shift);
        return bucket < TALLY_BUCKETS ? (int)bucket : TALLY_BUCKETS - 1;
}

void tally_see(struct tally *tally, int64_t number, int64_t sent_at, int64_t now)
{
        if (tally->next > 0 && number < tally->next) {
                tally->again++;
                return;
        }
        if (tally->next > 0) {
                tally->missing += number - tally->next;
        }
        tally->next = number + 1;
        tally->seen++;
        tally->bucket[bucket_of(now - sent_at)]++;
}

void tally_ack(struct tally *tally)
{
        tally->acked_at = tally_now();
        __atomic_store_n(&tally->acked, tally->seen, __ATOMIC_RELEASE);
}
