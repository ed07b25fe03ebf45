/* SPDX-License-Identifier: MIT */
/* The body scan on a terminal: what to feel for while the heart rate is measured, and the questions afterwards. The answers
 * are sent all together or not at all; the daemon interprets them. No clock. */
#include "body-scan.h"

#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "cardio/day.h"
#include "coach.h"

/* -- The way through the body -- */

/* From the toes to the head, the same time for each. */
static const char *const guide[] = {
        "Close your eyes. Begin with your toes.",
        "Ankles and shins: stiff, or easy?",
        "Calves: tight, or soft?",
        "Knees: do both feel alike?",
        "Thighs, front and back: heavy, or light?",
        "Hips and lower back: let them sink.",
        "Belly: it rises and falls by itself.",
        "Lungs: does the breath go in without effort?",
        "Heart: calm?",
        "Hands, arms and shoulders: let them go.",
        "Neck and jaw: loosen them.",
        "Head: where in you does the tiredness sit, if there is any?",
};

const char *body_scan_guide(unsigned n, unsigned gone_s, unsigned length_s)
{
        return n < ELEMENTSOF(guide) && (uint64_t)gone_s * ELEMENTSOF(guide) >= (uint64_t)n * length_s
                               ? guide[n]
                               : NULL;
}

/* -- The questions -- */

/* A pain that is on record, and how it is now. */
typedef struct Pain {
        char text[DIARY_WORDS_MAX + 1];
        enum { PAIN_AS_IT_WAS = -1, PAIN_GONE, PAIN_SAME, PAIN_WORSE } now;
} Pain;

#define PAINS_MAX 8U

typedef struct BodyScanAnswers {
        BodyScan scan;
        char mood[ASK_ANSWER_MAX], soreness[ASK_ANSWER_MAX], pain[ASK_ANSWER_MAX];
        char note[DIARY_NOTE_MAX + 1];
        size_t n_pains;
        Pain stands[PAINS_MAX];
} BodyScanAnswers;

/* ", since Monday" within the last week, else with the date; "" on the same day. */
static void since_to_string(const char *since, const char *date, char *buf, size_t size)
{
        static const char *const names[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
                "Saturday", "Sunday" };
        bool known;
        Day from, on;

        known = day_parse(since, &from) >= 0 && day_parse(date, &on) >= 0;
        if (known && from == on)
                buf[0] = '\0';
        else
                (void)snprintf(buf, size, ", since %s",
                                known && from < on && on - from < 7 ? names[day_of_week(from)] : since);
}

static Outcome ask_feel(Ask *a, json_object *log, BodyScan *scan)
{
        int64_t before = json_integer_or(log, "feel", 0);
        char figure[16] = "";
        int answer;
        Outcome outcome;

        if (before > 0)
                (void)snprintf(figure, sizeof(figure), " [%d]", (int)before);
        outcome = ask_word(a, "1 2 3 4 5 -", &answer, "How do you feel, 1 worn out to 5 great%s?", figure);
        if (outcome == OUTCOME_DONE && answer >= 0)
                scan->feel = answer < (int)FEEL_MAX ? answer + 1 : 0;
        return outcome;
}

/* A few words, or none; "-" removes what is on record. ret stays NULL if that is to be kept. */
static Outcome ask_words(Ask *a, json_object *log, const char *key, const char *question,
                char buf[static ASK_ANSWER_MAX], const char **ret)
{
        const char *before = log ? json_text(log, key) : NULL;
        Outcome outcome;

        for (;;) {
                outcome = before && *before ? ask_line(a, buf, "%s [%s]", question, before)
                                            : ask_line(a, buf, "%s", question);
                if (outcome != OUTCOME_DONE || strlen(buf) <= DIARY_WORDS_MAX)
                        break;
                output_wrapped(a->out, STYLE_WARNING, 0, 0, "In fewer words, please: at most %u bytes.",
                                DIARY_WORDS_MAX);
        }
        if (outcome == OUTCOME_DONE && *buf) {
                if (strcmp(buf, "-") == 0)
                        *buf = '\0';
                *ret = buf;
        }
        return outcome;
}

static Outcome ask_standing(Ask *a, json_object *log, BodyScanAnswers *answers)
{
        const char *date = json_text(log, "date");
        Outcome outcome = OUTCOME_DONE;

        for (size_t i = 0; i < json_array_length(log, "pains") && i < PAINS_MAX && outcome == OUTCOME_DONE;
                        i++) {
                json_object *from = json_array_at(log, "pains", i);
                const char *text = json_text(from, "text"), *since = json_text(from, "since");
                Pain *pain = &answers->stands[answers->n_pains];
                char ago[64];
                int now;

                if (!text || !since || strlen(text) > DIARY_WORDS_MAX)
                        continue;
                (void)snprintf(pain->text, sizeof(pain->text), "%s", text); /* fits */
                since_to_string(since, date ? date : "", ago, sizeof(ago));
                outcome = ask_word(
                                a, "gone same worse", &now, "Your pain, %s%s: gone, same, worse?", text, ago);
                pain->now = now == 0   ? PAIN_GONE
                            : now == 1 ? PAIN_SAME
                            : now == 2 ? PAIN_WORSE
                                       : PAIN_AS_IT_WAS;
                answers->n_pains++;
        }
        return outcome;
}

/* What a professional would ask as well; it goes into the day's note. */
static Outcome ask_nature(Ask *a, json_object *log, BodyScanAnswers *answers)
{
        static const char *const kinds[] = { "dull", "sharp" }, *const places[] = { "muscle", "bone" };
        const char *before = json_text(log, "note");
        int kind, place = -1;
        Outcome outcome;

        outcome = ask_word(a, "dull sharp", &kind, "Is it dull or sharp?");
        if (outcome == OUTCOME_DONE)
                outcome = ask_word(a, "muscle bone", &place, "Is it in the muscle or the bone?");
        if (outcome != OUTCOME_DONE || (kind < 0 && place < 0))
                return outcome;
        if (snprintf(answers->note, sizeof(answers->note), "%s%s%s: %s%s%s", before ? before : "",
                            before && *before ? "; " : "", answers->pain, kind >= 0 ? kinds[kind] : "",
                            kind >= 0 && place >= 0 ? ", " : "",
                            place >= 0 ? places[place] : "") < (int)sizeof(answers->note))
                answers->scan.note = answers->note; /* a note that is full is kept as it is */
        return OUTCOME_DONE;
}

static Outcome ask_pain(Ask *a, json_object *log, BodyScanAnswers *answers)
{
        BodyScan *scan = &answers->scan;
        int yes;
        Outcome outcome;

        outcome = ask_words(a, NULL, "",
                        answers->n_pains > 0 ? "Does anything else hurt?" : "Does anything hurt?",
                        answers->pain, &scan->pain);
        /* A pain that is none of those above, which were asked about one by one. */
        if (outcome == OUTCOME_DONE && scan->pain && !diary_says_some(scan->pain))
                scan->pain = NULL;
        if (outcome != OUTCOME_DONE || !scan->pain)
                return outcome;
        outcome = ask_word(a, "yes no", &yes, "Does it get worse, yes or no?");
        if (outcome != OUTCOME_DONE)
                return outcome;
        scan->pain_worsening = yes == 0;
        outcome = ask_word(a, "yes no", &yes, "Does it change how you move, yes or no?");
        if (outcome != OUTCOME_DONE)
                return outcome;
        scan->pain_gait = yes == 0;
        return ask_nature(a, log, answers);
}

static Outcome ask_all(const Output *out, json_object *log, BodyScanAnswers *answers)
{
        _cleanup_ask_ Ask a = ASK_NOT_BEGUN;
        BodyScan *scan = &answers->scan;
        Outcome outcome;

        ask_begin(&a, out);
        output_wrapped(out, STYLE_DIM, 0, 0,
                        "Enter keeps what is so, - takes it back, Ctrl-C keeps no answer.");
        outcome = ask_feel(&a, log, scan);
        if (outcome == OUTCOME_DONE)
                outcome = ask_words(&a, log, "mood", "In what mood are you?", answers->mood, &scan->mood);
        if (outcome == OUTCOME_DONE)
                outcome = ask_words(&a, log, "soreness", "What is sore?", answers->soreness, &scan->soreness);
        if (outcome == OUTCOME_DONE)
                outcome = ask_standing(&a, log, answers);
        return outcome == OUTCOME_DONE ? ask_pain(&a, log, answers) : outcome;
}

/* -- Telling the daemon -- */

static bool says_nothing(const BodyScan *scan)
{
        return scan->feel < 0 && !scan->mood && !scan->soreness && !scan->pain && !scan->note;
}

static Outcome send_pain(const DaemonBus *bus, const char *date, const Pain *pain)
{
        BodyScan scan = BODY_SCAN_NOTHING;

        switch (pain->now) {
        case PAIN_GONE:
                scan.pain_gone = pain->text;
                break;
        case PAIN_WORSE:
                scan.pain_worsening = true;
                scan.pain = pain->text;
                break;
        case PAIN_SAME:
                scan.pain = pain->text;
                break;
        case PAIN_AS_IT_WAS:
                return OUTCOME_DONE;
        }
        return coach_log_day(bus, date, &scan);
}

Outcome coach_ask_body_scan(const DaemonBus *bus, const Output *out, const char *date)
{
        _cleanup_json_ json_object *log = NULL;
        BodyScanAnswers answers = { .scan = BODY_SCAN_NOTHING };
        Outcome outcome;

        outcome = coach_ask_log(bus, date, &log);
        if (outcome == OUTCOME_DONE)
                outcome = ask_all(out, log, &answers);
        for (size_t i = 0; i < answers.n_pains && outcome == OUTCOME_DONE; i++)
                outcome = send_pain(bus, date, &answers.stands[i]);
        if (outcome == OUTCOME_DONE && !says_nothing(&answers.scan))
                outcome = coach_log_day(bus, date, &answers.scan);
        return outcome;
}
