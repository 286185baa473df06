/*
 * mail: letters as operators see them: listed, shown as they read, released, sent again, settled.
 * What is listed follows from the store; nothing here sends anything.
 */
#include "workers/ctl/mail.h"

#include "common/day.h"
#include "workers/ctl/instance.h"
#include "workers/ctl/mail_sql.h"
#include <inttypes.h>
#include <stdio.h>

json_t *mail_document(struct ctl *ctl, const struct mail_letters *row)
{
        json_t *document =
                json_pack("{s:o,s:o,s:o,s:o,s:I,s:o,s:o,s:o,s:I,s:o,s:o,s:o}", "id",
                          ctl_text(mail_id(ctl, row)), "state", ctl_text(row->state), "rule",
                          ctl_text(row->rule), "subject", ctl_text(row->subject), "person",
                          row->person, "occurrence", ctl_text(row->occurrence), "to",
                          ctl_text(row->recipient), "message_id", ctl_text(row->message_id),
                          "attempts", row->attempts, "due_at", ctl_time(ctl, row->due_at),
                          "sent_at", ctl_time(ctl, row->sent_at), "reason", ctl_text(row->reason));
        return document;
}

struct text mail_id(struct ctl *ctl, const struct mail_letters *row)
{
        return arena_printf(ctl->arena, "%.*s/%" PRId64, TEXT_ARGS(row->queue), row->id);
}

/* Cuts "notice/12". */
bool mail_read_id(const struct ctl *ctl, const char *word, struct text *queue, int64_t *id)
{
        struct text rest = text_of(word);
        *queue = text_cut(&rest, '/');
        bool known = text_equal(*queue, TEXT("notice")) || text_equal(*queue, TEXT("newsletter"));
        if (known && text_to_int(rest, id) && *id > 0)
                return true;
        ctl_fail(ctl, EXIT_USAGE,
                 "'%s' is no letter's id, such as notice/12; see padriver mail list", word);
        return false;
}

/* One letter for people. */
static void fill_cells(struct ctl *ctl, const struct mail_letters *row, struct text *cells)
{
        bool sent = row->sent_at != DB_NULL;
        cells[0] = mail_id(ctl, row);
        cells[1] = row->state;
        cells[2] = time_iso(ctl->arena, sent ? row->sent_at : row->due_at);
        cells[3] = row->rule;
        cells[4] = row->subject;
        cells[5] = row->occurrence;
        cells[6] = row->recipient;
        cells[7] = row->reason;
}

/* notice.letter's states and the senders' rules. */
static const char *const states[] = { "due",     "claimed", "sent",       "refused", "uncertain",
                                      "dropped", "held",    "suppressed", NULL };
static const char *const rules[] = { "invitation",
                                     "update",
                                     "cancellation",
                                     "reminder",
                                     "evaluation",
                                     "evaluation_reminder",
                                     "grant_share",
                                     "grant_notice",
                                     "sign_in",
                                     "held",
                                     "held_reminder",
                                     "held_leader",
                                     "needs",
                                     "survey_missing",
                                     "newsletter",
                                     "test",
                                     NULL };

/* Whether the option's word is one of those, which end with NULL; else says which they are. */
static bool check_word(const struct ctl *ctl, const char *option, struct text word,
                       const char *const *words)
{
        const char *nearest;
        for (size_t i = 0; word.at && words[i]; i++)
                if (text_equal(word, text_of(words[i])))
                        return true;
        if (!word.at)
                return true;
        nearest = ctl_nearest(arena_string(ctl->arena, word), words);
        ctl_fail(ctl, EXIT_USAGE, "there is no %s '%.*s'%s%s; see padriver mail list --help",
                 option, TEXT_ARGS(word), nearest ? ", perhaps " : "", nearest ? nearest : "");
        return false;
}

/* `padriver mail list` */
static int list(struct ctl *ctl, int argc, char **argv)
{
        struct text state = { 0 }, rule = { 0 }, subject = { 0 }, any = { 0 };
        const struct ctl_option options[] = {
                { .name = "state", .text = &state },
                { .name = "rule", .text = &rule },
                { .name = "subject", .text = &subject },
                { 0 },
        };
        if (!ctl_options(ctl, &argc, argv, 0, 0, options) ||
            !check_word(ctl, "state", state, states) || !check_word(ctl, "rule", rule, rules))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        struct mail_letters_rows all = mail_letters(tx, any, 0, state, rule, subject);
        struct text *cells = arena_array(ctl->arena, all.count * 8, sizeof *cells);
        for (size_t i = 0; i < all.count; i++) {
                if (ctl->json)
                        ctl_json(mail_document(ctl, &all.row[i]));
                else
                        fill_cells(ctl, &all.row[i], &cells[8 * i]);
        }
        const char *const heads[] = { "ID",      "STATE",      "SENT OR DUE", "RULE",
                                      "SUBJECT", "OCCURRENCE", "TO",          "REASON" };
        if (!ctl->json)
                ctl_table(heads, 8, cells, all.count);
        return ctl_end(ctl);
}

/* `padriver mail resend` */
static int resend(struct ctl *ctl, int argc, char **argv)
{
        struct mail_resend made = { 0 };
        struct text queue;
        int64_t id;
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL) || !mail_read_id(ctl, argv[1], &queue, &id))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        mail_resend(tx, queue, id, tx_now(tx), &made);
        ctl_remedy(ctl, queue, id, "resend");
        int code = ctl_carry_out(ctl);
        if (code == EXIT_DONE)
                printf("%.*s/%" PRId64 "\n", TEXT_ARGS(queue), made.made);
        return code;
}

/* `padriver mail settle` */
static int settle(struct ctl *ctl, int argc, char **argv)
{
        struct text queue;
        int64_t id;
        if (!ctl_options(ctl, &argc, argv, 2, 2, NULL) || !mail_read_id(ctl, argv[1], &queue, &id))
                return EXIT_USAGE;
        struct text outcome = text_of(argv[2]);
        if (!text_equal(outcome, TEXT("sent")) && !text_equal(outcome, TEXT("lost")))
                return ctl_fail(ctl, EXIT_USAGE, "a letter is settled as sent or lost, not as %s",
                                argv[2]);
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        if (text_equal(queue, TEXT("notice")))
                mail_settle_notice(tx, id, outcome, tx_now(tx));
        else
                mail_settle_newsletter(tx, id, outcome, tx_now(tx));
        ctl_remedy(ctl, queue, id, argv[2]);
        return ctl_carry_out(ctl);
}

const struct command mail_commands[] = {
        { .name = "mail list",
          .arguments = "[--state STATE] [--rule RULE] [--subject SUBJECT]",
          .summary = "Lists letters: to whom, why, and what became of them",
          .help = "STATE is due, claimed, sent, refused, uncertain, dropped, held or suppressed.\n"
                  "RULE is invitation, update, cancellation, reminder, evaluation, "
                  "evaluation_reminder,\n"
                  "survey_missing, grant_share, grant_notice, sign_in, held, held_reminder, "
                  "held_leader,\n"
                  "needs, newsletter or test.\n"
                  "--json: {id, state, rule, subject, person, occurrence, to, message_id, "
                  "attempts, "
                  "due_at, sent_at, reason} a line.\n"
                  "  padriver mail list --state uncertain\n"
                  "  padriver mail list --rule invitation --subject N1-S1\n",
          .run = list },
        { .name = "mail show",
          .arguments = "ID",
          .summary = "Shows a letter as it reads now: headers and text",
          .help = "A letter is composed from what the store says at the moment; the secret half of "
                  "a personal link is left out.\n"
                  "  padriver mail show notice/12\n",
          .run = mail_show },
        { .name = "mail release",
          .summary = "Lets this installation send the letters of this store",
          .help = "After a restore or a move. Be sure that no other installation sends them: "
                  "nobody is to be mailed twice.\n"
                  "Letters that were held meanwhile go out if they are still wanted.\n"
                  "  padriver mail list --state held\n"
                  "  padriver mail release\n",
          .run = instance_let_send },
        { .name = "mail resend",
          .arguments = "ID",
          .summary = "Sends a refused or uncertain letter again, as a letter of its own",
          .help = "Its occurrence ends in /resend; each letter is sent again once. Prints the new "
                  "id.\n"
                  "  padriver mail resend notice/12\n",
          .run = resend },
        { .name = "mail settle",
          .arguments = "ID sent|lost",
          .summary = "Says what became of an uncertain letter",
          .help = "Look for its Message-ID in the mail server's log. A letter that was lost is due "
                  "again.\n"
                  "  padriver mail settle notice/12 lost\n",
          .run = settle },
        { 0 },
};
