/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/adapter.h"

/* Discovery of straps. */

/* Does what is to be done next and reports; the evaluation of bluez.c calls it after anything about adapters, or about what is
 * wanted, changed. */
void scan_evaluate(Bluez *b);
/* Is anybody looking for straps, and may we? */
bool scan_is_wanted(const Bluez *b);
void adapter_lose_scan(Adapter *a); /* it was switched off, and BlueZ has forgotten what we asked for */
