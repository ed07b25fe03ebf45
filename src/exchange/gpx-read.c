/* SPDX-License-Identifier: MIT */

/* GPX with heart rates. GPX itself has none: they are in what others put into a trackpoint's extensions. Garmin's
 * TrackPointExtension has hr and cad, in versions 1 and 2 alike, and Cluetrust's has hr, cadence and distance; they are taken in
 * any namespace, by any prefix, at any depth. Elements of GPX itself go by their names, in its namespaces or in none.
 *
 * A track is an activity, however many segments it has: they are where the signal was lost, or where it was paused. Waypoints and
 * routes are no activities. How far and how fast it was only extensions say; nothing is made of positions.
 *
 * A track's type is a word, but for files of Strava, which had numbers there until some years ago: 9 was a run. A number of
 * anybody else says nothing. No clock. */

#include "exchange/reading-track.h"
#include "exchange/xml-read.h"

#include <math.h>
#include <string.h>

#include "cardio/macro.h"

#define STRAVA_RUN "9"

typedef enum Element {
        GPX_ROOT = 1,
        GPX_TRACK,
        GPX_NAME,
        GPX_COMMENT,
        GPX_TYPE,
        GPX_SEGMENT,
        GPX_POINT,
        GPX_TIME,
        GPX_EXTENSIONS,
        GPX_HEART_RATE,
        GPX_CADENCE,
        GPX_SPEED,
        GPX_DISTANCE,
} Element;

static const XmlElement elements[] = {
        { GPX_ROOT, 0, "gpx", false },
        { GPX_TRACK, GPX_ROOT, "trk", false },
        { GPX_NAME, GPX_TRACK, "name", false },
        { GPX_COMMENT, GPX_TRACK, "cmt", false },
        { GPX_COMMENT, GPX_TRACK, "desc", false },
        { GPX_TYPE, GPX_TRACK, "type", false },
        { GPX_SEGMENT, GPX_TRACK, "trkseg", false },
        { GPX_POINT, GPX_SEGMENT, "trkpt", false },
        { GPX_TIME, GPX_POINT, "time", false },
        { GPX_SPEED, GPX_POINT, "speed", false }, /* of GPX 1.0 */
        { GPX_EXTENSIONS, GPX_POINT, "extensions", false },
        { GPX_HEART_RATE, GPX_EXTENSIONS, "hr", true },
        { GPX_HEART_RATE, GPX_EXTENSIONS, "heartrate", true },
        { GPX_CADENCE, GPX_EXTENSIONS, "cad", true },
        { GPX_CADENCE, GPX_EXTENSIONS, "cadence", true },
        { GPX_SPEED, GPX_EXTENSIONS, "speed", true },
        { GPX_DISTANCE, GPX_EXTENSIONS, "distance", true },
        { GPX_EXTENSIONS, GPX_EXTENSIONS, NULL, true },
};

typedef struct GpxReader {
        ReadingTrack track;
        ReadingPoint point;
        char creator[READING_TEXT_MAX];
        bool has_comment; /* the note is one, and no name */
        bool any_track, any_point;
} GpxReader;

static int on_start(void *userdata, XmlReader *xml, int element)
{
        GpxReader *g = userdata;

        switch ((Element)element) {
        case GPX_ROOT:
                xml_attribute(xml, "creator", g->creator);
                return 0;
        case GPX_TRACK:
                reading_track_begin(&g->track);
                memcpy(g->track.activity.device, g->creator, sizeof(g->creator));
                g->has_comment = false;
                g->any_track = true;
                return 0;
        case GPX_POINT:
                g->point = READING_POINT_NONE;
                g->any_point = true;
                return 0;
        case GPX_NAME:
        case GPX_COMMENT:
        case GPX_TYPE:
        case GPX_SEGMENT:
        case GPX_TIME:
        case GPX_EXTENSIONS:
        case GPX_HEART_RATE:
        case GPX_CADENCE:
        case GPX_SPEED:
        case GPX_DISTANCE:
                break;
        }
        return 0;
}

static void end_type(GpxReader *g, const char *text)
{
        ReadingActivity *activity = &g->track.activity;
        double number;

        reading_plain(text, activity->sport);
        if (reading_number(activity->sport, &number) < 0)
                activity->is_running = reading_sport_is_running(activity->sport);
        else
                activity->is_running = !reading_has_word(g->creator, "strava") ||
                                       strcmp(activity->sport, STRAVA_RUN) == 0;
}

static int end_point(GpxReader *g, const XmlReader *xml)
{
        ReadingProblem place = { 0 };

        /* A bicycle's is no runner's. */
        g->point.cadence = g->track.activity.is_running
                                           ? reading_cadence_of_run(g->point.cadence, g->point.speed)
                                           : NAN;
        xml_place(xml, &place);
        return reading_track_point(&g->track, &g->point, &place);
}

static void end_heart_rate(GpxReader *g, const XmlReader *xml, const char *text)
{
        ReadingProblem place = { 0 };
        unsigned heart_rate;

        xml_place(xml, &place);
        heart_rate = reading_track_heart_rate(&g->track, text, &place);
        if (heart_rate > 0)
                g->point.heart_rate = heart_rate;
}

static void end_note(GpxReader *g, bool is_comment, const char *text)
{
        char note[READING_NOTE_MAX];

        reading_note(text, note);
        if (!*note || (g->has_comment && !is_comment))
                return;
        memcpy(g->track.activity.note, note, sizeof(note));
        g->has_comment = is_comment;
}

static int on_end(void *userdata, XmlReader *xml, int element, const char *text)
{
        GpxReader *g = userdata;

        switch ((Element)element) {
        case GPX_TRACK:
                return reading_track_end(&g->track);
        case GPX_POINT:
                return end_point(g, xml);
        case GPX_NAME:
        case GPX_COMMENT:
                end_note(g, element == GPX_COMMENT, text);
                break;
        case GPX_TYPE:
                end_type(g, text);
                break;
        case GPX_TIME:
                reading_plain(text, g->point.time);
                break;
        case GPX_HEART_RATE:
                end_heart_rate(g, xml, text);
                break;
        case GPX_CADENCE:
                g->point.cadence = reading_figure(text);
                break;
        case GPX_SPEED:
                g->point.speed = reading_figure(text);
                break;
        case GPX_DISTANCE:
                g->point.distance = reading_figure(text);
                break;
        case GPX_ROOT:
        case GPX_SEGMENT:
        case GPX_EXTENSIONS:
                break;
        }
        return 0;
}

static bool gpx_is(const uint8_t *data, size_t size)
{
        return xml_is(data, size, "gpx");
}

static int gpx_read(
                const uint8_t *data, size_t size, const ReadingTarget *target, ReadingProblem *ret_problem)
{
        static const XmlFormat format = {
                .elements = elements,
                .n_elements = ELEMENTSOF(elements),
                .space = "topografix.com/GPX/",
                .start = on_start,
                .end = on_end,
        };
        GpxReader g = { .track.target = target };
        int r;

        reading_track_begin(&g.track);
        r = xml_read(data, size, &format, &g, ret_problem);
        return reading_track_finish(&g.track, r,
                        !g.any_track   ? "it has no track"
                        : !g.any_point ? "it has no heart rates: its track has no trackpoints"
                                       : "it has no heart rates: no trackpoint has the extension for them",
                        ret_problem);
}

const ReadingFormat reading_gpx = {
        .name = "GPX",
        .extension = "gpx",
        .is = gpx_is,
        .read = gpx_read,
};
