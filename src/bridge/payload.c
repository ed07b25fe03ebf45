/* SPDX-License-Identifier: MIT */

/* Facts become JSON texts. Numbers are the same in every locale; what is not known is null, and each member is always there.
 * Nothing in a message of the bus is trusted to be well formed. No clock. */

#include "payload.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "cardio/text.h"
#include "json.h"

/* A text of others is cut. */
#define TEXT_MAX 2048U

/* -- Members --------------------------------------------------------------------------------------------- */

static int add_boolean(json_object *o, const char *key, bool value)
{
        return json_add(o, key, json_object_new_boolean(value));
}

static int add_integer(json_object *o, const char *key, int64_t value)
{
        return json_add(o, key, json_object_new_int64(value));
}

/* The shortest decimal that reads back as the same value, as cardioctl writes it; what is no number is null. */
static int add_real(json_object *o, const char *key, double value)
{
        char text[32];

        if (!isfinite(value))
                return json_add_null(o, key);
        for (int digits = 15; digits <= 17; digits++) {
                (void)snprintf(text, sizeof(text), "%.*g", digits, value);
                if (strtod(text, NULL) >= value && strtod(text, NULL) <= value)
                        break;
        }
        return json_add(o, key, json_object_new_double_s(value, text));
}

/* NULL is null. */
static int add_text(json_object *o, const char *key, const char *text)
{
        _cleanup_free_ char *copy = NULL;

        if (!text)
                return json_add_null(o, key);
        copy = strndup(text, utf8_fit(text, TEXT_MAX));
        return copy ? json_add(o, key, json_object_new_string(text_make_plain(copy))) : -ENOMEM;
}

/* ISO 8601, UTC. */
static int add_time(json_object *o, const char *key, usec_t realtime_usec)
{
        time_t seconds = (time_t)(realtime_usec / USEC_PER_SEC);
        char text[64];
        struct tm tm;

        if (realtime_usec == 0 || !gmtime_r(&seconds, &tm) ||
                        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
                return json_add_null(o, key);
        return json_add(o, key, json_object_new_string(text));
}

static int take(json_object *o, char **ret)
{
        const char *text = json_object_to_json_string_ext(
                        o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
        char *copy = text ? strdup(text) : NULL;

        if (!copy)
                return -ENOMEM;
        *ret = copy;
        return 0;
}

/* -- The state ------------------------------------------------------------------------------------------- */

int payload_state(const StateView *v, char **ret)
{
        _cleanup_object_ json_object *o = json_object_new_object();
        bool known = v->heart_rate > 0;
        int r = o ? 0 : -ENOMEM;

        if (r >= 0)
                r = known ? add_integer(o, "heart_rate", v->heart_rate) : json_add_null(o, "heart_rate");
        if (r >= 0)
                r = known && v->smoothed > 0 ? add_real(o, "smoothed", v->smoothed)
                                             : json_add_null(o, "smoothed");
        if (r >= 0)
                r = known ? add_integer(o, "zone", v->zone) : json_add_null(o, "zone");
        if (r >= 0)
                r = v->ceiling > 0 ? add_real(o, "ceiling", v->ceiling) : json_add_null(o, "ceiling");
        if (r >= 0)
                r = add_boolean(o, "over", v->over);
        if (r >= 0)
                r = add_boolean(o, "recording", v->recording);
        if (r >= 0)
                r = v->session != 0 ? add_integer(o, "session", v->session) : json_add_null(o, "session");
        if (r >= 0)
                r = add_text(o, "strap", v->strap);
        if (r >= 0)
                r = v->battery != CARDIO_BATTERY_UNKNOWN ? add_integer(o, "battery", v->battery)
                                                         : json_add_null(o, "battery");
        if (r >= 0)
                r = add_text(o, "contact", v->contact);
        if (r >= 0)
                r = add_text(o, "state", strap_state_to_string(v->state));
        return r < 0 ? r : take(o, ret);
}

/* -- Events ---------------------------------------------------------------------------------------------- */

static const char *event_name(FollowerEventType type)
{
        switch (type) {
        case FOLLOWER_OVER_LIMIT:
                return "over-limit";
        case FOLLOWER_BACK_IN_RANGE:
                return "back-in-range";
        case FOLLOWER_SESSION_STARTED:
                return "session-started";
        case FOLLOWER_SESSION_ENDED:
                return "session-ended";
        case FOLLOWER_TROUBLE:
                return "trouble";
        case FOLLOWER_UNREACHABLE:
        case FOLLOWER_APPEARED:
        case FOLLOWER_READY:
        case FOLLOWER_SILENT:
        case FOLLOWER_LOST:
        case FOLLOWER_MANAGER:
        case FOLLOWER_COACH:
        case FOLLOWER_SENSOR_ADDED:
        case FOLLOWER_SENSOR_CHANGED:
        case FOLLOWER_SENSOR_REMOVED:
        case FOLLOWER_MEASUREMENT:
        case FOLLOWER_PACE:
        case FOLLOWER_SESSION_DISCARDED:
        case FOLLOWER_OVER_PACE:
        case FOLLOWER_PACE_IN_RANGE:
        case FOLLOWER_ADVICE:
        case FOLLOWER_CUE:
        case _FOLLOWER_EVENT_TYPE_MAX:
        case _FOLLOWER_EVENT_TYPE_INVALID:
                break;
        }
        return NULL;
}

static int64_t event_session(const FollowerEvent *e, int64_t current)
{
        if (e->type == FOLLOWER_OVER_LIMIT || e->type == FOLLOWER_BACK_IN_RANGE)
                return e->limit.session;
        return e->type == FOLLOWER_TROUBLE ? current : e->session.id;
}

/* What the signal has. */
static int add_details(json_object *o, const FollowerEvent *e)
{
        int r = 0;

        if (e->type == FOLLOWER_OVER_LIMIT || e->type == FOLLOWER_BACK_IN_RANGE) {
                r = add_real(o, "heart_rate", e->limit.heart_rate);
                if (r >= 0)
                        r = add_real(o, "ceiling", e->limit.ceiling);
                if (r >= 0)
                        r = add_integer(o, "seconds", e->limit.seconds);
        } else if (e->type == FOLLOWER_SESSION_STARTED) {
                r = add_time(o, "started", e->session.at_realtime_usec);
        } else if (e->type == FOLLOWER_TROUBLE) {
                r = add_text(o, "kind", e->trouble.kind);
                if (r >= 0)
                        r = add_text(o, "text", e->trouble.text);
        }
        return r;
}

int payload_event(
                const FollowerEvent *e, const char *device, int64_t session, usec_t realtime_usec, char **ret)
{
        _cleanup_object_ json_object *o = NULL;
        const char *name = event_name(e->type);
        int r;

        if (!name)
                return -ENOENT;
        session = event_session(e, session);
        o = json_object_new_object();
        r = o ? add_text(o, "event", name) : -ENOMEM;
        if (r >= 0)
                r = add_text(o, "device", device);
        if (r >= 0)
                r = add_time(o, "time", realtime_usec);
        if (r >= 0)
                r = session != 0 ? add_integer(o, "session", session) : json_add_null(o, "session");
        if (r >= 0)
                r = add_details(o, e);
        return r < 0 ? r : take(o, ret);
}

/* -- Sessions -------------------------------------------------------------------------------------------- */

/* View `sessions`, in its order. GetSession leaves out what is NULL, and has more than the view. */
static const char *const columns[] = {
        "id",
        "date",
        "start",
        "duration",
        "kind",
        "avg_bpm",
        "peak_bpm",
        "ceiling",
        "over",
        "breaches",
        "longest_breach",
        "easy_percent",
        "strap",
        "duration_s",
        "over_s",
        "trimp",
        "verdict",
        "talk_test",
        "rpe",
        "note",
        "source",
        "rmssd",
        "distance_km",
        "pace",
        "ascent_m",
};

/* A text that the runner may have written: line breaks and tabs in it stay. */
static int add_lines(json_object *o, const char *key, const char *text)
{
        _cleanup_free_ char *copy = strndup(text, utf8_fit(text, TEXT_MAX));
        char *to = copy;
        size_t length;
        uint32_t c;

        if (!copy)
                return -ENOMEM;
        for (const char *from = copy; *from; from += length) {
                length = utf8_next(from, &c);
                if (c != '\n' && c != '\t' && (c == UTF8_INVALID || utf8_is_control(c))) {
                        *to++ = '?';
                } else {
                        memmove(to, from, length);
                        to += length;
                }
        }
        *to = '\0';
        return json_add(o, key, json_object_new_string(copy));
}

/* Its type is the value's, as in SQLite, not the column's. */
static int read_value(sd_bus_message *m, json_object *o, const char *key)
{
        const char *contents, *text;
        int64_t integer;
        double real;
        int r = sd_bus_message_peek_type(m, NULL, &contents);

        if (r < 0)
                return r;
        if (strcmp(contents, "x") == 0) {
                r = sd_bus_message_read(m, "v", "x", &integer);
                return r < 0 ? r : add_integer(o, key, integer);
        }
        if (strcmp(contents, "d") == 0) {
                r = sd_bus_message_read(m, "v", "d", &real);
                return r < 0 ? r : add_real(o, key, real);
        }
        if (strcmp(contents, "s") == 0) {
                r = sd_bus_message_read(m, "v", "s", &text);
                return r < 0 ? r : add_lines(o, key, text);
        }
        return sd_bus_message_skip(m, "v");
}

static int read_column(sd_bus_message *m, json_object *o)
{
        const char *name;
        int r = sd_bus_message_read(m, "s", &name);

        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(columns); i++)
                if (strcmp(columns[i], name) == 0)
                        return read_value(m, o, columns[i]);
        return sd_bus_message_skip(m, "v");
}

static int read_row(sd_bus_message *m, json_object *o)
{
        int r = sd_bus_message_enter_container(m, 'a', "{sv}");

        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = read_column(m, o);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

int payload_session(sd_bus_message *reply, const char *device, char **ret)
{
        _cleanup_object_ json_object *o = json_object_new_object();
        int r = o ? add_text(o, "device", device) : -ENOMEM;

        /* Their order stays when they get their values. */
        for (size_t i = 0; i < ELEMENTSOF(columns) && r >= 0; i++)
                r = json_add_null(o, columns[i]);
        if (r >= 0)
                r = read_row(reply, o);
        if (r >= 0 && !json_object_is_type(json_object_object_get(o, "id"), json_type_int))
                r = -EBADMSG;
        return r < 0 ? r : take(o, ret);
}
