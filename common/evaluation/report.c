/*
 * report: reads the published tables. What may be published is decided by the store's views alone;
 * here nothing is added up but the numbers of invited and answers.
 */
#include "common/evaluation/report.h"

#include <stdio.h>

/* What the scope is of, and its subject. */
static const char *find_subject(struct arena *arena, struct report_of of, struct text *subject)
{
        *subject = of.session;
        if (of.session.at)
                return "session";
        *subject = of.network;
        if (of.network.at && !of.year)
                return "network";
        *subject = arena_printf(arena, "%.*s%s%lld", TEXT_ARGS(of.network),
                                of.network.at ? "/" : "", (long long)of.year);
        return of.network.at ? "network_year" : "year";
}

struct text report_scope(struct arena *arena, struct report_of of, struct text *subject)
{
        return arena_printf(arena, "%s%s", of.follow_up ? "follow_" : "",
                            find_subject(arena, of, subject));
}

bool report_read_questions(struct tx *tx, struct report_of of, struct report *report)
{
        *report = (struct report){ .of = of };
        const struct text scope = report_scope(tx_arena(tx), of, &report->subject);
        report->tallies = report_tallies(tx, scope, report->subject);
        report->questions = report_questions(tx, scope, report->subject);
        for (size_t i = 0; i < report->tallies.count; i++) {
                report->invited += report->tallies.row[i].invited;
                report->answered += report->tallies.row[i].answered;
        }
        return report->tallies.count > 0;
}

bool report_read(struct tx *tx, struct report_of of, struct report *report)
{
        report_read_questions(tx, of, report);
        const struct text scope = report_scope(tx_arena(tx), of, &report->subject);
        report->goals = report_goals(tx, scope, report->subject);
        if (!of.session.at) {
                report->course = report_course(tx, scope, report->subject);
                report->standings =
                        report_standings(tx, of.network, of.year ? of.year : DB_NULL, of.follow_up);
        }
        return report->tallies.count > 0 || report->standings.count > 0;
}

struct text report_words(enum language language, struct text nb, struct text nn, struct text en)
{
        switch (language) {
        case LANGUAGE_NN:
                return nn;
        case LANGUAGE_EN:
                return en;
        case LANGUAGE_NB:
        default:
                return nb;
        }
}

struct text report_decimal(struct arena *arena, double number, int decimals, enum language language)
{
        char digits[40];
        const int size =
                snprintf(digits, sizeof digits, "%.*f", decimals, statistics_half_up(number));
        for (int i = 0; language != LANGUAGE_EN && i < size; i++)
                if (digits[i] == '.')
                        digits[i] = ',';
        return arena_copy(arena, text_of(digits));
}
