/* SPDX-License-Identifier: MIT */
/* `setup`: the first five minutes, as questions. All are answered before anything is done: until then the runner can stop at any
 * moment, and nothing has changed. Then each step says what it did, and one that fails keeps no other one back. No clock. */
#include "setup/setup.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cardio/bus-api.h"
#include "doctor/doctor.h"
#include "group.h"
#include "memory.h"
#include "service.h"
#include "trust.h"

/* The first heart rate. */
#define WAIT_USEC (60 * USEC_PER_SEC)

static void setup_end(Setup *s)
{
        ask_end(&s->ask);
        configuration_close(&s->configuration);
        setup_desktop_clear(&s->desktop);
        strap_found_clear(&s->strap);
        json_object_put(s->manager);
        bus_close(&s->daemon);
}

/* -- The beginning -- */

static void greet(const Setup *s)
{
        output_wrapped(s->out, STYLE_PLAIN, 0, 0,
                        "A few questions, and you are ready to run. Enter takes the answer in brackets. "
                        "Nothing is done before the last question; Ctrl-C changes nothing.");
}

/* Reads the daemon's properties. Returns 0, -EACCES if it lets this user not in, or another negative errno. */
static int ask_daemon(Setup *s)
{
        _cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_json_ json_object *properties = NULL;
        int r = bus_find(s->call, &s->daemon);

        if (r >= 0)
                r = service_get_properties(s->daemon.bus, CARDIO_BUS_NAME, CARDIO_OBJECT,
                                CARDIO_MANAGER_INTERFACE, &properties, &error);
        return r < 0 && sd_bus_error_has_name(&error, SD_BUS_ERROR_ACCESS_DENIED) ? -EACCES : r;
}

static void explain_denial(const Setup *s)
{
        Membership m = group_membership();

        setup_explain(s,
                        "cardiod does not let you in, since %s, so that no strap can be looked for%s%s. "
                        "`cardioctl setup` adds it after that; all else can be answered now.",
                        membership_problem(m) ? membership_problem(m) : "its bus refuses you",
                        membership_advice(m) ? ": " : "", membership_advice(m) ? membership_advice(m) : "");
}

/* Finds the daemon, and says what cannot be set up without it. */
static Outcome find_daemon(Setup *s)
{
        int r = ask_daemon(s);

        s->user = s->call->user || s->daemon.user;
        s->denied = r == -EACCES;
        if (r >= 0)
                return bus_properties(&s->daemon, CARDIO_MANAGER_INTERFACE, &s->manager);
        bus_close(&s->daemon);
        if (s->denied)
                explain_denial(s);
        else if (r == -ETIMEDOUT)
                setup_explain(s,
                                "cardiod runs, but does not answer, so that no strap can be looked for. All else can be answered now.");
        else
                setup_explain(s,
                                "cardiod is not running, so that no strap can be looked for: stop here with Ctrl-C, start it with `%s enable --now cardiod`, "
                                "and begin again; or go on with all else.",
                                s->user ? "systemctl --user" : "sudo systemctl");
        return OUTCOME_DONE;
}

static Outcome check_call(const Call *call)
{
        if (isatty(STDIN_FILENO) && call->out.terminal)
                return OUTCOME_DONE;
        return fail(OUTCOME_USAGE,
                        "`setup` asks its questions on a terminal; elsewhere write a file NAME.conf into %s.d, "
                        "or ~/.config/" CARDIO_USER_CONFIG
                        ".d for a cardiod of your own, as cardiod.conf(5) tells",
                        CARDIO_SYSTEM_CONFIG);
}

/* -- The end -- */

/* Prints all that is to be done; returns false if there is nothing. */
static bool plan(const Setup *s)
{
        unsigned n = 0;

        putchar('\n');
        n += setup_plan_configuration(s);
        if (s->strap.text) {
                output_field(s->out, "Strap", "trust %s", s->strap.text);
                n++;
        }
        n += setup_plan_desktop(s);
        return n > 0;
}

static void keep_worst(Outcome *worst, Outcome outcome)
{
        if (*worst == OUTCOME_DONE)
                *worst = outcome;
}

/* The configuration comes first: where the runner has to write it, Ctrl-C still changes nothing. */
static Outcome carry_out(Setup *s)
{
        Outcome worst = setup_do_configuration(s);

        if (s->broken_off)
                return worst;
        if (worst == OUTCOME_DONE)
                worst = setup_do_reload(s);
        ask_end(&s->ask); /* from here on Ctrl-C ends the program */
        if (s->strap.text)
                keep_worst(&worst, trust_strap(s->call, &s->daemon, &s->strap, WAIT_USEC));
        keep_worst(&worst, setup_do_desktop(s));
        return worst;
}

static Outcome ask_all(Setup *s)
{
        Outcome outcome = setup_ask_runner(s);

        if (outcome == OUTCOME_DONE)
                outcome = setup_ask_strap(s);
        return outcome == OUTCOME_DONE ? setup_ask_desktop(s) : outcome;
}

static void say_all_is_set(const Setup *s)
{
        putchar('\n');
        output_wrapped(s->out, STYLE_GOOD, 0, 0,
                        "All set. Put the strap on and run: it is recorded by itself, and `cardioctl watch` shows it.%s",
                        s->desktop.wanted ? " What an alert is like, `cardio-notify --test` shows." : "");
}

static Outcome verb_setup(const Call *call)
{
        _cleanup_(setup_end) Setup s = { .call = call, .out = &call->out, .ask = ASK_NOT_BEGUN };
        bool yes = true;
        Outcome outcome;

        outcome = check_call(call);
        if (outcome != OUTCOME_DONE)
                return outcome;
        ask_begin(&s.ask, s.out);
        greet(&s);
        outcome = find_daemon(&s);
        if (outcome == OUTCOME_DONE)
                outcome = configuration_open(&s.configuration, s.user, call_option(call, "config"));
        if (outcome == OUTCOME_DONE)
                outcome = ask_all(&s);
        configuration_drop_copy(&s.configuration);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (plan(&s))
                outcome = setup_ask_yes(&s, true, &yes, "Do all this, yes or no?");
        else
                output_wrapped(s.out, STYLE_PLAIN, 0, 0, "All is as you said; there is nothing to do.");
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (!yes) {
                output_wrapped(s.out, STYLE_PLAIN, 0, 0, "Nothing is changed.");
                return OUTCOME_DONE;
        }
        outcome = carry_out(&s);
        if (s.broken_off)
                return outcome;
        putchar('\n');
        if (doctor_run(call) == OUTCOME_DONE && outcome == OUTCOME_DONE)
                say_all_is_set(&s);
        return outcome;
}

static const Option options[] = {
        { .name = "config",
                        .argument = "FILE",
                        .help = "of a cardiod that was started with this one",
                        .offer = { .source = SOURCE_FILE } },
        { .name = NULL },
};

static const Verb verbs[] = {
        {
                        .name = "setup",
                        .arguments = "",
                        .summary = "the first five minutes: who you are, your strap, alerts",
                        .help = "Asks for your age, your resting heart rate, whether each run is to be easy or\n"
                                "the coach decides, days off and level; looks for your strap; and sets up alerts\n"
                                "on the desktop. Enter takes the present answer. Each answer is checked at once,\n"
                                "nothing is done before the last question, and Ctrl-C changes nothing. The\n"
                                "answers go into setup.conf beside the configuration, by a command with sudo\n"
                                "where you may not write there. Ends with `doctor`. Run again it changes\n"
                                "answers.",
                        .options = options,
                        .run = verb_setup,
        },
        { .name = NULL },
};

const Family first_family = { .title = "First of all", .verbs = verbs };
