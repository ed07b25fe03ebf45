/* SPDX-License-Identifier: MIT */
/* The questions about the runner, whose answers go into the configuration. Each is checked by the daemon itself at once. No clock. */
#include <stdio.h>
#include <string.h>

#include "database.h"
#include "memory.h"
#include "setup/setup.h"

/* A word that can be answered for a value that is written otherwise. */
typedef struct Spoken {
        const char *word, *value;
} Spoken;

typedef struct Question {
        const char *section, *key;
        const char *instead; /* a key that this one replaces, NULL = none */
        const char *text;
        const Spoken *spoken; /* ends with a NULL word; NULL = none */
} Question;

static const char *in_words(const Question *q, const char *value)
{
        for (const Spoken *s = q->spoken; s && s->word; s++)
                if (strcmp(s->value, value) == 0)
                        return s->word;
        return value;
}

/* The value that an answer stands for: a word, or how it begins. */
static const char *meant_by(const Question *q, const char *answer)
{
        for (const Spoken *s = q->spoken; s && s->word; s++)
                if (strncasecmp(s->word, answer, strlen(answer)) == 0)
                        return s->value;
        return answer;
}

/* A file that is read after setup.conf has the last word. */
static bool is_decided_elsewhere(const Setup *s, const char *section, const char *key)
{
        const char *path = configuration_set_later(&s->configuration, section, key);

        if (path)
                setup_explain(s, "`%s` is set in %s, which is read last: change it there.", key, path);
        return path;
}

/* Sets it if the daemon takes it; what it finds doubtful only if that is meant so. ret: whether it is set. */
static Outcome take(Setup *s, const Question *q, const char *value, bool *ret)
{
        Configuration *c = &s->configuration;
        _cleanup_free_ char *why = NULL, *warnings = NULL, *now = configuration_value(c, q->section, q->key),
                            *before = checked(strdup(c->text));
        Outcome outcome;

        *ret = true;
        if (now && strcmp(now, value) == 0 && configuration_is_set(c, q->section, q->key))
                return OUTCOME_DONE; /* as it is already, wherever it is set */
        if (!configuration_set(c, q->section, q->key, value, q->instead, &why, &warnings)) {
                *ret = false;
                output_wrapped(s->out, STYLE_WARNING, 0, 0, "%s", why);
                return OUTCOME_DONE;
        }
        if (!warnings)
                return OUTCOME_DONE;
        output_wrapped(s->out, STYLE_WARNING, 0, 0, "%s", warnings);
        outcome = setup_ask_yes(s, false, ret, "Do you mean that, yes or no?");
        if (!*ret)
                configuration_restore(c, before);
        return outcome;
}

/* Asks until the answer is one that the daemon takes; Enter keeps what is in force, and so does `keep`, a word, or NULL. */
static Outcome ask_value(Setup *s, const Question *q, const char *keep, const char *standard)
{
        char answer[ASK_ANSWER_MAX];
        Outcome outcome = OUTCOME_DONE;
        bool done = false;

        while (!done && outcome == OUTCOME_DONE) {
                outcome = ask_line(&s->ask, answer, "%s [%s]", q->text, standard);
                if (outcome != OUTCOME_DONE || !*answer)
                        return outcome;
                if (keep && strncasecmp(keep, answer, strlen(answer)) == 0)
                        return OUTCOME_DONE;
                outcome = take(s, q, meant_by(q, answer), &done);
        }
        return outcome;
}

/* -- The questions -- */

/* A year or a day, rather than an age. */
static bool is_birthday(const char *answer)
{
        return strspn(answer, "0123456789") >= 4;
}

/* What was said of the age, "" if nothing was. */
static void known_age(const Setup *s, char buf[static 32])
{
        _cleanup_free_ char *born = configuration_value(&s->configuration, "runner", "born"),
                            *age = configuration_value(&s->configuration, "runner", "age");

        buf[0] = '\0';
        if (born)
                (void)snprintf(buf, 32, "%.16s", born); /* a date */
        else if (age && configuration_is_set(&s->configuration, "runner", "age"))
                (void)snprintf(buf, 32, "%.8s years", age); /* a number */
}

/* Asks until it is answered; `known`: "" if there is no answer yet that could stay. */
static Outcome ask_birthday(Setup *s, const char *known)
{
        static const Question born = { .section = "runner", .key = "born", .instead = "age" },
                              age = { .section = "runner", .key = "age", .instead = "born" };
        char answer[ASK_ANSWER_MAX];
        Outcome outcome = OUTCOME_DONE;
        bool done = false;

        while (!done && outcome == OUTCOME_DONE) {
                outcome = ask_line(&s->ask, answer,
                                "When were you born, as in 1986 or 1986-05-17, or how old are you?%s%s%s",
                                *known ? " [" : "", known, *known ? "]" : "");
                if (outcome != OUTCOME_DONE || (!*answer && *known))
                        return outcome;
                if (*answer)
                        outcome = take(s, is_birthday(answer) ? &born : &age, answer, &done);
                else
                        output_wrapped(s->out, STYLE_WARNING, 0, 0,
                                        "This one needs an answer: with a wrong age the ceiling is wrong.");
        }
        return outcome;
}

static Outcome ask_age(Setup *s)
{
        _cleanup_free_ char *maximum = configuration_value(&s->configuration, "runner", "max-heart-rate");
        bool estimated = !maximum || strcmp(maximum, "auto") == 0;
        char known[32];

        if (is_decided_elsewhere(s, "runner", "born") || is_decided_elsewhere(s, "runner", "age"))
                return OUTCOME_DONE;
        known_age(s, known);
        if (estimated) {
                setup_explain(s,
                                "Your maximum heart rate is estimated from your age, and the ceiling goes by it.");
                return ask_birthday(s, known);
        }
        setup_explain(s, "Your maximum heart rate is set, %s bpm; without that it would go by your age.",
                        maximum);
        return ask_birthday(s, *known ? known : "leave it open");
}

/* Whether mornings were measured: then they are in force, and not what is in the file. Fewer than seven are provisional, and only the
 * database tells that there are any. */
static bool are_mornings_in_force(const Setup *s)
{
        _cleanup_database_ Database database = { .db = NULL };
        _cleanup_statement_ sqlite3_stmt *statement = NULL;
        const char *path = s->manager ? json_text(s->manager, "database_path") : NULL;

        if (!path)
                return false;
        if (json_false(s->manager, "resting_provisional"))
                return true;
        return sqlite3_open_v2(path, &database.db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ==
                               SQLITE_OK &&
               sqlite3_prepare_v2(database.db, "SELECT 1 FROM resting LIMIT 1", -1, &statement, NULL) ==
                               SQLITE_OK &&
               sqlite3_step(statement) == SQLITE_ROW;
}

static Outcome ask_resting(Setup *s)
{
        static const Question q = {
                .section = "runner", .key = "resting-heart-rate", .text = "Your resting heart rate in bpm?"
        };
        _cleanup_free_ char *now = configuration_value(&s->configuration, q.section, q.key);
        bool known = configuration_is_set(&s->configuration, q.section, q.key);
        char bpm[NUMBER_STRING_MAX];

        if (are_mornings_in_force(s)) {
                setup_explain(s,
                                "Your resting heart rate is %s bpm, by your mornings. `cardioctl rest` goes on measuring it.",
                                number_to_string(
                                                json_number_or(s->manager, "resting_heart_rate", 0), 0, bpm));
                return OUTCOME_DONE;
        }
        if (is_decided_elsewhere(s, q.section, q.key))
                return OUTCOME_DONE;
        setup_explain(s,
                        "Lying, in the morning before you get up. Not known? `tomorrow`: `cardioctl rest` measures it then; %s bpm until then.",
                        now ? now : "60");
        return ask_value(s, &q, "tomorrow", known && now ? now : "tomorrow");
}

static Outcome ask_ceiling(Setup *s)
{
        static const Spoken spoken[] = { { "easy", "65%hrr" }, { "coach", "auto" }, { NULL, NULL } };
        static const Question q = { .section = "ceiling",
                .key = "ceiling",
                .text = "Is each run to be easy, or does the coach decide: easy or coach?",
                .spoken = spoken };
        _cleanup_free_ char *now = configuration_value(&s->configuration, q.section, q.key);

        if (is_decided_elsewhere(s, q.section, q.key))
                return OUTCOME_DONE;
        setup_explain(s,
                        "easy: every run stays below 65 %% of your heart-rate reserve. coach: your last runs and races decide, day by day, how fast a run may be.");
        return ask_value(s, &q, NULL, in_words(&q, now ? now : "65%hrr"));
}

static Outcome ask_rest_days(Setup *s)
{
        static const Spoken spoken[] = { { "yes", "yes" }, { "no", "no" }, { NULL, NULL } };
        static const Question q = { .section = "coach",
                .key = "rest-days",
                .text = "Do you take days off from running, yes or no?",
                .spoken = spoken };
        _cleanup_free_ char *now = configuration_value(&s->configuration, q.section, q.key);

        if (is_decided_elsewhere(s, q.section, q.key))
                return OUTCOME_DONE;
        setup_explain(s,
                        "The coach advises days off, as after a long run; who runs every day is given a short recovery run instead.");
        return ask_value(s, &q, NULL, now ? now : "yes");
}

static Outcome ask_level(Setup *s)
{
        static const Spoken spoken[] = { { "new", "new" }, { "returning", "returning" },
                { "regular", "regular" }, { "seasoned", "seasoned" }, { NULL, NULL } };
        static const Question q = { .section = "coach",
                .key = "level",
                .text = "Are you a new, returning, regular or seasoned runner?",
                .spoken = spoken };
        _cleanup_free_ char *now = configuration_value(&s->configuration, q.section, q.key);

        if (is_decided_elsewhere(s, q.section, q.key))
                return OUTCOME_DONE;
        setup_explain(s,
                        "Who is new, or comes back from a break or an injury, is given more time to recover; who is seasoned, less.");
        return ask_value(s, &q, NULL, now ? now : "regular");
}

Outcome setup_ask_runner(Setup *s)
{
        static Outcome (*const questions[])(
                        Setup * s) = { ask_age, ask_resting, ask_ceiling, ask_rest_days, ask_level };
        Outcome outcome = OUTCOME_DONE;

        for (size_t i = 0; i < ELEMENTSOF(questions) && outcome == OUTCOME_DONE; i++)
                outcome = questions[i](s);
        return outcome;
}
