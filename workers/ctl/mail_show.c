/*
 * mail_show: one letter as it reads now, composed as its sender would, but without the secret half
 * of links.
 */
#include "workers/ctl/mail.h"

#include "common/day.h"
#include "common/newsletter/newsletter.h"
#include "common/notice/notice.h"
#include <inttypes.h>
#include <stdio.h>

/* A header for people; nothing if it has no value. */
static void print_header(const char *name, struct text value)
{
        if (value.size)
                printf("%s: %.*s\n", name, TEXT_ARGS(value));
}

/* "Kari Nordli <kari@al.example>" */
static struct text mailbox(struct ctl *ctl, struct text name, struct text address)
{
        return arena_printf(ctl->arena, "%.*s <%.*s>", TEXT_ARGS(name), TEXT_ARGS(address));
}

/* What became of it: "sent 2027-01-27T08:00:01Z, 250 2.0.0, 1 attempt". */
static void print_fate(struct ctl *ctl, const struct mail_letters *row)
{
        printf("%.*s: %.*s", TEXT_ARGS(mail_id(ctl, row)), TEXT_ARGS(row->state));
        if (row->sent_at != DB_NULL)
                printf(" %.*s", TEXT_ARGS(time_iso(ctl->arena, row->sent_at)));
        else
                printf(", due %.*s", TEXT_ARGS(time_iso(ctl->arena, row->due_at)));
        printf(", attempts %" PRId64, row->attempts);
        if (row->reply_code != DB_NULL)
                printf(", last answer %" PRId64 " %.*s", row->reply_code,
                       TEXT_ARGS(row->reply_status));
        if (row->reason.size)
                printf(": %.*s", TEXT_ARGS(row->reason));
        printf("\n\n");
}

/* The letter for people. */
static void print_message(struct ctl *ctl, const struct message *m)
{
        print_header("From", mailbox(ctl, m->from_name, m->from));
        print_header("To", mailbox(ctl, m->to_name, m->to));
        print_header("Reply-To", m->reply_to);
        print_header("Subject", m->subject);
        print_header("Message-ID", m->message_id);
        printf("\n%.*s", TEXT_ARGS(m->text));
        if (m->calendar.size)
                printf("\n%.*s", TEXT_ARGS(m->calendar));
}

/* The letter for programs. */
static void print_document(struct ctl *ctl, const struct mail_letters *row, const struct message *m)
{
        json_t *document = mail_document(ctl, row);
        json_t *words = json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "from", ctl_text(m->from),
                                  "reply_to", ctl_text(m->reply_to), "title", ctl_text(m->subject),
                                  "text", ctl_text(m->text), "html", ctl_text(m->html), "calendar",
                                  ctl_text(m->calendar));
        json_object_update_new(document, words);
        ctl_json(document);
}

/* `padriver mail show` */
int mail_show(struct ctl *ctl, int argc, char **argv)
{
        struct text queue, any = { 0 }, reason;
        int64_t id;
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL) || !mail_read_id(ctl, argv[1], &queue, &id))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        struct mail_letters_rows rows = mail_letters(tx, queue, id, any, any, any);
        if (!rows.count) {
                int code = ctl_end(ctl);
                return code != EXIT_DONE
                               ? code
                               : ctl_fail(ctl, EXIT_REFUSED,
                                          "there is no letter %s; see padriver mail list", argv[1]);
        }
        const struct mail_letters *row = &rows.row[0];
        struct mailer mailer = { .conf = &ctl->conf, .masked = true };
        struct letter letter = { .id = row->id,
                                 .person = row->person,
                                 .rule = row->rule,
                                 .subject = row->subject,
                                 .occurrence = row->occurrence,
                                 .message_id = row->message_id };
        struct message message = queue_message(&mailer, &letter, tx_now(tx));
        queue_compose *writer =
                text_equal(queue, TEXT("notice")) ? notice_compose : newsletter_compose;
        bool composed = writer(tx, &mailer, &letter, &message, &reason);
        if (!ctl->json)
                print_fate(ctl, row);
        if (ctl->json)
                print_document(ctl, row, &message);
        else if (composed)
                print_message(ctl, &message);
        else
                printf("It can no longer be composed: %.*s.\n", TEXT_ARGS(reason));
        return ctl_end(ctl);
}
