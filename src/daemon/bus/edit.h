/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-bus.h>

/* EditSession and UndoEdit of org.cardiod1.Manager. */
int bus_method_edit_session(sd_bus_message *m, void *userdata, sd_bus_error *error);
int bus_method_undo_edit(sd_bus_message *m, void *userdata, sd_bus_error *error);
