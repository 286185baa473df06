/*
 * journal: what a sender writes down around each final dot, so that a crash leaves few letters in
 * doubt. A plain file RUNTIME/NAME.journal written with write(): the page cache survives kill -9
 * but not a power cut, so it names the boot. It is locked while its sender lives: nobody reads what
 * a living sender is still writing. boot BOOT START      the claim: letters are claimed in the
 * store under "BOOT/START" dot ID               written before the letter's final dot reply ID
 * STAGE CODE STATUS    written after the server's last word about it
 */
#pragma once

#include "common/arena.h"
#include "common/mail/smtp.h"

struct journal;

/* Opens and locks it; keeps what a sender before us wrote. NULL: errno says why; EWOULDBLOCK:
 * another sender has it. */
struct journal *journal_open(const char *directory, const char *name);
void journal_close(struct journal **journal);

/* All that was written, by us or by the sender before us. */
struct text journal_content(struct journal *journal, struct arena *arena);

/* Forgets everything and starts under a new claim; call only when no letter is claimed. False:
 * logged. */
bool journal_start(struct journal *journal);

/* "BOOT/START", as letters are claimed under it. */
struct text journal_claim(const struct journal *journal);

/* False (logged): it could not be written, so the dot must not be sent. */
bool journal_dot(struct journal *journal, int64_t letter);
void journal_reply(struct journal *journal, int64_t letter, const struct smtp_reply *reply);

/* What a journal tells of a letter claimed under a claim. */
enum journal_tells {
        JOURNAL_NOTHING, /* another claim's journal, another boot's or none: nobody knows */
        JOURNAL_NO_DOT,  /* it was not sent */
        JOURNAL_DOT,     /* it may have been sent */
        JOURNAL_REPLY,   /* *reply is the server's last word */
};
enum journal_tells journal_read(struct text content, struct text boot, struct text claim,
                                int64_t letter, struct smtp_reply *reply);

/* The boot of this machine (/proc/sys/kernel/random/boot_id). */
struct text journal_boot(struct arena *arena);
