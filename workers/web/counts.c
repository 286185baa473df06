/*
 * counts: the names that Prometheus is told.
 */
#include "workers/web/counts.h"

/* clang-format off */
#define ANSWERS "padriver_web_answers_total", "counter", "Requests answered, by the status' first digit."

static const struct metric table[] = {
        { ANSWERS, "status", "2xx", offsetof(struct counts, answered[2]) },
        { ANSWERS, "status", "3xx", offsetof(struct counts, answered[3]) },
        { ANSWERS, "status", "4xx", offsetof(struct counts, answered[4]) },
        { ANSWERS, "status", "5xx", offsetof(struct counts, answered[5]) },
        { "padriver_web_submissions_total", "counter", "Answers to evaluations that were stored.",
          NULL, NULL, offsetof(struct counts, submissions) },
        { "padriver_web_submission_turns_total", "counter",
          "Transactions in which they were stored.", NULL, NULL, offsetof(struct counts, turns) },
        { "padriver_web_submissions_failed_total", "counter",
          "Answers that the store did not take; their senders were told.", NULL, NULL,
          offsetof(struct counts, failed) },
};
/* clang-format on */

void counts_answer(struct counts *counts, unsigned status)
{
        if (status < 600)
                counts->answered[status / 100]++;
}

void counts_write(const struct counts *counts, struct metrics_file *file, int64_t monotonic_ms)
{
        if (!metrics_due(file, monotonic_ms))
                return;
        struct metrics_page page = {
                .own = { { "process", metrics_process_number(file) }, { "program", TEXT("web") } },
                .own_count = 1, /* there may be several */
        };
        metrics_table(&page, table, sizeof table / sizeof *table, counts);
        metrics_histogram(&page, "padriver_web_submission_seconds",
                          "A transaction of answers, from its first to its commit.",
                          &counts->seconds);
        page.own_count = 2;
        metrics_process(&page);
        metrics_write(file, &page, monotonic_ms);
        metrics_clear(&page);
}
