/* SPDX-License-Identifier: MIT */
/* `report` and `trend`: pages with pictures, for who would rather look than read. All of it is read from the database, whether a
 * daemon runs or not; the daemon only puts the verdict into words. Today is a local date of CLOCK_REALTIME. */
#include <time.h>

#include "cardio/day.h"
#include "coach.h"
#include "ctl.h"
#include "database.h"
#include "json.h"
#include "pages/page-file.h"
#include "pages/run-report.h"
#include "pages/trend-report.h"
#include "session-pace.h"
#include "session.h"
#include "text.h"
#include "units.h"

static Outcome verb_report(const Call *call)
{
        _cleanup_database_ Database d = { .db = NULL };
        _cleanup_(run_report_freep) RunReport *report = NULL;
        json_object *session = NULL;
        SessionName name;
        bool miles = false;
        int64_t id = 0;
        Outcome outcome;

        outcome = page_file_check_usage(call);
        if (outcome == OUTCOME_DONE)
                outcome = session_argument(call->argv[0], &name);
        if (outcome == OUTCOME_DONE)
                outcome = database_open(call, &d);
        if (outcome == OUTCOME_DONE)
                outcome = database_find_session(&d, &name, &id);
        if (outcome == OUTCOME_DONE)
                outcome = units_find(call, &d, &miles);
        if (outcome == OUTCOME_DONE)
                outcome = session_document(&d, id, &session);
        if (outcome != OUTCOME_DONE)
                return outcome;
        coach_add_verdict(call, session, id);
        outcome = session_pace_add(&d, id, miles, session);
        if (outcome == OUTCOME_DONE)
                outcome = run_report_read(&d, session, &report);
        else
                json_object_put(session);
        return outcome == OUTCOME_DONE ? page_file_write(call, &d, run_report_write, report) : outcome;
}

/* What is shown without --since: so many weeks, and what there is of the present one. */
#define SHOWN_WEEKS 52

static Outcome read_since(const Call *call, Day *ret_since, Day *ret_today)
{
        const char *since = call_option(call, "since");
        char text[DATE_STRING_MAX], today[DATE_STRING_MAX];
        int64_t now = (int64_t)time(NULL);

        if (date_parse("today", now, today) < 0 || day_parse(today, ret_today) < 0)
                return fail(OUTCOME_FAILED, "today has no date: is the clock set?");
        *ret_since = *ret_today - (Day)day_of_week(*ret_today) - 7 * SHOWN_WEEKS;
        if (!since)
                return OUTCOME_DONE;
        if (date_parse(since, now, text) < 0 || day_parse(text, ret_since) < 0)
                return fail(OUTCOME_USAGE, "'%s' is not a date; accepted: " DATE_ACCEPTED, since);
        if (*ret_since > *ret_today)
                return fail(OUTCOME_USAGE, "--since %s has yet to come", text);
        return OUTCOME_DONE;
}

static Outcome verb_trend(const Call *call)
{
        _cleanup_database_ Database d = { .db = NULL };
        _cleanup_(trend_report_freep) TrendReport *report = NULL;
        bool miles = false;
        Day since, today;
        Outcome outcome;

        outcome = page_file_check_usage(call);
        if (outcome == OUTCOME_DONE)
                outcome = read_since(call, &since, &today);
        if (outcome == OUTCOME_DONE)
                outcome = database_open(call, &d);
        if (outcome == OUTCOME_DONE)
                outcome = units_find(call, &d, &miles);
        if (outcome == OUTCOME_DONE)
                outcome = trend_report_read(&d, since, today, miles, &report);
        return outcome == OUTCOME_DONE ? page_file_write(call, &d, trend_report_write, report) : outcome;
}

static const Option trend_options[] = { PAGE_FILE_OPTIONS, UNITS_OPTION,
        { .name = "since",
                        .argument = "DATE",
                        .help = "show it from that day on; else the last year",
                        .offer = { "2w 52w 104w" } },
        { .name = NULL } };

static const Option report_options[] = { PAGE_FILE_OPTIONS, UNITS_OPTION, { .name = NULL } };

static const Verb verbs[] = {
        {
                        .name = "report",
                        .arguments = "ID",
                        .min_arguments = 1,
                        .max_arguments = 1,
                        .offer = { { "last today yesterday", SOURCE_SESSION } },
                        .database = true,
                        .summary = "one session as a page for a browser, with pictures",
                        .help = SESSION_ID_HELP
                        "The page needs nothing but itself: no network, and no script to be read. It\n"
                        "may be printed, on one sheet. FILE appears once all of it is written.",
                        .options = report_options,
                        .run = verb_report,
        },
        {
                        .name = "trend",
                        .arguments = "",
                        .database = true,
                        .summary = "the last year, or more, as a page with pictures",
                        .help = "How much was easy, time by kind, fitness and fatigue, mornings, streaks, best\n"
                                "and longest, and a year as a calendar. Bars are weeks; of more than three\n"
                                "years they are months.",
                        .options = trend_options,
                        .run = verb_trend,
        },
        { .name = NULL },
};

const Family report_family = { .title = "Pictures", .verbs = verbs };
