/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/adapter.h"

/* Discovery of straps. */

/* Does what is next, and reports changes; called by the evaluation in bluez.c after anything about adapters, or about what is
 * wanted, changed. */
void scan_evaluate(Bluez *b);
/* Whether somebody wants discovery, and no task pauses it. */
bool scan_is_wanted(const Bluez *b);
void adapter_lose_scan(Adapter *a); /* it was switched off, and BlueZ has dropped our discovery */
