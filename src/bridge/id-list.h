/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers of sessions, in order, each once. The first is IdList list = { 0 }. */
typedef struct IdList {
        int64_t *id;
        size_t n, allocated;
} IdList;

bool id_list_has(const IdList *l, int64_t id);
/* The first one above; INT64_MAX if there is none. */
int64_t id_list_next(const IdList *l, int64_t id);

/* Returns 1, 0 if it is there already, or -ENOMEM. */
int id_list_add(IdList *l, int64_t id);
/* Returns whether it was there. */
bool id_list_drop(IdList *l, int64_t id);

/* Returns 0, or -ENOMEM: then to is empty. */
int id_list_copy(IdList *to, const IdList *from);
/* Empties it, and frees the memory. */
void id_list_clear(IdList *l);
