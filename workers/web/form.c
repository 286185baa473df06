/*
 * form: one fieldset a question, no matrix; it works without script. What was sent wrong is shown
 * again as it was sent, each fault at its question and all of them at the top. Nothing of an answer
 * is kept here.
 */
#include "workers/web/form.h"

#include "common/ballot.h"
#include "common/day.h"
#include "common/link.h"
#include "workers/web/input.h"
#include "workers/web/national_number.h"
#include <jansson.h>
#include <stdlib.h>

enum { WORDS_MOST = BALLOT_WORDS / 2 }; /* UTF-16 units, as browsers count: two bytes each */

/* What is wrong with the answer to a question; PHRASE_count: nothing. */
static enum phrase judge(const struct web_questions *question, struct text value)
{
        if (!value.at || value.size == 0)
                return PHRASE_count;
        if (text_equal(question->kind, TEXT("scale")))
                return value.size == 1 && value.at[0] >= '0' && value.at[0] <= '5'
                               ? PHRASE_count
                               : PHRASE_form_no_number;
        if (value.size > BALLOT_WORDS)
                return PHRASE_form_too_long;
        return national_number_in(value) ? PHRASE_form_national_number : PHRASE_count;
}

/* What was sent for the question; words without the carriage returns that HTML puts in. */
static struct text find_value(struct page *page, const struct web_questions *question)
{
        const struct text sent =
                request_field(page->request, arena_string(page->arena, question->name));
        if (!sent.at || !text_equal(question->kind, TEXT("text")))
                return sent;
        char *bytes = arena_raw(page->arena, sent.size + 1);
        size_t size = 0;
        for (size_t i = 0; i < sent.size; i++)
                if (sent.at[i] != '\r')
                        bytes[size++] = sent.at[i];
        return text_trim((struct text){ bytes, size });
}

struct text form_read(struct page *page, const struct web_questions_rows *questions)
{
        json_t *answer = json_object();
        struct text whole = { 0 };
        bool good = true;
        for (size_t i = 0; i < questions->count; i++) {
                const struct web_questions *q = &questions->row[i];
                const struct text value = find_value(page, q);
                good = good && judge(q, value) == PHRASE_count;
                if (!good || !value.at || value.size == 0)
                        continue;
                json_object_set_new(answer, arena_string(page->arena, q->name),
                                    text_equal(q->kind, TEXT("scale"))
                                            ? json_integer(value.at[0] - '0')
                                            : json_stringn(value.at, value.size));
        }
        if (good && json_object_size(answer) > 0) {
                char *json = json_dumps(answer, JSON_COMPACT);
                whole = arena_copy(page->arena, text_of(json));
                free(json);
        }
        json_decref(answer);
        return whole;
}

/* A radio button and its label. */
static void put_choice(struct page *page, const struct web_questions *question, char value,
                       struct text words, struct text sent)
{
        const struct text id =
                arena_printf(page->arena, "%.*s-%c", TEXT_ARGS(question->name), value);
        const bool chosen = sent.size == 1 && sent.at[0] == value;
        input_choice(page, &(struct input_choice){ id, question->name, (struct text){ &value, 1 },
                                                   words, chosen });
}

/* What the ends of a form's scales are called. A follow-up and a survey ask "to what degree" alone,
 * so that their ends have words of their own. */
struct ends {
        enum phrase read, lowest, highest;
};

static const struct ends *find_ends(const struct web_paper *paper)
{
        static const struct ends session = { PHRASE_form_scale, PHRASE_form_lowest,
                                             PHRASE_form_highest };
        static const struct ends follow_up = { PHRASE_follow_scale, PHRASE_follow_lowest,
                                               PHRASE_follow_highest };
        static const struct ends survey = { PHRASE_survey_scale, PHRASE_survey_lowest,
                                            PHRASE_survey_highest };
        return paper->respondent.at ? &survey : paper->follow_up ? &follow_up : &session;
}

/* The six choices of a scale, side by side where there is room. */
static void put_scale(struct page *page, const struct web_questions *question, struct text sent,
                      const struct ends *ends)
{
        static const struct text numbers[] = { { "2", 1 }, { "3", 1 }, { "4", 1 } };
        html_open(page->html, "div");
        html_set(page->html, "class", TEXT("scale"));
        put_choice(page, question, '1', page_say(page, ends->lowest, NULL), sent);
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
                put_choice(page, question, numbers[i].at[0], numbers[i], sent);
        put_choice(page, question, '5', page_say(page, ends->highest, NULL), sent);
        put_choice(page, question, '0', page_say(page, PHRASE_form_dont_know, NULL), sent);
        html_close(page->html);
}

/* The id of the words that tell what is wrong. */
static struct text fault_id(struct page *page, const struct web_questions *question)
{
        return arena_printf(page->arena, "%.*s-fault", TEXT_ARGS(question->name));
}

static void put_words(struct page *page, const struct web_questions *question, struct text sent,
                      bool wrong)
{
        struct html *h = page->html;
        const struct text about =
                wrong ? arena_printf(page->arena, "warning %.*s-fault", TEXT_ARGS(question->name))
                      : TEXT("warning");
        html_open(h, "textarea");
        html_set(h, "class", TEXT("ds-input"));
        html_set(h, "id", arena_printf(page->arena, "%.*s-words", TEXT_ARGS(question->name)));
        html_set(h, "name", question->name);
        html_set(h, "rows", TEXT("4"));
        html_set(h, "maxlength", arena_printf(page->arena, "%d", WORDS_MOST));
        html_set(h, "aria-describedby", about);
        html_set(h, "autocomplete", TEXT("off"));
        if (wrong)
                html_set(h, "aria-invalid", TEXT("true"));
        html_say(h, sent);
        html_close(h);
}

/* What to correct, at the question. */
static struct text describe(struct page *page, enum phrase fault)
{
        return fault == PHRASE_form_too_long
                       ? page_say(page, fault,
                                  PLACES({ "most", arena_printf(page->arena, "%d", WORDS_MOST) }))
                       : page_say(page, fault, NULL);
}

/* A question with its number: a fieldset with choices, or a label with room for words. */
static void put_question(struct page *page, const struct form *form, size_t number, bool sent)
{
        struct html *h = page->html;
        const struct web_questions *question = &form->questions.row[number - 1];
        const struct text value = sent ? find_value(page, question) : (struct text){ 0 };
        const enum phrase fault = judge(question, value);
        const bool scale = text_equal(question->kind, TEXT("scale"));
        const struct text words =
                arena_printf(page->arena, "%zu. %.*s", number,
                             TEXT_ARGS(page_pick(page, question->text_nb, question->text_nn,
                                                 question->text_en)));
        html_open(h, scale ? "fieldset" : "div");
        html_set(h, "class", scale ? TEXT("ds-fieldset question") : TEXT("ds-field question"));
        if (scale && fault != PHRASE_count)
                html_set(h, "aria-describedby", fault_id(page, question));
        html_open(h, scale ? "legend" : "label");
        html_set(h, "class", TEXT("ds-label"));
        if (!scale)
                html_set(h, "for",
                         arena_printf(page->arena, "%.*s-words", TEXT_ARGS(question->name)));
        html_say(h, words);
        html_close(h);
        if (scale)
                put_scale(page, question, value, find_ends(&form->paper));
        else
                put_words(page, question, value, fault != PHRASE_count);
        if (fault != PHRASE_count) {
                html_open(h, "p");
                html_set(h, "class", TEXT("ds-validation-message"));
                html_set(h, "id", fault_id(page, question));
                html_say(h, describe(page, fault));
                html_close(h);
        }
        html_close(h);
}

/* An entry of the list at the top: a link to the question. */
static void put_fault(struct page *page, const struct web_questions *question, size_t number)
{
        const enum phrase fault = judge(question, find_value(page, question));
        if (fault == PHRASE_count)
                return;
        const bool scale = text_equal(question->kind, TEXT("scale"));
        html_open(page->html, "li");
        html_link(page->html,
                  arena_printf(page->arena, "#%.*s-%s", TEXT_ARGS(question->name),
                               scale ? "1" : "words"),
                  arena_printf(page->arena, "%zu. %.*s", number, TEXT_ARGS(describe(page, fault))));
        html_close(page->html);
}

/* What is wrong with what was sent, before all else. */
static void put_faults(struct page *page, const struct form *form, bool changed)
{
        struct html *h = page->html;
        size_t faults = 0;
        for (size_t i = 0; i < form->questions.count; i++)
                faults += judge(&form->questions.row[i],
                                find_value(page, &form->questions.row[i])) != PHRASE_count;
        html_open(h, "div");
        html_set(h, "class", TEXT("ds-alert"));
        html_set(h, "data-color", TEXT("danger"));
        html_set(h, "role", TEXT("alert"));
        html_set(h, "id", TEXT("faults"));
        html_classed(h, "h2", "ds-heading", page_say(page, PHRASE_form_errors, NULL));
        if (changed)
                page_put(page, "p", PHRASE_form_changed, NULL);
        else if (faults == 0)
                page_put(page, "p", PHRASE_form_empty, NULL);
        if (faults > 0) {
                html_open(h, "ul");
                for (size_t i = 0; i < form->questions.count; i++)
                        put_fault(page, &form->questions.row[i], i + 1);
                html_close(h);
        }
        html_close(h);
}

/* Who will see what: said before anything is asked. */
static void put_terms(struct page *page, const struct web_paper *paper)
{
        struct html *h = page->html;
        const struct place *count =
                PLACES({ "count", phrase_number(page->arena, page->language, paper->threshold) });
        const bool named = text_equal(paper->mode, TEXT("named"));
        const bool municipality = text_equal(paper->mode, TEXT("municipality"));
        html_open(h, "div");
        html_set(h, "class", TEXT("ds-alert"));
        html_set(h, "data-color", TEXT("info"));
        page_put(page, "p",
                 paper->respondent.at ? PHRASE_survey_mode
                 : named              ? PHRASE_evaluation_named
                 : municipality       ? PHRASE_evaluation_municipality
                                      : PHRASE_evaluation_anonymous,
                 count);
        if (paper->follow_up && !named && !municipality)
                page_put(page, "p", PHRASE_follow_apart, NULL);
        page_put(page, "p", PHRASE_form_readers, NULL);
        page_put(page, "p", PHRASE_form_kept, NULL);
        html_close(h);
}

/* All questions, and the button. The mode that was read is sent along: it must be the one that
 * holds. */
static void put_questions(struct page *page, const struct form *form, bool sent)
{
        struct html *h = page->html;
        html_open(h, "form");
        html_set(h, "method", TEXT("post"));
        html_set(h, "id", TEXT("form"));
        html_set(h, "data-evaluation", form->paper.evaluation);
        html_set(h, "data-national-number", page_say(page, PHRASE_form_national_number, NULL));
        input_hidden(page, "mode", form->paper.mode);
        page_put(page, "p", find_ends(&form->paper)->read, NULL);
        for (size_t i = 0; i < form->questions.count; i++) {
                const bool words = text_equal(form->questions.row[i].kind, TEXT("text"));
                if (words &&
                    (i == 0 || !text_equal(form->questions.row[i - 1].kind, TEXT("text")))) {
                        html_open(h, "p");
                        html_set(h, "id", TEXT("warning"));
                        html_set(h, "class", TEXT("warning"));
                        html_say(h, page_say(page, PHRASE_form_warning, NULL));
                        html_close(h);
                }
                put_question(page, form, i + 1, sent);
        }
        input_button(page, PHRASE_form_send);
        html_close(h);
}

struct text form_name(struct page *page, bool follow_up, struct text title)
{
        return page_say(page, follow_up ? PHRASE_follow_subject : PHRASE_form_title,
                        PLACES({ "title", title }));
}

void form_put(struct page *page, const struct form *form, bool changed)
{
        const struct web_paper *paper = &form->paper;
        const bool sent = request_method(page->request) == METHOD_POST;
        const struct text title =
                page_pick(page, paper->title_nb, paper->title_nn, paper->title_en);
        page_begin(page, paper->respondent.at
                                 ? page_say(page, PHRASE_survey_subject,
                                            PLACES({ "title", title },
                                                   { "municipality", paper->respondent }))
                                 : form_name(page, paper->follow_up, title));
        if (sent) {
                page->status = changed ? 409 : 422;
                put_faults(page, form, changed);
        }
        if (paper->respondent.at)
                page_put(page, "p", PHRASE_survey_ask,
                         PLACES({ "municipality", paper->respondent }));
        else
                page_put(page, "p", paper->follow_up ? PHRASE_follow_form_about : PHRASE_form_about,
                         PLACES({ "day", page_day(page, day_at(paper->starts_at, NULL, NULL)) }));
        put_terms(page, paper);
        put_questions(page, form, sent);
        page_put_script(page, "form.js");
        page_end(page);
}

bool form_read_link(struct page *page, int64_t *invitation)
{
        if (link_read(page->web->link_key, page->argument, invitation))
                return true;
        page_refuse(page, 404, PHRASE_form_forged, page_say(page, PHRASE_form_forged_why, NULL));
        return false;
}

bool form_is_open(struct page *page, const struct web_paper *paper, int64_t now)
{
        const bool survey = paper->respondent.at;
        if (paper->spent) {
                page_refuse(page, 410, survey ? PHRASE_survey_spent : PHRASE_form_spent,
                            page_say(page, survey ? PHRASE_survey_spent_why : PHRASE_form_spent_why,
                                     NULL));
                return false;
        }
        if (!text_equal(paper->state, TEXT("open")) || now >= paper->closes_at) {
                const struct text day = page_day(page, day_at(paper->closes_at, NULL, NULL));
                const struct text hour = time_wall(page->arena, paper->closes_at, page->language);
                page_refuse(page, 410, survey ? PHRASE_survey_closed : PHRASE_form_closed,
                            page_say(page, PHRASE_form_closed_why,
                                     PLACES({ "day", day }, { "time", hour })));
                return false;
        }
        return true;
}

void form_show(struct page *page)
{
        struct form form;
        int64_t invitation;
        if (!form_read_link(page, &invitation))
                return;
        const struct web_paper_rows papers =
                web_paper(page->tx, (struct int_array){ &invitation, 1 });
        if (papers.count == 0) {
                page_refuse(page, 404, PHRASE_form_forged,
                            page_say(page, PHRASE_form_forged_why, NULL));
                return;
        }
        form.paper = papers.row[0];
        if (!form_is_open(page, &form.paper, tx_now(page->tx)))
                return;
        form.questions = web_questions(page->tx, form.paper.evaluation);
        form_put(page, &form, false);
}

/* Thanks, each thing that is said in a paragraph; said ends with PHRASE_count. */
static void put_thanks(struct page *page, const enum phrase *said)
{
        page_begin(page, page_say(page, PHRASE_thanks_title, NULL));
        for (; *said != PHRASE_count; said++)
                page_put(page, "p", *said, NULL);
        html_open(page->html, "p");
        html_link(page->html, TEXT("/"), page_say(page, PHRASE_page_start, NULL));
        html_close(page->html);
        page_put_script(page, "form.js");
        page_end(page);
}

void form_show_thanks(struct page *page)
{
        put_thanks(page,
                   (const enum phrase[]){ PHRASE_thanks_stored, PHRASE_thanks_next, PHRASE_count });
}

void form_show_survey_thanks(struct page *page)
{
        put_thanks(page,
                   (const enum phrase[]){ PHRASE_survey_thanks_stored, PHRASE_survey_thanks_next,
                                          PHRASE_survey_thanks_seen, PHRASE_count });
}
