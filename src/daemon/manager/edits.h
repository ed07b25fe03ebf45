/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "bus/bus.h"

typedef struct Manager Manager;

/* EditSession and UndoEdit, as in BusHandlers. */
int edits_edit(void *userdata, int64_t id, const BusEdit *what, int64_t ret_ids[static BUS_EDIT_SESSIONS_MAX],
                size_t *ret_n, sd_bus_error *error);
int edits_undo(void *userdata, int64_t id, sd_bus_error *error);

/* Drops what edits have kept for a week: at the start, once a day, and when that had to wait. */
void edits_drop_old(Manager *m);
void edits_drop_waiting(Manager *m);
