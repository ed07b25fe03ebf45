/* SPDX-License-Identifier: MIT */

/* What has to hold of every JSON document, as json-c reads it: each item is there, in its order, with the numbers and the text
 * that it has. No clock. */

#include "text-judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "cardio/macro.h"
#include "cardio/text.h"

typedef struct Judge {
        const ExchangeItem *items;
        size_t n_items, next;
        const char *wrong; /* the first thing that was */
} Judge;

static void require(Judge *j, bool holds, const char *otherwise)
{
        if (!holds && !j->wrong)
                j->wrong = otherwise;
}

static json_object *member(json_object *o, const char *key)
{
        json_object *value = NULL;

        (void)json_object_object_get_ex(o, key, &value);
        return value;
}

static bool is_real(json_object *o, double meant)
{
        return real_is_read(o != NULL, json_object_get_double(o), meant);
}

/* As it is, or with U+FFFD for each byte that is not UTF-8; null for "". */
static bool is_text(json_object *o, const char *meant)
{
        const char *read = o ? json_object_get_string(o) : "";

        if (!*meant)
                return o == NULL;
        while (*meant) {
                uint32_t c, other = 0;

                meant += utf8_next(meant, &c);
                if (!*read)
                        return false;
                read += utf8_next(read, &other);
                if (other != (c == UTF8_INVALID ? 0xfffd : c))
                        return false;
        }
        return *read == '\0';
}

static const ExchangeItem *next_item(Judge *j, json_object *o, ExchangeItemType type)
{
        static const ExchangeItem none = { .type = _EXCHANGE_ITEM_TYPE_INVALID };
        const ExchangeItem *item = j->next < j->n_items ? j->items + j->next : &none;

        j->next++;
        require(j, item->type == type, "an item that is not there, or elsewhere");
        require(j, json_object_get_int64(member(o, "t")) == item->t, "another time");
        return item;
}

static void judge_rr(Judge *j, json_object *o)
{
        json_object *rr = member(o, "rr"), *flags = member(o, "rr_flags");
        size_t n = json_object_is_type(rr, json_type_array) ? json_object_array_length(rr) : 0;

        require(j, !flags || json_object_array_length(flags) == n, "flags of other intervals");
        for (size_t i = 0; i < n && !j->wrong; i++) {
                json_object *flag = flags ? json_object_array_get_idx(flags, i) : NULL;
                const ExchangeItem *item = next_item(j, o, EXCHANGE_RR);

                require(j, json_object_get_int(json_object_array_get_idx(rr, i)) == item->rr.rr,
                                "another interval");
                require(j, (flag ? json_object_get_int(flag) : -1) == item->rr.flag, "another flag");
        }
}

static void judge_sample(Judge *j, json_object *o)
{
        const ExchangeItem *item = next_item(j, o, EXCHANGE_SAMPLE);
        json_object *contact = member(o, "contact");

        if (j->wrong)
                return;
        require(j, json_object_get_int64(member(o, "heart_rate")) == item->sample.heart_rate,
                        "another heart rate");
        require(j, is_real(member(o, "smoothed"), item->sample.smoothed), "another smoothed heart rate");
        require(j, json_object_get_int64(member(o, "zone")) == item->sample.zone, "another zone");
        require(j,
                        item->sample.contact % 3 == 0
                                        ? contact == NULL
                                        : json_object_get_boolean(contact) == (item->sample.contact == 1),
                        "another contact");
        require(j, (member(o, "settled") != NULL) == item->sample.unsettled, "settled or not");
        require(j, json_object_object_get_ex(o, "alpha1", NULL) == item->sample.has_alpha1, "alpha 1 or not");
        require(j, !item->sample.has_alpha1 || is_real(member(o, "alpha1"), item->sample.alpha1),
                        "another alpha 1");
}

static void judge_pace(Judge *j, json_object *o)
{
        const ExchangeItem *item = next_item(j, o, EXCHANGE_PACE);

        if (j->wrong)
                return;
        require(j,
                        is_real(member(o, "speed"), item->pace.speed) &&
                                        is_real(member(o, "cadence"), item->pace.cadence) &&
                                        is_real(member(o, "distance"), item->pace.distance) &&
                                        is_real(member(o, "incline"), item->pace.incline) &&
                                        is_real(member(o, "ascent"), item->pace.ascent),
                        "another pace");
}

static void judge_event(Judge *j, json_object *o)
{
        const ExchangeItem *item = next_item(j, o, EXCHANGE_EVENT);

        if (j->wrong)
                return;
        require(j, is_real(member(o, "value"), item->event.value), "another value");
        require(j, is_text(member(o, "detail"), item->event.detail), "another detail");
        require(j, *item->event.type == '\0' || is_text(member(o, "event"), item->event.type),
                        "another event");
}

static void judge_zones(Judge *j, json_object *zones, const ExchangeSession *s)
{
        size_t n = 0, there = 0;

        for (size_t i = 0; i < EXCHANGE_ZONES; i++)
                n += isfinite(s->zone_s[i]);
        for (size_t i = 0; i < json_object_array_length(zones); i++) {
                json_object *o = json_object_array_get_idx(zones, i);
                int zone = json_object_get_int(member(o, "zone"));

                there += zone >= 0 && zone < (int)EXCHANGE_ZONES &&
                         is_real(member(o, "seconds"), s->zone_s[zone]);
        }
        require(j, there == n, "other times in zones");
}

static void judge_session(Judge *j, json_object *o, const ExchangeSession *s)
{
        require(j, json_object_get_int64(member(o, "id")) == s->id, "another session");
        require(j, json_object_get_int64(member(o, "started_at")) == s->started_at, "another start");
        require(j, json_object_get_int64(member(o, "ended_at")) == s->started_at + s->length, "another end");
        require(j, json_object_get_int64(member(o, "utc_offset_s")) == s->utc_offset_s, "another offset");
        require(j, is_text(member(o, "kind"), s->kind) && is_text(member(o, "strap"), s->device),
                        "another kind or strap");
        require(j, is_text(member(o, "note"), s->note) && is_text(member(o, "verdict"), s->verdict),
                        "another note or verdict");
        require(j, is_real(member(o, "avg_hr"), s->average) && is_real(member(o, "peak_hr"), s->peak),
                        "another average or peak");
        require(j, is_real(member(o, "ceiling"), s->ceiling) && is_real(member(o, "over_s"), s->over_s),
                        "another ceiling or time over it");
        require(j, is_real(member(o, "trimp"), s->trimp), "another TRIMP");
        require(j, is_text(member(o, "said_kind"), s->said_kind) && is_text(member(o, "workout"), s->workout),
                        "another kind that was said, or workout");
        require(j,
                        is_text(member(o, "ceiling_expression"), s->ceiling_expression) &&
                                        is_text(member(o, "zone_bounds"), s->zone_bounds),
                        "other expressions");
        require(j, json_object_get_int64(member(o, "breaches")) == s->breaches, "other breaches");
        require(j, json_object_get_boolean(member(o, "by_hand")) == s->by_hand, "by hand or not");
        judge_zones(j, member(o, "zones"), s);
}

static void judge_document(Judge *j, json_object *document, const ExchangeSession *session)
{
        json_object *timeline = member(document, "timeline");

        judge_session(j, member(document, "session"), session);
        require(j, json_object_is_type(timeline, json_type_array), "no timeline");
        for (size_t i = 0; !j->wrong && i < json_object_array_length(timeline); i++) {
                json_object *o = json_object_array_get_idx(timeline, i);

                judge_rr(j, o);
                if (member(o, "heart_rate"))
                        judge_sample(j, o);
                else if (json_object_object_get_ex(o, "event", NULL))
                        judge_event(j, o);
                else if (json_object_object_get_ex(o, "speed", NULL))
                        judge_pace(j, o);
        }
        require(j, j->next == j->n_items, "items are missing");
}

/* As it may be printed on a terminal. */
static bool is_plain(const char *text)
{
        for (uint32_t c; *text;) {
                text += utf8_next(text, &c);
                if (utf8_is_control(c) && c != '\n')
                        return false;
        }
        return true;
}

const char *json_judge(const ExchangeSession *session, const ExchangeItem *items, size_t n_items,
                const uint8_t *data, size_t size)
{
        _cleanup_free_ char *text = strndup(size > 0 ? (const char *)data : "", size);
        Judge j = { .items = items, .n_items = n_items };
        json_tokener *t = json_tokener_new();
        json_object *document;

        require(&j, text && text_is_utf8(data, size) && is_plain(text), "no UTF-8, or control characters");
        if (j.wrong || !t) {
                json_tokener_free(t);
                return j.wrong;
        }
        json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
        document = json_tokener_parse_ex(t, text, (int)size + 1);
        if (document)
                judge_document(&j, document, session);
        else
                require(&j, false, "no JSON");
        (void)json_object_put(document);
        json_tokener_free(t);
        return j.wrong;
}
