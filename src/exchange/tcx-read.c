/* SPDX-License-Identifier: MIT */

/* Training Center XML, versions 1 and 2, as watches, sites and programs write it: a record for each Trackpoint that has a heart rate or
 * says how fast it went.
 *
 * What is read is the activities; courses and workouts are plans. Version 1 has them in folders of sports, and calls each a Run. A
 * lap is no more than where Trackpoints stand: a pause is the time between two of them. Of a lap's own figures none is needed, so
 * that it does not matter how its StartTime is written.
 *
 * A heart rate of 0, or an empty one, is how some write that there is none. RunCadence is of one foot by its definition, which
 * not all know; Cadence, which is a bicycle's, is what some sites have for a run as well. Elements go by their names, whatever the
 * prefix, in Garmin's namespaces or in none; what extends a Trackpoint is of any. No clock. */

#include "exchange/reading-track.h"
#include "exchange/xml-read.h"

#include <math.h>
#include <string.h>

#include "cardio/diary.h"
#include "cardio/macro.h"
#include "exchange/tcx.h"

#define OFFSET_MAX_S (24 * 3600)

typedef enum Element {
        TCX_ROOT = 1,
        TCX_ACTIVITIES,
        TCX_SPORTS, /* several sports in one file */
        TCX_ACTIVITY,
        TCX_LAP,
        TCX_TRACK,
        TCX_POINT,
        TCX_TIME,
        TCX_HEART_RATE,
        TCX_HEART_RATE_VALUE,
        TCX_DISTANCE,
        TCX_CADENCE,
        TCX_EXTENSIONS,
        TCX_SPEED,
        TCX_RUN_CADENCE,
        TCX_NOTES,
        TCX_CREATOR,
        TCX_CREATOR_NAME,
        TCX_ACTIVITY_EXTENSIONS,
        TCX_OURS, /* see tcx.h */
        /* Of version 1. */
        TCX_HISTORY,
        TCX_RUNNING,
        TCX_BIKING,
        TCX_OTHER,
        TCX_FOLDER, /* in one of these, or in one of itself */
        TCX_SEVERAL,
        TCX_RUN, /* an activity, of whatever sport */
} Element;

static const XmlElement elements[] = {
        { TCX_ROOT, 0, "TrainingCenterDatabase", false },
        { TCX_ACTIVITIES, TCX_ROOT, "Activities", false },
        { TCX_ACTIVITY, TCX_ACTIVITIES, "Activity", false },
        { TCX_SPORTS, TCX_ACTIVITIES, "MultiSportSession", false },
        { TCX_SPORTS, TCX_SPORTS, "FirstSport", false },
        { TCX_SPORTS, TCX_SPORTS, "NextSport", false },
        { TCX_ACTIVITY, TCX_SPORTS, "Activity", false },
        { TCX_LAP, TCX_ACTIVITY, "Lap", false },
        { TCX_NOTES, TCX_ACTIVITY, "Notes", false },
        { TCX_CREATOR, TCX_ACTIVITY, "Creator", false },
        { TCX_CREATOR_NAME, TCX_CREATOR, "Name", false },
        { TCX_ACTIVITY_EXTENSIONS, TCX_ACTIVITY, "Extensions", false },
        { TCX_OURS, TCX_ACTIVITY_EXTENSIONS, TCX_SESSION, true },
        { TCX_HISTORY, TCX_ROOT, "History", false },
        { TCX_RUNNING, TCX_HISTORY, "Running", false },
        { TCX_BIKING, TCX_HISTORY, "Biking", false },
        { TCX_OTHER, TCX_HISTORY, "Other", false },
        { TCX_SEVERAL, TCX_HISTORY, "MultiSport", false },
        { TCX_SEVERAL, TCX_SEVERAL, "Folder", false },
        { TCX_SEVERAL, TCX_SEVERAL, "MultiSportSession", false },
        { TCX_SEVERAL, TCX_SEVERAL, "FirstSport", false },
        { TCX_SEVERAL, TCX_SEVERAL, "NextSport", false },
        { TCX_RUNNING, TCX_SEVERAL, "Running", false },
        { TCX_BIKING, TCX_SEVERAL, "Biking", false },
        { TCX_OTHER, TCX_SEVERAL, "Other", false },
        { TCX_RUN, TCX_SEVERAL, "Run", false },
        { TCX_FOLDER, TCX_RUNNING, "Folder", false },
        { TCX_FOLDER, TCX_BIKING, "Folder", false },
        { TCX_FOLDER, TCX_OTHER, "Folder", false },
        { TCX_FOLDER, TCX_FOLDER, "Folder", false },
        { TCX_RUN, TCX_RUNNING, "Run", false },
        { TCX_RUN, TCX_BIKING, "Run", false },
        { TCX_RUN, TCX_OTHER, "Run", false },
        { TCX_RUN, TCX_FOLDER, "Run", false },
        { TCX_LAP, TCX_RUN, "Lap", false },
        { TCX_TRACK, TCX_RUN, "Track", false },
        { TCX_NOTES, TCX_RUN, "Notes", false },
        { TCX_TRACK, TCX_LAP, "Track", false },
        { TCX_POINT, TCX_TRACK, "Trackpoint", false },
        { TCX_TIME, TCX_POINT, "Time", false },
        { TCX_HEART_RATE, TCX_POINT, "HeartRateBpm", false },
        { TCX_HEART_RATE_VALUE, TCX_HEART_RATE, "Value", false },
        { TCX_DISTANCE, TCX_POINT, "DistanceMeters", false },
        { TCX_CADENCE, TCX_POINT, "Cadence", false },
        { TCX_EXTENSIONS, TCX_POINT, "Extensions", false },
        { TCX_SPEED, TCX_EXTENSIONS, "Speed", true },
        { TCX_RUN_CADENCE, TCX_EXTENSIONS, "RunCadence", true },
        { TCX_EXTENSIONS, TCX_EXTENSIONS, NULL, true },
};

typedef struct TcxReader {
        ReadingTrack track;
        ReadingPoint point;
        double cadence, run_cadence; /* of the point, as they are written */
        const char *sport;           /* of the part of a History that is read */
        bool any_activity, any_point;
} TcxReader;

static void begin_activity(TcxReader *t)
{
        reading_track_begin(&t->track);
        t->any_activity = true;
}

static double number_or_nan(const char *text)
{
        double value;

        return reading_number(text, &value) == 0 ? value : NAN;
}

/* What a file of ours says of its session. */
static void take_ours(TcxReader *t, const XmlReader *xml)
{
        ReadingActivity *a = &t->track.activity;
        const struct {
                const char *name;
                char *to; /* of READING_TEXT_MAX */
        } texts[] = {
                { "Kind", a->kind },
                { "Device", a->device },
                { "TalkTest", a->talk_test },
                { "DayKind", a->day_kind },
                { "Workout", a->workout },
                { "CeilingExpression", a->ceiling_expression },
                { "ZoneModel", a->zone_model },
                { "ZoneBounds", a->zone_bounds },
                { "Sex", a->sex },
        };
        const struct {
                const char *name;
                double *to;
        } figures[] = {
                { "MaximumHeartRate", &a->maximum },
                { "RestingHeartRate", &a->resting },
                { "Ceiling", &a->ceiling },
                { "Tolerance", &a->tolerance },
        };
        char text[READING_TEXT_MAX];
        double value;

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                xml_attribute(xml, texts[i].name, texts[i].to);
        for (size_t i = 0; i < ELEMENTSOF(figures); i++) {
                xml_attribute(xml, figures[i].name, text);
                *figures[i].to = number_or_nan(text);
        }
        xml_attribute(xml, "UtcOffsetSeconds", text);
        value = number_or_nan(text);
        if (fabs(value) <= OFFSET_MAX_S) {
                a->has_offset = true;
                a->utc_offset_s = (int32_t)value;
        }
        xml_attribute(xml, "Rpe", text);
        value = number_or_nan(text);
        a->rpe = value >= 1 && value <= RPE_MAX ? (unsigned)value : 0;
        xml_attribute(xml, "ByHand", text);
        a->by_hand = number_or_nan(text) == 1;
}

static int on_start(void *userdata, XmlReader *xml, int element)
{
        TcxReader *t = userdata;

        switch ((Element)element) {
        case TCX_ACTIVITY:
                begin_activity(t);
                xml_attribute(xml, "Sport", t->track.activity.sport);
                t->track.activity.is_running = reading_sport_is_running(t->track.activity.sport);
                return 0;
        case TCX_RUN:
                begin_activity(t);
                reading_plain(t->sport, t->track.activity.sport);
                t->track.activity.is_running = reading_sport_is_running(t->sport);
                return 0;
        case TCX_OURS:
                take_ours(t, xml);
                return 0;
        case TCX_RUNNING:
                t->sport = "Running";
                return 0;
        case TCX_BIKING:
                t->sport = "Biking";
                return 0;
        case TCX_OTHER:
        case TCX_SEVERAL:
                t->sport = "Other";
                return 0;
        case TCX_POINT:
                t->point = READING_POINT_NONE;
                t->cadence = t->run_cadence = NAN;
                t->any_point = true;
                return 0;
        case TCX_ROOT:
        case TCX_ACTIVITIES:
        case TCX_SPORTS:
        case TCX_LAP:
        case TCX_TRACK:
        case TCX_TIME:
        case TCX_HEART_RATE:
        case TCX_HEART_RATE_VALUE:
        case TCX_DISTANCE:
        case TCX_CADENCE:
        case TCX_EXTENSIONS:
        case TCX_SPEED:
        case TCX_RUN_CADENCE:
        case TCX_NOTES:
        case TCX_CREATOR:
        case TCX_CREATOR_NAME:
        case TCX_ACTIVITY_EXTENSIONS:
        case TCX_HISTORY:
        case TCX_FOLDER:
                break;
        }
        return 0;
}

static int end_point(TcxReader *t, const XmlReader *xml)
{
        ReadingProblem place = { 0 };

        if (!isnan(t->run_cadence))
                t->point.cadence = reading_cadence_of_foot(t->run_cadence);
        else if (t->track.activity.is_running)
                t->point.cadence = reading_cadence_of_run(t->cadence, t->point.speed);
        xml_place(xml, &place);
        return reading_track_point(&t->track, &t->point, &place);
}

/* Some leave out the Value, and have the number itself. */
static void end_heart_rate(TcxReader *t, const XmlReader *xml, const char *text)
{
        ReadingProblem place = { 0 };
        unsigned heart_rate;

        xml_place(xml, &place);
        heart_rate = reading_track_heart_rate(&t->track, text, &place);
        if (heart_rate > 0)
                t->point.heart_rate = heart_rate;
}

/* A file of our own has our name there, which is no device's. */
static void end_creator_name(TcxReader *t, const char *text)
{
        reading_plain(text, t->track.activity.device);
        if (strcmp(t->track.activity.device, "cardiod") == 0)
                t->track.activity.device[0] = '\0';
}

static int on_end(void *userdata, XmlReader *xml, int element, const char *text)
{
        TcxReader *t = userdata;

        switch ((Element)element) {
        case TCX_ACTIVITY:
        case TCX_RUN:
                return reading_track_end(&t->track);
        case TCX_POINT:
                return end_point(t, xml);
        case TCX_TIME:
                reading_plain(text, t->point.time);
                break;
        case TCX_HEART_RATE:
        case TCX_HEART_RATE_VALUE:
                end_heart_rate(t, xml, text);
                break;
        case TCX_DISTANCE:
                t->point.distance = reading_figure(text);
                break;
        case TCX_CADENCE:
                t->cadence = reading_figure(text);
                break;
        case TCX_SPEED:
                t->point.speed = reading_figure(text);
                break;
        case TCX_RUN_CADENCE:
                t->run_cadence = reading_figure(text);
                break;
        case TCX_NOTES:
                reading_note(text, t->track.activity.note);
                break;
        case TCX_CREATOR_NAME:
                end_creator_name(t, text);
                break;
        case TCX_ROOT:
        case TCX_ACTIVITIES:
        case TCX_SPORTS:
        case TCX_LAP:
        case TCX_TRACK:
        case TCX_EXTENSIONS:
        case TCX_CREATOR:
        case TCX_ACTIVITY_EXTENSIONS:
        case TCX_OURS:
        case TCX_HISTORY:
        case TCX_RUNNING:
        case TCX_BIKING:
        case TCX_OTHER:
        case TCX_FOLDER:
        case TCX_SEVERAL:
                break;
        }
        return 0;
}

static bool tcx_is(const uint8_t *data, size_t size)
{
        return xml_is(data, size, "TrainingCenterDatabase");
}

static int tcx_read(
                const uint8_t *data, size_t size, const ReadingTarget *target, ReadingProblem *ret_problem)
{
        static const XmlFormat format = {
                .elements = elements,
                .n_elements = ELEMENTSOF(elements),
                .space = "garmin.com/xmlschemas/",
                .start = on_start,
                .end = on_end,
        };
        TcxReader t = { .track.target = target, .sport = "" };
        int r;

        reading_track_begin(&t.track);
        r = xml_read(data, size, &format, &t, ret_problem);
        return reading_track_finish(&t.track, r,
                        !t.any_activity ? "it has no activity"
                        : !t.any_point  ? "it has no heart rates: its laps have no Trackpoints"
                                        : "it has no heart rates: none of its Trackpoints has a HeartRateBpm",
                        ret_problem);
}

const ReadingFormat reading_tcx = {
        .name = "TCX",
        .extension = "tcx",
        .is = tcx_is,
        .read = tcx_read,
};
