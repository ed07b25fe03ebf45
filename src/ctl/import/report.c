/* SPDX-License-Identifier: MIT */

/* What the runner sees of an import. What was found in a folder and is of no use there is counted; what was named and could not be
 * taken is an error. Both lists are bounded, for archives of ten years; --verbose and JSON have all of it. No clock. */

#include "import/report.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cardio/day.h"
#include "import/local-time.h"
#include "memory.h"
#include "text.h"

void report_begin(Report *r, const Call *call, const ImportFiles *files)
{
        *r = (Report){ .call = call,
                .dry = call_option(call, "dry-run") != NULL,
                .quiet = call_option(call, "quiet") != NULL,
                .verbose = call_option(call, "verbose") != NULL };
        r->few = r->verbose || (files->n <= REPORT_LINES_MAX && !r->quiet);
        if (!call->json)
                return;
        r->taken = checked(json_object_new_array());
        r->known = checked(json_object_new_array());
        r->refused = checked(json_object_new_array());
        r->left_out = checked(json_object_new_array());
        r->warnings = checked(json_object_new_array());
}

void report_done(Report *r)
{
        json_object_put(r->taken);
        json_object_put(r->known);
        json_object_put(r->refused);
        json_object_put(r->left_out);
        json_object_put(r->warnings);
}

static const char *name_of(const ImportFile *s)
{
        return strcmp(s->path, FILE_STDIN) == 0 ? "standard input" : s->path;
}

static json_object *text(const char *value)
{
        return checked(json_object_new_string(value));
}

static json_object *integer(int64_t value)
{
        return checked(json_object_new_int64(value));
}

/* The beginning of an entry: the file, and which of its activities. */
static json_object *entry(const ImportFile *s, unsigned activity)
{
        json_object *object = checked(json_object_new_object());

        json_add(object, "file", text(s->path));
        json_add(object, "activity", activity > 0 ? integer(activity) : NULL);
        return object;
}

/* -- Lines -- */

/* Whether there is room for one more; the progress makes way for it. */
static bool may_say(Report *r, size_t *n)
{
        if (++*n > REPORT_LINES_MAX && !r->verbose)
                return false;
        progress_clear(&r->progress);
        return true;
}

static void print_taken(const Report *r, const Activity *a, int64_t id, json_object *session)
{
        const Output *out = &r->call->out;
        int64_t start = a->samples[0].at, seconds;
        int offset = a->whole.has_offset ? a->whole.utc_offset_s : utc_offset_at(start);
        const char *date = json_text(session, "date"), *time = json_text(session, "start"),
                   *duration = json_text(session, "duration"), *kind = json_text(session, "kind");
        char day[DAY_STRING_MAX], clock[8], length[HMS_STRING_MAX];

        seconds = (start / 1000 + offset) % 86400;
        (void)snprintf(clock, sizeof(clock), "%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60));
        output_text(out, STYLE_PLAIN, "%s %.5s  %s",
                        date ? date : day_to_string(day_of_moment(start, offset), day), time ? time : clock,
                        duration ? duration : seconds_to_string((double)activity_length(a) / 1000, length));
        output_text(out, STYLE_DIM, "  %-14s",
                        kind                  ? kind
                        : a->whole.is_running ? "run"
                        : *a->whole.sport     ? a->whole.sport
                                              : "other sport");
        output_text(out, STYLE_PLAIN, "  avg %3.0f bpm",
                        json_number_or(session, "avg_bpm", activity_average(a)));
        if (id > 0)
                output_text(out, STYLE_BOLD, "  session %" PRId64, id);
        putchar('\n');
        (void)fflush(stdout);
}

bool report_wants_session(const Report *r)
{
        return r->few && !r->taken && (r->n_lines < REPORT_LINES_MAX || r->verbose);
}

void report_taken(Report *r, const ImportFile *s, const Activity *a, int64_t id, json_object *session)
{
        r->n_taken++;
        r->last_session = id;
        if (r->taken) {
                json_object *object = entry(s, a->number);

                json_add(object, "session", id > 0 ? integer(id) : NULL);
                json_add(object, "started_at", integer(a->samples[0].at));
                json_add(object, "duration_s", json_real((double)activity_length(a) / 1000));
                json_add(object, "heart_rates", integer((int64_t)a->n_samples));
                json_append(r->taken, object);
        } else if (r->few && may_say(r, &r->n_lines)) {
                print_taken(r, a, id, session);
        }
}

/* As it stands after the name of a file; to be freed. */
static char *without_capital(const char *why)
{
        char *words = checked(strdup(why));

        if (isupper((unsigned char)words[0]) && islower((unsigned char)words[1]))
                words[0] = (char)tolower((unsigned char)words[0]);
        return words;
}

/* "FILE, activity 2: PLACE: WHY" */
static void print_error(const ImportFile *s, unsigned activity, const char *place, const char *why)
{
        _cleanup_free_ char *words = without_capital(why);
        char number[32] = "";

        if (activity > 1)
                (void)snprintf(number, sizeof(number), ", activity %u", activity);
        (void)fail(OUTCOME_FAILED, "%s%s: %s%s%s", name_of(s), number, place, *place ? ": " : "", words);
}

void report_known(Report *r, const ImportFile *s, const Activity *a, const char *words)
{
        int64_t id = 0;
        const char *number = strstr(words, "session ");

        r->n_known++;
        if (number && sscanf(number, "session %" SCNd64, &id) != 1)
                id = 0;
        if (r->known) {
                json_object *object = entry(s, a->number);

                json_add(object, "session", id > 0 ? integer(id) : NULL);
                json_append(r->known, object);
        }
        if (s->named ? may_say(r, &r->n_errors) : r->verbose && !r->known && may_say(r, &r->n_lines)) {
                if (s->named) {
                        print_error(s, a->number, "", words);
                } else {
                        _cleanup_free_ char *why = without_capital(words);

                        output_text(&r->call->out, STYLE_DIM, "%s: %s", name_of(s), why);
                        putchar('\n');
                }
        }
}

void report_refused(Report *r, const ImportFile *s, unsigned activity, const char *place, const char *why)
{
        r->n_refused++;
        if (r->refused) {
                json_object *object = entry(s, activity);

                json_add(object, "place", *place ? text(place) : NULL);
                json_add(object, "reason", text(why));
                json_append(r->refused, object);
        }
        if (may_say(r, &r->n_errors))
                print_error(s, activity, place, why);
}

void report_left_out(Report *r, const ImportFile *s, bool foreign, const char *why)
{
        *(foreign ? &r->n_foreign : &r->n_no_heart_rates) += 1;
        if (r->left_out) {
                json_object *object = entry(s, 0);

                json_add(object, "reason", text(why));
                json_append(r->left_out, object);
        } else if (r->verbose && may_say(r, &r->n_lines)) {
                output_text(&r->call->out, STYLE_DIM, "%s: %s", name_of(s), why);
                putchar('\n');
        }
}

void report_warning(Report *r, const ImportFile *s, const char *place, const char *words)
{
        if (r->warnings) {
                json_object *object = entry(s, 0);

                json_add(object, "place", *place ? text(place) : NULL);
                json_add(object, "text", text(words));
                json_append(r->warnings, object);
        }
        if (may_say(r, &r->n_warnings))
                print_error(s, 0, place, words);
}

/* -- The end -- */

static const char *plural(size_t n)
{
        return n == 1 ? "" : "s";
}

static void print_more(size_t n, const char *what)
{
        if (n > REPORT_LINES_MAX)
                (void)fail(OUTCOME_FAILED, "%zu more %s; --verbose shows all", n - REPORT_LINES_MAX, what);
}

static void add_count(Line *line, Style style, size_t n, const char *one, const char *many)
{
        if (n == 0)
                return;
        line_add(line, STYLE_PLAIN, ", ");
        line_add(line, style, "%zu %s", n, n == 1 ? one : many);
}

static void print_counts(const Report *r, size_t n_passed)
{
        Line line = line_begin(&r->call->out, NULL);
        bool any = r->n_taken > 0;

        if (r->dry && any)
                line_add(&line, STYLE_BOLD, "%zu session%s would be imported", r->n_taken,
                                plural(r->n_taken));
        else if (any)
                line_add(&line, STYLE_BOLD, "%zu session%s imported", r->n_taken, plural(r->n_taken));
        else
                line_add(&line, STYLE_BOLD, r->dry ? "Nothing would be imported" : "Nothing imported");
        add_count(&line, STYLE_PLAIN, r->n_known, "there already", "there already");
        add_count(&line, STYLE_BAD, r->n_refused, "refused", "refused");
        add_count(&line, STYLE_PLAIN, r->n_no_heart_rates, "file without heart rates left out",
                        "files without heart rates left out");
        add_count(&line, STYLE_PLAIN, n_passed, "other file passed over", "other files passed over");
        add_count(&line, STYLE_WARNING, r->n_not_begun, "file not got to", "files not got to");
        line_add(&line, STYLE_PLAIN, ".");
        line_end(&line);
}

static void print_hints(const Report *r, const ImportFiles *files)
{
        const Output *out = &r->call->out;

        if (files->n_archives > 0)
                output_wrapped(out, STYLE_PLAIN, 0, 0,
                                "%zu ZIP archive%s not looked into: unpack %s (`unzip %s -d FOLDER`), then import FOLDER.",
                                files->n_archives, files->n_archives == 1 ? " was" : "s were",
                                files->n_archives == 1 ? "it" : "them", files->archive);
        else if (r->n_taken + r->n_known + r->n_refused + r->n_no_heart_rates + r->n_foreign +
                                        r->n_not_begun ==
                        0)
                output_wrapped(out, STYLE_PLAIN, 0, 0,
                                "No file there has a name that ends in .fit, .tcx, .gpx, .hrm, .csv or .json.");
        if (r->n_overlaps > 0)
                output_wrapped(out, STYLE_DIM, 0, 0,
                                "With --keep-overlap what lies in another session is taken, too.");
        if (r->n_not_begun > 0)
                output_wrapped(out, STYLE_PLAIN, 0, 0,
                                "The same command goes on from here: what is there already is not imported again.");
        else if (r->dry && r->n_taken > 0)
                output_wrapped(out, STYLE_DIM, 0, 0, "Nothing was stored.%s",
                                r->looked_up ? ""
                                             : " Which of them are there already is not known: no cardiod runs.");
        else if (r->n_taken == 1)
                output_wrapped(out, STYLE_DIM, 0, 0, "`cardioctl show %" PRId64 "` shows it.",
                                r->last_session);
        else if (r->n_taken > 1)
                output_wrapped(out, STYLE_DIM, 0, 0,
                                "`cardioctl sessions` lists them, `cardioctl totals --by year` adds them up.");
}

static void print_document(const Report *r, size_t n_passed)
{
        _cleanup_json_ json_object *document = checked(json_object_new_object());

        json_add(document, "taken", json_object_get(r->taken));
        json_add(document, "known", json_object_get(r->known));
        json_add(document, "refused", json_object_get(r->refused));
        json_add(document, "left_out", json_object_get(r->left_out));
        json_add(document, "warnings", json_object_get(r->warnings));
        json_add(document, "passed_over", integer((int64_t)n_passed));
        json_add(document, "not_begun", integer((int64_t)r->n_not_begun));
        json_add(document, "dry_run", checked(json_object_new_boolean(r->dry)));
        json_print(document);
}

void report_end(Report *r, const ImportFiles *files)
{
        size_t n_passed = files->n_passed + r->n_foreign;

        progress_clear(&r->progress);
        if (!r->verbose) {
                print_more(r->n_errors, "could not be taken");
                print_more(r->n_warnings, "warnings");
        }
        if (r->taken) {
                print_document(r, n_passed);
                return;
        }
        if (r->quiet)
                return;
        print_counts(r, n_passed);
        print_hints(r, files);
}
