/* SPDX-License-Identifier: MIT */
#pragma once

/* For SQLITE_CONFIG_LOG. */
void store_on_sqlite_log(void *userdata, int code, const char *message);
