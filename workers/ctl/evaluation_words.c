/*
 * evaluation_words: what people wrote in evaluations in their own words. Hidden until a person has
 * read and released it, and deleted when a person says so; else at the time that evaluation.words
 * sets. The store's views show nothing of what is hidden for being of too few.
 */
#include "workers/ctl/evaluation_words.h"

#include "workers/ctl/evaluation_sql.h"

int evaluation_list_words(struct ctl *ctl, int argc, char **argv)
{
        static const char *const heads[] = { "ID", "QUESTION", "RELEASED", "WORDS" };
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct evaluation_written_rows all = evaluation_written(tx, text_of(argv[1]));
        struct text *cells = arena_array(ctl->arena, all.count * 4, sizeof *cells), *cell = cells;
        for (size_t i = 0; i < all.count; i++) {
                const struct evaluation_written *row = &all.row[i];
                if (ctl->json)
                        ctl_json(json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "id", ctl_text(row->id),
                                           "question", ctl_text(row->question), "goal",
                                           ctl_text(row->goal), "words", ctl_text(row->words),
                                           "released_by", ctl_text(row->released_by), "released_at",
                                           row->released_by.at ? ctl_time(ctl, row->released_at)
                                                               : json_null()));
                *cell++ = row->id;
                *cell++ = row->question;
                *cell++ = row->released_by.at ? row->released_by : TEXT("–");
                *cell++ = row->words;
        }
        if (!ctl->json)
                ctl_table(heads, 4, cells, all.count);
        return ctl_end(ctl);
}

/* Does it with the words whose ids are given, or with none of them. */
static int change(struct ctl *ctl, int argc, char **argv,
                  int64_t (*act)(struct tx *, struct text_array, struct text, int64_t))
{
        if (!ctl_options(ctl, &argc, argv, 1, 1000, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const size_t count = (size_t)argc - 1;
        struct text *ids = arena_array(ctl->arena, count, sizeof *ids);
        for (size_t i = 0; i < count; i++)
                ids[i] = text_of(argv[i + 1]);
        act(tx, (struct text_array){ ids, count }, text_of(ctl->actor), tx_now(tx));
        return ctl_carry_out(ctl);
}

int evaluation_release(struct ctl *ctl, int argc, char **argv)
{
        return change(ctl, argc, argv, evaluation_release_words);
}

int evaluation_withdraw(struct ctl *ctl, int argc, char **argv)
{
        return change(ctl, argc, argv, evaluation_withdraw_words);
}

int evaluation_remove(struct ctl *ctl, int argc, char **argv)
{
        return change(ctl, argc, argv, evaluation_remove_words);
}
