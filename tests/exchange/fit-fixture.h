/* SPDX-License-Identifier: MIT */
#pragma once

#include "exchange-fixture.h"
#include "fit-decode.h"

/* FIT files of sessions by hand, and the messages that are in them. What cannot be done aborts the program. */

#define FIT_FIXTURE_STARTED_S (FIXTURE_STARTED_AT / 1000 - 631065600) /* in FIT's time */

#define FIT_MESSAGES_MAX 100U

typedef struct FitMessages {
        size_t n;
        DecodedMessage messages[FIT_MESSAGES_MAX];
} FitMessages;

/* Writes a file, judges it, and reads it. The messages stand in f. */
void fit_make(File *f, FitMessages *ret, const ExchangeSession *session, const ExchangeItem *items, size_t n);

/* The i-th message of this number, from 0 on; it has to be there. */
const DecodedMessage *fit_find(const FitMessages *all, unsigned number, size_t i);
size_t fit_count(const FitMessages *all, unsigned number);
