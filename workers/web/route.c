/*
 * route: the table of all pages. A path ends in * where something follows that the page takes as
 * its argument. A page reads in a transaction that is ended here; if the store failed it, what it
 * wrote is thrown away.
 */
#include "workers/web/route.h"

#include "workers/web/body.h"
#include "workers/web/contacts.h"
#include "workers/web/edition.h"
#include "workers/web/entrance.h"
#include "workers/web/finding.h"
#include "workers/web/form.h"
#include "workers/web/grants.h"
#include "workers/web/held.h"
#include "workers/web/municipality.h"
#include "workers/web/pack.h"
#include "workers/web/print.h"
#include "workers/web/remedy.h"
#include "workers/web/results.h"
#include "workers/web/session.h"
#include "workers/web/sign_in.h"
#include "workers/web/staff.h"
#include "workers/web/start.h"
#include "workers/web/submission.h"
#include "workers/web/subscription.h"
#include "workers/web/survey.h"
#include "workers/web/words.h"
#include "workers/web/year.h"

enum { WISH_MOST = 200 }; /* bytes of a path to go to after signing in (web.sign_in) */

/* How a page is made. */
enum kind {
        READS, /* in a transaction that writes nothing */
        PLAIN, /* without the store */
        HOLDS, /* answers later */
};

struct route {
        enum method method;
        const char *path;
        enum kind kind;
        void (*show)(struct page *page);
        unsigned roles; /* who may open it (session.h); 0: everybody */
};

static const struct route routes[] = {
        { METHOD_GET, "/", READS, start_show, 0 },
        { METHOD_GET, "/results", READS, results_show_all, 0 },
        { METHOD_GET, "/results/*", READS, results_show, 0 },
        { METHOD_GET, "/report", READS, year_show_all, 0 },
        { METHOD_GET, "/report/*", READS, year_show, 0 },
        { METHOD_GET, "/staff/report/*", READS, year_show_to_staff, ROLES_CENTRE },
        { METHOD_GET, "/pack/*", READS, pack_show, ROLES_ALL },
        { METHOD_POST, "/pack/*", READS, pack_take, ROLE_LEADER | ROLE_COORDINATOR },
        { METHOD_GET, "/accessibility", PLAIN, start_show_accessibility, 0 },
        { METHOD_GET, "/thanks", PLAIN, form_show_thanks, 0 },
        { METHOD_GET, "/thanks/survey", PLAIN, form_show_survey_thanks, 0 },
        { METHOD_GET, "/q/*", READS, entrance_show, 0 },
        { METHOD_POST, "/q/*", READS, entrance_take, 0 },
        { METHOD_GET, "/show/*", READS, entrance_show_code, 0 },
        { METHOD_GET, "/e/*", READS, form_show, 0 },
        { METHOD_POST, "/e/*", HOLDS, submission_take, 0 },
        { METHOD_GET, "/sign-in", PLAIN, sign_in_show, 0 },
        { METHOD_POST, "/sign-in", READS, sign_in_take, 0 },
        { METHOD_GET, "/sign-in/*", READS, sign_in_show_link, 0 },
        { METHOD_POST, "/sign-in/*", READS, sign_in_use_link, 0 },
        { METHOD_POST, "/sign-out", READS, sign_in_end, ROLES_ALL },
        { METHOD_GET, "/staff", READS, staff_show, ROLES_ALL },
        { METHOD_GET, "/held/*", READS, held_show, 0 },
        { METHOD_POST, "/held/*", READS, held_take, 0 },
        { METHOD_GET, "/u/*", READS, subscription_show, 0 },
        { METHOD_POST, "/u/*", READS, subscription_take, 0 },
        { METHOD_GET, "/staff/held/*", READS, held_show, ROLE_LEADER | ROLE_COORDINATOR },
        { METHOD_POST, "/staff/held/*", READS, held_take, ROLE_LEADER | ROLE_COORDINATOR },
        { METHOD_GET, "/staff/words/*", READS, words_show, ROLES_CENTRE },
        { METHOD_POST, "/staff/words/*", READS, words_take, ROLES_CENTRE },
        { METHOD_GET, "/staff/letters/*", READS, remedy_show_letter, ROLES_OFFICE },
        { METHOD_POST, "/staff/letters/*", READS, remedy_take_letter, ROLES_OFFICE },
        { METHOD_GET, "/staff/parked/*", READS, remedy_show_parked, ROLES_OFFICE },
        { METHOD_POST, "/staff/parked/*", READS, remedy_take_parked, ROLES_OFFICE },
        { METHOD_GET, "/staff/reports", READS, edition_show_all, ROLE_LEADER },
        { METHOD_POST, "/staff/reports", READS, edition_compile, ROLE_LEADER },
        { METHOD_GET, "/staff/publish/*", READS, edition_show, ROLE_LEADER },
        { METHOD_POST, "/staff/publish/*", READS, edition_publish, ROLE_LEADER },
        { METHOD_GET, "/staff/findings/*", READS, finding_show_year, ROLES_CENTRE },
        { METHOD_POST, "/staff/findings/*", READS, finding_take, ROLES_OFFICE },
        { METHOD_GET, "/staff/finding/*", READS, finding_show, ROLES_CENTRE },
        { METHOD_POST, "/staff/finding/*", READS, finding_take_change, ROLES_OFFICE },
        { METHOD_GET, "/staff/change/*", READS, finding_show_change, ROLES_CENTRE },
        { METHOD_POST, "/staff/change/*", READS, finding_take_step, ROLES_CENTRE },
        { METHOD_POST, "/staff/contacts", READS, contacts_confirm, ROLE_LEADER | ROLE_COORDINATOR },
        { METHOD_GET, "/staff/body/*", READS, body_show, ROLES_ALL },
        { METHOD_GET, "/staff/grants", READS, grants_show, ROLES_ALL },
        { METHOD_GET, "/staff/municipality/*", READS, municipality_show, ROLES_ALL },
        { METHOD_GET, "/staff/municipalities", READS, municipality_show_all, ROLES_CENTRE },
        { METHOD_GET, "/staff/*", READS, staff_show_list, ROLES_CENTRE },
        { METHOD_GET, "/survey/*", READS, survey_show, ROLES_CENTRE },
};

/* Whether the path is the route's; leaves what follows in *argument. */
static bool fits(const struct route *route, struct text path, struct text *argument)
{
        const struct text whole = text_of(route->path);
        *argument = (struct text){ 0 };
        if (whole.at[whole.size - 1] != '*')
                return text_equal(whole, path);
        const size_t size = whole.size - 1;
        if (path.size < size || memcmp(path.at, whole.at, size) != 0)
                return false;
        *argument = (struct text){ path.at + size, path.size - size };
        return true;
}

/* Whether the path is made of plain names alone: no second host, nothing to decode, no way up. */
static bool is_plain(struct text path)
{
        struct text rest = path;
        if (path.size > WISH_MOST || !text_starts(path, TEXT("/")))
                return false;
        text_cut(&rest, '/');
        while (rest.at) {
                const struct text name = text_cut(&rest, '/');
                if (!text_is_code(name) || name.at[0] == '.')
                        return false;
        }
        return true;
}

unsigned route_roles(struct text path)
{
        struct text argument;
        for (size_t i = 0; is_plain(path) && i < sizeof routes / sizeof *routes; i++)
                if (routes[i].method == METHOD_GET && fits(&routes[i], path, &argument))
                        return routes[i].roles;
        return 0;
}

/* To sign in, and from there on to the page. */
static void go_to_sign_in(struct page *page)
{
        const struct text path = request_path(page->request);
        page_go_to(page, route_roles(path)
                                 ? arena_printf(page->arena, "/sign-in?to=%.*s", TEXT_ARGS(path))
                                 : TEXT("/sign-in"));
}

/* Whether the person may open it, and sent the form from a page of ours; else says why not. */
static bool may_open(struct page *page, const struct route *route)
{
        session_find(page);
        if (!page->person && route->method == METHOD_GET)
                go_to_sign_in(page);
        else if (!page->person)
                page_refuse(page, 403, PHRASE_staff_signed_out,
                            page_say(page, PHRASE_staff_signed_out_why, NULL));
        else if (!(page->person->roles & route->roles))
                page_refuse(page, 403, PHRASE_staff_for_others,
                            page_say(page, PHRASE_session_for,
                                     PLACES({ "roles", session_name_roles(page, route->roles) })));
        else if (route->method == METHOD_POST && !session_check_key(page))
                page_refuse(page, 403, PHRASE_page_refused,
                            page_say(page, PHRASE_page_wrong_form, NULL));
        else
                return true;
        return false;
}

/* The transaction is over: what was written stands, or the page says what became of it instead. */
static void end_page(struct page *page, enum tx_end end)
{
        const bool sent = request_method(page->request) == METHOD_POST;
        if (end == TX_DONE && page->done)
                return;
        if (sent && end == TX_REJECT)
                page_rejected(page);
        else if (sent && tx_is_unknown(page->tx))
                page_unknown(page);
        else
                page_failed(page);
}

/* Runs the page in its transaction. */
static void read_page(struct page *page, const struct route *route)
{
        struct tx *tx = page->tx;
        if (!web_begin(page->web, clock_now(page->web->service.clock))) {
                page_failed(page);
                return;
        }
        if (route->roles == 0 || may_open(page, route))
                route->show(page);
        end_page(page, web_commit(page->web));
        if (tx_position(tx, 0) > 0)
                web_wake(page->web);
}

/* Whether a browser says that the form stood on another site's page. Without the newer header the
 * older one tells; "null" is what our own pages' Referrer-Policy makes of it. */
static bool is_foreign(const struct request *request)
{
        const struct text site = request_header(request, "Sec-Fetch-Site");
        struct text origin = request_header(request, "Origin");
        if (site.at)
                return !text_equal(site, TEXT("same-origin")) && !text_equal(site, TEXT("none"));
        if (!origin.at || text_equal(origin, TEXT("null")))
                return false;
        text_cut(&origin, '/');
        text_cut(&origin, '/');
        return !text_equal(origin, request_header(request, "Host"));
}

/* Finds and runs the page. */
static void run(struct page *page)
{
        const struct text path = request_path(page->request);
        bool known = false;
        for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
                if (!fits(&routes[i], path, &page->argument))
                        continue;
                known = true;
                if (routes[i].method != request_method(page->request))
                        continue;
                if (routes[i].kind == READS)
                        read_page(page, &routes[i]);
                else
                        routes[i].show(page);
                return;
        }
        if (known)
                page_refuse(page, 405, PHRASE_page_refused,
                            page_say(page, PHRASE_page_wrong_form, NULL));
        else
                page_not_found(page);
}

void route_request(struct web *web, struct request *request)
{
        static const struct text files = { "/static/", 8 };
        struct page page;
        const struct text path = request_path(request);
        if (request_method(request) == METHOD_GET && text_starts(path, files) &&
            files_answer(web->files, (struct text){ path.at + files.size, path.size - files.size },
                         request))
                return;
        page_init(&page, web, request);
        const unsigned fault = request_fault(request);
        if (fault)
                page_refuse(&page, fault, PHRASE_page_refused,
                            page_say(&page,
                                     fault == 413 ? PHRASE_page_too_large : PHRASE_page_wrong_form,
                                     NULL));
        else if (request_method(request) == METHOD_POST && is_foreign(request))
                page_refuse(&page, 403, PHRASE_page_refused,
                            page_say(&page, PHRASE_page_foreign, NULL));
        else
                run(&page);
        if (page.done && page.print.at && page.status == 200)
                print_answer(&page);
        else if (page.done)
                page_answer(&page);
        page_clear(&page);
}
