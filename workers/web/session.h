/*
 * session: who is signed in. The browser holds a random token in a cookie, the store its hash
 * (web.session); a form of the staff bears a key made from the token, which another site cannot
 * know. What a person may do is read from the register with each page.
 */
#pragma once

#include "workers/web/page.h"

/* Roles, as bits; a page of the route table names those it is for. */
enum role {
        ROLE_LEADER = 1,
        ROLE_COORDINATOR = 2,
        ROLE_SUPPORT = 4,
        ROLE_STEERING = 8,
        ROLE_COUNCIL = 16,
        ROLE_CONTACT = 32,
};
#define ROLES_CENTRE (ROLE_LEADER | ROLE_COORDINATOR | ROLE_SUPPORT)
#define ROLES_OFFICE (ROLE_LEADER | ROLE_SUPPORT)
#define ROLES_ALL    (ROLES_CENTRE | ROLE_STEERING | ROLE_COUNCIL | ROLE_CONTACT)

/* Who is signed in; lives as long as the page's transaction. */
struct person {
        int64_t id;
        unsigned roles;
        struct text name, key;
        struct text_array areas;          /* of a coordinator */
        struct text_array municipalities; /* of a contact */
};

/* Sets page->person: by the cookie, or NULL. */
void session_find(struct page *page);

/* "lederen, koordinatorene og støttefunksjonen" */
struct text session_name_roles(const struct page *page, unsigned roles);

/* Uses the sign-in link of that number, gives the browser its cookie, and sets page->person;
 * goes_to is the page that was asked for, if any. False: it is used or too old. */
bool session_begin(struct page *page, int64_t number, struct text *goes_to);
void session_end(struct page *page);

/* The form's key, and whether the form that was sent has it. */
void session_put_key(struct page *page);
bool session_check_key(const struct page *page);
