/* SPDX-License-Identifier: MIT */

/* Names of columns, as watches, apps and scripts have them. One that is not in the table is of no use here: a speed without its
 * unit, for example, may be of two. No clock. */

#include "exchange/csv-column.h"

#include <string.h>

#include "cardio/macro.h"

#define NAME_MAX_BYTES 32U
#define KMH            (1 / 3.6)
#define MPH            0.44704

static const struct {
        const char *name;
        CsvColumn column;
        double unit;
} names[] = {
        { "time", CSV_TIME, 1000 },
        { "timestamp", CSV_TIME, 1000 },
        { "timestamps", CSV_TIME, 1000 },
        { "timestampms", CSV_TIME, 1 },
        { "datetime", CSV_TIME, 1000 },
        { "dateandtime", CSV_TIME, 1000 },
        { "timelocal", CSV_TIME, 1000 },
        { "localtime", CSV_TIME, 1000 },
        { "timestamplocal", CSV_TIME, 1000 },
        { "unix", CSV_TIME, 1000 },
        { "unixtime", CSV_TIME, 1000 },
        { "unixtimestamp", CSV_TIME, 1000 },
        { "unixs", CSV_TIME, 1000 },
        { "unixms", CSV_TIME, 1 },
        { "epoch", CSV_TIME, 1000 },
        { "epochs", CSV_TIME, 1000 },
        { "epochms", CSV_TIME, 1 },
        { "utc", CSV_UTC, 1000 },
        { "timeutc", CSV_UTC, 1000 },
        { "utctime", CSV_UTC, 1000 },
        { "timestamputc", CSV_UTC, 1000 },
        { "timegmt", CSV_UTC, 1000 },
        { "date", CSV_DATE, 1000 },
        { "t", CSV_ELAPSED, 1000 },
        { "ts", CSV_ELAPSED, 1000 },
        { "tms", CSV_ELAPSED, 1 },
        { "s", CSV_ELAPSED, 1000 },
        { "ms", CSV_ELAPSED, 1 },
        { "sec", CSV_ELAPSED, 1000 },
        { "secs", CSV_ELAPSED, 1000 },
        { "second", CSV_ELAPSED, 1000 },
        { "seconds", CSV_ELAPSED, 1000 },
        { "milliseconds", CSV_ELAPSED, 1 },
        { "minutes", CSV_ELAPSED, 60000 },
        { "times", CSV_ELAPSED, 1000 },
        { "timesec", CSV_ELAPSED, 1000 },
        { "timesecs", CSV_ELAPSED, 1000 },
        { "timeseconds", CSV_ELAPSED, 1000 },
        { "timems", CSV_ELAPSED, 1 },
        { "timemin", CSV_ELAPSED, 60000 },
        { "elapsed", CSV_ELAPSED, 1000 },
        { "elapseds", CSV_ELAPSED, 1000 },
        { "elapsedms", CSV_ELAPSED, 1 },
        { "elapsedsec", CSV_ELAPSED, 1000 },
        { "elapsedsecs", CSV_ELAPSED, 1000 },
        { "elapsedseconds", CSV_ELAPSED, 1000 },
        { "elapsedtime", CSV_ELAPSED, 1000 },
        { "secondsfromstart", CSV_ELAPSED, 1000 },
        { "secondssincestart", CSV_ELAPSED, 1000 },

        { "heartrate", CSV_HEART_RATE, 1 },
        { "heartratebpm", CSV_HEART_RATE, 1 },
        { "heartratebeatsmin", CSV_HEART_RATE, 1 },
        { "hr", CSV_HEART_RATE, 1 },
        { "hrbpm", CSV_HEART_RATE, 1 },
        { "bpm", CSV_HEART_RATE, 1 },
        { "pulse", CSV_HEART_RATE, 1 },
        { "pulsebpm", CSV_HEART_RATE, 1 },
        { "rrms", CSV_RR, 1 },
        { "rr", CSV_RR, 1 },
        { "rrs", CSV_RR, 1000 },
        { "rrintervals", CSV_RR, 1 },
        { "rrintervalsms", CSV_RR, 1 },
        { "rrintervalms", CSV_RR, 1 },

        { "contact", CSV_CONTACT, 1 },
        { "event", CSV_EVENT, 1 },

        { "enhancedspeed", CSV_SPEED, 1 }, /* FIT's own name, which says the unit */
        { "enhancedspeedms", CSV_SPEED, 1 },
        { "speedms", CSV_SPEED, 1 },
        { "speedmps", CSV_SPEED, 1 },
        { "velocitysmooth", CSV_SPEED, 1 }, /* Strava's */
        { "speedkmh", CSV_SPEED, KMH },
        { "speedkph", CSV_SPEED, KMH },
        { "kmh", CSV_SPEED, KMH },
        { "kph", CSV_SPEED, KMH },
        { "speedmph", CSV_SPEED, MPH },
        { "speedmih", CSV_SPEED, MPH },
        { "mph", CSV_SPEED, MPH },
        { "cadence", CSV_CADENCE, 0 },
        { "cad", CSV_CADENCE, 0 },
        { "cadencerpm", CSV_CADENCE, 2 },
        { "cadencespm", CSV_CADENCE, 1 },
        { "cadencestepsmin", CSV_CADENCE, 1 },
        { "distancem", CSV_DISTANCE, 1 },
        { "distancesm", CSV_DISTANCE, 1 },
        { "distancemeters", CSV_DISTANCE, 1 },
        { "distancekm", CSV_DISTANCE, 1000 },
        { "distancemi", CSV_DISTANCE, 1609.344 },
        { "grade", CSV_INCLINE, 1 },
        { "gradesmooth", CSV_INCLINE, 1 },
        { "gradient", CSV_INCLINE, 1 },
        { "incline", CSV_INCLINE, 1 },

        { "starttime", CSV_START_TIME, 1 },
        { "sport", CSV_SPORT, 1 },
        { "notes", CSV_NOTE, 1 },
        { "hrmax", CSV_MAXIMUM, 1 },
        { "hrsit", CSV_RESTING, 1 },
};

CsvColumn csv_column(TextSpan name, double *ret_unit)
{
        char plain[NAME_MAX_BYTES];
        size_t n = 0;

        for (size_t i = 0; i < name.size; i++) {
                char c = name.text[i];

                if (c >= 'A' && c <= 'Z')
                        c = (char)(c - 'A' + 'a');
                if ((c < 'a' || c > 'z') && (c < '0' || c > '9'))
                        continue;
                if (n + 1 == sizeof(plain))
                        return _CSV_COLUMN_INVALID;
                plain[n++] = c;
        }
        plain[n] = '\0';
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strcmp(names[i].name, plain) == 0) {
                        *ret_unit = names[i].unit;
                        return names[i].column;
                }
        return _CSV_COLUMN_INVALID;
}
