/*
 * session: the cookie's token is 256 random bits; what is derived from it, the store's hash and the
 * forms' key, tells nothing of it.
 */
#include "workers/web/session.h"

#include "workers/web/input.h"
#include "workers/web/sign_in_sql.h"
#include <sodium.h>
#include <string.h>

enum {
        TOKEN_SIZE = 32,
        TOKEN_TEXT = 43, /* in base64 */
        DERIVED_SIZE = 32,
};

/* Bound to this host alone where browsers reach us by https. */
static const char *find_name(const struct page *page)
{
        return page->web->secure ? "__Host-session" : "session";
}

static void set_cookie(struct page *page, struct text token, const char *age)
{
        request_set_header(page->request, "Set-Cookie",
                           arena_printf(page->arena, "%s=%.*s; Path=/; HttpOnly; SameSite=Lax%s%s",
                                        find_name(page), TEXT_ARGS(token), age,
                                        page->web->secure ? "; Secure" : ""));
}

/* What the token is turned into for a purpose. */
static struct text derive(struct arena *arena, struct text token, const char *purpose)
{
        unsigned char *bytes = arena_raw(arena, DERIVED_SIZE);
        crypto_generichash(bytes, DERIVED_SIZE, (const unsigned char *)purpose, strlen(purpose),
                           (const unsigned char *)token.at, token.size);
        return (struct text){ (const char *)bytes, DERIVED_SIZE };
}

static struct text encode(struct arena *arena, struct text bytes)
{
        const size_t size =
                sodium_base64_encoded_len(bytes.size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        char *base64 = arena_raw(arena, size);
        sodium_bin2base64(base64, size, (const unsigned char *)bytes.at, bytes.size,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        return (struct text){ base64, size - 1 };
}

/* The cookie's token; no text if it cannot be one of ours. */
static struct text find_token(const struct page *page)
{
        const struct text token = request_cookie(page->request, find_name(page));
        return token.size == TOKEN_TEXT ? token : (struct text){ 0 };
}

static unsigned read_role(struct text role)
{
        static const struct {
                const char *name;
                enum role role;
        } names[] = { { "leader", ROLE_LEADER },   { "coordinator", ROLE_COORDINATOR },
                      { "support", ROLE_SUPPORT }, { "steering", ROLE_STEERING },
                      { "council", ROLE_COUNCIL }, { "contact", ROLE_CONTACT } };
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (text_equal(role, text_of(names[i].name)))
                        return names[i].role;
        return 0;
}

struct text session_name_roles(const struct page *page, unsigned roles)
{
        static const struct {
                enum role role;
                enum phrase words;
        } names[] = { { ROLE_LEADER, PHRASE_session_leader },
                      { ROLE_COORDINATOR, PHRASE_session_coordinator },
                      { ROLE_SUPPORT, PHRASE_session_support },
                      { ROLE_STEERING, PHRASE_session_steering },
                      { ROLE_COUNCIL, PHRASE_session_council },
                      { ROLE_CONTACT, PHRASE_session_contact } };
        struct text all = { 0 };
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                if (!(roles & names[i].role))
                        continue;
                roles &= ~(unsigned)names[i].role;
                const struct text name = page_say(page, names[i].words, NULL);
                if (all.at && !roles)
                        return page_say(page, PHRASE_session_and,
                                        PLACES({ "others", all }, { "last", name }));
                all = all.at ? arena_printf(page->arena, "%.*s, %.*s", TEXT_ARGS(all),
                                            TEXT_ARGS(name))
                             : name;
        }
        return all;
}

/* Sets page->person: whose session the token is of, if anybody's. */
static void read_person(struct page *page, struct text token)
{
        page->person = NULL;
        if (!token.at)
                return;
        struct arena *arena = tx_arena(page->tx);
        const struct web_session_of_rows rows =
                web_session_of(page->tx, derive(arena, token, "session"), tx_now(page->tx));
        if (rows.count == 0)
                return;
        struct person *person = arena_array(arena, 1, sizeof *person);
        struct text *areas = arena_array(arena, rows.count, sizeof *areas);
        struct text *municipalities = arena_array(arena, rows.count, sizeof *municipalities);
        *person = (struct person){
                .id = rows.row[0].person,
                .name = rows.row[0].name,
                .key = encode(arena, derive(arena, token, "form")),
                .areas = { areas, 0 },
                .municipalities = { municipalities, 0 },
        };
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_session_of *row = &rows.row[i];
                person->roles |= read_role(row->role);
                if (row->area.at)
                        areas[person->areas.count++] = row->area;
                if (row->municipality.at)
                        municipalities[person->municipalities.count++] = row->municipality;
        }
        page->person = person;
}

void session_find(struct page *page)
{
        read_person(page, find_token(page));
}

bool session_begin(struct page *page, int64_t number, struct text *goes_to)
{
        unsigned char bytes[TOKEN_SIZE];
        struct web_sign_in row = { 0 };
        randombytes_buf(bytes, sizeof bytes);
        const struct text token =
                encode(page->arena, (struct text){ (const char *)bytes, sizeof bytes });
        if (!web_sign_in(page->tx, number, derive(page->arena, token, "session"), tx_now(page->tx),
                         &row))
                return false;
        *goes_to = row.goes_to;
        set_cookie(page, token, "");
        read_person(page, token);
        return true;
}

void session_end(struct page *page)
{
        const struct text token = find_token(page);
        if (token.at)
                web_sign_out(page->tx, derive(page->arena, token, "session"));
        set_cookie(page, TEXT(""), "; Max-Age=0");
}

void session_put_key(struct page *page)
{
        input_hidden(page, "key", page->person->key);
}

bool session_check_key(const struct page *page)
{
        const struct text key = request_field(page->request, "key");
        return key.size == page->person->key.size &&
               sodium_memcmp(key.at, page->person->key.at, key.size) == 0;
}
