/*
 * report_csv: a report as one table of text: first what is of all together, then by municipality,
 * then session by session. A number never stands without the n that it is of.
 */
#include "common/csv.h"
#include "common/evaluation/report.h"

/* The words of the table in each language: its heads, and what stands in its cells. */
static const char *const heads[][REPORT_COLUMNS] = {
        [LANGUAGE_NB] = { "samling", "kommune", "nivå", "id", "versjon", "mål", "tekst", "n", "1",
                          "2", "3", "4", "5", "vet ikke", "median", "gjennomsnitt",
                          "andel 4–5 (%)" },
        [LANGUAGE_NN] = { "samling", "kommune", "nivå", "id", "versjon", "mål", "tekst", "n", "1",
                          "2", "3", "4", "5", "veit ikkje", "median", "gjennomsnitt",
                          "del 4–5 (%)" },
        [LANGUAGE_EN] = { "session", "municipality", "level", "id", "version", "goal", "text", "n",
                          "1", "2", "3", "4", "5", "don't know", "median", "mean",
                          "share 4–5 (%)" },
};
static const struct {
        const char *all, *others, *question, *goal;
} words[] = {
        [LANGUAGE_NB] = { "alle", "øvrige", "spørsmål", "mål" },
        [LANGUAGE_NN] = { "alle", "andre", "spørsmål", "mål" },
        [LANGUAGE_EN] = { "all", "others", "question", "goal" },
};

/* The last ten cells: n, the counts, what they come to. */
static void fill_numbers(struct arena *arena, struct text *cell, struct int_array counts,
                         enum language language)
{
        const struct statistics s = statistics_of(counts.at);
        *cell++ = arena_printf(arena, "%lld", (long long)s.n);
        for (size_t i = 0; i < counts.count; i++)
                *cell++ = arena_printf(arena, "%lld", (long long)counts.at[i]);
        *cell++ = report_decimal(arena, s.median, 1, language);
        *cell++ = report_decimal(arena, s.mean, 2, language);
        *cell = report_decimal(arena, 100 * s.share_4_5, 1, language);
}

/* What a row is about. */
struct about {
        struct text session, municipality, question, goal, words;
        int64_t version;
};

/* Appends a row. */
static void add_row(struct arena *arena, struct report_table *table, struct about about,
                    struct int_array counts, enum language language)
{
        struct text *cell = table->cell + REPORT_COLUMNS * table->rows++;
        cell[0] = about.session.at ? about.session : text_of(words[language].all);
        cell[1] = about.municipality;
        if (!about.municipality.at)
                cell[1] = text_of(words[language].all);
        else if (about.municipality.size == 0)
                cell[1] = text_of(words[language].others);
        cell[2] = text_of(about.question.at ? words[language].question : words[language].goal);
        cell[3] = about.question.at ? about.question : about.goal;
        cell[4] = arena_printf(arena, "%lld", (long long)about.version);
        cell[5] = about.goal;
        cell[6] = about.words;
        fill_numbers(arena, cell + 7, counts, language);
}

/* The words that a row of the course is about, as the report has them. */
static struct text find_words(const struct report *report, const struct report_course *row,
                              enum language language)
{
        for (size_t i = 0; row->question.at && i < report->questions.count; i++) {
                const struct report_questions *q = &report->questions.row[i];
                if (text_equal(q->question, row->question) && q->version == row->version)
                        return report_words(language, q->text_nb, q->text_nn, q->text_en);
        }
        for (size_t i = 0; !row->question.at && i < report->goals.count; i++) {
                const struct report_goals *g = &report->goals.row[i];
                if (text_equal(g->goal, row->goal))
                        return report_words(language, g->text_nb, g->text_nn, g->text_en);
        }
        return (struct text){ 0 };
}

struct report_table report_table(struct arena *arena, const struct report *report,
                                 enum language language)
{
        const size_t most = report->goals.count + report->questions.count + report->course.count;
        const struct text session = report->of.session;
        struct report_table table = { .rows = 0 };
        table.cell = arena_array(arena, most * REPORT_COLUMNS, sizeof *table.cell);
        for (size_t c = 0; c < REPORT_COLUMNS; c++)
                table.head[c] = text_of(heads[language][c]);
        for (size_t i = 0; i < report->goals.count; i++) {
                const struct report_goals *g = &report->goals.row[i];
                const struct text of = report_words(language, g->text_nb, g->text_nn, g->text_en);
                add_row(arena, &table,
                        (struct about){ session, g->municipality, { 0 }, g->goal, of, g->edition },
                        g->counts, language);
        }
        for (size_t i = 0; i < report->questions.count; i++) {
                const struct report_questions *q = &report->questions.row[i];
                const struct text of = report_words(language, q->text_nb, q->text_nn, q->text_en);
                add_row(arena, &table,
                        (struct about){ session, q->municipality, q->question, q->goal, of,
                                        q->version },
                        q->counts, language);
        }
        for (size_t i = 0; i < report->course.count; i++) {
                const struct report_course *c = &report->course.row[i];
                add_row(arena, &table,
                        (struct about){ c->tally,
                                        { 0 },
                                        c->question,
                                        c->goal,
                                        find_words(report, c, language),
                                        c->version },
                        c->counts, language);
        }
        return table;
}

struct text report_csv(struct arena *arena, const struct report *report, enum language language)
{
        const struct report_table table = report_table(arena, report, language);
        return csv_write(arena, table.head, REPORT_COLUMNS, table.cell, table.rows);
}
