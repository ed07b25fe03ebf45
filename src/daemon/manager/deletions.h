/* SPDX-License-Identifier: MIT */
#pragma once

#include "bus/bus.h"

typedef struct Manager Manager;

/* Answers when what was deleted is gone for good. */
void deletion_answer_later(Manager *m, BusRequest *request); /* the last one */
void deletions_answer(Manager *m);                           /* a sync is done */
