/* SPDX-License-Identifier: MIT */
/* Reads piece by piece what sd-bus refuses to read whole. A device nearby may have a name with Unicode noncharacters: BlueZ
 * and libdbus let them through, sd-bus refuses such a string and cannot skip it either, so that one such name would cost all
 * objects, or a signal. Then the tree of objects is walked by Introspect, which contains no names of devices, each interface
 * is read by GetAll, and if that fails, each of its properties by Get. The same is done about unexpected types and too deep
 * nesting. What still cannot be read is left out, which is logged once. No clock. */

#include "bluez/piecemeal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "bluez/dirty.h"
#include "bluez/internal.h"
#include "bluez/mirror.h"
#include "bluez/objects.h"
#include "shared/name-owner.h"
#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "log.h"

#define PIECE_TIMEOUT_USEC (30 * USEC_PER_SEC)
#define PIECES_MAX         8192U /* that wait; enough for a full room with all its characteristics */
#define PIECES_AT_ONCE     8U    /* calls pending */

#define ROOT_OBJECT "/org/bluez"

struct Piece {
        Bluez *bluez;
        Piece *next;
        char *path;
        const char *interface; /* NULL = Introspect */
        const char *property;  /* NULL = all of the interface */
        sd_bus_slot *slot;     /* pending call */
};

static Piece *piece_free(Piece *p)
{
        if (!p)
                return NULL;
        sd_bus_slot_unref(p->slot);
        free(p->path);
        free(p);
        return NULL;
}

void piecemeal_end(Bluez *b)
{
        while (b->pieces) {
                Piece *next = b->pieces->next;

                piece_free(b->pieces);
                b->pieces = next;
        }
        b->last_piece = NULL;
        b->n_pieces = 0;
        b->walking = false;
}

static void piece_add(Bluez *b, const char *path, const char *interface, const char *property)
{
        Piece *p;

        if (b->n_pieces == PIECES_MAX) {
                log_debug("%s: not asked for, more than %u others are", path, PIECES_MAX);
                return;
        }
        p = calloc(1, sizeof(*p));
        if (p)
                p->path = strdup(path);
        if (!p || !p->path) {
                log_error("%s: cannot be asked for: out of memory", path);
                piece_free(p);
                return;
        }
        p->bluez = b;
        p->interface = interface;
        p->property = property;
        if (b->last_piece)
                b->last_piece->next = p;
        else
                b->pieces = p;
        b->last_piece = p;
        b->n_pieces++;
}

/* The call was answered. */
static void piece_done(Piece *p)
{
        Bluez *b = p->bluez;
        Piece *before = NULL;

        for (Piece *i = b->pieces; i && i != p; i = i->next)
                before = i;
        if (before)
                before->next = p->next;
        else
                b->pieces = p->next;
        if (b->last_piece == p)
                b->last_piece = before;
        b->n_pieces--;
        piece_free(p);
}

/* -- The tree -- */

static bool is_ours(const char *name)
{
        static const char *const prefixes[] = { "hci", "dev_", "service", "char" };

        for (size_t i = 0; i < ELEMENTSOF(prefixes); i++)
                if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
                        return true;
        return false;
}

/* The next name="…" of such an element; names of objects and interfaces need no escapes. Returns where to go on, NULL = there
 * are no more. */
static const char *next_name(const char *xml, const char *element, char ret[static 256])
{
        const char *at = strstr(xml, element), *begin;
        size_t n = 0;

        if (!at)
                return NULL;
        begin = at + strlen(element);
        while (n < 255 && (isalnum((unsigned char)begin[n]) || begin[n] == '_' || begin[n] == '.'))
                n++;
        memcpy(ret, begin, n);
        ret[n] = '\0';
        if (begin[n] != '"')
                ret[0] = '\0'; /* too long: not one of ours */
        return begin + n;
}

static void read_tree(Bluez *b, const char *path, const char *xml)
{
        char name[256], child[512];
        Device *d;

        for (const char *at = xml; (at = next_name(at, "<interface name=\"", name));) {
                const char *interface = mirror_interface(name);

                if (interface && mirror_has_interface(b, path, interface))
                        piece_add(b, path, interface, NULL);
        }
        d = bluez_find_device(b, path);
        if (d)
                d->in_snapshot = true;
        for (const char *at = xml; (at = next_name(at, "<node name=\"", name));)
                if (is_ours(name) && snprintf(child, sizeof(child), "%s/%s", path, name) < (int)sizeof(child))
                        piece_add(b, child, NULL, NULL);
}

/* -- Calls -- */

static void piecemeal_go_on(Bluez *b);

/* Returns a negative errno if it cannot be read. */
static int piece_read(Piece *p, sd_bus_message *m)
{
        const char *xml;
        int r;

        if (p->property)
                return mirror_read_property(p->bluez, p->path, p->interface, p->property, m);
        if (p->interface)
                return mirror_read_properties(p->bluez, p->path, p->interface, m);
        r = sd_bus_message_read(m, "s", &xml);
        if (r >= 0)
                read_tree(p->bluez, p->path, xml);
        return r;
}

static int on_piece(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Piece *p = userdata;
        Bluez *b = p->bluez;
        int r;

        (void)error;
        /* An error means that the object or property is gone. */
        r = sd_bus_message_is_method_error(m, NULL) || !name_owner_is_sender(&b->owner, m) ? 0
                                                                                           : piece_read(p, m);
        if (r < 0 && p->interface && !p->property)
                for (size_t i = 0; mirror_property(p->interface, i); i++)
                        piece_add(b, p->path, p->interface, mirror_property(p->interface, i));
        else if (r < 0)
                mirror_log_unreadable(b, p->path, p->property ? p->property : "what is below it", r);
        piece_done(p);
        piecemeal_go_on(b);
        return 0;
}

static int piece_ask(Piece *p)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        const char *interface = p->interface ? "org.freedesktop.DBus.Properties"
                                             : "org.freedesktop.DBus.Introspectable";
        const char *member = p->property ? "Get" : p->interface ? "GetAll" : "Introspect";
        int r = sd_bus_message_new_method_call(
                        p->bluez->bus, &call, BLUEZ_BUS_NAME, p->path, interface, member);

        if (r >= 0 && p->interface)
                r = sd_bus_message_append(call, "s", p->interface);
        if (r >= 0 && p->property)
                r = sd_bus_message_append(call, "s", p->property);
        return r < 0 ? r : sd_bus_call_async(p->bluez->bus, &p->slot, call, on_piece, p, PIECE_TIMEOUT_USEC);
}

static void piecemeal_go_on(Bluez *b)
{
        bool walked = b->walking;
        unsigned n = 0;

        for (Piece *p = b->pieces, *next; p && n < PIECES_AT_ONCE; p = next) {
                next = p->next;
                if (p->slot || piece_ask(p) >= 0)
                        n++;
                else
                        piece_done(p); /* no memory for the call */
        }
        if (b->pieces)
                return;
        b->walking = false;
        if (walked)
                mirror_end(b);
        bluez_mark_all(b);
}

void piecemeal_object(Bluez *b, const char *path)
{
        for (const Piece *p = b->pieces; p; p = p->next)
                if (!p->slot && !p->interface && strcmp(p->path, path) == 0)
                        return; /* already queued */
        log_debug("%s cannot be read whole: asking for its properties one by one", path);
        piece_add(b, path, NULL, NULL);
        piecemeal_go_on(b);
}

void piecemeal_all(Bluez *b)
{
        if (b->walking)
                return;
        log_info("What BlueZ has cannot be read whole: asking for each thing by itself");
        b->walking = true;
        piece_add(b, ROOT_OBJECT, NULL, NULL);
        piecemeal_go_on(b);
}
