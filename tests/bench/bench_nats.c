/*
 * bench_nats: publishes to a JetStream stream and consumes it with a durable pull consumer, in
 * NATS's plain text protocol over one socket: what is written goes out in one write, what arrives
 * is taken in one read. An acknowledgement stands for all before it (ack policy "all"); the server
 * does not answer it. tests/bench/systems.py makes stream and consumers.
 */
#include "tests/bench/publishing.h"
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
        IN = 1 << 20,
        OUT = 1 << 20,
        WORDS = 5,   /* of a protocol line, at most */
        PULL = 2048, /* messages asked for at once; asked again when half of them are there */
};

/* Words of a line, and the payload behind it if it is a message. */
struct message {
        char *word[WORDS];
        int words;
        char *payload;
        size_t size;
};

struct nats {
        int fd;
        char in[IN], out[OUT];
        size_t in_at, in_size, out_size;
};

static void flush(struct nats *nats)
{
        size_t done = 0;
        while (done < nats->out_size) {
                ssize_t n = write(nats->fd, nats->out + done, nats->out_size - done);
                if (n < 0) {
                        probe_die("NATS: %s", strerror(errno));
                }
                done += (size_t)n;
        }
        nats->out_size = 0;
}

static void put(struct nats *nats, const void *bytes, size_t size)
{
        if (nats->out_size + size > OUT) {
                flush(nats);
        }
        memcpy(nats->out + nats->out_size, bytes, size);
        nats->out_size += size;
}

/* A message; reply may be "". */
static void put_message(struct nats *nats, const char *subject, const char *reply,
                        const void *bytes, size_t size)
{
        char head[300];
        int n = snprintf(head, sizeof head, "PUB %s %s %zu\r\n", subject, reply, size);
        put(nats, head, (size_t)n);
        put(nats, bytes, size);
        put(nats, "\r\n", 2);
}

/* Waits for bytes and takes what is there. False: the time is up. */
static int fill(struct nats *nats, int timeout_ms)
{
        struct pollfd readable = { .fd = nats->fd, .events = POLLIN };
        if (poll(&readable, 1, timeout_ms) <= 0) {
                return 0;
        }
        memmove(nats->in, nats->in + nats->in_at, nats->in_size - nats->in_at);
        nats->in_size -= nats->in_at;
        nats->in_at = 0;
        ssize_t n = read(nats->fd, nats->in + nats->in_size, IN - nats->in_size);
        if (n <= 0) {
                probe_die("NATS: %s", n == 0 ? "the server hung up" : strerror(errno));
        }
        nats->in_size += (size_t)n;
        return 1;
}

/* Cuts the line into words. */
static void split(char *line, struct message *message)
{
        char *rest;
        message->words = 0;
        for (char *word = strtok_r(line, " \t", &rest); word && message->words < WORDS;
             word = strtok_r(NULL, " \t", &rest)) {
                message->word[message->words++] = word;
        }
}

/* The next whole line, with its payload, of what was read; false if there is none. */
static int next(struct nats *nats, struct message *message)
{
        char line[1000];
        char *at = nats->in + nats->in_at;
        size_t left = nats->in_size - nats->in_at;
        char *end = memmem(at, left, "\r\n", 2);
        if (!end) {
                return 0;
        }
        size_t used = (size_t)(end - at) + 2, length = used - 2;
        message->size = 0;
        if (length > 4 && memcmp(at, "MSG ", 4) == 0 && length < sizeof line) {
                memcpy(line, at, length);
                line[length] = '\0';
                message->size = strtoul(strrchr(line, ' ') + 1, NULL, 10);
                message->payload = end + 2;
                used += message->size + 2;
                if (used > left) {
                        return 0;
                }
        }
        *end = '\0';
        split(at, message);
        nats->in_at += used;
        return 1;
}

/* What the server says besides messages. True: it is a message. */
static int is_message(struct nats *nats, const struct message *message)
{
        const char *kind = message->words > 0 ? message->word[0] : "";
        if (strcmp(kind, "PING") == 0) {
                put(nats, "PONG\r\n", 6);
                flush(nats);
        } else if (strcmp(kind, "-ERR") == 0 || strcmp(kind, "HMSG") == 0) {
                probe_die("NATS: %s %s", kind, message->words > 1 ? message->word[1] : "");
        }
        return strcmp(kind, "MSG") == 0;
}

static struct nats *connect_to(const char *port)
{
        static const char hello[] = "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n";
        const int on = 1;
        struct nats *nats = calloc(1, sizeof *nats);
        struct sockaddr_in name = { .sin_family = AF_INET,
                                    .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        if (!nats) {
                probe_die("out of memory");
        }
        nats->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(nats->fd, (struct sockaddr *)&name, sizeof name) != 0) {
                probe_die("NATS at port %s: %s", port, strerror(errno));
        }
        setsockopt(nats->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        put(nats, hello, sizeof hello - 1);
        return nats;
}

static void subscribe(struct nats *nats, const char *inbox)
{
        char line[200];
        int n = snprintf(line, sizeof line, "SUB %s 1\r\n", inbox);
        put(nats, line, (size_t)n);
        flush(nats);
}

static void add(void *context, int64_t number, size_t count, int64_t sent_at, int64_t step)
{
        char probe[PROBE_SIZE];
        for (size_t i = 0; i < count; i++) {
                probe_write(probe, number + (int64_t)i, sent_at + (int64_t)i * step);
                put_message(context, "bench", "_INBOX.publisher", probe, sizeof probe);
        }
}

/* Writes what was added, then counts the stream's answers. */
static int64_t confirm(void *context, int timeout_ms)
{
        struct nats *nats = context;
        struct message message;
        int64_t confirmed = 0;
        flush(nats);
        fill(nats, timeout_ms);
        while (next(nats, &message)) {
                if (!is_message(nats, &message)) {
                        continue;
                }
                if (memmem(message.payload, message.size, "\"error\"", 7)) {
                        probe_die("NATS: %.*s", (int)message.size, message.payload);
                }
                confirmed++;
        }
        return confirmed;
}

/* Asks for more messages. */
static void pull(struct nats *nats, const char *group)
{
        char subject[100];
        char body[100];
        snprintf(subject, sizeof subject, "$JS.API.CONSUMER.MSG.NEXT.bench.%s", group);
        int n = snprintf(body, sizeof body, "{\"batch\":%d,\"expires\":3600000000000}", PULL);
        char inbox[100];
        snprintf(inbox, sizeof inbox, "_INBOX.%s", group);
        put_message(nats, subject, inbox, body, (size_t)n);
}

/* Counts what was read; the last message's reply subject acknowledges them all. */
static int take(struct nats *nats, struct tally *tally)
{
        struct message message;
        char reply[300] = "";
        const size_t key = sizeof PROBE_KEY - 1;
        int64_t now = tally_now();
        int taken = 0;
        while (next(nats, &message)) {
                if (is_message(nats, &message) && message.words == WORDS &&
                    message.size == PROBE_SIZE) {
                        probe_see(tally, message.payload + key, message.size - key, now);
                        snprintf(reply, sizeof reply, "%s", message.word[3]);
                        taken++;
                }
        }
        if (taken > 0) {
                put_message(nats, reply, "", "+ACK", 4);
        }
        return taken;
}

static _Noreturn void consume(struct nats *nats, const char *group)
{
        struct tally *tally = tally_open();
        char inbox[100];
        int coming = 0;
        snprintf(inbox, sizeof inbox, "_INBOX.%s", group);
        subscribe(nats, inbox);
        for (;;) {
                if (coming <= PULL / 2) {
                        pull(nats, group);
                        coming += PULL;
                }
                flush(nats);
                fill(nats, -1);
                int taken = take(nats, tally);
                flush(nats);
                if (taken > 0) {
                        coming -= taken;
                        tally_ack(tally);
                }
        }
}

int main(int argc, char **argv)
{
        if (argc == 3 && strcmp(argv[2], "publish") == 0) {
                struct nats *nats = connect_to(argv[1]);
                subscribe(nats, "_INBOX.publisher");
                return publishing_run(&(struct publishing){ nats, add, confirm });
        }
        if (argc == 4 && strcmp(argv[2], "consume") == 0) {
                consume(connect_to(argv[1]), argv[3]);
        }
        probe_die("Usage: bench_nats PORT publish | consume GROUP");
}
