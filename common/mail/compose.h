/*
 * compose: makes the bytes of a letter: headers, plain text and HTML as alternatives, a calendar if
 * there is one (iMIP, RFC 6047: the part's method is the calendar's METHOD). UTF-8, CRLF, no line
 * longer than 998 bytes, by GMime 3.
 */
#pragma once

#include "common/arena.h"
#include "common/day.h"

struct message {
        struct text from_name, from;
        struct text reply_to; /* an address, or no text */
        struct text to_name, to;
        struct text subject;
        struct text message_id; /* without < > */
        int64_t at;             /* the Date */
        enum language language;
        struct text text, html;  /* lines end in LF */
        struct text calendar;    /* lines end in CRLF; or no text */
        const char *method;      /* of the calendar: "REQUEST", "CANCEL" */
        struct text unsubscribe; /* an https link for List-Unsubscribe and its one-click post (RFC
                                    8058), or no text */
};

/* Call once in a program that composes. */
void compose_init(void);

/* The whole letter, in the arena. Panics if the message has no sender, recipient or text. */
struct text compose(const struct message *message, struct arena *arena);
