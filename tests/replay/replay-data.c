/* SPDX-License-Identifier: MIT */
/* Packets from recordings that are not in the tree: the tables in $(TEST_DATA)/streams, and a run recorded with a chest
 * strap, one packet a second. No clock. */

#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/parse.h"

#define LINE_SIZE 256U

static FILE *file_free(FILE *f)
{
        if (f)
                (void)fclose(f);
        return NULL;
}
DEFINE_CLEANUP(FILE *, file_free);
#define _cleanup_file_ _cleanup_(file_freep)

/* A table, behind its header. Returns 0, -ENOENT, or another negative errno and ret_error. */
static int open_table(const char *path, const char *header, FILE **ret, char **ret_error)
{
        FILE *f = fopen(path, "re");
        char line[LINE_SIZE];

        if (!f)
                return -ENOENT;
        if (!fgets(line, sizeof(line), f) || strncmp(line, header, strlen(header)) != 0) {
                (void)fclose(f);
                return replay_error(ret_error, "%s: its first line is not '%s'", path, header);
        }
        *ret = f;
        return 0;
}

static int wrong_line(const char *path, unsigned line, char **ret_error)
{
        return replay_error(ret_error, "%s:%u: this line is not understood", path, line);
}

static int add_packet(Replay *r, usec_t at_usec, const uint8_t *value, size_t size)
{
        ReplayStep step = { .at_usec = at_usec, .type = REPLAY_PACKET, .size = size };

        step.value = replay_keep(r, value, size);
        return step.value ? replay_add(r, &step) : -ENOMEM;
}

static size_t put_16(uint8_t *value, size_t at, unsigned n)
{
        value[at] = (uint8_t)n;
        value[at + 1] = (uint8_t)(n >> 8);
        return at + 2;
}

/* -- time_s,hr,contact[,payload] -- */

/* A row as the strap would send it. What distinguishes payloads is an R-R interval that differs. */
static int add_row(Replay *r, char *line)
{
        const char *time = strsep(&line, ","), *bpm = strsep(&line, ","), *contact = strsep(&line, ","),
                   *payload = line;
        uint8_t value[8];
        unsigned heart_rate = 0, n = 0;
        size_t size = 1;
        double seconds;

        if (!contact || parse_decimal(&time, &seconds) < 0 || *time || seconds > 604800 ||
                        (*bpm && (parse_unsigned(bpm, &heart_rate) < 0 || heart_rate > UINT16_MAX)) ||
                        (payload && *payload && (parse_unsigned(payload, &n) < 0 || n > 1000)))
                return -EINVAL;
        if (strcmp(contact, "yes") == 0)
                value[0] = 0x06;
        else if (strcmp(contact, "no") == 0)
                value[0] = 0x04;
        else if (strcmp(contact, "unsupported") == 0)
                value[0] = 0x00;
        else
                return -EINVAL;
        if (heart_rate > UINT8_MAX) {
                value[0] |= 0x01;
                size = put_16(value, size, heart_rate);
        } else {
                value[size++] = (uint8_t)heart_rate;
        }
        if (payload && *payload) {
                value[0] |= 0x10;
                size = put_16(value, size, (heart_rate > 0 ? 60 * 1024 / heart_rate : 1024) + n);
        }
        return add_packet(r, (usec_t)(seconds * 1e6 + 0.5), value, size);
}

static int load_stream(Replay *r, const char *path, char **ret_error)
{
        _cleanup_file_ FILE *f = NULL;
        char line[LINE_SIZE];
        unsigned n = 1;
        int q = open_table(path, "time_s,hr,contact", &f, ret_error);

        while (q == 0 && fgets(line, sizeof(line), f)) {
                n++;
                line[strcspn(line, "\r\n")] = '\0';
                q = add_row(r, line);
                if (q == -EINVAL)
                        q = wrong_line(path, n, ret_error);
        }
        return q;
}

/* -- records.csv: t_s,hr_bpm; rr.csv: after_record_index,rr_ms -- */

#define RECORDS_MAX   100000U
#define RECORD_RR_MAX 32U

typedef struct Run {
        size_t n;
        struct {
                unsigned heart_rate, n_rr;
                uint16_t rr[RECORD_RR_MAX];
        } record[RECORDS_MAX];
} Run;

static int load_records(Run *run, const char *path, char **ret_error)
{
        _cleanup_file_ FILE *f = NULL;
        char line[LINE_SIZE];
        int q = open_table(path, "t_s,hr_bpm", &f, ret_error);

        while (q == 0 && fgets(line, sizeof(line), f)) {
                char *end;
                unsigned long t = strtoul(line, &end, 10), bpm = *end == ',' ? strtoul(end + 1, NULL, 10) : 0;

                if (t != run->n || bpm == 0 || bpm > UINT8_MAX || run->n == RECORDS_MAX)
                        return wrong_line(path, (unsigned)run->n + 2, ret_error);
                run->record[run->n++].heart_rate = (unsigned)bpm;
        }
        return q;
}

static int load_intervals(Run *run, const char *path, char **ret_error)
{
        _cleanup_file_ FILE *f = NULL;
        char line[LINE_SIZE];
        unsigned n = 1;
        int q = open_table(path, "after_record_index,rr_ms", &f, ret_error);

        while (q == 0 && fgets(line, sizeof(line), f)) {
                char *end;
                unsigned long i = strtoul(line, &end, 10), ms = *end == ',' ? strtoul(end + 1, NULL, 10) : 0;

                n++;
                if (i >= run->n || ms == 0 || ms > 60000 || run->record[i].n_rr == RECORD_RR_MAX)
                        return wrong_line(path, n, ret_error);
                run->record[i].rr[run->record[i].n_rr++] = (uint16_t)((ms * 1024 + 500) / 1000);
        }
        return q;
}

static int load_run(Replay *r, const char *folder, char **ret_error)
{
        _cleanup_free_ Run *run = calloc(1, sizeof(*run));
        _cleanup_free_ char *records = NULL, *intervals = NULL;
        int q;

        if (!run || asprintf(&records, "%s/records.csv", folder) < 0 ||
                        asprintf(&intervals, "%s/rr.csv", folder) < 0)
                return -ENOMEM;
        q = load_records(run, records, ret_error);
        if (q == 0)
                q = load_intervals(run, intervals, ret_error);
        for (size_t i = 0; i < run->n && q == 0; i++) {
                uint8_t value[2 + 2 * RECORD_RR_MAX] = { 0x16, (uint8_t)run->record[i].heart_rate };
                size_t size = 2;

                for (unsigned k = 0; k < run->record[i].n_rr; k++)
                        size = put_16(value, size, run->record[i].rr[k]);
                q = add_packet(r, i * USEC_PER_SEC, value, size);
        }
        return q;
}

int replay_load_data(Replay *r, char **ret_error)
{
        _cleanup_free_ char *path = NULL;
        size_t n = strlen(r->data);

        if (r->data[0] == '/' || strstr(r->data, ".."))
                return replay_error(ret_error, "%s: data are below the folder of recordings", r->path);
        if (asprintf(&path, "%s/%s", TEST_DATA, r->data) < 0)
                return -ENOMEM;
        return n > 4 && strcmp(r->data + n - 4, ".csv") == 0 ? load_stream(r, path, ret_error)
                                                             : load_run(r, path, ret_error);
}
