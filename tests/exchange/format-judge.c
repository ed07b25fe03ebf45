/* SPDX-License-Identifier: MIT */

/* The formats of exported files. A new one is a line here. */

#include "format-judge.h"

#include "fit-judge.h"
#include "text-judge.h"

const JudgedFormat judged_formats[] = {
        { &exchange_fit, fit_judge },
        { &exchange_tcx, tcx_judge },
        { &exchange_csv, csv_judge },
        { &exchange_rr, rr_judge },
        { &exchange_json, json_judge },
        { NULL, NULL },
};
