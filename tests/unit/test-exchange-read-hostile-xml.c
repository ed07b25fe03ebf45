/* SPDX-License-Identifier: MIT */

/* XML that is broken, or meant to harm: an error with its place, nothing printed, and neither time nor memory taken. */

#include "exchange/reading.h"

#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include <libxml/xmlmemory.h>

#include "cardio/macro.h"
#include "reading-fixture.h"

#define ONE_POINT  "<trkpt><time>2026-05-17T06:00:00Z</time><extensions><hr>140</hr></extensions></trkpt>"
#define GPX(inner) "<gpx>" inner "<trk><trkseg>" ONE_POINT "</trkseg></trk></gpx>"
#define READ       "begin\n2026-05-17T06:00:00Z hr 140\nend running\n"
#define DOCTYPE    "it has a DOCTYPE, which no such file needs and which could make it do harm: not accepted\n"
#define ACCEPTED   ": UTF-8, UTF-16, ISO-8859-1 and WINDOWS-1252 are accepted\n"
#define BROKEN     "it is not well-formed XML: "

/* Whether text is as expected, where "*" is any number. The words of the library are its own, and change: behind them, and behind
 * a beginning, is what may be. */
static bool is_expected(const char *text, const char *expected)
{
        bool more = strcmp(expected, "begin\n") == 0 || (*expected && expected[strlen(expected) - 1] == ' ');

        for (; *expected; expected++) {
                if (*expected == '*')
                        text += strspn(text, "0123456789");
                else if (*text++ != *expected)
                        return false;
        }
        return more || !*text;
}

static void check_file(const char *file, size_t size, const char *expected)
{
        Reading reading = { 0 };

        reading_make(&reading, &reading_gpx, file, size);
        if (!is_expected(reading.text, expected))
                fail_msg("%.60s:\n%s\ninstead of\n%s", file, reading.text, expected);
        reading_done(&reading);
}

static void test_table(void **state)
{
        static const struct {
                const char *file, *expected;
        } cases[] = {
                /* Billions of laughs, a file of this machine, one of another, and one that only is declared. */
                { "<?xml version=\"1.0\"?>\n<!DOCTYPE gpx [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">"
                  "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>\n" GPX("<name>&c;</name>"),
                                "EBADMSG line 2: " DOCTYPE },
                { "\n<!DOCTYPE gpx [\n<!ENTITY a SYSTEM \"file:///etc/passwd\">]>\n" GPX("&a;"),
                                "EBADMSG line 2: " DOCTYPE },
                { "<!DOCTYPE gpx SYSTEM \"http://127.0.0.1:1/a.dtd\">" GPX(""), "EBADMSG line 1: " DOCTYPE },
                { "<!DOCTYPE gpx [<!ENTITY % a SYSTEM \"a\"> %a;]>" GPX(""), "EBADMSG line 1: " DOCTYPE },
                { "<!DOCTYPE gpx>" GPX(""), "EBADMSG line 1: " DOCTYPE },
                /* Without a name, it is a mistake before it is a DOCTYPE. */
                { "<!DOCTYPE [<!ENTITY a \"b\"G>" GPX(""), "EBADMSG line 1: " BROKEN },
                { GPX("&a;"), "EBADMSG line 1: " BROKEN },
                { GPX("<a xmlns:xi=\"http://www.w3.org/2001/XInclude\"><xi:include href=\"/etc/passwd\"/></a>"),
                                READ },
                { GPX("&lt;&amp;&gt;&quot;&apos;&#65;"), READ },
                { GPX("&#0;"), "EBADMSG line 1: " BROKEN },
                { GPX("\n<a b=\"1\" b=\"2\"/>"), "EBADMSG line 2: " BROKEN },
                { GPX("\n\n</trk>"), "EBADMSG line 3: " BROKEN },
                { GPX("\x01"), "EBADMSG line 1: " BROKEN },
                { "", "EBADMSG line 1: the file is empty\n" },
                { "\n\n", "EBADMSG line 1: the file is empty\n" },
                { "<", "EBADMSG line 1: " BROKEN },
                { "heart rates", "EBADMSG line 1: it does not begin with <, as XML does\n" },
                { "\n\nheart rates", "EBADMSG line 3: it does not begin with <, as XML does\n" },
                { "<gpx", "EBADMSG line 1: the file ends here, before its first heart rate\n" },
                { "<gpx>", "EBADMSG line 1: the file ends here, before its first heart rate\n" },
                { "\n<html><body/></html>", "EBADMSG line 2: it begins with “html”, not with gpx\n" },
                { "<gpx xmlns=\"urn:\x1b[31m\"/>", "EBADMSG line 1: " BROKEN },
                { "<gpx xmlns=\"urn:x\"/>",
                                "EBADMSG line 1: its namespace is “urn:x”, which is none of topografix.com/GPX/\n" },
                { "<?xml version=\"1.0\" encoding=\"klingon\"?>" GPX(""),
                                "EBADMSG line 1: its encoding is “klingon”" ACCEPTED },
                { "<?xml version=\"1.0\" encoding = 'UTF-7' ?>" GPX("+AB"),
                                "EBADMSG line 1: its encoding is “UTF-7”" ACCEPTED },
                { "<?xml encoding=\"\x1b[31m" GPX(""), "EBADMSG line 1: " BROKEN },
                { "<?xml encoding=\"\x7f[31m\"?>" GPX(""),
                                "EBADMSG line 1: its encoding is “?[31m”" ACCEPTED },
                { "<?xml version=\"1.0\" encoding=\"\"?>" GPX(""), "EBADMSG line 1: " BROKEN },
                { "<gpx><trk><trkseg>" ONE_POINT "</trkseg></trk></gp>",
                                "begin\n2026-05-17T06:00:00Z hr 140\nend running\nEBADMSG line 1: " BROKEN },
                { "<gpx/><gpx/>", "ENODATA it has no track\n" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                check_file(cases[i].file, strlen(cases[i].file), cases[i].expected);
}

/* Bytes that are none of their encoding. */
static void test_bytes(void **state)
{
        static const struct {
                const char *file;
                size_t size;
                const char *expected;
        } cases[] = {
#define FILE_OF(bytes) bytes, sizeof(bytes) - 1
                { FILE_OF(GPX("\n\xff")), "EBADMSG line 2: " BROKEN },
                { FILE_OF(GPX("\n\xed\xa0\x80")), "EBADMSG line 2: " BROKEN },
                { FILE_OF(GPX("\n\0")), "EBADMSG line 2: " BROKEN },
                { FILE_OF("\0"), "EBADMSG line 1: " },
                { FILE_OF("\0\0\0\0\0\0\0\0"), "EBADMSG line 1: " },
                { FILE_OF("\xff\xfe"), "EBADMSG line 1: the file is empty\n" },
                { FILE_OF("\xff\xfe<\0g\0p\0x\0>\0\0\xdc\0\xdc\0\xdc\0\xdc\0\xdc\0\xdc\0\xdc\0\xdc\0\xdc"),
                                "EBADMSG line 1: " },
                { FILE_OF("\xfe\xff\xd8\0\xd8\0\xd8\0\xd8\0"), "EBADMSG line 1: " },
                { FILE_OF("\xff\xfe<\0g\0p\0x\0>\0\0\xd8\0\xd8\0\xd8\0\xd8\0\xd8\0\xd8\0\xd8\0\xd8"),
                                "EBADMSG line 1: " BROKEN },
                { FILE_OF("\xfe\xff\0<\0g\0p\0x\0>\xd8\0\xd8\0\xd8\0\xd8\0\xd8\0\xd8\0\xd8\0\xd8\0"),
                                "EBADMSG line 1: " BROKEN },
                { FILE_OF("\xfe\xff\0<\0g\0p\0x\0>\0"), "EBADMSG line 1: " },
                { FILE_OF("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" GPX("\xfc")),
                                "EBADMSG line 1: " BROKEN },
                /* EBCDIC, UCS-4, and another encoding than its own bytes. */
                { FILE_OF("\x4c\x6f\xa7\x94\x93"),
                                "EBADMSG line 1: it does not begin with <, as XML does\n" },
                { FILE_OF("\0\0\0<\0\0\0g"), "EBADMSG line 1: " },
                { FILE_OF("<\0\0\0g\0\0\0"), "EBADMSG line 1: " },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                check_file(cases[i].file, cases[i].size, cases[i].expected);
}

/* The same again and again, with a number in place of "#". */
static void repeat(FILE *stream, const char *text, unsigned n)
{
        for (unsigned i = 0; i < n; i++)
                for (const char *p = text; *p; p++)
                        if (*p == '#')
                                fprintf(stream, "%x", i);
                        else
                                fputc(*p, stream);
}

/* -- Memory of the library -- */

static size_t held, peak;

static void *keep(void *p)
{
        held += malloc_usable_size(p);
        peak = held > peak ? held : peak;
        return p;
}

static void give_back(void *p)
{
        held -= malloc_usable_size(p);
        free(p);
}

static void *take(size_t size)
{
        return keep(malloc(size));
}

static void *take_again(void *p, size_t size)
{
        held -= malloc_usable_size(p);
        return keep(realloc(p, size));
}

static char *take_copy(const char *text)
{
        return keep(strdup(text));
}

#define PEAK_MAX 4000000U

/* Files of some 5 MB. What the library takes besides is a fraction of that. */
static void test_large(void **state)
{
#define LONG "EBADMSG line 1, column *: a tag, a comment or the like that is longer than 256 KiB\n"
        static const struct {
                const char *before, *repeated;
                unsigned n;
                const char *after, *expected;
        } cases[] = {
                { "<gpx><trk>", " ", 4000000, "<trkseg>" ONE_POINT "</trkseg></trk></gpx>", READ },
                { "<gpx>", "<a>", 1400000, "", "EBADMSG line 1: more than 64 elements within one another\n" },
                { "<gpx>", "\n<a#/>", 400000, "</gpx>",
                                "EBADMSG line *: more than 10,000 different names of elements\n" },
                { "<gpx><trk><name>", "text &amp; ", 400000,
                                "</name><trkseg>" ONE_POINT "</trkseg></trk></gpx>", "begin\n" },
                { "<gpx><trk><name>A</name><trkseg>", ONE_POINT, 50000, "</trkseg></trk></gpx>", "begin\n" },
                { "<gpx><trk><trkseg><trkpt><time>", "2026", 1000000, "</time></trkpt></trkseg></trk></gpx>",
                                "ENODATA it has no heart rates: no trackpoint has the extension for them\n" },
                { "<gpx><a b=\"", "cccc", 1000000, "\"/></gpx>", LONG },
                { "<gpx><a", " b#=\"\"", 400000, "/></gpx>", LONG },
                { "<gpx><a", " xmlns:b#=\"urn:#\"", 200000, "/></gpx>", LONG },
                { "<gpx><a", " b#=\"\"", 65, "/></gpx>",
                                "EBADMSG line 1, column *: an element with more than 64 attributes\n" },
                { "<gpx><a", " xmlns:b#=\"urn:#\"", 65, "/></gpx>",
                                "EBADMSG line 1, column *: an element with more than 64 attributes\n" },
                { "<gpx><", "name", 1000000, "/></gpx>", "EBADMSG line 1, column *: " },
                { "<gpx><!--", "long", 1000000, "--></gpx>", LONG },
                { "<gpx><?a ", "long", 1000000, "?></gpx>", LONG },
                { "<gpx><![CDATA[", "long", 1000000, "]]></gpx>", LONG },
                { "<gpx>", "<!---->", 600000, "<trk><trkseg>" ONE_POINT "</trkseg></trk></gpx>", READ },
                { "<gpx", " ", 4000000, "/>", LONG },
                { "", " ", 20000000, GPX(""), READ },
                { "<gpx/>", " ", 4000000, "", "ENODATA it has no track\n" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *file = NULL;
                size_t size;
                FILE *stream = open_memstream(&file, &size);

                assert_non_null(stream);
                fputs(cases[i].before, stream);
                repeat(stream, cases[i].repeated, cases[i].n);
                fputs(cases[i].after, stream);
                assert_int_equal(fclose(stream), 0);
                peak = held;
                check_file(file, size, cases[i].expected);
                assert_true(peak > 0 && peak < PEAK_MAX);
        }
}

/* The library says much on standard error by itself, some of it to a handler that is not the parser's own. */
static void test_nothing_is_printed(void **state)
{
        static const char file[] = "\xff\xfe<\0g\0p\0x\0>\0\0\xd8\0\xd8\0\xd8\0\xd8\0\xd8\0\xd8\0\xd8\0\xd8";
        static const char *const texts[] = { GPX("</a>"), GPX("&a;"), "<!DOCTYPE gpx [<!ENTITY",
                "<gpx a:b=''>", "x" };
        int kept = dup(STDERR_FILENO), printed = memfd_create("stderr", MFD_CLOEXEC);
        ReadingProblem problem;
        off_t size;

        (void)state;
        assert_true(kept >= 0 && printed >= 0 && dup2(printed, STDERR_FILENO) >= 0);
        for (size_t i = 0; i <= ELEMENTSOF(texts); i++) {
                const char *data = i < ELEMENTSOF(texts) ? texts[i] : file;
                Reading reading = { 0 };

                reading_make(&reading, &reading_gpx, data, data == file ? sizeof(file) - 1 : strlen(data));
                problem = reading.problem;
                reading_done(&reading);
        }
        size = lseek(printed, 0, SEEK_END);
        assert_true(dup2(kept, STDERR_FILENO) >= 0);
        (void)close(kept);
        (void)close(printed);
        assert_int_equal(size, 0);
        assert_string_not_equal(problem.text, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_table),
                cmocka_unit_test(test_bytes),
                cmocka_unit_test(test_nothing_is_printed),
                cmocka_unit_test(test_large),
        };

        if (xmlMemSetup(give_back, take, take_again, take_copy) != 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
