/* SPDX-License-Identifier: MIT */

/* What has to hold of every page, as libxml2 reads it: it is XML, nothing in it comes from elsewhere or runs but the one script,
 * ids are there once and where they are meant, and each place in a picture is a number within the picture. No clock. */

#include "page-judge.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#include "cardio/macro.h"

#define IDS_MAX 64U
/* Of a number that was rounded to a tenth, and of the sum of two. */
#define ROUNDED 0.11

typedef struct Judge {
        char wrong[200];      /* the first thing that was */
        double width, height; /* of the view box around; 0 = places are in per cent */
        unsigned n_scripts;
        size_t n_ids;
        const char *ids[IDS_MAX];
        size_t n_meant;
        const char *meant[IDS_MAX];
} Judge;

static void wrong(Judge *j, const char *what, const char *value)
{
        if (!*j->wrong)
                (void)snprintf(j->wrong, sizeof(j->wrong), "%s: %.100s", what, value);
}

/* A number of digits alone, as no locale and no NaN can spoil it. */
static bool take_number(const char **at, double *ret)
{
        const char *p = *at + (**at == '-');
        size_t digits = strspn(p, "0123456789");
        char *end;

        if (digits == 0)
                return false;
        p += digits;
        if (*p == '.')
                p += 1 + strspn(p + 1, "0123456789");
        *ret = strtod(*at, &end);
        if (end != p)
                return false;
        *at = p;
        return true;
}

/* A place along one side, whose view box is so long. Returns NAN if it is none. */
static double place(Judge *j, const char *text, double size)
{
        const char *at = text;
        double value;

        if (strcmp(text, "1.1em") == 0)
                return 0;
        if (!take_number(&at, &value)) {
                wrong(j, "not a number", text);
                return NAN;
        }
        if (size == 0 && strcmp(at, "%") == 0)
                size = 100;
        else if (*at || (size == 0 && value != 0))
                wrong(j, "not a place", text);
        if (value < 0 || value > size + ROUNDED)
                wrong(j, "outside", text);
        return value;
}

static void judge_path(Judge *j, const char *d)
{
        const char *at = d;
        double x, y;

        if (!*d)
                return;
        if (*at != 'M')
                wrong(j, "a path begins with a line", d);
        while (*at) {
                if (*at == 'Z' && !at[1])
                        return;
                if (*at != 'M' && *at != 'L') {
                        wrong(j, "not a path", at);
                        return;
                }
                at++;
                if (!take_number(&at, &x) || *at++ != ' ' || !take_number(&at, &y)) {
                        wrong(j, "not a place of a path", at);
                        return;
                }
                if (x < 0 || x > j->width || y < 0 || y > j->height)
                        wrong(j, "a path is outside", d);
        }
}

static const char *attribute(const xmlNode *node, const char *name)
{
        const xmlAttr *a = xmlHasProp(node, (const xmlChar *)name);

        return a && a->children ? (const char *)a->children->content : NULL;
}

static bool is(const xmlNode *node, const char *name)
{
        return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static double place_or(Judge *j, const xmlNode *node, const char *name, double size)
{
        const char *text = attribute(node, name);

        return text ? place(j, text, size) : 0;
}

static void judge_shape(Judge *j, const xmlNode *node)
{
        double full_x = j->width > 0 ? j->width : 100, full_y = j->height > 0 ? j->height : 100;

        if (is(node, "rect") &&
                        (place_or(j, node, "x", j->width) + place_or(j, node, "width", j->width) >
                                                        full_x + ROUNDED ||
                                        place_or(j, node, "y", j->height) + place_or(j, node, "height",
                                                                                            j->height) >
                                                        full_y + ROUNDED))
                wrong(j, "a rectangle reaches out", attribute(node, "class"));
        if (is(node, "text")) {
                (void)place_or(j, node, "x", j->width);
                (void)place_or(j, node, "y", j->height);
        }
        if (is(node, "circle")) {
                (void)place_or(j, node, "cx", j->width);
                (void)place_or(j, node, "cy", j->height);
        }
        if (is(node, "path") && j->width > 0 && strcmp(attribute(node, "class"), "hatch") != 0)
                judge_path(j, attribute(node, "d") ? attribute(node, "d") : "");
}

/* Names that load, run or style something; their values are others' if a text was not escaped. */
static void judge_attribute(Judge *j, const xmlAttr *a)
{
        static const char *const never[] = { "style", "href", "src", "action", "formaction", "srcset",
                "data" };
        const char *name = (const char *)a->name,
                   *value = a->children ? (const char *)a->children->content : "";

        if (strncmp(name, "on", 2) == 0)
                wrong(j, "an attribute runs something", name);
        for (size_t i = 0; i < ELEMENTSOF(never); i++)
                if (strcmp(name, never[i]) == 0)
                        wrong(j, "an attribute from elsewhere", name);
        if (strcmp(name, "id") == 0) {
                for (size_t i = 0; i < j->n_ids; i++)
                        if (strcmp(j->ids[i], value) == 0)
                                wrong(j, "an id is there twice", value);
                if (j->n_ids < IDS_MAX)
                        j->ids[j->n_ids++] = value;
        }
        if (strcmp(name, "aria-describedby") == 0 && j->n_meant < IDS_MAX)
                j->meant[j->n_meant++] = value;
}

static void judge_element(Judge *j, const xmlNode *node)
{
        static const char *const known[] = { "html", "head", "meta", "title", "style", "body", "main",
                "script", "header", "h1", "h2", "p", "strong", "dl", "div", "dt", "dd", "small", "figure",
                "figcaption", "ul", "li", "svg", "defs", "pattern", "path", "rect", "g", "text", "circle",
                "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "section", "footer" };
        bool found = false;

        for (size_t i = 0; i < ELEMENTSOF(known); i++)
                found = found || is(node, known[i]);
        if (!found)
                wrong(j, "an element of others", (const char *)node->name);
        j->n_scripts += is(node, "script");
        for (const xmlAttr *a = node->properties; a; a = a->next)
                judge_attribute(j, a);
        judge_shape(j, node);
}

static void judge_tree(Judge *j, const xmlNode *node)
{
        double width = j->width, height = j->height;

        if (node->type != XML_ELEMENT_NODE)
                return;
        if (is(node, "svg")) {
                const char *box = attribute(node, "viewBox");
                double zero;

                j->width = j->height = 0;
                if (box && (!take_number(&box, &zero) || *box++ != ' ' || !take_number(&box, &zero) ||
                                           *box++ != ' ' || !take_number(&box, &j->width) || *box++ != ' ' ||
                                           !take_number(&box, &j->height) || *box))
                        wrong(j, "not a view box", attribute(node, "viewBox"));
        }
        judge_element(j, node);
        for (const xmlNode *child = node->children; child; child = child->next)
                judge_tree(j, child);
        j->width = width;
        j->height = height;
}

static xmlDocPtr read_page(const void *data, size_t size)
{
        return xmlReadMemory(data, (int)size, NULL, NULL,
                        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

const char *page_judge(const void *data, size_t size)
{
        static char said[200];
        xmlDocPtr doc = read_page(data, size);
        Judge j = { .wrong = "" };

        if (!doc) {
                xmlErrorPtr error = xmlGetLastError();

                (void)snprintf(said, sizeof(said), "not XML, line %d: %.100s", error ? error->line : 0,
                                error ? error->message : "");
                return said;
        }
        judge_tree(&j, xmlDocGetRootElement(doc));
        if (j.n_scripts != 1)
                wrong(&j, "not one script", "");
        for (size_t i = 0; i < j.n_meant; i++) {
                bool found = false;

                for (size_t k = 0; k < j.n_ids; k++)
                        found = found || strcmp(j.ids[k], j.meant[i]) == 0;
                if (!found)
                        wrong(&j, "described by nothing", j.meant[i]);
        }
        xmlFreeDoc(doc);
        memcpy(said, j.wrong, sizeof(said));
        return *said ? said : NULL;
}

static unsigned count_in(const xmlNode *node, const char *name, const char *class)
{
        unsigned n = 0;

        for (; node; node = node->next) {
                const char *own = node->type == XML_ELEMENT_NODE ? attribute(node, "class") : NULL;

                n += is(node, name) && (!*class || (own && strcmp(own, class) == 0));
                n += count_in(node->children, name, class);
        }
        return n;
}

unsigned page_count(const void *data, size_t size, const char *name, const char *class)
{
        xmlDocPtr doc = read_page(data, size);
        unsigned n = doc ? count_in(xmlDocGetRootElement(doc), name, class) : 0;

        xmlFreeDoc(doc);
        return n;
}

static const xmlNode *find_id(const xmlNode *node, const char *id)
{
        for (; node; node = node->next) {
                const char *own = node->type == XML_ELEMENT_NODE ? attribute(node, "id") : NULL;
                const xmlNode *inside;

                if (own && strcmp(own, id) == 0)
                        return node;
                inside = find_id(node->children, id);
                if (inside)
                        return inside;
        }
        return NULL;
}

char *page_text(const void *data, size_t size, const char *id)
{
        xmlDocPtr doc = read_page(data, size);
        const xmlNode *node = doc ? find_id(xmlDocGetRootElement(doc), id) : NULL;
        xmlChar *content = node ? xmlNodeGetContent(node) : NULL;
        char *copy = content ? strdup((const char *)content) : NULL;

        xmlFree(content);
        xmlFreeDoc(doc);
        return copy;
}
