/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "manager/manager.h"

#include "bluez/bluez.h"
#include "bus/bus.h"
#include "cardio/bus-api.h"
#include "cardio/coach.h"
#include "cardio/engine.h"
#include "cardio/recorder.h"
#include "cardio/resting.h"
#include "cardio/workout.h"
#include "manager/kernel.h"
#include "store/coach.h"
#include "store/store.h"
#include "store/writer.h"

/* Shared by the files of this folder only.
 *
 * The core's clock is CLOCK_BOOTTIME and a year: so what was recorded before this boot has a time too, and a session
 * that a power cut interrupted goes on like any other. */
#define CORE_EPOCH_USEC (365 * 24 * USEC_PER_HOUR)

/* A strap's name as it may stand in a log or status line. */
#define NAME_PLAIN_MAX 64U

typedef struct ManagerStrap {
        bool used;
        char address[ADDRESS_STRING_MAX]; /* kept when not used: the strap gets its number back */
        char *name, *body_location;
        int battery;
        bool configured; /* the runner's; else found by a scan, and nothing to the core and the store */
        bool trusted, rotating;
        int16_t rssi; /* dBm, 0 = not heard of */
        SensorLink link;
        LinkProblem problem;
        uint64_t loss[CARDIO_LINK_LOSSES_MAX]; /* when its link was lost, Unix µs, the latest last */
        size_t n_losses;
        SensorState logged; /* SENSOR_LIVE or SENSOR_ABSENT, as last said in the log */
} ManagerStrap;

/* A strap that somebody on the bus has trusted or forgotten; unused without a task. */
typedef struct ManagerSetup {
        BluezTask *task;
        BusRequest *request;
} ManagerSetup;

/* Something that was deleted, and is to leave the database's log before that is answered; unused without a request. */
typedef struct ManagerDeletion {
        BusRequest *request;
        unsigned number; /* the store's */
} ManagerDeletion;

/* A one-shot timer that is asked for anew with each heartbeat. */
typedef struct Deadline {
        sd_event_source *timer;
        usec_t due_usec; /* of the core's clock; USEC_INFINITY = it is not set */
} Deadline;

struct Manager {
        const ManagerOptions *options;
        Config *config;

        sd_event *event;
        sd_bus *system_bus; /* BlueZ's */
        sd_bus *own_bus;    /* ours: the same one, or the session bus */
        Bluez *bluez;
        Bus *bus;
        Store *store;
        Engine *engine;
        ManagerStrap straps[SENSORS_MAX];
        bool waits_for_rest; /* as last told */
        size_t waiting;      /* for a disk that refuses, as last told */
        struct {
                usec_t since_usec; /* core clock: it has refused since then, 0 = it does not */
                bool said;         /* … that it has, for long */
        } disk;
        bool lost;         /* the database is, which has been said */
        const char *radio; /* likewise: of bluez_radio(), NULL = nothing yet */
        bool straps_full;  /* … has been said, and none has gone since */

        /* What the coach says. A run belongs to the day it began on, however long it takes. */
        CoachDay day;     /* its date is the one that the runner's figures are of, too */
        Runner runner;    /* the figures in force on it */
        Day session_day;  /* of the session that is recorded, else DAY_NONE */
        bool clock_known; /* so that a date is one */
        bool clock_right; /* something says that it is, to the second */
        bool coached;     /* a command has set the ceiling to auto */
        Day command_day;  /* on which a command has set the ceiling */
        Kind said;        /* what the session that is recorded was said to be, _KIND_INVALID = nothing */
        bool recheck;     /* what the coach goes by may have changed */

        RestingMeasurement *resting; /* that is under way, else NULL */
        BusRequest *resting_request; /* what asked for it */
        unsigned resting_strap;      /* that it goes by */
        Workout *workout;            /* of the session that is recorded, else NULL */
        char workout_name[WORKOUT_NAME_MAX + 1];
        WorkoutRun workout_run;
        uint64_t workout_ends; /* its step, Unix µs */
        bool workout_hard;     /* it is between its first hard step and its end */
        bool was_workout;      /* the session that is recorded was begun with one */
        Day advised_day;       /* the last on which a session's first minutes had advice, … */
        Day raced_day;         /* and of the last race after which there was */
        int64_t eaten_session; /* the race after which it will be asked whether the runner has eaten, and when */
        Distance eaten_distance;
        usec_t eaten_usec;

        int64_t session;            /* its row, 0 = none is recorded */
        SessionWriter *writer;      /* of its rows, NULL = none is, or it could not be begun */
        usec_t session_begin_usec;  /* core clock at t = 0 */
        int64_t session_started_at; /* Unix ms */
        const char *next_kind;      /* of the session that a command is just beginning */
        uint64_t snoozed_until;     /* Unix µs, 0 = not */
        StoreCommands commands;     /* as last given to the store */
        OpenSession undecided;      /* left open, its age to be known when the clock is; id 0 = none */

        ManagerDeletion deletions[BUS_REQUESTS_MAX];
        bool unjudged;        /* verdicts could not be stored yet */
        int64_t held_session; /* that has ended, while that could not be stored yet; 0 = none */
        ManagerSetup setups[BLUEZ_TASKS_MAX];

        bool scanning;
        bool changed;   /* something that properties or the status line tell */
        char *status;   /* line as last told to systemd */
        char *warnings; /* about the configuration, as lines */

        usec_t handled_usec; /* of the last event, core clock */
        Deadline tick, commit;
        sd_event_source *synced, *midnight, *measure, *cue, *advise, *eaten, *watchdog, *clock, *clock_poll,
                        *zone, *exit;
        usec_t clock_offset_usec; /* CLOCK_REALTIME - CLOCK_BOOTTIME as last seen */
        char boot_id[BOOT_ID_MAX];
        usec_t synced_usec;     /* core clock: what was committed by then is on the platter */
        usec_t sync_begun_usec; /* … the last time */
        usec_t moved_usec;    /* … and what waits for the disk was tried to be written, or nothing waited */
        bool sync_now;        /* without regard to sync-interval */
        usec_t watchdog_usec; /* 0 = systemd does not watch */
        bool ill;             /* something was wrong when it was last looked at */
};

/* With its event loop and its buses, whatever they lead to: makes everything else. What fails has been logged. */
int manager_begin(Manager *m);

usec_t manager_now(void); /* core clock */
/* Unix ms of a moment of the core's clock. */
int64_t manager_realtime_ms(usec_t at_usec);

/* The one way into the core. Returns what engine_handle() does. */
int manager_handle(Manager *m, const Event *event);
int manager_handle_at(Manager *m, const Event *event, usec_t now_usec); /* core clock */
void manager_commit(Manager *m);
void manager_sync(Manager *m); /* now, or as soon as the sync that is running is done */
/* A timer of CLOCK_BOOTTIME, not set yet. */
int manager_add_timer(Manager *m, sd_event_source **source, sd_event_time_handler_t handler);
/* Sets a one-shot timer to a time of the core's clock. Returns 0 or a negative errno, which is logged. */
int manager_set_timer(sd_event_source *timer, usec_t at_usec);
void manager_arm_commit(Manager *m); /* after anything that leaves the store work to do */
void manager_push(Manager *m);       /* to the bus and the status line */
int manager_reload(Manager *m, char **ret_error);

/* disk.c: says on the bus when the disk has refused for long, and when it does no more. At each commit. */
void manager_watch_disk(Manager *m);

/* delete.c: answers when what was deleted is gone for good. */
void manager_answer_deletion(Manager *m, BusRequest *request); /* the last one */
void manager_answer_deletions(Manager *m);                     /* a sync is done */
void manager_forget_deletion(Manager *m, const BusRequest *request);

/* bus.c: the two connections, and the name. What fails has been logged. */
int manager_open_buses(Manager *m);
int manager_watch_buses(Manager *m); /* whether they are lost */
void manager_close_buses(Manager *m);
/* A second daemon leaves nothing behind, not even an empty database: it looks before it touches anything. */
int manager_check_name(Manager *m);
/* The last step: whoever sees the name finds everything behind it. */
int manager_own_name(Manager *m);

/* warnings.c: after whatever they may follow from has changed. Those that are new are logged. */
void manager_warn(Manager *m);
void manager_warn_anew(Manager *m); /* the next time all are */

/* resume.c: what outlives the daemon. */
/* Gives to the store what is in force by command, for the next commit. session_over: what was commanded for the session no
 * longer is, although the core has yet to say so. Returns whether anything is new. */
bool manager_keep_commands(Manager *m, bool session_over);
int manager_begin_core(Manager *m); /* with the figures of the day in force, which are in the database */
int manager_resume(Manager *m);     /* takes up what was left open */
/* Does or leaves it, if that had to wait for the clock and can be decided by now. */
void manager_resume_late(Manager *m);

/* clock.c: the wall clock. */
void manager_check_clock(Manager *m); /* before anything of an event gets its stamp */
/* Looks what is known of the clock, before something is stored that follows from it. */
void manager_know_clock(Manager *m);
void manager_poll_clock(Manager *m); /* looks again from time to time, as long as something waits for it */
int manager_add_clock(Manager *m);
/* Whether the clock is set may have changed. */
void manager_judge_clock(Manager *m);
/* For what cannot do without a date: 0, or the refusal. */
int manager_need_clock(sd_bus_error *error);

/* coach.c: the coach's answer for the day in force, and what follows from it. */
int manager_coach_begin(Manager *m);   /* before the core begins */
void manager_coach_follow(Manager *m); /* if another day is in force, or what the coach goes by has changed */
void manager_coach_changed(Manager *m); /* it has, by what a caller has told */
int manager_coach_day(Manager *m, Day date, CoachFacts *ret_facts, CoachDay *ret);
/* The runner's figures on that day; a resting heart rate that cannot be is put right. */
Runner manager_coach_runner(const Manager *m, CoachDay *day);
int manager_add_calendar(Manager *m); /* the timer and the watch that it needs */
void manager_arm_midnight(Manager *m);

/* ceiling.c: the ceiling in force. */
EngineConfig manager_engine_config(const Manager *m);
Intensity manager_ceiling_of_coach(const Manager *m); /* what `auto` stands for now */
void manager_ceiling_follow(Manager *m);              /* something that it depends on has changed */
/* By command: NULL = back to what holds without one. Returns what the core says of it. */
int manager_ceiling_command(Manager *m, const Intensity *intensity);
/* The session that is recorded or is about to begin is said to be this: a race, a hard run and a workout end what a command
 * has set. The caller lets it follow. */
void manager_ceiling_said(Manager *m, Kind said);
void manager_ceiling_expire(Manager *m); /* a session or a day may be over */
const char *manager_ceiling_reason(const Manager *m, char buf[static COACH_TEXT_MAX]);
/* Of a session begun that day without a word, and why. */
Intensity manager_ceiling_of_day(const Manager *m, const CoachDay *day, const char **ret_reason,
                char buf[static COACH_TEXT_MAX]);

/* verdict.c: how finished sessions went. */
int manager_verdict(Manager *m, int64_t session, StoreRun *ret_run, CoachVerdict *ret);
void manager_judge_held(Manager *m);   /* what a sync has kept from being stored may be by now */
void manager_judge_recent(Manager *m); /* what was known of the last days has changed */

/* advice.c: when the coach speaks without being asked. */
void manager_advise_later(Manager *m);                       /* a session has begun, or goes on */
void manager_advise_after_race(Manager *m, int64_t session); /* it has ended; if it was one */
void manager_ask_talk_test(Manager *m, int64_t session);     /* it was added */
int manager_add_advice(Manager *m);

/* measure.c: a resting heart rate, measured. */
int manager_measure_resting(void *userdata, uint32_t seconds, BusRequest *request, sd_bus_error *error);
void manager_measure_cancel(Manager *m);
void manager_measure_heart_rate(Manager *m, const Fact *fact);
int manager_on_measure(sd_event_source *source, uint64_t usec, void *userdata);

/* workout.c: sessions with cues. */
int manager_workout_list(void *userdata, sd_bus_message *reply);
int manager_workout_start(Manager *m, const char *name, int64_t *ret_id, sd_bus_error *error);
void manager_workout_end(Manager *m); /* all is said, or its session is over */
void manager_push_workout(Manager *m);
int manager_on_cue(sd_event_source *source, uint64_t usec, void *userdata);

/* diary.c: what the runner tells, and what they ask the coach. */
extern const BusCoachHandlers manager_coach_handlers;

/* facts.c: what the core found, carried out. */
void manager_fact(void *userdata, const Fact *fact);

/* straps.c: BlueZ's straps and the core's numbers. */
extern const BluezHandlers manager_bluez_handlers;
int manager_strap_number(Manager *m, const char *address);
const char *manager_strap_name(const Manager *m, unsigned number, char buf[static NAME_PLAIN_MAX]);
void manager_straps_stepped(Manager *m, int64_t step_ms); /* the clock that stamped what is known of them */
/* Its last heart rate is when it was last seen. */
void manager_strap_seen(Manager *m, unsigned number);
void manager_push_straps(Manager *m);
void manager_push_status(Manager *m);

/* Whether a session can be begun by hand just now; and begins it, its kind as said, "" = not. */
int manager_may_start(Manager *m, sd_bus_error *error);
int manager_start_session(Manager *m, const char *kind, int64_t *ret_id, sd_bus_error *error);
/* setup.c: scanning, and straps that are to become the runner's, or not to be any more. */
void manager_scan(void *userdata, bool wanted);
int manager_trust(void *userdata, const char *address, BusRequest *request, sd_bus_error *error);
int manager_forget(void *userdata, const char *address, BusRequest *request, sd_bus_error *error);
void manager_abandoned(void *userdata, const BusRequest *request);
void manager_scan_changed(void *userdata, const char *error, const char *message);

/* requests.c: what callers on the bus ask for. */
extern const BusHandlers manager_bus_handlers;
