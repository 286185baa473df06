/*
 * page: the frame that all pages share, and the headers that keep them safe: no script or style but
 * our own files, no frames, no referrer, nothing kept by caches.
 */
#include "workers/web/page.h"

#define YEAR "31536000" /* seconds */

/* The language that a code names; false: none of ours. */
static bool read_language(struct text code, enum language *language)
{
        *language = language_of(code);
        return text_equal(code, language_code(*language));
}

/* The first of Accept-Language that is ours; "no" is bokmål. */
static enum language read_accepted(struct text accepted)
{
        enum language language = LANGUAGE_NB;
        while (accepted.at) {
                struct text one = text_trim(text_cut(&accepted, ','));
                struct text tag = text_trim(text_cut(&one, ';'));
                const struct text code = text_cut(&tag, '-');
                if (read_language(code, &language) || text_equal(code, TEXT("no")))
                        return language;
        }
        return language;
}

/* What the reader asked for last. */
static enum language choose_language(struct page *page)
{
        enum language language;
        const struct text asked = request_query(page->request, "lang");
        if (read_language(asked, &language)) {
                request_set_header(page->request, "Set-Cookie",
                                   arena_printf(page->arena,
                                                "lang=%.*s; Path=/; Max-Age=" YEAR
                                                "; SameSite=Lax; HttpOnly%s",
                                                TEXT_ARGS(asked),
                                                page->web->secure ? "; Secure" : ""));
                return language;
        }
        if (read_language(request_cookie(page->request, "lang"), &language))
                return language;
        return read_accepted(request_header(page->request, "Accept-Language"));
}

void page_init(struct page *page, struct web *web, struct request *request)
{
        *page = (struct page){
                .web = web,
                .request = request,
                .tx = web->tx,
                .arena = request_arena(request),
                .status = 200,
        };
        page->language = choose_language(page);
}

void page_clear(struct page *page)
{
        html_destroy(&page->html);
}

struct text page_say(const struct page *page, enum phrase what, const struct place *places)
{
        return phrase(page->arena, page->language, what, places);
}

void page_put(const struct page *page, const char *element, enum phrase what,
              const struct place *places)
{
        html_element(page->html, element, page_say(page, what, places));
}

void page_note(const struct page *page, enum phrase what)
{
        html_open(page->html, "p");
        html_set(page->html, "class", TEXT("ds-alert"));
        html_set(page->html, "data-color", TEXT("success"));
        html_set(page->html, "role", TEXT("status"));
        html_say(page->html, page_say(page, what, NULL));
        html_close(page->html);
}

void page_put_link(const struct page *page, struct text href, enum phrase words)
{
        html_open(page->html, "p");
        html_link(page->html, href, page_say(page, words, NULL));
        html_close(page->html);
}

struct text page_pick(const struct page *page, struct text nb, struct text nn, struct text en)
{
        return page->language == LANGUAGE_NN ? nn : page->language == LANGUAGE_EN ? en : nb;
}

int32_t page_today(const struct page *page)
{
        return day_at(tx_now(page->tx), NULL, NULL);
}

struct text page_day(const struct page *page, int32_t day)
{
        return day_long(page->arena, day, page->language);
}

struct text page_time(const struct page *page, int64_t time)
{
        return arena_printf(page->arena, "%.*s %.*s",
                            TEXT_ARGS(day_short(page->arena, day_at(time, NULL, NULL))),
                            TEXT_ARGS(time_wall(page->arena, time, page->language)));
}

/* <head>. */
static void put_head(struct page *page, struct text title)
{
        static const char *const sheets[] = { "designsystemet-theme.css", "designsystemet.css",
                                              "padriver.css" };
        struct html *h = page->html;
        html_open(h, "head");
        html_open(h, "meta");
        html_set(h, "charset", TEXT("utf-8"));
        html_close(h);
        html_open(h, "meta");
        html_set(h, "name", TEXT("viewport"));
        html_set(h, "content", TEXT("width=device-width, initial-scale=1"));
        html_close(h);
        html_element(h, "title",
                     arena_printf(page->arena, "%.*s – %s", TEXT_ARGS(title),
                                  page->web->service.conf.mail_name));
        for (size_t i = 0; i < sizeof sheets / sizeof *sheets; i++) {
                html_open(h, "link");
                html_set(h, "rel", TEXT("stylesheet"));
                html_set(h, "href", files_path(page->web->files, sheets[i]));
                html_close(h);
        }
        html_close(h);
}

/* The other languages, each a link to this very page. */
static void put_languages(struct page *page)
{
        static const char *const names[] = { "Bokmål", "Nynorsk", "English" };
        struct html *h = page->html;
        html_open(h, "nav");
        html_set(h, "aria-label", page_say(page, PHRASE_page_languages, NULL));
        html_open(h, "ul");
        html_set(h, "class", TEXT("row"));
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                const struct text code = language_code((enum language)i);
                html_open(h, "li");
                html_open(h, "a");
                html_set(h, "class", TEXT("ds-link"));
                html_set(h, "href",
                         arena_printf(page->arena, "?%.*s%slang=%.*s", TEXT_ARGS(page->query),
                                      page->query.at ? "&" : "", TEXT_ARGS(code)));
                html_set(h, "lang", code);
                html_set(h, "hreflang", code);
                if (i == (size_t)page->language)
                        html_set(h, "aria-current", TEXT("true"));
                html_say(h, text_of(names[i]));
                html_close(h);
                html_close(h);
        }
        html_close(h);
        html_close(h);
}

/* The header with the centre's name and the languages. */
static void put_header(struct page *page)
{
        struct html *h = page->html;
        html_open(h, "a");
        html_set(h, "class", TEXT("ds-skip-link"));
        html_set(h, "href", TEXT("#content"));
        html_say(h, page_say(page, PHRASE_page_skip, NULL));
        html_close(h);
        html_open(h, "header");
        html_set(h, "class", TEXT("frame row"));
        html_open(h, "p");
        html_set(h, "class", TEXT("centre"));
        html_link(h, TEXT("/"), text_of(page->web->service.conf.mail_name));
        html_close(h);
        put_languages(page);
        html_close(h);
}

void page_begin(struct page *page, struct text title)
{
        html_destroy(&page->html); /* begun before: thrown away, as what was to come instead */
        page->file = page->type = page->disposition = page->location = (struct text){ 0 };
        page->html = html_new();
        struct html *h = page->html;
        html_open(h, "html");
        html_set(h, "lang", language_code(page->language));
        put_head(page, title);
        html_open(h, "body");
        html_set(h, "data-color-scheme", TEXT("light"));
        put_header(page);
        html_open(h, "main");
        html_set(h, "id", TEXT("content"));
        html_set(h, "class", TEXT("frame"));
        html_set(h, "tabindex", TEXT("-1"));
        html_classed(h, "h1", "ds-heading", title);
}

void page_end(struct page *page)
{
        struct html *h = page->html;
        html_close(h); /* main */
        html_open(h, "footer");
        html_set(h, "class", TEXT("frame"));
        html_open(h, "p");
        html_link(h, TEXT("/accessibility"), page_say(page, PHRASE_page_accessibility, NULL));
        html_close(h);
        page_put_link(page, TEXT("/staff"), PHRASE_page_sign_in);
        page_put(page, "p", PHRASE_page_no_tracking, NULL);
        html_close(h);
        page->done = true;
}

void page_put_script(struct page *page, const char *name)
{
        html_open(page->html, "script");
        html_set(page->html, "src", files_path(page->web->files, name));
        html_flag(page->html, "defer");
        html_close(page->html);
}

void page_go_to(struct page *page, struct text path)
{
        const struct text asked = request_query(page->request, "lang");
        enum language language;
        if (read_language(asked, &language))
                path = arena_printf(page->arena, "%.*s%clang=%.*s", TEXT_ARGS(path),
                                    memchr(path.at, '?', path.size) ? '&' : '?', TEXT_ARGS(asked));
        page->status = 303;
        page->location = path;
        page->done = true;
}

void page_give(struct page *page, struct text name, struct text file)
{
        page->disposition =
                arena_printf(page->arena, "attachment; filename=\"%.*s\"", TEXT_ARGS(name));
        page->type = TEXT("text/csv; charset=utf-8");
        page->file = file;
        page->done = true;
}

void page_give_as(struct page *page, struct text type, struct text name, struct text file)
{
        page->disposition = arena_printf(page->arena, "inline; filename=\"%.*s\"", TEXT_ARGS(name));
        page->type = type;
        page->file = file;
        page->done = true;
}

/* The headers of every page. */
static void set_headers(struct page *page)
{
        static const struct {
                const char *name, *value;
        } headers[] = {
                { "Content-Security-Policy",
                  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
                  "img-src 'self' data:; "
                  "form-action 'self'; frame-ancestors 'none'; base-uri 'none'" },
                { "X-Content-Type-Options", "nosniff" },
                { "Referrer-Policy", "no-referrer" },
                { "Cross-Origin-Opener-Policy", "same-origin" },
                { "Cross-Origin-Resource-Policy", "same-origin" },
                { "Permissions-Policy", "camera=(), geolocation=(), microphone=()" },
                { "Cache-Control", "no-store" },
        };
        for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
                request_set_header(page->request, headers[i].name, text_of(headers[i].value));
        if (page->location.at)
                request_set_header(page->request, "Location", page->location);
        if (page->disposition.at)
                request_set_header(page->request, "Content-Disposition", page->disposition);
        if (page->web->secure)
                request_set_header(page->request, "Strict-Transport-Security",
                                   TEXT("max-age=" YEAR));
}

void page_answer(struct page *page)
{
        set_headers(page);
        counts_answer(&page->web->counts, page->status);
        request_set_header(page->request, "Content-Type",
                           page->type.at ? page->type : TEXT("text/html; charset=utf-8"));
        request_answer(page->request, page->status, page->html ? html_end(page->html) : page->file);
}

void page_refuse(struct page *page, unsigned status, enum phrase title, struct text why)
{
        page->status = status;
        page_begin(page, page_say(page, title, NULL));
        html_element(page->html, "p", why);
        if (page->person)
                page_put_link(page, TEXT("/staff"), PHRASE_ways_title);
        else
                page_put_link(page, TEXT("/"), PHRASE_page_start);
        page_end(page);
}

void page_not_yours(struct page *page)
{
        page_refuse(page, 403, PHRASE_staff_for_others,
                    page_say(page, PHRASE_staff_not_yours, NULL));
}

void page_not_found(struct page *page)
{
        page_refuse(page, 404, PHRASE_page_not_found,
                    page_say(page, PHRASE_page_not_found_why, NULL));
}

void page_failed(struct page *page)
{
        page_refuse(page, 503, PHRASE_page_failed, page_say(page, PHRASE_page_failed_why, NULL));
}

/* A page with the way to how that stands which was to be changed. */
static void put_look(struct page *page, unsigned status, enum phrase title, enum phrase why,
                     const char *reason)
{
        page->status = status;
        page_begin(page, page_say(page, title, NULL));
        page_put(page, "p", why, NULL);
        if (*reason) {
                html_open(page->html, "p");
                html_set(page->html, "lang", TEXT("en"));
                html_element(page->html, "small", text_of(reason));
                html_close(page->html);
        }
        page_put_link(page, request_path(page->request), PHRASE_page_look);
        page_end(page);
}

void page_rejected(struct page *page)
{
        put_look(page, 409, PHRASE_page_refused, PHRASE_page_rejected_why,
                 tx_is_constraint(page->tx) ? "" : tx_reason(page->tx));
}

void page_unknown(struct page *page)
{
        put_look(page, 503, PHRASE_page_unknown, PHRASE_page_unknown_why, "");
}

bool page_is_allowed(struct page *page, struct limit *limit, const struct limit_most *most,
                     struct text thing)
{
        char *lower = arena_raw(page->arena, thing.size + 1);
        for (size_t i = 0; i < thing.size; i++)
                lower[i] = (char)(thing.at[i] >= 'A' && thing.at[i] <= 'Z' ? thing.at[i] + 32
                                                                           : thing.at[i]);
        if (limit_allows(limit, most, (struct text){ lower, thing.size },
                         request_source(page->request), clock_monotonic_ms()))
                return true;
        request_set_header(page->request, "Retry-After", TEXT("60"));
        page_refuse(page, 429, PHRASE_page_wait, page_say(page, PHRASE_page_wait_why, NULL));
        return false;
}
