/* SPDX-License-Identifier: MIT */

/* cardio-notify: notifies the runner on the desktop of what cardiod signals. Reads the command line and runs the event loop.
 * No clock. */

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cardio/parse.h"

#include "exec.h"
#include "notifier.h"
#include "say.h"

#define USAGE                                                                                                \
        "Usage: cardio-notify [--user] [--print] [--exec COMMAND [--exec-timeout DURATION]]\n"               \
        "\n"                                                                                                 \
        "Shows on the desktop when a run becomes too fast, when it is in range again, how it went, and "     \
        "what\n"                                                                                             \
        "the coach and a workout say.\n"                                                                     \
        "\n"                                                                                                 \
        "  --user          listen to the cardiod of this user on the session bus only; without it, to the\n" \
        "                  one on the system bus, or if there is none, to that of this user\n"               \
        "  --print         write a line for each notification instead of showing it\n"                       \
        "  --exec COMMAND  also run COMMAND with sh for each, with CARDIO_EVENT, CARDIO_HEART_RATE,\n"       \
        "                  CARDIO_CEILING, CARDIO_SECONDS, CARDIO_SESSION and CARDIO_TEXT in its "           \
        "environment\n"                                                                                      \
        "  --exec-timeout DURATION\n"                                                                        \
        "                  end COMMAND when it has run for so long, as in 10s or 2min; 30s if not given\n"   \
        "  --version       print the version\n"                                                              \
        "  --help          print this\n"

typedef enum Parsed {
        PARSED_RUN,
        PARSED_DONE,
        PARSED_WRONG,
} Parsed;

static int timeout_parse(const char *text, usec_t *ret_usec)
{
        char min[DURATION_STRING_MAX], max[DURATION_STRING_MAX];
        usec_t usec;

        if (parse_duration(text, &usec) == 0 && usec >= EXEC_TIMEOUT_MIN_USEC &&
                        usec <= EXEC_TIMEOUT_MAX_USEC) {
                *ret_usec = usec;
                return 0;
        }
        say("--exec-timeout: \"%s\" is not accepted; it takes a duration of %s to %s, as in 10s or 2min",
                        text, duration_to_string(EXEC_TIMEOUT_MIN_USEC, min),
                        duration_to_string(EXEC_TIMEOUT_MAX_USEC, max));
        return -EINVAL;
}

static Parsed options_parse(int argc, char **argv, NotifierOptions *options)
{
        static const struct option table[] = {
                { "user", no_argument, NULL, 'u' },
                { "print", no_argument, NULL, 'p' },
                { "exec", required_argument, NULL, 'e' },
                { "exec-timeout", required_argument, NULL, 't' },
                { "version", no_argument, NULL, 'v' },
                { "help", no_argument, NULL, 'h' },
                { NULL, 0, NULL, 0 },
        };
        int c;

        while ((c = getopt_long(argc, argv, "h", table, NULL)) >= 0)
                switch (c) {
                case 'u':
                        options->user = true;
                        break;
                case 'p':
                        options->print = true;
                        break;
                case 'e':
                        options->command = optarg;
                        break;
                case 't':
                        if (timeout_parse(optarg, &options->command_timeout_usec) < 0)
                                return PARSED_WRONG;
                        break;
                case 'v':
                        puts("cardio-notify " CARDIO_VERSION);
                        return PARSED_DONE;
                case 'h':
                        fputs(USAGE, stdout);
                        return PARSED_DONE;
                default: /* getopt has printed what is wrong */
                        fputs("Try `cardio-notify --help`.\n", stderr);
                        return PARSED_WRONG;
                }
        if (optind < argc) {
                say("%s: it takes no arguments, only options; try `cardio-notify --help`", argv[optind]);
                return PARSED_WRONG;
        }
        if (options->command && *options->command == '\0') {
                say("--exec: a command is expected, as in --exec 'paplay bell.ogg'");
                return PARSED_WRONG;
        }
        if (options->command_timeout_usec != 0 && !options->command) {
                say("--exec-timeout: goes with --exec");
                return PARSED_WRONG;
        }
        if (options->command_timeout_usec == 0)
                options->command_timeout_usec = EXEC_TIMEOUT_USEC;
        return PARSED_RUN;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        (void)source;
        (void)info;
        notifier_stop(userdata);
        return 0;
}

/* Returns the exit status, or a negative errno if nothing ever ran. */
static int run(const NotifierOptions *options)
{
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(notifier_freep) Notifier *notifier = NULL;
        sigset_t signals;
        int r;

        /* sd-event reads these three from a descriptor, and requires that they are blocked. */
        (void)sigemptyset(&signals);
        (void)sigaddset(&signals, SIGTERM);
        (void)sigaddset(&signals, SIGINT);
        (void)sigaddset(&signals, SIGCHLD);
        if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
                return -errno;
        r = sd_event_new(&event);
        if (r < 0)
                return r;
        r = notifier_new(event, options, &notifier);
        if (r < 0)
                return r;
        r = sd_event_add_signal(event, NULL, SIGTERM, on_signal, notifier);
        if (r < 0)
                return r;
        r = sd_event_add_signal(event, NULL, SIGINT, on_signal, notifier);
        if (r < 0)
                return r;
        return sd_event_loop(event);
}

int main(int argc, char **argv)
{
        NotifierOptions options = { 0 };
        int r;

        switch (options_parse(argc, argv, &options)) {
        case PARSED_DONE:
                return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
        case PARSED_WRONG:
                return EXIT_USAGE;
        case PARSED_RUN:
                break;
        }
        r = run(&options);
        if (r < 0) {
                say("%s", strerror(-r));
                return EXIT_FAILURE;
        }
        return r;
}
