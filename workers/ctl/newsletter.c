/*
 * newsletter: the subcommands about newsletters. add, preview, test, release: only release reaches
 * the audience, and only when the number of recipients is confirmed. A preview only reads.
 */
#include "common/newsletter/newsletter.h"

#include "common/link.h"
#include "common/newsletter/issue.h"
#include "workers/ctl/ctl.h"
#include "workers/ctl/newsletter_sql.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The day that the audience is of. */
static int32_t today(const struct tx *tx)
{
        return day_at(tx_now(tx), NULL, NULL);
}

/* The issue in a file. Else says what is wrong. */
static bool read_issue(struct ctl *ctl, const char *path, struct issue *issue)
{
        char *bytes = arena_alloc(ctl->arena, ISSUE_FILE + 1);
        struct fault fault;
        int line;
        FILE *file = fopen(path, "rb");
        size_t size = file ? fread(bytes, 1, ISSUE_FILE + 1, file) : 0;
        bool good = file && !ferror(file);
        if (!good)
                ctl_fail(ctl, EXIT_BAD_DATA, "%s: %s", path, strerror(errno));
        if (file)
                fclose(file);
        if (!good || issue_parse((struct text){ bytes, size }, ctl->arena, issue, &line, &fault))
                return good;
        if (line)
                ctl_fail(ctl, EXIT_BAD_DATA, "%s:%d: %s", path, line, fault.reason);
        else
                ctl_fail(ctl, EXIT_BAD_DATA, "%s: %s", path, fault.reason);
        return false;
}

/* `padriver newsletter add` */
static int add(struct ctl *ctl, int argc, char **argv)
{
        struct issue issue;
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL))
                return EXIT_USAGE;
        if (!read_issue(ctl, argv[1], &issue))
                return EXIT_BAD_DATA;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        newsletter_draft(tx, issue.id, issue.networks, issue.areas, issue.roles, issue.languages,
                         issue.title[LANGUAGE_NB], issue.title[LANGUAGE_NN],
                         issue.title[LANGUAGE_EN], issue.body[LANGUAGE_NB], issue.body[LANGUAGE_NN],
                         issue.body[LANGUAGE_EN], text_of(ctl->actor), tx_now(tx));
        int code = ctl_commit(ctl);
        if (code == EXIT_DONE && ctl->json)
                ctl_json(json_pack("{s:o}", "newsletter", ctl_text(issue.id)));
        else if (code == EXIT_DONE)
                printf("newsletter %.*s is drafted; see padriver newsletter preview %.*s\n",
                       TEXT_ARGS(issue.id), TEXT_ARGS(issue.id));
        return code;
}

/* The audience in numbers; false: it said that there is no such newsletter, or the store went
 * away (code). */
static bool count_audience(struct ctl *ctl, const char *id, struct newsletter_counts *counts,
                           int *code)
{
        if (newsletter_counts(ctl->tx, text_of(id), today(ctl->tx), counts))
                return true;
        *code = ctl_end(ctl);
        if (*code == EXIT_DONE)
                *code = ctl_fail(ctl, EXIT_REFUSED,
                                 "there is no newsletter %s; see padriver newsletter list", id);
        return false;
}

/* How many get it and how many do not, for people. */
static void print_counts(const char *id, const struct newsletter_counts *n)
{
        if (n->released_at != DB_NULL)
                printf("newsletter %s was released to %" PRId64 " recipients\n", id, n->recipients);
        else
                printf("newsletter %s would go to %" PRId64 " recipients: %" PRId64
                       " in bokmål, %" PRId64 " in nynorsk, %" PRId64 " in English\n",
                       id, n->recipients, n->nb, n->nn, n->en);
        if (n->suppressed)
                printf("%" PRId64
                       " more are in the audience and get no newsletters: unsubscribed, or "
                       "their address takes no mail\n",
                       n->suppressed);
        if (n->without_address)
                printf("%" PRId64 " more are in the audience and have no address\n",
                       n->without_address);
        if (n->released_at == DB_NULL && !n->recipients)
                printf("nobody is in the audience, so it cannot be released\n");
}

/* The preview for programs. */
static void print_preview_document(const char *id, const struct newsletter_counts *n,
                                   const struct message *m, bool html)
{
        ctl_json(json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:b,s:o,s:o}", "newsletter", id,
                           "recipients", n->recipients, "nb", n->nb, "nn", n->nn, "en", n->en,
                           "suppressed", n->suppressed, "without_address", n->without_address,
                           "released", n->released_at != DB_NULL, "title", ctl_text(m->subject),
                           html ? "html" : "text", ctl_text(html ? m->html : m->text)));
}

/* `padriver newsletter preview` */
static int preview(struct ctl *ctl, int argc, char **argv)
{
        struct text language = TEXT("nb"), reason;
        struct newsletter_counts counts;
        bool html = false;
        int code;
        const struct ctl_option options[] = { { .name = "language", .text = &language },
                                              { .name = "html", .flag = &html },
                                              { 0 } };
        if (!ctl_options(ctl, &argc, argv, 1, 1, options))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        if (!count_audience(ctl, argv[1], &counts, &code))
                return code;
        const struct mailer mailer = { .conf = &ctl->conf, .masked = true };
        const struct letter letter = { .rule = TEXT("newsletter"), .subject = text_of(argv[1]) };
        struct message message = queue_message(&mailer, &letter, tx_now(tx));
        message.language = language_of(language);
        bool written = newsletter_write(tx, &mailer, letter.subject, 0, &message, &reason);
        if (written && ctl->json)
                print_preview_document(argv[1], &counts, &message, html);
        if (written && !ctl->json && html)
                printf("%.*s", TEXT_ARGS(message.html));
        if (written && !ctl->json && !html) {
                print_counts(argv[1], &counts);
                printf("\nSubject: %.*s\n\n%.*s", TEXT_ARGS(message.subject),
                       TEXT_ARGS(message.text));
        }
        code = ctl_end(ctl);
        return code == EXIT_DONE && !written
                       ? ctl_fail(ctl, EXIT_BAD_DATA, "%.*s", TEXT_ARGS(reason))
                       : code;
}

/* `padriver newsletter test` */
static int test(struct ctl *ctl, int argc, char **argv)
{
        struct text to = { 0 };
        struct newsletter_reader reader;
        struct newsletter_try made = { 0 };
        const struct ctl_option options[] = { { .name = "to", .text = &to }, { 0 } };
        if (!ctl_options(ctl, &argc, argv, 1, 1, options))
                return EXIT_USAGE;
        if (!to.at)
                return ctl_fail(ctl, EXIT_USAGE,
                                "give --to PERSON, the person's code in the register");
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        if (!newsletter_reader(tx, to, &reader)) {
                int code = ctl_end(ctl);
                return code != EXIT_DONE
                               ? code
                               : ctl_fail(ctl, EXIT_REFUSED, "there is nobody with the code %.*s",
                                          TEXT_ARGS(to));
        }
        newsletter_try(tx, text_of(argv[1]), reader.person, tx_now(tx), &made);
        int code = ctl_commit(ctl);
        if (code == EXIT_DONE && ctl->json)
                ctl_json(json_pack(
                        "{s:o}", "letter",
                        ctl_text(arena_printf(ctl->arena, "newsletter/%" PRId64, made.letter))));
        else if (code == EXIT_DONE)
                printf("newsletter/%" PRId64 "\n", made.letter);
        return code;
}

/* Whether the number of recipients is confirmed and there are any. Else ends the transaction,
 * and says how to (code). */
static bool is_confirmed(struct ctl *ctl, const char *id, int64_t yes, int *code)
{
        struct newsletter_counts counts;
        if (!count_audience(ctl, id, &counts, code))
                return false;
        if (counts.released_at == DB_NULL && counts.recipients > 0 && counts.recipients == yes)
                return true;
        if ((*code = ctl_end(ctl)) != EXIT_DONE)
                return false;
        if (!ctl->json)
                print_counts(id, &counts);
        if (counts.released_at != DB_NULL)
                *code = ctl_fail(ctl, EXIT_REFUSED, "newsletter %s was released before", id);
        else if (counts.recipients == 0)
                *code = ctl_fail(ctl, EXIT_REFUSED, "nobody is in the audience of newsletter %s",
                                 id);
        else
                *code = ctl_fail(ctl, EXIT_REFUSED,
                                 "confirm the number of recipients: --yes %" PRId64,
                                 counts.recipients);
        return false;
}

/* `padriver newsletter release` */
static int release(struct ctl *ctl, int argc, char **argv)
{
        int64_t yes = 0;
        int code;
        struct newsletter_release done = { 0 };
        const struct ctl_option options[] = { { .name = "yes", .number = &yes }, { 0 } };
        if (!ctl_options(ctl, &argc, argv, 1, 1, options))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        if (!is_confirmed(ctl, argv[1], yes, &code))
                return code;
        struct text id = text_of(argv[1]);
        newsletter_release(tx, id, yes, today(tx), text_of(ctl->actor), tx_now(tx), &done);
        emit_newsletter_released(tx, &(struct newsletter_released){ id });
        code = ctl_commit(ctl);
        if (code == EXIT_DONE && ctl->json)
                ctl_json(json_pack("{s:s,s:I,s:I}", "newsletter", argv[1], "recipients",
                                   done.recipients, "position", tx_position(tx, 0)));
        else if (code == EXIT_DONE)
                printf("newsletter %s is released to %" PRId64 " recipients, event %" PRId64 "\n",
                       argv[1], done.recipients, tx_position(tx, 0));
        return code;
}

/* One newsletter for programs. */
static void print_progress_document(struct ctl *ctl, const struct newsletter_progress *row)
{
        bool out = row->released_at != DB_NULL;
        json_t *days = out ? json_integer(today(ctl->tx) - day_at(row->released_at, NULL, NULL))
                           : json_null();
        ctl_json(json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:I,s:I,s:I,s:I,s:I,s:I}", "newsletter",
                           ctl_text(row->id), "title", ctl_text(row->title_nb), "drafted_at",
                           ctl_time(ctl, row->drafted_at), "released_at",
                           ctl_time(ctl, row->released_at), "released_by",
                           ctl_text(row->released_by), "days_since", days, "recipients",
                           row->recipients, "waiting", row->waiting, "sent", row->sent, "uncertain",
                           row->uncertain, "refused", row->refused, "left_out", row->left_out));
}

/* One newsletter for people. */
static void fill_cells(struct ctl *ctl, const struct newsletter_progress *row, struct text *cells)
{
        const int64_t numbers[] = { row->recipients, row->waiting, row->sent,
                                    row->uncertain,  row->refused, row->left_out };
        bool out = row->released_at != DB_NULL;
        cells[0] = row->id;
        cells[1] = out ? day_iso(ctl->arena, day_at(row->released_at, NULL, NULL)) : TEXT("draft");
        for (size_t i = 0; i < 6; i++)
                cells[2 + i] = out ? arena_printf(ctl->arena, "%" PRId64, numbers[i]) : TEXT("");
        cells[8] = row->title_nb;
}

/* `padriver newsletter list` */
static int list(struct ctl *ctl, int argc, char **argv)
{
        static const char *const heads[] = { "ID",      "RELEASED", "RECIPIENTS",
                                             "WAITING", "SENT",     "UNCERTAIN",
                                             "REFUSED", "LEFT OUT", "TITLE" };
        int32_t last = INT32_MIN;
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        struct newsletter_progress_rows all = newsletter_progress(tx);
        struct text *cells = arena_array(ctl->arena, all.count * 9, sizeof *cells);
        for (size_t i = 0; i < all.count; i++) {
                const struct newsletter_progress *row = &all.row[i];
                if (row->released_at != DB_NULL && day_at(row->released_at, NULL, NULL) > last)
                        last = day_at(row->released_at, NULL, NULL);
                if (ctl->json)
                        print_progress_document(ctl, row);
                else
                        fill_cells(ctl, row, &cells[9 * i]);
        }
        if (!ctl->json)
                ctl_table(heads, 9, cells, all.count);
        if (!ctl->json && last > INT32_MIN)
                printf("\n%d days since the last one\n", today(tx) - last);
        return ctl_end(ctl);
}

/* `padriver newsletter unsubscribe` */
static int unsubscribe(struct ctl *ctl, int argc, char **argv)
{
        struct newsletter_unsubscribe done = { 0 };
        int64_t person;
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL))
                return EXIT_USAGE;
        struct instance *instance = instance_open(ctl->conf.place_state, ctl->conf.place_runtime);
        const unsigned char *key = instance ? instance_link_key(instance) : NULL;
        bool ours = key && link_unsubscribe_read(key, text_of(argv[1]), &person);
        instance_close(&instance);
        if (!key)
                return EXIT_SETTINGS;
        if (!ours)
                return ctl_fail(ctl, EXIT_BAD_DATA,
                                "this is not a link of ours: take the whole link from the letter");
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        newsletter_unsubscribe(tx, person, tx_now(tx), &done);
        int code = ctl_commit(ctl);
        if (code == EXIT_DONE)
                printf(done.known ? "person %" PRId64 " gets no more newsletters\n"
                                  : "person %" PRId64 " is not in the register any more\n",
                       person);
        return code;
}

const struct command newsletter_commands[] = {
        { .name = "newsletter add",
          .arguments = "FILE",
          .summary = "Drafts a newsletter from a file, or drafts it anew",
          .help = "The file has a head and the text in Markdown, in bokmål and nynorsk (English if "
                  "you like):\n"
                  "  newsletter: 2027-02\n"
                  "  network: N1, N2          the audience: any of these networks,\n"
                  "  area: hallingdal         and of these areas,\n"
                  "  role: leader, contact    and with these roles (leader, resource, contact, "
                  "responsible),\n"
                  "  language: nb, nn         and reading these; what is left out does not narrow\n"
                  "  title-nb: Nytt fra nettverket\n"
                  "  title-nn: Nytt frå nettverket\n"
                  "  --- nb\n"
                  "  ## Neste samling ...\n"
                  "  --- nn\n"
                  "  ## Neste samling ...\n"
                  "Without any audience it goes to nobody. Pictures are refused: letters fetch "
                  "nothing.\n"
                  "  padriver newsletter add february.md\n",
          .run = add },
        { .name = "newsletter preview",
          .arguments = "ID [--language nb|nn|en] [--html]",
          .summary = "Shows how many would get a newsletter, and how it reads; sends nothing",
          .help = "--json: {newsletter, recipients, nb, nn, en, suppressed, without_address, "
                  "released, "
                  "title, text or html}.\n"
                  "  padriver newsletter preview 2027-02 --language nn\n",
          .run = preview },
        { .name = "newsletter test",
          .arguments = "ID --to PERSON",
          .summary = "Sends a newsletter to one person of the register, to see how it arrives",
          .help = "PERSON is the person's code. Prints the letter's id.\n"
                  "  padriver newsletter test 2027-02 --to p017\n",
          .run = test },
        { .name = "newsletter release",
          .arguments = "ID --yes RECIPIENTS",
          .summary = "Releases a newsletter to its audience",
          .help = "Confirm the number of recipients, as the preview tells it; without --yes it is "
                  "told and "
                  "nothing is sent.\n"
                  "  padriver newsletter release 2027-02 --yes 41\n",
          .run = release },
        { .name = "newsletter list",
          .summary = "Lists newsletters and how far each has come",
          .help = "--json: {newsletter, title, drafted_at, released_at, released_by, days_since, "
                  "recipients, "
                  "waiting, sent, uncertain, refused, left_out} a line.\n"
                  "LEFT OUT: unsubscribed or without an address when it was to be sent. Single "
                  "letters: "
                  "padriver mail list --subject ID\n"
                  "  padriver newsletter list\n",
          .run = list },
        { .name = "newsletter unsubscribe",
          .arguments = "LINK",
          .summary = "Unsubscribes the person whose link it is from newsletters",
          .help = "LINK stands at the foot of each newsletter. Invitations and other letters go "
                  "on.\n"
                  "  padriver newsletter unsubscribe "
                  "https://usht.buskerud.example/u/17.dGhpcyBpcyBub3Qgb25l\n",
          .run = unsubscribe },
        { 0 },
};
