/*
 * chart: units are those of the viewBox, which is as narrow as a phone: the text stays readable
 * where the page is 320 pixels wide. A segment that is too narrow for its number leaves it to the
 * table.
 */
#include "workers/web/chart.h"

#include <stdarg.h>
#include <stdio.h>

#define WIDTH 360
#define INK   "#0b2545"
#define PAPER "#ffffff"

enum {
        FONT = 14,
        LINE = 18,         /* a line of text */
        LETTERS = 46,      /* of a line */
        BAR = 26,          /* height */
        GAP = 16,          /* between bars */
        LABEL_LEAST = 20,  /* a segment's width that has room for its number */
        LEGEND = 2 * LINE, /* height */
        LEFT = 24,         /* of a course: where its scale stands */
        TOP = 24,
        STEP = 32,    /* from one value of the scale to the next */
        WRITTEN = 26, /* width of a point's value */
};

static void start(xmlTextWriterPtr out, const char *element)
{
        xmlTextWriterStartElement(out, (const xmlChar *)element);
}

static void end(xmlTextWriterPtr out)
{
        xmlTextWriterEndElement(out);
}

/* An attribute as printf writes it. */
static void __attribute__((format(printf, 3, 4)))
set(xmlTextWriterPtr out, const char *name, const char *format, ...)
{
        char value[200];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(value, sizeof value, format, arguments);
        va_end(arguments);
        xmlTextWriterWriteAttribute(out, (const xmlChar *)name, (const xmlChar *)value);
}

/* Text in the open element. It has been checked to be UTF-8 where it came in. */
static void say(xmlTextWriterPtr out, struct text words)
{
        char bytes[500];
        while (words.size > 0) {
                size_t size = words.size < sizeof bytes ? words.size : sizeof bytes - 1;
                while (size < words.size && size > 1 &&
                       ((unsigned char)words.at[size] & 0xc0) == 0x80)
                        size--;
                memcpy(bytes, words.at, size);
                bytes[size] = '\0';
                xmlTextWriterWriteString(out, (const xmlChar *)bytes);
                words.at += size;
                words.size -= size;
        }
}

/* A line of text; anchor as SVG names it. */
static void put_words(xmlTextWriterPtr out, double x, double y, const char *anchor,
                      struct text words)
{
        start(out, "text");
        set(out, "x", "%.1f", x);
        set(out, "y", "%.1f", y);
        set(out, "text-anchor", "%s", anchor);
        say(out, words);
        end(out);
}

static void put_number(xmlTextWriterPtr out, double x, double y, int64_t number)
{
        char digits[24];
        snprintf(digits, sizeof digits, "%lld", (long long)number);
        put_words(out, x, y, "middle", text_of(digits));
}

static void put_box(xmlTextWriterPtr out, double x, double y, double width, double height)
{
        start(out, "rect");
        set(out, "x", "%.1f", x);
        set(out, "y", "%.1f", y);
        set(out, "width", "%.1f", width);
        set(out, "height", "%.1f", height);
}

static void put_line(xmlTextWriterPtr out, double x1, double y1, double x2, double y2, double width)
{
        start(out, "line");
        set(out, "x1", "%.1f", x1);
        set(out, "y1", "%.1f", y1);
        set(out, "x2", "%.1f", x2);
        set(out, "y2", "%.1f", y2);
        set(out, "stroke", INK);
        set(out, "stroke-width", "%.1f", width);
        end(out);
}

/* The svg element with what is read aloud. */
static void begin(xmlTextWriterPtr out, const struct chart *chart, double height)
{
        start(out, "svg");
        set(out, "xmlns", "http://www.w3.org/2000/svg");
        set(out, "class", "chart");
        set(out, "role", "img");
        set(out, "viewBox", "0 0 %d %.0f", WIDTH, height);
        set(out, "aria-labelledby", "%s-title %s-desc", chart->id, chart->id);
        set(out, "font-size", "%d", FONT);
        set(out, "fill", INK);
        start(out, "title");
        set(out, "id", "%s-title", chart->id);
        say(out, chart->title);
        end(out);
        start(out, "desc");
        set(out, "id", "%s-desc", chart->id);
        say(out, chart->description);
        end(out);
}

/* The patterns of 1 to 5: from empty to full, no two alike without colour. */
static void put_patterns(xmlTextWriterPtr out, const struct chart *chart)
{
        static const struct {
                int size, turn, ink; /* ink: how much of the size is drawn */
        } patterns[] = { { 6, 0, 0 }, { 8, 45, 1 }, { 5, 0, 1 }, { 6, -45, 3 }, { 6, 0, 6 } };
        start(out, "defs");
        for (int i = 0; i < 5; i++) {
                start(out, "pattern");
                set(out, "id", "%s-%d", chart->id, i + 1);
                set(out, "width", "%d", patterns[i].size);
                set(out, "height", "%d", patterns[i].size);
                set(out, "patternUnits", "userSpaceOnUse");
                set(out, "patternTransform", "rotate(%d)", patterns[i].turn);
                put_box(out, 0, 0, patterns[i].size, patterns[i].size);
                set(out, "fill", PAPER);
                end(out);
                put_box(out, 0, 0, patterns[i].ink, i == 2 ? 2 : patterns[i].size);
                end(out);
                end(out);
        }
        end(out);
}

/* A box filled with the pattern of a rating. */
static void put_segment(xmlTextWriterPtr out, const struct chart *chart, int rating, double x,
                        double y, double width, double height)
{
        put_box(out, x, y, width, height);
        set(out, "fill", "url(#%s-%d)", chart->id, rating);
        set(out, "stroke", INK);
        end(out);
}

/* Which pattern is which rating. */
static void put_legend(xmlTextWriterPtr out, const struct chart *chart)
{
        for (int rating = 1; rating <= 5; rating++) {
                const double x = (rating - 1) * WIDTH / 5.0 + 1;
                put_segment(out, chart, rating, x, 2, 24, LINE);
                put_number(out, x + 36, LINE - 1, rating);
        }
}

/* How many bytes of the words stand on one line: cut at a space where there is one. */
static size_t find_line(struct text words)
{
        size_t letters = 0, space = 0;
        for (size_t i = 0; i < words.size; i++) {
                letters += ((unsigned char)words.at[i] & 0xc0) != 0x80;
                if (letters > LETTERS)
                        return space ? space : i;
                if (words.at[i] == ' ')
                        space = i;
        }
        return words.size;
}

/* Writes the words in lines from y on (out may be NULL: only counts); returns the height. */
static double put_lines(xmlTextWriterPtr out, double y, struct text words)
{
        double height = 0;
        while (words.size > 0) {
                const size_t size = find_line(words);
                height += LINE;
                if (out)
                        put_words(out, 0, y + height - 4, "start", (struct text){ words.at, size });
                words.at += size;
                words.size -= size;
                words = text_trim(words);
        }
        return height;
}

/* One bar of 100 %; a number stands on paper, whatever the pattern. */
static void put_bar(xmlTextWriterPtr out, const struct chart *chart, double y,
                    struct int_array counts)
{
        int64_t n = 0;
        double x = 0.5;
        for (size_t i = 0; i < 5; i++)
                n += counts.at[i];
        for (int i = 0; n > 0 && i < 5; i++) {
                const double width = (WIDTH - 1.0) * (double)counts.at[i] / (double)n;
                if (counts.at[i] > 0)
                        put_segment(out, chart, i + 1, x, y, width, BAR);
                if (width >= LABEL_LEAST) {
                        put_box(out, x + width / 2 - 9, y + 4, 18, BAR - 8);
                        set(out, "fill", PAPER);
                        end(out);
                        put_number(out, x + width / 2, y + BAR / 2.0 + 5, counts.at[i]);
                }
                x += width;
        }
}

void chart_distribution(xmlTextWriterPtr out, const struct chart *chart,
                        const struct chart_bar *bars, size_t count)
{
        double y = LEGEND, height = LEGEND;
        for (size_t i = 0; i < count; i++)
                height += put_lines(NULL, 0, bars[i].label) + BAR + GAP;
        begin(out, chart, height);
        put_patterns(out, chart);
        put_legend(out, chart);
        for (size_t i = 0; i < count; i++) {
                y += put_lines(out, y, bars[i].label);
                put_bar(out, chart, y + 2, bars[i].counts);
                y += BAR + GAP;
        }
        end(out);
}

static double find_height(double value)
{
        return TOP + (5 - value) * STEP;
}

/* The scale from 1 to 5. */
static void put_scale(xmlTextWriterPtr out)
{
        for (int value = 1; value <= 5; value++) {
                put_number(out, LEFT / 2.0 - 4, find_height(value) + 5, value);
                put_line(out, LEFT, find_height(value), WIDTH, find_height(value), 0.3);
        }
}

/* A mark whose shape tells the series. */
static void put_mark(xmlTextWriterPtr out, double x, double y, int64_t series)
{
        start(out, series % 2 ? "circle" : "rect");
        if (series % 2) {
                set(out, "cx", "%.1f", x);
                set(out, "cy", "%.1f", y);
                set(out, "r", "5");
        } else {
                set(out, "x", "%.1f", x - 5);
                set(out, "y", "%.1f", y - 5);
                set(out, "width", "10");
                set(out, "height", "10");
        }
        set(out, "fill", "%s", series % 4 < 2 ? INK : PAPER);
        set(out, "stroke", INK);
        set(out, "stroke-width", "2");
        end(out);
}

/* Whether a point begins a new place on the axis: another session than the one before. */
static bool is_new(const struct chart_point *points, size_t i)
{
        return i == 0 || !text_equal(points[i].label, points[i - 1].label);
}

void chart_course(xmlTextWriterPtr out, const struct chart *chart, const struct chart_point *points,
                  size_t count)
{
        size_t places = 0, place = 0;
        for (size_t i = 0; i < count; i++)
                places += is_new(points, i);
        const double step = (WIDTH - LEFT) / (double)(places ? places : 1);
        double last_x = 0;
        begin(out, chart, find_height(1) + 2 * LINE + 4);
        put_scale(out);
        for (size_t i = 0; i < count; i++) {
                place += is_new(points, i);
                const double x = LEFT + step * ((double)place - 0.5);
                const double y = find_height(points[i].value);
                if (i > 0 && points[i].series == points[i - 1].series)
                        put_line(out, last_x, find_height(points[i - 1].value), x, y, 2);
                last_x = x;
        }
        place = 0;
        for (size_t i = 0; i < count; i++) {
                const bool new = is_new(points, i);
                place += new;
                const double x = LEFT + step * ((double)place - 0.5);
                const double y = find_height(points[i].value);
                put_mark(out, x, y, points[i].series);
                put_box(out, x - WRITTEN / 2.0, y - 10 - FONT, WRITTEN, FONT + 2);
                set(out, "fill", PAPER); /* lines run behind */
                end(out);
                put_words(out, x, y - 10, "middle", points[i].written);
                if (new && (places <= 7 || place % (places / 7 + 1) == 1))
                        put_words(out, x, find_height(1) + LINE + 6, "middle", points[i].label);
        }
        end(out);
}
