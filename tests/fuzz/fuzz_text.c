/*
 * text: what people type: codes, numbers, amounts, days, times, addresses, links. UTF-8 is judged
 * as ICU judges it; what is taken reads the same when it is written again.
 */
#include "common/day.h"
#include "common/link.h"
#include "common/mail/smtp.h"
#include "common/money.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>
#include <unicode/ustring.h>

static bool is_utf8(struct text t)
{
        UErrorCode error = U_ZERO_ERROR;
        if (t.size > 0) {
                u_strFromUTF8(NULL, 0, NULL, t.at, (int32_t)t.size, &error);
        }
        return (U_SUCCESS(error) || error == U_BUFFER_OVERFLOW_ERROR) &&
               (t.size == 0 || !memchr(t.at, '\0', t.size));
}

static void check_numbers(struct arena *arena, struct text t)
{
        int64_t number, again, ore;
        int32_t day, same;
        if (text_to_int(t, &number)) {
                require(text_to_int(arena_printf(arena, "%lld", (long long)number), &again));
                require(number == again);
        }
        if (amount_parse(t, &ore)) {
                require(ore >= -MONEY_MOST && ore <= MONEY_MOST);
                require(amount_parse(amount_text(arena, ore), &again) && again == ore);
        }
        if (day_parse(t, &day)) {
                require(day_parse(day_iso(arena, day), &same) && same == day);
        }
        if (time_parse(t, &number)) {
                require(time_parse(time_iso(arena, number), &again) && again == number);
        }
}

static void check_links(struct arena *arena, struct text t)
{
        const unsigned char key[32] = "a key of the tests' own, no more";
        int64_t number = 0;
        require(!link_read(key, t, &number) && !link_unsubscribe_read(key, t, &number));
        struct text link = link_url(arena, key, t, (int64_t)t.size + 1);
        require(link_read(key, link, &number) && number == (int64_t)t.size + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct text t = { (const char *)data, size }, trimmed = text_trim(t);
        struct arena *arena = arena_new();
        struct text rest = t;
        require(text_is_utf8(t) == is_utf8(t));
        require(!text_is_code(t) || text_is_utf8(t));
        require(trimmed.size <= size && text_equal(text_trim(trimmed), trimmed));
        struct text first = text_cut(&rest, ',');
        require(first.size + rest.size + (rest.at ? 1 : 0) == size);
        require(!smtp_address_usable(t) || (size <= 254 && memchr(data, '@', size)));
        check_numbers(arena, t);
        if (text_is_utf8(t)) {
                check_links(arena, t);
        }
        arena_destroy(&arena);
        return 0;
}
