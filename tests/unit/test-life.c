/* SPDX-License-Identifier: MIT */

/* Long random lives of three straps, in which the rules of core-fixture.h must hold at every fact: sessions follow one
 * another, heart rates belong to one, each breach has one begin and one end. Seeded, so that a failure comes back. */

#include "core-fixture.h"

/* xorshift32 (Marsaglia 2003) */
static uint32_t next_random(uint32_t *seed)
{
        *seed ^= *seed << 13;
        *seed ^= *seed >> 17;
        *seed ^= *seed << 5;
        return *seed;
}

static void random_packets(World *w, uint32_t *seed)
{
        unsigned sensor = next_random(seed) % 3, bpm = 60 + next_random(seed) % 130;
        unsigned n = next_random(seed) % 60;
        uint8_t value[8];

        for (unsigned i = 0; i < n; i++) {
                world_wait(w, next_random(seed) % 8 == 0 ? 0 : 1);
                world_beat(w, sensor, bpm + next_random(seed) % 3);
                if (next_random(seed) % 8 == 0)
                        world_bare(w, (sensor + 1) % 3, bpm);
        }
        for (size_t i = 0; i < sizeof(value); i++)
                value[i] = (uint8_t)next_random(seed);
        world_packet(w, sensor, value, next_random(seed) % (sizeof(value) + 1));
}

static void random_event(World *w, EngineConfig *c, uint32_t *seed)
{
        static const Intensity ceilings[] = { { .kind = INTENSITY_OFF }, { INTENSITY_BPM, 100 },
                { INTENSITY_BPM, 150 } };
        static const Intensity starts[] = { { INTENSITY_BPM, 100 }, { .kind = INTENSITY_CONTACT },
                { .kind = INTENSITY_OFF } };
        unsigned sensor = next_random(seed) % 3, which = next_random(seed);
        const Measurement measurement = { .heart_rate = (uint16_t)(40 + which % 160) };
        Event event = { .type = next_random(seed) % _EVENT_TYPE_MAX,
                .sensor = sensor,
                .config = c,
                .measurement = &measurement };

        switch (event.type) {
        case EVENT_NOTIFICATION:
        case EVENT_HEART_RATE:
        case EVENT_TICK:
        case EVENT_START:
        case EVENT_STOP:
        case EVENT_HOLD:
        case EVENT_RELEASE:
        case EVENT_SUSPEND:
        case EVENT_AWAKE:
                break;
        case EVENT_BATTERY:
                event.percent = (int)(which % 60) - 1;
                event.low = w->engine->track[sensor].battery.low;
                break;
        case EVENT_LINK:
                event.link = which % _SENSOR_LINK_MAX;
                break;
        case EVENT_CEILING:
                event.intensity = which % 4 < 3 ? &ceilings[which % 4] : NULL;
                break;
        case EVENT_SNOOZE:
                event.length_usec = SEC(1) * (which % 4 * 20);
                break;
        case EVENT_CONFIGURE:
                c->start_above = starts[which % 3];
                c->limiter.repeat_usec = SEC(1) * (which % 2 * 60);
                c->recorder.end_after_usec = SEC(1) * (10 + which % 2 * 290);
                c->window_usec = SEC(1) * (1 + which % 7);
                break;
        case EVENT_RESUME:
                if (!engine_recording(w->engine) && w->now_usec - SEC(10) > w->ended_usec)
                        world_resume(w, 10, which % 10, which % 2);
                return;
        case EVENT_WHOLE:
                event.begin_usec = w->now_usec - SEC(which % 60);
                break;
        case EVENT_STOPPED:
                event.last_usec = w->now_usec - SEC(which % 10);
                break;
        case EVENT_FORGET:
                assert_int_equal(world_send(w, event), 0);
                event.type = EVENT_LINK;
                break;
        case _EVENT_TYPE_MAX:
        case _EVENT_TYPE_INVALID:
                break;
        }
        if (event.type == EVENT_NOTIFICATION)
                random_packets(w, seed);
        else
                (void)world_send(w, event); /* refused or not, the rules hold */
}

static void live(uint32_t seed, size_t *n_sessions, size_t *n_breaches)
{
        EngineConfig c = world_config();
        _cleanup_world_ World *w = world_new(&c);

        for (unsigned sensor = 0; sensor < 3; sensor++)
                world_link(w, sensor, SENSOR_LINK_CONNECTED);
        for (unsigned i = 0; i < 1500; i++) {
                world_clear(w);
                if (next_random(&seed) % 3)
                        random_packets(w, &seed);
                else
                        random_event(w, &c, &seed);
                if (next_random(&seed) % 16 == 0)
                        world_wait(w, next_random(&seed) % 400);
                assert_int_equal(w->recording, engine_recording(w->engine));
                *n_sessions += world_count(w, FACT_SESSION_ENDED);
                *n_breaches += world_count(w, FACT_BACK_IN_RANGE);
        }
}

static void test_random_life(void **state)
{
        size_t n_sessions = 0, n_breaches = 0;

        (void)state;
        for (uint32_t seed = 1; seed <= 40; seed++)
                live(seed * 2654435761U, &n_sessions, &n_breaches);
        assert_true(n_sessions > 1000 && n_breaches > 1000);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_random_life),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
