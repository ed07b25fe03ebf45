/* SPDX-License-Identifier: MIT */
/* Puts setup.conf in its place: itself where it may, else by a command that the runner gives with sudo. Then the daemon reads its
 * configuration again. No clock. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cardio/bus-api.h"
#include "memory.h"
#include "setup/file.h"
#include "setup/setup.h"

#define RELOAD_TIMEOUT_USEC (10 * USEC_PER_SEC)

/* The lines of setup.conf that are to be, but its comments. */
static void print_lines(const Setup *s, const char *label)
{
        _cleanup_free_ char *text = checked(strdup(s->configuration.text));
        bool first = true;

        for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
                if (!*line || *line == '#' || *line == ';')
                        continue;
                output_field(s->out, first ? label : "", "%s", line);
                first = false;
        }
}

unsigned setup_plan_configuration(const Setup *s)
{
        const Configuration *c = &s->configuration;

        if (!configuration_is_changed(c))
                return 0;
        print_lines(s, "Answers");
        output_field(s->out, "", "in %s", c->dropin);
        return 1;
}

/* For a shell: within single quotes, whichever shell it is. */
static void print_quoted(const char *text)
{
        putchar('\'');
        for (; *text; text++)
                if (*text == '\'')
                        fputs("'\\''", stdout);
                else
                        putchar(*text);
        putchar('\'');
}

/* Whether it has the text that it is to have. */
static bool is_in_place(const Configuration *c)
{
        _cleanup_free_ char *text = file_read(c->dropin);

        return text && strcmp(text, c->text) == 0;
}

/* Written by the runner. The text is one of setup.conf, checked by the daemon: without control characters. */
static Outcome ask_to_write(Setup *s)
{
        const Configuration *c = &s->configuration;
        char answer[ASK_ANSWER_MAX];
        Outcome outcome = OUTCOME_DONE;

        output_wrapped(s->out, STYLE_PLAIN, 0, 0,
                        "You may not write %s. Give this command, all of it, in another terminal:",
                        c->dropin);
        printf("\nprintf %%s ");
        print_quoted(c->text);
        printf(" | sudo install -D -m 644 /dev/stdin ");
        print_quoted(c->dropin);
        printf("\n\n");
        while (outcome == OUTCOME_DONE && !is_in_place(c)) {
                outcome = ask_line(&s->ask, answer, "Then press Enter here; s skips it.");
                s->broken_off = outcome != OUTCOME_DONE;
                if (outcome == OUTCOME_DONE && strcasecmp(answer, "s") == 0)
                        return fail(OUTCOME_FAILED,
                                        "%s is not written; after the command above, `cardioctl reload` puts it in force",
                                        c->dropin);
                if (outcome == OUTCOME_DONE && !is_in_place(c))
                        output_wrapped(s->out, STYLE_WARNING, 0, 0, "%s is not there yet, or not as above.",
                                        c->dropin);
        }
        if (outcome == OUTCOME_DONE)
                output_wrapped(s->out, STYLE_PLAIN, 0, 0, "Written: %s", c->dropin);
        return outcome;
}

Outcome setup_do_configuration(Setup *s)
{
        const Configuration *c = &s->configuration;
        int r;

        if (!configuration_is_changed(c))
                return OUTCOME_DONE;
        if (!file_is_replaceable(c->dropin))
                return ask_to_write(s);
        r = file_replace(c->dropin, c->text, s->user ? 0600 : 0644);
        if (r < 0)
                return fail(OUTCOME_FAILED,
                                "cannot write %s: %s; once that is mended, `cardioctl setup` asks again",
                                c->dropin, strerror(-r));
        output_wrapped(s->out, STYLE_PLAIN, 0, 0, "Written: %s", c->dropin);
        return OUTCOME_DONE;
}

Outcome setup_do_reload(const Setup *s)
{
        Outcome outcome;

        if (!configuration_is_changed(&s->configuration))
                return OUTCOME_DONE;
        if (!s->daemon.bus) {
                output_wrapped(s->out, STYLE_PLAIN, 0, 0,
                                s->denied ? "cardiod goes by it after `sudo systemctl reload cardiod`."
                                          : "cardiod goes by it when it is started.");
                return OUTCOME_DONE;
        }
        outcome = bus_call(&s->daemon, CARDIO_MANAGER_INTERFACE, "Reload", RELOAD_TIMEOUT_USEC, NULL, NULL);
        if (outcome == OUTCOME_DONE)
                output_wrapped(s->out, STYLE_PLAIN, 0, 0, "cardiod goes by it from now on.");
        return outcome;
}
