/* SPDX-License-Identifier: MIT */
/* The command line: finds the verb, reads its options and runs it. What a verb accepts and what its help says come from one
 * place, its row in the table of its family; a new family is one more file and one line here. No clock. */
#include "commandline.h"

#include <assert.h>
#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cardio/nearest.h"
#include "memory.h"
#include "pager.h"

#define HELP_COLUMN 26

static const Family *const families[] = {
        &first_family,
        &status_family,
        &strap_family,
        &session_family,
        &coach_family,
        &diary_family,
        &rest_family,
        &command_family,
        &edit_family,
        &report_family,
        &export_family,
        &import_family,
        &backup_family,
        &doctor_family,
        &record_family,
        &shell_family,
};

/* The values of getopt_long() for long options: the common ones, then the verb's own in their order. */
#define OPTION_COMMON 256
#define OPTION_OWN    (OPTION_COMMON + _COMMON_MAX)

enum {
        COMMON_USER,
        COMMON_DATABASE,
        COMMON_JSON,
        COMMON_NO_PAGER,
        COMMON_HELP,
        COMMON_VERSION,
        _COMMON_MAX,
};

const Option common_options[] = {
        [COMMON_USER] = { .name = "user", .help = "ask the daemon on your session bus only" },
        [COMMON_DATABASE] = { .name = "database",
                        .argument = "FILE",
                        .help = "read this database, ask no daemon for it",
                        .offer = { .source = SOURCE_FILE } },
        [COMMON_JSON] = { .name = "json", .help = "print one JSON document" },
        [COMMON_NO_PAGER] = { .name = "no-pager", .help = "print long output as it is" },
        [COMMON_HELP] = { .name = "help", .letter = 'h', .help = "this help" },
        [COMMON_VERSION] = { .name = "version", .help = "the version" },
        [_COMMON_MAX] = { .name = NULL },
};

const Family *family_at(size_t i)
{
        return i < ELEMENTSOF(families) ? families[i] : NULL;
}

bool verb_takes_common(const Verb *verb, const Option *option)
{
        if (option == &common_options[COMMON_JSON])
                return verb->json;
        return option != &common_options[COMMON_DATABASE] || verb->database;
}

static const Verb *find_verb(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(families); i++)
                for (const Verb *verb = families[i]->verbs; verb->name; verb++)
                        if (strcmp(verb->name, name) == 0)
                                return verb;
        return NULL;
}

/* A line of help in two columns; if the left one is too long it has a line of its own. */
static _printf_(2, 3) void help_line(const char *text, const char *left, ...)
{
        _cleanup_free_ char *name = NULL;
        va_list arguments;

        va_start(arguments, left);
        name = text_formatted(left, arguments);
        va_end(arguments);

        if (strlen(name) > HELP_COLUMN - 4)
                printf("  %s\n%*s%s\n", name, HELP_COLUMN, "", text);
        else
                printf("  %-*s%s\n", HELP_COLUMN - 2, name, text);
}

static void help_option(const Option *o)
{
        const char *blank = o->argument ? " " : "", *argument = o->argument ? o->argument : "";

        if (o->letter)
                help_line(o->help, "-%c, --%s%s%s", o->letter, o->name, blank, argument);
        else
                help_line(o->help, "--%s%s%s", o->name, blank, argument);
}

static void help_all(void)
{
        printf("cardioctl [OPTION...] VERB [ARGUMENT...]\n\n"
               "Asks and commands cardiod, the heart-rate recorder.\n");
        for (size_t i = 0; i < ELEMENTSOF(families); i++) {
                printf("\n%s:\n", families[i]->title);
                for (const Verb *verb = families[i]->verbs; verb->name; verb++)
                        help_line(verb->summary, "%s%s%s", verb->name, *verb->arguments ? " " : "",
                                        verb->arguments);
        }
        printf("\nOptions, before or after the verb:\n");
        for (const Option *o = common_options; o->name; o++)
                help_option(o);
        printf("\n`cardioctl VERB --help` tells more. Exit status: 0 done, 1 failed,\n"
               "2 wrong usage, 3 cardiod or its bus not reachable, 4 no such session, sensor or entry.\n");
}

static void help_verb(const Verb *verb)
{
        printf("cardioctl %s [OPTION...]%s%s\n\n%c%s.\n", verb->name, *verb->arguments ? " " : "",
                        verb->arguments, toupper((unsigned char)verb->summary[0]), verb->summary + 1);
        if (verb->help)
                printf("\n%s\n", verb->help);
        printf("\nOptions:\n");
        for (const Option *o = verb->options; o && o->name; o++)
                help_option(o);
        for (const Option *o = common_options; o != &common_options[COMMON_VERSION]; o++)
                if (verb_takes_common(verb, o))
                        help_option(o);
}

static void open_output(Call *call)
{
        output_open(&call->out);
        call->out.pager = call->out.pager && !call->no_pager;
}

/* Of its verb, or of all if there is none. */
static Outcome print_help(const Call *call)
{
        if (call->verb)
                help_verb(call->verb);
        else
                help_all();
        return OUTCOME_DONE;
}

static Outcome help(Call *call)
{
        open_output(call);
        return pager_run(call, print_help);
}

/* The input of getopt_long(): the common options, then the verb's own, and all letters. */
typedef struct Grammar {
        struct option option[_COMMON_MAX + VERB_OPTIONS_MAX + 1];
        char letters[4 + 2 * VERB_OPTIONS_MAX];
} Grammar;

static void grammar_begin(Grammar *g, const Verb *verb)
{
        size_t n = 0, letters = 0;

        *g = (Grammar){ .letters = "" };
        for (; n < _COMMON_MAX; n++)
                g->option[n] = (struct option){ common_options[n].name,
                        common_options[n].argument ? required_argument : no_argument, NULL,
                        OPTION_COMMON + (int)n };
        if (!verb)
                g->letters[letters++] = '+'; /* stop at the verb */
        g->letters[letters++] = ':';         /* errors are printed here, not by getopt */
        g->letters[letters++] = common_options[COMMON_HELP].letter;

        for (size_t i = 0; verb && verb->options && verb->options[i].name; i++) {
                const Option *o = &verb->options[i];

                assert(i < VERB_OPTIONS_MAX);
                g->option[n++] = (struct option){ o->name, o->argument ? required_argument : no_argument,
                        NULL, OPTION_OWN + (int)i };
                if (!o->letter)
                        continue;
                g->letters[letters++] = o->letter;
                if (o->argument)
                        g->letters[letters++] = ':';
        }
}

static int own_option_by_letter(const Verb *verb, int letter)
{
        for (size_t i = 0; verb && verb->options && verb->options[i].name; i++)
                if (verb->options[i].letter == letter)
                        return (int)i;
        return -1;
}

static Outcome wrong_usage(const Verb *verb, const char *what, const char *about)
{
        return fail(OUTCOME_USAGE, "%s%s; see `cardioctl %s%s--help`", what, about, verb ? verb->name : "",
                        verb ? " " : "");
}

static Outcome unknown_verb(const char *name)
{
        Nearest nearest = { .word = name };

        nearest_consider(&nearest, "help");
        for (size_t i = 0; i < ELEMENTSOF(families); i++)
                for (const Verb *verb = families[i]->verbs; verb->name; verb++)
                        nearest_consider(&nearest, verb->name);
        if (nearest.match)
                return fail(OUTCOME_USAGE, "there is no verb '%s'; did you mean `%s`?", name, nearest.match);
        return fail(OUTCOME_USAGE, "there is no verb '%s'; `cardioctl --help` lists them", name);
}

/* A long option, without the value that may follow it. */
static Outcome unknown_option(const Verb *verb, const char *argument)
{
        char name[NEAREST_WORD_MAX + 2];
        Nearest nearest = { .word = name };

        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(argument + 2, "="), argument + 2);
        for (const Option *o = verb ? verb->options : NULL; o && o->name; o++)
                nearest_consider(&nearest, o->name);
        for (const Option *o = common_options; o->name; o++)
                if (!verb || verb_takes_common(verb, o))
                        nearest_consider(&nearest, o->name);
        if (nearest.match)
                return fail(OUTCOME_USAGE, "there is no option --%s; did you mean --%s?", name,
                                nearest.match);
        return wrong_usage(verb, "there is no option --", name);
}

static Outcome wrong_option(const Verb *verb, int answer, const char *argument)
{
        const char letter[] = { '-', (char)optopt, '\0' };
        /* optopt is the letter of a wrong short option; for a long one it is 0, or its number if only its argument is wrong. */
        bool is_short = optopt > 0 && optopt < OPTION_COMMON;

        if (answer == ':')
                return wrong_usage(verb, "an argument is missing after ", is_short ? letter : argument);
        if (is_short)
                return wrong_usage(verb, "there is no option ", letter);
        if (optopt > 0) /* it is a flag */
                return wrong_usage(verb, "there is no value for the flag ", argument);
        return unknown_option(verb, argument);
}

/* Reads options from argv[1] on, up to the verb if there is none yet. Sets ret_finished if nothing is left to be done. */
static Outcome read_options(Call *call, int argc, char **argv, bool *ret_finished)
{
        const Verb *verb = call->verb;
        Grammar g;
        int answer;

        grammar_begin(&g, verb);
        opterr = 0;
        optind = 0; /* start again: this is called twice */
        while ((answer = getopt_long(argc, argv, g.letters, g.option, NULL)) != -1) {
                int own = answer >= OPTION_OWN ? answer - OPTION_OWN : own_option_by_letter(verb, answer);

                switch (answer) {
                case 'h':
                case OPTION_COMMON + COMMON_HELP:
                        *ret_finished = true;
                        return help(call);
                case OPTION_COMMON + COMMON_VERSION:
                        printf("cardioctl %s\n", CARDIO_VERSION);
                        *ret_finished = true;
                        return OUTCOME_DONE;
                case OPTION_COMMON + COMMON_USER:
                        call->user = true;
                        break;
                case OPTION_COMMON + COMMON_NO_PAGER:
                        call->no_pager = true;
                        break;
                case OPTION_COMMON + COMMON_DATABASE:
                        call->database = optarg;
                        break;
                case OPTION_COMMON + COMMON_JSON:
                        call->json = true;
                        break;
                default:
                        if (own < 0)
                                return wrong_option(verb, answer, argv[optind - 1]);
                        call->value[own] = optarg ? optarg : "";
                }
        }
        return OUTCOME_DONE;
}

static Outcome check_call(const Call *call)
{
        const Verb *verb = call->verb;

        if (call->argc < verb->min_arguments)
                return wrong_usage(verb, "an argument is missing: ", verb->arguments);
        if (verb->max_arguments >= 0 && call->argc > verb->max_arguments)
                return wrong_usage(verb, "there is an argument too many: ", call->argv[verb->max_arguments]);
        if (call->json && !verb->json)
                return fail(OUTCOME_USAGE, "`%s` has nothing to print as JSON; leave --json out", verb->name);
        if (call->database && !verb->database)
                return fail(OUTCOME_USAGE, "`%s` goes by cardiod alone; leave --database out", verb->name);
        return OUTCOME_DONE;
}

static Outcome run(int argc, char **argv)
{
        Call call = { .verb = NULL };
        bool finished = false;
        Outcome outcome;

        outcome = read_options(&call, argc, argv, &finished);
        if (outcome != OUTCOME_DONE || finished)
                return outcome;
        argc -= optind;
        argv += optind;
        if (argc > 1 && strcmp(argv[0], "help") == 0) {
                argc--;
                argv++;
                finished = true; /* the help of the verb that follows */
        } else if (argc > 0 && strcmp(argv[0], "help") == 0) {
                return help(&call);
        }
        if (argc == 0)
                return fail(OUTCOME_USAGE, "a verb is missing; `cardioctl --help` lists them");

        call.verb = find_verb(argv[0]);
        if (!call.verb)
                return unknown_verb(argv[0]);
        if (finished)
                return help(&call);

        outcome = read_options(&call, argc, argv, &finished);
        if (outcome != OUTCOME_DONE || finished)
                return outcome;
        call.argc = argc - optind;
        call.argv = argv + optind;
        outcome = check_call(&call);
        if (outcome != OUTCOME_DONE)
                return outcome;

        open_output(&call);
        return call.verb->paged ? pager_run(&call, call.verb->run) : call.verb->run(&call);
}

Outcome commandline_run(int argc, char **argv)
{
        Outcome outcome = run(argc, argv);

        if ((fflush(stdout) != 0 || ferror(stdout)) && outcome == OUTCOME_DONE)
                outcome = fail(OUTCOME_FAILED, "cannot write the answer");
        return outcome;
}
