/* SPDX-License-Identifier: MIT */

/* A pipeline: while the daemon stores one session the message with the next one is made, and the files after it are read, each
 * by a process of its own. What is ahead of the daemon is bounded. It gets one message at a time, since it takes any number of
 * calls only from who waits for each answer, and in the order of the files, so that of two with the same content it is always the
 * first that is taken. Ctrl-C ends the reading and waits for what is under way; a second one does not wait. Times are
 * CLOCK_BOOTTIME; dates are compared with CLOCK_REALTIME. */

#include "import/importer.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "cardio/bus-api.h"
#include "import/message.h"
#include "import/read-child.h"
#include "import/why-not.h"
#include "memory.h"
#include "shared/clock.h"

#define WINDOW_MAX  4U /* files that are being read, or wait for the daemon */
#define READERS_MAX 2U
#define BUFFER_SIZE (256U * 1024U)
/* A day of heart rates on a slow disk. */
#define CALL_TIMEOUT_USEC (300 * USEC_PER_SEC)

typedef struct Importer Importer;

/* One file on its way. */
typedef struct Item {
        Importer *importer;
        const ImportFile *file;
        pid_t pid;
        int pipe; /* negative = nothing more comes */
        sd_event_source *readable;
        uint8_t *buffer;
        size_t n_buffer;
        FileContents contents;
        bool read;       /* all that it says is known */
        bool reported;   /* … and what it is as a whole was told */
        bool warned;     /* … and what it warns of */
        bool unanswered; /* the daemon could not deal with one of its activities */
        size_t n_sent;   /* activities that were dealt with, or are under way */
        size_t n_calls;  /* of them, those under way */
} Item;

/* A session on its way to the daemon. */
typedef struct Delivery {
        Item *item; /* NULL = none */
        const Activity *activity;
        sd_bus_message *message;
        sd_bus_slot *slot;
} Delivery;

struct Importer {
        const Call *call;
        const ImportFiles *files;
        DaemonBus *bus;    /* NULL = a dry run */
        const Database *d; /* in that, NULL = nothing is looked up */
        Report *report;
        bool keep_overlap;
        sd_event *event;
        sd_event_source *interrupt, *terminate, *tick;
        sigset_t signals;                /* those that were blocked before */
        Item items[WINDOW_MAX];          /* of file i: i % WINDOW_MAX */
        Delivery next, asked;            /* ready; and the one that the daemon has */
        size_t begun, sending, finished; /* files */
        uint64_t size;                   /* bytes of those that are finished */
        unsigned n_readers;
        bool stopping;
        Outcome outcome;
};

static void advance(Importer *im);

static Item *item_at(Importer *im, size_t i)
{
        return &im->items[i % WINDOW_MAX];
}

static void stop(Importer *im, Outcome outcome)
{
        if (!im->stopping || im->outcome == OUTCOME_DONE)
                im->outcome = outcome;
        im->stopping = true;
}

/* -- Reading -- */

/* Ends its process, if it has not ended by itself, and takes note of how it did. */
static void end_reader(Item *item)
{
        int status = 0;

        item->readable = sd_event_source_disable_unref(item->readable);
        if (item->pipe >= 0)
                (void)close(item->pipe);
        item->pipe = -1;
        if (item->pid <= 0)
                return;
        (void)kill(item->pid, SIGKILL);
        while (waitpid(item->pid, &status, 0) < 0 && errno == EINTR)
                ;
        item->pid = 0;
        item->importer->n_readers--;
        free(TAKE_PTR(item->buffer));
        if (item->contents.result == READ_DIED)
                item->contents.error = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void item_done(Item *item)
{
        end_reader(item);
        contents_done(&item->contents);
        free(TAKE_PTR(item->buffer));
        item->file = NULL;
}

/* What it says is not what a reader says. */
static void distrust(Item *item)
{
        item->contents.result = READ_BROKEN;
        item->contents.problem = (ReadingProblem){ .text = "reading it went wrong; nothing of it is taken" };
}

static int on_readable(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        Item *item = userdata;
        ssize_t n = read(fd, item->buffer + item->n_buffer, BUFFER_SIZE - item->n_buffer);
        size_t used = 0;
        int r = 0;

        (void)source;
        (void)revents;
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
                return 0;
        if (n > 0) {
                item->n_buffer += (size_t)n;
                r = contents_take(&item->contents, item->buffer, item->n_buffer, &used);
                item->n_buffer -= used;
                memmove(item->buffer, item->buffer + used, item->n_buffer);
                if (r == -EBADMSG)
                        distrust(item);
        }
        if (n <= 0 || r < 0) {
                end_reader(item);
                item->read = true;
                advance(item->importer);
        }
        return 0;
}

/* It cannot even be opened. */
static void refuse_unread(Item *item, const char *why)
{
        item->contents.result = READ_BROKEN;
        item->contents.problem = (ReadingProblem){ .place = "" };
        (void)snprintf(item->contents.problem.text, sizeof(item->contents.problem.text), "%s", why);
        item->read = true;
}

static void start_reading(Importer *im, const ImportFile *s)
{
        Item *item = item_at(im, im->begun++);
        const char *why;
        int fd, r;

        *item = (Item){ .importer = im, .file = s, .pipe = -1 };
        contents_begin(&item->contents);
        fd = file_open(s, &why);
        if (fd < 0) {
                refuse_unread(item, why ? why : strerror(-fd));
                return;
        }
        r = read_child_start(fd, &item->pid, &item->pipe);
        (void)close(fd);
        if (r >= 0) {
                im->n_readers++;
                item->buffer = checked(malloc(BUFFER_SIZE));
                r = sd_event_add_io(im->event, &item->readable, item->pipe, EPOLLIN, on_readable, item);
        }
        if (r < 0) {
                end_reader(item);
                refuse_unread(item, strerror(-r));
        }
}

/* -- What a file is, once it is read -- */

/* In a folder a table or a document may be of anything: it is one of runs once there is a heart rate in it. */
static bool is_of_others(const Item *item)
{
        const FileContents *c = &item->contents;

        return !item->file->named && file_may_be_of_others(item->file) && !c->any &&
               (c->result == READ_FOREIGN || c->result == READ_BROKEN || c->result == READ_NO_HEART_RATES);
}

static void report_file(Item *item)
{
        Report *report = item->importer->report;
        const FileContents *c = &item->contents;
        const char *why = contents_why_not(c);

        item->reported = true;
        if (!why)
                return;
        if (is_of_others(item))
                report_left_out(report, item->file, true, why);
        else if (!item->file->named && c->result == READ_NO_HEART_RATES)
                report_left_out(report, item->file, false, why);
        else
                report_refused(report, item->file, 0, c->problem.place, why);
}

/* What of it is not there as it was; once something of it is taken, as nobody minds else. */
static void warn_of_activity(Item *item, const Activity *a)
{
        Report *report = item->importer->report;
        const FileContents *c = &item->contents;
        char text[READING_TEXT_MAX];

        for (size_t i = 0; i < c->n_warnings && !item->warned; i++)
                report_warning(report, item->file, c->warnings[i].place, c->warnings[i].text);
        item->warned = true;
        if (a->whole.skipped > 0) {
                (void)snprintf(text, sizeof(text),
                                "%u record%s whose time goes back, or that ha%s none, %s left out",
                                a->whole.skipped, a->whole.skipped == 1 ? "" : "s",
                                a->whole.skipped == 1 ? "s" : "ve", a->whole.skipped == 1 ? "is" : "are");
                report_warning(report, item->file, "", text);
        }
        if (a->implausible > 0) {
                (void)snprintf(text, sizeof(text), "%zu heart rate%s outside of 25 to 250 bpm %s left out",
                                a->implausible, a->implausible == 1 ? "" : "s",
                                a->implausible == 1 ? "is" : "are");
                report_warning(report, item->file, "", text);
        }
}

/* -- Sending -- */

static bool is_error(const sd_bus_error *error, const char *name)
{
        return sd_bus_error_has_name(error, name);
}

/* The daemon's answer is about this one, and the next may do better. */
static bool is_about_session(const sd_bus_error *error)
{
        return is_error(error, CARDIO_ERROR_INVALID_ARGUMENT) || is_error(error, CARDIO_ERROR_OVERLAPS);
}

static void take_error(Importer *im, const Delivery *asked, const sd_bus_error *error)
{
        const char *words = error->message && *error->message ? error->message : error->name;
        const ImportFile *file = asked->item->file;
        const Activity *a = asked->activity;

        if (is_error(error, CARDIO_ERROR_ALREADY_IMPORTED)) {
                report_known(im->report, file, a, words);
                return;
        }
        if (is_about_session(error)) {
                im->report->n_overlaps += is_error(error, CARDIO_ERROR_OVERLAPS);
                report_refused(im->report, file, a->number, "", words);
                return;
        }
        asked->item->unanswered = true;
        if (im->stopping && im->outcome != OUTCOME_DONE)
                return;
        /* What the others would be answered as well, and is told once. */
        progress_clear(&im->report->progress);
        if (is_error(error, SD_BUS_ERROR_UNKNOWN_METHOD))
                stop(im, fail(OUTCOME_FAILED,
                                         "this cardiod takes no files: it is older than this cardioctl; restart it"));
        else
                stop(im, bus_failed(im->bus, error));
}

static void take_answer(Importer *im, const Delivery *asked, sd_bus_message *m)
{
        _cleanup_json_ json_object *session = NULL;
        int64_t id;

        if (sd_bus_message_is_method_error(m, NULL)) {
                take_error(im, asked, sd_bus_message_get_error(m));
                return;
        }
        if (sd_bus_message_read(m, "x", &id) < 0) {
                stop(im, bus_garbled("ImportSession"));
                return;
        }
        if (report_wants_session(im->report) && bus_session(im->bus, id, &session) != OUTCOME_DONE)
                session = NULL;
        warn_of_activity(asked->item, asked->activity);
        report_taken(im->report, asked->item->file, asked->activity, id, session);
}

static void delivery_end(Delivery *d)
{
        d->message = sd_bus_message_unref(d->message);
        d->slot = sd_bus_slot_unref(d->slot);
        if (d->item)
                d->item->n_calls--;
        d->item = NULL;
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Importer *im = userdata;

        (void)error;
        take_answer(im, &im->asked, m);
        delivery_end(&im->asked);
        advance(im);
        return 0;
}

static void prepare(Importer *im, Item *item, const Activity *a)
{
        int r = 0;

        im->next = (Delivery){ .item = item, .activity = a };
        item->n_calls++;
        if (bus_new_call(im->bus, CARDIO_MANAGER_INTERFACE, "ImportSession", &im->next.message) ==
                        OUTCOME_DONE)
                r = message_append_activity(im->next.message, a, im->keep_overlap);
        else
                stop(im, OUTCOME_FAILED);
        if (r < 0)
                stop(im, bus_not_called("ImportSession", r));
}

/* Once the daemon has answered to the one before. Returns whether there is room for another one to be made ready. */
static bool send_next(Importer *im)
{
        int r;

        if (!im->next.item || im->asked.item)
                return false;
        if (im->stopping) {
                im->next.item->unanswered = true;
                delivery_end(&im->next);
                return true;
        }
        im->asked = im->next;
        im->next = (Delivery){ .item = NULL };
        r = sd_bus_call_async(
                        im->bus->bus, &im->asked.slot, im->asked.message, on_answer, im, CALL_TIMEOUT_USEC);
        if (r >= 0)
                return true;
        progress_clear(&im->report->progress);
        stop(im, bus_not_called("ImportSession", r));
        im->asked.item->unanswered = true;
        delivery_end(&im->asked);
        return true;
}

/* What would become of it, as far as that can be seen. */
static void look_up(Importer *im, Item *item, const Activity *a)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        Outcome outcome = OUTCOME_DONE;
        bool known = false;
        char words[64];

        if (im->d)
                outcome = database_prepare(im->d,
                                "SELECT id FROM session WHERE content = ?1"
                                " UNION ALL SELECT session_id FROM merged_content WHERE content = ?1",
                                &s);
        if (s) {
                (void)sqlite3_bind_text(s, 1, a->content, -1, SQLITE_STATIC);
                outcome = database_step(im->d, s, &known);
        }
        if (outcome != OUTCOME_DONE) {
                stop(im, outcome);
                return;
        }
        if (known) {
                (void)snprintf(words, sizeof(words), "the same content is session %" PRId64 " already",
                                (int64_t)sqlite3_column_int64(s, 0));
                report_known(im->report, item->file, a, words);
                return;
        }
        warn_of_activity(item, a);
        report_taken(im->report, item->file, a, 0, NULL);
}

/* The file's next activity. */
static void take_activity(Importer *im, Item *item)
{
        Activity *a = &item->contents.activities[item->n_sent++];
        int64_t now = (int64_t)(now_realtime_usec() / USEC_PER_MSEC);
        ReadingProblem problem;

        if (activity_finish(a, now, &problem) < 0) {
                report_refused(im->report, item->file, a->number, problem.place, problem.text);
                return;
        }
        if (!im->bus) {
                look_up(im, item, a);
                return;
        }
        prepare(im, item, a);
}

/* -- The pipeline -- */

static void start_readers(Importer *im)
{
        while (!im->stopping && im->begun < im->files->n && im->begun - im->finished < WINDOW_MAX &&
                        im->n_readers < READERS_MAX)
                start_reading(im, &im->files->files[im->begun]);
}

/* Nothing of it is left to be handed over. */
static bool is_sent(const Item *item)
{
        return item->reported &&
               (item->contents.result != READ_DONE || item->n_sent == item->contents.n_activities);
}

/* Up to an activity for the daemon, of the first file that has one. */
static void prepare_next(Importer *im)
{
        while (im->sending < im->begun) {
                Item *item = item_at(im, im->sending);

                if (is_sent(item)) {
                        im->sending++;
                        continue;
                }
                if (im->stopping || !item->read || im->next.item)
                        return;
                if (item->reported)
                        take_activity(im, item);
                else
                        report_file(item);
        }
}

static void finish_files(Importer *im)
{
        while (im->finished < im->sending && item_at(im, im->finished)->n_calls == 0) {
                Item *item = item_at(im, im->finished++);

                im->size += item->file->size;
                im->report->n_not_begun += item->unanswered;
                item_done(item);
        }
}

/* Whatever can be done now is. */
static void advance(Importer *im)
{
        size_t before;
        bool sent;

        do {
                before = im->begun + im->sending + im->finished;
                start_readers(im);
                prepare_next(im);
                sent = send_next(im);
                finish_files(im);
        } while (sent || im->begun + im->sending + im->finished != before);
        progress_draw(&im->report->progress, im->finished, im->size, now_boot_usec());
        if (im->finished == im->files->n || (im->stopping && !im->asked.item))
                (void)sd_event_exit(im->event, 0);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
        Importer *im = userdata;
        int r;

        progress_draw(&im->report->progress, im->finished, im->size, now_boot_usec());
        r = sd_event_source_set_time(source, usec + USEC_PER_SEC / 2);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_interrupt(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        Importer *im = userdata;

        (void)source;
        (void)info;
        if (im->report->interrupted)
                return sd_event_exit(im->event, 0);
        im->report->interrupted = true;
        stop(im, OUTCOME_FAILED);
        advance(im);
        return 0;
}

static int attach(Importer *im)
{
        sigset_t signals;
        int r;

        (void)sigemptyset(&signals);
        (void)sigaddset(&signals, SIGINT);
        (void)sigaddset(&signals, SIGTERM);
        (void)sigprocmask(SIG_BLOCK, &signals, &im->signals);
        r = sd_event_new(&im->event);
        if (r >= 0 && im->bus)
                r = sd_bus_attach_event(im->bus->bus, im->event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = sd_event_add_signal(im->event, &im->interrupt, SIGINT, on_interrupt, im);
        if (r >= 0)
                r = sd_event_add_signal(im->event, &im->terminate, SIGTERM, on_interrupt, im);
        if (r >= 0 && im->report->progress.on)
                r = sd_event_add_time(im->event, &im->tick, CLOCK_BOOTTIME,
                                now_boot_usec() + USEC_PER_SEC / 2, USEC_PER_SEC / 10, on_tick, im);
        return r;
}

static void detach(Importer *im)
{
        delivery_end(&im->asked);
        delivery_end(&im->next);
        for (size_t i = im->finished; i < im->begun; i++)
                item_done(item_at(im, i));
        if (im->bus)
                (void)sd_bus_detach_event(im->bus->bus);
        sd_event_source_disable_unref(im->interrupt);
        sd_event_source_disable_unref(im->terminate);
        sd_event_source_disable_unref(im->tick);
        sd_event_unref(im->event);
        (void)sigprocmask(SIG_SETMASK, &im->signals, NULL);
}

Outcome importer_run(
                const Call *call, const ImportFiles *files, DaemonBus *bus, const Database *d, Report *report)
{
        Importer im = { .call = call,
                .files = files,
                .bus = bus,
                .d = d,
                .report = report,
                .keep_overlap = call_option(call, "keep-overlap") != NULL,
                .outcome = OUTCOME_DONE };
        int r;

        progress_begin(&report->progress, !report->quiet && !call->json, files->n, files->size,
                        now_boot_usec());
        r = attach(&im);
        if (r >= 0) {
                advance(&im);
                r = sd_event_loop(im.event);
        }
        if (r < 0)
                im.outcome = fail(OUTCOME_FAILED, "cannot wait for cardiod: %s", strerror(-r));
        report->n_not_begun += files->n - im.finished;
        detach(&im);
        if (im.outcome == OUTCOME_DONE && (report->n_refused > 0 || report->n_errors > 0))
                im.outcome = OUTCOME_FAILED;
        return im.outcome;
}
