/* SPDX-License-Identifier: MIT */
/* What of the configuration is hardly meant, with the runner's figures as they are today: once in the log, and on the bus for
 * as long as it is so. No clock. */

#include "manager/coach.h"

#include <stdio.h>

#include "cardio/macro.h"
#include "log.h"
#include "manager/internal.h"

static bool is_told(const char *told, const char *text)
{
        size_t n = strlen(text);

        for (const char *at = told; at && (at = strstr(at, text)); at += n)
                if ((at == told || at[-1] == '\n') && (at[n] == '\n' || at[n] == '\0'))
                        return true;
        return false;
}

static void log_warnings(const ConfigWarnings *w, const char *told)
{
        for (size_t i = 0; i < w->n; i++)
                if (is_told(told, w->warning[i].text))
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
        if (m->view.warnings && strcmp(lines, m->view.warnings) == 0)
                return;
        log_warnings(&w, m->view.warnings);
        copy = strdup(lines);
        if (!copy) {
                log_error("Cannot keep warnings: out of memory");
                return;
        }
        free(m->view.warnings);
        m->view.warnings = copy;
        m->view.dirty = true;
}

void warnings_forget(Manager *m)
{
        free(TAKE_PTR(m->view.warnings));
}
