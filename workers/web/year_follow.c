/*
 * year_follow: what the year's report lacks, what was found and changed, and what dialogue meetings
 * made of it.
 */
#include "workers/web/table.h"
#include "workers/web/year_chapter.h"

/* The heading of a kind of gap. */
static enum phrase find_gap(struct text kind)
{
        static const struct {
                const char *kind;
                enum phrase words;
        } gaps[] = {
                { "session_missing", PHRASE_year_gap_missing },
                { "session_open", PHRASE_year_gap_open },
                { "session_hidden", PHRASE_year_gap_hidden },
                { "session_not_held", PHRASE_year_gap_not_held },
                { "goal_no_question", PHRASE_year_gap_no_question },
                { "goal_no_evidence", PHRASE_year_gap_no_evidence },
                { "network_no_goals", PHRASE_year_gap_no_goals },
                { "survey_none", PHRASE_year_gap_survey_none },
                { "survey_open", PHRASE_year_gap_survey_open },
                { "survey_hidden", PHRASE_year_gap_survey_hidden },
                { "survey_municipality", PHRASE_year_gap_municipality },
                { "dialogue_not_recorded", PHRASE_year_gap_dialogue },
        };
        for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++)
                if (text_equal(kind, text_of(gaps[i].kind)))
                        return gaps[i].words;
        return PHRASE_year_gaps;
}

/* "N5-S1 Kartlegging av ernæring"; of a municipality its name alone. */
static struct text name_gap(const struct year *year, const struct web_year_gaps *gap)
{
        const struct text name = page_pick(year->page, gap->name_nb, gap->name_nn, gap->name_en);
        if (text_equal(gap->kind, TEXT("survey_municipality")))
                return name;
        return arena_printf(year->page->arena, "%.*s %.*s", TEXT_ARGS(gap->subject),
                            TEXT_ARGS(name));
}

void year_put_gaps(const struct year *year)
{
        struct page *page = year->page;
        const struct web_year_gaps_rows rows =
                web_year_gaps(page->tx, year->year, year->edition.edition);
        if (rows.count == 0)
                page_put(page, "p", PHRASE_year_no_gaps, NULL);
        for (size_t i = 0; i < rows.count; i++) {
                const struct text kind = rows.row[i].kind;
                if (i == 0 || !text_equal(kind, rows.row[i - 1].kind)) {
                        year_head(year, page_say(page, find_gap(kind), NULL));
                        html_open(page->html, "ul");
                }
                html_element(page->html, "li", name_gap(year, &rows.row[i]));
                if (i + 1 == rows.count || !text_equal(kind, rows.row[i + 1].kind))
                        html_close(page->html);
        }
}

enum phrase year_kind(struct text kind)
{
        if (text_equal(kind, TEXT("organisation")))
                return PHRASE_year_kind_organisation;
        if (text_equal(kind, TEXT("goals")))
                return PHRASE_year_kind_goals;
        return text_equal(kind, TEXT("methods")) ? PHRASE_year_kind_methods
                                                 : PHRASE_year_kind_content;
}

enum phrase year_state(struct text state)
{
        if (text_equal(state, TEXT("done")))
                return PHRASE_year_state_done;
        return text_equal(state, TEXT("dropped")) ? PHRASE_year_state_dropped
                                                  : PHRASE_year_state_open;
}

/* The changes that the findings of a year led to. */
static void put_changes(const struct year *year, int64_t from)
{
        struct page *page = year->page;
        const struct web_year_changes_rows rows =
                web_year_changes(page->tx, year->year, year->edition.edition, from);
        const struct text title =
                page_say(page, PHRASE_year_changes, PLACES({ "year", year_number(year, from) }));
        if (rows.count == 0 && from != year->year)
                return;
        year_head(year, title);
        if (rows.count == 0) {
                page_put(page, "p", PHRASE_year_no_changes, NULL);
                return;
        }
        table_begin(page, title,
                    (const enum phrase[]){ PHRASE_year_change, PHRASE_year_kind, PHRASE_year_owner,
                                           PHRASE_year_due, PHRASE_start_state, PHRASE_count });
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_year_changes *r = &rows.row[i];
                const struct text state = page_say(page, year_state(r->state), NULL);
                table_row(page);
                html_element(page->html, "td", r->words);
                page_put(page, "td", year_kind(r->kind), NULL);
                html_element(page->html, "td", r->owner_title);
                html_element(page->html, "td", day_short(page->arena, (int32_t)r->due_on));
                html_element(page->html, "td",
                             r->note.at ? arena_printf(page->arena, "%.*s: %.*s", TEXT_ARGS(state),
                                                       TEXT_ARGS(r->note))
                                        : state);
                table_end_row(page);
        }
        table_end(page);
}

/* "N2-S1 Se tegnene tidlig"; of a goal the same. */
static struct text name_session(const struct year *year, struct text id)
{
        for (size_t i = 0; i < year->sessions.count; i++) {
                const struct web_year_sessions *s = &year->sessions.row[i];
                if (text_equal(s->meeting, id))
                        return arena_printf(year->page->arena, "%.*s %.*s", TEXT_ARGS(id),
                                            TEXT_ARGS(page_pick(year->page, s->title_nb,
                                                                s->title_nn, s->title_en)));
        }
        return id;
}

static struct text name_goal(const struct year *year, struct text id)
{
        const struct text words = year_words(year, id);
        return text_equal(words, id) ? id
                                     : arena_printf(year->page->arena, "%.*s %.*s", TEXT_ARGS(id),
                                                    TEXT_ARGS(words));
}

/* What a finding is about, by code and words. */
static struct text name_about(const struct year *year, const struct web_year_findings *row)
{
        const struct text goal = name_goal(year, row->goal);
        const struct text session = name_session(year, row->session);
        if (goal.at && session.at)
                return arena_printf(year->page->arena, "%.*s; %.*s", TEXT_ARGS(goal),
                                    TEXT_ARGS(session));
        return goal.at ? goal : session;
}

void year_put_findings(const struct year *year)
{
        struct page *page = year->page;
        const struct web_year_findings_rows rows =
                web_year_findings(page->tx, year->year, year->edition.edition);
        if (rows.count == 0)
                page_put(page, "p", PHRASE_year_no_findings, NULL);
        else
                html_open(page->html, "ul");
        for (size_t i = 0; i < rows.count; i++) {
                const struct text about = name_about(year, &rows.row[i]);
                html_open(page->html, "li");
                html_say(page->html, rows.row[i].words);
                if (about.at) {
                        html_say(page->html, TEXT(" "));
                        html_say(page->html,
                                 page_say(page, PHRASE_year_finding_of, PLACES({ "of", about })));
                }
                html_close(page->html);
        }
        if (rows.count > 0) {
                html_close(page->html);
                put_changes(year, year->year);
        }
        put_changes(year, year->year - 1);
}

void year_put_uses(const struct year *year)
{
        struct page *page = year->page;
        const struct web_year_uses_rows rows =
                web_year_uses(page->tx, year->year, year->edition.edition);
        if (rows.count == 0)
                page_put(page, "p", PHRASE_year_no_uses, NULL);
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_year_uses *r = &rows.row[i];
                year_head(year,
                          arena_printf(
                                  page->arena, "%.*s, %.*s",
                                  TEXT_ARGS(page_pick(page, r->title_nb, r->title_nn, r->title_en)),
                                  TEXT_ARGS(day_short(page->arena, (int32_t)r->held_on))));
                page_put(page, "p", PHRASE_year_used,
                         PLACES({ "year", year_number(year, r->of_year) }, { "words", r->used }));
                page_put(page, "p", PHRASE_year_adapted, PLACES({ "words", r->adapted }));
        }
}
