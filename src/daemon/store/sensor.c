/* SPDX-License-Identifier: MIT */

/* What is known of a strap. No clock. */

#include "store/sensor.h"

#include "store/internal.h"

void store_sensor(Store *s, const char *address, const char *name, const char *body_location, int battery,
                int64_t last_seen_ms)
{
        Operation op = { .type = OPERATION_SENSOR };

        op.extra = sensor_news_new(address, name, body_location, battery, last_seen_ms);
        if (op.extra)
                (void)store_push(s, &op, NULL); /* told by store_push() */
}

int store_apply_sensor(Store *s, const SensorNews *n)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_SENSOR);

        bind_text(st, 1, n->address);
        bind_text(st, 2, n->name);
        bind_text(st, 3, n->body_location);
        if (n->battery >= 0)
                sqlite3_bind_int(st, 4, n->battery);
        if (n->last_seen_ms > 0)
                sqlite3_bind_int64(st, 5, n->last_seen_ms);
        return store_run(s, STATEMENT_SENSOR);
}

bool store_sensor_known(Store *s, const char *address)
{
        sqlite3_stmt *st = store_statement(s, STATEMENT_SENSOR_KNOWN);
        bool known;

        sqlite3_bind_text(st, 1, address, -1, SQLITE_STATIC);
        known = sqlite3_step(st) == SQLITE_ROW;
        store_reset(s, STATEMENT_SENSOR_KNOWN);
        return known;
}
