/* SPDX-License-Identifier: MIT */

/* cardio-notify: notifies the runner on the desktop of what cardiod signals. Reads the command line and runs the event loop.
 * No clock. */

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cardio/parse.h"

#include "client/notify-config.h"
#include "exec.h"
#include "notifier.h"
#include "say.h"
#include "sound.h"
#include "speech.h"
#include "trial.h"

#define USAGE                                                                                                  \
        "Usage: cardio-notify [--user] [--print] [--exec COMMAND [--exec-timeout DURATION]] [--config FILE]\n" \
        "       cardio-notify --test [--print] [--config FILE]\n"                                              \
        "\n"                                                                                                   \
        "Shows on the desktop when a run becomes too fast, when it is in range again, when no heart rate\n"    \
        "comes any more, how a run went, and what the coach and a workout say; most of it is heard, too.\n"    \
        "\n"                                                                                                   \
        "  --user          listen to the cardiod of this user on the session bus only; without it, to the\n"   \
        "                  one on the system bus, or if there is none, to that of this user\n"                 \
        "  --print         write a line for each notification instead of showing it\n"                         \
        "  --exec COMMAND  also run COMMAND with sh for each, with CARDIO_EVENT, CARDIO_HEART_RATE,\n"         \
        "                  CARDIO_CEILING, CARDIO_SPEED, CARDIO_PACE_LIMIT, CARDIO_SECONDS,\n"                 \
        "                  CARDIO_SESSION and CARDIO_TEXT in its environment\n"                                \
        "  --exec-timeout DURATION\n"                                                                          \
        "                  end COMMAND when it has run for so long, as in 10s or 2min; 30s if not given\n"     \
        "  --config FILE   read FILE, not notify.conf in ~/.config/cardiod\n"                                  \
        "  --test          show, play and say one of each, and tell what works\n"                              \
        "  --version       print the version\n"                                                                \
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
                { "config", required_argument, NULL, 'c' },
                { "test", no_argument, NULL, 'T' },
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
                case 'c':
                        options->config_path = optarg;
                        break;
                case 'T':
                        options->test = true;
                        break;
                case 'v':
                        puts("cardio-notify " CARDIO_VERSION);
                        puts(sound_worker ? "sound: libcanberra" : "sound: not built in");
                        puts(speech_worker ? "speech: libspeechd" : "speech: not built in");
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
        if (options->test && options->command) {
                say("--exec: does not go with --test");
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

/* Reads the configuration. On a mistake says what and where, and leaves ret as it is. */
static int config_read(const char *given, NotifyConfig *ret)
{
        _cleanup_free_ char *found = NULL, *errors = NULL;
        int r = given ? 0 : notify_config_path(&found);
        char *rest, *line;

        if (r == -ENOENT) { /* without a home there is no file */
                *ret = notify_config_default();
                return 0;
        }
        if (r >= 0)
                r = notify_config_load(given ? given : found, given, ret, &errors);
        if (r < 0 && !errors)
                say("%s", strerror(-r));
        for (rest = errors; (line = strsep(&rest, "\n"));)
                say("%s", line);
        return r;
}

typedef struct Reload {
        const char *config_path;
        Notifier *notifier;
} Reload;

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        const Reload *reload = userdata;
        NotifyConfig config;

        (void)source;
        (void)info;
        if (config_read(reload->config_path, &config) < 0) {
                say("the configuration stays as it was");
                return 0;
        }
        notifier_configure(reload->notifier, &config);
        say("the configuration was read again");
        return 0;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        (void)source;
        (void)info;
        notifier_stop(userdata);
        return 0;
}

/* Ctrl-C ends it as it does any other program. */
static int test(const NotifierOptions *options)
{
        sigset_t signals;

        (void)sigemptyset(&signals);
        (void)sigaddset(&signals, SIGCHLD);
        if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
                return -errno;
        return trial_run(&options->config, options->print);
}

/* Returns the exit status, or a negative errno if nothing ever ran. */
static int run(const NotifierOptions *options)
{
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(notifier_freep) Notifier *notifier = NULL;
        Reload reload = { .config_path = options->config_path };
        sigset_t signals;
        int r;

        /* sd-event reads these from a descriptor, and requires that they are blocked. */
        (void)sigemptyset(&signals);
        (void)sigaddset(&signals, SIGTERM);
        (void)sigaddset(&signals, SIGINT);
        (void)sigaddset(&signals, SIGHUP);
        (void)sigaddset(&signals, SIGCONT);
        (void)sigaddset(&signals, SIGCHLD);
        if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
                return -errno;
        r = sd_event_new(&event);
        if (r < 0)
                return r;
        r = notifier_new(event, options, &notifier);
        if (r < 0)
                return r;
        reload.notifier = notifier;
        r = sd_event_add_signal(event, NULL, SIGTERM, on_signal, notifier);
        if (r < 0)
                return r;
        r = sd_event_add_signal(event, NULL, SIGINT, on_signal, notifier);
        if (r < 0)
                return r;
        r = sd_event_add_signal(event, NULL, SIGHUP, on_reload, &reload);
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
        if (config_read(options.config_path, &options.config) < 0)
                return EXIT_FAILURE;
        r = options.test ? test(&options) : run(&options);
        if (r < 0) {
                say("%s", strerror(-r));
                return EXIT_RESOURCES;
        }
        return r;
}
