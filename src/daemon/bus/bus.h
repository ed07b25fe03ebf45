/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "cardio/diary.h"
#include "cardio/macro.h"
#include "cardio/pace.h"
#include "cardio/time.h"
#include "sensor-record.h"

/* org.cardiod1 on D-Bus. The manager pushes values; changes are announced once per turn of the event loop, however often they
 * changed in it. Requests come in through BusHandlers, which return 0 or, with the error set, a negative errno; or, without
 * it, -EAGAIN, having done nothing, to be called again at the next bus_retry(). */
typedef struct Bus Bus;

/* Messages queued for a bus that does not read: above the first figure those that can be left out are, at the second all. */
#define BUS_BACKLOG_MAX 1024U
#define BUS_WAITING_MAX 4096U

/* Callers that scan at once, and requests that wait for their answer; each takes a match rule or two. */
#define BUS_SCANNERS_MAX 32U
#define BUS_REQUESTS_MAX 32U
#define BUS_OF_ONE_MAX   16U /* … of one user */

/* A request that is answered later, by bus_answer() or bus_answer_resting(); whoever takes it may set a function that cancels
 * the operation if the caller leaves the bus first. The request is gone then. */
typedef struct BusRequest BusRequest;
typedef void (*BusCancel)(void *userdata);
void bus_on_cancel(BusRequest *request, BusCancel cancel, void *userdata);

/* A run without a strap, as the runner enters it. */
typedef struct BusRun {
        const char *local_date; /* NULL = not said */
        int64_t started_at;     /* Unix ms, BUS_RUN_NO_START = not said */
        uint32_t minutes;       /* 0 = not said */
        Annotation annotation;
} BusRun;

#define BUS_RUN_NO_START INT64_MIN

/* A race, as the runner lists it. */
typedef struct BusRace {
        const char *date, *distance, *note;
        int hilly;
} BusRace;

/* A session that was recorded elsewhere, as ImportSession() has it; nothing of it is checked but that there is not more than can
 * be. Texts belong to the message, and are NULL where they were not given, as are figures NAN. Times are us from the start. */
#define BUS_IMPORT_SAMPLES_MAX 200000U
#define BUS_IMPORT_RR_MAX      400000U
#define BUS_IMPORT_PACE_MAX    200000U
#define BUS_IMPORT_EVENTS_MAX  4096U
#define BUS_IMPORT_NO_START    INT64_MIN
#define BUS_IMPORT_NO_OFFSET   INT32_MIN

typedef struct BusImportSample {
        uint64_t at_usec;
        uint16_t heart_rate; /* bpm */
        uint8_t contact;
} BusImportSample;

typedef struct BusImportRr {
        uint64_t at_usec;
        uint16_t rr; /* 1/1024 s */
} BusImportRr;

typedef struct BusImportPace {
        uint64_t at_usec;
        double speed, cadence, distance, incline;
} BusImportPace;

typedef struct BusImportEvent {
        uint64_t at_usec;
        const char *type, *detail;
        double value;
} BusImportEvent;

typedef struct BusImport {
        int64_t started_at; /* Unix ms, BUS_IMPORT_NO_START = not given */
        int32_t utc_offset_s;
        const char *content, *sport, *device;
        Annotation said; /* rpe 0 = not given */
        double max_hr, resting_hr;
        int keep_overlap, by_hand;
        double ceiling, tolerance;
        const char *ceiling_expression, *zone_model, *zone_bounds, *sex, *day_kind, *workout;
        BusImportSample *sample;
        BusImportRr *rr;
        BusImportPace *pace;
        BusImportEvent *event;
        size_t n_samples, n_rr, n_pace, n_events;
} BusImport;

/* What is to become of a session: it is trimmed, split or merged with another one; just one of the three. Times are ms from its
 * start, below BUS_EDIT_TIME_MAX. */
typedef struct BusEdit {
        bool has_trim_start, has_trim_end, has_split, has_merge;
        int64_t trim_start, trim_end, split;
        int64_t merge; /* the other session */
} BusEdit;

#define BUS_EDIT_TIME_MAX (INT64_C(366) * 24 * 3600 * 1000)
/* What comes of it. */
#define BUS_EDIT_SESSIONS_MAX 2U

/* Dates are YYYY-MM-DD and, like figures and texts, not checked yet. */
typedef struct BusCoachHandlers {
        int (*add_resting)(void *userdata, const char *date, double heart_rate, int64_t *ret_id,
                        sd_bus_error *error);
        int (*remove_resting)(void *userdata, int64_t id, BusRequest *request, sd_bus_error *error);
        int (*add_race)(void *userdata, const BusRace *race, int64_t *ret_id, sd_bus_error *error);
        int (*remove_race)(void *userdata, int64_t id, BusRequest *request, sd_bus_error *error);
        int (*annotate)(void *userdata, int64_t session, const Annotation *a, sd_bus_error *error);
        int (*log_day)(void *userdata, const char *date, const BodyScan *scan, sd_bus_error *error);
        /* Appends the a{sv}. */
        int (*get_day)(void *userdata, const char *date, sd_bus_message *reply, sd_bus_error *error);
        int (*add_session)(void *userdata, const BusRun *run, int64_t *ret_id, sd_bus_error *error);
        int (*measure_resting)(void *userdata, uint32_t seconds, BusRequest *request, sd_bus_error *error);
        /* Appends the a(ss). */
        int (*list_workouts)(void *userdata, sd_bus_message *reply);
        int (*start_workout)(void *userdata, const char *name, int64_t *ret_id, sd_bus_error *error);
        /* Appends the a{sv}. */
        int (*today)(void *userdata, const char *date, sd_bus_message *reply, sd_bus_error *error);
        /* Appends kind and text. */
        int (*verdict)(void *userdata, int64_t session, sd_bus_message *reply, sd_bus_error *error);
} BusCoachHandlers;

typedef struct BusHandlers {
        int (*start_session)(void *userdata, const char *kind, int64_t *ret_id, sd_bus_error *error);
        int (*stop_session)(void *userdata, int64_t *ret_id, sd_bus_error *error);
        int (*set_ceiling)(void *userdata, const char *expression, sd_bus_error *error);
        int (*snooze)(void *userdata, uint32_t seconds, sd_bus_error *error);
        int (*mark)(void *userdata, const char *text, sd_bus_error *error);
        /* Appends the a{sv}. */
        int (*get_session)(void *userdata, int64_t id, sd_bus_message *reply, sd_bus_error *error);
        /* Appends the a(xsxb). */
        int (*list_sessions)(void *userdata, int64_t after, unsigned limit, sd_bus_message *reply,
                        int64_t *ret_last, sd_bus_error *error);
        int (*delete_session)(void *userdata, int64_t id, BusRequest *request, sd_bus_error *error);
        int (*import_session)(void *userdata, const BusImport *import, int64_t *ret_id, sd_bus_error *error);
        int (*edit_session)(void *userdata, int64_t id, const BusEdit *what,
                        int64_t ret_ids[static BUS_EDIT_SESSIONS_MAX], size_t *ret_n, sd_bus_error *error);
        int (*undo_edit)(void *userdata, int64_t id, sd_bus_error *error);
        int (*reload)(void *userdata, sd_bus_error *error);
        /* Somebody scans, or nobody does any more. The outcome is reported by bus_scan(), also if scanning was wanted before. */
        void (*scan)(void *userdata, bool wanted);
        int (*trust)(void *userdata, const char *address, BusRequest *request, sd_bus_error *error);
        int (*forget)(void *userdata, const char *address, BusRequest *request, sd_bus_error *error);
        /* Whether a command waits to be stored: then its answer waits for the next bus_retry(). */
        bool (*held)(void *userdata);
        /* The bus reads nothing from us any more. */
        void (*stuck)(void *userdata);
        const BusCoachHandlers *coach;
} BusHandlers;

/* Values of Manager's properties; names and units as there. */
typedef struct ManagerView {
        bool recording;
        int64_t session;
        double ceiling;
        const char *ceiling_expression;
        const char *ceiling_reason;
        double tolerance; /* bpm, of the recorded session, else as configured */
        double resting_heart_rate, maximum_heart_rate;
        bool resting_provisional;
        uint64_t snoozed_until; /* Unix µs */
        bool scanning;
        bool waits_for_rest; /* a session was ended by command; none begins by itself until the runner has rested */
        bool clock_set;
        const char *bluetooth; /* one of CARDIO_BLUETOOTH_*, "" = not known yet */
        uint32_t waiting;      /* entries that the disk refuses */
        double pace_limit;     /* m/s, 0 = none */
        const char *pace_reason;
        const char *pace_units; /* km or mile */
        const char *warnings;   /* lines, NULL or "" = none */
} ManagerView;

/* Values of Coach's properties; "" and 0 without a workout. */
typedef struct WorkoutView {
        const char *workout, *step;
        uint32_t number[2]; /* which, of how many */
        uint64_t step_ends; /* Unix µs */
} WorkoutView;

/* Checks whether the name can be had, and takes it. -EEXIST: another daemon has it; ret_holder is its process, 0 = unknown. */
int bus_check_name(sd_bus *bus, pid_t *ret_holder);
int bus_own_name(sd_bus *bus, pid_t *ret_holder);

/* bus owns the name; asked is used for questions about callers: another connection to the same bus, or the same one; user: the
 * daemon is its user's own. */
typedef struct BusConnection {
        sd_bus *bus, *asked;
        bool user;
} BusConnection;
int bus_new(sd_event *event, const BusConnection *connection, const char *version, const char *database_path,
                const BusHandlers *handlers, void *userdata, Bus **ret);
Bus *bus_free(Bus *b);
DEFINE_CLEANUP(Bus *, bus_free);

void bus_set_manager(Bus *b, const ManagerView *view);
/* Announced at once: an alert that follows must not be taken for one that is snoozed. */
void bus_set_snoozed_until(Bus *b, uint64_t until_usec);
void bus_set_workout(Bus *b, const WorkoutView *view);

/* Sensors are identified by their numbers, 0..SENSORS_MAX-1. The first call creates the object. */
int bus_set_sensor(Bus *b, unsigned number, const SensorRecord *record);
void bus_remove_sensor(Bus *b, unsigned number);
/* The live values, which are not announced; 0 = none. */
void bus_set_heart_rate(Bus *b, unsigned number, uint16_t heart_rate, double smoothed, uint8_t zone);

/* The same of what measures pace; NULL = nothing is known. */
void bus_set_pace(Bus *b, unsigned number, const PacePoint *point);
/* Of the session: m/s, smoothed, and m; NAN = not known; not announced. */
void bus_set_session_pace(Bus *b, double speed, double distance);

/* When the link was lost, Unix µs, CARDIO_LINK_LOSSES_MAX at most; not announced either. */
void bus_set_link_losses(Bus *b, unsigned number, const uint64_t *losses, size_t n);

bool bus_has_subscribers(const Bus *b);
void bus_measurement(Bus *b, unsigned number, uint64_t realtime_usec, uint16_t heart_rate, double smoothed,
                uint8_t zone, const uint16_t *rr, size_t n_rr);
void bus_pace(Bus *b, unsigned number, uint64_t realtime_usec, const PacePoint *point);

/* name: SessionStarted or SessionEnded; address: of the session's strap. */
void bus_session(Bus *b, const char *name, int64_t session, const char *address, uint64_t realtime_usec);
void bus_session_discarded(Bus *b, int64_t session);
/* Stored sessions are others than before. */
void bus_sessions_changed(Bus *b);
/* kind: one of CARDIO_TROUBLE_*; text: what is wrong and what to do, for the runner to read. */
void bus_trouble(Bus *b, const char *kind, const char *text);
void bus_cue(Bus *b, int64_t session, const char *cue, uint32_t seconds);
/* kind: a day's kind, or after-race, talk-test. */
void bus_advice(Bus *b, int64_t session, const char *kind, const char *text);
/* name: OverLimit or BackInRange. */
void bus_limit(Bus *b, const char *name, int64_t session, const char *address, double heart_rate,
                double ceiling, usec_t length_usec);
/* name: OverPace or PaceInRange; address: of what measures it; m/s. */
void bus_over_pace(Bus *b, const char *name, int64_t session, const char *address, double speed, double limit,
                usec_t length_usec);

/* Answers a request, which is gone then. error: NULL on success, else a name of cardio/bus-api.h, with a message. */
void bus_answer(BusRequest *request, const char *error, const char *message);
/* The same with the result of a measurement; rmssd in ms, 0 = not known. */
void bus_answer_resting(BusRequest *request, double heart_rate, double rmssd);
/* What had to wait for the database can be tried again. */
void bus_retry(Bus *b);
/* The outcome of scanning: whether it runs; on an error, all callers who asked for it are signalled, and scan no more. */
void bus_scan(Bus *b, bool running, const char *error, const char *message);
