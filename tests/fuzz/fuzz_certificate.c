/*
 * certificate: a client's certificate is another's file. Whatever stands in it is refused with a
 * reason or has a name, keys and rights within their bounds; and what was taken, written down again,
 * says the same.
 */
#include "common/certificate.h"
#include "common/event.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

/* Its bounds, as the door relies on them. */
static void check(const struct certificate *c)
{
        require(text_is_code(c->name) && c->name.size <= CERTIFICATE_NAME);
        require(!memchr(c->name.at, '/', c->name.size));
        require(certificate_is_key(text_of(c->public_key)));
        require(!*c->secret_key || certificate_is_key(text_of(c->secret_key)));
        require(c->publish.count <= CERTIFICATE_RIGHTS && c->groups.count <= CERTIFICATE_RIGHTS);
        for (size_t i = 0; i < c->publish.count; i++)
                require(event_named(c->publish.at[i]) != EVENT_none);
        for (size_t i = 0; i < c->groups.count; i++)
                require(text_is_code(c->groups.at[i]));
}

static void require_same_words(struct text_array a, struct text_array b)
{
        require(a.count == b.count);
        for (size_t i = 0; i < a.count; i++)
                require(text_equal(a.at[i], b.at[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *arena = arena_new();
        struct fault fault = { "" };
        struct certificate taken, again;
        if (certificate_parse((struct text){ (const char *)data, size }, arena, &taken, &fault)) {
                struct text words = certificate_compose(arena, &taken, *taken.secret_key);
                check(&taken);
                require(certificate_parse(words, arena, &again, &fault));
                require(text_equal(taken.name, again.name));
                require(strcmp(taken.public_key, again.public_key) == 0);
                require(strcmp(taken.secret_key, again.secret_key) == 0);
                require(taken.publishes_all == again.publishes_all);
                require_same_words(taken.groups, again.groups);
                if (!taken.publishes_all)
                        require_same_words(taken.publish, again.publish);
        } else {
                require(fault.reason[0]);
        }
        arena_destroy(&arena);
        return 0;
}
