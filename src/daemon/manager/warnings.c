/* SPDX-License-Identifier: MIT */
/* Configuration values that are hardly meant, given the runner's figures of today: logged once, and a property on the bus for
 * as long as they hold. No clock. */

#include "manager/coach.h"

#include <stdio.h>

#include "cardio/macro.h"
#include "log.h"
#include "manager/internal.h"

static bool is_logged(const char *logged, const char *text)
{
        size_t n = strlen(text);

        for (const char *at = logged; at && (at = strstr(at, text)); at += n)
                if ((at == logged || at[-1] == '\n') && (at[n] == '\n' || at[n] == '\0'))
                        return true;
        return false;
}

static void log_warnings(const ConfigWarnings *w, const char *logged)
{
        for (size_t i = 0; i < w->n; i++)
                if (is_logged(logged, w->warning[i].text))
                        continue;
                else if (w->warning[i].measured)
                        log_warning("Configuration: `%s` goes ill with what was measured: `cardioctl doctor` tells how",
                                        w->warning[i].key);
                else
                        log_warning("Configuration: %s", w->warning[i].text);
}

void warnings_update(Manager *m)
{
        char lines[CONFIG_WARNINGS_MAX * CONFIG_WARNING_MAX + 1] = "";
        size_t n = 0;
        ConfigWarnings w;
        char *copy;

        config_warnings(m->config, &m->coach.runner, &m->coach.day.resting, &w);
        for (size_t i = 0; i < w.n; i++)
                n += (size_t)snprintf(
                                lines + n, sizeof(lines) - n, "%s%s", n > 0 ? "\n" : "", w.warning[i].text);
        if (m->published.warnings && strcmp(lines, m->published.warnings) == 0)
                return;
        log_warnings(&w, m->published.warnings);
        copy = strdup(lines);
        if (!copy) {
                log_error("Cannot keep warnings: out of memory");
                return;
        }
        free(m->published.warnings);
        m->published.warnings = copy;
        m->published.dirty = true;
}

void warnings_forget(Manager *m)
{
        free(TAKE_PTR(m->published.warnings));
}
