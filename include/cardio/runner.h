/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>

typedef enum Sex {
        SEX_UNSPECIFIED,
        SEX_FEMALE,
        SEX_MALE,
        _SEX_MAX,
        _SEX_INVALID = -EINVAL,
} Sex;

typedef enum HrmaxFormula {
        HRMAX_FOX,     /* 220 - age (Fox 1971) */
        HRMAX_TANAKA,  /* 208 - 0.7 age (Tanaka 2001) */
        HRMAX_GELLISH, /* 207 - 0.7 age (Gellish 2007) */
        HRMAX_NES,     /* 211 - 0.64 age (Nes 2013) */
        _HRMAX_FORMULA_MAX,
        _HRMAX_FORMULA_INVALID = -EINVAL,
} HrmaxFormula;

/* The figures a percentage of effort is taken from, in bpm. */
typedef struct Runner {
        double resting;           /* resting heart rate */
        double maximum;           /* above resting */
        double lactate_threshold; /* heart rate at lactate threshold, 0 = unknown */
        Sex sex;
} Runner;

const char *sex_to_string(Sex sex);
Sex sex_from_string(const char *s);
const char *hrmax_formula_to_string(HrmaxFormula formula);

/* Maximum heart rate in bpm expected at an age in years. */
double hrmax_from_age(HrmaxFormula formula, unsigned age);

/* rest + percent/100 * (max - rest), in bpm (Karvonen 1957). */
double heart_rate_reserve_at(const Runner *r, double percent);

/* Banister's training impulse of this many minutes at one heart rate: minutes * x * a * e^(b x), x the fraction of
 * heart-rate reserve clipped to 0..1; male a 0.64 b 1.92, female a 0.86 b 1.67, unspecified the mean of both. */
double trimp(const Runner *r, double heart_rate, double minutes);
