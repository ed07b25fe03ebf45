/* SPDX-License-Identifier: MIT */
#pragma once

#include "exchange/reading.h"

/* What the readers of XML share: libxml2's parser, which is given a table of the elements that matter and calls back for these
 * alone. Nothing is kept of a file but the way to where it is read. */

typedef struct XmlReader XmlReader;

/* An element that matters, by where it stands. Elements are numbered from 1 on; what is in none of the rows, and all within it, is
 * passed over. */
typedef struct XmlElement {
        int element, within; /* within 0 is the whole: the first row is the root's */
        const char *name;    /* without a prefix; NULL = any */
        bool foreign;        /* of any namespace; others of none, or of the format's */
} XmlElement;

typedef struct XmlFormat {
        const XmlElement *elements; /* the first that fits counts */
        size_t n_elements;
        const char *space; /* what its namespaces have in them */
        /* Return 0, or a negative errno that ends reading. text is what stood in the element, after the last one within it;
         * what is longer than XML_TEXT_MAX is cut. */
        int (*start)(void *userdata, XmlReader *reader, int element);
        int (*end)(void *userdata, XmlReader *reader, int element, const char *text);
} XmlFormat;

#define XML_TEXT_MAX (READING_NOTE_MAX + 256U)

/* Whether the bytes begin like XML with such a root. */
bool xml_is(const uint8_t *data, size_t size, const char *root);

/* Returns 0; XML_CUT_SHORT where the file ends before its root does, with the place; a callback's error; -ENOMEM; or -EBADMSG,
 * with the problem. Of a file that goes on after its end, which does not matter, the problem has a text though 0 is returned. */
#define XML_CUT_SHORT 1
int xml_read(const uint8_t *data, size_t size, const XmlFormat *format, void *userdata,
                ReadingProblem *ret_problem);

/* In start(): an attribute of the element, made plain; "" if there is none. */
void xml_attribute(const XmlReader *reader, const char *name, char ret[static READING_TEXT_MAX]);

/* The place that is read now. */
void xml_place(const XmlReader *reader, ReadingProblem *problem);
