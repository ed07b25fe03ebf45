/* SPDX-License-Identifier: MIT */

/* What the coach says, in words: short, kind and our own. Sentences are templates with places for what they are about, so
 * that they can be read, and changed, all in one place. No clock.
 *
 *      {n} a figure, {what} the race or run, {date} its date, {id} its session
 */

#include "cardio/coach.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "cardio/macro.h"
#include "cardio/phrase.h"

static const char *const rule_names[] = {
        [RULE_5K] = "after-5k",
        [RULE_10K] = "after-10k",
        [RULE_HALF] = "after-half",
        [RULE_MARATHON] = "after-marathon",
        [RULE_HARD] = "after-hard",
        [RULE_LONG] = "after-long",
        [RULE_PAIN_WORSE] = "body-scan",
        [RULE_PAIN] = "body-scan",
        [RULE_CYCLE] = "cycle",
        [RULE_NONE] = "none",
};

const char *coach_rule_to_string(CoachRule rule)
{
        assert(rule >= 0 && rule < _RULE_MAX);
        return rule_names[rule];
}

/* The first four for distances, too. */
static const char *const nouns[] = {
        [RULE_5K] = "5K",
        [RULE_10K] = "10K",
        [RULE_HALF] = "half marathon",
        [RULE_MARATHON] = "marathon",
        [RULE_HARD] = "hard run",
        [RULE_LONG] = "long run",
};
static_assert((int)RULE_MARATHON == (int)DISTANCE_MARATHON && (int)RULE_5K == (int)DISTANCE_5K,
                "rules of races are in the order of distances");

static const char *const advice_texts[] = {
        [ADVICE_NONE] = "",
        [ADVICE_REFUEL_MARATHON] =
                        "Eat and drink soon: carbohydrate and protein at about 3:1, and electrolytes.",
        [ADVICE_WALK] = "Afterwards walk; at the very most jog very lightly.",
        [ADVICE_REFUEL_HALF] = "Eat something within the hour.",
        [ADVICE_JOG_10] = "Afterwards jog very lightly for about 10 minutes.",
        [ADVICE_REFUEL_SHORT] = "Have a recovery drink within 30 to 60 minutes.",
        [ADVICE_COOL_DOWN] = "Cool down with 10 to 20 minutes of jogging.",
        [ADVICE_NO_RUNNING] = "No running and no heavy cross-training: a walk or light yoga is plenty.",
        [ADVICE_LIGHT_CROSS_TRAINING] = "Light cross-training only: elliptical, swimming or cycling.",
        [ADVICE_MASSAGE] = "A massage may do your legs good.",
        [ADVICE_SEE_HOW_IT_FEELS] = "Jog lightly, and see how it feels.",
        [ADVICE_DAYS_OFF] = "A day off is fine, too.",
        [ADVICE_STRIDES] = "A few light strides are welcome.",
        [ADVICE_ONE_LIGHT_WORKOUT] = "After one light workout you are almost back to normal.",
        [ADVICE_BLOOD] = "Not recovered yet? Step back, and have your blood checked for iron.",
        [ADVICE_OR_CROSS_TRAIN] = "Cross-training instead is just as good.",
        [ADVICE_STRETCH] = "Stretch, and roll your legs.",
        [ADVICE_LEGS_UP] = "Still sore? Put your legs up for 10 minutes a day.",
        [ADVICE_ONE_HARD_WORKOUT] =
                        "One hard workout is allowed by now; let the rest be base and recovery runs.",
        [ADVICE_OR_NORMAL] = "If it feels right, train as usual.",
        [ADVICE_LIGHTER] = "Keep it lighter than usual, or make it one more recovery run.",
        [ADVICE_CROSS_TRAINING] =
                        "Rather move? Warm up for 10 minutes, then 5 times 2 with more resistance, 2 easy.",
        [ADVICE_OR_EASY] = "Yoga, swimming, the elliptical or a bike are easy choices, too.",
        [ADVICE_PROFESSIONAL] = "Stop, and let a professional look at that pain before you run again.",
        [ADVICE_EASY_MILE] = "One easy mile, no more. Watch the pain: if it worsens, or you limp, stop.",
        [ADVICE_TIRED] = "You feel worn out: shorter and slower is the right thing, and so is a day off.",
        [ADVICE_SORE] = "You are sore: go gently, and put your legs up afterwards.",
        [ADVICE_SHORTER] = "Keep it shorter than your base runs, which take about {n} minutes.",
        [ADVICE_CONVERSATION] = "Slow enough to chat in whole sentences.",
        [ADVICE_LONG] = "Take your time: at least {n} minutes.",
        [ADVICE_TALK_TEST] = "You could not talk on your last run: too fast, whatever the ceiling said.",
        [ADVICE_RESTING_HIGH] = "Your resting heart rate is {n} bpm above its mean: take it easy.",
        [ADVICE_RACE_TODAY] = "Your {what} is today all the same. If you start, start gently.",
        [ADVICE_RACE_AHEAD] = "{n} days to your {what}.",
};
static_assert(ELEMENTSOF(advice_texts) == _ADVICE_KEY_MAX, "an advice has no words");

/* Where the figure is not known, or is 1. */
#define SHORTER_THAN_UNKNOWN "Keep it shorter than your base runs."
#define RACE_TOMORROW        "Your {what} is tomorrow."

/* What fills the places of a template. */
typedef struct Values {
        unsigned n;
        const char *what;
        Day date;
        int64_t id;
} Values;

static void add_value(Phrase *p, const char *name, size_t length, const Values *v)
{
        char date[DAY_STRING_MAX];

        if (length == 1)
                phrase_add_unsigned(p, v->n);
        else if (strncmp(name, "what", length) == 0)
                phrase_add(p, v->what);
        else if (strncmp(name, "date", length) == 0)
                phrase_add(p, day_to_string(v->date, date));
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

static const char *reason_template(const CoachDay *day)
{
        switch (day->rule) {
        case RULE_PAIN_WORSE:
                return "you logged a pain that worsens or changes how you move";
        case RULE_PAIN:
                return "you logged a pain";
        case RULE_CYCLE:
                return "the last day of your cycle of {n} days, which has had no long run";
        case RULE_NONE:
                return "no race, hard or long run behind you asks for anything else";
        case RULE_HARD:
        case RULE_LONG:
                return day->days == 1 ? "the day after your {what} on {date} (session {id})"
                                      : "{n} days after your {what} on {date} (session {id})";
        case RULE_5K:
        case RULE_10K:
        case RULE_HALF:
        case RULE_MARATHON:
                return day->days == 0   ? "the day of your {what}, {date}"
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
        Values values = {
                .n = day->rule == RULE_CYCLE ? day->cycle_days : day->days,
                .date = day->since,
                .id = day->id,
        };

        if ((size_t)day->rule < ELEMENTSOF(nouns))
                values.what = nouns[day->rule];
        add_template(p, reason_template(day), &values);
}

const char *coach_reason_to_string(const CoachDay *day, char buf[static COACH_TEXT_MAX])
{
        Phrase p = phrase_begin(buf, COACH_TEXT_MAX);

        add_reason(&p, day);
        return buf;
}

/* -- Advice ------------------------------------------------------------------------------------------------------ */

static const char *advice_template(const CoachAdvice *advice)
{
        assert(advice->key >= 0 && advice->key < _ADVICE_KEY_MAX);
        if (advice->key == ADVICE_SHORTER && advice->figure == 0)
                return SHORTER_THAN_UNKNOWN;
        if (advice->key == ADVICE_RACE_AHEAD && advice->figure == 1)
                return RACE_TOMORROW;
        return advice_texts[advice->key];
}

const char *coach_advice_to_string(const CoachAdvice *advice, char buf[static COACH_TEXT_MAX])
{
        Phrase p = phrase_begin(buf, COACH_TEXT_MAX);

        assert(advice->distance >= 0 && advice->distance < _DISTANCE_MAX);
        add_template(&p, advice_template(advice),
                        &(Values){ .n = advice->figure, .what = nouns[advice->distance] });
        return buf;
}

/* What a day asks for, and what is well on it instead. */
static const struct {
        const char *what, *instead;
} asks[] = {
        [KIND_REST] = { "rest", "A walk is fine; running can wait." },
        [KIND_CROSS_TRAINING] = { "cross-training", "Anything light but running is fine." },
        [KIND_RECOVERY] = { "a recovery run", "Keep it easy and short." },
        [KIND_BASE] = { "a base run", "Keep it relaxed." },
        [KIND_LONG] = { "a long run", "Take your time." },
        [KIND_HARD] = { "a hard run", "Have fun." },
        [KIND_RACE] = { "your race", "Good luck." },
};
static_assert(ELEMENTSOF(asks) == _KIND_MAX, "a kind has no words");

bool coach_session_advice(const CoachDay *day, Kind kind, char buf[static COACH_TEXT_MAX])
{
        Phrase p = phrase_begin(buf, COACH_TEXT_MAX);
        bool speaks = kind < 0 ? !kind_is_run(day->kind) : kind > day->allows;

        if (!speaks)
                return false;
        if (day->rule == RULE_PAIN_WORSE) {
                phrase_add(&p, advice_texts[ADVICE_PROFESSIONAL]);
                return true;
        }
        phrase_add(&p, "Today asks for ");
        phrase_add(&p, asks[day->kind].what);
        phrase_add(&p, ": ");
        add_reason(&p, day);
        phrase_add(&p, ". ");
        phrase_add(&p, asks[day->kind].instead);
        return true;
}

/* -- The verdict ------------------------------------------------------------------------------------------------- */

static void add_ceiling_verdict(Phrase *p, const CoachVerdict *v)
{
        if (isnan(v->easy_percent))
                return;
        /* Rounded down: 100 % is all of it. */
        phrase_add_unsigned(p, v->easy_percent > 0 ? (unsigned)v->easy_percent : 0);
        phrase_add(p, " % easy");
        if (v->over_s > 0) {
                phrase_add(p, ", ");
                phrase_add_seconds(p, v->over_s);
                phrase_add(p, " over the ceiling");
        }
        if (v->breaches > 0) {
                phrase_add(p, ", too fast ");
                if (v->breaches == 1)
                        phrase_add(p, "once");
                else {
                        phrase_add_unsigned(p, v->breaches);
                        phrase_add(p, " times");
                }
                phrase_add(p, " (");
                phrase_add(p, v->breaches == 1 ? "" : "longest ");
                phrase_add_seconds(p, v->longest_breach_s);
                phrase_add(p, ")");
        }
        phrase_add(p, ". ");
}

const char *coach_verdict_to_string(const CoachVerdict *v, char buf[static COACH_TEXT_MAX])
{
        Phrase p = phrase_begin(buf, COACH_TEXT_MAX);

        phrase_add(&p, v->too_fast ? "Too fast for a recovery run. " : "A good recovery run. ");
        add_ceiling_verdict(&p, v);
        if (v->talk_test_failed)
                phrase_add(&p, "You could not talk: that is too fast, whatever the heart rate said. ");
        if (!isnan(v->median_base_s))
                phrase_add(&p, v->shorter ? "Shorter than your base runs. "
                                          : "As long as your base runs: make the next one shorter. ");
        buf[p.n - 1] = '\0'; /* the last space */
        return buf;
}
