/*
 * newsletter: fills in a letter's message from its issue. The link to unsubscribe is the person and
 * an HMAC made with a key from outside the store; where there is no English text, English readers
 * get the bokmål one, and the letter says that it is. Replies go to the coordinator of the one
 * network or area that the issue is for.
 */
#include "common/newsletter/newsletter.h"

#include "common/link.h"
#include "common/mail/body.h"
#include "common/mail/markdown.h"
#include "common/newsletter/newsletter_sql.h"
#include "common/phrase.h"
#include <inttypes.h>

/* Where the reader unsubscribes; who only looks is not shown how. No text without the key. */
static struct text make_link(struct arena *arena, const struct mailer *mailer, int64_t person)
{
        struct text base = text_of(mailer->conf->mail_link);
        if (mailer->masked)
                return arena_printf(arena, "%.*s/u/%" PRId64 ".…", TEXT_ARGS(base), person);
        const unsigned char *key = instance_link_key(mailer->instance);
        return key ? link_unsubscribe_url(arena, key, base, person) : (struct text){ 0 };
}

/* The wording in the reader's language. */
static struct text pick(enum language language, struct text nb, struct text nn, struct text en)
{
        return language == LANGUAGE_NN ? nn : language == LANGUAGE_EN ? en : nb;
}

/* Title, text and footer. */
static void write_body(struct message *message, struct text markdown, struct arena *arena)
{
        enum language language = message->language;
        struct body *body = body_new(arena, language);
        body_heading(body, message->subject);
        body_markdown(body, markdown);
        body_paragraph(body, phrase(arena, language, PHRASE_regards, NULL));
        body_paragraph(body, message->from_name);
        body_footer(body, phrase(arena, language, PHRASE_newsletter_because, NULL));
        body_footer(body, phrase(arena, language, PHRASE_not_me, NULL));
        body_link(body, phrase(arena, language, PHRASE_newsletter_unsubscribe, NULL),
                  link_in(arena, message->unsubscribe, language));
        message->text = body_text(body);
        message->html = body_html(body);
}

bool newsletter_write(struct tx *tx, const struct mailer *mailer, struct text issue, int64_t person,
                      struct message *message, struct text *reason)
{
        struct arena *arena = tx_arena(tx);
        struct newsletter_issue row;
        struct newsletter_reply_to reply;
        struct fault fault;
        *reason = TEXT("there is no such newsletter");
        if (!newsletter_issue(tx, issue, &row))
                return false;
        if (message->language == LANGUAGE_EN && !row.body_en.at)
                message->language = LANGUAGE_NB;
        enum language language = message->language;
        struct text markdown = pick(language, row.body_nb, row.body_nn, row.body_en);
        *reason = TEXT("its text holds what no letter may hold; see padriver newsletter add");
        if (!markdown_check(markdown, &fault))
                return false;
        *reason = TEXT("there is no key for links");
        message->unsubscribe = make_link(arena, mailer, person);
        if (!message->unsubscribe.at)
                return false;
        if (newsletter_reply_to(tx, issue, day_at(tx_now(tx), NULL, NULL), &reply))
                message->reply_to = reply.email;
        message->subject = pick(language, row.title_nb, row.title_nn, row.title_en);
        write_body(message, markdown, arena);
        return true;
}

bool newsletter_compose(struct tx *tx, const struct mailer *mailer, const struct letter *letter,
                        struct message *message, struct text *reason)
{
        struct newsletter_addressee addressee;
        *reason = TEXT("there is no such person, or no address");
        if (!newsletter_addressee(tx, letter->person, &addressee))
                return false;
        message->language = language_of(addressee.language);
        message->to_name = addressee.name;
        message->to = addressee.email;
        if (!newsletter_write(tx, mailer, letter->subject, letter->person, message, reason))
                return false;
        const struct place places[] = { { "title", message->subject }, { NULL, { 0 } } };
        if (text_equal(letter->rule, TEXT("test")))
                message->subject =
                        phrase(tx_arena(tx), message->language, PHRASE_newsletter_test, places);
        return true;
}
