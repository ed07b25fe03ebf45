/* SPDX-License-Identifier: MIT */
/* A strap lost in a run, and a battery that is low, in the whole core: whose heart rates count, and what time may do. */

#include "core-fixture.h"

static World *in_a_run(unsigned seconds, unsigned bpm)
{
        const EngineConfig c = world_config();
        World *w = world_new(&c);

        world_run(w, 0, seconds, bpm);
        assert_true(w->recording);
        world_clear(w);
        return w;
}

static void assert_lost(World *w, double silent_s)
{
        const Fact *f = world_fact(w, FACT_STRAP_LOST);

        assert_int_equal(f->at_usec, w->sample_usec);
        assert_int_equal(f->length_usec, SEC(silent_s));
        assert_int_equal(world_emitted(w, FACT_STRAP_LOST, 0)->now_usec, w->sample_usec + SEC(silent_s));
        assert_int_equal(world_count(w, FACT_STRAP_LOST), 1);
}

static void test_lost_and_back(void **state)
{
        _cleanup_world_ World *w = in_a_run(300, 140);

        (void)state;
        world_wait(w, 59);
        assert_int_equal(world_count(w, FACT_STRAP_LOST), 0);
        world_wait(w, 200);
        assert_lost(w, 60);
        world_beat(w, 0, 120);
        assert_int_equal(world_fact(w, FACT_STRAP_BACK)->at_usec, w->now_usec);
        assert_int_equal(world_fact(w, FACT_STRAP_BACK)->length_usec, SEC(259));
        assert_false(world_fact(w, FACT_STRAP_BACK)->switched);
        world_run(w, 0, 60, 120);
        assert_int_equal(world_count(w, FACT_STRAP_BACK), 1);
}

/* Whatever it sends in the gap: no contact, zeros. */
static void test_lost_contact(void **state)
{
        _cleanup_world_ World *w = in_a_run(300, 140);

        (void)state;
        for (unsigned i = 0; i < 70; i++) {
                world_wait(w, 1);
                world_no_contact(w, 0, 0);
        }
        assert_lost(w, 60);
}

static void test_the_session_ends_while_lost(void **state)
{
        _cleanup_world_ World *w = in_a_run(300, 140);

        (void)state;
        world_wait(w, 400);
        EXPECT(w, FACT_STALE, FACT_STRAP_LOST, FACT_SESSION_ENDED);
        world_beat(w, 0, 140);
        assert_int_equal(world_count(w, FACT_STRAP_BACK), 0);
        /* The next one is another. */
        world_run(w, 0, 60, 140);
        assert_true(w->recording);
        world_wait(w, 60);
        assert_int_equal(world_count(w, FACT_STRAP_LOST), 1);
}

/* Nothing is recorded, so nothing is lost. */
static void test_outside_of_a_session(void **state)
{
        _cleanup_world_ World *w = in_a_run(300, 140);

        (void)state;
        assert_int_equal(world_send(w, (Event){ .type = EVENT_STOP }), 0);
        world_clear(w);
        world_run(w, 0, 60, 140);
        world_wait(w, 600);
        assert_int_equal(world_count(w, FACT_STRAP_LOST), 0);
}

/* Walking it off makes it no run to go on, however steady. */
static void test_taken_off_after_the_cool_down(void **state)
{
        _cleanup_world_ World *w = in_a_run(1200, 150);

        (void)state;
        world_run(w, 0, 200, 115);
        world_wait(w, 100);
        assert_int_equal(world_count(w, FACT_STRAP_LOST), 0);
        assert_true(w->recording);
}

static void test_the_other_strap_goes_on(void **state)
{
        _cleanup_world_ World *w = in_a_run(300, 140);

        (void)state;
        world_link(w, 1, SENSOR_LINK_CONNECTED);
        world_run(w, 1, 300, 140);
        assert_int_equal(world_count(w, FACT_STRAP), 1);
        assert_int_equal(world_count(w, FACT_STRAP_LOST), 0);
        /* Now that one is lost, and the first one takes over. */
        world_clear(w);
        world_wait(w, 61);
        assert_int_equal(world_fact(w, FACT_STRAP_LOST)->sensor, 1);
        world_run(w, 0, 3, 140);
        assert_int_equal(world_fact(w, FACT_STRAP_BACK)->sensor, 0);
        assert_true(world_fact(w, FACT_STRAP_BACK)->switched);
}

static void test_a_long_stale_after(void **state)
{
        EngineConfig c = world_config();
        _cleanup_world_ World *w = NULL;

        (void)state;
        c.sensor.stale_usec = SEC(120);
        w = world_new(&c);
        world_run(w, 0, 300, 140);
        world_wait(w, 119);
        assert_int_equal(world_count(w, FACT_STRAP_LOST), 0);
        world_wait(w, 1);
        assert_lost(w, 120);
}

/* What sends every half minute misses a minute now and then; none of its heart rates is settled. */
static void test_a_watch_that_sends_every_30_s(void **state)
{
        const EngineConfig c = world_config();
        _cleanup_world_ World *w = world_new(&c);

        (void)state;
        assert_int_equal(world_send(w, (Event){ .type = EVENT_START }), -ENODEV);
        for (unsigned i = 0; i < 20; i++) {
                world_wait(w, 30);
                world_beat(w, 0, 140 + i % 2);
                if (i == 0)
                        assert_int_equal(world_send(w, (Event){ .type = EVENT_START }), 0);
        }
        assert_true(w->recording);
        world_wait(w, 89);
        assert_int_equal(world_count(w, FACT_STRAP_LOST), 0);
        world_beat(w, 0, 140);
        assert_int_equal(world_count(w, FACT_STRAP_BACK), 0);
}

/* By hand, where no heart rate begins a session by itself, or any does: effort is what it is by default. */
static void test_start_above(void **state)
{
        static const Intensity starts[] = { { .kind = INTENSITY_OFF }, { .kind = INTENSITY_CONTACT } };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(starts); i++)
                for (unsigned bpm = 80; bpm <= 140; bpm += 60) {
                        EngineConfig c = world_config();
                        World *w;

                        c.start_above = starts[i];
                        w = world_new(&c);
                        world_run(w, 0, 1, bpm);
                        (void)world_send(w, (Event){ .type = EVENT_START });
                        world_run(w, 0, 100, bpm);
                        assert_true(w->recording);
                        world_wait(w, 61);
                        assert_int_equal(world_count(w, FACT_STRAP_LOST), bpm == 140);
                        world_end(w);
                }
}

/* The machine sleeps in the silence: the minute is one of being awake. Nothing before says so, but time. */
static void test_asleep(void **state)
{
        _cleanup_world_ World *w = in_a_run(300, 140);

        (void)state;
        world_wait(w, 30);
        w->now_usec += SEC(120);
        assert_int_equal(world_send(w, (Event){ .type = EVENT_AWAKE }), 0);
        world_wait(w, 59);
        assert_int_equal(world_count(w, FACT_STRAP_LOST), 0);
        world_wait(w, 1);
        assert_lost(w, 210);
}

static void test_resumed(void **state)
{
        static const struct {
                unsigned told;
                bool lost, again, back;
        } cases[] = {
                { 0, false, true, true },
                { 1, false, true, true },
                { 1, true, false, true }, /* known, and on the screen */
                { 2, false, false, false },
                { 2, true, false, true },
        };
        const EngineConfig c = world_config();
        PastSample past[100];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_world_ World *w = world_new(&c);

                for (size_t k = 0; k < ELEMENTSOF(past); k++)
                        past[k] = (PastSample){
                                .at_usec = w->now_usec - SEC(150 - k), .smoothed = 140, .counts = true
                        };
                assert_int_equal(world_send(w, (Event){ .type = EVENT_RESUME,
                                                               .begin_usec = past[0].at_usec,
                                                               .past = past,
                                                               .n_past = ELEMENTSOF(past),
                                                               .told = cases[i].told,
                                                               .lost = cases[i].lost }),
                                0);
                w->recording = w->begun = true;
                w->begin_usec = past[0].at_usec;
                w->sample_usec = past[ELEMENTSOF(past) - 1].at_usec;
                world_wait(w, 59); /* of this daemon, whatever was before */
                assert_int_equal(world_count(w, FACT_STRAP_LOST), 0);
                world_wait(w, 60);
                assert_int_equal(world_count(w, FACT_STRAP_LOST), cases[i].again);
                world_run(w, 0, 3, 140);
                assert_int_equal(world_count(w, FACT_STRAP_BACK), cases[i].back);
        }
}

static void test_battery(void **state)
{
        const EngineConfig c = world_config();
        _cleanup_world_ World *w = world_new(&c);
        Event event = { .type = EVENT_BATTERY, .percent = 12 };

        (void)state;
        assert_int_equal(world_send(w, (Event){ .type = EVENT_BATTERY, .sensor = 1 }), -ENODEV);
        assert_int_equal(world_send(w, event), 0);
        world_wait(w, 59);
        assert_int_equal(world_count(w, FACT_BATTERY_LOW), 0);
        world_run(w, 0, 3, 60); /* heart rates or not */
        assert_int_equal(world_count(w, FACT_BATTERY_LOW), 1);
        assert_int_equal(world_fact(w, FACT_BATTERY_LOW)->percent, 12);
        event.low = true;
        event.percent = 90;
        assert_int_equal(world_send(w, event), 0);
        world_wait(w, 61);
        assert_int_equal(world_count(w, FACT_BATTERY_RISEN), 1);
        /* A strap that is the runner's no longer has none. */
        event.low = false;
        event.percent = 5;
        assert_int_equal(world_send(w, event), 0);
        assert_int_equal(world_send(w, (Event){ .type = EVENT_FORGET }), 0);
        world_wait(w, 61);
        world_link(w, 0, SENSOR_LINK_CONNECTED);
        world_wait(w, 61);
        assert_int_equal(world_count(w, FACT_BATTERY_LOW), 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lost_and_back),
                cmocka_unit_test(test_lost_contact),
                cmocka_unit_test(test_the_session_ends_while_lost),
                cmocka_unit_test(test_outside_of_a_session),
                cmocka_unit_test(test_taken_off_after_the_cool_down),
                cmocka_unit_test(test_the_other_strap_goes_on),
                cmocka_unit_test(test_a_long_stale_after),
                cmocka_unit_test(test_a_watch_that_sends_every_30_s),
                cmocka_unit_test(test_start_above),
                cmocka_unit_test(test_asleep),
                cmocka_unit_test(test_resumed),
                cmocka_unit_test(test_battery),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
