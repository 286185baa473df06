/*
 * What a member is sent next, and what its answers mean: with a clock of the test's own.
 */
#include "broker/deliver.h"
#include "tests/support/test.h"
#include <stdio.h>

enum { EVENTS = 100 };

/* One group with one member at cursor 0, and a log of EVENTS events, one for each partition in
 * turn. */
struct scene {
        struct group *group;
        struct member *member;
        struct entry entry[EVENTS + 1];
        const struct entry *places[EVENTS + 1];
        struct delivery delivery;
        struct known known;
        int64_t now;
};

static struct scene *scene_new(size_t parts, int64_t credit)
{
        struct scene *scene = test_calloc(1, sizeof *scene);
        struct address address = { .size = 1, .bytes = "a" };
        int64_t cursors[8] = { 0 };
        scene->group = group_new(TEXT("g"));
        scene->member = group_join(scene->group, &address, &(struct wire_hello){ 0 }, 0);
        group_read(scene->group, cursors, parts);
        group_share(scene->group);
        scene->member->untold = false;
        scene->member->credit = credit;
        scene->known = (struct known){ .floor = 0, .head = EVENTS, .idle = false };
        for (int64_t i = 1; i <= EVENTS; i++) {
                scene->entry[i] = (struct entry){ .position = i, .hash = (uint32_t)i };
        }
        return scene;
}

static void scene_end(struct scene *scene)
{
        group_destroy(&scene->group);
        test_free(scene);
}

/* What lies after from, of the positions that the step leaves over, at most so many. */
static struct view view_of(struct scene *scene, int64_t from, size_t most, int64_t step)
{
        size_t count = 0;
        int64_t position = from;
        while (position < scene->known.head && count < most) {
                if (++position % step == 0) {
                        scene->places[count++] = &scene->entry[position];
                }
        }
        return (struct view){ from, position, scene->places, count };
}

/* The next batch, if one is due. */
static const struct parcel *next(struct scene *scene, size_t most, int64_t step)
{
        int64_t from;
        while (deliver_wants(scene->group, scene->member, &scene->known, scene->now, &from)) {
                struct view view = view_of(scene, from, most, step);
                if (deliver_make(scene->group, scene->member, &view, scene->known.idle, scene->now,
                                 &scene->delivery)) {
                        return &scene->delivery.parcel;
                }
        }
        return NULL;
}

/* The member's NEXT: so many batches dealt with, one partition's cursor. */
static bool answer(struct scene *scene, int64_t number, int64_t part, int64_t position)
{
        struct wire_cursor cursor = { .part = part, .position = position };
        return deliver_next(scene->group, scene->member,
                            &(struct wire_next){ .parts = { &cursor, 1 },
                                                 .number = number,
                                                 .credit = scene->member->credit });
}

static void later(struct scene *scene, int64_t part, int64_t position)
{
        struct wire_cursor cursor = { .part = part, .position = position };
        deliver_later(scene->group, scene->member, &(struct wire_later){ .parts = { &cursor, 1 } },
                      scene->now);
}

static void test_ranges_are_contiguous_and_credit_is_respected(void **state)
{
        struct scene *scene = scene_new(1, 2);
        (void)state;
        const struct parcel *parcel = next(scene, 10, 1);
        assert_int_equal(parcel->ranges[0].from, 0);
        assert_int_equal(parcel->ranges[0].to, 10);
        assert_int_equal(parcel->entry_count, 10);
        parcel = next(scene, 10, 1);
        assert_int_equal(parcel->ranges[0].from, 10);
        assert_null(next(scene, 10, 1)); /* two are on their way */
        answer(scene, 1, 0, 10);
        parcel = next(scene, 10, 1);
        assert_int_equal(parcel->number, 3);
        assert_int_equal(parcel->ranges[0].from, 20);
        assert_null(next(scene, 10, 1));
        scene_end(scene);
}

static void test_an_empty_range_waits_for_the_next_event_or_for_idleness(void **state)
{
        struct scene *scene = scene_new(1, 2);
        (void)state;
        scene->known.head = 40;
        assert_null(next(scene, 10, 50));
        assert_true(deliver_waits(scene->group));
        assert_int_equal(scene->group->parts[0].seen, 40);
        scene->known.head = 60;
        const struct parcel *parcel = next(scene, 10, 50);
        assert_int_equal(parcel->ranges[0].from, 0); /* the empty stretch rides along */
        assert_int_equal(parcel->ranges[0].to, 60);
        assert_int_equal(parcel->entry_count, 1);
        scene->known.head = 70;
        assert_null(next(scene, 10, 50));
        scene->known.idle = true;
        parcel = next(scene, 10, 50);
        assert_int_equal(parcel->ranges[0].from, 60);
        assert_int_equal(parcel->ranges[0].to, 70);
        assert_int_equal(parcel->entry_count, 0);
        assert_false(deliver_waits(scene->group));
        scene_end(scene);
}

static void test_a_long_empty_stretch_does_not_wait(void **state)
{
        struct scene *scene = scene_new(1, 2);
        struct view view = { .from = 0, .to = DELIVER_LAG };
        (void)state;
        assert_true(deliver_make(scene->group, scene->member, &view, false, 0, &scene->delivery));
        assert_int_equal(scene->delivery.parcel.entry_count, 0);
        assert_int_equal(scene->delivery.parcel.ranges[0].to, DELIVER_LAG);
        scene_end(scene);
}

static void test_later_holds_only_its_partition_and_its_pause_doubles(void **state)
{
        struct scene *scene = scene_new(2, 4);
        struct partition *held = &scene->group->parts[1];
        (void)state;
        for (int64_t n = 1, pause = 100; n <= 12; n++, pause = pause > 15000 ? 30000 : 2 * pause) {
                assert_non_null(next(scene, 10, 1));
                later(scene, 1, 0);
                assert_int_equal(held->resume_at - scene->now, pause);
                assert_int_equal(deliver_due(scene->group, scene->now), held->resume_at);
                answer(scene, n, 0, scene->group->parts[0].sent);
                scene->now = held->resume_at - 1;
                scene->known.head = scene->group->parts[0].cursor; /* nothing else to do */
                assert_null(next(scene, 10, 1));
                scene->known.head = EVENTS;
                scene->now++;
        }
        assert_true(scene->group->parts[0].cursor > 0);
        scene_end(scene);
}

static void test_progress_ends_the_doubling(void **state)
{
        struct scene *scene = scene_new(1, 4);
        struct partition *part = &scene->group->parts[0];
        (void)state;
        next(scene, 10, 1);
        later(scene, 0, 0);
        scene->now = part->resume_at;
        answer(scene, 1, 0, 0);
        next(scene, 10, 1);
        later(scene, 0, 4);
        assert_int_equal(part->pause, DELIVER_PAUSE);
        assert_int_equal(part->cursor, 4);
        scene->now = part->resume_at;
        answer(scene, 2, 0, 4);
        const struct parcel *parcel = next(scene, 10, 1);
        assert_int_equal(parcel->ranges[0].from, 4);
        scene_end(scene);
}

static void test_a_partition_far_behind_does_not_stop_the_others(void **state)
{
        struct scene *scene = scene_new(2, 16);
        bool moved = false;
        (void)state;
        scene->group->parts[0].cursor = scene->group->parts[0].sent = 90;
        scene->group->parts[0].seen = 90;
        for (int i = 0; i < 2; i++) {
                const struct parcel *parcel = next(scene, 2, 1);
                moved = moved || parcel->ranges[0].part == 0;
        }
        assert_true(moved); /* they take turns */
        scene->known.floor = 50;
        scene->member->paging = true; /* a page is being read for the one behind */
        int64_t from = 0;
        assert_true(deliver_wants(scene->group, scene->member, &scene->known, 0, &from));
        assert_true(from >= 90);
        scene_end(scene);
}

static void test_partitions_take_turns(void **state)
{
        struct scene *scene = scene_new(3, 1);
        int64_t number = 0;
        (void)state;
        later(scene, 1, 0);
        scene->group->parts[2].seen = scene->group->parts[2].sent = 50; /* its own way to go */
        scene->group->parts[2].cursor = 50;
        const struct parcel *parcel = next(scene, 10, 1);
        assert_int_equal(parcel->ranges[0].part, 0);
        assert_int_equal(parcel->range_count, 1);
        answer(scene, ++number, 0, 10);
        parcel = next(scene, 10, 1); /* though partition 0 has more */
        assert_int_equal(parcel->ranges[0].part, 2);
        answer(scene, ++number, 2, 60);
        scene->now = DELIVER_PAUSE;
        parcel = next(scene, 10, 1);
        assert_int_equal(parcel->ranges[0].part, 0);
        answer(scene, ++number, 0, 20);
        parcel = next(scene, 10, 1);
        assert_int_equal(parcel->ranges[0].part, 1);
        scene_end(scene);
}

static void test_a_page_that_comes_too_late_is_not_sent(void **state)
{
        struct scene *scene = scene_new(1, 2);
        struct view page = view_of(scene, 0, 10, 1);
        (void)state;
        next(scene, 20, 1);
        assert_false(deliver_make(scene->group, scene->member, &page, false, 0, &scene->delivery));
        page = view_of(scene, 30, 10, 1); /* nor one that would leave a hole */
        assert_false(deliver_make(scene->group, scene->member, &page, false, 0, &scene->delivery));
        scene_end(scene);
}

static void test_what_was_dropped_is_sent_again(void **state)
{
        struct scene *scene = scene_new(1, 1);
        (void)state;
        next(scene, 10, 1);
        answer(scene, 1, 0, 0); /* dealt with, but the cursor stands where it stood */
        const struct parcel *parcel = next(scene, 10, 1);
        assert_int_equal(parcel->ranges[0].from, 0);
        assert_int_equal(parcel->number, 2);
        scene_end(scene);
}

static void test_answers_that_cannot_be_move_nothing(void **state)
{
        struct scene *scene = scene_new(1, 1);
        (void)state;
        next(scene, 10, 1);
        answer(scene, 99, 0, 11); /* further than was sent */
        answer(scene, 0, 1, 5);   /* no such partition */
        answer(scene, 0, 1023, 5);
        later(scene, 0, 11);
        later(scene, 700, 1);
        assert_int_equal(scene->group->parts[0].cursor, 0);
        assert_int_equal(scene->group->parts[0].sent, 10);
        assert_int_equal(scene->member->dealt, 0);
        struct address address = { .size = 1, .bytes = "b" };
        struct member *other = group_join(scene->group, &address, &(struct wire_hello){ 0 }, 0);
        struct wire_cursor cursor = { .part = 0, .position = 7 };
        deliver_next(scene->group, other, &(struct wire_next){ .parts = { &cursor, 1 } });
        assert_int_equal(scene->group->parts[0].cursor, 0); /* it does not hold the partition */
        scene_end(scene);
}

static void test_a_partition_with_an_heir_is_sent_nothing_more(void **state)
{
        struct scene *scene = scene_new(1, 4);
        struct address address = { .size = 1, .bytes = "b" };
        (void)state;
        next(scene, 10, 1);
        struct member *heir = group_join(scene->group, &address, &(struct wire_hello){ 0 }, 0);
        scene->group->parts[0].heir = heir;
        assert_null(next(scene, 10, 1));
        assert_true(answer(scene, 1, 0, 10)); /* now it is free */
        scene_end(scene);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ranges_are_contiguous_and_credit_is_respected),
                cmocka_unit_test(test_an_empty_range_waits_for_the_next_event_or_for_idleness),
                cmocka_unit_test(test_a_long_empty_stretch_does_not_wait),
                cmocka_unit_test(test_later_holds_only_its_partition_and_its_pause_doubles),
                cmocka_unit_test(test_progress_ends_the_doubling),
                cmocka_unit_test(test_a_partition_far_behind_does_not_stop_the_others),
                cmocka_unit_test(test_partitions_take_turns),
                cmocka_unit_test(test_a_page_that_comes_too_late_is_not_sent),
                cmocka_unit_test(test_what_was_dropped_is_sent_again),
                cmocka_unit_test(test_answers_that_cannot_be_move_nothing),
                cmocka_unit_test(test_a_partition_with_an_heir_is_sent_nothing_more),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
