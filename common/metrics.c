/*
 * metrics: the page. Line ends, quotes and backslashes in labels, and line ends and backslashes in
 * help, are escaped as the format wants it.
 */
#include "common/metrics.h"
#include "common/log.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Upper bounds of the histogram, in microseconds, and as they are written. */
static const struct {
        int64_t at;
        const char *name;
} bounds[METRICS_BOUNDS] = { { 1000, "0.001" },  { 5000, "0.005" }, { 25000, "0.025" },
                             { 100000, "0.1" },  { 500000, "0.5" }, { 2500000, "2.5" },
                             { 10000000, "10" }, { 60000000, "60" } };

void metrics_clear(struct metrics_page *page)
{
        buffer_clear(&page->text);
        page->family = NULL;
}

static void add(struct metrics_page *page, const char *string)
{
        buffer_add(&page->text, string, strlen(string));
}

/* A text with what would end it escaped. */
static void add_escaped(struct metrics_page *page, struct text text, bool quoted)
{
        for (size_t i = 0; i < text.size; i++) {
                char c = text.at[i];
                if (c == '\\' || (quoted && c == '"')) {
                        add(page, "\\");
                }
                if (c == '\n') {
                        add(page, "\\n");
                } else {
                        buffer_add(&page->text, &c, 1);
                }
        }
}

void metrics_family(struct metrics_page *page, const char *name, const char *type, const char *help)
{
        if (page->family && strcmp(page->family, name) == 0) {
                return;
        }
        page->family = name;
        add(page, "# HELP ");
        add(page, name);
        add(page, " ");
        add_escaped(page, text_of(help), false);
        add(page, "\n# TYPE ");
        add(page, name);
        add(page, " ");
        add(page, type);
        add(page, "\n");
}

/* One label, the first of its sample or another. */
static void add_label(struct metrics_page *page, bool first, const struct metric_label *label)
{
        add(page, first ? "{" : ",");
        add(page, label->name);
        add(page, "=\"");
        add_escaped(page, label->value, true);
        add(page, "\"");
}

/* A sample's name and labels; the value follows. */
static void add_sample(struct metrics_page *page, const char *suffix,
                       const struct metric_label *labels)
{
        bool first = true;
        add(page, page->family);
        add(page, suffix);
        for (size_t i = 0; i < page->own_count; i++, first = false) {
                add_label(page, first, &page->own[i]);
        }
        for (; labels && labels->name; labels++, first = false) {
                add_label(page, first, labels);
        }
        add(page, first ? " " : "} ");
}

static void add_number(struct metrics_page *page, int64_t value)
{
        char number[32];
        snprintf(number, sizeof number, "%" PRId64 "\n", value);
        add(page, number);
}

/* Microseconds as seconds. */
static void add_seconds(struct metrics_page *page, int64_t microseconds)
{
        char number[48];
        int64_t size = microseconds < 0 ? -microseconds : microseconds;
        snprintf(number, sizeof number, "%s%" PRId64 ".%06" PRId64 "\n",
                 microseconds < 0 ? "-" : "", size / 1000000, size % 1000000);
        add(page, number);
}

void metrics_count(struct metrics_page *page, const struct metric_label *labels, int64_t value)
{
        add_sample(page, "", labels);
        add_number(page, value);
}

void metrics_seconds(struct metrics_page *page, const struct metric_label *labels,
                     int64_t microseconds)
{
        add_sample(page, "", labels);
        add_seconds(page, microseconds);
}

void metrics_table(struct metrics_page *page, const struct metric *table, size_t count,
                   const void *counts)
{
        for (size_t i = 0; i < count; i++) {
                const struct metric *row = &table[i];
                const struct metric_label labels[] = { { row->label, text_of(row->value) }, { 0 } };
                metrics_family(page, row->name, row->type, row->help);
                metrics_count(page, labels,
                              *(const int64_t *)(const void *)((const char *)counts + row->offset));
        }
}

void metrics_note(struct metrics_by *by, const char *word)
{
        const size_t last = sizeof by->at / sizeof *by->at - 1;
        size_t i = 0;
        while (i < last && by->at[i].word && strcmp(by->at[i].word, word) != 0) {
                i++;
        }
        by->at[i].word = i == last ? "other" : by->at[i].word ? by->at[i].word : word;
        by->at[i].count++;
}

void metrics_words(struct metrics_page *page, const char *label, const struct metrics_by *by)
{
        for (size_t i = 0; i < sizeof by->at / sizeof *by->at; i++) {
                if (by->at[i].word) {
                        const struct metric_label labels[] = { { label, text_of(by->at[i].word) },
                                                               { 0 } };
                        metrics_count(page, labels, by->at[i].count);
                }
        }
}

void metrics_observe(struct metrics_histogram *histogram, int64_t microseconds)
{
        for (size_t i = 0; i < METRICS_BOUNDS; i++) {
                histogram->below[i] += microseconds <= bounds[i].at;
        }
        histogram->count++;
        histogram->sum += microseconds;
}

void metrics_histogram(struct metrics_page *page, const char *name, const char *help,
                       const struct metrics_histogram *histogram)
{
        struct metric_label labels[] = { { "le", TEXT("") }, { 0 } };
        metrics_family(page, name, "histogram", help);
        for (size_t i = 0; i < METRICS_BOUNDS; i++) {
                labels[0].value = text_of(bounds[i].name);
                add_sample(page, "_bucket", labels);
                add_number(page, histogram->below[i]);
        }
        labels[0].value = TEXT("+Inf");
        add_sample(page, "_bucket", labels);
        add_number(page, histogram->count);
        add_sample(page, "_sum", NULL);
        add_seconds(page, histogram->sum);
        add_sample(page, "_count", NULL);
        add_number(page, histogram->count);
}

/* The process's memory in bytes, as the kernel says; 0 if it does not. */
static int64_t resident_bytes(void)
{
        char line[100] = "";
        FILE *file = fopen("/proc/self/statm", "r");
        if (file) {
                struct text rest = text_of(fgets(line, sizeof line, file));
                int64_t pages = 0;
                text_cut(&rest, ' ');
                text_to_int(text_cut(&rest, ' '), &pages);
                fclose(file);
                return pages * sysconf(_SC_PAGESIZE);
        }
        return 0;
}

void metrics_process(struct metrics_page *page)
{
        const struct metric_label version[] = { { "version", text_of(PADRIVER_VERSION) }, { 0 } };
        struct rusage usage = { 0 };
        getrusage(RUSAGE_SELF, &usage);
        metrics_family(page, "padriver_build_info", "gauge", "1, with the program's version.");
        metrics_count(page, version, 1);
        metrics_family(page, "padriver_process_cpu_seconds_total", "counter",
                       "Processor time used, of user and system.");
        metrics_seconds(page, NULL,
                        (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000) +
                                usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
        metrics_family(page, "padriver_process_resident_memory_bytes", "gauge",
                       "Memory held, shared pages included.");
        metrics_count(page, NULL, resident_bytes());
}
