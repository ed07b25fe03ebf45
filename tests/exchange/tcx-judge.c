/* SPDX-License-Identifier: MIT */

/* What has to hold of every TCX file, as libxml2 reads it: its schema, a Trackpoint for each heart rate at its own time, laps
 * that follow one another and are together as long as the session. No clock. */

#include "pace-judge.h"
#include "text-judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include "cardio/macro.h"

#define SCHEMA "tests/exchange/tcx-subset.xsd"

typedef struct Judge {
        const ExchangeSession *session;
        const ExchangeItem *items;
        size_t n_items, next;
        double at; /* where the next lap begins, in s */
        PaceJudge *pace;
        double distance, from; /* so far, and where the lap begins; NAN, 0 = not known */
        const char *wrong;     /* the first thing that was */
} Judge;

static void require(Judge *j, bool holds, const char *otherwise)
{
        if (!holds && !j->wrong)
                j->wrong = otherwise;
}

static void not_said(void *userdata, const char *format, ...) __attribute__((__format__(printf, 2, 3)));
static void not_said(void *userdata, const char *format, ...)
{
        (void)userdata, (void)format;
}

static xmlSchemaPtr read_schema(void)
{
        xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(SCHEMA);
        xmlSchemaPtr schema = xmlSchemaParse(parser);

        xmlSchemaFreeParserCtxt(parser);
        return schema;
}

static bool schema_accepts(xmlDocPtr doc)
{
        static xmlSchemaPtr schema; /* read once: a fuzzer asks thousands of times */
        xmlSchemaValidCtxtPtr valid;
        bool accepts;

        if (!schema)
                schema = read_schema();
        valid = schema ? xmlSchemaNewValidCtxt(schema) : NULL;
        if (!valid)
                return false;
        xmlSchemaSetValidErrors(valid, not_said, not_said, NULL);
        accepts = xmlSchemaValidateDoc(valid, doc) == 0;
        xmlSchemaFreeValidCtxt(valid);
        return accepts;
}

static bool has_name(const xmlNode *node, const char *name)
{
        return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

/* The text of what is in a node under this name, or of a node inside; to be freed by xmlFree(). */
static xmlChar *text_in(xmlNodePtr node, const char *name)
{
        for (xmlNodePtr child = node->children; child; child = child->next)
                if (has_name(child, name))
                        return xmlNodeGetContent(child);
        return NULL;
}

static bool text_is(xmlNodePtr node, const char *name, const char *meant)
{
        xmlChar *text = text_in(node, name);
        bool same = text && strcmp((const char *)text, meant) == 0;

        xmlFree(text);
        return same;
}

static const ExchangeItem *next_sample(Judge *j)
{
        while (j->next < j->n_items && j->items[j->next].type != EXCHANGE_SAMPLE)
                j->next++;
        return j->next < j->n_items ? j->items + j->next++ : NULL;
}

/* Of an element in a node, or in the one that is in its Extensions; NAN = there is none. */
static double number_in(xmlNodePtr node, const char *name)
{
        xmlChar *text = text_in(node, name);
        double value = text ? strtod((const char *)text, NULL) : NAN;

        xmlFree(text);
        for (xmlNodePtr child = node->children; child && !text; child = child->next)
                if (has_name(child, "Extensions") && child->children)
                        return number_in(child->children, name);
        return value;
}

typedef struct FoundPace {
        const Judge *judge;
        xmlNodePtr node;
        bool has_heart_rate;
} FoundPace;

static bool number_is(xmlNodePtr node, const char *name, double meant)
{
        double found = number_in(node, name);

        return isnan(meant) ? isnan(found) : real_is_read(!isnan(found), found, meant);
}

static bool is_same_pace(const ExchangeItem *row, const void *userdata)
{
        const FoundPace *found = userdata;
        char moment[JUDGED_MOMENT_MAX];

        return (found->has_heart_rate || text_is(found->node, "Time",
                                                         judged_moment(found->judge->session, row->t, false,
                                                                         moment))) &&
               number_is(found->node, "DistanceMeters", row->pace.distance) &&
               number_is(found->node, "Speed", row->pace.speed) &&
               number_is(found->node, "RunCadence", round(row->pace.cadence / 2));
}

static void judge_pace(Judge *j, xmlNodePtr node, const ExchangeItem *heart_rate)
{
        const FoundPace found = { j, node, heart_rate != NULL };
        double distance = number_in(node, "DistanceMeters");
        bool any = !heart_rate || !isnan(distance) || !isnan(number_in(node, "Speed")) ||
                   !isnan(number_in(node, "RunCadence"));

        require(j, !any || pace_judge_record(j->pace, heart_rate, distance, is_same_pace, &found),
                        "another pace");
        if (!isnan(distance))
                j->distance = distance;
}

/* Or one that the format cannot say. */
static bool has_heart_rate(const Judge *j, xmlNodePtr node)
{
        Judge ahead = *j;
        const ExchangeItem *next = next_sample(&ahead);
        char moment[JUDGED_MOMENT_MAX];

        for (xmlNodePtr child = node->children; child; child = child->next)
                if (has_name(child, "HeartRateBpm"))
                        return true;
        return next && (next->sample.heart_rate == 0 || next->sample.heart_rate > 255) &&
               text_is(node, "Time", judged_moment(j->session, next->t, false, moment));
}

static void judge_trackpoint(Judge *j, xmlNodePtr node)
{
        const ExchangeItem *item;
        char moment[JUDGED_MOMENT_MAX];
        unsigned heart_rate;
        xmlChar *text;

        if (j->session->has_pace && !has_heart_rate(j, node)) {
                judge_pace(j, node, NULL);
                return;
        }
        item = next_sample(j);
        require(j, item != NULL, "a Trackpoint too many");
        if (!item)
                return;
        judge_pace(j, node, item);
        require(j, text_is(node, "Time", judged_moment(j->session, item->t, false, moment)), "another Time");
        text = text_in(node, "HeartRateBpm");
        heart_rate = text ? (unsigned)strtoul((const char *)text, NULL, 10) : 0;
        require(j, heart_rate == (item->sample.heart_rate <= 255 ? item->sample.heart_rate : 0),
                        "another heart rate");
        xmlFree(text);
        require(j, (double)item->t / 1000 >= j->at - 0.0005, "a heart rate in a lap after its own");
}

/* Where a lap begins, as the ones before it end. */
static void judge_lap(Judge *j, xmlNodePtr lap)
{
        xmlChar *start = xmlGetProp(lap, (const xmlChar *)"StartTime"),
                *text = text_in(lap, "TotalTimeSeconds");
        char moment[JUDGED_MOMENT_MAX];

        (void)judged_moment(j->session, llround(j->at * 1000), false, moment);
        require(j, start && (strcmp((const char *)start, moment) == 0 || j->at > 1e12),
                        "a lap that begins elsewhere");
        j->from = isnan(j->distance) ? 0 : j->distance;
        for (xmlNodePtr track = lap->children; track; track = track->next)
                for (xmlNodePtr point = has_name(track, "Track") ? track->children : NULL; point;
                                point = point->next)
                        if (has_name(point, "Trackpoint"))
                                judge_trackpoint(j, point);
        require(j,
                        fabs(number_in(lap, "DistanceMeters") -
                                        (isnan(j->distance) ? 0 : j->distance - j->from)) < 0.001,
                        "another distance of a lap");
        require(j, !isnan(j->distance) || isnan(number_in(lap, "AvgSpeed")), "an average speed of nothing");
        require(j,
                        isnan(j->distance) || !text || strtod((const char *)text, NULL) < 1 ||
                                        fabs(number_in(lap, "AvgSpeed") * strtod((const char *)text, NULL) -
                                                        (j->distance - j->from)) <
                                                        0.01 + 1e-3 * (j->distance - j->from),
                        "another average speed of a lap");
        j->at += text ? strtod((const char *)text, NULL) : 0;
        xmlFree(start);
        xmlFree(text);
}

static void judge_activity(Judge *j, xmlNodePtr activity)
{
        int64_t length = j->session->length;
        char moment[JUDGED_MOMENT_MAX];

        require(j, text_is(activity, "Id", judged_moment(j->session, 0, false, moment)), "another Id");
        for (xmlNodePtr node = activity->children; node; node = node->next)
                if (has_name(node, "Lap"))
                        judge_lap(j, node);
        require(j, next_sample(j) == NULL, "heart rates are missing");
        require(j, pace_judge_end(j->pace), "pace is missing");
        for (size_t i = 0; i < j->n_items; i++)
                if (j->items[i].type == EXCHANGE_SAMPLE && j->items[i].t > length)
                        length = j->items[i].t;
        require(j, fabs(j->at - (double)length / 1000) < 0.0005 + 1e-12 * (double)length,
                        "laps that are not as long as the session");
}

const char *tcx_judge(const ExchangeSession *session, const ExchangeItem *items, size_t n_items,
                const uint8_t *data, size_t size)
{
        _cleanup_pace_judge_ PaceJudge pace;
        Judge j = { .session = session, .items = items, .n_items = n_items, .pace = &pace, .distance = NAN };
        xmlDocPtr doc = xmlReadMemory((const char *)data, (int)size, "judged", NULL,
                        XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);

        pace_judge_begin(&pace, session, items, n_items, false);
        require(&j, text_is_utf8(data, size), "no UTF-8");
        require(&j, doc != NULL, "no XML");
        require(&j, doc && schema_accepts(doc), "not by the schema");
        for (xmlNodePtr a = doc && !j.wrong ? xmlDocGetRootElement(doc)->children : NULL; a; a = a->next)
                for (xmlNodePtr b = a->children; b; b = b->next)
                        if (has_name(b, "Activity"))
                                judge_activity(&j, b);
        xmlFreeDoc(doc);
        return j.wrong;
}
