/* SPDX-License-Identifier: MIT */

/* What is stored about a strap. No clock. */

#include "store/sensor.h"

#include <string.h>

#include "store/internal.h"

void store_sensor(Store *s, const char *address, const char *name, const char *body_location, int battery,
                int64_t last_seen_ms)
{
        Operation op = { .type = OPERATION_SENSOR };

        op.extra = sensor_news_new(address, name, body_location, battery, last_seen_ms);
        if (op.extra)
                (void)store_push(s, &op, NULL); /* logged there */
}

static const Sql sql_sensor = {
        .kept = true,
        .text = "INSERT INTO sensor (address, name, body_location, battery, last_seen_at)"
                " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (address) DO UPDATE"
                " SET name = coalesce(excluded.name, name),"
                " body_location = coalesce(excluded.body_location, body_location),"
                " battery = coalesce(excluded.battery, battery),"
                " last_seen_at = coalesce(excluded.last_seen_at, last_seen_at)",
};

int store_apply_sensor(Store *s, const SensorNews *n)
{
        sqlite3_stmt *st = store_statement(s, &sql_sensor);

        bind_text(st, 1, n->address);
        bind_text(st, 2, n->name);
        bind_text(st, 3, n->body_location);
        if (n->battery >= 0)
                sqlite3_bind_int(st, 4, n->battery);
        if (n->last_seen_ms > 0)
                sqlite3_bind_int64(st, 5, n->last_seen_ms);
        return store_run(s, &sql_sensor);
}

void store_set_battery_low(Store *s, const char *address, bool low)
{
        Operation op = { .type = OPERATION_BATTERY, .low = low };

        op.extra = strdup(address);
        if (op.extra)
                (void)store_push(s, &op, NULL); /* logged there */
}

static const Sql sql_battery_set = {
        .text = "UPDATE sensor SET battery_low = ?2 WHERE address = ?1",
};

int store_apply_battery(Store *s, const char *address, bool low)
{
        sqlite3_stmt *st = store_statement(s, &sql_battery_set);

        bind_text(st, 1, address);
        sqlite3_bind_int(st, 2, low);
        return store_run(s, &sql_battery_set);
}

static const Sql sql_battery_low = {
        .text = "SELECT battery_low FROM sensor WHERE address = ?1",
};

bool store_battery_low(Store *s, const char *address)
{
        sqlite3_stmt *st = store_statement(s, &sql_battery_low);
        bool low;

        bind_text(st, 1, address);
        low = sqlite3_step(st) == SQLITE_ROW && sqlite3_column_int(st, 0) != 0;
        store_reset(s, &sql_battery_low);
        return low;
}

static const Sql sql_sensor_known = {
        .text = "SELECT 1 FROM session JOIN sensor ON sensor.id = session.sensor_id"
                " WHERE sensor.address = ?1 LIMIT 1",
};

bool store_sensor_known(Store *s, const char *address)
{
        sqlite3_stmt *st = store_statement(s, &sql_sensor_known);
        bool known;

        sqlite3_bind_text(st, 1, address, -1, SQLITE_STATIC);
        known = sqlite3_step(st) == SQLITE_ROW;
        store_reset(s, &sql_sensor_known);
        return known;
}

const Sql *const store_sql_sensor[] = {
        &sql_sensor,
        &sql_battery_set,
        &sql_battery_low,
        &sql_sensor_known,
        NULL,
};
