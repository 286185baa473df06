/*
 * bench_redis: publishes to a Redis stream with XADD, pipelined up to the window, and consumes it
 * in a consumer group: XREADGROUP of many at once, one XACK for all of them, sent together with the
 * next read. The server fsyncs before it answers (appendfsync always).
 */
#include "tests/bench/publishing.h"
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1024 }; /* entries in a read */

#define STREAM "bench"

static redisContext *connect_to(const char *path)
{
        redisContext *redis = redisConnectUnix(path);
        if (!redis || redis->err) {
                probe_die("Redis at %s: %s", path, redis ? redis->errstr : "no memory");
        }
        return redis;
}

/* An answer that is none of the errors. */
static redisReply *expect(redisContext *redis, redisReply *reply)
{
        if (!reply || reply->type == REDIS_REPLY_ERROR) {
                probe_die("Redis: %s", reply ? reply->str : redis->errstr);
        }
        return reply;
}

static void add(void *context, int64_t number, size_t count, int64_t sent_at, int64_t step)
{
        const char *words[] = { "XADD", STREAM, "*", "e", NULL };
        const size_t sizes[] = { 4, sizeof STREAM - 1, 1, 1, PROBE_SIZE };
        char probe[PROBE_SIZE];
        words[4] = probe;
        for (size_t i = 0; i < count; i++) {
                probe_write(probe, number + (int64_t)i, sent_at + (int64_t)i * step);
                redisAppendCommandArgv(context, 5, words, sizes);
        }
}

/* Writes what was added, then takes the answers that have come. */
static int64_t confirm(void *context, int timeout_ms)
{
        redisContext *redis = context;
        struct pollfd readable = { .fd = redis->fd, .events = POLLIN };
        void *reply = NULL;
        int64_t confirmed = 0;
        int done = 0;
        while (!done) {
                if (redisBufferWrite(redis, &done) != REDIS_OK) {
                        probe_die("Redis: %s", redis->errstr);
                }
        }
        if (poll(&readable, 1, timeout_ms) > 0 && redisBufferRead(redis) != REDIS_OK) {
                probe_die("Redis: %s", redis->errstr);
        }
        while (redisGetReplyFromReader(redis, &reply) == REDIS_OK && reply) {
                freeReplyObject(expect(redis, reply));
                confirmed++;
        }
        return confirmed;
}

/* The entries of the one stream in an answer to XREADGROUP; NULL if there are none. */
static const redisReply *entries_of(const redisReply *reply)
{
        if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 1) {
                return NULL;
        }
        return reply->element[0]->element[1];
}

static void send_read(redisContext *redis, const char *group)
{
        redisAppendCommand(redis, "XREADGROUP GROUP %s worker COUNT %d BLOCK 1000 STREAMS %s >",
                           group, MOST, STREAM);
}

/* Counts the entries, and queues their acknowledgement. */
static void take(redisContext *redis, const char *group, struct tally *tally,
                 const redisReply *entries)
{
        static const char *words[3 + MOST];
        static size_t sizes[3 + MOST];
        int64_t now = tally_now();
        const size_t key = sizeof PROBE_KEY - 1;
        words[0] = "XACK";
        words[1] = STREAM;
        words[2] = group;
        for (size_t i = 0; i < 3; i++) {
                sizes[i] = strlen(words[i]);
        }
        for (size_t i = 0; i < entries->elements; i++) {
                const redisReply *entry = entries->element[i];
                const redisReply *event = entry->element[1]->element[1];
                probe_see(tally, event->str + key, event->len - key, now);
                words[3 + i] = entry->element[0]->str;
                sizes[3 + i] = entry->element[0]->len;
        }
        redisAppendCommandArgv(redis, 3 + (int)entries->elements, words, sizes);
}

static _Noreturn void consume(redisContext *redis, const char *group)
{
        struct tally *tally = tally_open();
        void *reply = NULL;
        send_read(redis, group);
        for (;;) {
                redisGetReply(redis, &reply);
                redisReply *read = expect(redis, reply);
                const redisReply *entries = entries_of(read);
                if (entries) {
                        take(redis, group, tally, entries);
                }
                freeReplyObject(read);
                send_read(redis, group);
                if (entries) {
                        redisGetReply(redis, &reply);
                        freeReplyObject(expect(redis, reply));
                        tally_ack(tally);
                }
        }
}

int main(int argc, char **argv)
{
        if (argc == 3 && strcmp(argv[2], "publish") == 0) {
                redisContext *redis = connect_to(argv[1]);
                publishing_run(&(struct publishing){ redis, add, confirm });
                redisFree(redis);
                return 0;
        }
        if (argc == 4 && strcmp(argv[2], "consume") == 0) {
                consume(connect_to(argv[1]), argv[3]);
        }
        probe_die("Usage: bench_redis SOCKET publish | consume GROUP");
}
