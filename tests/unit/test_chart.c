/*
 * chart: what is drawn is what was counted, says itself aloud, and needs no colour and no style.
 */
#include "tests/support/random.h"
#include "tests/support/test.h"
#include "workers/web/chart.c"
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <math.h>
#include <stdlib.h>

static const struct chart chart = { "c1", { "Svar <på> \"q1\" & q2", 20 }, { "n = 12", 6 } };

/* What a chart draws, as a document. */
struct drawn {
        xmlBufferPtr buffer;
        xmlTextWriterPtr out;
        xmlDocPtr document;
        xmlXPathContextPtr paths;
};

static struct drawn begin_drawing(void)
{
        struct drawn drawn = { .buffer = xmlBufferCreate() };
        drawn.out = xmlNewTextWriterMemory(drawn.buffer, 0);
        return drawn;
}

static void end_drawing(struct drawn *drawn)
{
        xmlFreeTextWriter(drawn->out);
        drawn->document =
                xmlReadMemory((const char *)xmlBufferContent(drawn->buffer),
                              xmlBufferLength(drawn->buffer), NULL, NULL, XML_PARSE_NONET);
        assert_non_null(drawn->document);
        drawn->paths = xmlXPathNewContext(drawn->document);
        xmlXPathRegisterNs(drawn->paths, (const xmlChar *)"s",
                           (const xmlChar *)"http://www.w3.org/2000/svg");
}

static void drop(struct drawn *drawn)
{
        xmlXPathFreeContext(drawn->paths);
        xmlFreeDoc(drawn->document);
        xmlBufferFree(drawn->buffer);
}

/* A number that a path comes to. */
static double ask(const struct drawn *drawn, const char *path)
{
        xmlXPathObjectPtr answer = xmlXPathEvalExpression((const xmlChar *)path, drawn->paths);
        assert_non_null(answer);
        const double number = xmlXPathCastToNumber(answer);
        xmlXPathFreeObject(answer);
        return number;
}

static void check_frame(const struct drawn *drawn)
{
        assert_true(ask(drawn, "count(/s:svg[@role='img'])") == 1);
        assert_true(ask(drawn,
                        "count(/s:svg/s:title[@id='c1-title'][.='Svar <på> \"q1\" & q2'])") == 1);
        assert_true(ask(drawn, "count(/s:svg/s:desc[@id='c1-desc'])") == 1);
        assert_true(ask(drawn, "count(//@style)") == 0);
        assert_true(ask(drawn, "count(//s:style)") == 0);
        assert_true(ask(drawn, "count(//*[not(self::s:pattern)][@id='c1-1'])") == 0);
}

static void test_a_bar_is_as_long_as_its_counts(void **state)
{
        (void)state;
        struct random random = { 5 };
        for (int round = 0; round < 200; round++) {
                int64_t counts[6], n = 0;
                for (int i = 0; i < 6; i++)
                        counts[i] = random_within(&random, 0, 3) * random_within(&random, 0, 9);
                for (int i = 0; i < 5; i++)
                        n += counts[i];
                const struct chart_bar bar = { TEXT("Jeg lærte noe nytt"), { counts, 6 } };
                struct drawn drawn = begin_drawing();
                chart_distribution(drawn.out, &chart, &bar, 1);
                end_drawing(&drawn);
                check_frame(&drawn);
                for (int i = 0; i < 5; i++) {
                        char path[120];
                        snprintf(path, sizeof path,
                                 "sum(//s:rect[@fill='url(#c1-%d)'][@height=%d]/@width)", i + 1,
                                 BAR);
                        const double width = n ? 359.0 * (double)counts[i] / (double)n : 0;
                        assert_true(fabs(ask(&drawn, path) - width) < 0.06);
                }
                drop(&drawn);
        }
}

static void test_each_rating_has_a_pattern_of_its_own(void **state)
{
        (void)state;
        const int64_t counts[6] = { 3, 3, 3, 3, 3, 0 };
        const struct chart_bar bar = { TEXT("x"), { counts, 6 } };
        struct drawn drawn = begin_drawing();
        chart_distribution(drawn.out, &chart, &bar, 1);
        end_drawing(&drawn);
        assert_true(ask(&drawn, "count(//s:pattern)") == 5);
        assert_true(ask(&drawn,
                        "count(//s:pattern[concat(@width, @patternTransform, s:rect[2]/@width, "
                        "s:rect[2]/@height) = concat(preceding::s:pattern/@width, "
                        "preceding::s:pattern/@patternTransform, "
                        "preceding::s:pattern/s:rect[2]/@width, "
                        "preceding::s:pattern/s:rect[2]/@height)])") == 0);
        assert_true(ask(&drawn, "count(//s:text[.='3'])") == 6); /* five segments and the legend */
        drop(&drawn);
}

static void test_long_labels_stand_on_lines_within_the_chart(void **state)
{
        (void)state;
        const int64_t counts[6] = { 1, 0, 0, 0, 0, 0 };
        const struct chart_bar bar = {
                TEXT("I hvilken grad bidro samlingen til dette delmålet: "
                     "ååååååååååååååååååååååååååååååååååååååååååååååååååååååååå"
                     " øøø?"),
                { counts, 6 }
        };
        struct drawn drawn = begin_drawing();
        chart_distribution(drawn.out, &chart, &bar, 1);
        end_drawing(&drawn);
        assert_true(ask(&drawn, "count(//s:text[string-length(.) > 46])") == 0);
        assert_true(ask(&drawn, "count(//s:text[@text-anchor='start'])") == 4);
        drop(&drawn);
}

static void test_points_of_one_wording_are_joined_and_no_others(void **state)
{
        (void)state;
        const struct chart_point points[] = { { TEXT("N1-S1"), TEXT("4,2"), 4.2, 1 },
                                              { TEXT("N1-S2"), TEXT("3,0"), 3, 1 },
                                              { TEXT("N1-S3"), TEXT("5,0"), 5, 2 },
                                              { TEXT("N1-S4"), TEXT("1,0"), 1, 2 } };
        struct drawn drawn = begin_drawing();
        chart_course(drawn.out, &chart, points, 4);
        end_drawing(&drawn);
        check_frame(&drawn);
        assert_true(ask(&drawn, "count(//s:line[@stroke-width='2.0'])") == 2);
        assert_true(ask(&drawn, "count(//s:circle)") == 2);
        assert_true(ask(&drawn, "count(//s:rect[@stroke])") == 2);
        assert_true(ask(&drawn, "count(//s:text[.='4,2' or .='3,0' or .='5,0' or .='1,0'])") == 4);
        assert_true(ask(&drawn, "number(//s:circle[1]/@cy)") <
                    ask(&drawn, "number(//s:circle[2]/@cy)"));
        drop(&drawn);
}

static void test_nothing_to_draw_is_an_empty_chart(void **state)
{
        (void)state;
        struct drawn drawn = begin_drawing();
        chart_course(drawn.out, &chart, NULL, 0);
        end_drawing(&drawn);
        check_frame(&drawn);
        drop(&drawn);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_bar_is_as_long_as_its_counts),
                cmocka_unit_test(test_each_rating_has_a_pattern_of_its_own),
                cmocka_unit_test(test_long_labels_stand_on_lines_within_the_chart),
                cmocka_unit_test(test_points_of_one_wording_are_joined_and_no_others),
                cmocka_unit_test(test_nothing_to_draw_is_an_empty_chart),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
