/* SPDX-License-Identifier: MIT */
/* Faults of the radio link, recognised by their pattern. No clock. */
#include "radio.h"

#include <stdio.h>
#include <string.h>

#include "cardio/macro.h"
#include "cardio/time.h"
#include "memory.h"

#define INTERVALS_MAX 32U
/* Intervals are regular if at least this many of them are this close to the median. */
#define REGULAR_MIN      3U
#define REGULAR_PER_CENT 8U
#define REGULAR_SLACK_S  3U
/* A longer interval separates two runs. */
#define INTERVAL_MAX_S 600U
#define INTERVAL_MIN_S 5U
/* At least this many losses within this time are frequent. */
#define OFTEN_MIN 4U
#define OFTEN_S   600U

/* -- What cardiod says is wrong -- */

static const struct {
        const char *problem, *text, *advice; /* %s in the advice is the address */
} problems[] = {
        { "held", "another program on this machine holds its notifications", "close that program" },
        { "wants-pairing", "it wants to be paired",
                        "`bluetoothctl pair %s`; if it is paired already, `bluetoothctl remove %s` and "
                        "`cardioctl trust %s` before that" },
        { "refused", "BlueZ does not let cardiod have its notifications",
                        "`journalctl -u cardiod` has what BlueZ says" },
        { "silent", "it is connected, but sends nothing",
                        "put it on, and take it off and on again; a watch has a mode that broadcasts the heart rate; "
                        "its battery may be flat" },
        { "unresolved", "it is connected, but has not told its services",
                        "if it stays so, take it off and on again" },
        { "no-heart-rate", "it is connected, but offers no heart rate",
                        "a strap: take it off and on again, then forget it and trust it anew; "
                        "a watch has a mode that broadcasts the heart rate" },
        { "no-pace", "it is connected, but offers no pace",
                        "switch it off and on again, then forget it and trust it anew; "
                        "a treadmill may offer it to its own app alone" },
};

const char *link_problem_text(const char *problem)
{
        for (size_t i = 0; problem && i < ELEMENTSOF(problems); i++)
                if (strcmp(problems[i].problem, problem) == 0)
                        return problems[i].text;
        /* A newer cardiod may have further problems. */
        return problem && *problem ? problem : NULL;
}

char *link_problem_advice(const char *problem, const char *address)
{
        const char *advice = problem && *problem ? "`journalctl -u cardiod` may tell more" : NULL;
        char *text = NULL;
        size_t size;
        FILE *f;

        for (size_t i = 0; problem && i < ELEMENTSOF(problems); i++)
                if (strcmp(problems[i].problem, problem) == 0)
                        advice = problems[i].advice;
        if (!advice)
                return NULL;
        f = open_memstream(&text, &size);
        if (!f)
                out_of_memory();
        for (const char *at; (at = strstr(advice, "%s")); advice = at + 2)
                fprintf(f, "%.*s%s", (int)(at - advice), advice, address);
        fputs(advice, f);
        if (fclose(f) != 0)
                out_of_memory();
        return text;
}

/* -- When the link was lost -- */

static unsigned median(const unsigned *intervals, size_t n)
{
        unsigned sorted[INTERVALS_MAX] = { 0 };

        for (size_t i = 0; i < n; i++) {
                size_t at = i;

                for (; at > 0 && sorted[at - 1] > intervals[i]; at--)
                        sorted[at] = sorted[at - 1];
                sorted[at] = intervals[i];
        }
        return sorted[n / 2];
}

LinkDrops link_drops_judge(const uint64_t *losses_usec, size_t n)
{
        unsigned intervals[INTERVALS_MAX], middle, slack, regular = 0, often = 1;
        size_t n_intervals = 0;
        LinkDrops drops = { .n = 0 };

        if (n > INTERVALS_MAX)
                losses_usec += n - INTERVALS_MAX;
        n = n > INTERVALS_MAX ? INTERVALS_MAX : n;
        for (size_t i = 1; i < n; i++) {
                uint64_t seconds =
                                losses_usec[i] <= losses_usec[i - 1]
                                                ? 0
                                                : (losses_usec[i] - losses_usec[i - 1] + USEC_PER_SEC / 2) /
                                                                  USEC_PER_SEC;

                if (seconds >= INTERVAL_MIN_S && seconds <= INTERVAL_MAX_S)
                        intervals[n_intervals++] = (unsigned)seconds;
                often += losses_usec[n - 1] - losses_usec[i - 1] <= OFTEN_S * USEC_PER_SEC;
        }
        if (n_intervals >= REGULAR_MIN) {
                middle = median(intervals, n_intervals);
                slack = middle * REGULAR_PER_CENT / 100 + REGULAR_SLACK_S;
                for (size_t i = 0; i < n_intervals; i++)
                        regular += intervals[i] + slack >= middle && intervals[i] <= middle + slack;
                /* Some of the losses may have other causes: out of range, the strap taken off. */
                if (regular >= REGULAR_MIN && regular * 4 >= n_intervals * 3) {
                        drops.n = regular + 1;
                        drops.period_s = middle;
                        return drops;
                }
        }
        if (n > 0 && often >= OFTEN_MIN)
                drops.n = often;
        return drops;
}

const char *link_drops_advice(const LinkDrops *drops)
{
        static const struct {
                unsigned from_s, to_s;
                const char *advice;
        } known[] = {
                { 25, 40, "known with old versions of BlueZ and the kernel: install newer ones" },
                { 140, 170,
                                "the strap refuses the connection parameters that this machine asks for: "
                                "another Bluetooth adapter, or a newer kernel, helps" },
        };

        for (size_t i = 0; i < ELEMENTSOF(known); i++)
                if (drops->period_s >= known[i].from_s && drops->period_s <= known[i].to_s)
                        return known[i].advice;
        if (drops->period_s > 0)
                return "such a beat is the machine's or the strap's, not the air's: try another Bluetooth adapter, "
                       "and a fresh battery in the strap";
        return "come closer, keep the adapter away from USB 3 and the machine's case, and change the strap's battery";
}
