/* SPDX-License-Identifier: MIT */
#pragma once

#include "ask.h"
#include "bus.h"
#include "client/notify-config.h"
#include "setup/configuration.h"
#include "strap.h"

/* What the parts of `setup` share: all that has been answered so far, none of which is carried out before the end. */

/* What the notifier is to be. */
typedef struct SetupDesktop {
        bool asked;          /* there is a desktop that shows notifications */
        bool runs, wanted;   /* cardio-notify */
        char *path;          /* of its configuration */
        char *before, *text; /* that file as it is, and as it is to be */
        NotifyConfig config; /* what that says */
} SetupDesktop;

typedef struct Setup {
        const Call *call;
        const Output *out;
        Ask ask;
        DaemonBus daemon; /* bus is NULL = there is none that could be asked */
        bool user;        /* the configuration is that of a daemon on the session bus */
        bool denied;      /* it does not let this user in */
        json_object *manager;
        Configuration configuration;
        SetupDesktop desktop;
        StrapFound strap; /* to be trusted; text is NULL = none */
        bool broken_off;  /* while it was carried out */
} Setup;

/* runner.c: age, resting heart rate, ceiling, days off and level, into the configuration. */
Outcome setup_ask_runner(Setup *s);

/* find-strap.c: looks for a strap that is to be trusted. The search has ended when it returns. */
Outcome setup_ask_strap(Setup *s);

/* desktop.c: whether the notifier is to run, with sound and speech. */
Outcome setup_ask_desktop(Setup *s);
/* Prints what is to be done; returns how many lines. */
unsigned setup_plan_desktop(const Setup *s);
Outcome setup_do_desktop(const Setup *s);
void setup_desktop_clear(SetupDesktop *d);

/* write.c: what is to be done with the configuration, likewise. May ask the runner to do it. */
unsigned setup_plan_configuration(const Setup *s);
Outcome setup_do_configuration(Setup *s);
Outcome setup_do_reload(const Setup *s);

/* questions.c: one line about the next question: what it is for. */
void setup_explain(const Setup *s, const char *format, ...) _printf_(2, 3);
/* A question with yes or no, and which of them Enter stands for. */
Outcome setup_ask_yes(Setup *s, bool standard, bool *ret, const char *question, ...) _printf_(4, 5);
