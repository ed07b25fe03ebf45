/* SPDX-License-Identifier: MIT */

/* libxml2's parser over bytes in memory, with callbacks for the elements of a table.
 *
 * A file may be meant to harm. There is no tree: of what was read only the names of the open elements are kept, of at most
 * DEPTH_MAX. A DOCTYPE ends reading where it begins, so that there are no entities but XML's own five, and nothing outside is ever
 * asked for. A tag, a comment or the like is at most PIECE_MAX long, and a tag has at most ATTRIBUTES_MAX: the time the library
 * takes grows with the square of their number. Names, which the library keeps, are at most NAMES_MAX different ones, give or take a
 * tag's. Its own limits, those without XML_PARSE_HUGE, hold besides.
 *
 * Before the first tag there may be blanks and byte-order marks, which XML forbids and programs write; behind the last one zeros,
 * which file systems leave after a power cut. The encoding is found here: a file that says it is UTF-16 and is not, as .NET writes
 * them, is read as UTF-8, and the library never gets to ask iconv.
 *
 * What the library says of errors comes back as the problem. Some of that it says to a handler of the whole thread, which is put
 * back afterwards: nothing is printed. No clock. */

#include "exchange/xml-read.h"

#include <string.h>

#include <libxml/SAX2.h>
#include <libxml/dict.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include "cardio/macro.h"
#include "exchange/reading-parse.h"

#define DEPTH_MAX      64
#define PIECE_MAX      (256U * 1024U)
#define ATTRIBUTES_MAX 64
#define NAMES_MAX      10000
#define ENCODING_SIZE  32
#define MARK_MAX       9
#define COLUMN_FROM    200 /* where a line alone is no place */
#define PASSED_OVER    (-1)

struct XmlReader {
        const XmlFormat *format;
        void *userdata;
        xmlParserCtxtPtr parser;
        /* Bytes: a mark first if that is not NULL. */
        const char *mark;
        bool is_latin;
        const uint8_t *data;
        size_t size, given, given_at_event;
        unsigned lines_before; /* that were left out */
        /* Where it is. */
        int elements[DEPTH_MAX];
        unsigned depth;
        bool begun, whole; /* the root has begun, has ended */
        const xmlChar **attributes;
        int n_attributes;
        size_t n_text;
        char text[XML_TEXT_MAX];
        /* What becomes of it. */
        int r;
        bool stopped; /* nothing more is to be read: r, or the problem, says why */
        ReadingProblem *problem;
};

/* -- Problems -- */

void xml_place(const XmlReader *x, ReadingProblem *problem)
{
        int line = x->parser ? xmlSAX2GetLineNumber(x->parser) : 0,
            column = x->parser ? xmlSAX2GetColumnNumber(x->parser) : 0;

        problem->place[0] = '\0';
        reading_place(problem, "line ", (uint64_t)(line > 0 ? line : 1) + x->lines_before);
        if (column >= COLUMN_FROM)
                reading_place(problem, ", column ", (uint64_t)column);
}

/* The first problem stays. */
static void stop(XmlReader *x, int r)
{
        if (x->stopped)
                return;
        x->stopped = true;
        x->r = r;
}

static void refuse(XmlReader *x, const char *text)
{
        if (x->stopped)
                return;
        xml_place(x, x->problem);
        x->problem->text[0] = '\0';
        reading_say(x->problem, text);
        stop(x, -EBADMSG);
}

/* All bytes have been read: what is wrong is that there are no more. A last character may be cut in half, and so may what a mark
 * such as <![CDATA[ begins with. */
static bool is_at_end(const XmlReader *x)
{
        const xmlParserInput *input = x->parser ? x->parser->input : NULL;

        return x->given == x->size && (!input || input->end - input->cur < MARK_MAX);
}

#if LIBXML_VERSION >= 21200
typedef const xmlError Error;
#else
typedef xmlError Error;
#endif

static void on_error(void *userdata, Error *error)
{
        char message[READING_TEXT_MAX];
        XmlReader *x = userdata;

        if (x->stopped || !error)
                return;
        if (error->code == XML_ERR_NO_MEMORY) {
                stop(x, -ENOMEM);
                return;
        }
        /* Of the namespaces of elements that may not matter. */
        if (error->level != XML_ERR_FATAL)
                return;
        xml_place(x, x->problem);
        if (x->whole) {
                reading_say(x->problem, "what follows the end of the XML document is not read");
                stop(x, 0);
        } else if (x->begun && is_at_end(x) && error->code != XML_ERR_TAG_NAME_MISMATCH) {
                stop(x, XML_CUT_SHORT);
        } else {
                reading_plain(error->message ? error->message : "", message);
                reading_say(x->problem, "it is not well-formed XML: ");
                reading_say(x->problem, message);
                stop(x, -EBADMSG);
        }
}

/* -- Bytes -- */

/* As many bytes as fit, those of Latin-1 as UTF-8. Returns how many they are then. */
static size_t hand_on(XmlReader *x, char *buffer, size_t size)
{
        size_t n = 0;

        if (!x->is_latin) {
                n = x->size - x->given < size ? x->size - x->given : size;
                memcpy(buffer, x->data + x->given, n);
                x->given += n;
                return n;
        }
        for (; x->given < x->size && n + 2 <= size; x->given++) {
                uint8_t c = x->data[x->given];

                if (c >= 0x80)
                        buffer[n++] = (char)(0xc0 | c >> 6);
                buffer[n++] = (char)(c < 0x80 ? c : 0x80 | (c & 0x3f));
        }
        return n;
}

static int on_read(void *userdata, char *buffer, int size)
{
        XmlReader *x = userdata;
        size_t marked = x->mark ? 2 : 0;

        if (x->stopped || size < 4)
                return 0;
        if (x->given - x->given_at_event > PIECE_MAX) {
                if (x->whole) /* blanks behind the end */
                        stop(x, 0);
                else
                        refuse(x, "a tag, a comment or the like that is longer than 256 KiB");
                return 0;
        }
        if (marked > 0)
                memcpy(buffer, x->mark, marked);
        x->mark = NULL;
        return (int)(marked + hand_on(x, buffer + marked, (size_t)size - marked));
}

/* Characters of one byte or two, the other of which is 0. */
typedef struct Bytes {
        const uint8_t *data;
        size_t size, at;
        unsigned width;
        bool low_first;
} Bytes;

/* The next character, '?' for one that is not ASCII, or -1 at the end. */
static int peek(const Bytes *b)
{
        const uint8_t *p;

        if (b->size - b->at < b->width)
                return -1;
        p = b->data + b->at;
        if (b->width == 1)
                return *p < 0x80 ? *p : '?';
        return p[b->low_first] != 0 || p[!b->low_first] >= 0x80 ? '?' : p[!b->low_first];
}

/* Which of the two it is, by the first bytes; and on to the first tag. */
static Bytes bytes_begin(const uint8_t *data, size_t size, unsigned *ret_lines)
{
        Bytes b = { .data = data, .size = size, .width = 1 };

        *ret_lines = 0;
        if (size >= 2 && (data[0] == 0 || data[1] == 0 || data[0] >= 0xfe)) {
                b.width = 2;
                b.low_first = data[0] == 0xff || data[1] == 0;
        }
        for (;;) {
                size_t rest = size - b.at;
                int c = peek(&b);

                if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                        *ret_lines += c == '\n';
                        b.at += b.width;
                } else if (b.width == 1 && rest >= 3 && memcmp(data + b.at, "\xef\xbb\xbf", 3) == 0) {
                        b.at += 3;
                } else if (b.width == 2 && rest >= 2 &&
                                memcmp(data + b.at, b.low_first ? "\xff\xfe" : "\xfe\xff", 2) == 0) {
                        b.at += 2;
                } else {
                        return b;
                }
        }
}

static bool skip_text(Bytes *b, const char *text)
{
        Bytes ahead = *b;

        for (; *text; text++, ahead.at += ahead.width)
                if (peek(&ahead) != *text)
                        return false;
        *b = ahead;
        return true;
}

static void skip_behind(Bytes *b, const char *text)
{
        while (peek(b) >= 0 && !skip_text(b, text))
                b->at += b->width;
}

static void skip_blanks(Bytes *b)
{
        for (int c = peek(b); c == ' ' || c == '\t' || c == '\n' || c == '\r'; c = peek(b))
                b->at += b->width;
}

static bool is_end_of_name(int c)
{
        return c < 0 || c <= ' ' || c == '>' || c == '/' || c == '[';
}

bool xml_is(const uint8_t *data, size_t size, const char *root)
{
        unsigned lines;
        Bytes b = bytes_begin(data, size, &lines);

        for (;;) {
                skip_blanks(&b);
                if (skip_text(&b, "<?")) {
                        skip_behind(&b, "?>");
                } else if (skip_text(&b, "<!--")) {
                        skip_behind(&b, "-->");
                } else if (skip_text(&b, "<!DOCTYPE")) { /* names the root, too */
                        skip_blanks(&b);
                        break;
                } else if (skip_text(&b, "<")) {
                        break;
                } else {
                        return false;
                }
        }
        for (Bytes name = b; !is_end_of_name(peek(&name)); name.at += name.width)
                if (peek(&name) == ':') {
                        (void)skip_text(&name, ":");
                        b = name;
                        break;
                }
        return skip_text(&b, root) && is_end_of_name(peek(&b));
}

/* What a declaration says of the encoding; "" if there is none. */
static void find_encoding(const Bytes *bytes, char ret[static ENCODING_SIZE])
{
        Bytes b = *bytes;
        size_t n = 0;

        ret[0] = '\0';
        if (!skip_text(&b, "<?xml"))
                return;
        while (!skip_text(&b, "encoding")) {
                if (peek(&b) < 0 || peek(&b) == '>')
                        return;
                b.at += b.width;
        }
        skip_blanks(&b);
        (void)skip_text(&b, "=");
        skip_blanks(&b);
        if (peek(&b) == '"' || peek(&b) == '\'')
                b.at += b.width;
        for (int c; (c = peek(&b)) > ' ' && c != '"' && c != '\'' && c != '?' && n + 1 < ENCODING_SIZE;
                        b.at += b.width)
                ret[n++] = (char)c;
        ret[n] = '\0';
}

/* Those that can be read without iconv: the library would have that load modules, which are no file's to choose. Returns false
 * for others. */
static bool encoding_choose(const Bytes *b, bool *ret_latin, ReadingProblem *problem)
{
        static const struct {
                const char *name;
                bool is_latin;
        } known[] = {
                { "", false }, { "UTF-8", false }, { "UTF8", false }, { "US-ASCII", false },
                { "ASCII", false }, { "UTF-16", false }, { "ISO-8859-1", true },
                { "ISO-8859-15", true },                      /* but for the euro and seven letters */
                { "LATIN1", true }, { "WINDOWS-1252", true }, /* but for quotation marks and the like */
        };
        char name[ENCODING_SIZE];

        *ret_latin = false;
        if (b->width == 2)
                return true; /* there is a mark */
        find_encoding(b, name);
        for (size_t i = 0; i < ELEMENTSOF(known); i++)
                if (strlen(name) == strlen(known[i].name) && reading_has_word(name, known[i].name)) {
                        *ret_latin = known[i].is_latin;
                        return true;
                }
        reading_place(problem, "line ", 1);
        reading_say(problem, "its encoding is ");
        reading_quote(problem, name);
        reading_say(problem, ": UTF-8, UTF-16, ISO-8859-1 and WINDOWS-1252 are accepted");
        return false;
}

/* -- Elements -- */

static const char *plain_name(const xmlChar *name)
{
        return name ? (const char *)name : "";
}

static bool is_of_format(const XmlReader *x, const xmlChar *uri)
{
        return !uri || !*uri || reading_has_word((const char *)uri, x->format->space);
}

static int element_find(const XmlReader *x, int within, const char *name, const xmlChar *uri)
{
        for (size_t i = 0; i < x->format->n_elements; i++) {
                const XmlElement *e = x->format->elements + i;

                if (e->within == within && (!e->name || strcmp(e->name, name) == 0) &&
                                (e->foreign || is_of_format(x, uri)))
                        return e->element;
        }
        return PASSED_OVER;
}

static void refuse_root(XmlReader *x, const char *name, const xmlChar *uri)
{
        const char *root = x->format->elements[0].name;

        refuse(x, "");
        if (strcmp(name, root) == 0) {
                reading_say(x->problem, "its namespace is ");
                reading_quote(x->problem, plain_name(uri));
                reading_say(x->problem, ", which is none of ");
                reading_say(x->problem, x->format->space);
        } else {
                reading_say(x->problem, "it begins with ");
                reading_quote(x->problem, name);
                reading_say(x->problem, ", not with ");
                reading_say(x->problem, root);
        }
}

static void on_start(void *userdata, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
                int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
                const xmlChar **attributes)
{
        XmlReader *x = userdata;
        int within = x->depth > 0 ? x->elements[x->depth - 1] : 0, element, r = 0;

        (void)prefix, (void)namespaces, (void)n_defaulted;
        x->given_at_event = x->given;
        if (x->stopped)
                return;
        if (x->depth == DEPTH_MAX) {
                refuse(x, "more than 64 elements within one another");
                return;
        }
        if (n_attributes + n_namespaces > ATTRIBUTES_MAX) {
                refuse(x, "an element with more than 64 attributes");
                return;
        }
        if (xmlDictSize(x->parser->dict) > NAMES_MAX) {
                refuse(x, "more than 10,000 different names of elements");
                return;
        }
        element = within == PASSED_OVER ? PASSED_OVER : element_find(x, within, plain_name(local), uri);
        if (x->depth == 0 && element == PASSED_OVER) {
                refuse_root(x, plain_name(local), uri);
                return;
        }
        x->begun = true;
        x->elements[x->depth++] = element;
        x->n_text = 0;
        x->attributes = attributes;
        x->n_attributes = n_attributes;
        if (element != PASSED_OVER)
                r = x->format->start(x->userdata, x, element);
        x->n_attributes = 0;
        if (r < 0)
                stop(x, r);
}

static void on_end(void *userdata, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
        XmlReader *x = userdata;
        int element, r = 0;

        (void)local, (void)prefix, (void)uri;
        x->given_at_event = x->given;
        if (x->stopped || x->depth == 0)
                return;
        element = x->elements[--x->depth];
        x->text[x->n_text] = '\0';
        if (element != PASSED_OVER)
                r = x->format->end(x->userdata, x, element, x->text);
        x->n_text = 0;
        x->whole = x->depth == 0;
        if (r < 0)
                stop(x, r);
}

static void on_text(void *userdata, const xmlChar *text, int size)
{
        XmlReader *x = userdata;
        size_t fits = sizeof(x->text) - 1 - x->n_text;

        x->given_at_event = x->given;
        if (x->stopped || size <= 0)
                return;
        /* Blanks before it may be many. */
        for (; size > 0 && x->n_text == 0 && *text <= ' '; size--)
                text++;
        fits = fits < (size_t)size ? fits : (size_t)size;
        memcpy(x->text + x->n_text, text, fits);
        x->n_text += fits;
}

static void on_comment(void *userdata, const xmlChar *text)
{
        XmlReader *x = userdata;

        (void)text;
        x->given_at_event = x->given;
}

static void on_instruction(void *userdata, const xmlChar *target, const xmlChar *text)
{
        (void)target;
        on_comment(userdata, text);
}

static void on_doctype(
                void *userdata, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
        XmlReader *x = userdata;

        (void)name, (void)public_id, (void)system_id;
        refuse(x, "it has a DOCTYPE, which no such file needs and which could make it do harm: not accepted");
        xmlStopParser(x->parser);
}

void xml_attribute(const XmlReader *x, const char *name, char ret[static READING_TEXT_MAX])
{
        char text[2 * READING_TEXT_MAX] = "";
        size_t n = 0;

        for (int i = 0; i < x->n_attributes; i++) {
                const xmlChar *const *a =
                                x->attributes + 5 * (size_t)i; /* name, prefix, namespace, value, its end */

                if (strcmp(plain_name(a[0]), name) != 0 || a[2])
                        continue;
                /* An ampersand is handed on as it may be written. */
                for (const xmlChar *p = a[3]; p < a[4] && n + 1 < sizeof(text);) {
                        bool escaped = a[4] - p >= 5 && memcmp(p, "&#38;", 5) == 0;

                        text[n++] = (char)*p;
                        p += escaped ? 5 : 1;
                }
                break;
        }
        text[n] = '\0';
        reading_plain(text, ret);
}

/* -- The whole -- */

static void parse(XmlReader *x)
{
        xmlSAXHandler handler = {
                .initialized = XML_SAX2_MAGIC,
                .internalSubset = on_doctype,
                .startElementNs = on_start,
                .endElementNs = on_end,
                .characters = on_text,
                .ignorableWhitespace = on_text,
                .cdataBlock = on_text,
                .comment = on_comment,
                .processingInstruction = on_instruction,
                .serror = on_error,
        };

        x->parser = xmlCreateIOParserCtxt(&handler, x, on_read, NULL, x, XML_CHAR_ENCODING_NONE);
        if (!x->parser) {
                x->r = -ENOMEM;
                return;
        }
        (void)xmlCtxtUseOptions(x->parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
        (void)xmlParseDocument(x->parser);
        if (!x->stopped && !x->whole)
                refuse(x, "it is not XML that can be read");
        /* Where a DOCTYPE is not well-formed, on_doctype() is not called, and what the library makes for its entities stays. */
        xmlFreeDoc(x->parser->myDoc);
        x->parser->myDoc = NULL;
        xmlFreeParserCtxt(x->parser);
        x->parser = NULL;
}

int xml_read(const uint8_t *data, size_t size, const XmlFormat *format, void *userdata,
                ReadingProblem *ret_problem)
{
        XmlReader x = { .format = format, .userdata = userdata, .problem = ret_problem };
        Bytes bytes = bytes_begin(data, size, &x.lines_before);
        xmlStructuredErrorFunc handler = xmlStructuredError;
        void *context = xmlStructuredErrorContext;

        *ret_problem = (ReadingProblem){ 0 };
        if (bytes.at == size) {
                reading_place(ret_problem, "line ", 1);
                reading_say(ret_problem, "the file is empty");
                return -EBADMSG;
        }
        if (peek(&bytes) != '<') {
                reading_place(ret_problem, "line ", x.lines_before + UINT64_C(1));
                reading_say(ret_problem, "it does not begin with <, as XML does");
                return -EBADMSG;
        }
        if (!encoding_choose(&bytes, &x.is_latin, ret_problem))
                return -EBADMSG;
        x.data = data + bytes.at;
        x.size = size - bytes.at;
        if (bytes.width == 2)
                x.mark = bytes.low_first ? "\xff\xfe" : "\xfe\xff";
        else
                while (x.size > 1 && x.data[x.size - 1] == 0)
                        x.size--;

        xmlSetStructuredErrorFunc(&x, on_error);
        parse(&x);
        xmlSetStructuredErrorFunc(context, handler);
        return x.r;
}
