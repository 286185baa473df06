/*
 * journal: plain lines appended with write(). A line without its end was being written when the
 * sender died: what it would have said had not happened yet. flock ends with the process, however
 * it ends.
 */
#include "common/mail/journal.h"

#include "common/log.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTENT_MOST (16 * 1024 * 1024)

struct journal {
        int file;
        struct arena *arena;
        struct text boot;
        char claim[80]; /* "BOOT/START" */
        bool written;   /* since it was started */
};

/* The boot of this machine, or "none". */
struct text journal_boot(struct arena *arena)
{
        char line[64];
        FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
        struct text boot = TEXT("none");

        if (file && fgets(line, sizeof(line), file))
                boot = arena_copy(arena, text_trim(text_of(line)));
        if (file)
                fclose(file);
        return boot;
}

/* Opens and locks it. */
struct journal *journal_open(const char *directory, const char *name)
{
        struct arena *arena = arena_new();
        const char *path = arena_printf(arena, "%s/%s.journal", directory, name).at;
        int file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        struct journal *journal;

        if (file < 0 || flock(file, LOCK_EX | LOCK_NB) != 0) {
                int why = errno;

                if (file >= 0)
                        close(file);
                arena_destroy(&arena);
                errno = why;
                return NULL;
        }
        journal = arena_alloc(arena, sizeof(*journal));
        *journal = (struct journal){ .file = file, .arena = arena, .written = true };
        journal->boot = journal_boot(arena);
        return journal;
}

/* Closes it, which unlocks it. */
void journal_close(struct journal **journal)
{
        struct arena *arena;

        if (!*journal)
                return;
        close((*journal)->file);
        arena = (*journal)->arena;
        arena_destroy(&arena);
        *journal = NULL;
}

/* All that was written; what cannot be read counts as not written, which leaves letters
 * uncertain. */
struct text journal_content(struct journal *journal, struct arena *arena)
{
        struct stat status;
        ssize_t size;
        char *bytes;

        if (fstat(journal->file, &status) != 0 || status.st_size > CONTENT_MOST)
                return TEXT("");
        bytes = arena_alloc(arena, (size_t)status.st_size + 1);
        size = pread(journal->file, bytes, (size_t)status.st_size, 0);
        return (struct text){ bytes, size < 0 ? 0 : (size_t)size };
}

/* Appends a line in one write. What a full disk took of it goes again: the next line must stand
 * alone. */
static bool write_line(struct journal *journal, const char *line, int size)
{
        ssize_t done;
        off_t end;

        journal->written = true;
        done = write(journal->file, line, (size_t)size);
        if (done == size)
                return true;
        log_error("journal: %s", done < 0 ? strerror(errno) : "no room for a whole line");
        if (done > 0) {
                end = lseek(journal->file, 0, SEEK_END);
                if (end < done || ftruncate(journal->file, end - done) != 0)
                        panic("journal: half a line cannot be taken back: %s", strerror(errno));
        }
        return false;
}

/* Starts under a new claim, unless nothing was written under this one. */
bool journal_start(struct journal *journal)
{
        char line[120], start[17];
        unsigned char random[8];
        int size;

        if (!journal->written)
                return true;
        randombytes_buf(random, sizeof(random));
        sodium_bin2hex(start, sizeof(start), random, sizeof(random));
        if (ftruncate(journal->file, 0) != 0) {
                log_error("journal: %s", strerror(errno));
                return false;
        }
        size = snprintf(line, sizeof(line), "boot %.*s %s\n", TEXT_ARGS(journal->boot), start);
        if (!write_line(journal, line, size))
                return false;
        snprintf(journal->claim, sizeof(journal->claim), "%.*s/%s", TEXT_ARGS(journal->boot),
                 start);
        journal->written = false;
        return true;
}

struct text journal_claim(const struct journal *journal)
{
        return text_of(journal->claim);
}

/* Says that the final dot of a letter comes next. */
bool journal_dot(struct journal *journal, int64_t letter)
{
        char line[40];

        return write_line(journal, line, snprintf(line, sizeof(line), "dot %" PRId64 "\n", letter));
}

/* Says what the server answered. If it cannot, the letter will be uncertain after a crash. */
void journal_reply(struct journal *journal, int64_t letter, const struct smtp_reply *reply)
{
        char line[120];

        write_line(journal, line,
                   snprintf(line, sizeof(line), "reply %" PRId64 " %s %d %s\n", letter,
                            smtp_stage_name(reply->stage), reply->code, reply->status));
}

/* Cuts the next whole line; no text behind the last one that ended. */
static struct text next_line(struct text *content)
{
        struct text rest = *content, line = text_cut(&rest, '\n');

        *content = rest;
        return rest.at ? line : (struct text){ 0 };
}

/* The rest of a reply's line: "rcpt 550 5.1.1". */
static struct smtp_reply read_reply(struct text words)
{
        struct smtp_reply reply = { 0 };
        int64_t code = 0;

        reply.stage = smtp_stage_named(text_cut(&words, ' '));
        if (text_to_int(text_cut(&words, ' '), &code) && code >= 0 && code <= 999)
                reply.code = (int)code;
        snprintf(reply.status, sizeof(reply.status), "%.*s", TEXT_ARGS(words));
        return reply;
}

/* Whether the content is of this boot and this claim; cuts its first line. */
static bool is_of_claim(struct text *content, struct text boot, struct text claim)
{
        struct text head = next_line(content), its_boot;

        if (!text_equal(text_cut(&head, ' '), TEXT("boot")) || !head.at)
                return false;
        its_boot = text_cut(&head, ' ');
        return text_equal(its_boot, boot) && head.size > 0 &&
               text_equal(text_cut(&claim, '/'), boot) && text_equal(claim, head);
}

/* What a journal tells of a letter. */
enum journal_tells journal_read(struct text content, struct text boot, struct text claim,
                                int64_t letter, struct smtp_reply *reply)
{
        enum journal_tells tells = JOURNAL_NO_DOT;

        if (!is_of_claim(&content, boot, claim))
                return JOURNAL_NOTHING;
        for (struct text line = next_line(&content); line.at; line = next_line(&content)) {
                struct text verb = text_cut(&line, ' ');
                int64_t id;

                if (!text_to_int(text_cut(&line, ' '), &id) || id != letter)
                        continue;
                if (text_equal(verb, TEXT("dot"))) {
                        tells = JOURNAL_DOT;
                } else if (text_equal(verb, TEXT("reply"))) {
                        tells = JOURNAL_REPLY;
                        *reply = read_reply(line);
                }
        }
        return tells;
}
