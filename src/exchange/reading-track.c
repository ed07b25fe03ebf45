/* SPDX-License-Identifier: MIT */

/* Gives a target the records of an activity in order of time. A time that goes back is left out and counted; one that is as the
 * one before it, as of programs that write whole seconds, is given 1 ms after it. The first record says whether times are local:
 * those of the other kind cannot be put between them, and are left out as well. An activity begins with its first heart rate, as a
 * session does, so that one without any is none; how fast it went before is left out, and distances begin there. No clock. */

#include "exchange/reading-track.h"

#include <string.h>

#include "exchange/point.h"

void reading_track_begin(ReadingTrack *track)
{
        track->activity = READING_ACTIVITY_NONE;
        track->open = false;
        track->distance = track->before = 0;
}

static void warn_once(const ReadingTrack *track, bool *warned, const ReadingProblem *place,
                const char *quoted, const char *text)
{
        ReadingProblem problem = { 0 };

        if (*warned)
                return;
        *warned = true;
        memcpy(problem.place, place->place, sizeof(problem.place));
        reading_quote(&problem, quoted);
        reading_say(&problem, text);
        track->target->warn(track->target->userdata, &problem);
}

unsigned reading_track_heart_rate(ReadingTrack *track, const char *text, const ReadingProblem *place)
{
        double value;
        int r = reading_number(text, &value);

        if (r == 0 && value >= 0 && value < 255.5)
                return (unsigned)lround(value);
        if (r != -ENODATA)
                warn_once(track, &track->warned_of_heart_rate, place, text,
                                " is no heart rate of 1 to 255 bpm; it is left out, like others of its kind");
        return 0;
}

double reading_figure(const char *text)
{
        double value;

        return reading_number(text, &value) == 0 && value >= 0 ? fabs(value) : NAN;
}

/* Where it stands among the others; false if it cannot. */
static bool find_time(ReadingTrack *track, const ReadingPoint *point, const ReadingProblem *place)
{
        ReadingActivity *activity = &track->activity;
        ReadingMoment moment;
        int r = reading_moment(point->time, &moment);

        if (r == -EINVAL)
                warn_once(track, &track->warned_of_time, place, point->time,
                                " is not " READING_MOMENT_ACCEPTED
                                "; it is left out, like others of its kind");
        if (r < 0)
                return false;
        if (!track->open) {
                activity->local = moment.local;
                track->read_at = track->at = moment.at - 1;
        }
        if (moment.local != activity->local || moment.at < track->read_at)
                return false;
        if (moment.has_offset && !activity->has_offset) {
                activity->has_offset = true;
                activity->utc_offset_s = moment.utc_offset_s;
        }
        track->read_at = moment.at;
        track->at = moment.at > track->at ? moment.at : track->at + 1;
        return true;
}

int reading_track_point(ReadingTrack *track, const ReadingPoint *point, const ReadingProblem *place)
{
        const ReadingTarget *target = track->target;
        double speed = point->speed <= POINT_SPEED_MAX ? point->speed : NAN,
               cadence = point->cadence <= POINT_CADENCE_MAX ? point->cadence : NAN,
               distance = point->distance >= track->distance && point->distance <= POINT_DISTANCE_MAX
                                          ? point->distance
                                          : NAN;
        bool any_pace = !isnan(speed) || !isnan(cadence) || !isnan(distance);
        int r = 0;

        if (point->heart_rate == 0 && !track->open && !isnan(distance))
                track->distance = track->before = distance;
        if (point->heart_rate == 0 && (!any_pace || !track->open))
                return 0;
        if (!find_time(track, point, place)) {
                track->activity.skipped++;
                track->skipped++;
                return 0;
        }
        if (!track->open) {
                track->open = true;
                r = target->begin(target->userdata);
        }
        if (r == 0 && point->heart_rate > 0) {
                track->any_heart_rate = true;
                r = target->heart_rate(target->userdata, track->at, point->heart_rate, 0);
        }
        if (!isnan(distance))
                track->distance = distance;
        if (r == 0 && any_pace)
                r = target->pace(target->userdata, track->at, speed, cadence, distance - track->before, NAN);
        return r;
}

int reading_track_end(ReadingTrack *track)
{
        if (!track->open)
                return 0;
        track->open = false;
        return track->target->end(track->target->userdata, &track->activity);
}

int reading_track_finish(ReadingTrack *track, int r, const char *nothing, ReadingProblem *problem)
{
        if (r < 0)
                return r;
        if (r > 0 && !track->any_heart_rate) {
                reading_say(problem, "the file ends here, before its first heart rate");
                return -EBADMSG;
        }
        if (!track->any_heart_rate) {
                *problem = (ReadingProblem){ 0 };
                reading_say(problem, track->skipped > 0 ? "it has no heart rates with a time" : nothing);
                return -ENODATA;
        }
        if (r > 0)
                reading_say(problem, "the file ends here, in the middle; what is whole before it is taken");
        r = reading_track_end(track);
        if (r == 0 && *problem->text)
                track->target->warn(track->target->userdata, problem);
        *problem = (ReadingProblem){ 0 };
        return r;
}
