/*
 * Who holds which partition: evenly, moving as few as may be, never one that is on its way.
 */
#include "broker/group.h"
#include "tests/support/test.h"

static const struct wire_type sessions[] = { { .type = EVENT_session_held } };
static const struct wire_type meetings[] = { { .type = EVENT_meeting_held },
                                             { .type = EVENT_session_held } };

static struct address address_of(char name)
{
        return (struct address){ .size = 1, .bytes = { name } };
}

/* A worker says HELLO. */
static struct member *join(struct group *group, char name, int64_t now)
{
        struct address address = address_of(name);
        return group_join(group, &address, &(struct wire_hello){ .types = { sessions, 1 } }, now);
}

/* The store answers, every cursor at the position; the partitions are shared. */
static void read_and_share(struct group *group, size_t parts, int64_t position)
{
        int64_t cursors[64] = { 0 };
        for (size_t i = 0; i < parts; i++) {
                cursors[i] = position;
        }
        group_read(group, cursors, parts);
        group_share(group);
}

static size_t count_held(const struct group *group, const struct member *member)
{
        struct wire_cursor cursors[GROUP_MOST_PARTS];
        return group_held(group, member, cursors);
}

static void test_one_worker_holds_all(void **state)
{
        struct group *group = group_new(TEXT("g"));
        struct member *a = join(group, 'a', 0);
        struct wire_cursor cursors[GROUP_MOST_PARTS];
        (void)state;
        assert_true(group->stale);
        assert_true(a->joining);
        read_and_share(group, 3, 17);
        assert_false(a->joining);
        assert_true(a->untold);
        assert_int_equal(group_held(group, a, cursors), 3);
        assert_int_equal(cursors[2].part, 2);
        assert_int_equal(cursors[2].position, 17);
        group_destroy(&group);
}

static void test_partitions_are_spread_evenly_and_few_move(void **state)
{
        struct group *group = group_new(TEXT("g"));
        struct member *members[5], *before[16];
        (void)state;
        for (char n = 0; n < 5; n++) {
                for (size_t i = 0; i < group->part_count; i++) {
                        before[i] = group->parts[i].holder;
                }
                members[(int)n] = join(group, (char)('a' + n), 0);
                read_and_share(group, 16, 0);
                size_t moved = 0;
                for (size_t i = 0; i < 16 && n > 0; i++) {
                        moved += group->parts[i].holder != before[i];
                }
                assert_int_equal(moved, n > 0 ? 16 / (n + 1) : 0);
                for (char m = 0; m <= n; m++) {
                        size_t held = count_held(group, members[(int)m]);
                        assert_in_range(held, 16 / (n + 1), 16 / (n + 1) + 1);
                }
        }
        group_leave(group, members[2]);
        read_and_share(group, 16, 0);
        assert_in_range(count_held(group, members[0]), 4, 4);
        group_destroy(&group);
}

static void test_more_workers_than_partitions_stand_by(void **state)
{
        struct group *group = group_new(TEXT("g"));
        struct member *a = join(group, 'a', 0);
        (void)state;
        read_and_share(group, 1, 5);
        struct member *b = join(group, 'b', 0);
        read_and_share(group, 1, 5);
        assert_int_equal(count_held(group, a), 1);
        assert_int_equal(count_held(group, b), 0);
        assert_true(b->untold); /* it is told that it holds nothing */
        group_leave(group, a);
        read_and_share(group, 1, 9);
        assert_int_equal(count_held(group, b), 1);
        assert_int_equal(group->parts[0].cursor, 9);
        group_destroy(&group);
}

static void test_a_partition_on_its_way_moves_when_it_has_arrived(void **state)
{
        struct group *group = group_new(TEXT("g"));
        struct member *a = join(group, 'a', 0);
        (void)state;
        read_and_share(group, 2, 10);
        group->parts[0].sent = group->parts[1].sent = 20;
        struct member *b = join(group, 'b', 0);
        read_and_share(group, 2, 10);
        assert_int_equal(count_held(group, a), 2);
        assert_int_equal(count_held(group, b), 0);
        struct partition *moving = group->parts[0].heir == b ? &group->parts[0] : &group->parts[1];
        assert_ptr_equal(moving->heir, b);
        moving->cursor = 20;
        group_share(group);
        assert_ptr_equal(moving->holder, b);
        assert_true(a->untold);
        assert_true(b->untold);
        group_destroy(&group);
}

static void test_the_cursor_of_a_partition_at_work_is_not_overwritten(void **state)
{
        struct group *group = group_new(TEXT("g"));
        join(group, 'a', 0);
        (void)state;
        read_and_share(group, 1, 10);
        group->parts[0].cursor = 30;
        group->parts[0].sent = group->parts[0].seen = 40;
        join(group, 'b', 0);
        read_and_share(group, 1, 20); /* read before the last commit was */
        assert_int_equal(group->parts[0].cursor, 30);
        assert_int_equal(group->parts[0].sent, 40);
        join(group, 'a', 0); /* fenced: its HELLO makes the store's word count */
        read_and_share(group, 1, 35);
        assert_int_equal(group->parts[0].cursor, 35);
        assert_int_equal(group->parts[0].sent, 35);
        group_destroy(&group);
}

static void test_nothing_is_told_before_the_cursors_are_read_for_a_hello(void **state)
{
        struct group *group = group_new(TEXT("g"));
        struct member *a = join(group, 'a', 0);
        (void)state;
        read_and_share(group, 1, 10);
        assert_true(group_must_tell(a));
        join(group, 'a', 0); /* again: what was to be told is old */
        assert_false(group_must_tell(a));
        read_and_share(group, 1, 20);
        assert_true(group_must_tell(a));
        group_destroy(&group);
}

static void test_silence_is_leaving(void **state)
{
        struct group *group = group_new(TEXT("g"));
        struct member *a = join(group, 'a', 1000);
        (void)state;
        join(group, 'b', 1000);
        read_and_share(group, 2, 0);
        a->heard_at = 3000;
        assert_int_equal(group_expire(group, 6000), 0);
        assert_int_equal(group_expire(group, 6001), 1);
        assert_true(group->stale);
        read_and_share(group, 2, 0);
        assert_int_equal(count_held(group, a), 2);
        group_destroy(&group);
}

static void test_other_types_do_not_suit_while_others_live(void **state)
{
        struct group *group = group_new(TEXT("g"));
        struct address a = address_of('a'), b = address_of('b');
        struct list one = { sessions, 1 }, two = { meetings, 2 };
        (void)state;
        assert_true(group_suits(group, &a, two));
        struct member *first = join(group, 'a', 0);
        assert_true(group_suits(group, &b, one));
        assert_false(group_suits(group, &b, two));
        assert_true(group_suits(group, &a, two)); /* it alone may change its mind */
        struct member *second = join(group, 'b', 0);
        assert_false(group_suits(group, &a, two));
        group_leave(group, second);
        group_leave(group, first);
        assert_true(group_suits(group, &b, two));
        group_destroy(&group);
}

static void test_a_group_made_anew_with_other_partitions_starts_anew(void **state)
{
        struct group *group = group_new(TEXT("g"));
        struct member *a = join(group, 'a', 0);
        (void)state;
        read_and_share(group, 4, 100);
        a->untold = false;
        join(group, 'b', 0);
        read_and_share(group, 2, 0);
        assert_int_equal(count_held(group, a), 1);
        assert_true(a->untold);
        assert_int_equal(group->parts[0].cursor, 0);
        group_destroy(&group);
}

static void test_types_that_this_broker_does_not_know_are_left_out(void **state)
{
        const struct wire_type types[] = { { .type = EVENT_session_held },
                                           { .type = EVENT_count },
                                           { .type = 0 },
                                           { .type = -1 } };
        struct group *group = group_new(TEXT("g"));
        struct address a = address_of('a'), b = address_of('b');
        (void)state;
        group_join(group, &a, &(struct wire_hello){ .types = { types, 4 } }, 0);
        assert_true(group_suits(group, &b, (struct list){ sessions, 1 }));
        assert_false(group_suits(group, &b, (struct list){ meetings, 2 }));
        group_destroy(&group);
}

static void test_partitions_that_nobody_is_there_for_wait(void **state)
{
        struct group *group = group_new((struct text){ 0 });
        struct member *a = join(group, 'a', 0);
        (void)state;
        assert_string_equal(group->name, "");
        read_and_share(group, 2, 7);
        group_leave(group, a);
        group_share(group); /* nobody is left */
        assert_null(group->parts[0].holder);
        assert_null(group->parts[1].heir);
        a = join(group, 'a', 0);
        group_share(group); /* its cursors are not read yet */
        assert_null(group->parts[0].heir);
        read_and_share(group, 0, 0); /* the group was dropped from the store */
        assert_int_equal(count_held(group, a), 0);
        assert_true(a->untold);
        group_destroy(&group);
        group_destroy(&group);
        assert_null(group);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_one_worker_holds_all),
                cmocka_unit_test(test_partitions_are_spread_evenly_and_few_move),
                cmocka_unit_test(test_more_workers_than_partitions_stand_by),
                cmocka_unit_test(test_a_partition_on_its_way_moves_when_it_has_arrived),
                cmocka_unit_test(test_the_cursor_of_a_partition_at_work_is_not_overwritten),
                cmocka_unit_test(test_nothing_is_told_before_the_cursors_are_read_for_a_hello),
                cmocka_unit_test(test_silence_is_leaving),
                cmocka_unit_test(test_other_types_do_not_suit_while_others_live),
                cmocka_unit_test(test_a_group_made_anew_with_other_partitions_starts_anew),
                cmocka_unit_test(test_types_that_this_broker_does_not_know_are_left_out),
                cmocka_unit_test(test_partitions_that_nobody_is_there_for_wait),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
