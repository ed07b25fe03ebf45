/* SPDX-License-Identifier: MIT */
/* Findings of `doctor`, kept as one JSON document until all is found, and printed as lines. No clock. */
#include "doctor/toolbox.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"

/* Columns of the words in front of a finding. */
#define HEALTH_COLUMNS 9
#define CHECK_COLUMNS  15
#define NARROW_COLUMNS 70 /* below that a finding gets lines of its own */

static const char *health_to_string(Health health)
{
        switch (health) {
        case HEALTH_OK:
                return "ok";
        case HEALTH_WARNING:
                return "warning";
        case HEALTH_FAILURE:
                return "failure";
        case _HEALTH_MAX:
        case _HEALTH_INVALID:
                break;
        }
        assert(!"a health");
        return "";
}

void doctor_tell(Doctor *d, const char *check, Health health, const char *advice, const char *format, ...)
{
        json_object *finding = checked(json_object_new_object());
        _cleanup_free_ char *text = NULL;
        va_list arguments;
        int r;

        va_start(arguments, format);
        r = vasprintf(&text, format, arguments);
        va_end(arguments);
        if (r < 0)
                out_of_memory();
        json_add(finding, "check", checked(json_object_new_string(check)));
        json_add(finding, "health", checked(json_object_new_string(health_to_string(health))));
        json_add(finding, "text", checked(json_object_new_string(text)));
        json_add(finding, "advice", advice ? checked(json_object_new_string(advice)) : NULL);
        json_append(d->findings, finding);
        if (health > d->worst)
                d->worst = health;
}

static void print_finding(const Output *out, json_object *finding)
{
        static const Style styles[_HEALTH_MAX] = { STYLE_GOOD, STYLE_WARNING, STYLE_BAD };
        const char *text = json_text(finding, "text"), *advice = json_text(finding, "advice");
        const char *health = json_text(finding, "health");
        unsigned column = HEALTH_COLUMNS + CHECK_COLUMNS;

        for (Health h = HEALTH_OK; h < _HEALTH_MAX; h++)
                if (strcmp(health, health_to_string(h)) == 0)
                        output_text(out, styles[h], "%-*s", HEALTH_COLUMNS, health);
        if (out->width == 0 || out->width >= NARROW_COLUMNS) {
                output_text(out, STYLE_PLAIN, "%-*s", CHECK_COLUMNS, json_text(finding, "check"));
        } else {
                output_text(out, STYLE_PLAIN, "%s", json_text(finding, "check"));
                column = 2;
                printf("\n%*s", (int)column, "");
        }
        output_wrapped(out, STYLE_PLAIN, column, column, "%s%s%s", text, advice ? ": " : "",
                        advice ? advice : "");
}

void doctor_print(const Doctor *d)
{
        for (size_t i = 0; i < json_object_array_length(d->findings); i++)
                print_finding(&d->call->out, json_object_array_get_idx(d->findings, i));
}
