/*
 * grants: a row a grant, then for each that is shared out its areas.
 */
#include "workers/web/grants.h"

#include "workers/web/grants_sql.h"
#include "workers/web/session.h"
#include "workers/web/table.h"
#include "workers/web/ways.h"
#include "workers/web/ways_sql.h"

/* How much of it came. */
static enum phrase find_state(const struct web_grants *grant)
{
        if (grant->received_ore >= grant->amount_ore)
                return PHRASE_grants_whole;
        return grant->received_ore > 0 ? PHRASE_grants_part : PHRASE_grants_nothing;
}

static void put_grants(struct page *page, const struct web_grants_rows *rows)
{
        table_begin(page, page_say(page, PHRASE_grants_title, NULL),
                    (const enum phrase[]){ PHRASE_staff_grant, PHRASE_grants_funder,
                                           PHRASE_grants_amount, PHRASE_staff_received,
                                           PHRASE_start_state, PHRASE_grants_shared,
                                           PHRASE_count });
        for (size_t i = 0; i < rows->count; i++) {
                const struct web_grants *r = &rows->row[i];
                table_row(page);
                table_cell(page, r->grant_id);
                table_cell(page, r->funder);
                table_money(page, r->amount_ore);
                table_money(page, r->received_ore);
                page_put(page, "td", find_state(r), NULL);
                table_day_of(page, r->version > 0 ? r->distributed_at : DB_NULL,
                             PHRASE_grants_not_shared);
                table_end_row(page);
        }
        table_end(page);
}

static void put_share(struct page *page, const struct web_grant_shares *r)
{
        table_row(page);
        if (r->area.at)
                table_cell(page, r->area);
        else
                page_put(page, "td", PHRASE_grants_host, NULL);
        table_cell(page, r->municipality);
        table_money(page, r->amount_ore);
        if (r->area.at)
                table_day_of(page, r->told_at, PHRASE_grants_not_told);
        else
                table_cell(page, TEXT(""));
        table_end_row(page);
}

/* How a grant was shared, under which decision. */
static void put_shares(struct page *page, const struct web_grants *grant,
                       const struct web_grant_shares_rows *rows)
{
        const struct text title =
                page_say(page, PHRASE_grants_shares_of, PLACES({ "grant", grant->grant_id }));
        html_classed(page->html, "h2", "ds-heading", title);
        page_put(page, "p", PHRASE_grants_decision,
                 PLACES({ "decision", grant->decision },
                        { "version", arena_printf(page->arena, "%d", (int)grant->version) }));
        table_begin(page, title,
                    (const enum phrase[]){ PHRASE_area, PHRASE_grants_employer,
                                           PHRASE_grants_amount, PHRASE_grants_told,
                                           PHRASE_count });
        for (size_t i = 0; i < rows->count; i++)
                if (text_equal(rows->row[i].grant_id, grant->grant_id))
                        put_share(page, &rows->row[i]);
        table_end(page);
}

/* All of them. */
static void put_page(struct page *page, int32_t today)
{
        const struct web_grants_rows grants = web_grants(page->tx, page->person->id, today);
        const struct web_grant_shares_rows shares =
                web_grant_shares(page->tx, page->person->id, today);
        page_begin(page, page_say(page, PHRASE_grants_title, NULL));
        if (grants.count == 0)
                page_put(page, "p", PHRASE_grants_none, NULL);
        else
                put_grants(page, &grants);
        for (size_t i = 0; i < grants.count; i++)
                if (grants.row[i].version > 0)
                        put_shares(page, &grants.row[i], &shares);
        if (shares.count > 0)
                page_put(page, "p", PHRASE_grants_read, NULL);
        ways_put_back(page);
        page_end(page);
}

void grants_show(struct page *page)
{
        const int32_t today = page_today(page);
        struct web_sees_grants grants = { 0 };
        if (web_sees_grants(page->tx, page->person->id, today, &grants) && grants.may)
                put_page(page, today);
        else
                page_not_yours(page);
}
