/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* FIT, the numbers of its protocol and of that part of its profile that we have to do with. A message is named by its number,
 * a field by its own within its message.
 *
 * A file is a header, data, and a CRC over both. The data are records of two kinds: a definition says, for one of 16 local
 * types, which message it stands for and which fields of what size it has; each data record of that local type is then just
 * these fields, one after the other. All numbers that we write are little-endian. */

#define FIT_HEADER_SIZE      14U
#define FIT_HEADER_SIZE_MIN  12U /* of other programs, without a CRC of its own */
#define FIT_CRC_SIZE         2U
#define FIT_PROTOCOL_VERSION 0x20U       /* 2.0, the first one with developer fields */
#define FIT_PROFILE_VERSION  2100U       /* 21.00 */
#define FIT_SIGNATURE        0x5449462eU /* ".FIT" */

/* The header byte of a record. */
#define FIT_RECORD_COMPRESSED \
        0x80U /* of data: the local type in bits 5 and 6, the time's lowest bits in the others */
#define FIT_RECORD_DEFINITION 0x40U
#define FIT_RECORD_DEVELOPER  0x20U /* of a definition: developer fields come behind the others */
#define FIT_RECORD_LOCAL_MASK 0x0fU

/* Times are seconds from 1989-12-31 00:00 UTC on; numbers below FIT_TIME_MIN are not dates but times since a device was
 * switched on. */
#define FIT_EPOCH    631065600
#define FIT_TIME_MIN 0x10000000U
#define FIT_TIME_MAX 0xfffffffeU

typedef enum FitBaseType {
        FIT_ENUM = 0x00,
        FIT_UINT8 = 0x02,
        FIT_STRING = 0x07, /* UTF-8, with a NUL at its end */
        FIT_BYTE = 0x0d,
        FIT_SINT16 = 0x83,
        FIT_UINT16 = 0x84,
        FIT_UINT32 = 0x86,
        FIT_FLOAT32 = 0x88,
        FIT_UINT32Z = 0x8c,
} FitBaseType;

/* What says that a value is not known. */
#define FIT_INVALID_UINT8  0xffU
#define FIT_INVALID_UINT16 0xffffU
#define FIT_INVALID_SINT16 0x7fff
#define FIT_INVALID_UINT32 0xffffffffU

typedef enum FitMessageNumber {
        FIT_FILE_ID = 0,
        FIT_USER_PROFILE = 3,
        FIT_ZONES_TARGET = 7,
        FIT_SPORT = 12,
        FIT_SESSION = 18,
        FIT_LAP = 19,
        FIT_RECORD = 20,
        FIT_EVENT = 21,
        FIT_DEVICE_INFO = 23,
        FIT_ACTIVITY = 34,
        FIT_HRV = 78,
        FIT_HR = 132,
        FIT_FIELD_DESCRIPTION = 206,
        FIT_DEVELOPER_DATA_ID = 207,
} FitMessageNumber;

/* Of any message. */
enum {
        FIT_FIELD_TIMESTAMP = 253,
        FIT_FIELD_MESSAGE_INDEX = 254,
};

enum {
        FIT_FILE_ID_TYPE = 0,
        FIT_FILE_ID_MANUFACTURER = 1,
        FIT_FILE_ID_PRODUCT = 2,
        FIT_FILE_ID_SERIAL_NUMBER = 3,
        FIT_FILE_ID_TIME_CREATED = 4,
        FIT_FILE_ID_PRODUCT_NAME = 8,

        FIT_DEVICE_INFO_DEVICE_INDEX = 0,
        FIT_DEVICE_INFO_DEVICE_TYPE = 1,
        FIT_DEVICE_INFO_MANUFACTURER = 2,
        FIT_DEVICE_INFO_SOURCE_TYPE = 25,
        FIT_DEVICE_INFO_PRODUCT_NAME = 27,

        FIT_DEVELOPER_DATA_ID_APPLICATION_ID = 1,
        FIT_DEVELOPER_DATA_ID_INDEX = 3,

        FIT_FIELD_DESCRIPTION_INDEX = 0,
        FIT_FIELD_DESCRIPTION_NUMBER = 1,
        FIT_FIELD_DESCRIPTION_BASE_TYPE = 2,
        FIT_FIELD_DESCRIPTION_NAME = 3,
        FIT_FIELD_DESCRIPTION_UNITS = 8,

        FIT_EVENT_EVENT = 0,
        FIT_EVENT_EVENT_TYPE = 1,

        FIT_USER_PROFILE_RESTING_HEART_RATE = 8,
        FIT_USER_PROFILE_MAX_RUNNING_HEART_RATE = 9,
        FIT_USER_PROFILE_MAX_HEART_RATE = 11,

        FIT_ZONES_TARGET_MAX_HEART_RATE = 1,

        FIT_SPORT_SPORT = 0,

        FIT_RECORD_HEART_RATE = 3,
        FIT_RECORD_CADENCE = 4,             /* strides of a runner, revolutions of a cyclist, a minute */
        FIT_RECORD_DISTANCE = 5,            /* cm */
        FIT_RECORD_SPEED = 6,               /* mm/s */
        FIT_RECORD_SPEED_AND_DISTANCE = 8,  /* 12 bits each: cm/s; 1/16 m, rolling over */
        FIT_RECORD_GRADE = 9,               /* 1/100 % */
        FIT_RECORD_FRACTIONAL_CADENCE = 53, /* 1/128 */
        FIT_RECORD_ENHANCED_SPEED = 73,     /* mm/s */

        FIT_HRV_TIME = 0, /* ms */

        FIT_HR_FRACTIONAL_TIMESTAMP = 0, /* 1/32768 s */
        FIT_HR_FILTERED_BPM = 6,
        FIT_HR_EVENT_TIMESTAMP = 9,     /* 1/1024 s, on a clock of its own */
        FIT_HR_EVENT_TIMESTAMP_12 = 10, /* its lowest 12 bits, two in three bytes */

        FIT_LAP_EVENT = 0,
        FIT_LAP_EVENT_TYPE = 1,
        FIT_LAP_START_TIME = 2,
        FIT_LAP_TOTAL_ELAPSED_TIME = 7, /* ms */
        FIT_LAP_TOTAL_TIMER_TIME = 8,   /* ms */
        FIT_LAP_TOTAL_DISTANCE = 9,     /* cm */
        FIT_LAP_AVG_SPEED = 13,         /* mm/s */
        FIT_LAP_AVG_HEART_RATE = 15,
        FIT_LAP_MAX_HEART_RATE = 16,
        FIT_LAP_AVG_CADENCE = 17,  /* as of a record */
        FIT_LAP_TOTAL_ASCENT = 21, /* m */
        FIT_LAP_INTENSITY = 23,
        FIT_LAP_LAP_TRIGGER = 24,
        FIT_LAP_SPORT = 25,
        FIT_LAP_SUB_SPORT = 39,
        FIT_LAP_MIN_HEART_RATE = 63,
        FIT_LAP_AVG_FRACTIONAL_CADENCE = 80,
        FIT_LAP_ENHANCED_AVG_SPEED = 110, /* mm/s */

        FIT_SESSION_EVENT = 0,
        FIT_SESSION_EVENT_TYPE = 1,
        FIT_SESSION_START_TIME = 2,
        FIT_SESSION_SPORT = 5,
        FIT_SESSION_SUB_SPORT = 6,
        FIT_SESSION_TOTAL_ELAPSED_TIME = 7, /* ms */
        FIT_SESSION_TOTAL_TIMER_TIME = 8,   /* ms */
        FIT_SESSION_TOTAL_DISTANCE = 9,     /* cm */
        FIT_SESSION_AVG_SPEED = 14,         /* mm/s */
        FIT_SESSION_AVG_HEART_RATE = 16,
        FIT_SESSION_MAX_HEART_RATE = 17,
        FIT_SESSION_AVG_CADENCE = 18,  /* as of a record */
        FIT_SESSION_TOTAL_ASCENT = 22, /* m */
        FIT_SESSION_FIRST_LAP_INDEX = 25,
        FIT_SESSION_NUM_LAPS = 26,
        FIT_SESSION_TRIGGER = 28,
        FIT_SESSION_MIN_HEART_RATE = 64,
        FIT_SESSION_AVG_FRACTIONAL_CADENCE = 92,
        FIT_SESSION_ENHANCED_AVG_SPEED = 124, /* mm/s */
        FIT_SESSION_WORKOUT_RPE = 193,        /* ten times what was felt, of 10 */

        FIT_ACTIVITY_TOTAL_TIMER_TIME = 0, /* ms */
        FIT_ACTIVITY_NUM_SESSIONS = 1,
        FIT_ACTIVITY_TYPE = 2,
        FIT_ACTIVITY_EVENT = 3,
        FIT_ACTIVITY_EVENT_TYPE = 4,
        FIT_ACTIVITY_LOCAL_TIMESTAMP = 5,
};

/* Values. */
#define FIT_FILE_TYPE_ACTIVITY       4U
#define FIT_MANUFACTURER_DEVELOPMENT 255U
#define FIT_BLE_DEVICE_HEART_RATE    1U
#define FIT_ANT_DEVICE_HEART_RATE    120U
#define FIT_SOURCE_BLE               3U
#define FIT_SOURCE_LOCAL             5U
#define FIT_ACTIVITY_MANUAL          0U
#define FIT_SESSION_ACTIVITY_END     0U

typedef enum FitEvent {
        FIT_EVENT_TIMER = 0,
        FIT_EVENT_SESSION = 8,
        FIT_EVENT_LAP = 9,
        FIT_EVENT_ACTIVITY = 26,
        FIT_EVENT_USER_MARKER = 32,
} FitEvent;

typedef enum FitEventType {
        FIT_EVENT_START = 0,
        FIT_EVENT_STOP = 1,
        FIT_EVENT_MARKER = 3,
        FIT_EVENT_STOP_ALL = 4,
} FitEventType;

typedef enum FitSport {
        FIT_SPORT_GENERIC = 0,
        FIT_SPORT_RUNNING = 1,
        FIT_SPORT_TRAINING = 10,
        FIT_SPORT_WALKING = 11,
        FIT_SPORT_HIKING = 17,
} FitSport;

typedef enum FitSubSport {
        FIT_SUB_SPORT_GENERIC = 0,
        FIT_SUB_SPORT_CARDIO_TRAINING = 26,
} FitSubSport;

typedef enum FitIntensity {
        FIT_INTENSITY_ACTIVE = 0,
        FIT_INTENSITY_REST = 1,
        FIT_INTENSITY_WARM_UP = 2,
        FIT_INTENSITY_COOL_DOWN = 3,
} FitIntensity;

typedef enum FitLapTrigger {
        FIT_LAP_TRIGGER_TIME = 1,
        FIT_LAP_TRIGGER_SESSION_END = 7,
} FitLapTrigger;

/* Our developer fields: their numbers within what FIT_DEVELOPER_APPLICATION stands for, never used anew. */
typedef enum FitDeveloperField {
        FIT_DEVELOPER_CEILING = 0,   /* of the session: float32, bpm; the one it began with */
        FIT_DEVELOPER_TIME_OVER = 1, /* of the session: float32, seconds above it */
        FIT_DEVELOPER_ALPHA1 = 2,    /* of records: float32, under the name by which intervals.icu knows it */
        /* Of the session, as in the columns of table `session`: float32, bpm; a byte; then strings. */
        FIT_DEVELOPER_TOLERANCE = 3,
        FIT_DEVELOPER_RESTING_HR = 4,
        FIT_DEVELOPER_MAX_HR = 5,
        FIT_DEVELOPER_BY_HAND = 6,
        FIT_DEVELOPER_KIND = 7, /* as the runner said it */
        FIT_DEVELOPER_TALK_TEST = 8,
        FIT_DEVELOPER_NOTE = 9,
        FIT_DEVELOPER_DAY_KIND = 10,
        FIT_DEVELOPER_WORKOUT = 11,
        FIT_DEVELOPER_CEILING_EXPRESSION = 12,
        FIT_DEVELOPER_ZONE_MODEL = 13,
        FIT_DEVELOPER_ZONE_BOUNDS = 14,
        FIT_DEVELOPER_SEX = 15,
        _FIT_DEVELOPER_FIELD_MAX,
} FitDeveloperField;

/* The name of cardiod among those that define developer fields: a random UUID, for good. */
/* clang-format off */
#define FIT_DEVELOPER_APPLICATION                                                \
        {                                                                        \
                0x3a, 0xe9, 0x5c, 0x16, 0x59, 0xbe, 0x4a, 0xd5,                  \
                0xbb, 0x2a, 0x4a, 0x6e, 0xca, 0xd9, 0x94, 0xf9,                  \
        }
/* clang-format on */

/* What made the files that are ours, as they say it. */
#define FIT_PRODUCT_NAME "cardiod"

/* The CRC of data that come behind others whose CRC is crc, or behind nothing for 0. That of anything with its CRC behind it, the
 * lower byte first, is 0. */
uint16_t fit_crc(uint16_t crc, const void *data, size_t size);
