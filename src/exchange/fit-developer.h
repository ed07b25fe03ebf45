/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "exchange/exchange.h"
#include "exchange/fit-encode.h"
#include "exchange/fit.h"

/* Developer fields on their way into a FIT file: what makes a session ours. They are described before they are used, and only where
 * they are. */

/* Either of a field; NAN or "" = not in the file. */
typedef struct FitDeveloper {
        double number[_FIT_DEVELOPER_FIELD_MAX];
        const char *text[_FIT_DEVELOPER_FIELD_MAX];
} FitDeveloper;

/* Texts stay those of the session. */
void fit_developer_begin(FitDeveloper *d, const ExchangeSession *session);

/* Whether there is such a field in the message for the session, or in all records. */
bool fit_developer_has(const FitDeveloper *d, FitDeveloperField field);

/* Writes what describes them. Returns what fit_encoder_write() does. */
int fit_developer_describe(const FitDeveloper *d, FitEncoder *encoder);

/* All but those of records. */
void fit_developer_put_session(FitMessage *session, const FitDeveloper *d);
