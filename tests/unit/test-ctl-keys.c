/* SPDX-License-Identifier: MIT */
/* The keys of the live view: which bytes are one, and what one that is hit, held or leaned on comes to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cardio/macro.h"
#include "ctl/watch/keys.h"

#define SECOND USEC_PER_SEC
#define MSEC   USEC_PER_MSEC
#define NOW    (5000 * SECOND)
#define REAL   (1778560260 * SECOND)

/* Bytes that come at once; a blank in what is expected is the key. */
static void test_bytes(void **state _unused_)
{
        static const struct {
                const char *bytes, *keys;
        } cases[] = {
                { "smgq ", "smgq " },
                { "\033[A", "" },       /* up */
                { "\033OAs", "s" },     /* the same in the other mode of keys */
                { "\033[1;5Cm", "m" },  /* right with Ctrl */
                { "\033[15~g", "g" },   /* F5 */
                { "\033[[Ag", "g" },    /* F1 of the Linux console */
                { "\033s", "" },        /* Alt-s */
                { "\033\033[Bq", "q" }, /* Alt-down */
                { "\033[200~", "" },
                { "\033]11;rgb:0000/0000/0000\033\\m", "m" }, /* the colour that a terminal was asked for */
                { "\033]11;rgb:sms\007m", "m" },
                { "\033P1$rsm\033\\g", "g" },
                { "\033[s\rm", "\rm" },
                { "\033[1\rm", "m" },             /* broken off */
                { "\xc3\xa9s\xe2\x82\xac", "s" }, /* é and € are no keys */
                { "\f", "\f" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                KeyReader reader = { .last_usec = 0 };
                char keys[32] = "";

                for (const char *at = cases[i].bytes; *at; at++) {
                        int key = key_read(&reader, (unsigned char)*at, NOW);

                        if (key > 0)
                                keys[strlen(keys)] = (char)key;
                }
                assert_string_equal(keys, cases[i].keys);
        }
}

/* Esc is a key of its own if nothing follows at once: what is hit a moment later counts. */
static void test_escape(void **state _unused_)
{
        KeyReader reader = { .last_usec = 0 };

        assert_int_equal(key_read(&reader, '\033', NOW), 0);
        assert_int_equal(key_read(&reader, 'q', NOW + SECOND), 'q');
        assert_int_equal(key_read(&reader, '\033', NOW + 2 * SECOND), 0);
        assert_int_equal(key_read(&reader, 'q', NOW + 2 * SECOND + 20 * MSEC), 0);
}

/* One key after the other, at that time in ms. */
typedef struct Stroke {
        unsigned at_ms;
        char key;
        KeyOrder order;
} Stroke;

static void check(const Live *l, const Stroke *strokes, size_t n)
{
        KeyOrders keys = { .key = 0 };

        for (size_t i = 0; i < n; i++)
                if (key_order(&keys, l, strokes[i].key, NOW + strokes[i].at_ms * MSEC, REAL) !=
                                strokes[i].order)
                        fail_msg("stroke %zu", i);
}

static void test_orders(void **state _unused_)
{
        static const Stroke strokes[] = {
                { 0, 's', ORDER_SNOOZE },
                { 10, 'S', ORDER_NONE }, /* the same key */
                { 20, 'm', ORDER_MARK },
                { 30, 'g', ORDER_WHOLE },
                { 40, 'g', ORDER_WHOLE },
                { 50, 'L' - '@', ORDER_REDRAW },
                { 60, 'x', ORDER_NONE },
                { 70, '\r', ORDER_NONE },
                { 80, 'Q', ORDER_QUIT },
        };
        static const Stroke again[] = { { 0, 's', ORDER_ALERT } };
        Live l = { .session.id = 7 };

        check(&l, strokes, ELEMENTSOF(strokes));
        l.snoozed_until_usec = REAL + 1;
        check(&l, again, ELEMENTSOF(again));
        l.snoozed_until_usec = REAL; /* it has just ended */
        check(&l, strokes, ELEMENTSOF(strokes));
}

/* Two strokes stop a run; one that is too long, or the second too late, or another key in between, does not. */
static void test_stop(void **state _unused_)
{
        static const Stroke twice[] = {
                { 0, ' ', ORDER_ASK },
                { 1200, ' ', ORDER_STOP },
        };
        static const Stroke late[] = {
                { 0, ' ', ORDER_ASK },
                { 5000, ' ', ORDER_ASK },
                { 6000, ' ', ORDER_STOP },
        };
        static const Stroke nervous[] = {
                { 0, ' ', ORDER_ASK },
                { 200, ' ', ORDER_NONE },
                { 1100, ' ', ORDER_STOP },
        };
        static const Stroke other[] = {
                { 0, ' ', ORDER_ASK },
                { 1000, 'm', ORDER_MARK },
                { 2000, ' ', ORDER_ASK },
        };
        KeyOrders keys = { .key = 0 };
        Live l = { .session.id = 7 };

        check(&l, twice, ELEMENTSOF(twice));
        check(&l, late, ELEMENTSOF(late));
        check(&l, nervous, ELEMENTSOF(nervous));
        check(&l, other, ELEMENTSOF(other));

        /* An elbow, for a minute: the delay before a key repeats itself, then thirty times a second. */
        assert_int_equal(key_order(&keys, &l, ' ', NOW, REAL), ORDER_ASK);
        for (unsigned at_ms = 660; at_ms < 60000; at_ms += 33)
                assert_int_equal(key_order(&keys, &l, ' ', NOW + at_ms * MSEC, REAL), ORDER_NONE);
        assert_false(key_asks(&keys, &l, NOW + 60 * SECOND));
}

/* The question is of the run that it was asked of. */
static void test_stop_another(void **state _unused_)
{
        KeyOrders keys = { .key = 0 };
        Live l = { .session.id = 7 };

        assert_int_equal(key_order(&keys, &l, ' ', NOW, REAL), ORDER_ASK);
        assert_true(key_asks(&keys, &l, NOW + SECOND));
        l.session.id = 8;
        assert_false(key_asks(&keys, &l, NOW + SECOND));
        assert_int_equal(key_order(&keys, &l, ' ', NOW + 2 * SECOND, REAL), ORDER_ASK);
        l.session.id = 0;
        assert_int_equal(key_order(&keys, &l, ' ', NOW + 4 * SECOND, REAL), ORDER_START);
        /* Held, it begins one run and does not ask to end it. */
        l.session.id = 9;
        assert_int_equal(key_order(&keys, &l, ' ', NOW + 4500 * MSEC, REAL), ORDER_NONE);
        assert_false(key_asks(&keys, &l, NOW + 5 * SECOND));
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_bytes),
                cmocka_unit_test(test_escape),
                cmocka_unit_test(test_orders),
                cmocka_unit_test(test_stop),
                cmocka_unit_test(test_stop_another),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
