/* SPDX-License-Identifier: MIT */
/* Reads the configuration again while the daemon runs. No clock but today's date, for the age. */

#include "manager/reload.h"

#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "cardio/macro.h"
#include "shared/clock.h"
#include "local.h"
#include "log.h"
#include "manager/feed.h"
#include "manager/internal.h"

BluezConfig reload_bluez_config(const Config *c)
{
        BluezConfig b = { .stale_usec = c->stale_after_usec };

        memcpy(b.address, c->address, sizeof(b.address));
        memcpy(b.pace_address, c->pace_address, sizeof(b.pace_address));
        return b;
}

static void apply(Manager *m)
{
        const BluezConfig bluez = reload_bluez_config(m->config);

        committer_configure(&m->committer, m->config->commit_interval_usec, m->config->sync_interval_usec);
        store_set_detrend(m->store, m->config->detrend);
        feed_coach_changed(m);
        bluez_configure(m->bluez, &bluez);
}

int reload_configuration(Manager *m, char **ret_error)
{
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_free_ char *errors = NULL, *why = NULL;
        int r;

        (void)sd_notifyf(false, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, clock_usec(CLOCK_MONOTONIC));
        r = config_load(m->options->config_path, m->options->config_must_exist, date_of_day(local_today()),
                        &config, &errors);
        if (r < 0) {
                why = errors ? config_errors_brief(errors) : NULL;
                log_error("%s; going on with the configuration before", why ? why : strerror(-r));
                if (ret_error)
                        *ret_error = TAKE_PTR(why);
        } else {
                config_free(m->config);
                m->config = TAKE_PTR(config);
                log_info("Configuration read again");
                warnings_forget(m);
                apply(m);
        }
        (void)sd_notify(false, "READY=1"); /* does nothing without systemd */
        return r;
}
