/* SPDX-License-Identifier: MIT */

/* The runner in figures: what an age, a percentage and an hour of effort mean in heart rates. Pure arithmetic, no clock.
 * Whole operands are multiplied before anything is divided, so that a result with few decimals comes out exactly. */

#include "cardio/runner.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "cardio/macro.h"

static const char *const sex_names[] = {
        [SEX_UNSPECIFIED] = "unspecified",
        [SEX_FEMALE] = "female",
        [SEX_MALE] = "male",
};

static const char *const formula_names[] = {
        [HRMAX_FOX] = "fox",
        [HRMAX_TANAKA] = "tanaka",
        [HRMAX_GELLISH] = "gellish",
        [HRMAX_NES] = "nes",
};

const char *sex_to_string(Sex sex)
{
        assert(sex >= 0 && sex < _SEX_MAX);
        return sex_names[sex];
}

Sex sex_from_string(const char *s)
{
        for (size_t i = 0; i < ELEMENTSOF(sex_names); i++)
                if (strcmp(s, sex_names[i]) == 0)
                        return (Sex)i;
        return _SEX_INVALID;
}

const char *hrmax_formula_to_string(HrmaxFormula formula)
{
        assert(formula >= 0 && formula < _HRMAX_FORMULA_MAX);
        return formula_names[formula];
}

double hrmax_from_age(HrmaxFormula formula, unsigned age)
{
        double years = age;

        switch (formula) {
        case HRMAX_FOX:
                return 220 - years;
        case HRMAX_TANAKA:
                return (2080 - 7 * years) / 10;
        case HRMAX_GELLISH:
                return (2070 - 7 * years) / 10;
        case HRMAX_NES:
                return (21100 - 64 * years) / 100;
        case _HRMAX_FORMULA_MAX:
        case _HRMAX_FORMULA_INVALID:
                break;
        }
        assert(0 && "no such formula");
        return 0;
}

double heart_rate_reserve_at(const Runner *r, double percent)
{
        return (percent * (r->maximum - r->resting) + 100 * r->resting) / 100;
}

/* Banister 1991, with Morton's weights: minutes * x * a * e^(b x). */
static double impulse_male(double x, double minutes)
{
        return minutes * x * 0.64 * exp(1.92 * x);
}

static double impulse_female(double x, double minutes)
{
        return minutes * x * 0.86 * exp(1.67 * x);
}

_hot_ double trimp(const Runner *r, double heart_rate, double minutes)
{
        double x = fmin(fmax((heart_rate - r->resting) / (r->maximum - r->resting), 0), 1);

        switch (r->sex) {
        case SEX_MALE:
                return impulse_male(x, minutes);
        case SEX_FEMALE:
                return impulse_female(x, minutes);
        case SEX_UNSPECIFIED:
                return (impulse_male(x, minutes) + impulse_female(x, minutes)) / 2;
        case _SEX_MAX:
        case _SEX_INVALID:
                break;
        }
        assert(0 && "no such sex");
        return 0;
}
