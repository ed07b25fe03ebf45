/* SPDX-License-Identifier: MIT */

/* Reads cardiod.conf and its drop-ins. inih takes the lines apart, but it is fed line by line from here: it cuts long lines
 * and names, tells no line numbers, and takes an indented line for more of the value above. So this reader counts lines,
 * refuses what inih would cut, strips the indentation, and knows sections that have no keys in them.
 *
 * The first error ends the reading and is kept with its place. No clock: the date is passed in. */

#include "config-load.h"

#include <assert.h>
#include <dirent.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Both well above what any sensible file has. inih's own limit of 200 bytes includes the line's end. */
#define CONFIG_LINE_MAX    190U
#define CONFIG_LINES_MAX   10000U
#define CONFIG_DROPINS_MAX 64U

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

typedef struct Reader {
        ConfigLoad *load;
        FILE *file;
        ConfigPlace place; /* of the line in hand */
} Reader;

/* -- Errors and places ------------------------------------------------------------------------------------------- */

const char *config_place_to_string(ConfigPlace place, char buf[static CONFIG_PLACE_MAX])
{
        if (!place.file)
                (void)snprintf(buf, CONFIG_PLACE_MAX, "default");
        else if (place.line == 0)
                (void)snprintf(buf, CONFIG_PLACE_MAX, "%s", place.file);
        else
                (void)snprintf(buf, CONFIG_PLACE_MAX, "%s:%u", place.file, place.line);
        return buf;
}

_printf_(5, 0) static int config_failv(ConfigLoad *l, int code, ConfigPlace place, const char *subject,
                const char *format, va_list ap)
{
        _cleanup_free_ char *reason = NULL;
        char where[CONFIG_PLACE_MAX];

        if (l->code < 0)
                return l->code;

        l->code = code;
        l->error_place = place;
        if (vasprintf(&reason, format, ap) < 0) {
                reason = NULL;
                return l->code = -ENOMEM;
        }
        if (asprintf(&l->error, "%s: %s%s%s", config_place_to_string(place, where), subject ? subject : "",
                            subject ? ": " : "", reason) < 0) {
                l->error = NULL;
                return l->code = -ENOMEM;
        }
        return l->code;
}

int config_fail(ConfigLoad *l, ConfigPlace place, const char *subject, const char *format, ...)
{
        va_list ap;
        int r;

        va_start(ap, format);
        r = config_failv(l, -EINVAL, place, subject, format, ap);
        va_end(ap);
        return r;
}

/* For files and folders that cannot be read: the code is the system's. */
static int _printf_(4, 5)
                config_fail_errno(ConfigLoad *l, int code, ConfigPlace place, const char *format, ...)
{
        va_list ap;
        int r;

        va_start(ap, format);
        r = config_failv(l, code, place, NULL, format, ap);
        va_end(ap);
        return r;
}

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
                return config_fail(l, place, NULL, "[%s] is no name for a workout; accepted: %s", section,
                                WORKOUT_NAME_ACCEPTED);
        if (workout_find(c, name) >= 0)
                return 0;
        if (c->n_workouts == CONFIG_WORKOUTS_MAX)
                return config_fail(l, place, NULL, "[%s] is one workout too many; accepted: at most %u",
                                section, CONFIG_WORKOUTS_MAX);

        copy = strdup(name);
        if (!copy)
                return l->code = -ENOMEM;
        l->workout[c->n_workouts] = place;
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

        if (strcmp(name, "steps") != 0)
                return config_fail(l, place, name, "unknown key in [%s]; accepted: steps", section);

        i = workout_find(l->config, section + strlen(WORKOUT_SECTION));
        assert(i >= 0);
        if (l->steps[i].file == place.file)
                return config_fail(l, place, name,
                                "set twice, first on line %u; accepted: each key once in a file",
                                l->steps[i].line);

        r = workout_parse(value, &workout, &rest);
        if (r == -ERANGE)
                return config_fail(l, place, name, "too long; accepted: %s", WORKOUT_STEPS_ACCEPTED);
        if (r < 0)
                return config_fail(l, place, name, "not understood from \"%s\" on; accepted: %s", rest,
                                WORKOUT_STEPS_ACCEPTED);

        copy = strdup(value);
        if (!copy)
                return l->code = -ENOMEM;
        free(l->config->workout[i].steps);
        l->config->workout[i].steps = copy;
        l->steps[i] = place;
        return 0;
}

/* -- Lines ------------------------------------------------------------------------------------------------------- */

/* Lists the sections there are, once each: they stand together in the table. */
static int fail_unknown_section(ConfigLoad *l, ConfigPlace place, const char *section)
{
        char accepted[256] = "";
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(config_keys); i++)
                if (i == 0 || strcmp(config_keys[i].section, config_keys[i - 1].section) != 0) {
                        n += (size_t)snprintf(
                                        accepted + n, sizeof(accepted) - n, "[%s], ", config_keys[i].section);
                        assert(n < sizeof(accepted));
                }
        return config_fail(l, place, NULL, "unknown section [%s]; accepted: %s[workout NAME]", section,
                        accepted);
}

static int fail_unknown_key(ConfigLoad *l, ConfigPlace place, const char *section, const char *name)
{
        char accepted[512] = "";
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(config_keys); i++)
                if (strcmp(config_keys[i].section, section) == 0) {
                        n += (size_t)snprintf(accepted + n, sizeof(accepted) - n, "%s%s", n > 0 ? ", " : "",
                                        config_keys[i].name);
                        assert(n < sizeof(accepted));
                }
        return config_fail(l, place, *name ? name : NULL, "unknown key in [%s]; accepted: %s", section,
                        accepted);
}

/* A line that begins with [. */
static int read_section(ConfigLoad *l, ConfigPlace place, const char *line)
{
        char section[CONFIG_LINE_MAX + 1];
        const char *end;

        end = strchr(line, ']');
        if (!end)
                return config_fail(l, place, NULL, "the section's name does not end; accepted: [SECTION]");
        memcpy(section, line + 1, (size_t)(end - line - 1));
        section[end - line - 1] = '\0';

        end++;
        end += strspn(end, " \t");
        if (*end != '\0' && *end != ';')
                return config_fail(l, place, NULL,
                                "more behind the section's name; accepted: [SECTION] and keys on lines of "
                                "their own");

        if (strncmp(section, WORKOUT_SECTION, strlen(WORKOUT_SECTION)) == 0)
                return workout_open(l, place, section);
        if (!config_section_exists(section))
                return fail_unknown_section(l, place, section);
        return 0;
}

/* Reads a line without its end and the white space before it, at most size - 1 bytes. Returns 1, 0 at the end of the
 * file, or a negative errno. */
static int read_line(Reader *r, char *buf, size_t size)
{
        size_t n = 0;
        int c;

        while ((c = getc(r->file)) != EOF && c != '\n') {
                if (c == '\r') {
                        c = getc(r->file);
                        if (c == '\n')
                                break;
                        return config_fail(r->load, r->place, NULL, "a control character; accepted: text");
                }
                if ((c < ' ' && c != '\t') || c == 0x7f)
                        return config_fail(r->load, r->place, NULL, "a control character; accepted: text");
                if (n == 0 && (c == ' ' || c == '\t'))
                        continue;
                if (n == size - 1)
                        return config_fail(r->load, r->place, NULL,
                                        "the line is too long; accepted: at most %zu bytes", size - 1);
                buf[n++] = (char)c;
                if (r->place.line == 1 && n == strlen(BYTE_ORDER_MARK) &&
                                memcmp(buf, BYTE_ORDER_MARK, n) == 0)
                        n = 0;
        }
        buf[n] = '\0';
        if (c != EOF)
                return 1;
        if (ferror(r->file))
                return config_fail_errno(r->load, -errno, (ConfigPlace){ .file = r->place.file },
                                "cannot be read: %s", strerror(errno));
        return n > 0;
}

/* inih's reader: the next line into buf, or NULL if there is none or no use in going on. */
static char *reader_next(char *buf, int size, void *userdata)
{
        Reader *r = userdata;
        size_t limit = CONFIG_LINE_MAX + 1;

        assert(size > 0);
        if (limit > (size_t)size)
                limit = (size_t)size;

        if (r->load->code < 0)
                return NULL;
        if (r->place.line == CONFIG_LINES_MAX) {
                (void)config_fail(r->load, r->place, NULL, "too many lines; accepted: at most %u",
                                CONFIG_LINES_MAX);
                return NULL; /* the error is kept */
        }
        r->place.line++;
        if (read_line(r, buf, limit) <= 0)
                return NULL;
        if (*buf == '[' && read_section(r->load, r->place, buf) < 0)
                return NULL;
        return buf;
}

/* -- Keys -------------------------------------------------------------------------------------------------------- */

/* age and born are one figure said in two ways: in one file that is a contradiction, in a later one a replacement. */
static int key_replaces(ConfigLoad *l, ConfigKeyId id, ConfigPlace place)
{
        ConfigKeyId other = id == KEY_AGE ? KEY_BORN : KEY_AGE;

        if (l->key[other].file == place.file)
                return config_fail(l, place, config_keys[id].name,
                                "%s is set too, on line %u; accepted: one of age and born",
                                config_keys[other].name, l->key[other].line);
        l->key[other] = (ConfigPlace){};
        if (other == KEY_AGE)
                l->config->age = 0;
        else
                l->config->born = (Date){};
        return 0;
}

static int key_set(ConfigLoad *l, ConfigPlace place, const char *section, const char *name, const char *value)
{
        char accepted[CONFIG_ACCEPTED_MAX];
        const ConfigKey *key;
        const char *reason;
        ConfigKeyId id;
        int r;

        id = config_key_find(section, name);
        if (id < 0)
                return fail_unknown_key(l, place, section, name);
        key = &config_keys[id];

        if (l->key[id].file == place.file)
                return config_fail(l, place, name,
                                "set twice, first on line %u; accepted: each key once in a file",
                                l->key[id].line);
        r = config_key_parse(key, value, l->today, l->config, &reason);
        if (r < 0)
                return config_fail(l, place, name, "\"%s\" %s; accepted: %s", value, reason,
                                config_key_accepted(key, accepted));
        if (id == KEY_AGE || id == KEY_BORN) {
                r = key_replaces(l, id, place);
                if (r < 0)
                        return r;
        }
        l->key[id] = place;
        return 0;
}

/* inih's handler: returns non-zero if the key was taken. */
static int reader_key(void *userdata, const char *section, const char *name, const char *value)
{
        Reader *r = userdata;
        ConfigLoad *l = r->load;

        if (l->code < 0)
                return 0;
        if (*section == '\0')
                return config_fail(l, r->place, name,
                                       "before any section; accepted: keys below a [SECTION]") == 0;
        if (strncmp(section, WORKOUT_SECTION, strlen(WORKOUT_SECTION)) == 0)
                return workout_set(l, r->place, section, name, value) == 0;
        return key_set(l, r->place, section, name, value) == 0;
}

/* -- Files ------------------------------------------------------------------------------------------------------- */

static void fclosep(FILE **f)
{
        if (*f)
                (void)fclose(*f); /* only read from */
}

static int load_file(ConfigLoad *l, const char *path, bool must_exist)
{
        _cleanup_(fclosep) FILE *file = NULL;
        Reader reader = { .load = l, .place.file = path };
        int r;

        file = fopen(path, "re");
        if (!file) {
                if (errno == ENOENT && !must_exist)
                        return 0;
                return config_fail_errno(l, -errno, reader.place, "cannot be read: %s", strerror(errno));
        }
        reader.file = file;

        r = ini_parse_stream(reader_next, &reader, reader_key, &reader);
        if (r < 0)
                return l->code = -ENOMEM;
        /* A line that inih itself refused has left no error, but one may have been found further on. */
        if (r > 0 && (l->code == 0 || (unsigned)r < l->error_place.line)) {
                free(TAKE_PTR(l->error));
                l->code = 0;
                return config_fail(l, (ConfigPlace){ .file = path, .line = (unsigned)r }, NULL,
                                "not understood; accepted: [SECTION], KEY = VALUE, or a comment behind ; or "
                                "#");
        }
        return l->code;
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

static int dropins_add(ConfigLoad *l, Dropins *d, const char *folder, const char *name)
{
        _cleanup_free_ char *path = NULL;
        struct stat st;

        if (asprintf(&path, "%s/%s", folder, name) < 0) {
                path = NULL;
                return l->code = -ENOMEM;
        }
        if (stat(path, &st) < 0) {
                int code = -errno;

                return config_fail_errno(l, code, (ConfigPlace){ .file = folder }, "%s cannot be read: %s",
                                name, strerror(-code));
        }
        if (!S_ISREG(st.st_mode))
                return 0;
        if (d->n == CONFIG_DROPINS_MAX)
                return config_fail(l, (ConfigPlace){ .file = folder }, NULL,
                                "too many files; accepted: at most %u", CONFIG_DROPINS_MAX);
        d->path[d->n++] = TAKE_PTR(path);
        return 0;
}

static void closedirp(DIR **d)
{
        if (*d)
                (void)closedir(*d); /* only read from */
}

/* FILE.d/ *.conf by name; a folder that is not there has none. */
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
                return config_fail_errno(l, -errno, (ConfigPlace){ .file = folder }, "cannot be read: %s",
                                strerror(errno));
        qsort(d->path, d->n, sizeof(d->path[0]), compare_paths);
        return 0;
}

static int load_all(ConfigLoad *l, const char *path, bool must_exist)
{
        _cleanup_(dropins_clear) Dropins dropins = {};
        _cleanup_free_ char *folder = NULL;
        int r;

        l->config = config_new();
        if (!l->config || asprintf(&folder, "%s.d", path) < 0) {
                folder = NULL;
                return -ENOMEM;
        }
        r = load_file(l, path, must_exist);
        if (r < 0)
                return r;
        r = dropins_find(l, &dropins, folder);
        if (r < 0)
                return r;
        for (size_t i = 0; i < dropins.n; i++) {
                r = load_file(l, dropins.path[i], true);
                if (r < 0)
                        return r;
        }
        return config_check(l); /* here, while the places still point to the names of files */
}

int config_load(const char *path, bool must_exist, Date today, Config **ret, char **ret_error)
{
        ConfigLoad l = { .today = today };
        int r;

        r = load_all(&l, path, must_exist);
        if (r < 0) {
                (void)config_free(l.config);
                *ret_error = l.error;
                return r;
        }
        *ret = l.config;
        return 0;
}
