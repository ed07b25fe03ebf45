/* SPDX-License-Identifier: MIT */

/* Packets of 0x2A37, and programmes: a recording, a curve, or the same value again and again, sent packet by packet. Each packet is due at its own time,
 * counted from the programme's start, so a late one does not delay the others. Times run on CLOCK_BOOTTIME. */

#include "script.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cardio/parse.h"

#define ROWS_MAX      200000U
#define LINE_MAX_SIZE 256U
#define RR_UNIT_HZ    1024.0

/* A row of a recording: time, heart rate, and its R-R intervals. */
typedef struct RecordingRow {
        double seconds;
        unsigned heart_rate;
        size_t rr_begin, rr_end;
} RecordingRow;

struct Programme {
        Sender *sender;
        sd_event_source *timer;
        usec_t begin_usec;
        programme_finished_t finished;
        void *userdata;
        size_t next; /* packet */

        /* A recording, and its R-R intervals in 1/1024 s. */
        RecordingRow *rows;
        size_t n_rows;
        uint16_t *rr;
        size_t n_rr;
        double speed;

        /* A curve, where rows is NULL. */
        double from, to;
        usec_t length_usec, pace_usec;
        bool with_rr;
        double beat_seconds; /* since the last beat */

        /* A value that is repeated, where size > 0. */
        uint8_t value[VALUE_MAX];
        size_t size;
};

int packet_encode(const Packet *p, uint8_t value[static VALUE_MAX])
{
        bool wide = p->wide || p->heart_rate > UINT8_MAX;
        size_t n = 1;

        if (1 + 2 + 2 + 2 * p->n_rr > VALUE_MAX)
                return -EMSGSIZE;
        value[0] = (uint8_t)((wide ? 1 : 0) | (p->contact >= 0 ? 4 : 0) | (p->contact > 0 ? 2 : 0) |
                             (p->energy >= 0 ? 8 : 0) | (p->n_rr > 0 ? 16 : 0));
        value[n++] = p->heart_rate & 0xff;
        if (wide)
                value[n++] = (p->heart_rate >> 8) & 0xff;
        if (p->energy >= 0) {
                value[n++] = p->energy & 0xff;
                value[n++] = (p->energy >> 8) & 0xff;
        }
        for (size_t i = 0; i < p->n_rr; i++) {
                value[n++] = p->rr[i] & 0xff;
                value[n++] = (p->rr[i] >> 8) & 0xff;
        }
        return (int)n;
}

/* -- Recordings -- */

/* Reads "number,number" lines below a heading. Returns 1, 0 at the end, -EBADMSG for a line that is not that. */
static int read_pair(FILE *f, size_t *line_number, double *ret_first, double *ret_second)
{
        char line[LINE_MAX_SIZE];
        const char *p = line;

        if (!fgets(line, sizeof(line), f))
                return ferror(f) ? -EIO : 0;
        (*line_number)++;
        if (parse_decimal(&p, ret_first) < 0 || *p++ != ',' || parse_decimal(&p, ret_second) < 0)
                return -EBADMSG;
        return strcmp(p, "\n") == 0 || strcmp(p, "\r\n") == 0 || *p == '\0' ? 1 : -EBADMSG;
}

static int open_csv(const char *path, const char *heading, FILE **ret)
{
        char line[LINE_MAX_SIZE];
        FILE *f;

        f = fopen(path, "re");
        if (!f)
                return -errno;
        if (!fgets(line, sizeof(line), f) || strncmp(line, heading, strlen(heading)) != 0) {
                fclose(f);
                return -EBADMSG;
        }
        *ret = f;
        return 0;
}

static int load_records(Programme *p, FILE *f, size_t *line_number)
{
        double seconds, heart_rate;
        int r;

        while ((r = read_pair(f, line_number, &seconds, &heart_rate)) > 0) {
                if (p->n_rows == ROWS_MAX)
                        return -EFBIG;
                if (heart_rate > UINT16_MAX || (p->n_rows > 0 && seconds < p->rows[p->n_rows - 1].seconds))
                        return -EBADMSG;
                if ((p->n_rows & (p->n_rows - 1)) == 0) {
                        p->rows = reallocarray(p->rows, p->n_rows ? 2 * p->n_rows : 1, sizeof(*p->rows));
                        must(p->rows ? 0 : -ENOMEM);
                }
                p->rows[p->n_rows++] = (RecordingRow){ .seconds = seconds,
                        .heart_rate = (unsigned)lround(heart_rate) };
        }
        return r < 0 ? r : p->n_rows == 0 ? -ENODATA : 0;
}

/* Each row of the recording gets the range of its R-R intervals. */
static int load_intervals(Programme *p, FILE *f, size_t *line_number)
{
        double index, milliseconds;
        size_t row = 0;
        int r;

        while ((r = read_pair(f, line_number, &index, &milliseconds)) > 0) {
                if (p->n_rr == ROWS_MAX)
                        return -EFBIG;
                if (index >= (double)p->n_rows || index < (double)row || milliseconds > 60000)
                        return -EBADMSG;
                while (row < (size_t)index)
                        p->rows[++row].rr_begin = p->n_rr;
                if ((p->n_rr & (p->n_rr - 1)) == 0) {
                        p->rr = reallocarray(p->rr, p->n_rr ? 2 * p->n_rr : 1, sizeof(*p->rr));
                        must(p->rr ? 0 : -ENOMEM);
                }
                p->rr[p->n_rr++] = (uint16_t)lround(milliseconds * RR_UNIT_HZ / 1000);
                p->rows[row].rr_end = p->n_rr;
        }
        return r;
}

static int load_file(Programme *p, const char *path, const char *heading,
                int (*load)(Programme *p, FILE *f, size_t *line_number), char **ret_where)
{
        size_t line_number = 1;
        FILE *f;
        int r;

        r = open_csv(path, heading, &f);
        if (r >= 0) {
                r = load(p, f, &line_number);
                fclose(f);
        }
        if (r < 0)
                *ret_where = must_format("%s:%zu (below a line \"%s\")", path, line_number, heading);
        return r;
}

/* -- Sending -- */

static Packet recording_packet(const Programme *p)
{
        const RecordingRow *row = &p->rows[p->next];
        Packet packet = PACKET_INIT;

        packet.heart_rate = row->heart_rate;
        for (size_t i = row->rr_begin; i < row->rr_end && packet.n_rr < PACKET_RR_MAX; i++)
                packet.rr[packet.n_rr++] = p->rr[i];
        return packet;
}

/* The beats that end in the time of one packet, at the curve's rate there. */
static Packet curve_packet(Programme *p)
{
        double at = p->length_usec == USEC_INFINITY
                                    ? 0
                                    : fmin(1, (double)(p->next * p->pace_usec) / (double)p->length_usec);
        double rate = p->from + (p->to - p->from) * at;
        Packet packet = PACKET_INIT;

        packet.heart_rate = (unsigned)lround(rate);
        if (!p->with_rr || rate < 1)
                return packet;
        p->beat_seconds += (double)p->pace_usec / USEC_PER_SEC;
        while (p->beat_seconds >= 60 / rate && packet.n_rr < PACKET_RR_MAX) {
                p->beat_seconds -= 60 / rate;
                packet.rr[packet.n_rr++] = (uint16_t)lround(60 / rate * RR_UNIT_HZ);
        }
        return packet;
}

/* When packet number n is due, after the programme's start. */
static usec_t packet_due_usec(const Programme *p, size_t n)
{
        if (p->rows)
                return (usec_t)((p->rows[n].seconds - p->rows[0].seconds) / p->speed * USEC_PER_SEC);
        return n * p->pace_usec;
}

static bool programme_has_ended(const Programme *p)
{
        if (p->rows)
                return p->next == p->n_rows;
        return p->length_usec != USEC_INFINITY && p->next * p->pace_usec > p->length_usec;
}

static void programme_end(Programme *p)
{
        programme_finished_t finished = p->finished;
        void *userdata = p->userdata;

        programme_free(p);
        if (finished)
                finished(userdata);
}

static void programme_send(Programme *p)
{
        Sender *sender = p->sender;
        uint8_t value[VALUE_MAX];
        Packet packet;

        if (p->size > 0) {
                sender->send(sender->userdata, p->value, p->size);
                return;
        }
        packet = p->rows ? recording_packet(p) : curve_packet(p);
        /* It fits: a packet from here has no more R-R intervals than PACKET_RR_MAX. */
        sender->send(sender->userdata, value, (size_t)packet_encode(&packet, value));
}

static int programme_on_timer(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata)
{
        Programme *p = userdata;
        Sender *sender = p->sender;
        uint64_t now;
        usec_t due;

        programme_send(p);
        p->next++;
        if (programme_has_ended(p)) {
                programme_end(p);
                return 0;
        }
        must(sd_event_now(sender->event, CLOCK_BOOTTIME, &now));
        due = p->begin_usec + packet_due_usec(p, p->next);
        timer_arm(sender->event, &p->timer, usec_sub(due, now), programme_on_timer, p);
        return 0;
}

static Programme *programme_new(Sender *sender, programme_finished_t finished, void *userdata)
{
        Programme *p = calloc(1, sizeof(*p));

        must(p ? 0 : -ENOMEM);
        *p = (Programme){ .sender = sender, .finished = finished, .userdata = userdata };
        return p;
}

static void programme_begin(Programme *p)
{
        Sender *sender = p->sender;
        uint64_t now;

        programme_free(sender->programme);
        sender->programme = p;
        must(sd_event_now(sender->event, CLOCK_BOOTTIME, &now));
        p->begin_usec = now;
        timer_arm(sender->event, &p->timer, 0, programme_on_timer, p);
}

/* Keeps the rows with from <= t <= to. */
static void recording_cut(Programme *p, double from, double to)
{
        size_t n = 0;

        for (size_t i = 0; i < p->n_rows; i++)
                if (p->rows[i].seconds >= from && p->rows[i].seconds <= to)
                        p->rows[n++] = p->rows[i];
        p->n_rows = n;
}

int programme_play(Sender *sender, const char *records, const char *intervals, double from, double to,
                double speed, programme_finished_t finished, void *userdata, char **ret_where)
{
        _cleanup_(programme_freep) Programme *p = programme_new(sender, finished, userdata);
        int r;

        p->speed = speed;
        r = load_file(p, records, "t_s,hr_bpm", load_records, ret_where);
        if (r >= 0 && intervals)
                r = load_file(p, intervals, "after_record_index,rr_ms", load_intervals, ret_where);
        if (r < 0)
                return r;
        recording_cut(p, from, to);
        if (p->n_rows == 0) {
                *ret_where = must_format("%s between %g s and %g s", records, from, to);
                return -ENODATA;
        }
        programme_begin(TAKE_PTR(p));
        return 0;
}

void programme_curve(Sender *sender, double from, double to, usec_t length_usec, usec_t pace_usec,
                bool with_rr, programme_finished_t finished, void *userdata)
{
        Programme *p = programme_new(sender, finished, userdata);

        p->from = from;
        p->to = to;
        p->length_usec = length_usec;
        p->pace_usec = pace_usec;
        p->with_rr = with_rr;
        programme_begin(p);
}

void programme_repeat(Sender *sender, const uint8_t *value, size_t size, usec_t pace_usec)
{
        Programme *p = programme_new(sender, NULL, NULL);

        memcpy(p->value, value, size);
        p->size = size;
        p->length_usec = USEC_INFINITY;
        p->pace_usec = pace_usec;
        programme_begin(p);
}

Programme *programme_free(Programme *p)
{
        if (!p)
                return NULL;
        if (p->sender->programme == p)
                p->sender->programme = NULL;
        timer_disarm(&p->timer);
        free(p->rows);
        free(p->rr);
        free(p);
        return NULL;
}
