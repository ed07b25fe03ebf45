/* SPDX-License-Identifier: MIT */

/* cardio-bridge: publishes to an MQTT broker what cardiod says on D-Bus. Reads the command line and the configuration, and
 * runs the event loop. No clock. */

#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "cardio/macro.h"

#include "bridge.h"
#include "client/bridge-config.h"
#include "say.h"
#include "shared/clock.h"

#define USAGE                                                                                            \
        "Usage: cardio-bridge [--user] [--config FILE]\n"                                                \
        "       cardio-bridge [--user] [--config FILE] --check-config\n"                                 \
        "\n"                                                                                             \
        "Publishes to an MQTT broker what cardiod records: heart rates while they come, when a run is\n" \
        "too fast, and each session once it is over. Home Assistant finds it by itself, if you like.\n"  \
        "\n"                                                                                             \
        "  --user          listen to the cardiod of this user on the session bus only, and read\n"       \
        "                  bridge.conf in ~/.config/cardiod\n"                                           \
        "  --config FILE   read FILE, not " BRIDGE_SYSTEM_CONFIG "\n"                                    \
        "  --check-config  print the configuration in effect, or what is wrong with it\n"                \
        "  --version       print the version\n"                                                          \
        "  --help          print this\n"                                                                 \
        "\n"                                                                                             \
        "See cardio-bridge(8), bridge.conf(5).\n"

#define EXIT_USAGE 2

#define SYSTEM_FOLDER "/var/lib/cardio-bridge"

typedef struct Arguments {
        bool user, check_config;
        const char *config;
} Arguments;

/* Returns > 0 to go on, 0 if the program is done, or -EINVAL for wrong usage. */
static int parse_arguments(int argc, char **argv, Arguments *ret)
{
        static const struct option table[] = {
                { "user", no_argument, NULL, 'u' },
                { "config", required_argument, NULL, 'c' },
                { "check-config", no_argument, NULL, 'C' },
                { "version", no_argument, NULL, 'v' },
                { "help", no_argument, NULL, 'h' },
                { NULL, 0, NULL, 0 },
        };
        Arguments a = { .user = false };
        int c;

        while ((c = getopt_long(argc, argv, "h", table, NULL)) >= 0)
                switch (c) {
                case 'u':
                        a.user = true;
                        break;
                case 'c':
                        a.config = optarg;
                        break;
                case 'C':
                        a.check_config = true;
                        break;
                case 'v':
                        puts("cardio-bridge " CARDIO_VERSION);
                        return 0;
                case 'h':
                        fputs(USAGE, stdout);
                        return 0;
                default: /* getopt has printed what is wrong */
                        fputs("Try `cardio-bridge --help`.\n", stderr);
                        return -EINVAL;
                }
        if (optind < argc) {
                say("%s: it takes no arguments, only options; try `cardio-bridge --help`", argv[optind]);
                return -EINVAL;
        }
        *ret = a;
        return 1;
}

/* -- The configuration ----------------------------------------------------------------------------------- */

/* On a mistake says what and where, and leaves ret as it is. */
static int read_config(const Arguments *a, BridgeConfig *ret)
{
        _cleanup_free_ char *found = NULL, *errors = NULL;
        int r = a->config ? 0 : bridge_config_path(a->user, &found);
        char *rest, *line;

        if (r >= 0)
                r = bridge_config_load(a->config ? a->config : found, ret, &errors);
        else if (r == -ENOENT)
                say("where is your home? Neither XDG_CONFIG_HOME nor HOME is an absolute path");
        if (r < 0 && r != -ENOENT && !errors)
                say("%s", strerror(-r));
        for (rest = errors; (line = strsep(&rest, "\n"));)
                say("%s", line);
        if (r >= 0 && bridge_config_warning(ret))
                say("%s", bridge_config_warning(ret));
        return r;
}

static void print_text(const char *key, const char *value)
{
        if (value)
                printf("%s = %s\n", key, value);
        else
                printf("; %s is not set\n", key);
}

/* As a file that would be read. The password stays where it is. */
static int print_config(const BridgeConfig *c)
{
        puts("[broker]");
        print_text("host", c->host);
        printf("port = %u\ntls = %s\n", (unsigned)c->port, c->tls ? "yes" : "no");
        print_text("ca-file", c->ca_file);
        print_text("certificate-file", c->certificate_file);
        print_text("key-file", c->key_file);
        print_text("username", c->username);
        print_text("password-file", c->password_file);
        print_text("protocol", bridge_protocol_to_string(c->protocol));
        puts("\n[topics]");
        print_text("prefix", c->prefix);
        print_text("device", c->device);
        printf("\n[homeassistant]\ndiscovery = %s\n", c->discovery ? "yes" : "no");
        print_text("prefix", c->discovery_prefix);
        return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Where it keeps what it needs. To be freed; NULL: nowhere. */
static char *find_folder(bool user)
{
        const char *given = getenv("STATE_DIRECTORY"), *base = getenv("XDG_STATE_HOME"),
                   *home = getenv("HOME");
        char *folder = NULL;
        int r;

        if (!user)
                return strdup(given && *given == '/' ? given : SYSTEM_FOLDER);
        if (base && *base == '/')
                r = asprintf(&folder, "%s/cardiod", base);
        else if (home && *home == '/')
                r = asprintf(&folder, "%s/.local/state/cardiod", home);
        else
                r = -1;
        return r < 0 ? NULL : folder;
}

/* -- Running --------------------------------------------------------------------------------------------- */

typedef struct Run {
        const Arguments *arguments;
        const char *folder;
        sd_event *event;
        Bridge *bridge;
} Run;

/* Takes over config. */
static int begin(Run *run, BridgeConfig *config)
{
        _cleanup_free_ char *error = NULL;
        int r = bridge_new(run->event, run->arguments->user, run->folder, config, &run->bridge, &error);

        bridge_config_done(config); /* unless it is taken over already */
        if (r < 0)
                say("%s", error ? error : strerror(-r));
        return r;
}

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        Run *run = userdata;
        char reloading[96];
        BridgeConfig config;
        int r;

        (void)source;
        (void)info;
        (void)snprintf(reloading, sizeof(reloading), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
                        clock_usec(CLOCK_MONOTONIC));
        (void)sd_notify(false, reloading);
        if (read_config(run->arguments, &config) < 0) {
                say("the configuration stays as it was");
        } else {
                /* The connection is made anew, and so is all that depends on its topics. */
                say("the configuration was read again");
                run->bridge = bridge_free(run->bridge);
                r = begin(run, &config);
                if (r < 0)
                        return sd_event_exit(run->event, r);
        }
        (void)sd_notify(false, "READY=1");
        return 0;
}

static int run_loop(Run *run, BridgeConfig *config)
{
        static const int ends[] = { SIGTERM, SIGINT };
        int r = begin(run, config);

        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(ends) && r >= 0;
                        i++) /* no handler: the loop ends with the status 0 */
                r = sd_event_add_signal(run->event, NULL, ends[i], NULL, NULL);
        if (r >= 0)
                r = sd_event_add_signal(run->event, NULL, SIGHUP, on_reload, run);
        if (r >= 0)
                r = sd_event_set_watchdog(run->event, true);
        if (r >= 0) {
                (void)sd_notify(false, "READY=1");
                r = sd_event_loop(run->event);
        }
        (void)sd_notify(false, "STOPPING=1");
        run->bridge = bridge_free(run->bridge);
        return r;
}

static void prepare_process(void)
{
        sigset_t mask;

        (void)sigemptyset(&mask);
        (void)sigaddset(&mask, SIGTERM);
        (void)sigaddset(&mask, SIGINT);
        (void)sigaddset(&mask, SIGHUP);
        (void)sigprocmask(SIG_BLOCK, &mask, NULL); /* the event loop handles them */
        (void)signal(SIGPIPE, SIG_IGN);
        (void)umask(0077);
        /* Two threads that allocate little need no heap each. */
        (void)mallopt(M_ARENA_MAX, 1);
}

int main(int argc, char **argv)
{
        _cleanup_free_ char *folder = NULL;
        Run run = { .bridge = NULL };
        Arguments arguments;
        BridgeConfig config;
        int r = parse_arguments(argc, argv, &arguments);

        if (r <= 0)
                return r < 0 ? EXIT_USAGE : fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
        prepare_process();
        if (read_config(&arguments, &config) < 0)
                return EXIT_FAILURE;
        if (arguments.check_config) {
                r = print_config(&config);
                bridge_config_done(&config);
                return r;
        }
        folder = find_folder(arguments.user);
        r = folder ? sd_event_new(&run.event) : -ENOENT;
        if (r < 0) {
                say("%s", folder ? strerror(-r)
                                 : "where is your home? Neither XDG_STATE_HOME nor HOME is an absolute path");
                bridge_config_done(&config);
                return EXIT_FAILURE;
        }
        run.arguments = &arguments;
        run.folder = folder;
        r = run_loop(&run, &config);
        sd_event_unref(run.event);
        return r < 0 ? EXIT_FAILURE : r;
}
