/* SPDX-License-Identifier: MIT */

/* The configuration: what is taken comes out as meant, what is printed is read back to the same, later files win over earlier
 * ones, and the shipped file shows the defaults. What is refused: test-config-refused.c. */

#include "daemon/config/config.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "config-folder.h"
#include "daemon/config/keys.h"

static void assert_intensity(const Intensity *i, IntensityKind kind, double value)
{
        assert_int_equal(i->kind, kind);
        assert_true(i->value == value);
}

static void assert_same(const Config *a, const Config *b)
{
#define SAME(field) assert_true(a->field == b->field)
        SAME(age);
        SAME(born.year);
        SAME(born.month);
        SAME(born.day);
        SAME(sex);
        SAME(max_heart_rate);
        SAME(max_heart_rate_formula);
        SAME(resting_heart_rate);
        SAME(lactate_threshold);
        assert_intensity(&a->ceiling, b->ceiling.kind, b->ceiling.value);
        SAME(tolerance);
        SAME(hold_usec);
        SAME(clear_usec);
        SAME(repeat_usec);
        SAME(zone_model);
        SAME(bounds.n);
        for (size_t i = 0; i < a->bounds.n; i++)
                SAME(bounds.bound[i]);
        SAME(hysteresis);
        assert_string_equal(a->address, b->address);
        SAME(stale_after_usec);
        SAME(frozen_after_usec);
        SAME(trust_contact);
        SAME(window_usec);
        SAME(detrend);
        assert_intensity(&a->start_above, b->start_above.kind, b->start_above.value);
        SAME(start_after_usec);
        SAME(pre_roll_usec);
        SAME(end_after_usec);
        SAME(cool_down_usec);
        SAME(min_duration_usec);
        SAME(switch_after_usec);
        SAME(commit_interval_usec);
        SAME(sync_interval_usec);
        assert_intensity(&a->base_ceiling, b->base_ceiling.kind, b->base_ceiling.value);
        SAME(rest_days);
        SAME(cycle_days);
        SAME(level);
        SAME(phase);
        assert_string_equal(a->pace_address, b->pace_address);
        SAME(pace_margin);
        SAME(pace_hold_usec);
        SAME(miles);
        SAME(n_workouts);
        for (size_t i = 0; i < a->n_workouts; i++) {
                assert_string_equal(a->workout[i].name, b->workout[i].name);
                assert_string_equal(a->workout[i].steps, b->workout[i].steps);
        }
#undef SAME
}

/* -- A clock that was not set ------------------------------------------------------------------------------------- */

/* An age is reckoned as of the first day that can be; and what no date contradicts is taken. */
static void test_no_date(void **state)
{
        static const Date start = { 1970, 1, 1 }, before = { CLOCK_YEAR_MIN - 1, 12, 31 };
        static const struct {
                const char *born;
                double maximum;    /* 220 - age */
                const char *doubt; /* on the day of these tests */
        } cases[] = {
                { "1986", 182, NULL },
                { "1986-01-01", 182, NULL },
                { "1986-01-02", 183, NULL },
                { "1904", 100, "is out of range" },
                { "2021-06-15", 215, NULL },
                { "2021-06-16", 215, "is out of range" },
                { "2986", 215, "is in the future" },
        };
        const Folder *folder = *state;

        assert_true(date_is_known(today));
        assert_false(date_is_known(before));
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(config_freep) Config *c = NULL;
                _cleanup_free_ char *error = NULL;
                const char *doubt;
                char text[64];

                (void)snprintf(text, sizeof(text), "[runner]\nborn = %s\n", cases[i].born);
                folder_write(folder, text);
                assert_int_equal(config_load(folder->file, true, start, &c, &error), 0);
                assert_true(config_runner(c, start).maximum == cases[i].maximum);
                assert_true(config_runner(c, before).maximum == cases[i].maximum);
                doubt = config_doubt_born(c, today);
                assert_int_equal(doubt == NULL, cases[i].doubt == NULL);
                if (doubt)
                        assert_string_equal(doubt, cases[i].doubt);
                assert_null(config_doubt_born(c, start));
        }
}

/* Nobody is that old on any date. */
static void test_no_date_refused(void **state)
{
        static const Date start = { 1970, 1, 1 };
        const Folder *folder = *state;
        char *error = NULL;
        Config *c;

        folder_write(folder, "[runner]\nborn = 1903\n");
        assert_int_equal(config_load(folder->file, true, start, &c, &error), -EINVAL);
        assert_non_null(strstr(error, "born: \"1903\" is out of range"));
        free(error);
}

/* -- Defaults ---------------------------------------------------------------------------------------------------- */

static void test_defaults(void **state)
{
        const Folder *folder = *state;
        _cleanup_(config_freep) Config *c = NULL;
        char buf[ZONE_BOUNDS_STRING_MAX];

        folder_write(folder, "");
        c = load_good(folder->file);

        assert_int_equal(c->age, 40);
        assert_int_equal(c->born.year, 0);
        assert_int_equal(c->sex, SEX_UNSPECIFIED);
        assert_int_equal(c->max_heart_rate, 0);
        assert_int_equal(c->max_heart_rate_formula, HRMAX_FOX);
        assert_true(c->resting_heart_rate == 60);
        assert_true(c->lactate_threshold == 0);
        assert_intensity(&c->ceiling, INTENSITY_PERCENT_RESERVE, 65);
        assert_true(c->tolerance == 2);
        assert_true(c->hold_usec == 10 * USEC_PER_SEC);
        assert_true(c->clear_usec == 15 * USEC_PER_SEC);
        assert_true(c->repeat_usec == 60 * USEC_PER_SEC);
        assert_int_equal(c->zone_model, ZONE_MODEL_HRR);
        assert_string_equal(config_zone_bounds(c, buf), "50 60 70 80 90");
        assert_true(c->hysteresis == 1);
        assert_string_equal(c->address, "");
        assert_true(c->stale_after_usec == 0); /* auto */
        assert_true(c->frozen_after_usec == 2 * USEC_PER_MIN);
        assert_true(c->trust_contact);
        assert_true(c->window_usec == 5 * USEC_PER_SEC);
        assert_false(c->detrend);
        assert_intensity(&c->start_above, INTENSITY_PERCENT_RESERVE, 30);
        assert_true(c->start_after_usec == 20 * USEC_PER_SEC);
        assert_true(c->pre_roll_usec == 30 * USEC_PER_SEC);
        assert_true(c->end_after_usec == 5 * USEC_PER_MIN);
        assert_true(c->cool_down_usec == 2 * USEC_PER_MIN);
        assert_true(c->min_duration_usec == 2 * USEC_PER_MIN);
        assert_true(c->switch_after_usec == 30 * USEC_PER_SEC);
        assert_true(c->commit_interval_usec == 5 * USEC_PER_SEC);
        assert_true(c->sync_interval_usec == 60 * USEC_PER_SEC);
        assert_intensity(&c->base_ceiling, INTENSITY_PERCENT_RESERVE, 80);
        assert_true(c->rest_days);
        assert_int_equal(c->cycle_days, 7);
        assert_int_equal(c->level, LEVEL_REGULAR);
        assert_int_equal(c->phase, PHASE_BASE);
        assert_string_equal(c->pace_address, "");
        assert_int_equal(c->pace_margin, 60);
        assert_true(c->pace_hold_usec == 15 * USEC_PER_SEC);
        assert_false(c->miles);
        assert_int_equal(c->n_workouts, 0);
}

static void test_missing_file(void **state)
{
        const Folder *folder = *state;
        _cleanup_(config_freep) Config *c = NULL, *other = NULL;
        _cleanup_free_ char *error = NULL;

        assert_int_equal(config_load(folder->file, true, today, &c, &error), -ENOENT);
        assert_non_null(strstr(error, "cardiod.conf: cannot be read: No such file"));
        assert_null(c);

        free(TAKE_PTR(error));
        assert_int_equal(config_load(folder->file, false, today, &c, &error), 0);
        assert_int_equal(c->age, 40);

        /* its drop-ins are read all the same */
        folder_dropin(folder, "a.conf", "[runner]\nage = 23\n");
        assert_int_equal(config_load(folder->file, false, today, &other, &error), 0);
        assert_int_equal(other->age, 23);
        assert_null(error);
}

/* -- What is taken ----------------------------------------------------------------------------------------------- */

static const char everything[] = "\xEF\xBB\xBF; a comment\r\n"
                                 "# another\n"
                                 "\n"
                                 "[runner]\r\n"
                                 "born = 1986-05-17 ; inline\n"
                                 "    sex=female\n"
                                 "\tmax-heart-rate = 191\n"
                                 "max-heart-rate-formula: tanaka\n"
                                 "resting-heart-rate = 48.5\n"
                                 "  \t [ceiling] ; the section\n"
                                 "ceiling = 88.5%lthr\n"
                                 "tolerance = 0\n"
                                 "hold = 500ms\n"
                                 "clear = 0\n"
                                 "repeat = 0\n"
                                 "[zones]\n"
                                 "model = lthr\n"
                                 "bounds = 0   82.5\t 100 ; three\n"
                                 "hysteresis = 2.5\n"
                                 "[runner]\n"
                                 "lactate-threshold = 168\n"
                                 "[sensor]\n"
                                 "address = a0:9e:1A:12:34:5f\n"
                                 "stale-after = 100ms\n"
                                 "frozen-after = 1h\n"
                                 "trust-contact = no\n"
                                 "[smoothing]\n"
                                 "window = 60s\n"
                                 "[beats]\n"
                                 "detrend = yes\n"
                                 "[session]\n"
                                 "start-above = contact\n"
                                 "start-after = 0\n"
                                 "pre-roll = 0s\n"
                                 "end-after = 250ms\n"
                                 "cool-down = 100ms\n"
                                 "min-duration = 0\n"
                                 "switch-after = 1h\n"
                                 "[storage]\n"
                                 "commit-interval = 100ms\n"
                                 "sync-interval = 1h\n"
                                 "[coach]\n"
                                 "base-ceiling = off\n"
                                 "rest-days = no\n"
                                 "cycle-days = 9\n"
                                 "phase = intensity\n"
                                 "level = seasoned\n"
                                 "[pace]\n"
                                 "source = c4:11:22:33:44:5a\n"
                                 "margin = 90\n"
                                 "hold = 0s\n"
                                 "units = mile\n"
                                 "[workout intervals]\n"
                                 "steps = warm-up 10min, 5x(hard 2min, easy 2min)\n"
                                 "[workout 4_by-4]\n"
                                 "steps = 4 x ( hard 4min,easy 3min ),cool-down 600s"; /* no end of line */

static void test_everything(void **state)
{
        const Folder *folder = *state;
        _cleanup_(config_freep) Config *c = NULL;
        char buf[ZONE_BOUNDS_STRING_MAX];

        folder_write(folder, everything);
        c = load_good(folder->file);

        assert_int_equal(c->age, 0);
        assert_int_equal(c->born.year, 1986);
        assert_int_equal(c->born.month, 5);
        assert_int_equal(c->born.day, 17);
        assert_int_equal(c->sex, SEX_FEMALE);
        assert_int_equal(c->max_heart_rate, 191);
        assert_int_equal(c->max_heart_rate_formula, HRMAX_TANAKA);
        assert_true(c->resting_heart_rate == 48.5);
        assert_true(c->lactate_threshold == 168);
        assert_intensity(&c->ceiling, INTENSITY_PERCENT_THRESHOLD, 88.5);
        assert_true(c->tolerance == 0);
        assert_true(c->hold_usec == 500 * USEC_PER_MSEC);
        assert_true(c->clear_usec == 0);
        assert_true(c->repeat_usec == 0);
        assert_int_equal(c->zone_model, ZONE_MODEL_LTHR);
        assert_string_equal(config_zone_bounds(c, buf), "0 82.5 100");
        assert_true(c->hysteresis == 2.5);
        assert_string_equal(c->address, "A0:9E:1A:12:34:5F");
        assert_true(c->stale_after_usec == 100 * USEC_PER_MSEC);
        assert_true(c->frozen_after_usec == USEC_PER_HOUR);
        assert_false(c->trust_contact);
        assert_true(c->window_usec == 60 * USEC_PER_SEC);
        assert_true(c->detrend);
        assert_intensity(&c->start_above, INTENSITY_CONTACT, 0);
        assert_true(c->end_after_usec == 250 * USEC_PER_MSEC);
        assert_true(c->cool_down_usec == 100 * USEC_PER_MSEC);
        assert_intensity(&c->base_ceiling, INTENSITY_OFF, 0);
        assert_false(c->rest_days);
        assert_int_equal(c->cycle_days, 9);
        assert_int_equal(c->level, LEVEL_SEASONED);
        assert_int_equal(c->phase, PHASE_INTENSITY);
        assert_string_equal(c->pace_address, "C4:11:22:33:44:5A");
        assert_int_equal(c->pace_margin, 90);
        assert_true(c->pace_hold_usec == 0);
        assert_true(c->miles);
        assert_int_equal(c->n_workouts, 2);
        assert_string_equal(c->workout[0].name, "intervals");
        assert_string_equal(c->workout[0].steps, "warm-up 10min, 5x(hard 2min, easy 2min)");
        assert_string_equal(c->workout[1].name, "4_by-4");
}

/* What the coach and a workout are given of it. */
static void test_coach(void **state)
{
        _cleanup_(config_freep) Config *c = NULL;
        const Folder *folder = *state;
        Workout w;
        CoachConfig coach;

        folder_write(folder,
                        "[coach]\nbase-ceiling = 78%hrr\nrest-days = no\ncycle-days = 9\nlevel = returning\n"
                        "phase = intensity\n"
                        "[workout mine]\nsteps = 2x(up 1min, down 30s)\n"
                        "[workout cross-training]\nsteps = swim 20min\n");
        c = load_good(folder->file);
        coach = config_coach(c);
        assert_intensity(&coach.base_ceiling, INTENSITY_PERCENT_RESERVE, 78);
        assert_false(coach.rest_days);
        assert_int_equal(coach.cycle_days, 9);
        assert_int_equal(coach.level, LEVEL_RETURNING);
        assert_int_equal(coach.phase, PHASE_INTENSITY);

        assert_int_equal(config_workout(c, "mine", &w), 0);
        assert_int_equal(w.n, 4);
        assert_string_equal(w.step[3].cue, "down");
        /* One's own goes before one that comes with the program. */
        assert_int_equal(config_workout(c, "cross-training", &w), 0);
        assert_string_equal(w.step[0].cue, "swim");
        assert_int_equal(config_workout(c, "fartlek", &w), 0);
        assert_int_equal(w.n, 11);
        assert_int_equal(config_workout(c, "fartlek2", &w), -ENOENT);
}

static char *print_to_string(const Config *c)
{
        char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);

        assert_non_null(f);
        assert_int_equal(config_print(c, f), 0);
        assert_int_equal(fclose(f), 0);
        return text;
}

/* What is printed is read back to the same, and printed the same again. */
static void test_round_trip(void **state)
{
        const char *const texts[] = {
                "",
                everything,
                "[runner]\nborn = 1986\n",
                "[zones]\nmodel = custom\nbounds = 100.333333333333 120\n[ceiling]\nceiling = 145.55\n",
                "[ceiling]\nceiling = off\n[session]\nstart-above = off\nend-after = 30s\n",
                "[zones]\nbounds = 0.333333333333333 0.444444444444444 0.555555555555555 0.666666666666666 "
                "0.777777777777777 0.888888888888888 0.999999999999999\n",
        };
        const Folder *folder = *state;

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                _cleanup_(config_freep) Config *a = NULL, *b = NULL;
                _cleanup_free_ char *once = NULL, *twice = NULL;

                folder_write(folder, texts[i]);
                a = load_good(folder->file);
                once = print_to_string(a);
                folder_write(folder, once);
                b = load_good(folder->file);
                assert_same(a, b);
                twice = print_to_string(b);
                assert_string_equal(once, twice);
        }
}

static void test_print_defaults(void **state)
{
        const Folder *folder = *state;
        _cleanup_(config_freep) Config *c = NULL;
        _cleanup_free_ char *text = NULL;

        folder_write(folder, "");
        c = load_good(folder->file);
        text = print_to_string(c);
        assert_string_equal(text, "[runner]\n"
                                  "age = 40\n"
                                  "sex = unspecified\n"
                                  "max-heart-rate = auto\n"
                                  "max-heart-rate-formula = fox\n"
                                  "resting-heart-rate = 60\n"
                                  "lactate-threshold = 0\n"
                                  "\n"
                                  "[ceiling]\n"
                                  "ceiling = 65%hrr\n"
                                  "tolerance = 2\n"
                                  "hold = 10s\n"
                                  "clear = 15s\n"
                                  "repeat = 1min\n"
                                  "\n"
                                  "[zones]\n"
                                  "model = hrr\n"
                                  "bounds = 50 60 70 80 90\n"
                                  "hysteresis = 1\n"
                                  "\n"
                                  "[sensor]\n"
                                  "address = any\n"
                                  "stale-after = auto\n"
                                  "frozen-after = 2min\n"
                                  "trust-contact = yes\n"
                                  "\n"
                                  "[smoothing]\n"
                                  "window = 5s\n"
                                  "\n"
                                  "[beats]\n"
                                  "detrend = no\n"
                                  "\n"
                                  "[session]\n"
                                  "start-above = 30%hrr\n"
                                  "start-after = 20s\n"
                                  "pre-roll = 30s\n"
                                  "end-after = 5min\n"
                                  "cool-down = 2min\n"
                                  "min-duration = 2min\n"
                                  "switch-after = 30s\n"
                                  "\n"
                                  "[storage]\n"
                                  "commit-interval = 5s\n"
                                  "sync-interval = 1min\n"
                                  "\n"
                                  "[coach]\n"
                                  "base-ceiling = 80%hrr\n"
                                  "rest-days = yes\n"
                                  "cycle-days = 7\n"
                                  "phase = base\n"
                                  "level = regular\n"
                                  "\n"
                                  "[pace]\n"
                                  "source = auto\n"
                                  "margin = 60\n"
                                  "hold = 15s\n"
                                  "units = km\n");
}

static void test_print_fails(void **state)
{
        const Folder *folder = *state;
        _cleanup_(config_freep) Config *c = NULL;
        FILE *f = fopen("/dev/full", "we");

        assert_non_null(f);
        folder_write(folder, "");
        c = load_good(folder->file);
        assert_int_equal(config_print(c, f), -EIO);
        (void)fclose(f); /* fails for the same reason */
}

/* -- Together --------------------------------------------------------------------------------------------------- */

/* A default that only contradicts what was set gives way. */
static void test_defaults_give_way(void **state)
{
        const Folder *folder = *state;
        _cleanup_(config_freep) Config *a = NULL, *b = NULL, *c = NULL;

        folder_write(folder, "[session]\nend-after = 3s\n");
        a = load_good(folder->file);
        assert_true(a->cool_down_usec == 3 * USEC_PER_SEC);

        folder_write(folder, "[storage]\ncommit-interval = 2min\n");
        b = load_good(folder->file);
        assert_true(b->sync_interval_usec == 2 * USEC_PER_MIN);

        folder_write(folder, "[storage]\nsync-interval = 200ms\n");
        c = load_good(folder->file);
        assert_true(c->commit_interval_usec == 200 * USEC_PER_MSEC);
}

/* -- Drop-ins ---------------------------------------------------------------------------------------------------- */

static void test_dropins(void **state)
{
        const Folder *folder = *state;
        _cleanup_(config_freep) Config *c = NULL;
        char path[PATH_MAX];

        folder_write(folder, "[runner]\nage = 20\nresting-heart-rate = 51\n[ceiling]\nhold = 1s\n");
        folder_dropin(folder, "20-b.conf", "[runner]\nage = 30\n[workout w]\nsteps = easy 1h\n");
        folder_dropin(folder, "10-a.conf",
                        "[runner]\nage = 25\n[ceiling]\nhold = 2s\n[workout w]\nsteps = hard 1h\n");
        folder_dropin(folder, "30-c.conf~", "[runner]\nage = 31\n");
        folder_dropin(folder, ".40-d.conf", "[runner]\nage = 32\n");
        folder_dropin(folder, ".conf", "[runner]\nage = 33\n");
        folder_dropin(folder, "README", "nothing at all\n");
        (void)snprintf(path, sizeof(path), "%s.d/50-e.conf", folder->file);
        assert_int_equal(mkdir(path, 0755), 0);
        (void)snprintf(path, sizeof(path), "%s.d/60-f.conf", folder->file);
        assert_int_equal(symlink("/dev/null", path), 0);

        c = load_good(folder->file);
        assert_int_equal(c->age, 30);
        assert_true(c->resting_heart_rate == 51);
        assert_true(c->hold_usec == 2 * USEC_PER_SEC);
        assert_int_equal(c->n_workouts, 1);
        assert_string_equal(c->workout[0].steps, "easy 1h");
}

/* A length of time, or what the sensor's own pace comes to; auto takes back a length. */
static void test_stale_after(void **state)
{
        const Folder *folder = *state;
        _cleanup_(config_freep) Config *a = NULL, *b = NULL;
        EngineConfig e;
        Runner runner;

        folder_write(folder, "[sensor]\nstale-after = 8s\n");
        a = load_good(folder->file);
        runner = config_runner(a, (Date){ 2026, 6, 15 });
        e = config_engine(a, &runner);
        assert_true(e.sensor.stale_usec == 8 * USEC_PER_SEC);

        folder_dropin(folder, "a.conf", "[sensor]\nstale-after = auto\n");
        b = load_good(folder->file);
        e = config_engine(b, &runner);
        assert_true(e.sensor.stale_usec == 0);
}

/* age and born replace each other across files. */
static void test_age_and_born(void **state)
{
        const Folder *folder = *state;
        _cleanup_(config_freep) Config *a = NULL, *b = NULL;

        folder_write(folder, "[runner]\nage = 20\n");
        folder_dropin(folder, "a.conf", "[runner]\nborn = 1986-05-17\n");
        a = load_good(folder->file);
        assert_int_equal(a->age, 0);
        assert_int_equal(a->born.year, 1986);

        folder_dropin(folder, "b.conf", "[runner]\nage = 41\n");
        b = load_good(folder->file);
        assert_int_equal(b->age, 41);
        assert_int_equal(b->born.year, 0);
}

/* -- What the core gets ------------------------------------------------------------------------------------------ */

static void test_runner(void **state)
{
        static const struct {
                const char *born;
                Date today;
                double maximum;
        } cases[] = {
                { "1986-06-15", { 2026, 6, 15 }, 180 }, /* the birthday itself */
                { "1986-06-16", { 2026, 6, 15 }, 181 }, { "1986-06-16", { 2026, 6, 16 }, 180 },
                { "1986-12-31", { 2026, 12, 30 }, 181 }, { "1986", { 2026, 1, 1 }, 180 },
                { "1988-02-29", { 2027, 2, 28 }, 182 }, { "1988-02-29", { 2027, 3, 1 }, 181 },
                { "1988-02-29", { 1970, 1, 1 }, 185 }, /* a clock not yet set: as of 2024 */
        };
        const Folder *folder = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(config_freep) Config *c = NULL;
                char text[64];
                Runner runner;

                (void)snprintf(text, sizeof(text), "[runner]\nborn = %s\n", cases[i].born);
                folder_write(folder, text);
                c = load_good(folder->file);
                runner = config_runner(c, cases[i].today);
                assert_true(runner.maximum == cases[i].maximum);
        }
}

/* The worked example of the recovery ceiling, from the file to the core. */
static void test_engine(void **state)
{
        const Folder *folder = *state;
        _cleanup_(config_freep) Config *c = NULL;
        EngineConfig e;
        Runner runner;
        double bpm;

        folder_write(folder,
                        "[runner]\nage = 23\nresting-heart-rate = 50\nsex = male\n[zones]\nhysteresis = 3\n"
                        "[session]\nstart-above = 40%hrr\n");
        c = load_good(folder->file);
        runner = config_runner(c, today);
        e = config_engine(c, &runner);

        assert_true(e.runner.resting == 50 && e.runner.maximum == 197 && e.runner.lactate_threshold == 0);
        assert_int_equal(e.runner.sex, SEX_MALE);
        assert_int_equal(intensity_to_bpm(&e.ceiling, &e.runner, &bpm), 1);
        assert_true(bpm == 145.55);
        assert_true(e.limiter.tolerance == 2);
        assert_true(e.limiter.hold_usec == 10 * USEC_PER_SEC);
        assert_true(e.limiter.clear_usec == 15 * USEC_PER_SEC);
        assert_true(e.limiter.repeat_usec == 60 * USEC_PER_SEC);
        assert_int_equal(e.zones.n, 5);
        assert_true(e.zones.bound[0] == 123.5 && e.zones.bound[4] == 182.3);
        assert_true(e.zone_hysteresis == 3);
        assert_true(e.sensor.stale_usec == 0);
        assert_true(e.sensor.frozen_usec == 2 * USEC_PER_MIN);
        assert_true(e.trust_contact);
        assert_true(e.window_usec == 5 * USEC_PER_SEC);
        assert_intensity(&e.start_above, INTENSITY_PERCENT_RESERVE, 40);
        assert_true(e.recorder.start_after_usec == 20 * USEC_PER_SEC);
        assert_true(e.recorder.pre_roll_usec == 30 * USEC_PER_SEC);
        assert_true(e.recorder.end_after_usec == 5 * USEC_PER_MIN);
        assert_true(e.recorder.cool_down_usec == 2 * USEC_PER_MIN);
        assert_true(e.recorder.min_duration_usec == 2 * USEC_PER_MIN);
        assert_true(e.recorder.switch_after_usec == 30 * USEC_PER_SEC);
}

/* -- The shipped file -------------------------------------------------------------------------------------------- */

/* Copies conf/cardiod.conf with what is commented out taken in: `;key = value` are the defaults, and with `examples` what
 * stands directly behind a # too. Says which keys it saw. */
static void uncomment_shipped(const Folder *folder, bool examples, bool seen[static _CONFIG_KEY_MAX])
{
        char line[256], section[32] = "", name[32];
        FILE *in = fopen("conf/cardiod.conf", "re"), *out = fopen(folder->file, "we");

        assert_non_null(in);
        assert_non_null(out);
        while (fgets(line, sizeof(line), in)) {
                bool taken = line[0] == ';' ||
                             (examples && line[0] == '#' && line[1] != ' ' && line[1] != '\n');
                ConfigKeyId id;

                (void)sscanf(line, "[%31[^]]]", section);
                assert_true(fputs(taken ? line + 1 : line, out) >= 0);
                if (sscanf(line, ";%31[a-z-] =", name) == 1) {
                        id = config_key_find(section, name);
                        if (id < 0)
                                fail_msg("conf/cardiod.conf: unknown key %s in [%s]", name, section);
                        seen[id] = true;
                }
        }
        assert_int_equal(fclose(in), 0);
        assert_int_equal(fclose(out), 0);
}

static void test_shipped(void **state)
{
        const Folder *folder = *state;
        _cleanup_(config_freep) Config *standard = NULL, *shipped = NULL, *uncommented = NULL,
                                       *examples = NULL;
        bool seen[_CONFIG_KEY_MAX] = {};

        folder_write(folder, "");
        standard = load_good(folder->file);

        shipped = load_good("conf/cardiod.conf");
        assert_same(standard, shipped);

        uncomment_shipped(folder, false, seen);
        uncommented = load_good(folder->file);
        assert_same(standard, uncommented);
        for (size_t i = 0; i < ELEMENTSOF(seen); i++)
                if (!seen[i] && i != KEY_BORN) /* which stands in for age */
                        fail_msg("conf/cardiod.conf does not show %s", config_keys[i].name);

        uncomment_shipped(folder, true, seen);
        examples = load_good(folder->file);
        assert_int_equal(examples->n_workouts, 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_no_date, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_no_date_refused, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_defaults, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_missing_file, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_everything, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_coach, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_round_trip, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_print_defaults, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_print_fails, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_defaults_give_way, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_dropins, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_stale_after, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_age_and_born, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_runner, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_engine, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_shipped, folder_setup, folder_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
