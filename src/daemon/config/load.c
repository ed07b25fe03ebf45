/* SPDX-License-Identifier: MIT */

/* Reads cardiod.conf and its drop-ins, by shared/ini-reader.h. A mistake costs its line, or its section, and reading goes on:
 * all mistakes are reported at once. No clock: the date is passed in. */

#include "config/load.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "shared/ini-reader.h"

/* Far above what a sensible configuration has. */
#define CONFIG_DROPINS_MAX 64U

/* -- Workouts ---------------------------------------------------------------------------------------------------- */

static int workout_find(const Config *c, const char *name)
{
        for (size_t i = 0; i < c->n_workouts; i++)
                if (strcmp(c->workout[i].name, name) == 0)
                        return (int)i;
        return -ENOENT;
}

/* A line [workout NAME], for the first time or again. */
static int workout_open(ConfigLoad *l, IniPlace place, const char *section)
{
        const char *name = section + strlen(WORKOUT_SECTION);
        Config *c = l->config;
        char *copy;

        if (!workout_name_is_valid(name))
                return ini_fail(&l->failures, place, NULL, "[%s] is no name for a workout; accepted: %s",
                                section, WORKOUT_NAME_ACCEPTED);
        if (workout_find(c, name) >= 0)
                return 0;
        if (c->n_workouts == CONFIG_WORKOUTS_MAX)
                return ini_fail(&l->failures, place, NULL,
                                "[%s] is one workout too many; accepted: at most %u", section,
                                CONFIG_WORKOUTS_MAX);

        copy = strdup(name);
        if (!copy)
                return ini_no_memory(&l->failures);
        l->places.workout[c->n_workouts] = place;
        c->workout[c->n_workouts++].name = copy;
        return 0;
}

static int workout_set(
                ConfigLoad *l, IniPlace place, const char *section, const char *name, const char *value)
{
        const char *rest = NULL;
        Workout workout;
        char *copy;
        int i, r;

        if (strcmp(name, "steps") != 0) {
                l->places.incomplete = true;
                return ini_fail(&l->failures, place, name, "unknown key in [%s]; accepted: steps", section);
        }

        i = workout_find(l->config, section + strlen(WORKOUT_SECTION));
        assert(i >= 0);
        if (l->places.steps[i].file == place.file)
                return ini_fail_twice(&l->failures, place, name, l->places.steps[i]);
        l->places.steps[i] = place;

        r = workout_parse(value, &workout, &rest);
        if (r == -ERANGE)
                return ini_fail(&l->failures, place, name, "too long; accepted: %s", WORKOUT_STEPS_ACCEPTED);
        if (r < 0)
                return ini_fail(&l->failures, place, name, "not understood from \"%s\" on; accepted: %s",
                                rest, WORKOUT_STEPS_ACCEPTED);

        copy = strdup(value);
        if (!copy)
                return ini_no_memory(&l->failures);
        free(l->config->workout[i].steps);
        l->config->workout[i].steps = copy;
        return 0;
}

/* -- Names ------------------------------------------------------------------------------------------------------- */

static const char *name_section(size_t i)
{
        return config_keys[i].section;
}

static const char *name_key(size_t i)
{
        return config_keys[i].name;
}

static const IniNames names = {
        .n = ELEMENTSOF(config_keys),
        .section = name_section,
        .key = name_key,
        .further = "[workout NAME]",
};

static int load_section(void *userdata, IniPlace place, const char *section)
{
        ConfigLoad *l = userdata;

        if (strncmp(section, WORKOUT_SECTION, strlen(WORKOUT_SECTION)) == 0)
                return workout_open(l, place, section);
        if (!config_section_exists(section))
                return ini_fail_section(&l->failures, place, &names, section);
        return 0;
}

/* -- Keys -------------------------------------------------------------------------------------------------------- */

/* age and born are one figure given in two ways: in one file that is a contradiction, in a later file a replacement. */
static int key_replaces(ConfigLoad *l, ConfigKeyId id, IniPlace place)
{
        ConfigKeyId other = id == KEY_AGE ? KEY_BORN : KEY_AGE;

        if (l->places.key[other].file == place.file)
                return ini_fail(&l->failures, place, config_keys[id].name,
                                "%s is set too, on line %u; accepted: one of age and born",
                                config_keys[other].name, l->places.key[other].line);
        l->places.key[other] = (IniPlace){};
        l->places.refused[other] = false;
        if (other == KEY_AGE)
                l->config->age = 0;
        else
                l->config->born = (Date){};
        return 0;
}

static void key_set(ConfigLoad *l, IniPlace place, ConfigKeyId id, const char *value)
{
        const ConfigKey *key = &config_keys[id];
        char accepted[CONFIG_ACCEPTED_MAX];
        const char *reason;
        int r;

        if (l->places.key[id].file == place.file) {
                (void)ini_fail_twice(&l->failures, place, key->name, l->places.key[id]);
                l->places.refused[id] = true; /* unknown which of the two is meant */
                return;
        }
        r = config_key_parse(key, value, l->today, l->config, &reason);
        if (r < 0)
                (void)ini_fail(&l->failures, place, key->name, "\"%s\" %s; accepted: %s", value, reason,
                                config_key_accepted(key, accepted));
        if (id == KEY_AGE || id == KEY_BORN) {
                int replaced = key_replaces(l, id, place);

                r = r < 0 ? r : replaced;
        }
        l->places.key[id] = place;
        l->places.refused[id] = r < 0;
}

static void load_key(void *userdata, IniPlace place, const char *section, const char *name, const char *value)
{
        ConfigLoad *l = userdata;
        ConfigKeyId id;

        if (strncmp(section, WORKOUT_SECTION, strlen(WORKOUT_SECTION)) == 0) {
                (void)workout_set(l, place, section, name, value); /* it is kept */
                return;
        }
        id = config_key_find(section, name);
        if (id < 0) {
                l->places.incomplete = true;
                (void)ini_fail_key(&l->failures, place, &names, section, name);
        } else {
                key_set(l, place, id, value);
        }
}

/* -- Files ------------------------------------------------------------------------------------------------------- */

static void load_file(ConfigLoad *l, const char *path, bool must_exist)
{
        const IniHandler handler = {
                .section = load_section,
                .key = load_key,
                .userdata = l,
                .failures = &l->failures,
                .incomplete = &l->places.incomplete,
        };

        ini_read(&handler, path, must_exist);
}

typedef struct Dropins {
        size_t n;
        char *path[CONFIG_DROPINS_MAX];
} Dropins;

static void dropins_clear(Dropins *d)
{
        for (size_t i = 0; i < d->n; i++)
                free(d->path[i]);
        d->n = 0;
}

static int compare_paths(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_dropin_name(const char *name)
{
        size_t n = strlen(name);

        return *name != '.' && n > strlen(".conf") && strcmp(name + n - strlen(".conf"), ".conf") == 0;
}

/* Fails if memory is short or there are too many; a file that cannot be read is reported, and the others are read. */
static int dropins_add(ConfigLoad *l, Dropins *d, const char *folder, const char *name)
{
        _cleanup_free_ char *path = NULL;
        struct stat st;

        if (asprintf(&path, "%s/%s", folder, name) < 0) {
                path = NULL;
                return ini_no_memory(&l->failures);
        }
        if (stat(path, &st) < 0) {
                int code = -errno;

                l->places.incomplete = true;
                (void)ini_fail_errno(&l->failures, code, (IniPlace){ .file = folder },
                                "%s cannot be read: %s", name, strerror(-code));
                return l->failures.code == -ENOMEM ? -ENOMEM : 0;
        }
        if (!S_ISREG(st.st_mode))
                return 0;
        if (d->n == CONFIG_DROPINS_MAX)
                return ini_fail(&l->failures, (IniPlace){ .file = folder }, NULL,
                                "too many files; accepted: at most %u", CONFIG_DROPINS_MAX);
        d->path[d->n++] = TAKE_PTR(path);
        return 0;
}

static void closedirp(DIR **d)
{
        if (*d)
                (void)closedir(*d); /* only read from */
}

/* FILE.d/ *.conf by name; none if the folder does not exist. */
static int dropins_find(ConfigLoad *l, Dropins *d, const char *folder)
{
        _cleanup_(closedirp) DIR *dir = NULL;
        struct dirent *entry;
        int r;

        dir = opendir(folder);
        if (dir)
                for (errno = 0; (entry = readdir(dir)); errno = 0) {
                        if (!is_dropin_name(entry->d_name))
                                continue;
                        r = dropins_add(l, d, folder, entry->d_name);
                        if (r < 0)
                                return r;
                }
        if (errno != 0 && errno != ENOENT)
                return ini_fail_errno(&l->failures, -errno, (IniPlace){ .file = folder },
                                "cannot be read: %s", strerror(errno));
        qsort(d->path, d->n, sizeof(d->path[0]), compare_paths);
        return 0;
}

static void load_all(ConfigLoad *l, const char *path, Dropins *dropins, bool must_exist)
{
        _cleanup_free_ char *folder = NULL;

        l->config = config_new();
        if (!l->config || asprintf(&folder, "%s.d", path) < 0) {
                folder = NULL;
                (void)ini_no_memory(&l->failures);
                return;
        }
        load_file(l, path, must_exist);
        if (dropins_find(l, dropins, folder) < 0)
                l->places.incomplete = true;
        for (size_t i = 0; i < dropins->n && l->failures.code != -ENOMEM; i++)
                load_file(l, dropins->path[i], true);
        if (l->failures.code != -ENOMEM)
                config_check(l); /* while the places still point to the names of files */
}

int config_load(const char *path, bool must_exist, Date today, Config **ret, char **ret_error)
{
        _cleanup_(dropins_clear) Dropins dropins = {};
        ConfigLoad l = { .today = today };

        load_all(&l, path, &dropins, must_exist);
        if (l.failures.code < 0) {
                (void)config_free(l.config);
                *ret_error = ini_failures_take(&l.failures);
                return l.failures.code;
        }
        *ret = l.config;
        return 0;
}
