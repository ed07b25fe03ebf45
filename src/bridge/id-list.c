/* SPDX-License-Identifier: MIT */
/* Numbers of sessions, in an array that is kept in order. They mostly come in order, too. No clock. */

#include "id-list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where it is, or would be. */
static size_t place(const IdList *l, int64_t id)
{
        size_t from = 0, to = l->n;

        while (from < to) {
                size_t middle = from + (to - from) / 2;

                if (l->id[middle] < id)
                        from = middle + 1;
                else
                        to = middle;
        }
        return from;
}

bool id_list_has(const IdList *l, int64_t id)
{
        size_t i = place(l, id);

        return i < l->n && l->id[i] == id;
}

int64_t id_list_next(const IdList *l, int64_t id)
{
        size_t i = id < INT64_MAX ? place(l, id + 1) : l->n;

        return i < l->n ? l->id[i] : INT64_MAX;
}

static int make_room(IdList *l)
{
        size_t allocated = l->allocated > 0 ? 2 * l->allocated : 16;
        int64_t *larger;

        if (l->n < l->allocated)
                return 0;
        larger = reallocarray(l->id, allocated, sizeof(*larger));
        if (!larger)
                return -ENOMEM;
        l->id = larger;
        l->allocated = allocated;
        return 0;
}

int id_list_add(IdList *l, int64_t id)
{
        size_t i = place(l, id);

        if (i < l->n && l->id[i] == id)
                return 0;
        if (make_room(l) < 0)
                return -ENOMEM;
        memmove(l->id + i + 1, l->id + i, (l->n - i) * sizeof(*l->id));
        l->id[i] = id;
        l->n++;
        return 1;
}

bool id_list_drop(IdList *l, int64_t id)
{
        size_t i = place(l, id);

        if (i == l->n || l->id[i] != id)
                return false;
        memmove(l->id + i, l->id + i + 1, (--l->n - i) * sizeof(*l->id));
        return true;
}

int id_list_copy(IdList *to, const IdList *from)
{
        id_list_clear(to);
        if (from->n == 0)
                return 0;
        to->id = reallocarray(NULL, from->n, sizeof(*to->id));
        if (!to->id)
                return -ENOMEM;
        memcpy(to->id, from->id, from->n * sizeof(*to->id));
        to->n = to->allocated = from->n;
        return 0;
}

void id_list_clear(IdList *l)
{
        free(l->id);
        *l = (IdList){ .id = NULL };
}
