/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-bus.h>

/* A method of Manager. */
int bus_method_import_session(sd_bus_message *m, void *userdata, sd_bus_error *error);
