/* SPDX-License-Identifier: MIT */

/* Pace in files, as a judge goes through it. No clock. */

#include "pace-judge.h"

#include <math.h>
#include <stdlib.h>

/* As exchange/point.h has them. */
static double within(double value, double least, double most)
{
        return value < least || value > most ? NAN : value;
}

static bool is_any(const ExchangePace *p)
{
        return !isnan(p->speed) || !isnan(p->cadence) || !isnan(p->distance) || !isnan(p->incline);
}

static int64_t second_of(const PaceJudge *j, int64_t t)
{
        return (int64_t)floor((double)(j->session->started_at % 1000 + t) / 1000);
}

void pace_judge_begin(PaceJudge *j, const ExchangeSession *session, const ExchangeItem *items, size_t n_items,
                bool has_incline)
{
        int64_t length = session->length;
        double distance = 0;

        *j = (PaceJudge){ .session = session, .rows = calloc(n_items + 1, sizeof(j->rows[0])) };
        if (!j->rows)
                abort();
        for (size_t i = 0; i < n_items && session->has_pace; i++) {
                ExchangeItem *item = &j->rows[j->n_rows].item;
                ExchangePace *p = &item->pace;

                if (items[i].type == EXCHANGE_SAMPLE && items[i].t > length)
                        length = items[i].t;
                if (items[i].type != EXCHANGE_PACE || items[i].t > length)
                        continue;
                *item = items[i];
                p->speed = within(p->speed, 0, 100);
                p->cadence = within(p->cadence, 0, 400);
                p->distance = within(p->distance, distance, 1e7);
                p->incline = within(p->incline, -100, 100);
                if (!isnan(p->distance))
                        distance = p->distance;
                j->n_rows += is_any(p);
                if (!has_incline)
                        p->incline = NAN;
        }
}

void pace_judge_done(PaceJudge *j)
{
        free(j->rows);
        j->rows = NULL;
}

const ExchangeItem *pace_judge_record(PaceJudge *j, const ExchangeItem *heart_rate, double distance,
                PaceSameFn same, const void *found)
{
        const ExchangeItem *row = NULL;

        j->n_records++;
        if (distance < j->distance)
                return NULL;
        if (!isnan(distance))
                j->distance = distance;
        for (size_t i = j->first; i < j->n_rows; i++) {
                const ExchangeItem *item = &j->rows[i].item;
                int64_t ago = heart_rate ? second_of(j, heart_rate->t) - second_of(j, item->t) : 0;

                if (ago < 0)
                        break;
                if (ago > 1)
                        j->first = i + 1;
                if (ago > 1 || !same(item, found))
                        continue;
                j->rows[i].is_found = true;
                row = item;
        }
        return row;
}

bool pace_judge_end(const PaceJudge *j)
{
        for (size_t i = 0; i < j->n_rows; i++) {
                const PaceRow *row = &j->rows[i];
                bool is_newest =
                                i + 1 == j->n_rows || second_of(j, row[1].item.t) > second_of(j, row->item.t);

                if (is_newest && is_any(&row->item.pace) && !row->is_found)
                        return false;
        }
        return j->n_records <= j->n_rows;
}
