/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Activities in a file of another program: the whole of its bytes in, what they say out, one record at a time in the order of the
 * file, so that nothing but the bytes is ever held. Pure: no I/O, no clock. A reader trusts no count, length or offset of the file. */

#define READING_TEXT_MAX  256U  /* bytes of a text, with its end */
#define READING_NOTE_MAX  2048U /* of a note: those of a file of ours are longer */
#define READING_PLACE_MAX 96U

/* What one activity is as a whole, as far as the file says. */
typedef struct ReadingActivity {
        bool local;           /* its times have no zone: they are by the clock of where it was recorded */
        bool has_offset;      /* … or the file says what that clock was ahead of UTC */
        int32_t utc_offset_s; /* … which is this */
        bool is_running;      /* or the file does not say of which sport it is */
        char sport[READING_TEXT_MAX];  /* as the file has it, "" = not said */
        char device[READING_TEXT_MAX]; /* plain text, as the two below; "" = not said */
        char note[READING_NOTE_MAX];
        double maximum, resting; /* bpm, NAN = not said */
        unsigned skipped;        /* records with a time that goes back, or with none */

        /* Of a file of ours, as in the columns of table `session`; "", NAN, 0 = not said, or none. */
        char kind[READING_TEXT_MAX]; /* as the runner said it */
        char ceiling_expression[READING_TEXT_MAX];
        char zone_model[READING_TEXT_MAX], zone_bounds[READING_TEXT_MAX];
        char sex[READING_TEXT_MAX];
        char talk_test[READING_TEXT_MAX];
        char day_kind[READING_TEXT_MAX], workout[READING_TEXT_MAX];
        double ceiling, tolerance; /* bpm */
        unsigned rpe;              /* 1 to 10 */
        bool by_hand;
} ReadingActivity;

/* One of which nothing is known yet. */
#define READING_ACTIVITY_NONE                   \
        ((ReadingActivity){ .is_running = true, \
                        .maximum = NAN,         \
                        .resting = NAN,         \
                        .ceiling = NAN,         \
                        .tolerance = NAN })

/* A place in a file, for people: "line 12", "byte 4711", "trackpoint 3". */
typedef struct ReadingProblem {
        char place[READING_PLACE_MAX];
        char text[READING_TEXT_MAX]; /* what is wrong there, and what is accepted */
} ReadingProblem;

/* What a reader calls. Each returns 0, or a negative errno with which reading ends. Times are Unix ms (as if UTC where they are
 * local) and rise within an activity, but for R-R intervals, which have the time of the heart rate they came with, and stand
 * before it. Figures that are not known are NAN. */
typedef struct ReadingTarget {
        int (*begin)(void *userdata);
        /* bpm, 1 to 255; contact 1 yes, 2 no, 0 where the file does not say */
        int (*heart_rate)(void *userdata, int64_t at, unsigned heart_rate, unsigned contact);
        int (*rr)(void *userdata, int64_t at, unsigned rr); /* 1/1024 s */
        /* m/s; steps per min of both feet; m from the activity's beginning; % */
        int (*pace)(void *userdata, int64_t at, double speed, double cadence, double distance,
                        double incline);
        /* What happened, of a file of ours, whatever its type is, as in table `event`: NAN and "" = none. It stands before a
         * heart rate of the same time and its R-R intervals. May be NULL. */
        int (*event)(void *userdata, int64_t at, const char *type, double value, const char *detail);
        int (*end)(void *userdata, const ReadingActivity *activity);
        /* Something that does not hinder reading: a wrong checksum, a file that is cut short. */
        void (*warn)(void *userdata, const ReadingProblem *problem);
        void *userdata;
} ReadingTarget;

/* One kind of file. read() returns 0; a target's error; -ENOMEM; -ENODATA if there is no activity with a heart rate in it; or
 * -EBADMSG if it is not such a file or too broken, with the problem. What was whole before the place was given to the target. */
typedef struct ReadingFormat {
        const char *name;      /* "FIT" */
        const char *extension; /* "fit" */
        /* Whether the bytes begin like one. */
        bool (*is)(const uint8_t *data, size_t size);
        int (*read)(const uint8_t *data, size_t size, const ReadingTarget *target,
                        ReadingProblem *ret_problem);
} ReadingFormat;

extern const ReadingFormat reading_csv, reading_fit, reading_gpx, reading_hrm, reading_json, reading_tcx;
