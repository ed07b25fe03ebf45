/* SPDX-License-Identifier: MIT */

/* Reads cardiod.conf and its drop-ins. inih parses the lines, but gets them one by one from here: inih alone would cut long
 * lines and names, has no line numbers, and takes an indented line for a continuation of the value above. So this reader
 * counts lines, refuses what inih would cut, strips the indentation, and handles sections without keys.
 *
 * A mistake costs its line, or its section, and reading goes on: all mistakes are reported at once. No clock: the date is
 * passed in. */

#include "config/load.h"

#include <assert.h>
#include <dirent.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cardio/nearest.h"

/* Both far above what a sensible file has. inih's own limit of 200 bytes includes the line's end. */
#define CONFIG_LINE_MAX    190U
#define CONFIG_LINES_MAX   10000U
#define CONFIG_DROPINS_MAX 64U

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

typedef struct Reader {
        ConfigLoad *load;
        FILE *file;
        ConfigPlace place; /* of the current line */
        bool awaits_key;   /* the current line should have a key, and inih has not reported one yet */
        bool skips;        /* it is in a section that was refused */
} Reader;

/* -- Workouts ---------------------------------------------------------------------------------------------------- */

static int workout_find(const Config *c, const char *name)
{
        for (size_t i = 0; i < c->n_workouts; i++)
                if (strcmp(c->workout[i].name, name) == 0)
                        return (int)i;
        return -ENOENT;
}

/* A line [workout NAME], for the first time or again. */
static int workout_open(ConfigLoad *l, ConfigPlace place, const char *section)
{
        const char *name = section + strlen(WORKOUT_SECTION);
        Config *c = l->config;
        char *copy;

        if (!workout_name_is_valid(name))
                return config_fail(&l->failures, place, NULL, "[%s] is no name for a workout; accepted: %s",
                                section, WORKOUT_NAME_ACCEPTED);
        if (workout_find(c, name) >= 0)
                return 0;
        if (c->n_workouts == CONFIG_WORKOUTS_MAX)
                return config_fail(&l->failures, place, NULL,
                                "[%s] is one workout too many; accepted: at most %u", section,
                                CONFIG_WORKOUTS_MAX);

        copy = strdup(name);
        if (!copy)
                return config_no_memory(&l->failures);
        l->places.workout[c->n_workouts] = place;
        c->workout[c->n_workouts++].name = copy;
        return 0;
}

static int workout_set(
                ConfigLoad *l, ConfigPlace place, const char *section, const char *name, const char *value)
{
        const char *rest = NULL;
        Workout workout;
        char *copy;
        int i, r;

        if (strcmp(name, "steps") != 0) {
                l->places.incomplete = true;
                return config_fail(
                                &l->failures, place, name, "unknown key in [%s]; accepted: steps", section);
        }

        i = workout_find(l->config, section + strlen(WORKOUT_SECTION));
        assert(i >= 0);
        if (l->places.steps[i].file == place.file)
                return config_fail(&l->failures, place, name,
                                "set twice, first on line %u; accepted: each key once in a file",
                                l->places.steps[i].line);
        l->places.steps[i] = place;

        r = workout_parse(value, &workout, &rest);
        if (r == -ERANGE)
                return config_fail(
                                &l->failures, place, name, "too long; accepted: %s", WORKOUT_STEPS_ACCEPTED);
        if (r < 0)
                return config_fail(&l->failures, place, name, "not understood from \"%s\" on; accepted: %s",
                                rest, WORKOUT_STEPS_ACCEPTED);

        copy = strdup(value);
        if (!copy)
                return config_no_memory(&l->failures);
        free(l->config->workout[i].steps);
        l->config->workout[i].steps = copy;
        return 0;
}

/* -- Lines ------------------------------------------------------------------------------------------------------- */

/* Lists the sections that exist, once each: their keys are adjacent in the table. */
static int fail_unknown_section(ConfigLoad *l, ConfigPlace place, const char *section)
{
        char accepted[256] = "", name[NEAREST_WORD_MAX + 1], meant[64] = "";
        Nearest nearest = { .word = name };
        size_t n = 0;

        (void)snprintf(name, sizeof(name), "%s", section + strspn(section, " \t"));
        for (size_t i = strlen(name); i > 0 && (name[i - 1] == ' ' || name[i - 1] == '\t'); i--)
                name[i - 1] = '\0';
        for (size_t i = 0; i < ELEMENTSOF(config_keys); i++)
                if (i == 0 || strcmp(config_keys[i].section, config_keys[i - 1].section) != 0) {
                        nearest_consider(&nearest, config_keys[i].section);
                        n += (size_t)snprintf(
                                        accepted + n, sizeof(accepted) - n, "[%s], ", config_keys[i].section);
                        assert(n < sizeof(accepted));
                }
        if (nearest.match)
                (void)snprintf(meant, sizeof(meant), " (did you mean [%s]?)", nearest.match);
        return config_fail(&l->failures, place, NULL, "unknown section [%s]%s; accepted: %s[workout NAME]",
                        section, meant, accepted);
}

/* What may have been meant: a key of another section with exactly this name, else the most similar one of this section. */
static void suggest_key(const char *section, const char *name, char *buf, size_t size)
{
        Nearest nearest = { .word = name };

        *buf = '\0';
        for (size_t i = 0; i < ELEMENTSOF(config_keys); i++) {
                if (strcmp(config_keys[i].name, name) == 0) {
                        (void)snprintf(buf, size, " (it belongs in [%s])", config_keys[i].section);
                        return;
                }
                if (strcmp(config_keys[i].section, section) == 0)
                        nearest_consider(&nearest, config_keys[i].name);
        }
        if (nearest.match)
                (void)snprintf(buf, size, " (did you mean `%s`?)", nearest.match);
}

static int fail_unknown_key(ConfigLoad *l, ConfigPlace place, const char *section, const char *name)
{
        char accepted[512] = "", meant[96];
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(config_keys); i++)
                if (strcmp(config_keys[i].section, section) == 0) {
                        n += (size_t)snprintf(accepted + n, sizeof(accepted) - n, "%s%s", n > 0 ? ", " : "",
                                        config_keys[i].name);
                        assert(n < sizeof(accepted));
                }
        suggest_key(section, name, meant, sizeof(meant));
        return config_fail(&l->failures, place, *name ? name : NULL, "unknown key in [%s]%s; accepted: %s",
                        section, meant, accepted);
}

/* A line that begins with [. Returns a negative errno if the lines below it belong to no known section. */
static int read_section(ConfigLoad *l, ConfigPlace place, const char *line)
{
        char section[CONFIG_LINE_MAX + 1];
        const char *end;

        end = strchr(line, ']');
        if (!end)
                return config_fail(&l->failures, place, NULL,
                                "the section's name does not end; accepted: [SECTION]");
        memcpy(section, line + 1, (size_t)(end - line - 1));
        section[end - line - 1] = '\0';

        end++;
        end += strspn(end, " \t");
        if (*end != '\0' && *end != ';') /* the failure is recorded, and the section is known */
                (void)config_fail(&l->failures, place, NULL,
                                "more behind the section's name; accepted: [SECTION] and keys on lines of their own");

        if (strncmp(section, WORKOUT_SECTION, strlen(WORKOUT_SECTION)) == 0)
                return workout_open(l, place, section);
        if (!config_section_exists(section))
                return fail_unknown_section(l, place, section);
        return 0;
}

static int read_char(Reader *r)
{
        int c = getc(r->file);

        if (c != '\r')
                return c;
        c = getc(r->file);
        if (c == '\n')
                return c;
        (void)ungetc(c, r->file); /* does nothing with EOF */
        return '\r';
}

/* Reads a line without its end and leading white space, at most size - 1 bytes; a refused one reads as empty. Returns 1, 0 at
 * the end of the file, or a negative errno. */
static int read_line(Reader *r, char *buf, size_t size)
{
        bool control = false, longer = false;
        size_t n = 0;
        int c;

        while ((c = read_char(r)) != EOF && c != '\n') {
                control = control || (c < ' ' && c != '\t') || c == 0x7f;
                if (n == 0 && (c == ' ' || c == '\t'))
                        continue;
                longer = longer || n == size - 1;
                if (control || longer)
                        continue;
                buf[n++] = (char)c;
                if (r->place.line == 1 && n == strlen(BYTE_ORDER_MARK) &&
                                memcmp(buf, BYTE_ORDER_MARK, n) == 0)
                        n = 0;
        }
        if (ferror(r->file))
                return config_fail_errno(&r->load->failures, -errno, (ConfigPlace){ .file = r->place.file },
                                "cannot be read: %s", strerror(errno));
        if (control)
                (void)config_fail(&r->load->failures, r->place, NULL, "a control character; accepted: text");
        else if (longer)
                (void)config_fail(&r->load->failures, r->place, NULL,
                                "the line is too long; accepted: at most %zu bytes", size - 1);
        if (control || longer) {
                r->load->places.incomplete = true;
                n = 0;
        }
        buf[n] = '\0';
        return c != EOF || n > 0 || control || longer;
}

/* Checks whether inih has found a key in the previous line. */
static void reader_judge(Reader *r)
{
        if (r->awaits_key) {
                r->load->places.incomplete = true;
                (void)config_fail(&r->load->failures, r->place, NULL,
                                "not understood; accepted: [SECTION], KEY = VALUE, or a comment behind ; or "
                                "#");
        }
        r->awaits_key = false;
}

/* Reader function for inih: the next line into buf, or NULL if there is none, or an error has ended the reading. */
static char *reader_next(char *buf, int size, void *userdata)
{
        Reader *r = userdata;
        size_t limit = CONFIG_LINE_MAX + 1;

        assert(size > 0);
        if (limit > (size_t)size)
                limit = (size_t)size;

        reader_judge(r);
        if (r->load->failures.code == -ENOMEM)
                return NULL;
        if (r->place.line == CONFIG_LINES_MAX) {
                r->load->places.incomplete = true;
                (void)config_fail(&r->load->failures, r->place, NULL, "too many lines; accepted: at most %u",
                                CONFIG_LINES_MAX);
                return NULL; /* the error is kept */
        }
        r->place.line++;
        if (read_line(r, buf, limit) <= 0)
                return NULL;
        if (*buf == '[')
                r->skips = read_section(r->load, r->place, buf) < 0;
        else
                r->awaits_key = !r->skips && *buf != '\0' && *buf != ';' && *buf != '#';
        if (*buf == '[' && r->skips)
                r->load->places.incomplete = true;
        return buf;
}

/* -- Keys -------------------------------------------------------------------------------------------------------- */

/* age and born are one figure given in two ways: in one file that is a contradiction, in a later file a replacement. */
static int key_replaces(ConfigLoad *l, ConfigKeyId id, ConfigPlace place)
{
        ConfigKeyId other = id == KEY_AGE ? KEY_BORN : KEY_AGE;

        if (l->places.key[other].file == place.file)
                return config_fail(&l->failures, place, config_keys[id].name,
                                "%s is set too, on line %u; accepted: one of age and born",
                                config_keys[other].name, l->places.key[other].line);
        l->places.key[other] = (ConfigPlace){};
        l->places.refused[other] = false;
        if (other == KEY_AGE)
                l->config->age = 0;
        else
                l->config->born = (Date){};
        return 0;
}

static void key_set(ConfigLoad *l, ConfigPlace place, ConfigKeyId id, const char *value)
{
        const ConfigKey *key = &config_keys[id];
        char accepted[CONFIG_ACCEPTED_MAX];
        const char *reason;
        int r;

        if (l->places.key[id].file == place.file) {
                (void)config_fail(&l->failures, place, key->name,
                                "set twice, first on line %u; accepted: each key once in a file",
                                l->places.key[id].line);
                l->places.refused[id] = true; /* unknown which of the two is meant */
                return;
        }
        r = config_key_parse(key, value, l->today, l->config, &reason);
        if (r < 0)
                (void)config_fail(&l->failures, place, key->name, "\"%s\" %s; accepted: %s", value, reason,
                                config_key_accepted(key, accepted));
        if (id == KEY_AGE || id == KEY_BORN) {
                int replaced = key_replaces(l, id, place);

                r = r < 0 ? r : replaced;
        }
        l->places.key[id] = place;
        l->places.refused[id] = r < 0;
}

/* Handler for inih: always returns non-zero, since refused keys are reported here already. */
static int reader_key(void *userdata, const char *section, const char *name, const char *value)
{
        Reader *r = userdata;
        ConfigLoad *l = r->load;
        ConfigKeyId id;

        r->awaits_key = false;
        if (l->failures.code == -ENOMEM || r->skips)
                return 1;
        if (*section == '\0') {
                l->places.incomplete = true;
                (void)config_fail(&l->failures, r->place, name,
                                "before any section; accepted: keys below a [SECTION]");
                return 1;
        }
        if (strncmp(section, WORKOUT_SECTION, strlen(WORKOUT_SECTION)) == 0) {
                (void)workout_set(l, r->place, section, name, value); /* it is kept */
                return 1;
        }
        id = config_key_find(section, name);
        if (id < 0) {
                l->places.incomplete = true;
                (void)fail_unknown_key(l, r->place, section, name);
        } else {
                key_set(l, r->place, id, value);
        }
        return 1;
}

/* -- Files ------------------------------------------------------------------------------------------------------- */

static void fclosep(FILE **f)
{
        if (*f)
                (void)fclose(*f); /* only read from */
}

static void load_file(ConfigLoad *l, const char *path, bool must_exist)
{
        _cleanup_(fclosep) FILE *file = NULL;
        Reader reader = { .load = l, .place.file = path };

        file = fopen(path, "re");
        if (!file) {
                if (errno == ENOENT && !must_exist)
                        return;
                l->places.incomplete = true;
                (void)config_fail_errno(
                                &l->failures, -errno, reader.place, "cannot be read: %s", strerror(errno));
                return;
        }
        reader.file = file;

        /* inih returns only the first line that it did not understand: reader_judge() checks each. */
        if (ini_parse_stream(reader_next, &reader, reader_key, &reader) < 0)
                (void)config_no_memory(&l->failures);
        reader_judge(&reader);
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
                return config_no_memory(&l->failures);
        }
        if (stat(path, &st) < 0) {
                int code = -errno;

                l->places.incomplete = true;
                (void)config_fail_errno(&l->failures, code, (ConfigPlace){ .file = folder },
                                "%s cannot be read: %s", name, strerror(-code));
                return l->failures.code == -ENOMEM ? -ENOMEM : 0;
        }
        if (!S_ISREG(st.st_mode))
                return 0;
        if (d->n == CONFIG_DROPINS_MAX)
                return config_fail(&l->failures, (ConfigPlace){ .file = folder }, NULL,
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
                return config_fail_errno(&l->failures, -errno, (ConfigPlace){ .file = folder },
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
                (void)config_no_memory(&l->failures);
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
                *ret_error = config_failures_take(&l.failures);
                return l.failures.code;
        }
        *ret = l.config;
        return 0;
}
