/*
 * evaluation: answering by the mailed link, and what staff see of evaluations. An anonymous answer
 * is sealed here, before it reaches the store, and its event names nobody: no actor, no cause, and
 * the day for a time.
 */
#include "common/ballot.h"
#include "common/day.h"
#include "common/instance.h"
#include "common/link.h"
#include "workers/ctl/evaluation_show.h"
#include "workers/ctl/evaluation_sql.h"
#include "workers/ctl/evaluation_words.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The invitation behind a link. Else says what is wrong. */
static bool read_link(struct ctl *ctl, struct text link, int64_t *invitation, int *code)
{
        struct instance *instance = instance_open(ctl->conf.place_state, ctl->conf.place_runtime);
        const unsigned char *key = instance ? instance_link_key(instance) : NULL;
        *code = EXIT_DONE;
        if (!key)
                *code = EXIT_SETTINGS;
        else if (!link_read(key, link, invitation))
                *code = ctl_fail(ctl, EXIT_BAD_DATA,
                                 "this is not a link of ours: take the whole link from the letter");
        instance_close(&instance);
        return *code == EXIT_DONE;
}

/* The question of that name, or NULL. */
static const struct evaluation_questions *find_question(
        const struct evaluation_questions_rows *questions, struct text name)
{
        for (size_t i = 0; i < questions->count; i++)
                if (text_equal(questions->row[i].name, name))
                        return &questions->row[i];
        return NULL;
}

/* The answer as the ballot has it: 1 to 5, 0 for dk, or words. NULL: it is none. */
static json_t *read_answer(const struct evaluation_questions *question, struct text value)
{
        if (text_equal(question->kind, TEXT("text")))
                return value.size > 0 && value.size <= BALLOT_WORDS && text_is_utf8(value)
                               ? ctl_text(value)
                               : NULL;
        if (text_equal(value, TEXT("dk")))
                return json_integer(0);
        return value.size == 1 && value.at[0] >= '1' && value.at[0] <= '5'
                       ? json_integer(value.at[0] - '0')
                       : NULL;
}

/* Reads q1=4 q2=dk … into an object; NULL: said what is wrong. */
static json_t *read_answers(struct ctl *ctl, const struct evaluation_questions_rows *questions,
                            int argc, char **argv)
{
        json_t *answers = json_object();
        for (int i = 2; i < argc; i++) {
                struct text value = text_of(argv[i]);
                const struct text name = text_cut(&value, '=');
                const struct evaluation_questions *question = find_question(questions, name);
                const char *key = arena_string(ctl->arena, name);
                json_t *answer = question && value.at ? read_answer(question, value) : NULL;
                if (!question)
                        ctl_fail(ctl, EXIT_BAD_DATA,
                                 "%s: there is no such question; --show lists them", argv[i]);
                else if (json_object_get(answers, key))
                        ctl_fail(ctl, EXIT_BAD_DATA, "%s is answered twice", key);
                else if (!answer)
                        ctl_fail(ctl, EXIT_BAD_DATA,
                                 text_equal(question->kind, TEXT("text"))
                                         ? "%s takes words, at most 2000 bytes"
                                         : "%s takes 1, 2, 3, 4, 5 or dk",
                                 key);
                if (!answer || json_object_get(answers, key)) {
                        json_decref(answer);
                        json_decref(answers);
                        return NULL;
                }
                json_object_set_new(answers, key, answer);
        }
        return answers;
}

/* What the form says before it asks. */
static void print_form(struct ctl *ctl, const struct evaluation_paper *paper,
                       const struct evaluation_questions_rows *questions, struct text language)
{
        static const char *const heads[] = { "name", "takes", "question" };
        struct text *cells = arena_array(ctl->arena, questions->count * 3, sizeof *cells);
        const struct text day = day_short(ctl->arena, day_at(paper->closes_at, NULL, NULL));
        const struct text hour = time_wall(ctl->arena, paper->closes_at, LANGUAGE_NB);
        for (size_t i = 0; i < questions->count; i++) {
                const struct evaluation_questions *q = &questions->row[i];
                cells[3 * i] = q->name;
                cells[3 * i + 1] =
                        text_equal(q->kind, TEXT("scale")) ? TEXT("1-5|dk") : TEXT("words");
                cells[3 * i + 2] = evaluation_words(language, q->text_nb, q->text_nn, q->text_en);
        }
        printf("%.*s is %.*s and takes answers until %.*s %.*s.\n", TEXT_ARGS(paper->evaluation),
               TEXT_ARGS(paper->mode), TEXT_ARGS(day), TEXT_ARGS(hour));
        printf("Results are not shown when fewer than %lld have answered. Write nothing by which "
               "patients, users, next\n"
               "of kin or colleagues can be recognised.\n\n",
               (long long)paper->threshold);
        ctl_table(heads, 3, cells, questions->count);
}

/* The form as JSON, a question a line. */
static void print_form_json(const struct evaluation_paper *paper,
                            const struct evaluation_questions_rows *questions)
{
        for (size_t i = 0; i < questions->count; i++) {
                const struct evaluation_questions *q = &questions->row[i];
                ctl_json(json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "evaluation",
                                   ctl_text(paper->evaluation), "mode", ctl_text(paper->mode),
                                   "item", ctl_text(q->name), "kind", ctl_text(q->kind), "goal",
                                   ctl_text(q->goal), "nb", ctl_text(q->text_nb), "nn",
                                   ctl_text(q->text_nn), "en", ctl_text(q->text_en)));
        }
}

/* Why the invitation takes no answer now; EXIT_DONE if it does. */
static int refuse(struct ctl *ctl, const struct evaluation_paper *paper)
{
        if (paper->spent)
                return ctl_fail(ctl, EXIT_REFUSED,
                                "this link has been used: evaluation %.*s has your answer",
                                TEXT_ARGS(paper->evaluation));
        if (!text_equal(paper->state, TEXT("open")) || tx_now(ctl->tx) >= paper->closes_at)
                return ctl_fail(ctl, EXIT_REFUSED,
                                "evaluation %.*s is closed and takes no more answers",
                                TEXT_ARGS(paper->evaluation));
        return EXIT_DONE;
}

/* Spends the invitation for the answers, sealed or plain, and tells the log as little as the
 * mode asks. */
static int submit(struct ctl *ctl, int64_t invitation, const struct evaluation_paper *paper,
                  json_t *answers)
{
        struct tx *tx = ctl->tx;
        struct evaluation_submit done = { 0 };
        const bool anonymous = text_equal(paper->mode, TEXT("anonymous"));
        char *json = json_dumps(answers, JSON_COMPACT);
        struct text plain = arena_copy(ctl->arena, text_of(json)), box = { 0 };
        free(json);
        if (anonymous) {
                box = ballot_seal(ctl->arena, paper->public_key, plain);
                plain = (struct text){ 0 };
                if (!box.at)
                        return ctl_fail(ctl, EXIT_BAD_DATA,
                                        "the answers are too long together: shorten the words");
                tx_set_at(tx, day_time(day_at(tx_now(tx), NULL, NULL), 0, 0));
        }
        tx_set_actor(tx, TEXT(""));
        if (evaluation_submit(tx, invitation, box, plain, tx_now(tx), &done))
                emit_evaluation_submitted(
                        tx, &(struct evaluation_submitted){ done.evaluation, done.submission });
        const int code = ctl_commit(ctl);
        if (code == EXIT_DONE && ctl->json)
                ctl_json(json_pack("{s:o, s:o}", "evaluation", ctl_text(done.evaluation), "mode",
                                   ctl_text(done.mode)));
        else if (code == EXIT_DONE)
                printf("Thank you. %.*s has your answer.\n", TEXT_ARGS(done.evaluation));
        return code;
}

/* Shows the form, or reads the answers to it and hands them in. */
static int fill_in(struct ctl *ctl, int64_t invitation, int argc, char **argv, bool show,
                   struct text language)
{
        struct evaluation_paper paper;
        if (!evaluation_paper(ctl->tx, invitation, &paper)) {
                const int code = ctl_end(ctl);
                return code != EXIT_DONE
                               ? code
                               : ctl_fail(ctl, EXIT_REFUSED, "this link is to no evaluation here");
        }
        const struct evaluation_questions_rows questions =
                evaluation_questions(ctl->tx, paper.evaluation);
        if (show) {
                if (ctl->json)
                        print_form_json(&paper, &questions);
                else
                        print_form(ctl, &paper, &questions, language);
                return ctl_end(ctl);
        }
        if (tx_failed(ctl->tx)) /* no questions were read: no answer is to be called wrong */
                return ctl_end(ctl);
        const int code = refuse(ctl, &paper);
        if (code != EXIT_DONE)
                return code;
        json_t *answers = read_answers(ctl, &questions, argc, argv);
        const int end = answers ? submit(ctl, invitation, &paper, answers) : EXIT_BAD_DATA;
        json_decref(answers);
        return end;
}

/* `padriver evaluation answer` */
static int answer(struct ctl *ctl, int argc, char **argv)
{
        bool show = false;
        struct text language = TEXT("nb");
        int64_t invitation;
        int code;
        const struct ctl_option options[] = { { .name = "show", .flag = &show },
                                              { .name = "language", .text = &language },
                                              { 0 } };
        if (!ctl_options(ctl, &argc, argv, 1, 1000, options))
                return EXIT_USAGE;
        if (!show && argc < 3)
                return ctl_fail(ctl, EXIT_USAGE,
                                "say the answers, such as q1=4 q2=dk; --show lists the questions");
        if (!read_link(ctl, text_of(argv[1]), &invitation, &code))
                return code;
        return ctl_tx(ctl) ? fill_in(ctl, invitation, argc, argv, show, language) : EXIT_DOWN;
}

/* `padriver evaluation mode` */
static int set_mode(struct ctl *ctl, int argc, char **argv)
{
        if (!ctl_options(ctl, &argc, argv, 2, 2, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        evaluation_set_mode(tx, text_of(argv[1]), text_of(argv[2]));
        return ctl_carry_out(ctl);
}

const struct command evaluation_commands[] = {
        { .name = "evaluation list",
          .summary = "Lists the evaluations with how many answered",
          .help = "A session's, the municipalities' survey, or a follow-up: N1-S1.bruk asks those "
                  "who were asked about N1-S1\n"
                  "what they have taken into use, some months later (the setting "
                  "evaluation.follow_up). padriver timers list\n"
                  "shows when; padriver timers drop lets it be.\n\n"
                  "  padriver evaluation list\n",
          .run = evaluation_list },
        { .name = "evaluation results",
          .arguments = "EVALUATION [--language nb|nn|en]",
          .summary = "Shows results by question, goal and sub-goal",
          .help = "n counts ratings without \"don't know\" (dk). Fewer than the threshold (5) are "
                  "never shown; too few\n"
                  "anonymous answers wait unopened until other sessions of the network make up the "
                  "number.\n\n"
                  "  padriver evaluation results N1-S1\n",
          .run = evaluation_show_results },
        { .name = "evaluation report",
          .arguments = "--session EVALUATION | [--network NETWORK] [--year YEAR] [--follow-up] "
                       "[--csv] [--language nb|nn|en]",
          .summary = "Shows what the evaluations of a network or a year say together",
          .help = "Each number is a sum of results that are shown; what is hidden (too few) is in "
                  "none of them.\n"
                  "A changed wording is a row of its own: a question's version, a goal's "
                  "edition.\n"
                  "--follow-up shows what was taken into use months later instead; it is in no "
                  "number of sessions.\n"
                  "--csv writes UTF-8 with a byte order mark, semicolons and decimal commas.\n\n"
                  "  padriver evaluation report --network N1\n"
                  "  padriver evaluation report --session N1-S1 --follow-up\n"
                  "  padriver evaluation report --year 2027 --csv > evaluering.csv\n",
          .run = evaluation_report },
        { .name = "evaluation answer",
          .arguments = "LINK [--show [--language nb|nn|en]] ANSWER…",
          .summary = "Answers an evaluation by the link in the letter",
          .help = "An answer is q1=1 to q1=5 or q1=dk (\"don't know\"), or q12='words' where words "
                  "are asked for.\n"
                  "A link works once. In anonymous mode the answers are sealed before they are "
                  "stored.\n\n"
                  "  padriver evaluation answer https://…/e/123.abc --show\n"
                  "  padriver evaluation answer https://…/e/123.abc q1=5 q2=4 q3=dk q12='Mer "
                  "øving'\n",
          .run = answer },
        { .name = "evaluation mode",
          .arguments = "EVALUATION anonymous|municipality|named",
          .summary = "Sets whose an answer is said to be, before anybody has answered",
          .help = "  padriver evaluation mode N1-S1 named\n",
          .run = set_mode },
        { .name = "evaluation words",
          .arguments = "EVALUATION",
          .summary = "Lists what people wrote in their own words, and what of it is released",
          .help = "Only when as many answered as results need. Deleted some time after the closing "
                  "(the setting\n"
                  "evaluation.words); padriver timers list shows when.\n\n"
                  "  padriver evaluation words N1-S1\n",
          .run = evaluation_list_words },
        { .name = "evaluation release",
          .arguments = "ID…",
          .summary = "Lets words be shown with the results, once a person has read them",
          .help = "Release nothing by which somebody can be recognised. Who released is kept.\n\n"
                  "  padriver evaluation release 5f0c2d9e-6f0b-4e0e-9c55-0b7f4d1f2a31\n",
          .run = evaluation_release },
        { .name = "evaluation withdraw",
          .arguments = "ID…",
          .summary = "Takes the release of words back",
          .help = "Who has read them on the results' pages, has. Who took it back is kept.\n\n"
                  "  padriver evaluation withdraw 5f0c2d9e-6f0b-4e0e-9c55-0b7f4d1f2a31\n",
          .run = evaluation_withdraw },
        { .name = "evaluation remove",
          .arguments = "ID…",
          .summary = "Deletes words for good, released or not",
          .help = "  padriver evaluation remove 5f0c2d9e-6f0b-4e0e-9c55-0b7f4d1f2a31\n",
          .run = evaluation_remove },
        { 0 },
};
