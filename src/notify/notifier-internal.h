/* SPDX-License-Identifier: MIT */
#pragma once

#include "client/follower.h"
#include "aloud.h"
#include "breach.h"
#include "desktop.h"
#include "exec.h"
#include "hearing.h"
#include "notifier.h"
#include "page.h"
#include "requests.h"

/* What the parts of the notifier share. */

#define SENSOR_PATH_MAX 64U

/* What is wrong just now, as far as it is known. */
typedef struct Troubles {
        bool lost, shown; /* the strap is, in a run; and the runner sees it */
        int64_t session;  /* … that run; -1 = not known */
        Notice strap;
        bool disk;  /* it refuses, and the runner sees it */
        bool waits; /* for the end of the run: */
        Notice waiting;
} Troubles;

struct Notifier {
        sd_event *event;
        bool user;
        NotifyConfig config;
        Follower *follower;
        NotifierRequests requests;
        BusKind active;   /* the bus of the cardiod that counts, _BUS_KIND_INVALID = none */
        BusKind last;     /* the bus of the one that counted last */
        int64_t session;  /* from its properties: 0 = nothing is being recorded, -1 = not known */
        double tolerance; /* how many bpm above the ceiling are not too fast; 0 while not known */
        bool miles;       /* paces are told per mile */
        Desktop *desktop; /* NULL: lines on stdout */
        Page *page;       /* NULL: likewise */
        Exec *exec;       /* NULL: none */
        Aloud *aloud;
        Hearing hearing;
        Troubles troubles;
        int64_t alert;                /* the session whose alert is shown, 0 = none */
        BreachKind alert_kind;        /* … what it is about */
        char sensor[SENSOR_PATH_MAX]; /* the object path of the alert's sensor */
        sd_event_source *gap;         /* runs while that sensor sends nothing */
        int64_t covered;              /* the session whose pace gave way to its heart rate, 0 = none */
        bool cue;                     /* a cue of a workout is shown */
        int64_t muted;                /* 0 = none; ids rise, so the newest is enough */
        int64_t owed;                 /* the session whose summary is owed, 0 = none */
        int64_t summarized;           /* the session of the last summary */
        int64_t revised;              /* the session whose summary the runner has answered, 0 = none */
        BusKind asker;                /* the bus of the cardiod whose session the runner is asked about */
        sd_event_source *patience;
        sd_event_source *stopping, *stopped;
        bool reported_waiting;
};

/* In deliver.c: a notice; and one that the runner is to hear, too, if that is allowed now. */
void deliver_notice(Notifier *n, const Notice *notice);
void deliver_news(Notifier *n, Notice *notice, bool heard);

/* In troubles.c: cardiod has signalled one; */
void troubles_signalled(Notifier *n, const FollowerTrouble *trouble);
/* a run has begun; it has ended, for now at least; it is over, and the runner has seen its summary, if there is one; */
void troubles_run_began(Notifier *n, int64_t session);
void troubles_run_ended(Notifier *n, int64_t session);
void troubles_run_over(Notifier *n);
/* cardiod has said what is being recorded; it is gone; another one has taken its place, or the notifier ends; */
void troubles_greeted(Notifier *n);
void troubles_cardiod_gone(Notifier *n);
void troubles_forget(Notifier *n);
/* the run was muted. */
void troubles_muted(Notifier *n);

/* In breach.c: cardiod has signalled that a run is too fast; that it is in range again; the alert goes off the screen. */
void breach_goes_on(Notifier *n, const Breach *b);
void breach_is_over(Notifier *n, const Breach *b);
void breach_withdraw(Notifier *n);
/* A sensor has changed. */
void breach_on_sensor(Notifier *n, const char *path, const SensorProperties *sensor);

/* In buttons.c: the runner pressed one, and how cardiod replied. */
void buttons_on_action(void *userdata, DesktopAction action, int64_t session);
void buttons_on_snoozed(void *userdata, const char *reason);
void buttons_on_annotated(void *userdata, int64_t session, const char *reason);
void buttons_on_not_opened(void *userdata, int64_t session, const char *reason);
