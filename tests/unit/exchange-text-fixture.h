/* SPDX-License-Identifier: MIT */
#pragma once

/* A session and its items, what a writer makes of them, and readers of others: XML is read by libxml2 and held against
 * tests/exchange/tcx-subset.xsd, JSON is read by json-c. */

#include "exchange/exchange.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <json-c/json.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "cardio/macro.h"
#include "exchange-fixture.h"

#define SCHEMA "tests/exchange/tcx-subset.xsd"
#define TCX_NS "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"

/* 2026-05-17 08:00:00.250 in UTC+2, of ten seconds. */
static inline ExchangeSession a_session(void)
{
        ExchangeSession s = fixture_run;

        s.started_at = INT64_C(1778997600250);
        s.length = 10000;
        s.kind = "base";
        s.device = "Strap";
        s.verdict = "good";
        s.average = 141.66666666666666;
        s.lowest = 139.5;
        s.peak = 143;
        s.maximum = 190;
        s.ceiling = 148;
        s.tolerance = 2;
        s.live_s = 9.75;
        s.over_s = 0;
        return s;
}

static inline ExchangeItem sample(int64_t t, unsigned bpm, double smoothed)
{
        ExchangeItem item = heart_rate(t, bpm);

        item.sample.smoothed = smoothed;
        return item;
}

/* The whole file, to be freed. */
static inline char *text_of(const ExchangeFormat *format, const ExchangeSession *session,
                const ExchangeItem *item, size_t n)
{
        File f = { 0 };
        char *text;

        assert_int_equal(exchange_write(format, &f, session, item, n), 0);
        text = strndup(f.size > 0 ? (const char *)f.data : "", f.size);
        assert_non_null(text);
        assert_int_equal(strlen(text), f.size);
        file_done(&f);
        return text;
}

/* A workout that began a moment late, with a gap, two heart rates in one second, and a mark. */
static const ExchangeItem items[] = {
        { .type = EXCHANGE_RR, .t = 0, .rr = { .rr = 430, .flag = -1 } },
        { .type = EXCHANGE_SAMPLE, .t = 0, .sample = { 140, 139.5, 2, 1 } },
        { .type = EXCHANGE_EVENT, .t = 400, .event = { "step", 1, "warm-up" } },
        { .type = EXCHANGE_SAMPLE, .t = 751, .sample = { 141, 140, 2, 2 } },
        { .type = EXCHANGE_SAMPLE, .t = 1740, .sample = { 228, 143.25, 2, 0 } },
        { .type = EXCHANGE_EVENT, .t = 1740, .event = { "gap", 5.26, "" } },
        { .type = EXCHANGE_EVENT, .t = 5500, .event = { "step", 2, "easy" } },
        { .type = EXCHANGE_EVENT, .t = 6000, .event = { "mark", NAN, "Hill, \"steep\"" } },
        { .type = EXCHANGE_RR, .t = 7000, .rr = { .rr = 831, .flag = 0 } },
        { .type = EXCHANGE_RR, .t = 7000, .rr = { .rr = 832, .flag = -1 } },
        { .type = EXCHANGE_SAMPLE, .t = 7000, .sample = { 72, 100, 1, 1 } },
        { .type = EXCHANGE_SAMPLE, .t = 10000, .sample = { 73, 72.5, 1, 1 } },
};

/* -- Readers -- */

static inline xmlDocPtr read_tcx(const char *text)
{
        xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(SCHEMA);
        xmlSchemaPtr schema = xmlSchemaParse(parser);
        xmlSchemaValidCtxtPtr valid;
        xmlDocPtr doc = xmlReadMemory(text, (int)strlen(text), "test", NULL, XML_PARSE_NONET);

        assert_non_null(schema);
        assert_non_null(doc);
        valid = xmlSchemaNewValidCtxt(schema);
        assert_non_null(valid);
        assert_int_equal(xmlSchemaValidateDoc(valid, doc), 0);
        xmlSchemaFreeValidCtxt(valid);
        xmlSchemaFree(schema);
        xmlSchemaFreeParserCtxt(parser);
        return doc;
}

/* What an XPath expression gives as text, to be freed by xmlFree(); t: is the namespace. */
static inline char *ask_tcx(xmlDocPtr doc, const char *xpath)
{
        xmlXPathContextPtr context = xmlXPathNewContext(doc);
        xmlXPathObjectPtr found;
        char *text;

        assert_non_null(context);
        assert_int_equal(xmlXPathRegisterNs(context, BAD_CAST "t", BAD_CAST TCX_NS), 0);
        found = xmlXPathEvalExpression(BAD_CAST xpath, context);
        assert_non_null(found);
        text = (char *)xmlXPathCastToString(found);
        xmlXPathFreeObject(found);
        xmlXPathFreeContext(context);
        return text;
}

static inline void assert_tcx(xmlDocPtr doc, const char *xpath, const char *expected)
{
        char *text = ask_tcx(doc, xpath);

        assert_string_equal(text, expected);
        xmlFree(text);
}

static inline json_object *read_json(const char *text)
{
        json_tokener *t = json_tokener_new();
        json_object *document;

        assert_non_null(t);
        json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
        document = json_tokener_parse_ex(t, text, (int)strlen(text) + 1);
        assert_int_equal(json_tokener_get_error(t), json_tokener_success);
        assert_non_null(document);
        json_tokener_free(t);
        return document;
}

static inline json_object *member(json_object *o, const char *key)
{
        json_object *value = NULL;

        assert_true(json_object_object_get_ex(o, key, &value));
        return value;
}
