/* SPDX-License-Identifier: MIT */

/* When a run is recorded and what of it: the sentences of the contract about sessions, restarts, sensors and commands,
 * through the core's one entrance. */

#include "core-fixture.h"

/* What is hardly smoothed can be counted on the fingers: the median of the last three, settled from the third on that are
 * alike. */
static World *raw_world(void)
{
        EngineConfig c = world_config();

        c.window_usec = SEC(1);
        return world_new(&c);
}

static void command(World *w, EventType type)
{
        assert_int_equal(world_send(w, (Event){ .type = type }), 0);
}

/* -- A run -- */

/* Effort for start-after; backdated to the first of it, and by the pre-roll; ended after
 * end-after without effort, the tail after the cool-down dropped. */
static void test_run(void **state)
{
        _cleanup_world_ World *w = raw_world();
        usec_t last_usec, effort_usec = w->now_usec + SEC(103);

        (void)state;
        world_run(w, 0, 100, 80);
        world_run(w, 0, 22, 120);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 120);
        assert_int_equal(world_fact(w, FACT_SESSION_STARTED)->at_usec, effort_usec - SEC(30));
        assert_int_equal(world_emitted(w, FACT_SAMPLE, 0)->fact.at_usec, effort_usec - SEC(30));
        assert_int_equal(world_count(w, FACT_SAMPLE), 51);
        assert_int_equal(world_emitted(w, FACT_SAMPLE, 0)->sample.heart_rate, 80);
        assert_int_equal(world_emitted(w, FACT_SAMPLE, 0)->rr[0], RR_OF(80));
        assert_int_equal(world_emitted(w, FACT_SAMPLE, 0)->fact.n_rr, 1);
        assert_true(fabs(world_fact(w, FACT_SESSION_STARTED)->ceiling - 145.55) < 1e-9);
        assert_true(engine_recording(w->engine));
        EXPECT(w, FACT_SESSION_STARTED);

        world_run(w, 0, 600, 120);
        last_usec = w->now_usec;
        world_run(w, 0, 299, 94); /* below 94.1 */
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 94);
        assert_int_equal(world_fact(w, FACT_SESSION_ENDED)->at_usec, last_usec + SEC(120));
        assert_int_equal(world_fact(w, FACT_SESSION_ENDED)->resumable, false);
        EXPECT(w, FACT_SESSION_ENDED);
        assert_false(engine_recording(w->engine));
}

/* An odd packet adds nothing to effort and takes nothing from it. */
static void test_start_odd(void **state)
{
        _cleanup_world_ World *w = raw_world();
        usec_t begin_usec = w->now_usec + SEC(1);

        (void)state;
        world_run(w, 0, 15, 120); /* 12 s of effort */
        world_wait(w, 0.5);
        world_no_contact(w, 0, 120);
        world_wait(w, 0.5);
        world_run(w, 0, 6, 120); /* and 2 of the last one */
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 120);
        assert_int_equal(world_fact(w, FACT_SESSION_STARTED)->at_usec, begin_usec);
        assert_int_equal(world_count(w, FACT_SAMPLE), 22);
        EXPECT(w, FACT_SESSION_STARTED);
}

/* What was below takes its time away from effort, and what is older than five minutes is none. */
static void test_start_below(void **state)
{
        _cleanup_world_ World *w = raw_world();

        (void)state;
        for (unsigned i = 0; i < 60; i++) { /* a staircase every minute */
                world_run(w, 0, 20, 120);
                world_run(w, 0, 40, 80);
        }
        EXPECT_NOTHING(w);
        world_run(w, 0, 15, 120);
        world_wait(w, 301);
        world_run(w, 0, 22, 120);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 120);
        EXPECT(w, FACT_SESSION_STARTED);
}

/* What a slow sensor's heart rate is worth is no effort after a gap of ten minutes: that session would begin before it. */
static void test_start_long_gap(void **state)
{
        EngineConfig c = world_config();
        c.recorder.start_after_usec = SEC(10);
        _cleanup_world_ World *w = world_new(&c);

        (void)state;
        for (unsigned i = 0; i < 12; i++) {
                world_wait(w, 11);
                world_bare(w, 0, 80 + i % 2);
        }
        world_wait(w, 11);
        for (unsigned i = 0; i < 2; i++) { /* the second is the first settled one */
                world_bare(w, 0, 99);
                world_wait(w, i == 0 ? 11 : 600);
        }
        world_bare(w, 0, 99);
        EXPECT_NOTHING(w);
}

/* What lies before a session is heard by the limiter, but only what is so now is announced; and a breach stands at its first
 * heart rate above, and its last. */
static void test_backdated_breach(void **state)
{
        EngineConfig c = world_config();
        c.window_usec = SEC(1);
        c.limiter.clear_usec = SEC(5);
        _cleanup_world_ World *above = world_new(&c), *past = world_new(&c);
        usec_t began_usec = above->now_usec + SEC(33), ended_usec = past->now_usec + SEC(45);
        const Fact *f;

        (void)state;
        world_run(above, 0, 30, 80);
        world_run(above, 0, 23, 160);
        f = world_fact(above, FACT_OVER_LIMIT);
        assert_true(f->begins && !f->announce && f->at_usec == began_usec);
        assert_int_equal(f->length_usec, SEC(10));
        f = &world_emitted(above, FACT_OVER_LIMIT, 1)->fact;
        assert_true(!f->begins && f->announce && f->at_usec == began_usec);
        assert_int_equal(f->length_usec, SEC(20));
        EXPECT(above, FACT_SESSION_STARTED, FACT_OVER_LIMIT, FACT_OVER_LIMIT);

        world_run(past, 0, 30, 80);
        world_run(past, 0, 15, 160);
        world_run(past, 0, 11, 120);
        EXPECT_NOTHING(past);
        world_run(past, 0, 1, 120); /* the two in between that did not agree have taken two seconds away */
        f = world_fact(past, FACT_OVER_LIMIT);
        assert_true(f->begins && !f->announce && f->at_usec == began_usec);
        f = world_fact(past, FACT_BACK_IN_RANGE);
        assert_true(!f->announce && f->at_usec == ended_usec);
        assert_int_equal(f->length_usec, ended_usec - began_usec);
        EXPECT(past, FACT_SESSION_STARTED, FACT_OVER_LIMIT, FACT_BACK_IN_RANGE);
}

/* A strap that was frozen for a moment within the pre-roll: it adds nothing to effort and hold, as it would have live. */
static void test_backdated_frozen(void **state)
{
        EngineConfig c = world_config();
        c.recorder.start_after_usec = SEC(150);
        c.limiter.hold_usec = SEC(140);
        c.window_usec = SEC(1);
        _cleanup_world_ World *w = world_new(&c);
        usec_t effort_usec = w->now_usec + SEC(3);

        (void)state;
        for (unsigned i = 0; i < 124; i++) { /* the last three are frozen */
                world_wait(w, 1);
                world_bare(w, 0, 160);
        }
        world_run(w, 0, 31, 161);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 161);
        assert_int_equal(world_fact(w, FACT_SESSION_STARTED)->at_usec, effort_usec - SEC(2));
        assert_int_equal(world_fact(w, FACT_OVER_LIMIT)->at_usec, effort_usec);
        assert_int_equal(world_fact(w, FACT_OVER_LIMIT)->length_usec, SEC(143));
        EXPECT(w, FACT_SESSION_STARTED, FACT_OVER_LIMIT, FACT_OVER_LIMIT);
}

/* An odd packet within the pre-roll does not break a hold, as it would not have live. */
static void test_backdated_odd(void **state)
{
        _cleanup_world_ World *w = raw_world();
        usec_t began_usec = w->now_usec + SEC(3);

        (void)state;
        world_run(w, 0, 6, 160);
        world_wait(w, 0.5);
        world_no_contact(w, 0, 160);
        world_wait(w, 0.5);
        world_run(w, 0, 6, 160); /* 3 s, 2 s and 5 s */
        while (!engine_recording(w->engine))
                world_run(w, 0, 1, 120);
        assert_int_equal(world_fact(w, FACT_OVER_LIMIT)->at_usec, began_usec);
        assert_int_equal(world_fact(w, FACT_OVER_LIMIT)->length_usec, SEC(10));
        assert_false(world_fact(w, FACT_OVER_LIMIT)->announce);
        EXPECT(w, FACT_SESSION_STARTED, FACT_OVER_LIMIT);
}

/* The same while snoozed: announced when that ends. */
static void test_backdated_breach_snoozed(void **state)
{
        _cleanup_world_ World *w = raw_world();

        (void)state;
        assert_int_equal(world_send(w, (Event){ .type = EVENT_SNOOZE, .length_usec = SEC(25) }), 0);
        world_run(w, 0, 23, 160);
        EXPECT(w, FACT_SNOOZE, FACT_SESSION_STARTED, FACT_OVER_LIMIT);
        world_run(w, 0, 2, 160);
        assert_int_equal(world_fact(w, FACT_OVER_LIMIT)->announce, true);
        EXPECT(w, FACT_SNOOZE, FACT_OVER_LIMIT);
}

/* It bridges every hole shorter than end-after: one row, the hole an event. */
static void test_bridge(void **state)
{
        static const struct {
                double silent_s;
                bool bridged;
        } cases[] = { { 5, true }, { 5.001, true }, { 60, true }, { 299.999, true }, { 300, false } };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_world_ World *w = raw_world();
                usec_t last_usec;

                world_run(w, 0, 200, 120);
                last_usec = w->now_usec;
                world_clear(w);
                world_link(w, 0, SENSOR_LINK_ABSENT);
                world_wait(w, cases[i].silent_s);
                world_link(w, 0, SENSOR_LINK_CONNECTED);
                world_beat(w, 0, 120);
                if (!cases[i].bridged) {
                        assert_int_equal(world_fact(w, FACT_SESSION_ENDED)->at_usec, last_usec);
                        EXPECT(w, FACT_STRAP_LOST, FACT_SESSION_ENDED);
                } else if (cases[i].silent_s > 5) {
                        assert_int_equal(world_fact(w, FACT_GAP)->at_usec, last_usec);
                        assert_int_equal(world_fact(w, FACT_GAP)->length_usec, SEC(cases[i].silent_s));
                        if (cases[i].silent_s < 60)
                                EXPECT(w, FACT_GAP);
                        else
                                EXPECT(w, FACT_STRAP_LOST, FACT_GAP, FACT_STRAP_BACK);
                } else {
                        EXPECT_NOTHING(w);
                }
        }
}

/* `contact` = as soon as the strap is live. */
static void test_contact_start(void **state)
{
        EngineConfig c = world_config();
        c.start_above = (Intensity){ .kind = INTENSITY_CONTACT };
        _cleanup_world_ World *w = world_new(&c);

        (void)state;
        world_run(w, 0, 1, 40);
        EXPECT(w, FACT_SESSION_STARTED);
        world_run(w, 0, 1000, 40);
        world_wait(w, 300);
        assert_int_equal(world_fact(w, FACT_SESSION_ENDED)->at_usec, w->now_usec - SEC(300));
        EXPECT(w, FACT_STALE, FACT_SESSION_ENDED);
}

/* Shorter than min-duration: discarded. And the pre-roll of the next does not reach into the one before. */
static void test_discarded(void **state)
{
        static const Intensity ceiling = { INTENSITY_BPM, 130 };
        _cleanup_world_ World *w = raw_world();
        usec_t last_usec;

        (void)state;
        assert_int_equal(world_send(w, (Event){ .type = EVENT_CEILING, .intensity = &ceiling }), 0);
        EXPECT(w, FACT_CEILING);
        world_run(w, 0, 122, 120); /* 119 s from the first effort to the last */
        last_usec = w->now_usec;
        world_clear(w);
        world_wait(w, 300);
        assert_int_equal(world_fact(w, FACT_SESSION_DISCARDED)->at_usec, last_usec);
        assert_int_equal(world_fact(w, FACT_SESSION_DISCARDED)->resumable, false);
        assert_int_equal(world_fact(w, FACT_STALE)->at_usec, last_usec + SEC(5) + 1);
        assert_int_equal(world_fact(w, FACT_STALE)->length_usec, SEC(5) + 1);
        EXPECT(w, FACT_STALE, FACT_STRAP_LOST, FACT_SESSION_DISCARDED);

        /* It was none: what a command had set holds until one has ended. */
        world_run(w, 0, 123, 120);
        world_clear(w);
        world_run(w, 0, 300, 80);
        EXPECT(w, FACT_SESSION_ENDED, FACT_CEILING);
        world_run(w, 0, 23, 120);
        EXPECT(w, FACT_SESSION_STARTED);
}

/* With two sessions one right after the other the pre-roll stops at the one before. */
static void test_pre_roll(void **state)
{
        EngineConfig c = world_config();
        c.recorder.end_after_usec = SEC(10);
        c.recorder.cool_down_usec = SEC(2);
        c.recorder.min_duration_usec = 0;
        c.window_usec = SEC(1);
        _cleanup_world_ World *w = world_new(&c);
        usec_t ended_usec;

        (void)state;
        world_run(w, 0, 60, 120);
        world_run(w, 0, 10, 80);
        ended_usec = world_fact(w, FACT_SESSION_ENDED)->at_usec;
        assert_int_equal(ended_usec, w->now_usec - SEC(8));
        world_clear(w);
        world_run(w, 0, 23, 120);
        assert_int_equal(world_fact(w, FACT_SESSION_STARTED)->at_usec, ended_usec + SEC(1));
        assert_int_equal(world_count(w, FACT_SAMPLE), 8 + 23);
}

/* The ring holds no more: what is left of the pre-roll is kept. */
static void test_pre_roll_beyond_ring(void **state)
{
        _cleanup_world_ World *w = raw_world();

        (void)state;
        for (unsigned i = 0; i < 51 * 50; i++) {
                world_wait(w, 0.02);
                world_bare(w, 0, i < 30 * 50 ? 80 + i % 2 : 120 + i % 2);
        }
        assert_int_equal(world_count(w, FACT_SESSION_STARTED), 1);
        assert_true(world_count(w, FACT_SAMPLE) >= RING_SAMPLES_MAX);
        assert_true(world_fact(w, FACT_SESSION_STARTED)->at_usec < w->now_usec - SEC(20));
}

/* -- By hand -- */

static void test_by_hand(void **state)
{
        _cleanup_world_ World *w = raw_world();

        (void)state;
        assert_int_equal(world_send(w, (Event){ .type = EVENT_START }), -ENODEV);
        assert_int_equal(world_send(w, (Event){ .type = EVENT_STOP }), -ENOENT);
        world_run(w, 0, 1, 60);
        command(w, EVENT_START);
        assert_int_equal(world_fact(w, FACT_SESSION_STARTED)->at_usec, w->now_usec);
        assert_int_equal(world_count(w, FACT_SAMPLE), 1); /* the newest heart rate is the first kept */
        assert_int_equal(world_count(w, FACT_ZONE), 1);
        EXPECT(w, FACT_SESSION_STARTED);
        assert_int_equal(world_send(w, (Event){ .type = EVENT_START }), -EALREADY);
        world_run(w, 0, 1000, 60); /* low effort does not end it */
        EXPECT_NOTHING(w);
        command(w, EVENT_STOP);
        assert_int_equal(world_fact(w, FACT_SESSION_ENDED)->at_usec, w->now_usec); /* nothing is trimmed */
        EXPECT(w, FACT_SESSION_ENDED);

        world_run(w, 0, 1, 60);
        command(w, EVENT_START);
        world_run(w, 0, 5, 60);
        command(w, EVENT_STOP);
        EXPECT(w, FACT_SESSION_STARTED, FACT_SESSION_ENDED); /* however short */

        command(w, EVENT_START);
        world_run(w, 0, 1, 60);
        world_wait(w, 299.999999);
        EXPECT(w, FACT_SESSION_STARTED, FACT_STALE);
        world_wait(w, 0.000001);
        assert_int_equal(world_fact(w, FACT_SESSION_ENDED)->at_usec, w->now_usec - SEC(300));
        EXPECT(w, FACT_SESSION_ENDED);
        assert_int_equal(world_send(w, (Event){ .type = EVENT_START }), -ENODEV);
}

/* No heart rate is in two sessions: one begun within a beat of the end of another waits for the next. */
static void test_by_hand_at_once(void **state)
{
        _cleanup_world_ World *w = raw_world();

        (void)state;
        world_run(w, 0, 5, 60);
        command(w, EVENT_START);
        world_run(w, 0, 5, 60);
        command(w, EVENT_STOP);
        world_wait(w, 0.5);
        world_clear(w);
        command(w, EVENT_START);
        assert_int_equal(world_fact(w, FACT_SESSION_STARTED)->at_usec, w->now_usec);
        assert_int_equal(world_count(w, FACT_SAMPLE), 0);
        world_wait(w, 0.5);
        world_beat(w, 0, 61);
        assert_int_equal(world_count(w, FACT_SAMPLE), 1);
        EXPECT(w, FACT_SESSION_STARTED);
        command(w, EVENT_STOP);
        assert_int_equal(world_fact(w, FACT_SESSION_ENDED)->at_usec, w->now_usec);

        /* It may come to nothing, but it is there: somebody has its number. */
        world_clear(w);
        command(w, EVENT_START);
        command(w, EVENT_STOP);
        assert_int_equal(world_count(w, FACT_SAMPLE), 0);
        EXPECT(w, FACT_SESSION_STARTED, FACT_SESSION_ENDED);
}

/* After StopSession nothing starts by itself until effort has once been below start-above for end-after. */
static void test_stop(void **state)
{
        _cleanup_world_ World *w = raw_world();

        (void)state;
        world_run(w, 0, 200, 120);
        command(w, EVENT_STOP);
        EXPECT(w, FACT_SESSION_STARTED, FACT_SESSION_ENDED);
        world_run(w, 0, 1000, 120);
        world_run(w, 0, 296, 80);
        world_run(w, 0, 100, 120);
        EXPECT_NOTHING(w);
        world_run(w, 0, 300, 80);
        world_run(w, 0, 22, 120);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 120);
        EXPECT(w, FACT_SESSION_STARTED);
}

/* Of two live straps the one whose heart rate is newest is taken. */
static void test_by_hand_two_straps(void **state)
{
        _cleanup_world_ World *w = raw_world();

        (void)state;
        world_link(w, 5, SENSOR_LINK_CONNECTED);
        world_run(w, 5, 1, 70);
        world_wait(w, 0.5);
        world_beat(w, 0, 80);
        world_wait(w, 14.75); /* strap 5 is stale by now */
        command(w, EVENT_START);
        assert_int_equal(world_fact(w, FACT_SESSION_STARTED)->sensor, 0);
        command(w, EVENT_STOP);
        world_beat(w, 5, 71);
        world_clear(w);
        command(w, EVENT_START);
        assert_int_equal(world_fact(w, FACT_SESSION_STARTED)->sensor, 5);
}

/* -- Two straps -- */

static void test_switch(void **state)
{
        _cleanup_world_ World *w = raw_world();

        (void)state;
        world_link(w, 1, SENSOR_LINK_CONNECTED);
        for (unsigned i = 0; i < 60; i++) {
                world_run(w, 0, 1, 160);
                world_beat(w, 1, 130);
        }
        EXPECT(w, FACT_SESSION_STARTED, FACT_OVER_LIMIT, FACT_OVER_LIMIT);
        assert_int_equal(world_count(w, FACT_SAMPLE), 0);
        world_run(w, 1, 29, 130);
        assert_int_equal(world_count(w, FACT_SAMPLE), 0);
        EXPECT(w, FACT_STALE);
        world_run(w, 1, 1, 130);
        assert_int_equal(world_fact(w, FACT_STRAP)->sensor, 1);
        assert_int_equal(world_fact(w, FACT_GAP)->length_usec, SEC(30));
        assert_int_equal(world_fact(w, FACT_SAMPLE)->sensor, 1);
        /* The session was in zone 3, and this strap has been in zone 1 all along. */
        assert_int_equal(world_fact(w, FACT_ZONE)->zone, 1);
        EXPECT(w, FACT_STRAP, FACT_GAP);
        world_run(w, 1, 14, 130);
        EXPECT_NOTHING(w);
        world_run(w, 1, 1, 130);
        assert_int_equal(world_fact(w, FACT_BACK_IN_RANGE)->sensor, 1);
        EXPECT(w, FACT_BACK_IN_RANGE);
        world_run(w, 0, 4, 160); /* the first one is back, and has to wait */
        assert_int_equal(world_count(w, FACT_SAMPLE), 0);
        EXPECT_NOTHING(w);
}

/* A strap that is forgotten, or gone with bluetoothd, and soon back: the session goes on as after any hole. What it had
 * begun does not go over to another strap in its slot. */
static void test_forget(void **state)
{
        const Event forget = { .type = EVENT_FORGET, .sensor = 0 };
        _cleanup_world_ World *w = raw_world();

        (void)state;
        for (unsigned linked = 0; linked < 2; linked++) {
                world_link(w, 0, linked ? SENSOR_LINK_CONNECTED : SENSOR_LINK_ABSENT);
                world_run(w, 0, 200, 120);
                world_clear(w);
                assert_int_equal(world_send(w, forget), 0);
                assert_int_equal(world_count(w, FACT_SENSOR), 1);
                assert_int_equal(w->engine->track[0].state, SENSOR_ABSENT);
                assert_null(engine_latest(w->engine, 0));
                world_wait(w, 3);
                world_link(w, 0, SENSOR_LINK_CONNECTED);
                assert_null(engine_latest(w->engine, 0));
                world_run(w, 0, 10, 120);
                assert_int_equal(world_count(w, FACT_SAMPLE), 10);
                EXPECT_NOTHING(w);
                command(w, EVENT_STOP);
                world_run(w, 0, 300, 70);
                world_clear(w);
        }
        world_link(w, 0, SENSOR_LINK_ABSENT);
        world_run(w, 0, 15, 120);
        assert_int_equal(world_send(w, forget), 0);
        world_link(w, 0, SENSOR_LINK_CONNECTED);
        world_run(w, 0, 22, 120);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 120);
        assert_int_equal(world_fact(w, FACT_SESSION_STARTED)->at_usec, w->now_usec - SEC(22));
}

/* -- Restart -- */

/* Its last sample is younger than end-after: the same session, if its strap is live again in that time. */
static void test_resume(void **state)
{
        _cleanup_world_ World *w = raw_world();
        usec_t last_usec = w->now_usec - SEC(60);

        (void)state;
        assert_int_equal(world_resume(w, 1000, 60, false), 0);
        assert_int_equal(world_resume(w, 1000, 60, false), -EALREADY);
        assert_true(engine_recording(w->engine));
        world_run(w, 0, 1, 120);
        assert_int_equal(world_fact(w, FACT_GAP)->at_usec, last_usec);
        assert_int_equal(world_fact(w, FACT_GAP)->length_usec, SEC(61));
        assert_int_equal(world_count(w, FACT_ZONE), 0); /* the one that it was in */
        EXPECT(w, FACT_GAP);
        world_run(w, 0, 20, 160);
        EXPECT(w, FACT_OVER_LIMIT);
        world_wait(w, 300);
        EXPECT(w, FACT_STALE, FACT_STRAP_LOST, FACT_BACK_IN_RANGE, FACT_SESSION_ENDED);
}

/* Otherwise it is closed at its last sample and kept. */
static void test_resume_alone(void **state)
{
        static const double ages_s[] = { 0, 60, 299, 300, 900 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(ages_s); i++) {
                _cleanup_world_ World *w = raw_world();
                usec_t last_usec = w->now_usec - SEC(ages_s[i]);

                assert_int_equal(world_resume(w, ages_s[i] + 10, ages_s[i], i % 2), 0);
                if (ages_s[i] < 300)
                        assert_true(engine_deadline(w->engine) <= last_usec + SEC(300));
                world_wait(w, 300);
                assert_int_equal(world_fact(w, FACT_SESSION_ENDED)->at_usec, last_usec);
                assert_int_equal(world_fact(w, FACT_SESSION_ENDED)->resumable, false);
                if (ages_s[i] < 240) /* there is a minute to wait for it */
                        EXPECT(w, FACT_STRAP_LOST, FACT_SESSION_ENDED);
                else
                        EXPECT(w, FACT_SESSION_ENDED);
        }
}

/* What cannot be is refused. */
static void test_resume_refused(void **state)
{
        _cleanup_world_ World *w = raw_world();
        usec_t now_usec = w->now_usec;
        const struct {
                usec_t begin_usec;
                size_t n;
                PastSample past[3];
        } cases[] = {
                { SEC(900), 0, { { 0 } } },
                { SEC(900), 1, { { SEC(899), 120, true, 1 } } },
                { SEC(900), 2, { { SEC(900), 120, true, 1 }, { SEC(900), 120, true, 1 } } },
                { SEC(900), 3,
                                { { SEC(900), 120, true, 1 }, { SEC(902), 120, true, 1 },
                                                { SEC(901), 120, true, 1 } } },
                { SEC(900), 1, { { now_usec + 1, 120, true, 1 } } },
                { -SEC(9), 1, { { -SEC(1), 120, true, 1 } } }, /* before the clock began, wrapped */
                { SEC(900), 1, { { SEC(900), 0, true, 1 } } },
                { SEC(900), 1, { { SEC(900), 24.5, true, 1 } } },
                { SEC(900), 1, { { SEC(900), 250.5, true, 1 } } },
                { SEC(900), 1, { { SEC(900), NAN, true, 1 } } },
                { SEC(900), 1, { { SEC(900), 120, true, ZONES_MAX + 1 } } },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_int_equal(world_send(w, (Event){ .type = EVENT_RESUME,
                                                               .begin_usec = cases[i].begin_usec,
                                                               .past = cases[i].past,
                                                               .n_past = cases[i].n }),
                                -EINVAL);
                assert_false(engine_recording(w->engine));
        }
        EXPECT_NOTHING(w);
        assert_int_equal(world_resume_at(w, 1, 0, true, 120), 0); /* a single heart rate, just now */
        assert_true(engine_recording(w->engine));
}

/* Its first heart rate may come within the millisecond of the last one stored, and from a strap that is new to this
 * daemon. */
static void test_resume_at_once(void **state)
{
        _cleanup_world_ World *w = raw_world();

        (void)state;
        assert_int_equal(world_resume_at(w, 100, 0, false, 120), 0);
        world_beat(w, 0, 121);
        assert_int_equal(world_fact(w, FACT_SAMPLE)->at_usec, w->now_usec + USEC_PER_MSEC);
        world_wait(w, 0.0005);
        assert_int_equal(world_send(w, (Event){ .type = EVENT_FORGET }), 0);
        world_link(w, 0, SENSOR_LINK_CONNECTED);
        world_beat(w, 0, 122);
        assert_int_equal(world_count(w, FACT_SAMPLE), 2);
        EXPECT_NOTHING(w);
}

/* Ten minutes of effort in it, and less than half of what was usual above the resting heart rate is none: who sits at a desk
 * has ended it. As if it had never been interrupted. */
static void test_resume_bound(void **state)
{
        static const struct {
                unsigned past_s, sits_at;
                bool ends;
        } cases[] = { { 700, 97, true }, { 700, 101, false }, { 300, 97, false } };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (unsigned resumed = 0; resumed < 2; resumed++) {
                        _cleanup_world_ World *w = raw_world();
                        usec_t last_usec;

                        if (resumed)
                                assert_int_equal(world_resume_at(w, cases[i].past_s, 0, false, 145), 0);
                        else
                                world_run(w, 0, cases[i].past_s, 145);
                        last_usec = w->now_usec;
                        world_clear(w);
                        world_run(w, 0, 299, cases[i].sits_at);
                        EXPECT_NOTHING(w);
                        world_run(w, 0, 1, cases[i].sits_at);
                        if (cases[i].ends) {
                                assert_int_equal(world_fact(w, FACT_SESSION_ENDED)->at_usec,
                                                last_usec + SEC(120));
                                EXPECT(w, FACT_SESSION_ENDED);
                                /* Nor does it begin another, before the runner has rested. */
                                world_run(w, 0, 300, cases[i].sits_at);
                                EXPECT_NOTHING(w);
                                world_run(w, 0, 23, 80);
                                world_run(w, 0, 40, cases[i].sits_at);
                                EXPECT(w, FACT_SESSION_STARTED);
                        }
                        assert_true(engine_recording(w->engine));
                }
}

/* Stopped by hand after a long run: who rests until that is over has rested for the bound of the next, too. */
static void test_stop_bound(void **state)
{
        _cleanup_world_ World *w = raw_world();

        (void)state;
        world_run(w, 0, 700, 145);
        command(w, EVENT_STOP);
        world_run(w, 0, 300, 80);
        world_clear(w);
        world_run(w, 0, 23, 96);
        EXPECT(w, FACT_SESSION_STARTED);
}

/* A staircase that the daemon was restarted on is none the longer for it: min-duration counts from its first effort. */
static void test_resume_min_duration(void **state)
{
        PastSample past[60];
        _cleanup_world_ World *w = raw_world();
        Event event = { .type = EVENT_RESUME, .past = past, .n_past = ELEMENTSOF(past) };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(past); i++)
                past[i] = (PastSample){ .at_usec = w->now_usec - SEC(59) + i * SEC(1),
                        .smoothed = i < 30 ? 80 : 120,
                        .counts = true };
        event.begin_usec = past[0].at_usec;
        assert_int_equal(world_send(w, event), 0);
        w->recording = w->begun = true;
        w->begin_usec = past[0].at_usec;
        w->sample_usec = w->now_usec;
        world_run(w, 0, 80, 120); /* 109 s of it; 139 s with the pre-roll */
        world_run(w, 0, 300, 70);
        EXPECT(w, FACT_SESSION_DISCARDED);
}

/* SIGTERM: the session ends at its last sample, to be resumed; there is nothing to end otherwise. */
static void test_suspend(void **state)
{
        _cleanup_world_ World *w = raw_world();

        (void)state;
        command(w, EVENT_SUSPEND);
        EXPECT_NOTHING(w);
        world_run(w, 0, 60, 160);
        world_run(w, 0, 200, 80); /* longer than the cool-down */
        world_clear(w);
        command(w, EVENT_SUSPEND);
        assert_int_equal(world_fact(w, FACT_SESSION_ENDED)->at_usec, w->now_usec);
        assert_int_equal(world_fact(w, FACT_SESSION_ENDED)->resumable, true);
        EXPECT(w, FACT_SESSION_ENDED);
}

/* -- Sensors -- */

/* Without a session, or of a strap that is not the session's, they are no events of a session. */
static void test_no_session_events(void **state)
{
        _cleanup_world_ World *w = raw_world();

        (void)state;
        world_link(w, 1, SENSOR_LINK_CONNECTED);
        world_run(w, 0, 3, 80);
        world_run(w, 1, 10, 80);
        EXPECT_NOTHING(w);
        command(w, EVENT_START);
        EXPECT(w, FACT_SESSION_STARTED);
        world_run(w, 1, 1, 80);
        world_beat(w, 0, 80);
        world_run(w, 1, 10, 80);
        world_no_contact(w, 0, 80);
        EXPECT_NOTHING(w);
        world_run(w, 1, 12, 160);
        world_beat(w, 0, 80);
        world_no_contact(w, 0, 80); /* and no gap in what the limiter hears */
        world_run(w, 1, 1, 160);
        EXPECT(w, FACT_OVER_LIMIT);
}

/* States are told as time passes, with nothing else coming in. */
static void test_sensor_states(void **state)
{
        _cleanup_world_ World *w = raw_world();

        (void)state;
        world_link(w, 7, SENSOR_LINK_CONNECTING);
        assert_int_equal(w->engine->track[7].state, SENSOR_CONNECTING);
        world_link(w, 7, SENSOR_LINK_CONNECTED);
        assert_int_equal(world_count(w, FACT_SENSOR), 1);
        world_run(w, 7, 1, 60);
        assert_int_equal(w->engine->track[7].state, SENSOR_LIVE);
        assert_int_equal(w->engine->track[7].contact, CONTACT_YES);
        assert_int_equal(world_fact(w, FACT_SENSOR)->sensor, 7);
        assert_int_equal(engine_latest(w->engine, 7)->heart_rate, 60);
        assert_null(engine_latest(w->engine, 8));
        world_clear(w);

        world_wait(w, 15); /* nothing is known of how often it sends */
        assert_int_equal(w->engine->track[7].state, SENSOR_LIVE);
        world_wait(w, 0.000001);
        assert_int_equal(w->engine->track[7].state, SENSOR_STALE);
        assert_null(engine_latest(w->engine, 7));
        world_clear(w);
        world_no_contact(w, 7, 60);
        world_wait(w, 2.9);
        world_no_contact(w, 7, 60);
        assert_int_equal(w->engine->track[7].state, SENSOR_STALE);
        assert_int_equal(world_count(w, FACT_SENSOR), 0);
        world_wait(w, 0.1);
        world_no_contact(w, 7, 61);
        assert_int_equal(w->engine->track[7].state, SENSOR_NO_CONTACT);
        assert_int_equal(w->engine->track[7].contact, CONTACT_NO);
        world_no_contact(w, 7, 62);
        assert_int_equal(world_count(w, FACT_SENSOR), 1); /* a change only */
        world_bare(w, 7, 60);
        assert_int_equal(w->engine->track[7].contact, CONTACT_UNSUPPORTED);
        world_wait(w, 0.5);
        world_beat(w, 7, 60);
        assert_int_equal(world_count(w, FACT_SENSOR), 3); /* of the contact, too */
        world_link(w, 7, SENSOR_LINK_ABSENT);
        assert_int_equal(w->engine->track[7].state, SENSOR_ABSENT);
        EXPECT_NOTHING(w);
}

/* -- Ceiling and configuration -- */

/* SetCeiling holds until the running session ends or, if none runs, until the next one ends. */
static void test_ceiling(void **state)
{
        static const Intensity set = { INTENSITY_BPM, 150 }, unknown = { INTENSITY_PERCENT_THRESHOLD, 90 };
        _cleanup_world_ World *w = raw_world();

        (void)state;
        assert_int_equal(engine_ceiling(w->engine)->kind, INTENSITY_PERCENT_RESERVE);
        assert_int_equal(world_send(w, (Event){ .type = EVENT_CEILING, .intensity = &unknown }), -ENODATA);
        assert_int_equal(engine_ceiling(w->engine)->kind, INTENSITY_PERCENT_RESERVE);
        for (unsigned during = 0; during < 2; during++) {
                if (during)
                        world_run(w, 0, 130, 120);
                world_clear(w);
                assert_int_equal(world_send(w, (Event){ .type = EVENT_CEILING, .intensity = &set }), 0);
                assert_true(world_fact(w, FACT_CEILING)->ceiling == 150);
                assert_int_equal(engine_ceiling(w->engine)->kind, INTENSITY_BPM);
                EXPECT(w, FACT_CEILING);
                world_run(w, 0, 130, 120);
                world_clear(w);
                world_run(w, 0, 300, 80);
                assert_true(fabs(world_fact(w, FACT_CEILING)->ceiling - 145.55) < 1e-9);
                EXPECT(w, FACT_SESSION_ENDED, FACT_CEILING);
                assert_int_equal(engine_ceiling(w->engine)->kind, INTENSITY_PERCENT_RESERVE);
        }
}

/* A new configuration holds at once, but for the zones and the tolerance of a session that is being recorded. */
static void test_configure(void **state)
{
        EngineConfig c = world_config();
        c.window_usec = SEC(1);
        _cleanup_world_ World *w = world_new(&c);

        (void)state;
        world_run(w, 0, 200, 130); /* zone 1 of 123.5 138.2 … */
        world_clear(w);
        c.runner.resting = 60;
        c.zones = (ZoneTable){ .n = 3, .bound = { 100, 110, 120 } };
        assert_int_equal(world_send(w, (Event){ .type = EVENT_CONFIGURE, .config = &c }), 0);
        assert_true(fabs(world_fact(w, FACT_CEILING)->ceiling - 149.05) < 1e-9);
        EXPECT(w, FACT_CEILING);
        assert_int_equal(world_send(w, (Event){ .type = EVENT_CONFIGURE, .config = &c }), 0);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 130);
        assert_int_equal(world_emitted(w, FACT_SAMPLE, 0)->sample.zone, 1);
        command(w, EVENT_STOP);
        world_clear(w);
        world_run(w, 0, 1, 130);
        assert_int_equal(world_emitted(w, FACT_HEART_RATE, 0)->sample.zone, 3);

        c.zones = (ZoneTable){ .n = 1, .bound = { 100 } };
        assert_int_equal(world_send(w, (Event){ .type = EVENT_CONFIGURE, .config = &c }), 0);
        world_clear(w);
        world_run(w, 0, 1, 130);
        assert_int_equal(world_emitted(w, FACT_HEART_RATE, 0)->sample.zone, 1);
}

/* The row of a session tells its tolerance: what was above by it when it began is above by it at its end. */
static void test_configure_tolerance(void **state)
{
        EngineConfig c = world_config();
        c.window_usec = SEC(1);
        c.limiter.tolerance = 2;
        _cleanup_world_ World *w = world_new(&c);

        (void)state;
        world_run(w, 0, 200, 130);
        c.limiter.tolerance = 0;
        assert_int_equal(world_send(w, (Event){ .type = EVENT_CONFIGURE, .config = &c }), 0);
        world_clear(w);
        world_run(w, 0, 60, 147); /* above 145.55, not above 147.55 */
        EXPECT_NOTHING(w);

        command(w, EVENT_STOP);
        command(w, EVENT_START);
        world_clear(w);
        world_run(w, 0, 60, 147);
        assert_true(world_fact(w, FACT_OVER_LIMIT)->begins);
}

static void test_unknown_event(void **state)
{
        _cleanup_world_ World *w = raw_world();

        (void)state;
        assert_int_equal(world_send(w, (Event){ .type = _EVENT_TYPE_MAX }), -EINVAL);
        assert_int_equal(world_send(w, (Event){ .type = _EVENT_TYPE_INVALID }), -EINVAL);
        assert_int_equal(w->n_emitted, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_run),
                cmocka_unit_test(test_start_odd),
                cmocka_unit_test(test_start_below),
                cmocka_unit_test(test_start_long_gap),
                cmocka_unit_test(test_backdated_breach),
                cmocka_unit_test(test_backdated_frozen),
                cmocka_unit_test(test_backdated_odd),
                cmocka_unit_test(test_backdated_breach_snoozed),
                cmocka_unit_test(test_bridge),
                cmocka_unit_test(test_contact_start),
                cmocka_unit_test(test_discarded),
                cmocka_unit_test(test_pre_roll),
                cmocka_unit_test(test_pre_roll_beyond_ring),
                cmocka_unit_test(test_by_hand),
                cmocka_unit_test(test_by_hand_at_once),
                cmocka_unit_test(test_stop),
                cmocka_unit_test(test_by_hand_two_straps),
                cmocka_unit_test(test_switch),
                cmocka_unit_test(test_forget),
                cmocka_unit_test(test_resume),
                cmocka_unit_test(test_resume_alone),
                cmocka_unit_test(test_resume_refused),
                cmocka_unit_test(test_resume_at_once),
                cmocka_unit_test(test_resume_bound),
                cmocka_unit_test(test_stop_bound),
                cmocka_unit_test(test_resume_min_duration),
                cmocka_unit_test(test_suspend),
                cmocka_unit_test(test_sensor_states),
                cmocka_unit_test(test_no_session_events),
                cmocka_unit_test(test_ceiling),
                cmocka_unit_test(test_configure),
                cmocka_unit_test(test_configure_tolerance),
                cmocka_unit_test(test_unknown_event),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
