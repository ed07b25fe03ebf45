/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdio.h>
#include <sys/types.h>

#include <systemd/sd-event.h>

#include "harness.h"

/* What the parts of the harness share. */

#define CHILDREN_MAX      1024U
#define SIGNALS_MAX       65536U
#define SUBSCRIPTIONS_MAX 16U
#define PATHS_MAX         256U
#define ARGUMENTS_MAX     64U

struct Child {
        Harness *harness;
        char *name, *out_path, *err_path;
        pid_t pid;
        int input;
        bool wrapped, ended;
        bool expected; /* the test knows how it ended */
        int status;
        size_t answers_offset; /* how far its answers have been read */
        sd_event_source *source;
};

typedef struct Subscription {
        BusKind kind;
        char *match;
} Subscription;

struct Harness {
        harness_test_t test;
        bool passed;
        char *folder;
        unsigned scale;
        sd_event *event;
        sd_event_source *folder_watch;

        Child *daemons[_BUS_KIND_MAX]; /* dbus-daemon */
        sd_bus *buses[_BUS_KIND_MAX];
        Subscription subscriptions[SUBSCRIPTIONS_MAX];
        size_t n_subscriptions;

        sd_bus_message **signals; /* kept */
        size_t n_signals, n_signals_allocated;
        sd_bus_message *taken[SIGNALS_MAX / 16];
        size_t n_taken;

        Child *children[CHILDREN_MAX];
        size_t n_children;
        Child *standin, *daemon;
        BusKind daemon_bus;

        char *paths[PATHS_MAX];
        size_t n_paths;

        struct ClockShim *clock; /* NULL = the machine's */
        usec_t step_usec, nudged_usec;
};

typedef enum ChildFlags {
        CHILD_PLAIN = 0,
        CHILD_WRAPPED = 1, /* a program under test */
        CHILD_INPUT = 2,   /* its standard input is a pipe */
} ChildFlags;

Child *child_start(Harness *h, const char *name, ChildFlags flags, const char *const *argv);
Child *child_free(Child *child);
/* The same, with the test's clock, if it has one. */
Child *child_start_by_clock(Harness *h, const char *name, ChildFlags flags, const char *const *argv);
/* Has those who have it look at the test's clock; waits for nothing. */
void harness_clock_nudge(Harness *h);
void harness_clock_free(Harness *h);
/* A condition for harness_wait(). */
bool child_has_ended(Harness *h, void *userdata);
/* Ends it at the end of a test. Returns false, and says why, if it ended other than it should. */
bool child_finish(Child *child);
/* Prints the end of what it wrote. */
void child_show(const Child *child);
/* How many lines match a shell pattern. Takes the text apart. */
unsigned count_lines(char *text, const char *pattern);

/* Memory, descriptors and the event loop: a failure there fails the test. */
#define need(h, r) need_success((h), (r), __FILE__, __LINE__)
int need_success(Harness *h, int r, const char *file, int line);
char *format_text(const char *format, ...) _printf_(1, 2);

/* Reads a file from an offset on. "" if it does not exist. */
char *read_whole(const char *path, size_t offset);

usec_t now_boot_usec(void);

/* Handles what has arrived already. */
void loop_drain(Harness *h);

/* Writes the configuration that harness_bus_start() uses. */
void bus_configure(Harness *h, BusKind kind);
