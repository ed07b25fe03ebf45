/* SPDX-License-Identifier: MIT */
/* `export`: sessions as files for other programs. What was asked for is checked before anything is written; one session that
 * cannot be exported keeps no other one back. Dates are local, of CLOCK_REALTIME. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"
#include "database.h"
#include "export/file-name.h"
#include "export/follow.h"
#include "export/format.h"
#include "export/output-file.h"
#include "export/session-export.h"
#include "memory.h"
#include "text.h"

typedef struct Export {
        const Call *call;
        const ExchangeFormat *format;
        const char *output; /* NULL = standard output */
        bool into_folder;
        bool force;
        bool range;                                          /* what has no heart rates is left out */
        char since[DATE_STRING_MAX], until[DATE_STRING_MAX]; /* "" = not given */
        Database d;
        int64_t *ids;
        size_t n;
        int folder; /* of the files */
        size_t n_done, n_left_out, n_failed;
        uint64_t bytes;
} Export;

static void export_end(Export *e)
{
        database_close(&e->d);
        free(e->ids);
        if (e->folder >= 0)
                (void)close(e->folder);
}

/* -- What is asked for -- */

/* many: of several sessions; what is not there yet can only be a folder then, unless it is called like a file. */
static bool names_folder(const char *path, bool many)
{
        size_t n = strlen(path);
        struct stat st;

        if (n > 0 && path[n - 1] == '/')
                return true;
        return stat(path, &st) == 0 ? S_ISDIR(st.st_mode) : many && !export_format_of_file(path);
}

static Outcome read_format(Export *e)
{
        const char *name = call_option(e->call, "format");
        bool follow = call_option(e->call, "follow") != NULL;

        if (name) {
                e->format = export_format_by_name(name);
                if (!e->format)
                        return fail(OUTCOME_USAGE, "'%s' is not a format; accepted: " EXPORT_FORMATS_ACCEPTED,
                                        name);
                return OUTCOME_DONE;
        }
        e->format = follow                         ? export_format_by_name("fit")
                    : e->output && !e->into_folder ? export_format_of_file(e->output)
                                                   : NULL;
        if (e->format)
                return OUTCOME_DONE;
        if (e->output && !e->into_folder)
                return fail(OUTCOME_USAGE,
                                "the end of '%s' says no format; say which with --format: " EXPORT_FORMATS_ACCEPTED,
                                e->output);
        return fail(OUTCOME_USAGE, "which format? Say it with --format: " EXPORT_FORMATS_ACCEPTED);
}

static Outcome read_date(const Call *call, const char *option, char ret[static DATE_STRING_MAX])
{
        const char *text = call_option(call, option);

        if (text && date_parse(text, (int64_t)time(NULL), ret) < 0)
                return fail(OUTCOME_USAGE, "'%s' is not a date; accepted: " DATE_ACCEPTED, text);
        return OUTCOME_DONE;
}

static Outcome check_usage(const Export *e)
{
        const Call *call = e->call;
        bool range = call_option(call, "since") || call_option(call, "until");

        if (call_option(call, "follow")) {
                if (call->argc > 0 || range || e->force)
                        return fail(OUTCOME_USAGE,
                                        "--follow writes every run that ends from now on; it takes no ID, --since, "
                                        "--until or --force");
                return e->output ? OUTCOME_DONE
                                 : fail(OUTCOME_USAGE, "into which folder? Say it with --output DIR");
        }
        if (call->argc == 0 && !range)
                return fail(OUTCOME_USAGE,
                                "which session? Name it: a number that `cardioctl sessions` lists, last, or a date; "
                                "or many with --since and --until");
        if (call->argc > 0 && range)
                return fail(OUTCOME_USAGE, "either IDs, or --since and --until");
        if (call->argc > 1 && !e->output)
                return fail(OUTCOME_USAGE,
                                "several sessions do not go to standard output; name a folder with "
                                "--output DIR/");
        if ((call->argc > 1 || range) && !e->into_folder)
                return fail(OUTCOME_USAGE, "several sessions need a folder: --output %s/",
                                e->output ? e->output : "DIR");
        return OUTCOME_DONE;
}

/* All that can be said of it without the database. */
static Outcome check_arguments(Export *e)
{
        SessionName name;
        Outcome outcome;

        outcome = read_date(e->call, "since", e->since);
        if (outcome == OUTCOME_DONE)
                outcome = read_date(e->call, "until", e->until);
        if (outcome == OUTCOME_DONE && *e->until && strcmp(e->since, e->until) > 0)
                return fail(OUTCOME_USAGE, "--since %s is after --until %s", e->since, e->until);
        for (int i = 0; i < e->call->argc && outcome == OUTCOME_DONE; i++)
                outcome = session_argument(e->call->argv[i], &name);
        return outcome;
}

/* Each once, however often it was named. */
static bool has_id(const Export *e, int64_t id)
{
        for (size_t i = 0; i < e->n; i++)
                if (e->ids[i] == id)
                        return true;
        return false;
}

static void add_id(Export *e, int64_t id)
{
        e->ids = checked(reallocarray(e->ids, e->n + 1, sizeof(*e->ids)));
        e->ids[e->n++] = id;
}

static Outcome find_range(Export *e)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        const char *since = e->since, *until = e->until;
        bool row = false;
        Outcome outcome;

        outcome = database_prepare(&e->d,
                        "SELECT id FROM session_days WHERE (?1 = '' OR local_date >= ?1) AND (?2 = '' OR local_date <= ?2)"
                        " ORDER BY local_date, id",
                        &s);
        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)sqlite3_bind_text(s, 1, since, -1, SQLITE_STATIC);
        (void)sqlite3_bind_text(s, 2, until, -1, SQLITE_STATIC);
        while ((outcome = database_step(&e->d, s, &row)) == OUTCOME_DONE && row)
                add_id(e, sqlite3_column_int64(s, 0));
        if (outcome == OUTCOME_DONE && e->n == 0)
                return fail(OUTCOME_NOT_FOUND, "there is no session %s%s%s%s", *since ? "since " : "up to ",
                                *since ? since : until, *since && *until ? " up to " : "",
                                *since && *until ? until : "");
        return outcome;
}

static Outcome find_sessions(Export *e)
{
        Outcome outcome = OUTCOME_DONE;

        for (int i = 0; i < e->call->argc && outcome == OUTCOME_DONE; i++) {
                SessionName name;
                int64_t id = 0;

                outcome = session_argument(e->call->argv[i], &name);
                if (outcome == OUTCOME_DONE)
                        outcome = database_find_session(&e->d, &name, &id);
                if (outcome == OUTCOME_DONE && !has_id(e, id))
                        add_id(e, id);
        }
        if (outcome == OUTCOME_DONE && e->call->argc == 0)
                outcome = find_range(e);
        return outcome;
}

/* -- To standard output, or into one file -- */

static Outcome outcome_of(ExportResult result)
{
        return result == EXPORT_DONE ? OUTCOME_DONE : OUTCOME_FAILED;
}

static Outcome to_stdout(Export *e)
{
        _cleanup_whole_file_ WholeFile f = { .fd = -1 };
        ExportResult result;
        int r;

        /* Nothing is sent before all of it is there, and the database is closed by then: a reader may take long. */
        {
                _cleanup_stream_ SessionStream s = { .d = NULL };
                Outcome outcome = session_stream_open(&e->d, e->ids[0], &s);

                if (outcome != OUTCOME_DONE)
                        return outcome;
                result = export_check(&e->d, &s);
                if (result != EXPORT_DONE)
                        return OUTCOME_FAILED;
                r = whole_file_begin_in_memory(&f);
                if (r < 0)
                        return fail(OUTCOME_FAILED, "cannot write to memory: %s", strerror(-r));
                result = export_write(&s, e->format, &f, "standard output");
        }
        database_close(&e->d);
        if (result != EXPORT_DONE)
                return outcome_of(result);
        r = whole_file_send(&f, stdout);
        return r < 0 ? fail(OUTCOME_FAILED, "cannot write to standard output: %s", strerror(-r))
                     : OUTCOME_DONE;
}

static void print_written(const Export *e, const char *path)
{
        output_file_print(&e->call->out, path, e->bytes);
}

static Outcome open_folder(Export *e, const char *path)
{
        e->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (e->folder >= 0)
                return OUTCOME_DONE;
        return fail(OUTCOME_FAILED, "cannot write into %s: %s", path, strerror(errno));
}

static Outcome to_file(Export *e)
{
        _cleanup_free_ char *a = checked(strdup(e->output)), *b = checked(strdup(e->output));
        const char *folder = dirname(a), *name = basename(b);
        _cleanup_stream_ SessionStream s = { .d = NULL };
        ExportResult result;
        Outcome outcome;

        outcome = output_file_check(e->output, e->d.path, e->force);
        if (outcome == OUTCOME_DONE)
                outcome = session_stream_open(&e->d, e->ids[0], &s);
        if (outcome == OUTCOME_DONE)
                outcome = outcome_of(export_check(&e->d, &s));
        if (outcome == OUTCOME_DONE)
                outcome = open_folder(e, folder);
        if (outcome != OUTCOME_DONE)
                return outcome;
        result = export_to_folder(&s, e->format, e->folder, folder, name, e->force, &e->bytes);
        if (result == EXPORT_THERE)
                return output_file_there(e->output);
        if (result == EXPORT_DONE)
                print_written(e, e->output);
        return outcome_of(result);
}

/* -- Into a folder -- */

/* Its own line, on a terminal, while there are many. */
static void show_progress(const Export *e, size_t i)
{
        if (e->n > 1 && isatty(STDERR_FILENO))
                fprintf(stderr, i < e->n ? "%zu of %zu\033[K\r" : "\033[K", i + 1,
                                e->n); /* what is printed next is in its place */
}

static Outcome one_to_folder(Export *e, int64_t id)
{
        _cleanup_stream_ SessionStream s = { .d = NULL };
        _cleanup_free_ char *name = NULL;
        ExportResult result;
        uint64_t size = 0;
        Outcome outcome;

        outcome = session_stream_open(&e->d, id, &s);
        if (outcome != OUTCOME_DONE) {
                e->n_failed++;
                return outcome;
        }
        /* That many of a range have none is no news. */
        if (e->range && s.ended && !s.has_heart_rates)
                result = EXPORT_NOTHING;
        else
                result = export_check(&e->d, &s);
        if (result == EXPORT_DONE) {
                name = file_name_find(e->folder, &s, e->format->extension); /* it keeps its name */
                name = name ? name : file_name_of(&s, e->format->extension);
                result = export_to_folder(&s, e->format, e->folder, e->output, name, true, &size);
        }
        e->bytes += size;
        if (result == EXPORT_DONE)
                e->n_done++;
        else if (result == EXPORT_NOTHING && e->range)
                e->n_left_out++;
        else
                e->n_failed++;
        if (result == EXPORT_DONE && e->n == 1) {
                _cleanup_free_ char *path = NULL;
                size_t n = strlen(e->output);

                if (asprintf(&path, "%s%s%s", e->output, n > 0 && e->output[n - 1] == '/' ? "" : "/", name) <
                                0)
                        out_of_memory();
                print_written(e, path);
        }
        return e->n_failed > 0 ? OUTCOME_FAILED : OUTCOME_DONE;
}

static void print_summary(const Export *e)
{
        char size[SIZE_STRING_MAX];
        Line line = line_begin(&e->call->out, NULL);

        line_add(&line, STYLE_PLAIN, "%zu session%s written to %s, %s", e->n_done, e->n_done == 1 ? "" : "s",
                        e->output, size_to_string(e->bytes, size));
        if (e->n_left_out > 0)
                line_add(&line, STYLE_PLAIN, "; %zu without heart rates, or not ended yet, left out",
                                e->n_left_out);
        if (e->n_failed > 0)
                line_add(&line, STYLE_BAD, "; %zu failed", e->n_failed);
        line_add(&line, STYLE_PLAIN, ".");
        line_end(&line);
}

static Outcome to_folder(Export *e)
{
        Outcome outcome;

        if (mkdir(e->output, 0777) < 0 && errno != EEXIST)
                return fail(OUTCOME_FAILED, "cannot make the folder %s: %s", e->output, strerror(errno));
        outcome = open_folder(e, e->output);
        if (outcome != OUTCOME_DONE)
                return outcome;
        for (size_t i = 0; i < e->n; i++) {
                show_progress(e, i);
                outcome = one_to_folder(e, e->ids[i]);
        }
        show_progress(e, e->n);
        if (e->n == 1)
                return outcome;
        print_summary(e);
        return e->n_failed > 0 ? OUTCOME_FAILED : OUTCOME_DONE;
}

/* -- The verb -- */

static Outcome verb_export(const Call *call)
{
        _cleanup_(export_end) Export e = { .call = call,
                .output = call_option(call, "output"),
                .force = call_option(call, "force") != NULL,
                .range = call->argc == 0,
                .folder = -1 };
        Outcome outcome;

        if (e.output && !*e.output)
                return fail(OUTCOME_USAGE, "--output is empty; name a file or a folder");
        if (e.output && strcmp(e.output, "-") == 0)
                e.output = NULL; /* as it means to most programs */
        e.into_folder = e.output && names_folder(e.output, call->argc != 1);
        outcome = check_usage(&e);
        if (outcome == OUTCOME_DONE)
                outcome = read_format(&e);
        if (outcome == OUTCOME_DONE)
                outcome = check_arguments(&e);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (call_option(call, "follow"))
                return follow_run(call, e.format, e.output);
        if (!e.output && e.format->binary && call->out.terminal)
                return fail(OUTCOME_USAGE, "%s is nothing for a terminal; name a file: --output run.%s",
                                e.format->name, e.format->extension);
        outcome = database_open(call, &e.d);
        if (outcome == OUTCOME_DONE)
                outcome = find_sessions(&e);
        if (outcome != OUTCOME_DONE)
                return outcome;
        return !e.output ? to_stdout(&e) : e.into_folder ? to_folder(&e) : to_file(&e);
}

static const Option export_options[] = {
        { .name = "format",
                        .argument = "FORMAT",
                        .help = "fit, tcx, csv, rr or json; else by FILE's name",
                        .offer = { EXPORT_FORMATS } },
        { .name = "output",
                        .letter = 'o',
                        .argument = "FILE|DIR",
                        .help = "into this file, or under a name of its own into DIR",
                        .offer = { .source = SOURCE_FILE } },
        { .name = "force", .letter = 'f', .help = "replace FILE if it is there" },
        { .name = "since",
                        .argument = "DATE",
                        .help = "all sessions from that day on",
                        .offer = { "today yesterday 7d 2w" } },
        { .name = "until",
                        .argument = "DATE",
                        .help = "all up to that day, and on it",
                        .offer = { "today yesterday 7d 2w" } },
        { .name = "follow", .help = "write every run into DIR when it ends, until stopped" },
        { .name = NULL },
};

static const Verb verbs[] = {
        {
                        .name = "export",
                        .arguments = "[ID...]",
                        .min_arguments = 0,
                        .max_arguments = -1,
                        .offer = { { "last today yesterday", SOURCE_SESSION } },
                        .database = true,
                        .summary = "write sessions to files for other programs: FIT, TCX, CSV",
                        .help = SESSION_ID_HELP
                        "A FILE appears once all of it is written, or not at all. In a folder (DIR\n"
                        "exists, or ends in /) it is called YYYY-MM-DD-HHMM-KIND-ID.EXT, and replaced\n"
                        "if the session is exported again. Without --output one session goes to\n"
                        "standard output. A session that is being recorded has to end first.",
                        .options = export_options,
                        .run = verb_export,
        },
        { .name = NULL },
};

const Family export_family = { .title = "For other programs", .verbs = verbs };
