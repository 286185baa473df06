/*
 * Where a request comes from, as it is counted.
 */
#include "tests/support/test.h"
#include "workers/web/source.h"

#include <arpa/inet.h>
#include <netinet/in.h>

/* Of a peer and what it forwards, as digits; "-": nobody knows. */
static const char *find(struct arena *arena, const char *peer, const char *forwarded)
{
        struct sockaddr_in four = { .sin_family = AF_INET };
        struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
        const bool is_six = strchr(peer, ':');
        void *address = is_six ? (void *)&six.sin6_addr : (void *)&four.sin_addr;
        assert_int_equal(inet_pton(is_six ? AF_INET6 : AF_INET, peer, address), 1);
        const struct text source =
                source_of(arena, is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four,
                          text_of(forwarded));
        struct text digits = TEXT("-");
        for (size_t i = 0; i < source.size; i++)
                digits = arena_printf(arena, "%.*s%02x", i ? (int)digits.size : 0, digits.at,
                                      (unsigned char)source.at[i]);
        return arena_string(arena, digits);
}

static void test_a_proxy_on_this_machine_says_who_asks_and_nobody_else_does(void **state)
{
        static const struct {
                const char *peer, *forwarded, *source;
        } cases[] = {
                { "203.0.113.9", NULL, "cb007109" },
                { "203.0.113.9", "198.51.100.7", "cb007109" },
                { "::ffff:203.0.113.9", "198.51.100.7", "cb007109" },
                { "127.0.0.1", "198.51.100.7", "c6336407" },
                { "::1", "198.51.100.7", "c6336407" },
                { "::ffff:127.0.0.1", "198.51.100.7", "c6336407" },
                { "127.0.0.1", "203.0.113.9, 198.51.100.7", "c6336407" },
                { "127.0.0.1", "2001:db8:1:2:3:4:5:6", "20010db800010002" },
                { "127.0.0.1", "2001:db8:1:2:ffff::", "20010db800010002" },
                { "2001:db8:1:2::9", "198.51.100.7", "20010db800010002" },
                { "127.0.0.1", NULL, "-" },
                { "127.0.0.1", "", "-" },
                { "::1", "unknown", "-" },
                { "127.0.0.1", "198.51.100.7,", "-" },
        };
        struct arena *arena = arena_new();
        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
                assert_string_equal(find(arena, cases[i].peer, cases[i].forwarded),
                                    cases[i].source);
        arena_destroy(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_proxy_on_this_machine_says_who_asks_and_nobody_else_does),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
