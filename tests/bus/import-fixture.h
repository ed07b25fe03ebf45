/* SPDX-License-Identifier: MIT */
#pragma once

#include "coach-fixture.h"

/* Calls of ImportSession, put together step by step: the header, then what was heard. */

/* A call whose header has a content, a different one for each number, and a start in Unix ms; 0: has neither. More of it is
 * appended as "{sv}". */
sd_bus_message *import_begin(Harness *h, unsigned number, int64_t started_at);
/* Ends the header: n heart rates, one every so many ms, and nothing else. */
void import_steady(sd_bus_message *m, unsigned n, unsigned every_ms, unsigned heart_rate);
/* Ends the header, for what is appended as "a(tqy)", "a(tq)", "a(tdddd)". */
void import_end_header(sd_bus_message *m);

/* Both free the message. The first returns the id, the second fails unless it is refused with this error and a message that
 * matches the shell pattern. */
int64_t import_send(Harness *h, sd_bus_message *m);
void import_refused(Harness *h, sd_bus_message *m, const char *error, const char *pattern);

/* A steady run, sent: its id. */
int64_t import_run(Harness *h, unsigned number, int64_t started_at, unsigned minutes, unsigned heart_rate);

/* Unix ms, at that hour so many days from today, by the clock that was last set. */
int64_t import_moment(int days, unsigned hour);
