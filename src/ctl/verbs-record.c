/* SPDX-License-Identifier: MIT */
/* `record`: which strap, with the runner's consent, into which file. These are health data, and the file is meant to be
 * given away: so it says what is in it, and does not identify the runner unless that was asked for. Dates are local, of
 * CLOCK_REALTIME. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bus.h"
#include "cardio/bus-api.h"
#include "cardio/parse.h"
#include "memory.h"
#include "record.h"
#include "service.h"
#include "text.h"

#define SECONDS_MAX (24U * 60 * 60)

/* -- Which strap -- */

typedef struct Candidate {
        const char *path, *address, *name; /* name: "" = none */
        bool connected, kept;              /* kept: trusted or paired */
} Candidate;

#define STRAPS_MAX 64U

typedef struct Candidates {
        size_t n;
        Candidate strap[STRAPS_MAX];
} Candidates;

static bool has_heart_rate(json_object *device)
{
        for (size_t i = 0; i < json_array_length(device, "UUIDs"); i++) {
                const char *uuid = json_object_get_string(json_array_at(device, "UUIDs", i));

                if (uuid && strcasecmp(uuid, UUID_HEART_RATE_SERVICE) == 0)
                        return true;
        }
        return false;
}

static void find_straps(json_object *objects, Candidates *ret)
{
        json_object *device;

        *ret = (Candidates){ .n = 0 };
        json_object_object_foreach(objects, path, interfaces)
        {
                const char *address, *name;

                if (!json_object_object_get_ex(interfaces, BLUEZ_DEVICE_INTERFACE, &device))
                        continue;
                address = json_text(device, "Address");
                name = json_text(device, "Name");
                if (!address || !*address || ret->n == STRAPS_MAX)
                        continue;
                /* A device without the service can still be named: not every strap advertises it. */
                ret->strap[ret->n++] = (Candidate){ .path = path,
                        .address = address,
                        .name = name ? name : "",
                        .connected = json_true(device, "Connected") && has_heart_rate(device),
                        .kept = (json_true(device, "Trusted") || json_true(device, "Paired")) &&
                                has_heart_rate(device) };
        }
}

/* Its name in a sentence. To be freed. */
static char *strap_text(const Candidate *s)
{
        char *text = NULL;

        if (asprintf(&text, "%s%s%s%s", s->name, *s->name ? " (" : "", s->address, *s->name ? ")" : "") < 0)
                out_of_memory();
        return text;
}

/* The chosen ones, in a sentence. To be freed. */
static char *straps_text(const Candidates *straps, const bool chosen[static STRAPS_MAX])
{
        char *text = checked(strdup(""));

        for (size_t i = 0; i < straps->n; i++) {
                _cleanup_free_ char *one = NULL, *before = text;

                if (!chosen[i]) {
                        before = NULL;
                        continue;
                }
                one = strap_text(&straps->strap[i]);
                if (asprintf(&text, "%s%s%s", before, *before ? ", " : "", one) < 0)
                        out_of_memory();
        }
        return text;
}

static bool is_named(const Candidate *s, const char *wanted, bool whole)
{
        char address[ADDRESS_STRING_MAX];

        if (parse_address(wanted, address) == 0)
                return strcasecmp(s->address, address) == 0;
        return whole ? strcasecmp(s->name, wanted) == 0 : strncasecmp(s->name, wanted, strlen(wanted)) == 0;
}

typedef bool (*StrapFunc)(const Candidate *s, const char *wanted);

static bool by_whole_name(const Candidate *s, const char *wanted)
{
        return wanted && is_named(s, wanted, true);
}

static bool by_beginning(const Candidate *s, const char *wanted)
{
        return wanted && *wanted && is_named(s, wanted, false);
}

static bool by_link(const Candidate *s, const char *wanted)
{
        return !wanted && s->connected;
}

static bool by_trust(const Candidate *s, const char *wanted)
{
        return !wanted && s->kept;
}

/* The first of these that matches any strap must match only one. */
static Outcome choose(const Candidates *straps, const char *wanted, const Candidate **ret)
{
        static const StrapFunc ways[] = { by_whole_name, by_beginning, by_link, by_trust };

        for (size_t way = 0; way < ELEMENTSOF(ways); way++) {
                bool chosen[STRAPS_MAX] = { false };
                size_t n = 0;

                for (size_t i = 0; i < straps->n; i++) {
                        chosen[i] = ways[way](&straps->strap[i], wanted);
                        if (chosen[i] && n++ == 0)
                                *ret = &straps->strap[i];
                }
                if (n == 1)
                        return OUTCOME_DONE;
                if (n > 1) {
                        _cleanup_free_ char *text = straps_text(straps, chosen);

                        return fail(OUTCOME_USAGE, "which of these straps? name one behind FILE: %s", text);
                }
        }
        if (wanted)
                return fail(OUTCOME_NOT_FOUND, "BlueZ knows no strap '%s'; `cardioctl scan` finds it",
                                wanted);
        return fail(OUTCOME_NOT_FOUND,
                        "no strap is connected; put it on, and see `cardioctl doctor` if it does not come");
}

/* -- The file -- */

static Outcome open_file(const char *path, bool force, FILE **ret)
{
        int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | (force ? O_NONBLOCK : O_EXCL), r = 0;
        struct stat st;
        int fd = open(path, flags, 0600);

        if (fd < 0 && errno == EEXIST)
                return fail(OUTCOME_FAILED, "%s is there already; --force replaces it", path);
        if (fd < 0)
                return fail(OUTCOME_FAILED, "cannot write %s: %s", path, strerror(errno));
        if (fstat(fd, &st) < 0)
                r = errno;
        else if (!S_ISREG(st.st_mode)) {
                (void)close(fd);
                return fail(OUTCOME_FAILED, "%s is not a file; name one", path);
        } else if (ftruncate(fd, 0) < 0 || fchmod(fd, 0600) < 0)
                r = errno;
        if (r != 0) {
                (void)close(fd);
                return fail(OUTCOME_FAILED, "cannot write %s: %s", path, strerror(r));
        }
        *ret = checked(fdopen(fd, "w"));
        return OUTCOME_DONE;
}

/* The output of `bluetoothctl --version`, which needs no connection; "" if it is not installed. BlueZ has no other way to
 * get its version. */
static void read_bluez_version(char ret[static 64])
{
        static char program[] = "bluetoothctl", option[] = "--version";
        char *const argv[] = { program, option, NULL };
        posix_spawn_file_actions_t actions;
        struct pollfd wait = { .events = POLLIN };
        ssize_t n = 0;
        int ends[2];
        pid_t pid;

        *ret = '\0';
        if (pipe2(ends, O_CLOEXEC) < 0)
                return;
        if (posix_spawn_file_actions_init(&actions) == 0) {
                if (posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO) == 0 &&
                                posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) == 0) {
                        wait.fd = ends[0];
                        if (poll(&wait, 1, 2000) == 1)
                                n = read(ends[0], ret, 63);
                        (void)kill(pid, SIGKILL); /* it has printed everything by now, or will not */
                        (void)waitpid(pid, NULL, 0);
                }
                (void)posix_spawn_file_actions_destroy(&actions);
        }
        (void)close(ends[0]);
        (void)close(ends[1]);
        ret[n > 0 ? n : 0] = '\0';
        ret[strcspn(ret, "\n")] = '\0';
}

static Outcome write_head(const Record *r, bool named)
{
        char date[DATE_STRING_MAX] = "", version[64];
        const char *digits;
        time_t now = time(NULL);
        struct tm tm;

        if (localtime_r(&now, &tm))
                (void)strftime(date, sizeof(date), "%Y-%m-%d", &tm);
        read_bluez_version(version);
        digits = version + strcspn(version, "0123456789");
        fprintf(r->file,
                        "# Which strap is it, and what does it do? Say so here, in a few plain words.\n"
                        "# Recorded on %s by cardioctl " CARDIO_VERSION
                        ", BlueZ %.*s: heart rates, which are health data.\n",
                        date, *digits ? (int)strspn(digits, "0123456789.") : 7, *digits ? digits : "unknown");
        if (named) {
                _cleanup_free_ char *clean = text_clean(r->name);

                fprintf(r->file, "# The strap: %s\n", clean);
        }
        fputc('\n', r->file);
        if (fflush(r->file) != 0)
                return fail(OUTCOME_FAILED, "cannot write %s: %s", r->path, strerror(errno));
        return OUTCOME_DONE;
}

/* -- The runner -- */

static bool consents(const Call *call, const Record *r)
{
        char answer[16];

        output_text(&call->out, STYLE_PLAIN,
                        "%s will hold every heart rate and every interval between two beats that %s sends: health data. "
                        "Record them? [y/N] ",
                        r->path, r->name);
        (void)fflush(stdout);
        /* Reads no byte beyond the answer: the rest may be for another program. */
        (void)setvbuf(stdin, NULL, _IONBF, 0);
        if (!fgets(answer, sizeof(answer), stdin)) {
                putchar('\n'); /* at the end of input nobody has pressed Enter */
                return false;
        }
        return strcasecmp(answer, "y\n") == 0 || strcasecmp(answer, "yes\n") == 0;
}

static void print_record(const Record *r)
{
        _cleanup_json_ json_object *document = NULL;
        double seconds = (double)r->lasted_usec / USEC_PER_SEC;
        char length[HMS_STRING_MAX];

        if (!r->call->json) {
                output_wrapped(&r->call->out, STYLE_PLAIN, 0, 0, "%s has %llu packet%s of %s.%s", r->path,
                                (unsigned long long)r->packets, r->packets == 1 ? "" : "s",
                                seconds_to_words(seconds, length),
                                r->packets > 0 ? " Say in its first line which strap it is and what it does; "
                                                 "then it can be attached to a report."
                                               : "");
                return;
        }
        document = checked(json_object_new_object());
        json_add(document, "file", checked(json_object_new_string(r->path)));
        json_add(document, "packets", checked(json_object_new_int64((int64_t)r->packets)));
        json_add(document, "seconds", json_real((double)(r->lasted_usec / USEC_PER_MSEC) / 1000));
        json_print(document);
}

static Outcome read_length(const Call *call, usec_t *ret)
{
        const char *text = call_option(call, "seconds");
        unsigned length = SECONDS_MAX;

        if (text && (parse_unsigned(text, &length) < 0 || length == 0 || length > SECONDS_MAX))
                return fail(OUTCOME_USAGE,
                                "'%s' is not a number of seconds; accepted: 1 to %u, which is a day", text,
                                SECONDS_MAX);
        *ret = length * USEC_PER_SEC;
        return OUTCOME_DONE;
}

static Outcome record_strap(Record *r, bool connected)
{
        const Call *call = r->call;
        Outcome outcome;

        if (!call_option(call, "yes") && !consents(call, r))
                return fail(OUTCOME_FAILED, "nothing is recorded; --yes records without asking");
        outcome = open_file(r->path, call_option(call, "force") != NULL, &r->file);
        if (outcome == OUTCOME_DONE)
                outcome = write_head(r, call_option(call, "name") != NULL);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (!call->json) {
                output_wrapped(&call->out, STYLE_PLAIN, 0, 0, "Recording %s to %s%s. Ctrl-C ends it.",
                                r->name, r->path, connected ? "" : ", as soon as it is connected");
                (void)fflush(stdout);
        }
        outcome = record_run(r);
        print_record(r);
        return outcome;
}

static Outcome verb_record(const Call *call)
{
        _cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_json_ json_object *objects = NULL;
        _cleanup_free_ char *name = NULL, *device = NULL;
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        Record record = { .call = call, .path = call->argv[0] };
        const Candidate *strap = NULL;
        Candidates straps;
        Outcome outcome;
        int r;

        outcome = read_length(call, &record.length_usec);
        if (outcome != OUTCOME_DONE)
                return outcome;
        r = sd_bus_open_system(&bus.bus);
        if (r < 0)
                return fail(OUTCOME_UNREACHABLE, "the system bus cannot be reached: %s", strerror(-r));
        if (!service_is_there(bus.bus, BLUEZ_BUS_NAME))
                return fail(OUTCOME_UNREACHABLE,
                                "BlueZ is not running; `sudo systemctl enable --now bluetooth`");
        if (service_get_objects(bus.bus, BLUEZ_BUS_NAME, "/", &objects, &error) < 0)
                return fail(OUTCOME_UNREACHABLE, "BlueZ does not answer: %s",
                                error.message ? error.message : error.name);
        find_straps(objects, &straps);
        outcome = choose(&straps, call->argc > 1 ? call->argv[1] : NULL, &strap);
        if (outcome != OUTCOME_DONE)
                return outcome;

        record.bus = bus.bus;
        record.device = device = checked(strdup(strap->path));
        record.name = name = strap_text(strap);
        outcome = record_strap(&record, strap->connected);
        if (record.file && fclose(record.file) != 0 && outcome == OUTCOME_DONE)
                outcome = fail(OUTCOME_FAILED, "cannot write %s: %s", record.path, strerror(errno));
        return outcome;
}

static const Option record_options[] = {
        { .name = "seconds", .argument = "N", .help = "stop after so long, a day at most" },
        { .name = "name", .help = "put the strap's name and address into FILE, too" },
        { .name = "force", .letter = 'f', .help = "replace FILE if it is there" },
        { .name = "yes", .letter = 'y', .help = "do not ask" },
        { .name = NULL },
};

static const Verb verbs[] = {
        {
                        .name = "record",
                        .arguments = "FILE [STRAP]",
                        .min_arguments = 1,
                        .max_arguments = 2,
                        .offer = { { .source = SOURCE_FILE }, { .source = SOURCE_SENSOR } },
                        .json = true,
                        .summary = "write down what a strap sends, for a report about a strange one",
                        .help = "Every packet of the strap that is connected, or of STRAP (its address, its\n"
                                "name or how that begins), with its time, one a line, until Ctrl-C. It only\n"
                                "listens to BlueZ; cardiod goes on as ever. If nobody has asked the strap for\n"
                                "heart rates, it does. FILE is for your eyes only and holds health data, but not\n"
                                "the strap's name and address. As JSON: `file`, `packets`, `seconds`.",
                        .options = record_options,
                        .run = verb_record,
        },
        { .name = NULL },
};

const Family record_family = { .title = "Trouble with a strap", .verbs = verbs };
