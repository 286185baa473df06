/*
 * From the log's bytes to a typed handler, without a store.
 */
#include "tests/support/test.h"

#include "common/tx.h"
#include <string.h>

static struct grant_received seen;
static int calls;

static enum status receive(struct tx *tx, const struct grant_received *event)
{
        seen = *event;
        seen.grant = arena_copy(tx_arena(tx), event->grant);
        calls++;
        return RETRY;
}

static enum status handle(struct tx *tx, enum event_type type, struct text body)
{
        static const struct handlers on = { .grant_received = receive };
        return event_handle(&on, tx, &(struct event){ .position = 8, .type = type, .body = body });
}

static void test_a_handler_gets_its_own_struct_and_its_answer_stays(void **state)
{
        struct tx *tx = *state;
        struct text body = codec_packed(event_record(EVENT_grant_received),
                                        &(struct grant_received){ TEXT("grant-2027"), 190000000 },
                                        tx_arena(tx));
        assert_int_equal(handle(tx, EVENT_grant_received, body), RETRY);
        assert_int_equal(calls, 1);
        assert_text_equal(seen.grant, "grant-2027");
        assert_int_equal(seen.amount_ore, 190000000);
}

static void test_an_empty_slot_is_done(void **state)
{
        struct text body = codec_packed(event_record(EVENT_meeting_held),
                                        &(struct meeting_held){ TEXT("SG1") }, tx_arena(*state));
        assert_int_equal(handle(*state, EVENT_meeting_held, body), DONE);
}

static void test_a_body_that_does_not_decode_is_rejected_with_its_field(void **state)
{
        calls = 0;
        assert_int_equal(handle(*state, EVENT_grant_received, TEXT("\x81\xa5grant\xa2g1")), REJECT);
        assert_int_equal(calls, 0);
        assert_string_equal(
                tx_reason(*state),
                "grant_received at 8: amount_ore: 0 is not within 1 to 100000000000000");
}

static void test_an_undeclared_type_is_rejected(void **state)
{
        assert_int_equal(handle(*state, EVENT_count, TEXT("\x80")), REJECT);
        assert_non_null(strstr(tx_reason(*state), "is not declared"));
}

static int set_up(void **state)
{
        *state = tx_new(NULL, "budget");
        return 0;
}

static int tear_down(void **state)
{
        struct tx *tx = *state;
        tx_destroy(&tx);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(
                        test_a_handler_gets_its_own_struct_and_its_answer_stays, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_an_empty_slot_is_done, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                        test_a_body_that_does_not_decode_is_rejected_with_its_field, set_up,
                        tear_down),
                cmocka_unit_test_setup_teardown(test_an_undeclared_type_is_rejected, set_up,
                                                tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
