/* SPDX-License-Identifier: MIT */
#pragma once

#include "exchange/exchange.h"

/* As words of a completion, and in a sentence. */
#define EXPORT_FORMATS          "fit tcx csv rr json"
#define EXPORT_FORMATS_ACCEPTED "fit, tcx, csv, rr or json"

/* NULL = there is none of that name. */
const ExchangeFormat *export_format_by_name(const char *name);

/* By the end of a file's name; NULL = that says nothing. */
const ExchangeFormat *export_format_of_file(const char *path);
