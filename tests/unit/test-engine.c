/* SPDX-License-Identifier: MIT */

/* From a packet to a heart rate, and what the limiter makes of it in a session: the sentences of the contract, one by
 * one, through the core's one entrance. Sessions themselves are in test-session.c. */

#include "core-fixture.h"

/* A configuration with little smoothing and without a wait, so that seconds can be counted on the fingers: a session begins
 * with the first heart rate; the smoothed one is the median of the last three, and settled from the third on that are
 * alike. */
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
                                assert_int_equal(world_emitted(w, FACT_SAMPLE, 0)->sample.heart_rate,
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
                /* One packet without contact is none to speak of. */
                assert_int_equal(w->engine->track[0].contact,
                                cases[i].counts ? cases[i].contact : CONTACT_UNSUPPORTED);
                if (cases[i].counts) {
                        assert_int_equal(world_emitted(w, FACT_SAMPLE, 0)->sample.contact, cases[i].contact);
                        assert_int_equal(w->engine->track[0].state, SENSOR_LIVE);
                        continue;
                }
                assert_int_equal(world_fact(w, FACT_REJECTED)->reason, REJECTED_NO_CONTACT);
                world_wait(w, 3);
                world_packet(w, 0, value, sizeof(value));
                assert_int_equal(w->engine->track[0].state, SENSOR_NO_CONTACT);
                assert_int_equal(w->engine->track[0].contact, cases[i].contact);
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

                world_run(w, 0, 13, 200);
                EXPECT(w, FACT_SESSION_STARTED, FACT_OVER_LIMIT);
                for (unsigned k = 0; k < 299; k++) {
                        world_wait(w, 1);
                        world_packet(w, 0, values[i], 2);
                }
                EXPECT(w, FACT_CONTACT_LOST, FACT_STRAP_LOST);
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
        world_run(w, 0, 6, 120); /* five intervals: stale after 5 s */
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                world_wait(w, 0.5);
                world_clear(w);
                world_packet(w, 0, cases[i].size > 0 ? cases[i].value : NULL, cases[i].size);
                assert_int_equal(w->n_emitted, 1);
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
        for (unsigned i = 0; i < 23; i++) {
                world_wait(w, 0.5);
                world_link(w, 0, SENSOR_LINK_ABSENT);
                world_link(w, 0, i % 2 ? SENSOR_LINK_CONNECTED : SENSOR_LINK_CONNECTING);
                world_wait(w, 0.5);
                world_beat(w, 0, 120);
        }
        EXPECT(w, FACT_SESSION_STARTED);
        for (unsigned i = 0; i < 13; i++) {
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
                { 240, 0, b, 2, false },
                { 429, 0, b, 2, false },
                { 430, 0, b, 2, true },
                { 440, 0, b, 4, true },
                { 450, 0, b, 4, false },
                { 1440, 0, b, 4, true }, /* a steady heart */
                { 1441, 0, b, 4, false },
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

/* The link layer delivers every packet twice, up to 0.6 s apart: one heart rate more does no harm, but each R-R interval is
 * one: the same again before three quarters of what it covers have passed is no other beat. */
static void test_told_twice(void **state)
{
        static const double apart_s[] = { 0.005, 0.25, 0.6 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(apart_s); i++)
                for (unsigned bare = 0; bare < 2; bare++) {
                        EngineConfig c = world_config();
                        _cleanup_world_ World *w = world_new(&c);
                        size_t n = 0;

                        for (unsigned k = 0; k < 60; k++) {
                                world_wait(w, 1 - apart_s[i]);
                                for (unsigned twice = 0; twice < 2; twice++) {
                                        if (twice)
                                                world_wait(w, apart_s[i]);
                                        if (bare)
                                                world_bare(w, 0, 70);
                                        else
                                                world_beat(w, 0, 70);
                                }
                        }
                        n = world_count(w, FACT_HEART_RATE);
                        assert_int_equal(n, apart_s[i] > 0.2 ? 120 : 60);
                        assert_int_equal(world_count(w, FACT_REJECTED), 120 - n);
                        assert_int_equal(ring_end(&w->engine->track[0].ring), n);
                        if (!bare)
                                assert_int_equal(w->engine->track[0].ring.n_rr, 60);
                }
}

/* Each heart rate has a millisecond of its own: three that come within one are each a row. */
static void test_within_a_millisecond(void **state)
{
        _cleanup_world_ World *w = plain_world();
        usec_t at_usec;

        (void)state;
        world_run(w, 0, 6, 120);
        world_wait(w, 0.9995);
        at_usec = w->now_usec - 500;
        world_clear(w);
        world_beat(w, 0, 121);
        world_beat(w, 0, 122);
        world_wait(w, 0.0001);
        world_beat(w, 0, 123);
        assert_int_equal(world_count(w, FACT_SAMPLE), 3);
        for (unsigned i = 0; i < 3; i++) {
                assert_int_equal(world_emitted(w, FACT_SAMPLE, i)->sample.heart_rate, 121 + i);
                assert_int_equal(world_emitted(w, FACT_SAMPLE, i)->fact.at_usec, at_usec + i * USEC_PER_MSEC);
        }
        /* What is ahead of the clock falls back into step. */
        world_wait(w, 1);
        world_clear(w);
        world_beat(w, 0, 120);
        assert_int_equal(world_fact(w, FACT_SAMPLE)->at_usec, w->now_usec - w->now_usec % USEC_PER_MSEC);
        EXPECT_NOTHING(w);
}

/* More than a thousand a second: what is more than a second ahead of the clock is dropped, however long it goes on. */
static void test_too_many(void **state)
{
        EngineConfig c = world_config();
        _cleanup_world_ World *w = world_new(&c);
        usec_t begin_usec = w->now_usec;

        (void)state;
        for (unsigned i = 0; i < 3000; i++)
                world_bare(w, 0, 70 + i % 2);
        assert_int_equal(world_count(w, FACT_HEART_RATE), 1001);
        assert_int_equal(world_count(w, FACT_REJECTED), 1999);
        assert_int_equal(world_fact(w, FACT_REJECTED)->reason, REJECTED_TOO_MANY);
        assert_int_equal(engine_latest(w->engine, 0)->at_usec, begin_usec + SEC(1));

        world_clear(w);
        for (unsigned k = 0; k < 1000; k++) {
                world_wait(w, 0.001);
                for (unsigned i = 0; i < 3; i++)
                        world_bare(w, 0, 70 + (i + k) % 2);
        }
        assert_int_equal(world_count(w, FACT_HEART_RATE), 1000);
        assert_int_equal(engine_latest(w->engine, 0)->at_usec, begin_usec + SEC(2));
        /* Another strap is none the worse for it. */
        world_link(w, 1, SENSOR_LINK_CONNECTED);
        world_run(w, 1, 5, 70);
        assert_int_equal(ring_end(&w->engine->track[1].ring), 5);
        world_clear(w);
        world_bare(w, 0, 70);
        assert_int_equal(world_fact(w, FACT_HEART_RATE)->at_usec, w->now_usec);
}

/* -- One odd packet is nothing -- */

enum { ODD_ZERO, ODD_CONTACT, ODD_LOW, ODD_HIGH, ODD_MALFORMED, ODD_MISSING };

static void odd_packet(World *w, unsigned odd)
{
        switch (odd) {
        case ODD_ZERO:
                world_bare(w, 0, 0);
                break;
        case ODD_CONTACT:
                world_no_contact(w, 0, 165);
                break;
        case ODD_LOW:
                world_bare(w, 0, 24);
                break;
        case ODD_HIGH:
                world_bare(w, 0, 251);
                break;
        case ODD_MALFORMED:
                world_packet(w, 0, (const uint8_t[]){ 0x01, 165 }, 2);
                break;
        case ODD_MISSING:
                break;
        }
}

/* So many good packets and so many odd ones, in turn, each second one. */
static void test_odd_packets(void **state)
{
        static const struct {
                unsigned odd, good, n_odd;
        } cases[] = {
                { ODD_ZERO, 6, 1 },
                { ODD_ZERO, 14, 1 },
                { ODD_ZERO, 2, 1 },
                { ODD_ZERO, 1, 1 },
                { ODD_CONTACT, 11, 1 },
                { ODD_CONTACT, 18, 1 },
                { ODD_CONTACT, 19, 1 },
                { ODD_CONTACT, 5, 1 },
                { ODD_CONTACT, 8, 1 },
                { ODD_CONTACT, 12, 2 },
                { ODD_LOW, 6, 1 },
                { ODD_HIGH, 6, 1 },
                { ODD_MALFORMED, 6, 1 },
                { ODD_MISSING, 6, 1 },
                { ODD_MISSING, 12, 4 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                EngineConfig c = world_config();
                _cleanup_world_ World *w = world_new(&c);
                usec_t begin_usec = w->now_usec + SEC(1);

                for (unsigned k = 0; k < 600; k++) {
                        world_wait(w, 1);
                        if (k % (cases[i].good + cases[i].n_odd) >= cases[i].good)
                                odd_packet(w, cases[i].odd);
                        else
                                world_bare(w, 0, 165 + k % 3);
                        /* 20 s of effort from the third on; at most 2 s are lost at a pause of four. */
                        if (k == 45)
                                assert_int_equal(world_fact(w, FACT_OVER_LIMIT)->at_usec,
                                                world_emitted(w, FACT_SAMPLE, 2)->fact.at_usec);
                }
                assert_int_equal(world_fact(w, FACT_SESSION_STARTED)->at_usec, begin_usec);
                assert_int_equal(world_count(w, FACT_BACK_IN_RANGE), 0);
                assert_int_equal(world_count(w, FACT_GAP), 0);
                /* Never anything but live, and with what contact there is: both are said with the first heart rate. */
                assert_int_equal(w->engine->track[0].state, SENSOR_LIVE);
                assert_int_equal(world_count(w, FACT_SENSOR), 1);
                world_clear(w);
                assert_int_equal(world_send(w, (Event){ .type = EVENT_STOP }), 0);
                assert_true(world_fact(w, FACT_BACK_IN_RANGE)->announce);
                assert_true(world_fact(w, FACT_BACK_IN_RANGE)->length_usec > SEC(450));
        }
}

/* Twelve seconds with heart rates and two without contact, in turn, and then clean: noticed as if there had been nothing. */
static void test_odd_start(void **state)
{
        EngineConfig c = world_config();
        _cleanup_world_ World *w = world_new(&c);
        usec_t begin_usec = w->now_usec;

        (void)state;
        for (unsigned k = 0; k < 30 && !engine_recording(w->engine); k++) {
                world_wait(w, 1);
                if (k % 14 >= 12)
                        world_no_contact(w, 0, 150);
                else
                        world_beat(w, 0, 150);
        }
        /* The two seconds are worth 2 of the 3 until the next. */
        assert_int_equal(w->now_usec - begin_usec, SEC(24));
        assert_int_equal(world_fact(w, FACT_SESSION_STARTED)->at_usec, begin_usec + SEC(1));
        assert_true(world_emitted(w, FACT_OVER_LIMIT, 1)->fact.announce);
        EXPECT(w, FACT_SESSION_STARTED, FACT_OVER_LIMIT, FACT_OVER_LIMIT);
}

/* A sensor that sends every few seconds, and one whose packets come late and all at once, are recorded as others are. */
static void test_slow_sensors(void **state)
{
        static const struct {
                double each_s;
                unsigned at_once;
        } cases[] = { { 2, 1 }, { 3, 1 }, { 5.2, 1 }, { 8, 1 }, { 11, 1 }, { 15, 1 }, { 6, 6 } };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                EngineConfig c = world_config();
                _cleanup_world_ World *w = world_new(&c);
                usec_t begin_usec = w->now_usec;

                for (unsigned k = 0; k < 60; k++) {
                        for (unsigned n = 0; n < cases[i].at_once; n++) {
                                world_wait(w, n > 0 ? 0.03 : 0);
                                world_bare(w, 0, 165 + (k + n) % 2);
                        }
                        world_wait(w, cases[i].each_s - 0.03 * (cases[i].at_once - 1));
                }
                assert_int_equal(world_count(w, FACT_SESSION_STARTED), 1);
                assert_int_equal(world_fact(w, FACT_SESSION_STARTED)->at_usec, begin_usec);
                /* The third is settled, and 20 s come together within a few more. */
                assert_true(world_emitted(w, FACT_SESSION_STARTED, 0)->now_usec - begin_usec <= SEC(62));
                assert_true(world_count(w, FACT_OVER_LIMIT) > 2);
                assert_int_equal(world_count(w, FACT_GAP) + world_count(w, FACT_STALE), 0);
                assert_int_equal(world_count(w, FACT_SESSION_ENDED), 0);
                assert_int_equal(w->engine->track[0].state, SENSOR_LIVE);
        }
}

/* Links that come and go every few packets: one session with gaps, and alerts. */
static void test_odd_links(void **state)
{
        static const double away_s[] = { 12, 16, 26 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(away_s); i++) {
                EngineConfig c = world_config();
                _cleanup_world_ World *w = world_new(&c);

                for (unsigned k = 0; k < 60; k++) {
                        world_link(w, 0, SENSOR_LINK_CONNECTED);
                        world_run(w, 0, 4, 165);
                        world_link(w, 0, SENSOR_LINK_ABSENT);
                        world_wait(w, away_s[i]);
                }
                assert_int_equal(world_count(w, FACT_SESSION_STARTED), 1);
                assert_int_equal(world_count(w, FACT_SESSION_ENDED) + world_count(w, FACT_SESSION_DISCARDED),
                                0);
                assert_int_equal(world_count(w, FACT_STALE) + world_count(w, FACT_CONTACT_LOST), 0);
                assert_true(world_count(w, FACT_OVER_LIMIT) > 5);
                assert_int_equal(world_count(w, FACT_BACK_IN_RANGE), 0);
                /* From 15 s on they are gaps, until the sensor's pace is known. */
                assert_int_equal(world_count(w, FACT_GAP) > 0, away_s[i] > 15);
        }
}

/* What has waited comes at once: the same bytes again are a steady heart, unless they have the same R-R intervals. */
static void test_late_duplicates(void **state)
{
        static const uint8_t plain[] = { 0x00, 120 }, with_rr[] = { 0x10, 120, 0x00, 0x02 };
        static const struct {
                const uint8_t *value;
                size_t size;
                bool late;
                unsigned after_ms;
                unsigned n; /* of the two are taken */
        } cases[] = {
                { plain, sizeof(plain), false, 1, 1 },
                { plain, sizeof(plain), true, 1, 2 },
                { with_rr, sizeof(with_rr), false, 1, 1 },
                { with_rr, sizeof(with_rr), true, 1, 1 },
                { with_rr, sizeof(with_rr), true, 700, 1 },
                { with_rr, sizeof(with_rr), false, 700, 2 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_world_ World *w = plain_world();
                const Event event = { .type = EVENT_NOTIFICATION,
                        .value = cases[i].value,
                        .size = cases[i].size,
                        .late = cases[i].late };

                (void)world_send(w, event);
                world_advance(w, w->now_usec + cases[i].after_ms * USEC_PER_MSEC);
                (void)world_send(w, event);
                assert_int_equal(world_count(w, FACT_HEART_RATE), cases[i].n);
        }
}

/* A duplicate of what was rejected is one too; a value too long to be remembered never is. */
static void test_odd_duplicates(void **state)
{
        static const uint8_t bad[] = { 0x01, 120 };
        uint8_t value[TRACK_PACKET_MAX + 1] = { 0x10, 120 };
        _cleanup_world_ World *w = plain_world();

        (void)state;
        world_packet(w, 0, bad, sizeof(bad));
        world_packet(w, 0, bad, sizeof(bad));
        assert_int_equal(world_emitted(w, FACT_REJECTED, 0)->fact.reason, REJECTED_MALFORMED);
        assert_int_equal(world_emitted(w, FACT_REJECTED, 1)->fact.reason, REJECTED_DUPLICATE);
        world_clear(w);

        world_packet(w, 0, value, TRACK_PACKET_MAX);
        world_packet(w, 0, value, TRACK_PACKET_MAX);
        assert_int_equal(world_count(w, FACT_HEART_RATE), 1);
        world_packet(w, 0, value, sizeof(value));
        world_packet(w, 0, value, sizeof(value));
        assert_int_equal(world_count(w, FACT_HEART_RATE), 3);
        assert_int_equal(world_emitted(w, FACT_HEART_RATE, 2)->fact.n_rr, 31);
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

/* Above = smoothed > ceiling + tolerance; for hold: OverLimit; again after repeat, and twice that; at or below it for clear:
 * BackInRange. The figures are those of the handbook's example. */
static void test_breach(void **state)
{
        _cleanup_world_ World *w = plain_world();
        usec_t began_usec, ended_usec;
        const Fact *f;

        (void)state;
        world_run(w, 0, 60, 147); /* within the tolerance */
        EXPECT(w, FACT_SESSION_STARTED);
        world_run(w, 0, 2, 148);
        began_usec = w->now_usec;
        world_run(w, 0, 9, 149);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 149);
        f = world_fact(w, FACT_OVER_LIMIT);
        assert_true(f->begins && f->announce && f->heart_rate == 149 && f->first_heart_rate == 148);
        assert_true(fabs(f->ceiling - 145.55) < 1e-9);
        assert_int_equal(f->length_usec, SEC(10));
        assert_int_equal(f->at_usec, began_usec);
        EXPECT(w, FACT_OVER_LIMIT);

        /* Again after a minute, then after two. */
        world_run(w, 0, 59, 150);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 150);
        f = world_fact(w, FACT_OVER_LIMIT);
        assert_true(!f->begins && f->announce && f->at_usec == began_usec);
        assert_int_equal(f->length_usec, SEC(70));
        EXPECT(w, FACT_OVER_LIMIT);
        world_run(w, 0, 119, 150);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 150);
        assert_int_equal(world_fact(w, FACT_OVER_LIMIT)->length_usec, SEC(190));
        EXPECT(w, FACT_OVER_LIMIT);

        /* Close is good enough: within the tolerance it ends, and it ended when it was last above. */
        world_run(w, 0, 1, 147);
        ended_usec = w->now_usec;
        world_run(w, 0, 15, 147);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 147);
        f = world_fact(w, FACT_BACK_IN_RANGE);
        assert_true(f->announce && f->heart_rate == 147 && fabs(f->ceiling - 145.55) < 1e-9);
        assert_int_equal(f->at_usec, ended_usec);
        assert_int_equal(f->length_usec, SEC(191));
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

/* A gap of so many seconds, in which the strap says so much. */
enum { GAP_SILENCE, GAP_CONTACT, GAP_ZERO, GAPS_MAX };

static void gap(World *w, unsigned kind, unsigned seconds)
{
        for (unsigned i = 0; i < seconds; i++) {
                world_wait(w, 1);
                if (kind == GAP_CONTACT)
                        world_no_contact(w, 0, 160);
                else if (kind == GAP_ZERO)
                        world_bare(w, 0, 0);
        }
}

/* A gap adds nothing to a hold and takes nothing from it; after one of more than a minute it starts anew. Silence is never
 * an alert. */
static void test_gap_in_hold(void **state)
{
        (void)state;
        for (unsigned kind = 0; kind < GAPS_MAX; kind++) {
                _cleanup_world_ World *w = plain_world();
                FactType emitted = kind == GAP_SILENCE ? FACT_STALE : FACT_CONTACT_LOST;

                world_run(w, 0, 30, 120);
                world_run(w, 0, 8, 160); /* five seconds above, and two that the last one is worth */
                EXPECT(w, FACT_SESSION_STARTED);
                gap(w, kind, 20);
                EXPECT(w, emitted);
                world_run(w, 0, 5, 160); /* the third is settled */
                EXPECT(w, FACT_GAP);
                world_run(w, 0, 1, 160);
                assert_true(world_fact(w, FACT_OVER_LIMIT)->announce);
                assert_int_equal(world_fact(w, FACT_OVER_LIMIT)->length_usec, SEC(12));
                EXPECT(w, FACT_OVER_LIMIT);
                world_run(w, 0, 30, 120);
                EXPECT(w, FACT_BACK_IN_RANGE);

                world_run(w, 0, 8, 160);
                gap(w, kind, 60);
                EXPECT(w, emitted, FACT_STRAP_LOST);
                world_run(w, 0, 12, 160);
                EXPECT(w, FACT_GAP, FACT_STRAP_BACK);
                world_run(w, 0, 1, 160);
                assert_int_equal(world_fact(w, FACT_OVER_LIMIT)->length_usec, SEC(10));
                EXPECT(w, FACT_OVER_LIMIT);
        }
}

/* An open breach stays open in a gap, and the gap's time counts for its end. */
static void test_gap_in_breach(void **state)
{
        (void)state;
        for (unsigned kind = 0; kind < GAPS_MAX; kind++) {
                _cleanup_world_ World *w = plain_world();
                FactType emitted = kind == GAP_SILENCE ? FACT_STALE : FACT_CONTACT_LOST;

                world_run(w, 0, 13, 160);
                EXPECT(w, FACT_SESSION_STARTED, FACT_OVER_LIMIT);
                gap(w, kind, 100);
                EXPECT(w, emitted, FACT_STRAP_LOST);
                world_run(w, 0, 2, 160);
                EXPECT(w, FACT_GAP, FACT_STRAP_BACK);
                world_run(w, 0, 1, 160); /* settled: the repeat is overdue */
                assert_false(world_fact(w, FACT_OVER_LIMIT)->begins);
                assert_int_equal(world_fact(w, FACT_OVER_LIMIT)->length_usec, SEC(14));
                EXPECT(w, FACT_OVER_LIMIT);

                world_run(w, 0, 3, 120);
                gap(w, kind, 20);
                EXPECT(w, emitted);
                world_run(w, 0, 2, 120);
                EXPECT(w, FACT_GAP);
                world_run(w, 0, 1, 120);
                EXPECT(w, FACT_BACK_IN_RANGE);
        }
}

/* The session's silence has become a gap: emitted then, once, and why as far as the strap says. */
static void test_gap_emitted(void **state)
{
        EngineConfig c = world_config();
        _cleanup_world_ World *w = world_new(&c);
        usec_t last_usec;

        (void)state;
        world_run(w, 0, 60, 120);
        EXPECT(w, FACT_SESSION_STARTED);
        last_usec = w->now_usec;
        world_wait(w, 5);
        EXPECT_NOTHING(w);
        world_wait(w, 0.000001);
        assert_int_equal(world_fact(w, FACT_STALE)->at_usec, w->now_usec);
        assert_int_equal(world_fact(w, FACT_STALE)->length_usec, SEC(5) + 1);
        EXPECT(w, FACT_STALE);
        /* What the strap says comes when it comes. */
        world_wait(w, 2.999999);
        world_no_contact(w, 0, 120);
        assert_int_equal(world_fact(w, FACT_CONTACT_LOST)->at_usec, w->now_usec);
        EXPECT(w, FACT_CONTACT_LOST);
        gap(w, GAP_CONTACT, 10);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 120);
        assert_int_equal(world_fact(w, FACT_GAP)->at_usec, last_usec);
        assert_int_equal(world_fact(w, FACT_GAP)->length_usec, w->now_usec - last_usec);
        EXPECT(w, FACT_GAP);

        /* It says so at once: it is no gap yet. */
        last_usec = w->now_usec;
        gap(w, GAP_CONTACT, 5);
        assert_int_equal(w->engine->track[0].state, SENSOR_NO_CONTACT);
        EXPECT_NOTHING(w);
        world_wait(w, 0.000001);
        assert_int_equal(world_fact(w, FACT_CONTACT_LOST)->at_usec, last_usec + SEC(5) + 1);
        EXPECT(w, FACT_CONTACT_LOST);
        world_wait(w, 0.999999);
        world_beat(w, 0, 120);
        EXPECT(w, FACT_GAP);

        /* Said, and taken back before it was a gap. */
        gap(w, GAP_CONTACT, 3);
        world_run(w, 0, 1, 120);
        EXPECT_NOTHING(w);
        world_wait(w, 10);
        EXPECT(w, FACT_STALE);
        world_run(w, 0, 1, 120);
        EXPECT(w, FACT_GAP);

        /* Without a link there is nothing to say but that it is a gap. */
        world_link(w, 0, SENSOR_LINK_ABSENT);
        world_wait(w, 20);
        world_link(w, 0, SENSOR_LINK_CONNECTED);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 120);
        EXPECT(w, FACT_GAP);
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
        assert_int_equal(f->length_usec, SEC(17)); /* from the third on */
        assert_int_equal(f->at_usec, w->now_usec);
        assert_true(world_fact(w, FACT_CEILING)->ceiling == 150);
        EXPECT(w, FACT_BACK_IN_RANGE, FACT_CEILING);
        world_run(w, 0, 10, 160);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 160);
        f = world_fact(w, FACT_OVER_LIMIT);
        assert_true(f->ceiling == 150 && f->begins && !f->announce);
        EXPECT(w, FACT_OVER_LIMIT);
        world_run(w, 0, 41, 160); /* a minute after the last announcement, and no sooner */
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 160);
        f = world_fact(w, FACT_OVER_LIMIT);
        assert_true(f->ceiling == 150 && !f->begins && f->announce);
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

/* However often the ceiling changes: one OverLimit in a minute, and BackInRange for those that were emitted. */
static void test_ceiling_changes(void **state)
{
        _cleanup_world_ World *w = plain_world();
        size_t over = 0, back = 0, begun = 0;

        (void)state;
        for (unsigned i = 0; i < 30; i++) {
                const Intensity other = { INTENSITY_BPM, 140 + i % 2 };

                assert_int_equal(world_send(w, (Event){ .type = EVENT_CEILING, .intensity = &other }), 0);
                world_run(w, 0, 20, 180);
        }
        for (size_t i = 0; i < w->n_emitted; i++) {
                const Fact *f = &w->emitted[i].fact;

                over += f->type == FACT_OVER_LIMIT && f->announce;
                begun += f->type == FACT_OVER_LIMIT && f->begins;
                back += f->type == FACT_BACK_IN_RANGE && f->announce;
        }
        assert_int_equal(begun, 30);
        assert_int_equal(over, 10);
        assert_int_equal(back, 10);
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
        assert_int_equal(f->length_usec, SEC(27)); /* from the third to the last heart rate */
        assert_int_equal(world_fact(w, FACT_SNOOZE)->length_usec, 0);
        EXPECT(w, FACT_SNOOZE, FACT_OVER_LIMIT);
        world_wait(w, 0.5);
        world_beat(w, 0, 120);
        world_run(w, 0, 16, 120);
        EXPECT_NOTHING(w);
        world_run(w, 0, 1, 120); /* 15 s from the third on */
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
        assert_int_equal(world_fact(w, FACT_BACK_IN_RANGE)->length_usec, SEC(17));
        EXPECT(w, FACT_SNOOZE, FACT_SESSION_STARTED, FACT_OVER_LIMIT, FACT_BACK_IN_RANGE);

        world_run(w, 0, 20, 160);
        EXPECT(w, FACT_OVER_LIMIT);
        world_run(w, 0, 2, 146);
        snooze(w, 0); /* 0 ends it; in the band, it is not above */
        EXPECT(w, FACT_SNOOZE);
        world_run(w, 0, 2, 160);
        assert_int_equal(world_fact(w, FACT_OVER_LIMIT)->announce, true);
        EXPECT(w, FACT_OVER_LIMIT);
        snooze(w, 0); /* and ends nothing where there is nothing */
        EXPECT_NOTHING(w);

        snooze(w, 100);
        snooze(w, 10); /* the later one counts */
        world_clear(w);
        world_run(w, 0, 59, 160);
        EXPECT(w, FACT_SNOOZE); /* still above, and said a moment ago */
        world_run(w, 0, 1, 160);
        EXPECT(w, FACT_OVER_LIMIT);
        snooze(w, 1e9);
        world_run(w, 0, 100, 160);
        EXPECT(w, FACT_SNOOZE);
}

/* It ends in a gap: silence is never an alert; it is one with the first settled heart rate above that follows. */
static void test_snooze_ends_in_silence(void **state)
{
        _cleanup_world_ World *w = plain_world();

        (void)state;
        snooze(w, 30);
        world_run(w, 0, 20, 160);
        world_clear(w);
        world_wait(w, 60);
        EXPECT(w, FACT_STALE, FACT_SNOOZE, FACT_STRAP_LOST);
        world_run(w, 0, 2, 160);
        EXPECT(w, FACT_GAP, FACT_STRAP_BACK);
        world_run(w, 0, 1, 160);
        assert_int_equal(world_fact(w, FACT_OVER_LIMIT)->announce, true);
        assert_int_equal(world_fact(w, FACT_OVER_LIMIT)->begins, false);
        EXPECT(w, FACT_OVER_LIMIT);
}

/* -- Zones -- */

static void test_zones(void **state)
{
        static const struct {
                uint8_t bpm;
                int zone; /* -1 = no change is emitted */
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
        _cleanup_world_ World *w = plain_world();

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                world_clear(w);
                for (unsigned k = 0; k < 3; k++) {
                        world_wait(w, 1);
                        world_bare(w, 0, cases[i].bpm);
                }
                if (cases[i].zone < 0)
                        assert_int_equal(world_count(w, FACT_ZONE), 0);
                else
                        assert_int_equal(
                                        world_emitted(w, FACT_ZONE, world_count(w, FACT_ZONE) - 1)->fact.zone,
                                        cases[i].zone);
        }
}

/* A value from nowhere, as of a strap that has just found its contact, is in no zone of its own: it has that of the last
 * settled one, and before the first of them that one's. */
static void test_zone_unsettled(void **state)
{
        EngineConfig c = world_config();
        _cleanup_world_ World *w = world_new(&c);
        size_t n;

        (void)state;
        world_run(w, 0, 1, 228);
        world_run(w, 0, 40, 135);
        assert_int_equal(world_count(w, FACT_SESSION_STARTED), 1);
        n = world_count(w, FACT_SAMPLE);
        assert_int_equal(n, 41);
        assert_true(world_emitted(w, FACT_SAMPLE, 0)->sample.smoothed == 228);
        for (size_t i = 0; i < n; i++) {
                assert_int_equal(world_emitted(w, FACT_SAMPLE, i)->sample.zone, 1);
                assert_int_equal(sample_counts(&world_emitted(w, FACT_SAMPLE, i)->sample), i >= 3);
        }
        assert_int_equal(world_count(w, FACT_ZONE), 1);

        for (unsigned low = 0; low < 2; low++) {
                world_clear(w);
                world_wait(w, 8);
                world_run(w, 0, 1, low ? 30 : 228);
                world_run(w, 0, 10, 135);
                assert_int_equal(world_count(w, FACT_GAP), 1);
                assert_int_equal(world_count(w, FACT_ZONE), 0);
                assert_int_equal(world_count(w, FACT_OVER_LIMIT), 0);
                assert_true(world_fact(w, FACT_SAMPLE)->heart_rate == (low ? 30 : 228));
                assert_int_equal(world_emitted(w, FACT_SAMPLE, 0)->sample.zone, 1);
        }
}

static void test_names(void **state)
{
        (void)state;
        assert_string_equal(rejection_to_string(REJECTED_MALFORMED), "malformed");
        assert_string_equal(rejection_to_string(REJECTED_DUPLICATE), "duplicate");
        assert_string_equal(rejection_to_string(REJECTED_NO_CONTACT), "no contact");
        assert_string_equal(rejection_to_string(REJECTED_IMPLAUSIBLE), "implausible");
        assert_string_equal(rejection_to_string(REJECTED_TOO_MANY), "more than a thousand a second");
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
                cmocka_unit_test(test_told_twice),
                cmocka_unit_test(test_late_duplicates),
                cmocka_unit_test(test_odd_duplicates),
                cmocka_unit_test(test_within_a_millisecond),
                cmocka_unit_test(test_too_many),
                cmocka_unit_test(test_odd_packets),
                cmocka_unit_test(test_odd_start),
                cmocka_unit_test(test_slow_sensors),
                cmocka_unit_test(test_odd_links),
                cmocka_unit_test(test_smoothed),
                cmocka_unit_test(test_limiter_outside),
                cmocka_unit_test(test_breach),
                cmocka_unit_test(test_spike),
                cmocka_unit_test(test_spike_after_hole),
                cmocka_unit_test(test_gap_in_hold),
                cmocka_unit_test(test_gap_in_breach),
                cmocka_unit_test(test_gap_emitted),
                cmocka_unit_test(test_frozen),
                cmocka_unit_test(test_breach_ends_otherwise),
                cmocka_unit_test(test_ceiling_changes),
                cmocka_unit_test(test_no_ceiling),
                cmocka_unit_test(test_snooze),
                cmocka_unit_test(test_snoozed_breach),
                cmocka_unit_test(test_snooze_ends_in_silence),
                cmocka_unit_test(test_zones),
                cmocka_unit_test(test_zone_unsettled),
                cmocka_unit_test(test_names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
