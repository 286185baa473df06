/*
 * staff: the start page of who is signed in.
 */
#include "workers/web/staff.h"

#include "workers/web/input.h"
#include "workers/web/session.h"

/* Who is signed in, and the way out. */
static void put_person(struct page *page)
{
        page_put(page, "p", PHRASE_staff_person, PLACES({ "name", page->person->name }));
        html_open(page->html, "form");
        html_set(page->html, "method", TEXT("post"));
        html_set(page->html, "action", TEXT("/sign-out"));
        session_put_key(page);
        input_button(page, PHRASE_sign_in_out);
        html_close(page->html);
}

void staff_show(struct page *page)
{
        page_begin(page, page_say(page, PHRASE_staff_title, NULL));
        put_person(page);
        page_end(page);
}
