/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "cardio/kind.h"
#include "cardio/macro.h"
#include "output.h"

/* The result of a verb, and the exit status of the program. A function that returns one has already printed what went wrong. */
typedef enum Outcome {
        OUTCOME_DONE = 0,
        OUTCOME_FAILED = 1,
        OUTCOME_USAGE = 2,
        OUTCOME_UNREACHABLE = 3, /* the daemon or its bus is not there, or access is denied */
        OUTCOME_NOT_FOUND = 4,   /* no such session or sensor, morning or race */
} Outcome;

/* What a shell can offer for an argument, besides fixed words: nothing more, or what exists on this machine. */
typedef enum Source {
        SOURCE_NONE,
        SOURCE_FILE,
        SOURCE_SESSION, /* the id of a session */
        SOURCE_SENSOR,  /* the address of a strap */
        SOURCE_RACE,    /* the id of a race */
        SOURCE_MORNING, /* the id of a resting heart rate */
        _SOURCE_MAX,
        _SOURCE_INVALID = -EINVAL,
} Source;

typedef struct Offer {
        const char *words; /* separated by blanks, NULL = none */
        Source source;
} Offer;

#define SESSION_KINDS KIND_NAMES(" ", " ")

/* Options of one verb, besides those that every verb takes. */
#define VERB_OPTIONS_MAX 12U

typedef struct Option {
        const char *name;     /* long name */
        char letter;          /* short name, 0 = none */
        const char *argument; /* its name in the help, NULL = the option is a flag */
        const char *help;
        Offer offer; /* for its argument */
} Option;

/* Arguments of a verb that have completions. */
#define VERB_OFFERS_MAX 4U

typedef struct Call Call;

typedef struct Verb {
        const char *name;
        const char *arguments;            /* as in the usage line, "" = none */
        int min_arguments, max_arguments; /* max < 0: any number */
        Offer offer[VERB_OFFERS_MAX]; /* for the first, second, … argument; if any number is allowed, the first for all */
        bool json;                    /* it can print JSON, so it takes --json */
        bool database;                /* it reads the database, so it takes --database */
        bool paged;                   /* its output may be long, and asks and follows nothing */
        const char *summary;   /* one line for the list of verbs */
        const char *help;      /* details besides the summary; NULL = none */
        const Option *options; /* ends with a NULL name; NULL = none */
        Outcome (*run)(const Call *call);
} Verb;

/* Verbs of one subject, listed together; one file each. */
typedef struct Family {
        const char *title;
        const Verb *verbs; /* ends with a NULL name */
} Family;

/* One verb as it was called. */
struct Call {
        const Verb *verb;
        bool user, json, no_pager;
        const char *database; /* NULL = not given */
        int argc;             /* arguments after the verb, within the verb's limits */
        char **argv;
        /* By index of the option: its argument, "" for a flag, NULL = not given. */
        const char *value[VERB_OPTIONS_MAX];
        Output out;
};

/* The argument of one of the verb's own options, "" for a flag, NULL if it was not given. */
const char *call_option(const Call *call, const char *name);

/* Prints "cardioctl: …" on stderr, control characters replaced, and returns the outcome. */
Outcome fail(Outcome outcome, const char *format, ...) _printf_(2, 3);

/* The table of verbs: the families in their order, NULL after the last one. */
const Family *family_at(size_t i);

/* The options that every verb takes; ends with a NULL name. */
extern const Option common_options[];
/* Whether it makes sense with this verb. */
bool verb_takes_common(const Verb *verb, const Option *option);

extern const Family first_family;
extern const Family status_family;
extern const Family strap_family;
extern const Family session_family;
extern const Family coach_family;
extern const Family diary_family;
extern const Family rest_family;
extern const Family command_family;
extern const Family edit_family;
extern const Family report_family;
extern const Family export_family;
extern const Family import_family;
extern const Family backup_family;
extern const Family doctor_family;
extern const Family record_family;
extern const Family shell_family;
