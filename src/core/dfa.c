/* SPDX-License-Identifier: MIT */

/* α1: how far the sum of beats wanders from a straight line, within boxes of each length, and how that grows with the length.
 * Nothing is allocated; no clock. */

#include "cardio/dfa.h"

#include <assert.h>
#include <math.h>

#include "cardio/macro.h"

/* The lengths of boxes, and how many of thirty that are evenly apart by their logarithm come to each when rounded: that is how
 * much each counts. */
static const struct {
        unsigned length, count;
} boxes[] = {
        { 3, 1 },
        { 4, 4 },
        { 5, 4 },
        { 6, 3 },
        { 7, 3 },
        { 8, 2 },
        { 9, 3 },
        { 10, 2 },
        { 11, 1 },
        { 12, 2 },
        { 13, 2 },
        { 14, 1 },
        { 15, 2 },
};

/* The sum of the squared distances of n values from the straight line that is closest to them. */
static double distance_squares(const double *y, unsigned n)
{
        double mean = 0, middle = (n - 1) / 2.0, yy = 0, xy = 0, xx = 0, rest;

        for (unsigned i = 0; i < n; i++)
                mean += y[i];
        mean /= n;
        for (unsigned i = 0; i < n; i++) {
                double dx = i - middle, dy = y[i] - mean;

                yy += dy * dy;
                xy += dx * dy;
                xx += dx * dx;
        }
        rest = yy - xy * xy / xx;
        return rest > 0 ? rest : 0; /* rounding */
}

/* The root mean square distance over all boxes of this length. */
static double fluctuation(const double *y, size_t n, unsigned length)
{
        size_t n_boxes = n / length, left = n - n_boxes * length;
        double sum = 0;

        for (size_t i = 0; i < n_boxes; i++)
                sum += distance_squares(y + i * length, length) +
                       distance_squares(y + left + i * length, length);
        return sqrt(sum / (double)(2 * n_boxes * length));
}

double dfa_alpha1(const double *rr_ms, size_t n)
{
        double y[DFA_BEATS_MAX], mean = 0, sum = 0;
        double sx = 0, sy = 0, sxx = 0, sxy = 0, count = 0;

        if (n < DFA_BEATS_MIN || n > DFA_BEATS_MAX)
                return NAN;
        for (size_t i = 0; i < n; i++)
                mean += rr_ms[i];
        mean /= (double)n;
        for (size_t i = 0; i < n; i++)
                y[i] = sum += rr_ms[i] - mean;

        for (size_t i = 0; i < ELEMENTSOF(boxes); i++) {
                double x = log2(boxes[i].length), f = fluctuation(y, n, boxes[i].length), c = boxes[i].count;

                if (!(f > 0))
                        return NAN;
                f = log2(f);
                count += c;
                sx += c * x;
                sy += c * f;
                sxx += c * x * x;
                sxy += c * x * f;
        }
        return (count * sxy - sx * sy) / (count * sxx - sx * sx);
}

/* Row i of D'D, D being second differences of n values: its diagonal, and the two beside it. */
static double differences_0(size_t i, size_t n)
{
        double a = i + 2 < n, b = i >= 1 && i + 1 < n, c = i >= 2;

        return a + 4 * b + c;
}

static double differences_1(size_t i, size_t n)
{
        double a = i + 2 < n, b = i >= 1 && i + 1 < n;

        return -2 * a - 2 * b;
}

/* Solves (I + λ² D'D) trend = value. The matrix is split into L diag L', where L has two diagonals beside its own, on the way
 * down, and the trend comes of it on the way up. */
void dfa_detrend(double *value, size_t n, double lambda)
{
        double diagonal[DFA_BEATS_MAX], beside[DFA_BEATS_MAX], second[DFA_BEATS_MAX], trend[DFA_BEATS_MAX];
        double square = lambda * lambda;

        assert(n <= DFA_BEATS_MAX);
        if (n < 3)
                return;
        for (size_t i = 0; i < n; i++) {
                double a = 1 + square * differences_0(i, n), b = square * differences_1(i, n);

                trend[i] = value[i];
                if (i >= 1) {
                        a -= diagonal[i - 1] * beside[i - 1] * beside[i - 1];
                        b -= diagonal[i - 1] * beside[i - 1] * second[i - 1];
                        trend[i] -= beside[i - 1] * trend[i - 1];
                }
                if (i >= 2) {
                        a -= diagonal[i - 2] * second[i - 2] * second[i - 2];
                        trend[i] -= second[i - 2] * trend[i - 2];
                }
                diagonal[i] = a;
                beside[i] = b / a;
                second[i] = i + 2 < n ? square / a : 0;
        }
        for (size_t i = n; i-- > 0;) {
                trend[i] /= diagonal[i];
                if (i + 1 < n)
                        trend[i] -= beside[i] * trend[i + 1];
                if (i + 2 < n)
                        trend[i] -= second[i] * trend[i + 2];
        }
        for (size_t i = 0; i < n; i++)
                value[i] -= trend[i];
}
