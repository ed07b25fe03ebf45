/* SPDX-License-Identifier: MIT */

/* Reads notify.conf with the manners of cardiod.conf, by the same reader: whatever is not understood is named with its line,
 * and all mistakes at once. No clock. */

#include "notify-config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"
#include "cardio/parse.h"

#include "shared/ini-reader.h"
#include "user-file.h"

#define SECTION "notify"

typedef struct NotifyKey {
        const char *name;
        size_t offset; /* in NotifyConfig */
        int (*parse)(const char *text, void *field);
        const char *accepted;
} NotifyKey;

/* A language tag: letters, then letters and digits in parts of one to eight, with hyphens between them. */
static int parse_language(const char *text, void *field)
{
        size_t length = strlen(text), part = 0, parts = 1;

        if (length >= NOTIFY_LANGUAGE_MAX)
                return -EINVAL;
        for (const char *c = text; *c; c++) {
                if (*c == '-') {
                        if (part == 0 || (parts == 1 && part == 1))
                                return -EINVAL;
                        parts++;
                        part = 0;
                } else if (part == 8 || (unsigned char)*c >= 0x80 ||
                                !(isalpha((unsigned char)*c) || (parts > 1 && isdigit((unsigned char)*c)))) {
                        return -EINVAL;
                } else {
                        part++;
                }
        }
        if (part == 0 || (parts == 1 && part == 1))
                return -EINVAL;
        memcpy(field, text, length + 1);
        return 0;
}

static int parse_snooze(const char *text, void *field)
{
        usec_t usec;

        if (parse_duration(text, &usec) < 0 || usec < NOTIFY_SNOOZE_MIN_USEC ||
                        usec > NOTIFY_SNOOZE_MAX_USEC || usec % USEC_PER_SEC != 0)
                return -EINVAL;
        *(usec_t *)field = usec;
        return 0;
}

static const NotifyKey keys[] = {
        { "sound", offsetof(NotifyConfig, sound), ini_parse_boolean, "yes, no" },
        { "speak", offsetof(NotifyConfig, speak), ini_parse_boolean, "yes, no" },
        { "language", offsetof(NotifyConfig, language), parse_language,
                        "the tag of a language, as in en or en-GB" },
        { "repeat", offsetof(NotifyConfig, repeat), ini_parse_boolean, "yes, no" },
        { "snooze", offsetof(NotifyConfig, snooze_usec), parse_snooze,
                        "a duration of 10s to 24h in whole seconds, written as in 10min, 1h" },
};

static const char *name_section(size_t i)
{
        (void)i;
        return SECTION;
}

static const char *name_key(size_t i)
{
        return keys[i].name;
}

static const IniNames names = { .n = ELEMENTSOF(keys), .section = name_section, .key = name_key };

typedef struct NotifyLoad {
        NotifyConfig config;
        IniPlace place[ELEMENTSOF(keys)]; /* where each was set */
        IniFailures failures;
        bool incomplete; /* of no use here: no key depends on another */
} NotifyLoad;

static int load_section(void *userdata, IniPlace place, const char *section)
{
        NotifyLoad *l = userdata;

        return strcmp(section, SECTION) == 0 ? 0 : ini_fail_section(&l->failures, place, &names, section);
}

static void load_key(void *userdata, IniPlace place, const char *section, const char *name, const char *value)
{
        NotifyLoad *l = userdata;

        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                if (strcmp(keys[i].name, name) != 0)
                        continue;
                if (l->place[i].file)
                        (void)ini_fail_twice(&l->failures, place, name, l->place[i]);
                else if (keys[i].parse(value, (char *)&l->config + keys[i].offset) < 0)
                        (void)ini_fail(&l->failures, place, name, "\"%s\" is not understood; accepted: %s",
                                        value, keys[i].accepted);
                l->place[i] = place;
                return;
        }
        (void)ini_fail_key(&l->failures, place, &names, section, name);
}

NotifyConfig notify_config_default(void)
{
        return (NotifyConfig){
                .sound = true, .repeat = true, .language = "en", .snooze_usec = 10 * USEC_PER_MIN
        };
}

int notify_config_path(char **ret)
{
        return user_config_path("cardiod/notify.conf", ret);
}

int notify_config_load(const char *path, bool must_exist, NotifyConfig *ret, char **ret_error)
{
        NotifyLoad l = { .config = notify_config_default() };
        const IniHandler handler = {
                .section = load_section,
                .key = load_key,
                .userdata = &l,
                .failures = &l.failures,
                .incomplete = &l.incomplete,
        };

        ini_read(&handler, path, must_exist);
        if (l.failures.code < 0) {
                *ret_error = ini_failures_take(&l.failures);
                return l.failures.code;
        }
        *ret = l.config;
        return 0;
}
