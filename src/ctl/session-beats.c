/* SPDX-License-Identifier: MIT */

/* What the beats of a session come to, for `show`: how the strap sends its R-R intervals, variability, α1, how far the heart rate
 * fell after effort, and how it drifted. All of it is read from the database; no clock. */

#include "session-beats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"
#include "memory.h"
#include "text.h"

/* A list is as long as its commas tell: much faster than reading it. */
static const char rr_sql[] =
                "SELECT count(*) AS heart_rates, count(rr_json) AS heart_rates_with_rr,"
                "       coalesce(sum(1 + length(rr_json) - length(replace(rr_json, ',', ''))), 0) AS intervals,"
                "       coalesce(max(1 + length(rr_json) - length(replace(rr_json, ',', ''))), 0) AS most_at_once"
                "  FROM sample WHERE session_id = ?1";

static const char figures_sql[] =
                "SELECT s.rmssd, f.percent AS drift_percent, f.decoupling AS decoupling_percent, n.body_location"
                "  FROM session AS s LEFT JOIN sensor AS n ON n.id = s.sensor_id"
                "  LEFT JOIN (SELECT percent, decoupling FROM drift WHERE session_id = ?1) AS f"
                " WHERE s.id = ?1";

static const char alpha1_sql[] =
                "SELECT t, alpha1, artefact_percent FROM alpha1 WHERE session_id = ?1 ORDER BY t";

static Outcome read_rows(const Database *d, int64_t id, const char *sql, json_object **ret)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        Outcome outcome = database_prepare(d, sql, &s);

        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)sqlite3_bind_int64(s, 1, id);
        return database_rows(d, s, ret);
}

static void take_members(json_object *from, json_object *to)
{
        json_object_object_foreach(from, key, value)
        {
                json_add(to, key, json_object_get(value));
        }
}

Outcome session_beats_add(const Database *d, int64_t id, json_object *session)
{
        _cleanup_json_ json_object *figures = NULL, *rr = NULL;
        json_object *alpha1 = NULL;
        Outcome outcome;

        outcome = read_rows(d, id, figures_sql, &figures);
        if (outcome == OUTCOME_DONE)
                outcome = read_rows(d, id, rr_sql, &rr);
        if (outcome == OUTCOME_DONE)
                outcome = read_rows(d, id, alpha1_sql, &alpha1);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (json_object_array_length(figures) > 0)
                take_members(json_object_array_get_idx(figures, 0), session);
        json_add(session, "rr", json_object_get(json_object_array_get_idx(rr, 0)));
        json_add(session, "alpha1", alpha1);
        return OUTCOME_DONE;
}

/* -- As text -- */

/* A sensor that looks at the blood and not at the heart works its intervals out, or makes them up. */
static bool is_optical(json_object *session)
{
        static const char *const places[] = { "wrist", "finger", "hand", "ear lobe", "ear-lobe", "foot",
                "other" };
        const char *place = json_text(session, "body_location");

        for (size_t i = 0; place && i < ELEMENTSOF(places); i++)
                if (strcmp(place, places[i]) == 0)
                        return true;
        return false;
}

static void print_intervals(const Output *out, json_object *session, json_object *rr)
{
        double with = json_number_or(rr, "heart_rates_with_rr", 0),
               all = json_number_or(rr, "heart_rates", 0);
        int64_t most = json_integer_or(rr, "most_at_once", 0);
        char percent[NUMBER_STRING_MAX], artefacts[NUMBER_STRING_MAX];
        Line line = line_begin(out, "R-R");

        line_add(&line, STYLE_PLAIN, "%lld intervals", (long long)json_integer_or(rr, "intervals", 0));
        if (with < 0.9 * all)
                line_add(&line, STYLE_PLAIN, ", with %s %% of the heart rates",
                                share_to_string(100 * with / all, percent));
        if (most > 4)
                line_add(&line, STYLE_PLAIN, ", up to %lld at once", (long long)most);
        line_add(&line, STYLE_PLAIN, "; %s %% artefacts",
                        number_to_string(json_number_or(session, "artefact_percent", NAN), 1, artefacts));
        if (is_optical(session))
                line_add(&line, STYLE_PLAIN,
                                "; this device is not worn on the chest, and such ones often work intervals out");
        line_end(&line);
}

static void print_variability(const Output *out, json_object *session)
{
        char rmssd[NUMBER_STRING_MAX], sdnn[NUMBER_STRING_MAX], pnn50[NUMBER_STRING_MAX];
        double value;

        if (json_number(session, "rmssd", &value))
                output_field(out, "Variability", "RMSSD %s ms, SDNN %s ms, pNN50 %s %%",
                                number_to_string(value, 1, rmssd),
                                number_to_string(json_number_or(session, "sdnn", NAN), 1, sdnn),
                                number_to_string(json_number_or(session, "pnn50", NAN), 1, pnn50));
}

static int compare(const void *a, const void *b)
{
        const double *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

/* Why there was none most of the time. */
static const char *alpha1_missing(json_object *session, size_t n)
{
        size_t artefacts = 0;

        for (size_t i = 0; i < n; i++)
                artefacts += json_number_or(json_array_at(session, "alpha1", i), "artefact_percent", 0) > 5;
        return 2 * artefacts > n ? "more than 5 % artefacts" : "less than 90 % of two minutes covered";
}

static void print_alpha1(const Output *out, json_object *session)
{
        size_t n = json_array_length(session, "alpha1"), known = 0;
        _cleanup_free_ double *value = checked(calloc(n + 1, sizeof(*value)));
        char middle[NUMBER_STRING_MAX], lowest[NUMBER_STRING_MAX], highest[NUMBER_STRING_MAX],
                        percent[NUMBER_STRING_MAX];

        if (n == 0)
                return;
        for (size_t i = 0; i < n; i++)
                known += json_number(json_array_at(session, "alpha1", i), "alpha1", &value[known]);
        if (known == 0) {
                output_field(out, "Alpha1", "not available: %s", alpha1_missing(session, n));
                return;
        }
        qsort(value, known, sizeof(*value), compare);
        output_field(out, "Alpha1", "%s in the middle, %s to %s; available for %s %% of the time",
                        number_to_string((value[(known - 1) / 2] + value[known / 2]) / 2, 2, middle),
                        number_to_string(value[0], 2, lowest), number_to_string(value[known - 1], 2, highest),
                        share_to_string(100 * (double)known / (double)n, percent));
}

/* Of a run that is to be steady: with hard steps, the second half against the first says nothing. */
static double halves_compared(json_object *session, const char *key)
{
        const char *record = json_text(session, "record_kind");

        if (json_text(session, "workout") || (record && strcmp(record, "hard") == 0))
                return NAN;
        return json_number_or(session, key, NAN);
}

double session_drift(json_object *session)
{
        return halves_compared(session, "drift_percent");
}

double session_decoupling(json_object *session)
{
        return halves_compared(session, "decoupling_percent");
}

/* "2.1 % up", or "none" where that is what is left of it. */
static const char *change_to_string(double percent, char buf[static NUMBER_STRING_MAX])
{
        char digits[NUMBER_STRING_MAX];

        if (fabs(percent) < 0.05)
                return "none";
        (void)snprintf(buf, NUMBER_STRING_MAX, "%s %% %s", number_to_string(fabs(percent), 1, digits),
                        percent > 0 ? "up" : "down");
        return buf;
}

static void print_drift(const Output *out, json_object *session)
{
        char change[NUMBER_STRING_MAX];
        double drift = session_drift(session), decoupling = session_decoupling(session);

        if (!isnan(drift))
                output_field(out, "Drift", "%s from the first half to the second",
                                change_to_string(drift, change));
        if (!isnan(decoupling))
                output_field(out, "Decoupling", "%s, the heart rate for the same pace",
                                change_to_string(decoupling, change));
}

void session_beats_print(const Output *out, json_object *session)
{
        json_object *rr = NULL;
        char bpm[NUMBER_STRING_MAX];
        double value;

        if (json_integer_or(session, "beats_known", 0) == 0)
                return;
        (void)json_object_object_get_ex(session, "rr", &rr);
        if (json_integer_or(rr, "heart_rates", 0) == 0)
                return;
        if (json_number(session, "hrr60", &value))
                output_field(out, "Recovery", "%s bpm down in the first minute after effort",
                                number_to_string(value, 0, bpm));
        print_drift(out, session);
        if (json_integer_or(rr, "intervals", 0) == 0) {
                const char *source = json_text(session, "source");

                output_field(out, "R-R", "none: %s",
                                source && strcmp(source, "import") == 0 ? "the file has no R-R intervals"
                                                                        : "the strap sends no R-R intervals");
                return;
        }
        print_intervals(out, session, rr);
        print_variability(out, session);
        print_alpha1(out, session);
}
