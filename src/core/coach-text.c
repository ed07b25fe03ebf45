/* SPDX-License-Identifier: MIT */

/* What the coach says, in words: short, kind and our own, and each true on the day it is said. Sentences are templates with
 * places for what they are about, so that they can be read, and changed, all in one place. No clock.
 *
 *      {n} a figure, {what} the race or run, {date} its date, {id} its session or row, {pain} what hurts and since when,
 *      {pains} all of them, {pace} the pace limit
 */

#include "cardio/coach.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "cardio/macro.h"
#include "cardio/pace-text.h"
#include "cardio/phrase.h"

static const char *const rule_names[] = {
        [RULE_5K] = "after-5k",
        [RULE_10K] = "after-10k",
        [RULE_HALF] = "after-half",
        [RULE_MARATHON] = "after-marathon",
        [RULE_BEFORE_RACE] = "before-race",
        [RULE_HARD] = "after-hard",
        [RULE_LONG] = "after-long",
        [RULE_PAIN_STOPS] = "pain",
        [RULE_PAIN] = "pain",
        [RULE_RUN_DOWN] = "body-scan",
        [RULE_WORN_OUT] = "body-scan",
        [RULE_TIRED] = "body-scan",
        [RULE_SORE] = "body-scan",
        [RULE_CYCLE] = "cycle",
        [RULE_NONE] = "none",
};

const char *coach_rule_to_string(CoachRule rule)
{
        assert(rule >= 0 && rule < _RULE_MAX);
        return rule_names[rule];
}

static const char *const verdict_names[] = {
        [VERDICT_NONE] = "",
        [VERDICT_REST_WAS_DUE] = "rest-was-due",
        [VERDICT_UNKNOWN] = "unknown",
        [VERDICT_TOO_FAST] = "too-fast",
        [VERDICT_TOO_LONG] = "too-long",
        [VERDICT_GOOD] = "good",
};

const char *verdict_key_to_string(VerdictKey key)
{
        assert(key >= 0 && key < _VERDICT_KEY_MAX);
        return verdict_names[key];
}

static const char *const distances[] = {
        [DISTANCE_5K] = "5K",
        [DISTANCE_10K] = "10K",
        [DISTANCE_HALF] = "half marathon",
        [DISTANCE_MARATHON] = "marathon",
};

static const char *const weekdays[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
        "Sunday" };

/* clang-format off */
static const char *const advice_texts[] = {
        [ADVICE_NONE] = "",
        [ADVICE_PROFESSIONAL] = "Stop running, and let a professional look at it before you start again.",
        [ADVICE_EASY_MILE] =
                ("One easy mile, no more, and watch the pain: when does it start and end, is it dull or sharp, muscle or "
                 "bone, does it hurt to the touch? If it gets worse, or you limp, stop."),
        [ADVICE_RACE_LET_GO] = "Let your {what} go this time: there will be another one.",
        [ADVICE_PAIN_GONE] = "{pains}: gone? Then `cardioctl log today --pain none`.",
        [ADVICE_PAIN_STANDS] = "{pains}: once it is gone, `cardioctl log today --pain none`.",
        [ADVICE_RACE_WHICH] =
                ("Which race did you run on {date}? List it, for recovery goes by the distance: `cardioctl race add {date} 10k` "
                 "(or 5k, half, marathon)."),
        [ADVICE_RACE_RUN] = "Your {what} on {date}: did you run it? If not: `cardioctl race remove {id}`.",
        [ADVICE_AFTER_MARATHON] =
                ("After the race: food and fluids soon, about three parts carbohydrate to one of protein, and "
                 "electrolytes for the rest of the day."),
        [ADVICE_AFTER_HALF] =
                ("After the race: something to eat within the hour, such as a recovery drink, a bagel with peanut butter, "
                 "or fruit."),
        [ADVICE_AFTER_SHORT] = "After the race: a recovery drink within 30 to 60 minutes.",
        [ADVICE_WALK] = "After the race: keep walking for a while; at the very most jog very lightly.",
        [ADVICE_JOG_10] = "After the race: jog very lightly for about 10 minutes.",
        [ADVICE_COOL_DOWN] =
                ("After the race: a cool-down jog of 10 to 20 minutes in warmer clothes, then 4 to 6 barefoot strides on "
                 "grass."),
        [ADVICE_NO_RUNNING] = "No running and no heavy cross-training: a walk or light yoga is plenty.",
        [ADVICE_LIGHT_CROSS_TRAINING] = "Light cross-training, if anything: elliptical, swimming or cycling.",
        [ADVICE_SEE_HOW_IT_FEELS] = "Jog lightly, and see how it feels.",
        [ADVICE_DAY_OFF] = "A day off is fine, too.",
        [ADVICE_STRIDES] = "A few light strides are welcome.",
        [ADVICE_ONE_LIGHT_WORKOUT] = "One light workout, and you are almost back to normal.",
        [ADVICE_BLOOD] = "Not recovered yet? Take a step back, and have your blood checked for iron.",
        [ADVICE_OR_CROSS_TRAIN] = "Cross-training instead is just as good.",
        [ADVICE_ONE_HARD_WORKOUT] = "One hard workout is welcome by now, if it feels right; the rest stays easy.",
        [ADVICE_HARD_WORKOUT_DONE] = "Your one hard workout is done: the rest stays easy.",
        [ADVICE_OR_NORMAL] = "How do you feel? If it feels right, train as usual.",
        [ADVICE_LIGHTER] = "Keep it lighter than usual, or make it one more recovery run.",
        [ADVICE_CROSS_TRAINING] =
                ("Rather move? 10 minutes of warm-up, then five times 2 minutes with more resistance and 2 minutes easy, "
                 "on any machine or in the pool."),
        [ADVICE_OR_EASY] = "Yoga, swimming, the elliptical or a bike are easy choices, too.",
        [ADVICE_REST_UP] = "Body and heart ask for the same: rest. A short walk is fine.",
        [ADVICE_WORN_OUT] =
                "Worn out, so spare your legs the impact: swim, ride a bike, walk, or rest.",
        [ADVICE_TIRED] = "Run-down, so keep it shorter and slower than usual.",
        [ADVICE_SORE] = "Sore, so take a step back, and extra care.",
        [ADVICE_RMSSD_LOW] = ("Your RMSSD over seven days, {n} ms, is below what is usual for you: strain, short "
                             "nights or an illness may be behind it."),
        [ADVICE_RMSSD_HIGH] = "Your RMSSD over seven days, {n} ms, is above what is usual for you.",
        [ADVICE_RESTING_HIGH] = "Your resting heart rate is {n} bpm above its mean: take it easy.",
        [ADVICE_TALK_TEST] = "You could not talk on your run of {date}: too fast, so slow down this time.",
        [ADVICE_RACE_AHEAD] = "{n} days to your {what}.",
        [ADVICE_HARD_WELCOME] = "Feeling great, so a hard run is welcome.",
        [ADVICE_SHORTER] = "Keep it shorter than your base runs, which take about {n} minutes.",
        [ADVICE_CONVERSATION] = "Slow enough to chat in whole sentences.",
        [ADVICE_PACE] = "Slow enough to chat in whole sentences: {pace} or slower.",
        [ADVICE_LONG] = "Take your time: at least {n} minutes.",
        [ADVICE_LONG_FIRST] =
                ("Take your time, and go longer than usual. Then `cardioctl log last --kind long` makes it count as a long "
                 "run."),
};
static_assert(ELEMENTSOF(advice_texts) == _ADVICE_KEY_MAX, "an advice has no words");

/* Where the figure is not known, or is 1; where the days before a race ask for something; and of pains. */
#define SHORTER_THAN_UNKNOWN "Keep it shorter than your base runs."
#define REST_YOUR_LEGS       "Rest your legs, and eat well."
#define RACE_NEXT_DAY        "The day before your {what}: rest your legs, and eat well."
#define RACE_NO_LONG         "{n} days to your {what}: no long run before it."
#define RACE_NO_HARD         "{n} days to your {what}: nothing long or hard before it."
#define PAIN_STOPS_GONE      "{pains}: gone, the same, worse? Once it is gone: `cardioctl log today --pain none`."
#define PAIN_AND_RACE        "{pains}: if it gets worse, or you limp, stop. Once it is gone: `cardioctl log today --pain none`."
#define PAINS_GONE           "{pains}: gone, the same, worse? `cardioctl log today` asks for each."
#define PAINS_STAND          "{pains}: `cardioctl log today` takes back what is gone."
#define PAINS_AND_RACE       "{pains}: if one gets worse, or you limp, stop. `cardioctl log today` takes back what is gone."

static const char *const care_texts[] = {
        [CARE_NONE] = "",
        [CARE_PROFESSIONAL] = "Let it heal before you run again.",
        [CARE_WARM_CLOTHES] = "Change into warm, dry clothes.",
        [CARE_STRETCH] = "Stretch for ten minutes, gently.",
        [CARE_ROLL] = "Ten minutes with the foam roller.",
        [CARE_STRETCH_AND_ROLL] = "Stretch and roll your legs well.",
        [CARE_BATH] = "A warm bath with Epsom salt.",
        [CARE_SOCKS] = "Compression socks for a few hours.",
        [CARE_MASSAGE] = "A light massage does your legs good.",
        [CARE_LEGS_UP] = "Put your legs up for ten minutes.",
        [CARE_BAREFOOT_STRIDES] = "If it feels great: a few light strides, barefoot on grass.",
        [CARE_PRE_RUN] = "Five minutes of exercises before the run: leg swings, lunges, a few skips.",
        [CARE_STRENGTH] = "Ten minutes of strength: squats, calf raises, planks.",
        [CARE_STREAK] = "{n} days in a row: well done. Stretching, rolling and patience keep it going.",
        [CARE_FRIEND] = "Run with a friend: an easy run stays easy in company, and does the mind good.",
        [CARE_WALK_WITH_FRIEND] = "Go for a walk with a friend: it does the mind good.",
};
static_assert(ELEMENTSOF(care_texts) == _CARE_KEY_MAX, "a care has no words");
/* clang-format on */

#define AFTER_THE_RACE "After the race: "

/* What fills the places of a template. */
typedef struct Values {
        unsigned n;
        const char *what;
        Day date;
        int64_t id;
        const CoachDay *day; /* whose pains they are */
} Values;

static bool is_named(const char *name, size_t length, const char *other)
{
        return strlen(other) == length && strncmp(name, other, length) == 0;
}

/* Since when: a weekday where it can only be the last one, else the date. */
static void add_pain(Phrase *p, const CoachPain *pain, Day date)
{
        char buf[DAY_STRING_MAX];

        phrase_add(p, pain->text);
        phrase_add(p, ", ");
        phrase_add(p, date - pain->since > 0 && date - pain->since < 7 ? weekdays[day_of_week(pain->since)]
                                                                       : day_to_string(pain->since, buf));
}

/* "left knee, Monday; right calf, 2026-05-20" */
static void add_pains(Phrase *p, const CoachDay *day)
{
        for (size_t i = 0; i < day->n_pains; i++) {
                phrase_add(p, i > 0 ? "; " : "");
                add_pain(p, &day->pain[i], day->date);
        }
}

static void add_value(Phrase *p, const char *name, size_t length, const Values *v)
{
        char date[DAY_STRING_MAX], pace[PACE_TEXT_MAX];

        if (is_named(name, length, "n"))
                phrase_add_unsigned(p, v->n);
        else if (is_named(name, length, "what"))
                phrase_add(p, v->what);
        else if (is_named(name, length, "date"))
                phrase_add(p, day_to_string(v->date, date));
        else if (is_named(name, length, "pace"))
                phrase_add(p, pace_to_string(v->day->pace_limit, v->day->miles, pace));
        else if (is_named(name, length, "pain"))
                add_pain(p, &v->day->pain[0], v->day->date);
        else if (is_named(name, length, "pains"))
                add_pains(p, v->day);
        else
                phrase_add_unsigned(p, (uint64_t)v->id);
}

static void add_template(Phrase *p, const char *template, const Values *v)
{
        char piece[COACH_TEXT_MAX];

        for (;;) {
                size_t plain = strcspn(template, "{"), name;

                assert(plain < sizeof(piece));
                memcpy(piece, template, plain);
                piece[plain] = '\0';
                phrase_add(p, piece);
                template += plain;
                if (*template == '\0')
                        return;
                name = strcspn(++template, "}");
                add_value(p, template, name, v);
                template += name + 1;
        }
}

/* -- The reason -------------------------------------------------------------------------------------------------- */

static const char *noun_of_rule(const CoachDay *day)
{
        if (day->rule <= RULE_MARATHON)
                return distances[day->rule];
        if (day->rule == RULE_BEFORE_RACE)
                return distances[day->distance];
        return day->rule == RULE_HARD ? "hard run" : "long run";
}
static_assert((int)RULE_MARATHON == (int)DISTANCE_MARATHON && (int)RULE_5K == (int)DISTANCE_5K,
                "rules of races are in the order of distances");

static const char *reason_template(const CoachDay *day)
{
        switch (day->rule) {
        case RULE_PAIN_STOPS:
                return "a pain that gets worse or changes how you move ({pain})";
        case RULE_PAIN:
                return "a pain ({pain})";
        case RULE_RUN_DOWN:
                return "your body scan says run-down, and your resting heart rate is up";
        case RULE_WORN_OUT:
                return "your body scan says worn out";
        case RULE_TIRED:
                return "your body scan says run-down";
        case RULE_SORE:
                return "your body scan says sore";
        case RULE_CYCLE:
                return "day {n} of your cycle, and no long run in it yet";
        case RULE_NONE:
                return "nothing in your last days asks for rest";
        case RULE_BEFORE_RACE:
                return "the day before your {what}";
        case RULE_HARD:
        case RULE_LONG:
                return day->days == 1 ? "the day after your {what} on {date} (session {id})"
                                      : "{n} days after your {what} on {date} (session {id})";
        case RULE_5K:
        case RULE_10K:
        case RULE_HALF:
        case RULE_MARATHON:
                return day->days == 0   ? "the day of your {what}"
                       : day->days == 1 ? "the day after your {what} on {date}"
                                        : "{n} days after your {what} on {date}";
        case _RULE_MAX:
        case _RULE_INVALID:
                break;
        }
        assert(0 && "no such rule");
        return "";
}

static void add_reason(Phrase *p, const CoachDay *day)
{
        add_template(p, reason_template(day),
                        &(Values){ .n = day->rule == RULE_CYCLE ? day->cycle_day : day->days,
                                        .what = noun_of_rule(day),
                                        .date = day->since,
                                        .id = day->id,
                                        .day = day });
}

const char *coach_reason_to_string(const CoachDay *day, char buf[static COACH_TEXT_MAX])
{
        Phrase p = phrase_begin(buf, COACH_TEXT_MAX);

        add_reason(&p, day);
        return buf;
}

/* -- Advice ------------------------------------------------------------------------------------------------------ */

static const char *race_ahead_template(const CoachDay *day, const CoachAdvice *advice)
{
        bool is_long = advice->distance == DISTANCE_HALF || advice->distance == DISTANCE_MARATHON;

        /* The reason has named it. */
        if (advice->figure == 1)
                return day->rule == RULE_BEFORE_RACE ? REST_YOUR_LEGS : RACE_NEXT_DAY;
        if (advice->figure <= (is_long ? 3 : 2))
                return RACE_NO_HARD;
        return is_long && advice->figure <= 6 ? RACE_NO_LONG : advice_texts[ADVICE_RACE_AHEAD];
}

static const char *pain_template(const CoachDay *day, const CoachAdvice *advice)
{
        if (day->kind == KIND_RACE)
                return day->n_pains > 1 ? PAINS_AND_RACE : PAIN_AND_RACE;
        if (advice->key == ADVICE_PAIN_STANDS)
                return day->n_pains > 1 ? PAINS_STAND : advice_texts[ADVICE_PAIN_STANDS];
        if (day->n_pains > 1)
                return PAINS_GONE;
        return day->pain_stops ? PAIN_STOPS_GONE : advice_texts[ADVICE_PAIN_GONE];
}

static const char *advice_template(const CoachDay *day, const CoachAdvice *advice)
{
        assert(advice->key >= 0 && advice->key < _ADVICE_KEY_MAX);
        if (advice->key == ADVICE_SHORTER && advice->figure == 0)
                return SHORTER_THAN_UNKNOWN;
        if (advice->key == ADVICE_RACE_AHEAD)
                return race_ahead_template(day, advice);
        if (advice->key == ADVICE_PAIN_GONE || advice->key == ADVICE_PAIN_STANDS)
                return pain_template(day, advice);
        return advice_texts[advice->key];
}

const char *coach_advice_to_string(
                const CoachDay *day, const CoachAdvice *advice, char buf[static COACH_TEXT_MAX])
{
        Phrase p = phrase_begin(buf, COACH_TEXT_MAX);

        assert(advice->distance >= 0 && advice->distance < _DISTANCE_MAX);
        add_template(&p, advice_template(day, advice),
                        &(Values){ .n = advice->figure,
                                        .what = distances[advice->distance],
                                        .date = advice->date,
                                        .id = advice->id,
                                        .day = day });
        return buf;
}

const char *coach_care_to_string(const CoachCare *care, char buf[static COACH_TEXT_MAX])
{
        Phrase p = phrase_begin(buf, COACH_TEXT_MAX);

        assert(care->key >= 0 && care->key < _CARE_KEY_MAX);
        if (care->after_race)
                phrase_add(&p, AFTER_THE_RACE);
        add_template(&p, care_texts[care->key], &(Values){ .n = care->figure });
        /* It goes on where a sentence would begin. */
        if (care->after_race)
                buf[strlen(AFTER_THE_RACE)] = (char)(buf[strlen(AFTER_THE_RACE)] | 0x20);
        return buf;
}

/* -- In the first minutes of a session --------------------------------------------------------------------------- */

/* What a day asks for, in a sentence that begins with "today asks for". */
static void add_what_is_asked(Phrase *p, const CoachDay *day)
{
        if (day->kind == KIND_REST)
                phrase_add(p, "rest");
        else if (day->kind == KIND_CROSS_TRAINING)
                phrase_add(p, "cross-training");
        else if (day->rule == RULE_PAIN)
                phrase_add(p, "one easy mile");
        else {
                phrase_add(p, "a recovery run of at most ");
                phrase_add_unsigned(p, day->max_minutes);
                phrase_add(p, " minutes");
        }
}

static const char *what_is_well(const CoachDay *day)
{
        if (day->kind == KIND_REST)
                return "A walk is fine; running can wait.";
        if (day->kind == KIND_CROSS_TRAINING)
                return "Anything light but running is fine.";
        return day->rule == RULE_PAIN ? "If it gets worse, or you limp, stop." : "Keep it easy and short.";
}

/* One easy mile, or fewer minutes than the runner usually runs. */
static bool is_shorter_than_usual(const CoachDay *day)
{
        return day->rule == RULE_PAIN ||
               (day->max_minutes > 0 && !(day->usual_s <= 60.0 * day->max_minutes)); /* true for NAN */
}

bool coach_session_advice(
                const CoachDay *day, Kind kind, bool workout, bool moving, char buf[static COACH_TEXT_MAX])
{
        Phrase p = phrase_begin(buf, COACH_TEXT_MAX);
        bool runs = kind_is_run(day->kind);

        if (day->kind == KIND_RACE || (kind >= 0 && !kind_is_run(kind)))
                return false;
        if (day->pain_stops) {
                add_pain(&p, &day->pain[0], day->date);
                phrase_add(&p, ": that pain has not been taken back. Please stop running, "
                               "and let a professional look at it first.");
                return true;
        }
        if (runs ? !is_shorter_than_usual(day) : workout)
                return false;
        /* Without anything that sees running it may be a machine, unless the runner has said what it is. */
        phrase_add(&p, !runs && kind < 0 && !moving ? "If this is a run, today asks for "
                                                    : "Today asks for ");
        add_what_is_asked(&p, day);
        phrase_add(&p, ": ");
        add_reason(&p, day);
        phrase_add(&p, ". ");
        phrase_add(&p, what_is_well(day));
        return true;
}

/* -- After a race ------------------------------------------------------------------------------------------------ */

/* clang-format off */
#define AFTER_SHORT_RACE \
        "Well run. A recovery drink within 30 to 60 minutes; until then warmer clothes, a cool-down jog of 10 to 20 " \
        "minutes, 4 to 6 barefoot strides on grass, and a stretch."

static const char *const after_race_texts[] = {
        [DISTANCE_5K] = AFTER_SHORT_RACE,
        [DISTANCE_10K] = AFTER_SHORT_RACE,
        [DISTANCE_HALF] =
                ("Well run. Something to eat within the hour: a recovery drink, a bagel with peanut butter, or fruit. Jog "
                 "very lightly for about 10 minutes; a light massage does your legs good."),
        [DISTANCE_MARATHON] =
                ("Well run. Food and fluids soon, about three parts carbohydrate to one of protein, and electrolytes for "
                 "the rest of the day. Walk, put on warm clothes, stretch gently."),
};

static const char *const eaten_texts[] = {
        [DISTANCE_5K] = "Had your recovery drink?",
        [DISTANCE_10K] = "Had your recovery drink?",
        [DISTANCE_HALF] = "Eaten and drunk? Have something within the hour after the race.",
        [DISTANCE_MARATHON] = "Eaten and drunk? Keep the electrolytes coming for the rest of the day.",
};
/* clang-format on */

static const char *race_text(const char *text, char buf[static COACH_TEXT_MAX])
{
        Phrase p = phrase_begin(buf, COACH_TEXT_MAX);

        phrase_add(&p, text);
        return buf;
}

const char *coach_after_race_to_string(Distance distance, char buf[static COACH_TEXT_MAX])
{
        assert(distance >= 0 && distance < _DISTANCE_MAX);
        return race_text(after_race_texts[distance], buf);
}

const char *coach_eaten_to_string(Distance distance, char buf[static COACH_TEXT_MAX])
{
        assert(distance >= 0 && distance < _DISTANCE_MAX);
        return race_text(eaten_texts[distance], buf);
}

/* -- The verdict ------------------------------------------------------------------------------------------------- */

const char *coach_talk_test_question(void)
{
        return "Could you hold a conversation?";
}

static void add_ceiling_verdict(Phrase *p, const CoachVerdict *v)
{
        if (isnan(v->easy_percent))
                return;
        /* Rounded down: 100 % is all of it. */
        phrase_add_unsigned(p, v->easy_percent > 0 ? (unsigned)v->easy_percent : 0);
        phrase_add(p, " % easy");
        if (v->over_s >= 1) {
                phrase_add(p, ", ");
                phrase_add_length(p, v->over_s);
                phrase_add(p, " over the ceiling");
        }
        if (v->breaches > 0 && v->longest_breach_s >= 1) {
                phrase_add(p, ", the longest stretch ");
                phrase_add_length(p, v->longest_breach_s);
        }
        phrase_add(p, ". ");
}

static void add_length_verdict(Phrase *p, const CoachVerdict *v)
{
        double ratio = v->duration_s / v->median_base_s; /* NAN if there are none */

        if (isnan(ratio))
                return;
        phrase_add(p, ratio < 0.9      ? "Shorter than your base runs. "
                        : ratio <= 1.1 ? "About as long as your base runs. "
                                       : "Longer than your base runs. ");
}

static const char *kind_noun(Kind asked)
{
        return asked == KIND_BASE ? "base run" : "recovery run";
}

static void add_rest_was_due(Phrase *p, const CoachVerdict *v)
{
        const char *asked = v->day_kind == KIND_CROSS_TRAINING ? "cross-training" : "rest";

        if (v->pain_stops)
                phrase_add(p, "A pain that stops you is in your log: please run no more until it is gone, "
                              "and let a professional look at it. ");
        else if (v->perhaps) {
                phrase_add(p, "If this was a run, the day asked for ");
                phrase_add(p, asked);
                phrase_add(p, ". If it was not: `cardioctl log ");
                phrase_add_unsigned(p, (uint64_t)v->id);
                phrase_add(p, " --kind cross-training`. ");
        } else {
                phrase_add(p, "The day asked for ");
                phrase_add(p, asked);
                phrase_add(p, ", not for a run: give your legs a break soon. ");
        }
}

static void add_too_long(Phrase *p, const CoachVerdict *v)
{
        if (v->max_minutes > 0 && v->duration_s > 60.0 * v->max_minutes) {
                phrase_add(p, "Longer than the day asked for, which was at most ");
                phrase_add_unsigned(p, v->max_minutes);
                phrase_add(p, " minutes. ");
        } else
                phrase_add(p, "Too long for a recovery run. ");
}

static void add_key(Phrase *p, const CoachVerdict *v)
{
        switch (v->key) {
        case VERDICT_NONE:
                break;
        case VERDICT_REST_WAS_DUE:
                add_rest_was_due(p, v);
                break;
        case VERDICT_UNKNOWN:
                phrase_add(p, "No heart rate, so only you know: could you hold a conversation? ");
                break;
        case VERDICT_TOO_FAST:
                phrase_add(p, "Too fast for a ");
                phrase_add(p, kind_noun(v->asked));
                phrase_add(p, v->talk_test_failed ? ": you could not talk, and that is what counts. " : ". ");
                break;
        case VERDICT_TOO_LONG:
                add_too_long(p, v);
                break;
        case VERDICT_GOOD:
                phrase_add(p, "A good ");
                phrase_add(p, kind_noun(v->asked));
                phrase_add(p, ". ");
                break;
        case _VERDICT_KEY_MAX:
        case _VERDICT_KEY_INVALID:
                assert(0 && "no such verdict");
        }
}

const char *coach_verdict_to_string(const CoachVerdict *v, char buf[static COACH_TEXT_MAX])
{
        Phrase p = phrase_begin(buf, COACH_TEXT_MAX);

        add_key(&p, v);
        if (v->key != VERDICT_REST_WAS_DUE && v->key != VERDICT_UNKNOWN)
                add_ceiling_verdict(&p, v);
        if (v->key == VERDICT_GOOD || v->key == VERDICT_TOO_FAST || v->key == VERDICT_TOO_LONG)
                add_length_verdict(&p, v);
        if (p.n > 0)
                buf[p.n - 1] = '\0'; /* the last space */
        return buf;
}
