/*
 * table: the frame around rows.
 */
#include "workers/web/table.h"

#include "common/db.h"

/* Opens an element that keeps its role where it is displayed as a block. */
static void open_as(struct html *h, const char *element, const char *role)
{
        html_open(h, element);
        html_set(h, "role", text_of(role));
}

/* The heads' row. */
static void put_heads(struct html *h, const struct text *heads, size_t count)
{
        open_as(h, "thead", "rowgroup");
        open_as(h, "tr", "row");
        for (size_t i = 0; i < count; i++) {
                open_as(h, "th", "columnheader");
                html_set(h, "scope", TEXT("col"));
                html_say(h, heads[i]);
                html_close(h);
        }
        html_close(h);
        html_close(h);
}

void table_begin(struct page *page, struct text caption, const enum phrase *heads)
{
        struct html *h = page->html;
        size_t count = 0;
        while (heads[count] != PHRASE_count)
                count++;
        struct text *labels = arena_array(page->arena, count, sizeof *labels);
        for (size_t i = 0; i < count; i++)
                labels[i] = page_say(page, heads[i], NULL);
        html_open(h, "section");
        html_set(h, "class", TEXT("wide stack"));
        html_set(h, "aria-label", caption);
        html_set(h, "tabindex", TEXT("0"));
        open_as(h, "table", "table");
        html_set(h, "class", TEXT("ds-table"));
        html_classed(h, "caption", "ds-sr-only", caption);
        put_heads(h, labels, count);
        open_as(h, "tbody", "rowgroup");
        html_label_cells(h, labels, count);
}

void table_end(struct page *page)
{
        html_label_cells(page->html, NULL, 0);
        html_close(page->html);
        html_close(page->html);
        html_close(page->html);
}

void table_row(struct page *page)
{
        html_open(page->html, "tr");
}

void table_end_row(struct page *page)
{
        html_close(page->html);
}

void table_cell(struct page *page, struct text words)
{
        html_element(page->html, "td", words);
}

void table_number(struct page *page, int64_t number)
{
        table_cell(page, arena_printf(page->arena, "%lld", (long long)number));
}

void table_time(struct page *page, int64_t time)
{
        table_cell(page, page_time(page, time));
}

void table_link(struct page *page, struct text href, struct text words)
{
        html_open(page->html, "td");
        html_link(page->html, href, words);
        html_close(page->html);
}

void table_money(struct page *page, int64_t ore)
{
        table_cell(page, money_text(page->arena, ore, page->language));
}

void table_day(struct page *page, int64_t day, enum phrase none)
{
        if (day == DB_NULL)
                page_put(page, "td", none, NULL);
        else
                table_cell(page, day_short(page->arena, (int32_t)day));
}

void table_day_of(struct page *page, int64_t time, enum phrase none)
{
        table_day(page, time == DB_NULL ? DB_NULL : day_at(time, NULL, NULL), none);
}
