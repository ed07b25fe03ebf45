/* SPDX-License-Identifier: MIT */
/* cardiod: records heart rates from Bluetooth straps. This file knows the command line and where files are; everything else is
 * in manager/. No clock but today's date, for the age. */

#include <getopt.h>
#include <locale.h>
#include <malloc.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "config/config.h"
#include "local.h"
#include "log.h"
#include "manager/manager.h"

/* Bytes; the default is 128 kB, a fortieth of the daemon's memory. */
#define HEAP_SPARE_MAX (16 * 1024)

static const char usage[] =
                "Usage: cardiod [OPTION…]\n"
                "Records runs from Bluetooth heart-rate straps and says when they are too fast.\n"
                "\n"
                "      --user           serve the session bus and keep files in your home\n"
                "      --config FILE    read FILE, then FILE.d/*.conf\n"
                "      --database FILE  record to FILE\n"
                "      --check-config   print the configuration in effect, or what is wrong with it\n"
                "      --version        print the version\n"
                "      --help           print this\n"
                "\n"
                "See cardiod(8), cardiod.conf(5).\n";

typedef struct Arguments {
        bool user, check_config;
        const char *config, *database;
} Arguments;

/* Returns > 0 to go on, 0 if the program is done, or -EINVAL for wrong usage. */
static int parse_arguments(int argc, char **argv, Arguments *ret)
{
        enum { USER = 256, CONFIG, DATABASE, CHECK_CONFIG, VERSION, HELP };
        static const struct option options[] = {
                { "user", no_argument, NULL, USER },
                { "config", required_argument, NULL, CONFIG },
                { "database", required_argument, NULL, DATABASE },
                { "check-config", no_argument, NULL, CHECK_CONFIG },
                { "version", no_argument, NULL, VERSION },
                { "help", no_argument, NULL, HELP },
                { 0 },
        };
        Arguments a = { 0 };
        int option;

        while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
                switch (option) {
                case USER:
                        a.user = true;
                        break;
                case CONFIG:
                        a.config = optarg;
                        break;
                case DATABASE:
                        a.database = optarg;
                        break;
                case CHECK_CONFIG:
                        a.check_config = true;
                        break;
                case VERSION:
                        (void)puts("cardiod " CARDIO_VERSION);
                        return 0;
                case HELP:
                        (void)fputs(usage, stdout);
                        return 0;
                default:
                        (void)fputs("Try 'cardiod --help'.\n", stderr);
                        return -EINVAL;
                }
        if (optind < argc) {
                (void)fprintf(stderr, "cardiod: '%s' is not an option. Try 'cardiod --help'.\n",
                                argv[optind]);
                return -EINVAL;
        }
        *ret = a;
        return 1;
}

/* $VARIABLE/name, or ~/fallback/name. */
static char *user_path(const char *variable, const char *fallback, const char *name)
{
        const char *base = getenv(variable), *home = getenv("HOME");
        char *path = NULL;
        int r;

        if (base && base[0] == '/')
                r = asprintf(&path, "%s/%s", base, name);
        else if (home && home[0] == '/')
                r = asprintf(&path, "%s/%s/%s", home, fallback, name);
        else
                r = -1;
        return r < 0 ? NULL : path;
}

/* Only those that need no database, which --check-config does not open. */
static void print_warnings(const Config *config)
{
        const Runner runner = config_runner(config, date_of_day(local_today()));
        ConfigWarnings w;

        config_warnings(config, &runner, NULL, &w);
        for (size_t i = 0; i < w.n; i++)
                (void)fprintf(stderr, "Warning: %s\n", w.warning[i].text);
}

static int run(const Arguments *a, const char *config_path, const char *database_path)
{
        const ManagerOptions options = {
                .user = a->user,
                .config_path = config_path,
                .config_must_exist = a->config,
                .database_path = database_path,
        };
        _cleanup_(manager_freep) Manager *manager = NULL;
        _cleanup_free_ char *why = NULL;
        Config *config;
        int r;

        r = config_load(config_path, options.config_must_exist, date_of_day(local_today()), &config, &why);
        if (r < 0) {
                (void)fprintf(stderr, "%s\n", why ? why : strerror(-r));
                return EXIT_FAILURE;
        }
        if (a->check_config) {
                print_warnings(config);
                if (config->born.year != 0 && !local_is_known())
                        (void)fprintf(stderr,
                                        "%s: born: the clock is not set; the age is computed when it is\n",
                                        config_path);
                r = config_print(config, stdout);
                config_free(config);
                return r < 0 || fflush(stdout) != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        }
        if (manager_new(&options, config, &manager) < 0)
                return EXIT_FAILURE;
        return manager_run(manager);
}

/* The event loop handles signals; a closed pipe or a full quota is an error like any other, not the end. */
static void prepare_process(void)
{
        sigset_t mask;

        (void)sigemptyset(&mask);
        (void)sigaddset(&mask, SIGTERM);
        (void)sigaddset(&mask, SIGINT);
        (void)sigaddset(&mask, SIGHUP);
        (void)sigaddset(&mask, SIGCONT); /* blocked or not, the process continues */
        (void)sigprocmask(SIG_BLOCK, &mask, NULL);
        (void)signal(SIGPIPE, SIG_IGN);
        (void)signal(SIGXFSZ, SIG_IGN);
        (void)umask(0027);
        /* Memory that the start and each commit need for a moment is returned to the kernel, rather than kept for the next one. */
        (void)mallopt(M_TRIM_THRESHOLD, HEAP_SPARE_MAX);
        (void)mallopt(M_TOP_PAD, 0);
}

int main(int argc, char **argv)
{
        _cleanup_free_ char *config_path = NULL, *database_path = NULL;
        Arguments a;
        int r;

        r = parse_arguments(argc, argv, &a);
        if (r <= 0)
                return r < 0 ? 2 : EXIT_SUCCESS;
        prepare_process();
        log_open();

        config_path = a.config ? strdup(a.config)
                      : a.user ? user_path("XDG_CONFIG_HOME", ".config", CARDIO_USER_CONFIG)
                               : strdup(CARDIO_SYSTEM_CONFIG);
        database_path = a.database ? strdup(a.database)
                        : a.user   ? user_path("XDG_STATE_HOME", ".local/state", CARDIO_USER_DATABASE)
                                   : strdup(CARDIO_SYSTEM_DATABASE);
        if (!config_path || !database_path) {
                log_error("Where are your files? Neither the XDG folders nor HOME are absolute paths");
                return EXIT_FAILURE;
        }
        return run(&a, config_path, database_path);
}
