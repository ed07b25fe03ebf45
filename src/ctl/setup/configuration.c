/* SPDX-License-Identifier: MIT */
/* The configuration for `setup`. Which values are allowed and what comes of them only the daemon knows: each change is written into a
 * copy, in a folder of its own that is removed at the end, and `cardiod --check-config` judges that. No clock. */
#include "setup/configuration.h"

#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cardio/bus-api.h"
#include "memory.h"
#include "program.h"
#include "setup/file.h"
#include "setup/ini-edit.h"

#define DROPIN_NAME "setup.conf"
#define DROPIN_HEAD \
        "# Answers given to `cardioctl setup`, which changes them when it is run again. See cardiod.conf(5).\n"

static _printf_(1, 2) char *text_of(const char *format, ...)
{
        va_list arguments;
        char *text;

        va_start(arguments, format);
        text = text_formatted(format, arguments);
        va_end(arguments);
        return text;
}

/* -- The files -- */

/* The daemon's program: the one beside this, as it comes with it, else the one in PATH. */
static char *find_program(void)
{
        _cleanup_free_ char *self = realpath("/proc/self/exe", NULL);
        char *slash = self ? strrchr(self, '/') : NULL, *beside;

        if (slash) {
                beside = text_of("%.*s/cardiod", (int)(slash - self), self);
                if (access(beside, X_OK) == 0)
                        return beside;
                free(beside);
        }
        return checked(strdup("cardiod"));
}

static char *usual_path(bool user)
{
        const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

        if (!user)
                return checked(strdup(CARDIO_SYSTEM_CONFIG));
        if (base && *base == '/')
                return text_of("%s/" CARDIO_USER_CONFIG, base);
        return home && *home == '/' ? text_of("%s/.config/" CARDIO_USER_CONFIG, home) : NULL;
}

static Outcome read_file(const char *path, char **ret)
{
        *ret = file_read(path);
        return *ret ? OUTCOME_DONE
                    : fail(OUTCOME_FAILED, "%s cannot be read: %s", path,
                                      errno == EILSEQ ? "it is no text" : strerror(errno));
}

static Outcome add_file(Configuration *c, const char *path)
{
        ConfigurationFile *file = &c->file[c->n_files];
        Outcome outcome;

        if (c->n_files == CONFIGURATION_FILES_MAX)
                return fail(OUTCOME_FAILED, "%s.d has too many files", c->path);
        outcome = read_file(path, &file->text);
        if (outcome != OUTCOME_DONE)
                return outcome;
        file->path = checked(strdup(path));
        c->n_files++;
        return OUTCOME_DONE;
}

static int is_dropin(const struct dirent *entry)
{
        size_t n = strlen(entry->d_name);

        return entry->d_name[0] != '.' && n > strlen(".conf") &&
               strcmp(entry->d_name + n - strlen(".conf"), ".conf") == 0;
}

static int is_other_dropin(const struct dirent *entry)
{
        return is_dropin(entry) && strcmp(entry->d_name, DROPIN_NAME) != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

static Outcome read_files(Configuration *c)
{
        _cleanup_free_ char *folder = text_of("%s.d", c->path);
        struct dirent **entries = NULL;
        Outcome outcome = add_file(c, c->path);
        int n = outcome == OUTCOME_DONE ? scandir(folder, &entries, is_other_dropin, by_bytes) : 0;

        if (n < 0 && errno != ENOENT)
                outcome = fail(OUTCOME_FAILED, "%s cannot be read: %s", folder, strerror(errno));
        for (int i = 0; i < n; i++) {
                _cleanup_free_ char *path = text_of("%s/%s", folder, entries[i]->d_name);
                struct stat st;

                if (outcome == OUTCOME_DONE && (stat(path, &st) < 0 || S_ISREG(st.st_mode)))
                        outcome = add_file(c, path);
                free(entries[i]);
        }
        free(entries);
        return outcome == OUTCOME_DONE ? read_file(c->dropin, &c->before) : outcome;
}

static void glance_at(const char *path, const char *section, const char *key, char **value)
{
        _cleanup_free_ char *text = file_read(path);
        char *found = text ? ini_get(text, section, key) : NULL;

        if (!found)
                return;
        free(*value);
        *value = found;
}

char *configuration_glance(bool user, const char *section, const char *key)
{
        _cleanup_free_ char *path = usual_path(user), *folder = NULL;
        struct dirent **entries = NULL;
        char *value = NULL;
        int n;

        if (!path)
                return NULL;
        glance_at(path, section, key, &value);
        folder = text_of("%s.d", path);
        n = scandir(folder, &entries, is_dropin, by_bytes);
        for (int i = 0; i < n; i++) {
                _cleanup_free_ char *dropin = text_of("%s/%s", folder, entries[i]->d_name);

                glance_at(dropin, section, key, &value);
                free(entries[i]);
        }
        free(entries);
        return value;
}

/* -- The copy -- */

static Outcome write_copy(const char *path, const char *text)
{
        int r = file_replace(path, text, 0600);

        return r < 0 ? fail(OUTCOME_FAILED, "cannot write %s: %s", path, strerror(-r)) : OUTCOME_DONE;
}

static Outcome make_copy(Configuration *c)
{
        const char *runtime = getenv("XDG_RUNTIME_DIR");
        char *folder = text_of("%s/cardioctl-setup.XXXXXX",
                        runtime && *runtime == '/' && access(runtime, W_OK) == 0 ? runtime : "/tmp");
        Outcome outcome = OUTCOME_DONE;

        if (!mkdtemp(folder)) {
                outcome = fail(OUTCOME_FAILED, "cannot make a folder %s: %s", folder, strerror(errno));
                free(folder);
                return outcome;
        }
        c->copy = folder;
        c->copy_path = text_of("%s/cardiod.conf", folder);
        for (size_t i = 0; i < c->n_files && outcome == OUTCOME_DONE; i++) {
                _cleanup_free_ char *path = text_of("%s%s", c->copy_path, c->file[i].path + strlen(c->path));

                outcome = write_copy(path, c->file[i].text);
        }
        return outcome;
}

void configuration_drop_copy(Configuration *c)
{
        _cleanup_free_ char *folder = NULL, *dropin = NULL;

        if (!c->copy_path)
                return;
        for (size_t i = 0; i < c->n_files; i++) {
                _cleanup_free_ char *path = text_of("%s%s", c->copy_path, c->file[i].path + strlen(c->path));

                (void)unlink(path); /* what is left is private, and in a folder for what does not last */
        }
        dropin = text_of("%s.d/" DROPIN_NAME, c->copy_path);
        folder = text_of("%s.d", c->copy_path);
        (void)unlink(dropin);
        (void)rmdir(folder);
        (void)rmdir(c->copy);
        free(TAKE_PTR(c->copy_path));
}

/* -- What the daemon says of it -- */

/* Its errors are about the copy: they are of the files that the runner knows, and about a value in setup.conf without a place. */
static char *in_runners_words(const Configuration *c, const char *errors)
{
        const char *at = errors, *next, *colon;
        char *text = checked(strdup("")), *longer;
        size_t n = strlen(c->dropin);

        for (; (next = strstr(at, c->copy_path)); at = next) {
                longer = text_of("%s%.*s%s", text, (int)(next - at), at, c->path);
                free(text);
                text = longer;
                next += strlen(c->copy_path);
        }
        longer = text_of("%s%s", text, at);
        free(text);
        longer[strcspn(longer, "\n")] = '\0';
        if (strncmp(longer, c->dropin, n) != 0 || longer[n] != ':' || !(colon = strstr(longer + n, ": ")))
                return longer;
        text = checked(strdup(colon + 2));
        free(longer);
        return text;
}

/* Judges setup.conf with that text. Returns 0, or a negative errno with the reason: -EINVAL if the daemon refuses it. */
static int judge(const Configuration *c, const char *text, char **ret_in_force, char **ret_warnings,
                char **ret_why)
{
        const char *const argv[] = { c->program, "--check-config", "--config", c->copy_path, NULL };
        _cleanup_free_ char *path = text_of("%s.d/" DROPIN_NAME, c->copy_path), *output = NULL,
                            *errors = NULL;
        int r = *text ? file_replace(path, text, 0600) : 0;

        if (r >= 0 && !*text && unlink(path) < 0 && errno != ENOENT)
                r = -errno;
        if (r < 0) {
                *ret_why = text_of("cannot write %s: %s", path, strerror(-r));
                return r;
        }
        r = program_run(argv, &output, &errors);
        if (r < 0) {
                *ret_why = text_of("cardiod cannot be run (%s); is it installed?", strerror(-r));
                return r;
        }
        if (r > 0) {
                *ret_why = in_runners_words(c, errors);
                return -EINVAL;
        }
        *ret_in_force = TAKE_PTR(output);
        *ret_warnings = TAKE_PTR(errors);
        return 0;
}

Outcome configuration_open(Configuration *c, bool user, const char *path)
{
        _cleanup_free_ char *why = NULL;
        Outcome outcome;
        int r;

        *c = (Configuration){ .program = find_program() };
        c->path = path ? checked(strdup(path)) : usual_path(user);
        if (!c->path)
                return fail(OUTCOME_FAILED,
                                "where are your files? Neither XDG_CONFIG_HOME nor HOME is an absolute path");
        c->dropin = text_of("%s.d/" DROPIN_NAME, c->path);
        outcome = read_files(c);
        if (outcome == OUTCOME_DONE)
                outcome = make_copy(c);
        if (outcome != OUTCOME_DONE)
                return outcome;
        c->text = checked(strdup(c->before));
        r = judge(c, c->text, &c->in_force, &c->warnings, &why);
        if (r == -EINVAL)
                return fail(OUTCOME_FAILED,
                                "the configuration has a mistake, which has to be mended first: %s", why);
        return r < 0 ? fail(OUTCOME_FAILED, "%s", why) : OUTCOME_DONE;
}

void configuration_close(Configuration *c)
{
        configuration_drop_copy(c);
        for (size_t i = 0; i < c->n_files; i++) {
                free(c->file[i].path);
                free(c->file[i].text);
        }
        free(c->program);
        free(c->path);
        free(c->dropin);
        free(c->copy);
        free(c->before);
        free(c->text);
        free(c->in_force);
        free(c->warnings);
        *c = (Configuration){ .n_files = 0 };
}

/* -- Values -- */

char *configuration_value(const Configuration *c, const char *section, const char *key)
{
        return ini_get(c->in_force, section, key);
}

static bool sets(const char *text, const char *section, const char *key)
{
        _cleanup_free_ char *value = ini_get(text, section, key);

        return value;
}

bool configuration_is_set(const Configuration *c, const char *section, const char *key)
{
        for (size_t i = 0; i < c->n_files; i++)
                if (sets(c->file[i].text, section, key))
                        return true;
        return sets(c->text, section, key);
}

const char *configuration_set_later(const Configuration *c, const char *section, const char *key)
{
        for (size_t i = c->n_files; i-- > 1 && strcmp(c->file[i].path, c->dropin) > 0;)
                if (sets(c->file[i].text, section, key))
                        return c->file[i].path;
        return NULL;
}

/* Those lines of the warnings that were not there before, without "Warning: "; NULL if there is none. */
static char *new_warnings(const char *before, const char *now)
{
        static const char word[] = "Warning: ";
        char *text = NULL, *longer;

        for (const char *end; *now; now = *end ? end + 1 : end) {
                _cleanup_free_ char *line = NULL;

                end = strchrnul(now, '\n');
                line = checked(strndup(now, (size_t)(end - now)));
                if (strncmp(line, word, strlen(word)) != 0 || strstr(before, line))
                        continue;
                longer = text_of("%s%s%s", text ? text : "", text ? " " : "", line + strlen(word));
                free(text);
                text = longer;
        }
        return text;
}

/* setup.conf with that value, as in configuration_set(). */
static char *changed_text(const Configuration *c, const char *section, const char *key, const char *value,
                const char *instead)
{
        _cleanup_free_ char *without = instead ? ini_set(c->text, section, instead, NULL) : NULL;
        const char *text = without ? without : c->text;

        return ini_set(*text || !value ? text : DROPIN_HEAD, section, key, value);
}

static void take_over(Configuration *c, char **text, char **in_force, char **warnings)
{
        free(c->text);
        free(c->in_force);
        free(c->warnings);
        c->text = TAKE_PTR(*text);
        c->in_force = TAKE_PTR(*in_force);
        c->warnings = TAKE_PTR(*warnings);
}

bool configuration_set(Configuration *c, const char *section, const char *key, const char *value,
                const char *instead, char **ret_why, char **ret_warnings)
{
        _cleanup_free_ char *text = changed_text(c, section, key, value, instead), *in_force = NULL,
                            *warnings = NULL, *normal = NULL;

        if (judge(c, text, &in_force, &warnings, ret_why) < 0)
                return false;
        /* As the daemon writes it, without whatever came with the answer. */
        normal = value ? ini_get(in_force, section, key) : NULL;
        if (normal && strcmp(normal, value) != 0) {
                free(text);
                text = changed_text(c, section, key, normal, instead);
        }
        *ret_warnings = new_warnings(c->warnings, warnings);
        take_over(c, &text, &in_force, &warnings);
        return true;
}

void configuration_restore(Configuration *c, const char *text)
{
        _cleanup_free_ char *before = checked(strdup(text)), *in_force = NULL, *warnings = NULL, *why = NULL;

        if (judge(c, before, &in_force, &warnings, &why) >= 0) /* as it was taken before */
                take_over(c, &before, &in_force, &warnings);
}

bool configuration_is_changed(const Configuration *c)
{
        return strcmp(c->before, c->text) != 0;
}
