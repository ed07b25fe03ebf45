/* SPDX-License-Identifier: MIT */

/* What commands have set and is still in force, kept for the next daemon: moments are stored by the wall clock, along with
 * which clock that was. No clock. */

#include "store/commands.h"

#include <stdlib.h>
#include <string.h>

#include "store/errors.h"
#include "store/internal.h"

void store_set_commands(Store *s, const StoreCommands *c)
{
        Operation op = { .type = OPERATION_COMMANDS,
                .known = s->clock.known,
                .t = s->clock.offset_ms,
                .extra = malloc(sizeof(*c)) };

        if (!op.extra)
                return; /* out of memory: it does not outlive the daemon */
        memcpy(op.extra, c, sizeof(*c));
        (void)store_push(s, &op, NULL); /* logged there */
}

static const Sql sql_commands_set = {
        .text = "INSERT OR REPLACE INTO command (id, ceiling_expression, snoozed_until, effort_at,"
                " ceiling_date, advised_date, raced_date, boot_id, clock_offset_ms, clock_known)"
                " VALUES (1, nullif(?1, ''), nullif(?2, 0), nullif(?3, 0), ?4, ?5, ?6, nullif(?7, ''), ?8,"
                " ?9)",
};

int store_apply_commands(Store *s, const Operation *op)
{
        const StoreCommands *c = op->extra;
        sqlite3_stmt *st = store_statement(s, &sql_commands_set);

        const Day day[] = { c->ceiling_day, c->advised_day, c->raced_day };
        char date[ELEMENTSOF(day)][DAY_STRING_MAX];

        bind_text(st, 1, c->ceiling);
        sqlite3_bind_int64(st, 2, c->snoozed_until);
        sqlite3_bind_int64(st, 3, c->effort_at);
        for (size_t i = 0; i < ELEMENTSOF(day); i++)
                if (day[i] != DAY_NONE)
                        bind_text(st, 4 + (int)i, day_to_string(day[i], date[i]));
        bind_text(st, 7, s->clock.boot_id);
        sqlite3_bind_int64(st, 8, op->t);
        sqlite3_bind_int(st, 9, op->known);
        return store_run(s, &sql_commands_set);
}

static const Sql sql_commands_session_over = {
        .text = "UPDATE command SET ceiling_expression = NULL",
};

int store_forget_ceiling(Store *s)
{
        return store_run(s, &sql_commands_session_over);
}

/* Brings moments to the wall clock as it is now; 0 if that cannot be done. */
static void bring_commands(
                const Store *s, StoreCommands *c, const char *boot_id, int64_t offset_ms, bool known)
{
        bool same_boot = boot_id && s->clock.boot_id[0] && strcmp(boot_id, s->clock.boot_id) == 0;
        int64_t *const moments[] = { &c->snoozed_until, &c->effort_at };
        int64_t step_ms = 0;

        if (same_boot && __builtin_sub_overflow(s->clock.offset_ms, offset_ms, &step_ms))
                return;
        for (size_t i = 0; i < ELEMENTSOF(moments); i++)
                if (*moments[i] != 0 &&
                                (!(same_boot || (known && s->clock.known)) ||
                                                __builtin_add_overflow(*moments[i], step_ms, moments[i])))
                        *moments[i] = 0;
}

static const Sql sql_commands_get = {
        .text = "SELECT ceiling_expression, snoozed_until, effort_at, ceiling_date, advised_date,"
                " raced_date, boot_id, clock_offset_ms, clock_known FROM command WHERE id = 1",
};

int store_get_commands(Store *s, StoreCommands *ret)
{
        sqlite3_stmt *st = store_statement(s, &sql_commands_get);
        StoreCommands c = { .ceiling_day = DAY_NONE, .advised_day = DAY_NONE, .raced_day = DAY_NONE };
        int rc = sqlite3_step(st);

        if (rc == SQLITE_ROW) {
                const char *ceiling = (const char *)sqlite3_column_text(st, 0);

                /* too long: not one of ours */
                if (ceiling && strlen(ceiling) < sizeof(c.ceiling))
                        (void)stpcpy(c.ceiling, ceiling);
                c.snoozed_until = sqlite3_column_int64(st, 1);
                c.effort_at = sqlite3_column_int64(st, 2);
                c.ceiling_day = store_column_day(st, 3);
                c.advised_day = store_column_day(st, 4);
                c.raced_day = store_column_day(st, 5);
                bring_commands(s, &c, (const char *)sqlite3_column_text(st, 6), sqlite3_column_int64(st, 7),
                                sqlite3_column_int(st, 8) != 0);
        }
        store_reset(s, &sql_commands_get);
        if (rc != SQLITE_ROW && rc != SQLITE_DONE)
                return store_errno(rc);
        *ret = c;
        return 0;
}

const Sql *const store_sql_commands[] = {
        &sql_commands_set,
        &sql_commands_session_over,
        &sql_commands_get,
        NULL,
};
