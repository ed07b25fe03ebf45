/* SPDX-License-Identifier: MIT */
/* The questions about alerts on the desktop: whether its notifier is to run, and whether it is to be heard. Its configuration is the
 * runner's own file, of which two values are changed. No clock. */
#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "memory.h"
#include "program.h"
#include "service.h"
#include "setup/file.h"
#include "setup/ini-edit.h"
#include "setup/setup.h"

#define UNIT "cardio-notify"

/* The session bus is there over ssh, too: whether there is a desktop shows by who shows notifications. */
static bool look_at_session(SetupDesktop *d)
{
        static const char server[] = "org.freedesktop.Notifications";
        sd_bus *bus = NULL;

        d->asked = sd_bus_open_user(&bus) >= 0 &&
                   (service_is_there(bus, server) || service_can_be_started(bus, server));
        d->runs = d->asked && service_is_there(bus, CARDIO_NOTIFY_BUS_NAME);
        sd_bus_flush_close_unref(bus);
        return d->asked;
}

/* Asks for a value of notify.conf, which is written only if it becomes another one. */
static Outcome ask_switch(Setup *s, const char *key, bool *value, const char *question)
{
        SetupDesktop *d = &s->desktop;
        bool before = *value;
        Outcome outcome = setup_ask_yes(s, before, value, "%s", question);
        char *text;

        if (outcome != OUTCOME_DONE || *value == before)
                return outcome;
        text = ini_set(d->text, "notify", key, *value ? "yes" : "no");
        free(d->text);
        d->text = text;
        return OUTCOME_DONE;
}

/* As the notifier reads it. Returns false, and says why, if it does not. */
static bool read_configuration(Setup *s)
{
        SetupDesktop *d = &s->desktop;
        _cleanup_free_ char *errors = NULL;
        int r = notify_config_path(&d->path);

        d->config = notify_config_default();
        if (r >= 0)
                r = notify_config_load(d->path, false, &d->config, &errors);
        if (r >= 0) {
                d->before = file_read(d->path);
                r = d->before ? 0 : -errno;
        }
        if (r >= 0) {
                d->text = checked(strdup(d->before));
                return true;
        }
        if (errors)
                errors[strcspn(errors, "\n")] = '\0'; /* the first mistake */
        setup_explain(s, "%s cannot be used, and stays as it is: %s", d->path ? d->path : "notify.conf",
                        errors ? errors : strerror(-r));
        return false;
}

static Outcome ask_to_be_heard(Setup *s)
{
        SetupDesktop *d = &s->desktop;
        Outcome outcome;

        if (!read_configuration(s))
                return OUTCOME_DONE;
        setup_explain(s, "On a treadmill the eyes are on the belt, so alerts can be heard, too.");
        outcome = ask_switch(s, "sound", &d->config.sound, "With a sound, yes or no?");
        return outcome == OUTCOME_DONE ? ask_switch(s, "speak", &d->config.speak,
                                                         "Said aloud, as in \"Slow down. 165.\", yes or no?")
                                       : outcome;
}

Outcome setup_ask_desktop(Setup *s)
{
        SetupDesktop *d = &s->desktop;
        bool first = !*s->configuration.before;
        Outcome outcome;

        if (!look_at_session(d)) {
                setup_explain(s,
                                "There is no desktop here that shows notifications, and so no alerts: `cardioctl setup` on your desktop sets them up.");
                return OUTCOME_DONE;
        }
        setup_explain(s, "A notification when you are too fast, and when you are back in range.");
        outcome = setup_ask_yes(s, d->runs || first, &d->wanted, "Show alerts on this desktop, yes or no?");
        return outcome == OUTCOME_DONE && d->wanted ? ask_to_be_heard(s) : outcome;
}

void setup_desktop_clear(SetupDesktop *d)
{
        free(d->path);
        free(d->before);
        free(d->text);
}

/* -- Carrying it out -- */

static bool file_changes(const SetupDesktop *d)
{
        return d->text && strcmp(d->before, d->text) != 0;
}

/* What systemctl has to do, NULL = nothing. */
static const char *unit_action(const SetupDesktop *d)
{
        if (!d->asked)
                return NULL;
        if (d->wanted != d->runs)
                return d->wanted ? "enable" : "disable";
        return d->runs && file_changes(d) ? "reload" : NULL;
}

unsigned setup_plan_desktop(const Setup *s)
{
        const SetupDesktop *d = &s->desktop;
        const char *action = unit_action(d);
        unsigned n = 0;

        if (file_changes(d)) {
                output_field(s->out, "Alerts", "sound %s, speech %s, in %s", d->config.sound ? "on" : "off",
                                d->config.speak ? "on" : "off", d->path);
                n++;
        }
        if (action) {
                output_field(s->out, n > 0 ? "" : "Alerts", "%s " UNIT,
                                strcmp(action, "enable") == 0    ? "start now, and with each login,"
                                : strcmp(action, "disable") == 0 ? "stop"
                                                                 : "reload");
                n++;
        }
        return n;
}

static Outcome do_unit(const Setup *s, const char *action)
{
        bool now = strcmp(action, "reload") != 0;
        const char *const with_now[] = { "systemctl", "--user", action, "--now", UNIT, NULL },
                          *const without[] = { "systemctl", "--user", action, UNIT, NULL };
        _cleanup_free_ char *output = NULL, *errors = NULL;
        int r = program_run(now ? with_now : without, &output, &errors);

        if (r == 0) {
                output_wrapped(s->out, STYLE_PLAIN, 0, 0, UNIT " %s.",
                                strcmp(action, "enable") == 0    ? "runs now, and with each login"
                                : strcmp(action, "disable") == 0 ? "is stopped"
                                                                 : "goes by it from now on");
                return OUTCOME_DONE;
        }
        if (errors)
                errors[strcspn(errors, "\n")] = '\0';
        /* systemctl's words. Distributions may have the notifier in a package of its own. */
        return fail(OUTCOME_FAILED, "`systemctl --user %s%s " UNIT "` has failed (%s); %s", action,
                        now ? " --now" : "",
                        r < 0               ? strerror(-r)
                        : errors && *errors ? errors
                                            : "it does not say why",
                        errors && strstr(errors, "does not exist")
                                        ? "install it, on Debian the package cardiod-desktop, and call `cardioctl setup` again"
                                        : "without systemd start " UNIT " with your desktop session");
}

Outcome setup_do_desktop(const Setup *s)
{
        const SetupDesktop *d = &s->desktop;
        const char *action = unit_action(d);
        Outcome outcome = OUTCOME_DONE;

        if (file_changes(d)) {
                int r = file_replace(d->path, d->text, 0600);

                if (r < 0)
                        outcome = fail(OUTCOME_FAILED, "cannot write %s: %s", d->path, strerror(-r));
                else
                        output_wrapped(s->out, STYLE_PLAIN, 0, 0, "Written: %s", d->path);
        }
        if (action) {
                Outcome unit = do_unit(s, action);

                outcome = outcome == OUTCOME_DONE ? unit : outcome;
        }
        return outcome;
}
