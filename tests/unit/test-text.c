/* SPDX-License-Identifier: MIT */

/* Names from the air, on their way to a terminal, a log line or a notification. */

#include "cardio/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"
#include "cardio/markup.h"

static void test_plain(void **state)
{
        static const struct {
                const char *text, *plain;
        } cases[] = {
                { "", "" }, { "Polar H10", "Polar H10" },
                { "Herzgurt für Zoë ♥ 心", "Herzgurt für Zoë ♥ 心" }, { "a\nb\r\tc", "a?b??c" },
                { "\033[2J\007\177", "?[2J??" }, { "\302\2332J\302\205", "?2J?" }, /* C1: CSI, next line */
                { "a\342\200\256b\342\200\217c", "a?b?c" },     /* written from right to left */
                { "a\342\201\247b\330\234c", "a?b?c" },         /* isolated; Arabic letter mark */
                { "a\342\200\250b\342\200\251c", "a?b?c" },     /* line and paragraph separators */
                { "a\357\273\277b\363\240\200\201c", "a?b?c" }, /* byte order mark; a tag */
                { "\377a\300\200b", "?a??b" },                  /* no UTF-8, a NUL of two bytes */
                { "a\342\200", "a??" },                         /* cut off */
                { "\355\240\200", "???" },                      /* a surrogate */
                { "<b>&'\"$(x)%s", "<b>&'\"$(x)%s" },           /* others' to escape */
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char text[64];

                (void)strcpy(text, cases[i].text);
                assert_ptr_equal(text_make_plain(text), text);
                assert_string_equal(text, cases[i].plain);
        }
}

/* Whatever the bytes, the result is UTF-8 without a control character, and not longer. */
static void test_any_bytes(void **state)
{
        uint32_t seed = 1, c;

        (void)state;
        for (unsigned i = 0; i < 200000; i++) {
                char text[17], *at = text;
                size_t n = i % sizeof(text);

                for (size_t k = 0; k < n; k++) {
                        seed = seed * 1664525U + 1013904223U;
                        text[k] = (char)(seed >> 24 ? seed >> 24 : 1);
                }
                text[n] = '\0';
                (void)text_make_plain(text);
                assert_true(strlen(text) <= n);
                while (*at) {
                        at += utf8_next(at, &c);
                        assert_true(c != UTF8_INVALID && !utf8_is_control(c));
                }
        }
}

/* Into 12 bytes: 11 of text, or 8 and the mark. */
static void test_brief(void **state)
{
        static const struct {
                const char *text, *brief;
        } cases[] = {
                { "", "" },
                { "12345678901", "12345678901" },
                { "123456789012", "12345678…" },
                { "1234567♥♥", "1234567…" },  /* a whole character or none of it */
                { "12345678♥", "12345678♥" }, /* just fits */
                { "♥♥♥♥", "♥♥…" },
                { "\033]0;x\007\377\377\377\377\377\377", "?]0;x???…" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buf[12];

                assert_ptr_equal(text_brief(buf, sizeof(buf), cases[i].text), buf);
                assert_string_equal(buf, cases[i].brief);
        }
}

static void test_markup(void **state)
{
        static const char text[] = "<b>\"5\" & 'é'</b>";
        char buf[MARKUP_FACTOR * sizeof(text)];

        (void)state;
        assert_string_equal(markup_escape(text, MARKUP_QUOTES_KEEP, buf, sizeof(buf)),
                        "&lt;b&gt;\"5\" &amp; 'é'&lt;/b&gt;");
        assert_string_equal(markup_escape(text, MARKUP_QUOTES_ESCAPE, buf, sizeof(buf)),
                        "&lt;b&gt;&quot;5&quot; &amp; &#39;é&#39;&lt;/b&gt;");
        /* Just large enough. */
        assert_string_equal(markup_escape("\"", MARKUP_QUOTES_ESCAPE, buf, MARKUP_FACTOR + 1), "&quot;");
        assert_string_equal(markup_escape("", MARKUP_QUOTES_ESCAPE, buf, 1), "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_plain),
                cmocka_unit_test(test_any_bytes),
                cmocka_unit_test(test_brief),
                cmocka_unit_test(test_markup),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
