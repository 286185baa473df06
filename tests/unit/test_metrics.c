/*
 * The text exposition format: what is escaped, how families and samples stand, and that words and
 * histograms are bounded. (promtool judges real pages in flow/test_metrics.py.)
 */
#include "common/metrics.h"
#include "tests/support/test.h"
#include <stdio.h>
#include <string.h>

struct counts {
        int64_t good, bad, alone;
};

static void test_a_table_is_told_family_by_family(void **state)
{
        static const struct metric table[] = {
                { "x_total", "counter", "Xs.", "end", "good", offsetof(struct counts, good) },
                { "x_total", "counter", "Xs.", "end", "bad", offsetof(struct counts, bad) },
                { "y", "gauge", "Ys.", NULL, NULL, offsetof(struct counts, alone) },
        };
        struct metrics_page page = { .own = { { "group", TEXT("budget") } }, .own_count = 1 };
        (void)state;
        metrics_table(&page, table, 3, &(struct counts){ 1, -2, INT64_MAX });
        assert_text_equal(((struct text){ page.text.at, page.text.size }),
                          "# HELP x_total Xs.\n"
                          "# TYPE x_total counter\n"
                          "x_total{group=\"budget\",end=\"good\"} 1\n"
                          "x_total{group=\"budget\",end=\"bad\"} -2\n"
                          "# HELP y Ys.\n"
                          "# TYPE y gauge\n"
                          "y{group=\"budget\"} 9223372036854775807\n");
        metrics_clear(&page);
}

static void test_nobody_ends_a_label_or_a_line(void **state)
{
        const struct metric_label labels[] = { { "rule", TEXT("a\"b\\c\nd} 7\nz 1") }, { 0 } };
        struct metrics_page page = { 0 };
        (void)state;
        metrics_family(&page, "z", "gauge", "One \"line\",\nwith a \\.");
        metrics_count(&page, labels, 0);
        assert_text_equal(((struct text){ page.text.at, page.text.size }),
                          "# HELP z One \"line\",\\nwith a \\\\.\n"
                          "# TYPE z gauge\n"
                          "z{rule=\"a\\\"b\\\\c\\nd} 7\\nz 1\"} 0\n");
        metrics_clear(&page);
}

static void test_seconds_have_their_microseconds(void **state)
{
        static const struct {
                int64_t microseconds;
                const char *told;
        } cases[] = { { 0, "0.000000" },
                      { 1, "0.000001" },
                      { 61000000, "61.000000" },
                      { -1500000, "-1.500000" } };
        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                struct metrics_page page = { .family = "s" };
                char want[40];
                metrics_seconds(&page, NULL, cases[i].microseconds);
                snprintf(want, sizeof want, "s %s\n", cases[i].told);
                assert_text_equal(((struct text){ page.text.at, page.text.size }), want);
                metrics_clear(&page);
        }
}

static void test_words_are_bounded(void **state)
{
        static char words[40][16];
        struct metrics_by by = { 0 };
        int64_t count = 0, others = 0;
        (void)state;
        for (int i = 0; i < 40; i++) {
                snprintf(words[i], sizeof words[i], "w%d", i);
                metrics_note(&by, words[i]);
                metrics_note(&by, i < 20 ? words[i] : "w39");
        }
        for (size_t i = 0; i < sizeof by.at / sizeof *by.at; i++) {
                count += by.at[i].count;
                others += strcmp(by.at[i].word, "other") == 0 ? by.at[i].count : 0;
        }
        assert_int_equal(count, 80);
        assert_int_equal(by.at[0].count, 2);
        assert_true(others > 10);
}

static void test_a_histogram_is_cumulative(void **state)
{
        struct metrics_histogram histogram = { 0 };
        struct metrics_page page = { 0 };
        (void)state;
        metrics_observe(&histogram, 1000);
        metrics_observe(&histogram, 1001);
        metrics_observe(&histogram, 61000000);
        metrics_histogram(&page, "h", "H.", &histogram);
        assert_text_equal(((struct text){ page.text.at, page.text.size }),
                          "# HELP h H.\n"
                          "# TYPE h histogram\n"
                          "h_bucket{le=\"0.001\"} 1\n"
                          "h_bucket{le=\"0.005\"} 2\n"
                          "h_bucket{le=\"0.025\"} 2\n"
                          "h_bucket{le=\"0.1\"} 2\n"
                          "h_bucket{le=\"0.5\"} 2\n"
                          "h_bucket{le=\"2.5\"} 2\n"
                          "h_bucket{le=\"10\"} 2\n"
                          "h_bucket{le=\"60\"} 2\n"
                          "h_bucket{le=\"+Inf\"} 3\n"
                          "h_sum 61.002001\n"
                          "h_count 3\n");
        metrics_clear(&page);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_table_is_told_family_by_family),
                cmocka_unit_test(test_nobody_ends_a_label_or_a_line),
                cmocka_unit_test(test_seconds_have_their_microseconds),
                cmocka_unit_test(test_words_are_bounded),
                cmocka_unit_test(test_a_histogram_is_cumulative),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
