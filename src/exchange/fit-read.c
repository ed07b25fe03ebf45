/* SPDX-License-Identifier: MIT */

/* FIT files of any program, one activity for each file that is chained in them. Each is gone through twice: first for what it says
 * as a whole and for where its messages end, which is done before anything is given, then for its records. Bounded, pure, no clock,
 * no memory of its own.
 *
 * - Heart rates are those of the records. Where no record has one they are those of the hr messages, see fit-events.h.
 * - R-R intervals in hrv messages belong to the record behind them, see fit-write.c. If that has no heart rate they go with the
 *   next one, unless that is another second: over a gap they would be wrong.
 * - An activity begins with its first heart rate. Speed and the like before that have no place in a session, and its distances
 *   begin there.
 * - Marks are read of files of ours: those of others may be anything. A mark is of the heart rate before it.
 * - Bytes that end within a message are a file that is cut short: what was whole is taken, with a warning. A message that nothing
 *   describes is damage: that is where reading ends.
 * - A file of several sports is one activity, and no run unless all of them are. */

#include <math.h>
#include <string.h>

#include "cardio/macro.h"
#include "exchange/figure.h"
#include "exchange/fit-events.h"
#include "exchange/fit-extent.h"
#include "exchange/fit-pace.h"
#include "exchange/fit-parse.h"
#include "exchange/fit-summary.h"
#include "exchange/fit.h"
#include "exchange/reading.h"

#define RR_MAX      256U /* that one record may have: more are not from its time */
#define RR_LATE_MAX 1000 /* ms that they may wait for a heart rate */
#define MARKS_MAX   64U  /* between two heart rates */

typedef struct Record {
        int64_t at;
        unsigned heart_rate; /* 0 = none */
        bool is_mark;
        FitPace pace;
} Record;

typedef struct Reader {
        const ReadingTarget *target;
        const uint8_t *bytes;
        size_t size;
        FitSummary summary;
        bool is_open;   /* an activity has begun */
        bool is_any;    /* one has been given */
        bool by_events; /* heart rates are those of hr messages */
        FitParser records;
        FitClock clock;   /* of records */
        int64_t given_at; /* the last heart rate or pace */
        unsigned n_marks; /* that wait for the next heart rate */
        int64_t marks[MARKS_MAX];
        bool marks_open; /* a heart rate was before them */
        double before;   /* the last distance from before the first heart rate */
        FitRolling rolling;
        unsigned n_rr, rr[RR_MAX]; /* 1/1024 s, for the next heart rate; n_rr > RR_MAX: too many */
        unsigned n_rr_due;         /* the first ones of these, of a record without a heart rate */
        int64_t rr_due_at;
        bool is_rr_lost;
        FitEvents events;
} Reader;

/* -- Words -- */

static void say(ReadingProblem *p, const char *place, const char *text)
{
        memcpy(p->place, place, strlen(place) + 1);
        memcpy(p->text, text, strlen(text) + 1);
}

static void say_byte(ReadingProblem *p, size_t offset, const char *text)
{
        char figure[FIGURE_MAX], place[READING_PLACE_MAX] = "byte ";

        (void)figure_from_integer((int64_t)offset, figure);
        memcpy(place + strlen(place), figure, strlen(figure) + 1);
        say(p, place, text);
}

static void warn(const Reader *r, size_t offset, const char *text)
{
        ReadingProblem p;

        say_byte(&p, offset, text);
        r->target->warn(r->target->userdata, &p);
}

/* -- What is given -- */

static int begin(Reader *r)
{
        if (r->is_open)
                return 0;
        r->is_open = true;
        return r->target->begin(r->target->userdata);
}

/* Of too many it is not known which ones are late. */
static void drop_late_rr(Reader *r, int64_t at)
{
        if (r->n_rr_due == 0 || r->n_rr > RR_MAX || at - r->rr_due_at <= RR_LATE_MAX)
                return;
        memmove(r->rr, r->rr + r->n_rr_due, (r->n_rr - r->n_rr_due) * sizeof(r->rr[0]));
        r->n_rr -= r->n_rr_due;
        r->n_rr_due = 0;
}

static int give_rr(Reader *r, int64_t at)
{
        unsigned n;
        int e;

        drop_late_rr(r, at);
        n = r->n_rr;
        r->n_rr = r->n_rr_due = 0;
        r->is_rr_lost = r->is_rr_lost || n > RR_MAX;
        if (n > RR_MAX)
                return 0;
        for (unsigned i = 0; i < n; i++) {
                e = r->target->rr(r->target->userdata, at, r->rr[i]);
                if (e < 0)
                        return e;
        }
        return 0;
}

/* Those that wait, which lie between the heart rate before and what is next, at until. One of before the first heart rate is of
 * that; a second may have several heart rates, and a mark is of the last one. */
static int give_marks(Reader *r, int64_t until)
{
        int64_t from = r->marks_open ? r->given_at : until;
        int e = 0;

        for (unsigned i = 0; i < r->n_marks && e == 0 && r->target->event; i++) {
                int64_t at = r->marks[i] < from ? from : r->marks[i] > until ? until : r->marks[i];

                from = at;
                e = r->target->event(r->target->userdata, at, "mark", NAN, "");
        }
        r->n_marks = 0;
        r->marks_open = true;
        return e;
}

static void take_mark(Reader *r, int64_t at)
{
        if (r->n_marks < MARKS_MAX)
                r->marks[r->n_marks++] = at;
}

static int give_heart_rate(Reader *r, int64_t at, unsigned heart_rate)
{
        int e = begin(r);

        if (e == 0)
                e = give_marks(r, at);
        if (e < 0)
                return e;
        r->given_at = at;
        e = give_rr(r, at);
        if (e < 0)
                return e;
        return r->target->heart_rate(r->target->userdata, at, heart_rate, 0);
}

static int give_record(Reader *r, const Record *record)
{
        double distance = record->pace.distance;
        int e = 0;

        if (record->heart_rate != 0)
                e = give_heart_rate(r, record->at, record->heart_rate);
        if (e < 0 || !record->pace.any)
                return e;
        if (!r->is_open) {
                if (!isnan(distance))
                        r->before = distance;
                return 0;
        }
        if (!isnan(distance) && distance < r->before) {
                distance = NAN; /* of a counter that began anew */
                if (isnan(record->pace.speed) && isnan(record->pace.cadence) && isnan(record->pace.incline))
                        return 0;
        }
        r->given_at = record->at;
        return r->target->pace(r->target->userdata, record->at, record->pace.speed, record->pace.cadence,
                        distance - r->before, record->pace.incline);
}

/* -- Records -- */

static void take_rr(Reader *r, const FitParsed *m)
{
        FitField times = fit_parsed_field(m, FIT_HRV_TIME);

        for (size_t i = 0; i < times.n; i++) {
                uint32_t ms = fit_field_uint32(&times, i, 0), rr = (ms * 1024 + 500) / 1000;

                if (ms == 0 || ms >= FIT_INVALID_UINT16 || rr > UINT16_MAX)
                        continue;
                if (r->n_rr < RR_MAX)
                        r->rr[r->n_rr] = rr;
                r->n_rr += r->n_rr <= RR_MAX;
        }
}

/* The intervals of a record without one. */
static void wait_for_heart_rate(Reader *r, int64_t at)
{
        drop_late_rr(r, at);
        if (r->n_rr_due == 0)
                r->rr_due_at = at;
        r->n_rr_due = r->n_rr;
}

static FitCadence cadence_of(const FitSummary *s)
{
        if (s->is_ours)
                return FIT_CADENCE_STRIDES;
        return s->has_strides ? FIT_CADENCE_STRIDES_OR_STEPS : FIT_CADENCE_OF_OTHERS;
}

/* Returns whether it is of use. */
static bool take_record(Reader *r, const FitParsed *m, Record *ret)
{
        FitField bpm = fit_parsed_field(m, FIT_RECORD_HEART_RATE);
        int64_t time;

        ret->is_mark = false;
        ret->heart_rate = r->by_events ? 0 : fit_heart_rate(&bpm, 0);
        fit_pace(m, cadence_of(&r->summary), &r->rolling, &ret->pace);
        if (!fit_summary_time(&r->summary, m, &time) || !fit_clock_go(&r->clock, time, &ret->at)) {
                r->n_rr = r->n_rr_due = 0;
                r->summary.activity.skipped += ret->heart_rate != 0 || ret->pace.any;
                return false;
        }
        if (r->by_events) {
                r->is_rr_lost = r->is_rr_lost || r->n_rr > 0;
                r->n_rr = 0;
        }
        if (ret->heart_rate == 0)
                wait_for_heart_rate(r, ret->at);
        return ret->heart_rate != 0 || ret->pace.any;
}

/* What other programs mark may be anything. */
static bool take_event(const Reader *r, const FitParsed *m, Record *ret)
{
        ret->is_mark = true;
        return r->summary.is_ours &&
               fit_parsed_uint32(m, FIT_EVENT_EVENT, UINT32_MAX) == FIT_EVENT_USER_MARKER &&
               fit_summary_time(&r->summary, m, &ret->at);
}

static bool next_record(Reader *r, Record *ret)
{
        FitParsed m;

        while (fit_parser_next(&r->records, &m) == FIT_STEP_MESSAGE) {
                if (m.number == FIT_HRV)
                        take_rr(r, &m);
                else if (m.number == FIT_EVENT && take_event(r, &m, ret))
                        return true;
                else if (m.number == FIT_RECORD && take_record(r, &m, ret))
                        return true;
        }
        return false;
}

/* -- An activity -- */

/* Records and events by time; of those of one time events first. */
static int give_all(Reader *r)
{
        FitHeartRate event = { 0 };
        Record record = { 0 };
        bool has_record = next_record(r, &record),
             has_event = r->by_events && fit_events_next(&r->events, &event);
        int e;

        while (has_record || has_event) {
                if (has_record && record.is_mark) { /* its time may be any, and it waits for a heart rate */
                        take_mark(r, record.at);
                        has_record = next_record(r, &record);
                        continue;
                }
                if (has_event && (!has_record || event.at <= record.at)) {
                        e = give_heart_rate(r, event.at, event.bpm);
                        has_event = fit_events_next(&r->events, &event);
                } else {
                        e = give_record(r, &record);
                        has_record = next_record(r, &record);
                }
                if (e < 0)
                        return e;
        }
        return 0;
}

/* All that is whole of a file, and of its additions up to `end`; the summary has been made of them. */
static int read_activity(Reader *r, const FitExtent *x, size_t end)
{
        int e;

        r->is_open = r->is_rr_lost = false;
        r->rolling = (FitRolling){ 0 };
        r->n_marks = 0;
        r->marks_open = false;
        r->before = 0;
        r->n_rr = r->n_rr_due = 0;
        r->by_events = r->summary.n_heart_rates == 0 && r->summary.n_events > 0;
        r->clock = (FitClock){ 0 };
        fit_events_begin(&r->events, &r->summary, r->bytes, r->size, x, end);
        fit_parser_begin(&r->records, r->bytes + x->data, x->end - x->data);
        e = give_all(r);
        if (e < 0)
                return e;
        if (r->is_open && (r->is_rr_lost || r->n_rr > RR_MAX))
                warn(r, x->begin, "R-R intervals that belong to no heart rate of this activity are left out");
        return 0;
}

static const char *why_none(const FitSummary *s)
{
        if (s->n_heart_rates > 0 || s->n_events > 0)
                return "its heart rates have no dates";
        if (s->file_type != FIT_FILE_TYPE_ACTIVITY)
                return "it is not an activity but a FIT file of another kind, such as a course or a workout";
        if (s->n_records > 0)
                return "none of its records has a heart rate";
        return "it has no records, and so no heart rates";
}

/* -- Files -- */

static void announce(const Reader *r, const FitExtent *x)
{
        if (x->flaw)
                warn(r, x->flaw_at, x->flaw);
}

/* Goes through all messages, or until it is known that the file is no addition. Returns the step at which it ended. */
static FitStep scan(Reader *r, const FitExtent *x, FitSummary *s, bool for_addition)
{
        FitStep step;
        FitParsed m;

        fit_summary_begin(s);
        fit_parser_begin(&r->records, r->bytes + x->data, x->end - x->data);
        while ((step = fit_parser_next(&r->records, &m)) == FIT_STEP_MESSAGE) {
                fit_summary_message(s, &m);
                if (for_addition && (s->has_id || s->n_records > 0))
                        break;
        }
        fit_summary_end(s);
        return step;
}

/* What there is to say of the step at which a file's messages ended. Returns 0 or -EBADMSG. */
static int judge_end(const Reader *r, const FitExtent *x, FitStep step, ReadingProblem *ret_problem)
{
        const FitParser *p = &r->records;

        if (step == FIT_STEP_CUT && !x->is_cut)
                warn(r, x->data + p->offset, "the last message is cut short; what was whole before is taken");
        /* Of a file that has an end after all, the last bytes are its checksum. */
        if (step != FIT_STEP_BROKEN || (x->is_cut && p->size - p->offset <= FIT_CRC_SIZE))
                return 0;
        say_byte(ret_problem, x->data + p->offset, p->wrong);
        return -EBADMSG;
}

/* Moves `next` behind the files that only add heart rates to the one before. Returns 0 or -EBADMSG. */
static int take_additions(Reader *r, size_t *next, ReadingProblem *ret_problem)
{
        FitSummary s;
        FitStep step;
        FitExtent x;
        int e = 0;

        while (e == 0 && fit_extent_find(r->bytes, r->size, *next, &x)) {
                step = scan(r, &x, &s, true);
                if (!fit_summary_is_addition(&s))
                        break;
                announce(r, &x);
                e = judge_end(r, &x, step, ret_problem);
                r->summary.n_events += s.n_events;
                *next = x.next;
        }
        return e;
}

/* A file, with its additions, is an activity. */
static int read_file(Reader *r, const FitExtent *x, size_t *ret_next, ReadingProblem *ret_problem)
{
        ReadingProblem problem;
        int broken, e;

        announce(r, x);
        broken = judge_end(r, x, scan(r, x, &r->summary, false), &problem);
        *ret_next = x->next;
        if (broken == 0)
                broken = take_additions(r, ret_next, &problem);
        e = read_activity(r, x, *ret_next);
        if (e < 0)
                return e;
        if (broken < 0) {
                *ret_problem = problem;
                return broken;
        }
        if (!r->is_open) {
                if (!r->is_any)
                        say(ret_problem, "", why_none(&r->summary));
                return 0;
        }
        r->is_any = true;
        e = give_marks(r, INT64_MAX);
        if (e < 0)
                return e;
        return r->target->end(r->target->userdata, &r->summary.activity);
}

static int fit_read(
                const uint8_t *data, size_t size, const ReadingTarget *target, ReadingProblem *ret_problem)
{
        Reader r = { .target = target, .bytes = data, .size = size };
        size_t next = 0;
        FitExtent x;
        int e;

        do {
                if (!fit_is_header(data + next, size - next)) {
                        if (next > 0) {
                                warn(&r, next, "what follows is no FIT file and is left out");
                                break;
                        }
                        say_byte(ret_problem, 0,
                                        "this is no FIT file: it does not begin with a header that has \".FIT\" in it");
                        return -EBADMSG;
                }
                if (!fit_extent_find(data, size, next, &x)) {
                        say_byte(ret_problem, next,
                                        "this header's length is neither 12 nor 14 bytes, or not all of it is there");
                        return -EBADMSG;
                }
                e = read_file(&r, &x, &next, ret_problem);
                if (e < 0)
                        return e;
        } while (next < size);
        return r.is_any ? 0 : -ENODATA;
}

const ReadingFormat reading_fit = {
        .name = "FIT",
        .extension = "fit",
        .is = fit_is_header,
        .read = fit_read,
};
