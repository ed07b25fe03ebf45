/* SPDX-License-Identifier: MIT */
/* The findings of `doctor`, kept as one JSON document until all checks are done, and printed as lines. No clock. */
#include "doctor/findings.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"

/* The width of the words before a finding. */
#define RESULT_COLUMNS 9
#define CHECK_COLUMNS  15
#define NARROW_COLUMNS 70 /* on a narrower terminal a finding has lines of its own */

static const char *check_result_to_string(CheckResult result)
{
        switch (result) {
        case CHECK_OK:
                return "ok";
        case CHECK_WARNING:
                return "warning";
        case CHECK_FAILURE:
                return "failure";
        case _CHECK_RESULT_MAX:
        case _CHECK_RESULT_INVALID:
                break;
        }
        assert(!"a check result");
        return "";
}

void doctor_report(
                Doctor *d, const char *check, CheckResult result, const char *advice, const char *format, ...)
{
        _cleanup_free_ char *text = NULL;
        json_object *finding;
        va_list arguments;

        if (d->brief && result == CHECK_OK)
                return;
        finding = checked(json_object_new_object());
        va_start(arguments, format);
        text = text_formatted(format, arguments);
        va_end(arguments);
        json_add(finding, "check", checked(json_object_new_string(check)));
        json_add(finding, "health", checked(json_object_new_string(check_result_to_string(result))));
        json_add(finding, "text", checked(json_object_new_string(text)));
        json_add(finding, "advice", advice ? checked(json_object_new_string(advice)) : NULL);
        json_append(d->findings, finding);
        if (result > d->worst)
                d->worst = result;
}

static void print_finding(const Output *out, json_object *finding)
{
        static const Style styles[_CHECK_RESULT_MAX] = { STYLE_GOOD, STYLE_WARNING, STYLE_BAD };
        const char *text = json_text(finding, "text"), *advice = json_text(finding, "advice");
        const char *result = json_text(finding, "health");
        unsigned column = RESULT_COLUMNS + CHECK_COLUMNS;

        for (CheckResult h = CHECK_OK; h < _CHECK_RESULT_MAX; h++)
                if (strcmp(result, check_result_to_string(h)) == 0)
                        output_text(out, styles[h], "%-*s", RESULT_COLUMNS, result);
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

void doctor_print_troubles(const Output *out, json_object *findings)
{
        size_t n = json_object_array_length(findings);

        for (size_t i = 0; i < n; i++) {
                json_object *finding = json_object_array_get_idx(findings, i);
                bool failure = strcmp(json_text(finding, "health"), check_result_to_string(CHECK_FAILURE)) ==
                               0;
                Line line = line_begin(out, failure ? "Trouble" : "Warning");

                line_add(&line, failure ? STYLE_BAD : STYLE_WARNING, "%s", json_text(finding, "text"));
                line_end(&line);
        }
        if (n > 0)
                output_field(out, "", "`cardioctl doctor` says what to do");
}
