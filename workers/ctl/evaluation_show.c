/*
 * evaluation_show: evaluations and their results, for people and as JSON. What is hidden is hidden
 * by the store's views; here it is only said why.
 */
#include "workers/ctl/evaluation_show.h"

#include "common/day.h"
#include "common/statistics.h"
#include "workers/ctl/evaluation_sql.h"
#include <inttypes.h>
#include <stdio.h>

struct text evaluation_words(struct text language, struct text nb, struct text nn, struct text en)
{
        switch (language_of(language)) {
        case LANGUAGE_NN:
                return nn;
        case LANGUAGE_EN:
                return en;
        case LANGUAGE_NB:
        default:
                return nb;
        }
}

/* One evaluation's line of JSON. */
static void print_json(struct ctl *ctl, const struct evaluations *row)
{
        ctl_json(json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:b}", "evaluation",
                           ctl_text(row->evaluation), "kind", ctl_text(row->kind), "follows",
                           ctl_text(row->follows), "network", ctl_text(row->network), "mode",
                           ctl_text(row->mode), "status", ctl_text(row->state), "opened_at",
                           ctl_time(ctl, row->opened_at), "closes_at",
                           ctl_time(ctl, row->closes_at), "invited", (json_int_t)row->invited,
                           "answered", (json_int_t)row->answered, "hidden", (int)row->hidden));
}

/* "27.01.2027 kl. 15.00" */
static struct text wall_text(struct ctl *ctl, int64_t time)
{
        const struct text day = day_short(ctl->arena, day_at(time, NULL, NULL));
        const struct text hour = time_wall(ctl->arena, time, LANGUAGE_NB);
        return arena_printf(ctl->arena, "%.*s %.*s", TEXT_ARGS(day), TEXT_ARGS(hour));
}

int evaluation_list(struct ctl *ctl, int argc, char **argv)
{
        static const char *const heads[] = { "evaluation", "kind",     "network", "mode",
                                             "status",     "answered", "closes" };
        enum { COLUMNS = sizeof heads / sizeof *heads };
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct evaluations_rows rows = evaluations(tx);
        struct text *cells = arena_array(ctl->arena, rows.count * COLUMNS, sizeof *cells);
        for (size_t i = 0; i < rows.count; i++) {
                const struct evaluations *row = &rows.row[i];
                struct text *cell = cells + i * COLUMNS;
                if (ctl->json)
                        print_json(ctl, row);
                cell[0] = row->evaluation;
                cell[1] = row->kind;
                cell[2] = row->network;
                cell[3] = row->mode;
                cell[4] = row->state;
                cell[5] = arena_printf(ctl->arena, "%" PRId64 " of %" PRId64, row->answered,
                                       row->invited);
                cell[6] = wall_text(ctl, row->closes_at);
        }
        if (!ctl->json)
                ctl_table(heads, COLUMNS, cells, rows.count);
        return ctl_end(ctl);
}

json_t *evaluation_add_statistics(json_t *object, struct int_array counts)
{
        static const char *const names[] = { "1", "2", "3", "4", "5", "dk" };
        const bool shown = counts.count == 6;
        const struct statistics s = shown ? statistics_of(counts.at) : (struct statistics){ 0 };
        json_t *by_value = shown ? json_object() : json_null();
        for (size_t i = 0; shown && i < counts.count; i++)
                json_object_set_new(by_value, names[i], json_integer(counts.at[i]));
        json_object_set_new(object, "n", shown ? json_integer(s.n) : json_null());
        json_object_set_new(object, "counts", by_value);
        json_object_set_new(object, "median", shown ? json_real(s.median) : json_null());
        json_object_set_new(object, "mean", shown ? json_real(s.mean) : json_null());
        json_object_set_new(object, "share_4_5", shown ? json_real(s.share_4_5) : json_null());
        return object;
}

/* What is asked of one evaluation, read in one transaction. */
struct results {
        struct text id;
        struct evaluation_overview overview;
        struct evaluation_together_rows together;
        struct evaluation_results_rows items;
        struct evaluation_goals_rows goals;
};

/* One line of JSON with all. */
static void print_results_json(const struct results *r)
{
        json_t *items = json_array(), *goals = json_array(), *together = json_array();
        for (size_t i = 0; !r->overview.hidden && i < r->items.count; i++) {
                const struct evaluation_results *row = &r->items.row[i];
                json_t *item = json_pack("{s:o, s:o}", "item", ctl_text(row->name), "goal",
                                         ctl_text(row->goal));
                json_array_append_new(items, evaluation_add_statistics(item, row->counts));
        }
        for (size_t i = 0; !r->overview.hidden && i < r->goals.count; i++) {
                const struct evaluation_goals *row = &r->goals.row[i];
                json_t *goal = json_pack("{s:o, s:o}", "goal", ctl_text(row->goal), "parent",
                                         ctl_text(row->parent));
                json_array_append_new(goals, evaluation_add_statistics(goal, row->counts));
        }
        for (size_t i = 0; i < r->together.count; i++)
                json_array_append_new(together, ctl_text(r->together.row[i].evaluation));
        ctl_json(json_pack("{s:o, s:o, s:o, s:o, s:I, s:I, s:b, s:o, s:o, s:o}", "evaluation",
                           ctl_text(r->id), "network", ctl_text(r->overview.network), "mode",
                           ctl_text(r->overview.mode), "status", ctl_text(r->overview.state),
                           "invited", (json_int_t)r->overview.invited, "answered",
                           (json_int_t)r->overview.answered, "hidden", (int)r->overview.hidden,
                           "together_with", together, "items", items, "goals", goals));
}

enum { RESULT_COLUMNS = 6 };

/* A row of the table: name, n, median, mean, share, words. */
static void fill_row(struct ctl *ctl, struct text *cell, struct text name, struct int_array counts,
                     struct text words)
{
        const struct text none = TEXT("–");
        cell[0] = name;
        cell[1] = cell[2] = cell[3] = cell[4] = none;
        cell[5] = words;
        if (counts.count != 6)
                return;
        const struct statistics s = statistics_of(counts.at);
        cell[1] = arena_printf(ctl->arena, "%" PRId64, s.n);
        cell[2] = arena_printf(ctl->arena, "%.1f", s.median);
        cell[3] = arena_printf(ctl->arena, "%.2f", statistics_half_up(s.mean));
        cell[4] = arena_printf(ctl->arena, "%.0f %%", statistics_half_up(100 * s.share_4_5));
}

/* A table of questions and a table of goals. */
static void print_results_table(struct ctl *ctl, const struct results *r, struct text language)
{
        static const char *const heads[] = { "item", "n", "median", "mean", "4-5", "question" };
        static const char *const goal_heads[] = { "goal", "n", "median", "mean", "4-5", "part of" };
        struct text *cells =
                arena_array(ctl->arena, r->items.count * RESULT_COLUMNS, sizeof *cells);
        for (size_t i = 0; i < r->items.count; i++) {
                const struct evaluation_results *row = &r->items.row[i];
                fill_row(ctl, cells + i * RESULT_COLUMNS, row->name, row->counts,
                         evaluation_words(language, row->text_nb, row->text_nn, row->text_en));
        }
        ctl_table(heads, RESULT_COLUMNS, cells, r->items.count);
        cells = arena_array(ctl->arena, r->goals.count * RESULT_COLUMNS, sizeof *cells);
        for (size_t i = 0; i < r->goals.count; i++) {
                const struct evaluation_goals *row = &r->goals.row[i];
                fill_row(ctl, cells + i * RESULT_COLUMNS, row->goal, row->counts,
                         row->parent.at ? row->parent : TEXT(""));
        }
        putchar('\n');
        ctl_table(goal_heads, RESULT_COLUMNS, cells, r->goals.count);
}

/* For people: how many answered, then the tables, or why there are none. */
static void print_results(struct ctl *ctl, const struct results *r, struct text language)
{
        printf("%.*s, %.*s, %.*s: %" PRId64 " of %" PRId64 " answered\n", TEXT_ARGS(r->id),
               TEXT_ARGS(r->overview.mode), TEXT_ARGS(r->overview.state), r->overview.answered,
               r->overview.invited);
        for (size_t i = 0; i < r->together.count; i++)
                printf("opened together with %.*s: these are the results of both\n",
                       TEXT_ARGS(r->together.row[i].evaluation));
        if (!r->overview.hidden)
                print_results_table(ctl, r, language);
        else if (text_equal(r->overview.state, TEXT("open")))
                puts("Results are shown when it is closed.");
        else
                printf("Results are hidden: fewer than %" PRId64 " answered.\n",
                       r->overview.threshold);
}

int evaluation_show_results(struct ctl *ctl, int argc, char **argv)
{
        struct text language = TEXT("nb");
        const struct ctl_option options[] = { { .name = "language", .text = &language }, { 0 } };
        if (!ctl_options(ctl, &argc, argv, 1, 1, options))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        struct results r = { .id = text_of(argv[1]) };
        const bool known = evaluation_overview(tx, r.id, &r.overview);
        r.together = evaluation_together(tx, r.id);
        r.items = evaluation_results(tx, r.id);
        r.goals = evaluation_goals(tx, r.id);
        const int code = ctl_end(ctl);
        if (code != EXIT_DONE)
                return code;
        if (!known)
                return ctl_fail(ctl, EXIT_REFUSED,
                                "there is no evaluation %s; see padriver evaluation list", argv[1]);
        if (ctl->json)
                print_results_json(&r);
        else
                print_results(ctl, &r, language);
        return EXIT_DONE;
}
