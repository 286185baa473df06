/*
 * smtp: hands one letter at a time to the configured mail server, by libcurl; the connection is
 * kept for the next. The caller's hook runs just before the final dot. What the server said is
 * judged here, once (RFC 5321, 3463).
 */
#pragma once

#include "common/conf.h"
#include "common/text.h"

struct smtp;

/* Where in the talk the server's last word came. */
enum smtp_stage {
        SMTP_CONNECT, /* connection, greeting, TLS, login, MAIL FROM: about us, not about the letter
                       */
        SMTP_RCPT,    /* about the recipient */
        SMTP_DATA,    /* about the letter, before the final dot */
        SMTP_DOT,     /* after the final dot */
};

/* The server's last word. code 0: none. */
struct smtp_reply {
        enum smtp_stage stage;
        int code;        /* 250, 451, 550 */
        char status[12]; /* the enhanced status, "5.1.1", or "" */
};

enum smtp_end {
        SMTP_SENT,
        SMTP_LATER,     /* 4xx: try this letter later */
        SMTP_REFUSED,   /* 5xx: never again */
        SMTP_UNCERTAIN, /* the final dot went out and no answer came */
        SMTP_AWAY, /* no server, or it does not take us: nothing is said about the letter, no dot
                      was sent */
};

/* What a reply means for the letter. */
enum smtp_end smtp_judge(const struct smtp_reply *reply);

/* Whether a refusal means that the address takes no mail at all (RFC 3463 5.1.x about the
 * recipient, or 550 at RCPT). */
bool smtp_suppresses(const struct smtp_reply *reply);

/* "connect", "rcpt", "data", "dot", and back (SMTP_CONNECT for what is none of these). */
const char *smtp_stage_name(enum smtp_stage stage);
enum smtp_stage smtp_stage_named(struct text name);

/* Whether it can be an envelope address: one @, no spaces, brackets or control characters, at most
 * 254 bytes. */
bool smtp_address_usable(struct text address);

/* Borrows conf. NULL (logged): a setting that cannot work. Connects when the first letter is
 * sent. */
struct smtp *smtp_new(const struct conf *conf);
void smtp_destroy(struct smtp **smtp);

/* A letter on its way. */
struct smtp_letter {
        struct text from, to;              /* usable addresses */
        struct text message;               /* with CRLF */
        bool (*before_dot)(void *context); /* false: the letter is not to be sent after all; ends as
                                              SMTP_AWAY */
        void *context;
};

/* Blocks until the server answered or a deadline passed; feeds the watchdog. Why it is away is
 * logged once. */
enum smtp_end smtp_send(struct smtp *smtp, const struct smtp_letter *letter,
                        struct smtp_reply *reply);
