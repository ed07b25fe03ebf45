/* SPDX-License-Identifier: MIT */
#pragma once

#include "bus/bus.h"

typedef struct Manager Manager;

/* A deletion whose request is answered once it is gone from the database's WAL; request is NULL if unused. */
typedef struct Deletion {
        BusRequest *request;
        unsigned number; /* by which the store knows it */
} Deletion;

/* Answers the request when the last deletion is gone from the WAL, too. */
void deletion_answer_later(Manager *m, BusRequest *request); /* of the latest deletion */
void deletions_answer(Manager *m);                           /* to be called when a sync is done */
