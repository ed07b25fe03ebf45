/* SPDX-License-Identifier: MIT */

/* From a packet to a heart rate, and what the limiter makes of it in a session: the sentences of the contract, one by
 * one, through the core's one entrance. Sessions themselves are in test-session.c. */

#include "core-fixture.h"

/* A configuration without smoothing and without a wait, so that seconds can be counted on the fingers: what comes in
 * is the smoothed heart rate, and a session begins with the first one. */
static EngineConfig plain_config(void)
{
        EngineConfig c = world_config();

        c.window_usec = SEC(1);
        c.start_above = (Intensity){ .kind = INTENSITY_CONTACT };
        return c;
}

static World *plain_world(void)
{
        EngineConfig c = plain_config();

        return world_new(&c);
}

/* -- A heart rate -- */

/* A measurement of 25 to 250 bpm; anything else is neither stored nor smoothed, classified or alerted on. */
static void test_plausible(void **state)
{
        static const struct {
                uint16_t bpm;
                int rejected; /* Rejection, -1 = a heart rate */
        } cases[] = {
                { 0, REJECTED_NO_CONTACT },
                { 1, REJECTED_IMPLAUSIBLE },
                { 24, REJECTED_IMPLAUSIBLE },
                { 25, -1 },
                { 250, -1 },
                { 251, REJECTED_IMPLAUSIBLE },
                { 255, REJECTED_IMPLAUSIBLE },
                { 300, REJECTED_IMPLAUSIBLE },
                { 376, REJECTED_IMPLAUSIBLE },
                { 65535, REJECTED_IMPLAUSIBLE },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (unsigned wide = cases[i].bpm > 255; wide < 2; wide++) {
                        _cleanup_world_ World *w = plain_world();
                        const uint8_t value[] = { (uint8_t)wide, (uint8_t)cases[i].bpm,
                                (uint8_t)(cases[i].bpm >> 8) };
                        size_t n = cases[i].rejected < 0;

                        world_packet(w, 0, value, 2 + wide);
                        assert_int_equal(world_count(w, FACT_HEART_RATE), n);
                        assert_int_equal(world_count(w, FACT_SAMPLE), n);
                        assert_int_equal(world_count(w, FACT_SESSION_STARTED), n);
                        assert_int_equal(world_count(w, FACT_ZONE), n);
                        assert_int_equal(world_count(w, FACT_REJECTED), 1 - n);
                        if (n == 0)
                                assert_int_equal(world_fact(w, FACT_REJECTED)->reason, cases[i].rejected);
                        else
                                assert_int_equal(world_told(w, FACT_SAMPLE, 0)->sample.heart_rate,
                                                cases[i].bpm);
                }
}

/* With contact not `no`, unless trust-contact = no. */
static void test_contact(void **state)
{
        static const struct {
                uint8_t flags, bpm;
                bool trust, counts;
                Contact contact;
        } cases[] = {
                { 0x00, 150, true, true, CONTACT_UNSUPPORTED },
                { 0x02, 150, true, true, CONTACT_UNSUPPORTED },
                { 0x04, 150, true, false, CONTACT_NO },
                { 0x06, 150, true, true, CONTACT_YES },
                { 0x00, 150, false, true, CONTACT_UNSUPPORTED },
                { 0x04, 150, false, true, CONTACT_NO },
                { 0x06, 150, false, true, CONTACT_YES },
                { 0x04, 0, false, false, CONTACT_NO },
                { 0x06, 0, true, false, CONTACT_YES },
                { 0x00, 0, false, false, CONTACT_UNSUPPORTED },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                EngineConfig c = plain_config();
                const uint8_t value[] = { cases[i].flags, cases[i].bpm };

                c.trust_contact = cases[i].trust;
                _cleanup_world_ World *w = world_new(&c);
                world_packet(w, 0, value, sizeof(value));
                assert_int_equal(world_count(w, FACT_SAMPLE), cases[i].counts);
                assert_int_equal(w->engine->track[0].contact, cases[i].contact);
                if (cases[i].counts)
                        assert_int_equal(world_told(w, FACT_SAMPLE, 0)->sample.contact, cases[i].contact);
                else
                        assert_int_equal(world_fact(w, FACT_REJECTED)->reason, REJECTED_NO_CONTACT);
                assert_int_equal(
                                w->engine->track[0].state, cases[i].counts ? SENSOR_LIVE : SENSOR_NO_CONTACT);
        }
}

/* HR 0 or lost contact never counts: not towards the start of a session, a breach or its end, nor as live data. */
static void test_no_contact_never_counts(void **state)
{
        static const uint8_t values[][2] = { { 0x00, 0 }, { 0x06, 0 }, { 0x04, 200 }, { 0x04, 60 } };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(values); i++) {
                _cleanup_world_ World *w = plain_world();

                for (unsigned k = 0; k < 60; k++) {
                        world_wait(w, 1);
                        world_packet(w, 0, values[i], 2);
                }
                EXPECT_NOTHING(w);
                assert_int_equal(world_send(w, (Event){ .type = EVENT_START }), -ENODEV);

                world_run(w, 0, 11, 200);
                EXPECT(w, FACT_SESSION_STARTED, FACT_OVER_LIMIT);
                for (unsigned k = 0; k < 299; k++) {
                        world_wait(w, 1);
                        world_packet(w, 0, values[i], 2);
                }
                EXPECT(w, FACT_CONTACT_LOST);
                world_wait(w, 1);
                EXPECT(w, FACT_BACK_IN_RANGE, FACT_SESSION_DISCARDED);
        }
}

/* A malformed packet never becomes a sample, and does not disturb what is. */
static void test_malformed(void **state)
{
        static const struct {
                size_t size;
                uint8_t value[4];
        } cases[] = {
                { 0, { 0 } },
                { 1, { 0x00 } },
                { 1, { 0x16 } },
                { 2, { 0x01, 200 } },
                { 2, { 0x08, 200 } },
                { 3, { 0x08, 200, 1 } },
                { 3, { 0x09, 200, 0 } },
                { 4, { 0x09, 200, 0, 1 } },
                { 1, { 0xff } },
        };
        _cleanup_world_ World *w = plain_world();

        (void)state;
        world_run(w, 0, 3, 120);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                world_wait(w, 0.5);
                world_clear(w);
                world_packet(w, 0, cases[i].size > 0 ? cases[i].value : NULL, cases[i].size);
                assert_int_equal(w->n_told, 1);
                assert_int_equal(world_fact(w, FACT_REJECTED)->reason, REJECTED_MALFORMED);
                assert_int_equal(engine_latest(w->engine, 0)->heart_rate, 120);
        }
        /* Nor does it keep a strap live. */
        for (unsigned i = 0; i < 6; i++) {
                world_wait(w, 1);
                world_packet(w, 0, NULL, 0);
        }
        assert_int_equal(w->engine->track[0].state, SENSOR_STALE);
        world_clear(w);
        world_beat(w, 0, 120);
        assert_int_equal(world_count(w, FACT_SAMPLE), 1);
}

/* A value is taken at any time, whatever the link is said to be. */
static void test_any_link(void **state)
{
        (void)state;
        for (SensorLink link = 0; link < _SENSOR_LINK_MAX; link++) {
                _cleanup_world_ World *w = plain_world();

                world_link(w, 0, SENSOR_LINK_ABSENT);
                world_link(w, 0, link);
                world_run(w, 0, 3, 120);
                assert_int_equal(world_count(w, FACT_SAMPLE), 3);
                assert_int_equal(w->engine->track[0].state, SENSOR_LIVE);
                assert_non_null(engine_latest(w->engine, 0));
        }
}

/* A link that is said to come and go while values arrive each second disturbs neither hold nor effort. */
static void test_flapping_link(void **state)
{
        EngineConfig c = world_config();
        c.window_usec = SEC(1);
        _cleanup_world_ World *w = world_new(&c);

        (void)state;
        for (unsigned i = 0; i < 21; i++) {
                world_wait(w, 0.5);
                world_link(w, 0, SENSOR_LINK_ABSENT);
                world_link(w, 0, i % 2 ? SENSOR_LINK_CONNECTED : SENSOR_LINK_CONNECTING);
                world_wait(w, 0.5);
                world_beat(w, 0, 120);
        }
        EXPECT(w, FACT_SESSION_STARTED);
        for (unsigned i = 0; i < 11; i++) {
                world_wait(w, 0.5);
                world_link(w, 0, SENSOR_LINK_ABSENT);
                world_wait(w, 0.5);
                world_beat(w, 0, 160);
        }
        EXPECT(w, FACT_OVER_LIMIT);
}

/* The same payload again within 200 ms from the same characteristic is dropped. */
static void test_duplicates(void **state)
{
        static const uint8_t a[] = { 0x10, 120, 0, 2 }, b[] = { 0x10, 120, 1, 2 };
        static const struct {
                unsigned at_ms, sensor;
                const uint8_t *value;
                size_t size;
                bool taken;
        } cases[] = {
                { 0, 0, a, 4, true },
                { 0, 0, a, 4, false },
                { 100, 0, a, 4, false },
                { 199, 0, a, 4, false },
                { 200, 0, a, 4, true }, /* counted from the first one, however many came */
                { 210, 1, a, 4, true }, /* another strap */
                { 220, 0, b, 4, true }, /* another payload */
                { 230, 0, b, 2, true }, /* its beginning */
                { 240, 0, b, 4, true },
                { 250, 0, b, 4, false },
                { 1240, 0, b, 4, true }, /* a steady heart */
                { 1241, 0, b, 4, false },
        };
        _cleanup_world_ World *w = plain_world();
        usec_t begin_usec = w->now_usec;

        (void)state;
        world_link(w, 1, SENSOR_LINK_CONNECTED);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                world_advance(w, begin_usec + cases[i].at_ms * USEC_PER_MSEC);
                world_clear(w);
                world_packet(w, cases[i].sensor, cases[i].value, cases[i].size);
                assert_int_equal(world_count(w, FACT_HEART_RATE), cases[i].taken);
                if (!cases[i].taken)
                        assert_int_equal(world_fact(w, FACT_REJECTED)->reason, REJECTED_DUPLICATE);
        }
}

/* A duplicate of what was rejected is one too; a value too long to be remembered never is. */
static void test_odd_duplicates(void **state)
{
        static const uint8_t bad[] = { 0x01, 120 };
        uint8_t value[ENGINE_PACKET_MAX + 1] = { 0x10, 120 };
        _cleanup_world_ World *w = plain_world();

        (void)state;
        world_packet(w, 0, bad, sizeof(bad));
        world_packet(w, 0, bad, sizeof(bad));
        assert_int_equal(world_told(w, FACT_REJECTED, 0)->fact.reason, REJECTED_MALFORMED);
        assert_int_equal(world_told(w, FACT_REJECTED, 1)->fact.reason, REJECTED_DUPLICATE);
        world_clear(w);

        world_packet(w, 0, value, ENGINE_PACKET_MAX);
        world_packet(w, 0, value, ENGINE_PACKET_MAX);
        assert_int_equal(world_count(w, FACT_HEART_RATE), 1);
        world_packet(w, 0, value, sizeof(value));
        world_packet(w, 0, value, sizeof(value));
        assert_int_equal(world_count(w, FACT_HEART_RATE), 3);
        assert_int_equal(world_told(w, FACT_HEART_RATE, 2)->fact.n_rr, 31);
}

/* -- Smoothed -- */

/* The median of the heart rates in (t - window, t], from the first one on; an even count: the mean of the middle two. */
static void test_smoothed(void **state)
{
        static const struct {
                double at_s;
                uint8_t bpm;
                double smoothed;
        } cases[] = {
                { 0, 100, 100 },
                { 1, 110, 105 },
                { 2, 104, 104 },
                { 3, 0, 0 }, /* no heart rate */
                { 4, 120, 107 },
                { 5, 90, 107 }, /* 100 has left */
                { 6, 91, 97.5 },
                { 30, 180, 180 },
        };
        EngineConfig c = world_config();
        _cleanup_world_ World *w = world_new(&c);
        usec_t begin_usec = w->now_usec;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                world_advance(w, begin_usec + SEC(cases[i].at_s));
                world_clear(w);
                world_bare(w, 0, cases[i].bpm);
                assert_int_equal(world_count(w, FACT_HEART_RATE), cases[i].smoothed > 0);
                if (cases[i].smoothed > 0)
                        assert_true(world_fact(w, FACT_HEART_RATE)->heart_rate == cases[i].smoothed);
        }
}

/* -- The limiter -- */

/* It runs only inside a session. */
static void test_limiter_outside(void **state)
{
        EngineConfig c = world_config();
        c.start_above = (Intensity){ .kind = INTENSITY_OFF };
        _cleanup_world_ World *w = world_new(&c);

        (void)state;
        world_run(w, 0, 300, 190);
        EXPECT_NOTHING(w);
        assert_int_equal(world_send(w, (Event){ .type = EVENT_START }), 0);
        EXPECT(w, FACT_SESSION_STARTED);
        world_run(w, 0, 9, 190); /* the hold begins with the session */
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 190);
        EXPECT(w, FACT_OVER_LIMIT);
        assert_int_equal(world_send(w, (Event){ .type = EVENT_STOP }), 0);
        EXPECT(w, FACT_BACK_IN_RANGE, FACT_SESSION_ENDED);
        world_run(w, 0, 300, 190);
        EXPECT_NOTHING(w);
}

/* Above = smoothed > ceiling + tolerance; for hold: OverLimit; again every repeat; at or below the ceiling for clear:
 * BackInRange. The figures are those of the handbook's example. */
static void test_breach(void **state)
{
        _cleanup_world_ World *w = plain_world();
        const Fact *f;

        (void)state;
        world_run(w, 0, 60, 147); /* within the tolerance */
        EXPECT(w, FACT_SESSION_STARTED);
        world_run(w, 0, 10, 148);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 148);
        f = world_fact(w, FACT_OVER_LIMIT);
        assert_true(f->begins && f->announce && f->heart_rate == 148);
        assert_true(fabs(f->ceiling - 145.55) < 1e-9);
        assert_int_equal(f->length_usec, SEC(10));
        assert_int_equal(f->at_usec, w->now_usec);
        EXPECT(w, FACT_OVER_LIMIT);

        world_run(w, 0, 59, 150);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 150);
        f = world_fact(w, FACT_OVER_LIMIT);
        assert_true(!f->begins && f->announce);
        assert_int_equal(f->length_usec, SEC(70));
        EXPECT(w, FACT_OVER_LIMIT);

        world_run(w, 0, 70, 146); /* neither: the repeat waits for above */
        EXPECT_NOTHING(w);
        world_run(w, 0, 5, 145);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 145);
        f = world_fact(w, FACT_BACK_IN_RANGE);
        assert_true(f->announce && f->heart_rate == 145 && fabs(f->ceiling - 145.55) < 1e-9);
        assert_int_equal(f->length_usec, SEC(146));
        EXPECT(w, FACT_BACK_IN_RANGE);
        world_run(w, 0, 100, 120);
        EXPECT_NOTHING(w);
}

/* A spike alone never alerts, however high, even if nothing is to be held for. */
static void test_spike(void **state)
{
        EngineConfig c = world_config();
        c.start_above = (Intensity){ .kind = INTENSITY_CONTACT };
        c.limiter.hold_usec = 0;
        _cleanup_world_ World *w = world_new(&c);

        (void)state;
        world_run(w, 0, 5, 120);
        for (unsigned i = 0; i < 50; i++) {
                world_run(w, 0, 2, 250);
                world_run(w, 0, 5, 120);
        }
        EXPECT(w, FACT_SESSION_STARTED);
}

/* With a hold, not even where the spike is all there is in the window. */
static void test_spike_after_hole(void **state)
{
        EngineConfig c = world_config();
        c.start_above = (Intensity){ .kind = INTENSITY_CONTACT };
        _cleanup_world_ World *w = world_new(&c);

        (void)state;
        world_run(w, 0, 10, 120);
        for (unsigned i = 0; i < 10; i++) {
                world_wait(w, 20);
                world_run(w, 0, 1, 250);
                world_run(w, 0, 10, 120);
        }
        assert_int_equal(world_count(w, FACT_OVER_LIMIT), 0);
        assert_int_equal(world_count(w, FACT_GAP), 10);
}

/* No heart rate for stale-after, or no contact: a hold in progress starts anew, an open breach stays open. Silence is
 * never an alert. */
static void test_holes(void **state)
{
        enum { SILENCE, CONTACT, ZERO, HOLES_MAX };

        (void)state;
        for (unsigned hole = 0; hole < HOLES_MAX; hole++) {
                _cleanup_world_ World *w = plain_world();
                FactType told = hole == SILENCE ? FACT_STALE : FACT_CONTACT_LOST;

                for (unsigned breach = 0; breach < 2; breach++) {
                        world_run(w, 0, breach ? 11 : 10, 160);
                        if (breach)
                                EXPECT(w, FACT_OVER_LIMIT);
                        else
                                EXPECT(w, FACT_SESSION_STARTED);
                        if (hole == SILENCE)
                                world_wait(w, 5.5);
                        else
                                world_wait(w, 0.5);
                        if (hole == CONTACT)
                                world_no_contact(w, 0, 160);
                        else if (hole == ZERO)
                                world_bare(w, 0, 0);
                        EXPECT(w, told);
                        if (!breach) {
                                world_run(w, 0, 10, 160); /* anew */
                                if (hole == SILENCE)
                                        EXPECT(w, FACT_GAP);
                                else
                                        EXPECT_NOTHING(w);
                                world_run(w, 0, 5, 120);
                        }
                }
                /* Still open: no new one begins, and it ends as one; its clearing starts anew after a hole, too. */
                world_run(w, 0, 20, 160);
                world_clear(w);
                world_run(w, 0, 5, 120);
                if (hole == SILENCE)
                        world_wait(w, 5.5);
                else
                        world_no_contact(w, 0, 120);
                EXPECT(w, told);
                world_run(w, 0, 5, 120);
                assert_int_equal(world_count(w, FACT_BACK_IN_RANGE), 0);
                world_run(w, 0, 1, 120);
                assert_int_equal(world_count(w, FACT_BACK_IN_RANGE), 1);
                assert_int_equal(world_count(w, FACT_OVER_LIMIT), 0);
        }
}

/* A frozen strap is silence, too. */
static void test_frozen(void **state)
{
        _cleanup_world_ World *w = plain_world();

        (void)state;
        for (unsigned i = 0; i < 121; i++) {
                world_wait(w, 1);
                world_bare(w, 0, 160);
        }
        EXPECT(w, FACT_SESSION_STARTED, FACT_OVER_LIMIT, FACT_OVER_LIMIT);
        for (unsigned i = 0; i < 200; i++) {
                world_wait(w, 1);
                world_bare(w, 0, 160);
        }
        EXPECT(w, FACT_STALE);
        assert_null(engine_latest(w->engine, 0));
        world_run(w, 0, 1, 160); /* an interval: live again, the breach still open, the repeat overdue */
        assert_int_equal(world_fact(w, FACT_OVER_LIMIT)->begins, false);
        EXPECT(w, FACT_OVER_LIMIT);
}

/* The session's end, or a change of ceiling, ends an open breach with one BackInRange. */
static void test_breach_ends_otherwise(void **state)
{
        static const Intensity other = { INTENSITY_BPM, 150 }, same = { INTENSITY_BPM, 145.55 };
        _cleanup_world_ World *w = plain_world();
        const Fact *f;

        (void)state;
        world_run(w, 0, 20, 160);
        world_clear(w);
        assert_int_equal(world_send(w, (Event){ .type = EVENT_CEILING, .intensity = &other }), 0);
        f = world_fact(w, FACT_BACK_IN_RANGE);
        assert_true(f->announce && fabs(f->ceiling - 145.55) < 1e-9 && f->heart_rate == 160);
        assert_int_equal(f->length_usec, SEC(19));
        assert_true(world_fact(w, FACT_CEILING)->ceiling == 150);
        EXPECT(w, FACT_BACK_IN_RANGE, FACT_CEILING);
        world_run(w, 0, 10, 160);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 160);
        assert_true(world_fact(w, FACT_OVER_LIMIT)->ceiling == 150);
        EXPECT(w, FACT_OVER_LIMIT);
        assert_int_equal(world_send(w, (Event){ .type = EVENT_SUSPEND }), 0);
        EXPECT(w, FACT_BACK_IN_RANGE, FACT_SESSION_ENDED, FACT_CEILING); /* back to the configuration */

        /* The same figure in other words is no change. */
        world_run(w, 0, 12, 160);
        world_clear(w);
        w->engine->ceiling = 145.55;
        assert_int_equal(world_send(w, (Event){ .type = EVENT_CEILING, .intensity = &same }), 0);
        EXPECT_NOTHING(w);
}

static void test_no_ceiling(void **state)
{
        static const Intensity off = { .kind = INTENSITY_OFF };
        _cleanup_world_ World *w = plain_world();

        (void)state;
        assert_int_equal(world_send(w, (Event){ .type = EVENT_CEILING, .intensity = &off }), 0);
        assert_true(isnan(world_fact(w, FACT_CEILING)->ceiling));
        world_clear(w);
        world_run(w, 0, 100, 240);
        EXPECT(w, FACT_SESSION_STARTED);
        assert_int_equal(world_send(w, (Event){ .type = EVENT_CEILING, .intensity = &off }), 0);
        EXPECT_NOTHING(w);
        assert_int_equal(world_send(w, (Event){ .type = EVENT_CEILING }), 0);
        EXPECT(w, FACT_CEILING);
}

/* -- Snooze -- */

static void snooze(World *w, double seconds)
{
        assert_int_equal(world_send(w, (Event){ .type = EVENT_SNOOZE, .length_usec = SEC(seconds) }), 0);
}

/* No over-limit signals until then, breaches are still counted; when it ends while still above, OverLimit at once. */
static void test_snooze(void **state)
{
        _cleanup_world_ World *w = plain_world();
        const Fact *f;

        (void)state;
        snooze(w, 30.5); /* allowed without a session */
        assert_int_equal(world_fact(w, FACT_SNOOZE)->length_usec, SEC(30.5));
        EXPECT(w, FACT_SNOOZE);
        world_run(w, 0, 20, 160);
        f = world_fact(w, FACT_OVER_LIMIT);
        assert_true(f->begins && !f->announce);
        EXPECT(w, FACT_SESSION_STARTED, FACT_OVER_LIMIT);
        world_run(w, 0, 10, 160);
        EXPECT_NOTHING(w);
        world_wait(w, 0.5);
        f = world_fact(w, FACT_OVER_LIMIT);
        assert_true(!f->begins && f->announce && f->heart_rate == 160);
        assert_int_equal(f->length_usec, SEC(29.5));
        assert_int_equal(world_fact(w, FACT_SNOOZE)->length_usec, 0);
        EXPECT(w, FACT_SNOOZE, FACT_OVER_LIMIT);
        world_wait(w, 0.5);
        world_beat(w, 0, 120);
        world_run(w, 0, 5, 120);
        assert_true(world_fact(w, FACT_BACK_IN_RANGE)->announce);
        EXPECT(w, FACT_BACK_IN_RANGE);
}

/* A breach that begins and ends unheard: counted, and no signal for either. */
static void test_snoozed_breach(void **state)
{
        _cleanup_world_ World *w = plain_world();

        (void)state;
        snooze(w, 600);
        world_run(w, 0, 20, 160);
        world_run(w, 0, 20, 120);
        assert_int_equal(world_fact(w, FACT_OVER_LIMIT)->announce, false);
        assert_int_equal(world_fact(w, FACT_BACK_IN_RANGE)->announce, false);
        assert_int_equal(world_fact(w, FACT_BACK_IN_RANGE)->length_usec, SEC(25));
        EXPECT(w, FACT_SNOOZE, FACT_SESSION_STARTED, FACT_OVER_LIMIT, FACT_BACK_IN_RANGE);

        world_run(w, 0, 20, 160);
        EXPECT(w, FACT_OVER_LIMIT);
        world_run(w, 0, 1, 146);
        snooze(w, 0); /* 0 ends it; in the band, it is not above */
        EXPECT(w, FACT_SNOOZE);
        world_run(w, 0, 1, 160);
        assert_int_equal(world_fact(w, FACT_OVER_LIMIT)->announce, true);
        EXPECT(w, FACT_OVER_LIMIT);
        snooze(w, 0); /* and ends nothing where there is nothing */
        EXPECT_NOTHING(w);

        snooze(w, 100);
        snooze(w, 10); /* the later one counts */
        world_clear(w);
        world_run(w, 0, 10, 160);
        EXPECT(w, FACT_SNOOZE, FACT_OVER_LIMIT);
        snooze(w, 1e9);
        world_run(w, 0, 100, 160);
        EXPECT(w, FACT_SNOOZE);
}

/* It ends while there is no fresh heart rate: silence is never an alert. */
static void test_snooze_ends_in_silence(void **state)
{
        _cleanup_world_ World *w = plain_world();

        (void)state;
        snooze(w, 30);
        world_run(w, 0, 20, 160);
        world_clear(w);
        world_wait(w, 60);
        EXPECT(w, FACT_STALE, FACT_SNOOZE);
        world_run(w, 0, 1, 160);
        assert_int_equal(world_fact(w, FACT_OVER_LIMIT)->announce, true);
        EXPECT(w, FACT_GAP, FACT_OVER_LIMIT);
}

/* -- Zones -- */

static void test_zones(void **state)
{
        static const struct {
                uint8_t bpm;
                int zone; /* -1 = no change is told */
        } cases[] = {
                { 100, 0 },
                { 123, -1 },
                { 124, -1 },
                { 125, 1 }, /* 123.5 and the hysteresis of 1 */
                { 123, -1 },
                { 122, 0 },
                { 190, 5 },
                { 60, 0 },
        };
        /* Two heart rates a second: one alone in its window would start anew, without hysteresis. */
        EngineConfig c = plain_config();
        c.window_usec = SEC(0.75);
        _cleanup_world_ World *w = world_new(&c);

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                world_clear(w);
                for (unsigned k = 0; k < 2; k++) {
                        world_wait(w, 0.5);
                        world_bare(w, 0, cases[i].bpm);
                }
                if (cases[i].zone < 0)
                        assert_int_equal(world_count(w, FACT_ZONE), 0);
                else
                        assert_int_equal(world_told(w, FACT_ZONE, world_count(w, FACT_ZONE) - 1)->fact.zone,
                                        cases[i].zone);
        }
}

static void test_names(void **state)
{
        (void)state;
        assert_string_equal(rejection_to_string(REJECTED_MALFORMED), "malformed");
        assert_string_equal(rejection_to_string(REJECTED_DUPLICATE), "duplicate");
        assert_string_equal(rejection_to_string(REJECTED_NO_CONTACT), "no contact");
        assert_string_equal(rejection_to_string(REJECTED_IMPLAUSIBLE), "implausible");
        assert_null(rejection_to_string(_REJECTION_MAX));
        assert_null(rejection_to_string(_REJECTION_INVALID));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_plausible),
                cmocka_unit_test(test_contact),
                cmocka_unit_test(test_no_contact_never_counts),
                cmocka_unit_test(test_malformed),
                cmocka_unit_test(test_any_link),
                cmocka_unit_test(test_flapping_link),
                cmocka_unit_test(test_duplicates),
                cmocka_unit_test(test_odd_duplicates),
                cmocka_unit_test(test_smoothed),
                cmocka_unit_test(test_limiter_outside),
                cmocka_unit_test(test_breach),
                cmocka_unit_test(test_spike),
                cmocka_unit_test(test_spike_after_hole),
                cmocka_unit_test(test_holes),
                cmocka_unit_test(test_frozen),
                cmocka_unit_test(test_breach_ends_otherwise),
                cmocka_unit_test(test_no_ceiling),
                cmocka_unit_test(test_snooze),
                cmocka_unit_test(test_snoozed_breach),
                cmocka_unit_test(test_snooze_ends_in_silence),
                cmocka_unit_test(test_zones),
                cmocka_unit_test(test_names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
