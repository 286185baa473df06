/*
 * chart: what a table says, drawn as SVG on the server. Patterns and labels tell, never colour
 * alone, so that a chart is read in black and white; there is no style but attributes, as our
 * Content-Security-Policy asks. A chart never stands without its table.
 */
#pragma once

#include "common/arena.h"
#include <libxml/xmlwriter.h>

/* id: of this chart alone in its page, letters and digits. */
struct chart {
        const char *id;
        struct text title, description; /* for who does not see it */
};

/* One bar: how many answered 1 to 5. What is behind them is not drawn. */
struct chart_bar {
        struct text label;
        struct int_array counts;
};

/* Horizontal bars of 100 % each, with a legend of the five patterns. */
void chart_distribution(xmlTextWriterPtr out, const struct chart *chart,
                        const struct chart_bar *bars, size_t count);

/* A point of a course: of which session, how high (1 to 5), and how that is written. Points of one
 * series are joined; another wording is another series. Points come in the order of sessions. */
struct chart_point {
        struct text label, written;
        double value;
        int64_t series;
};

/* Development over sessions: a line with dots for each series, on a scale from 1 to 5. */
void chart_course(xmlTextWriterPtr out, const struct chart *chart, const struct chart_point *points,
                  size_t count);
