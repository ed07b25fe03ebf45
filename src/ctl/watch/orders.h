/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/macro.h"
#include "cardio/time.h"
#include "client/follower.h"
#include "output.h"
#include "watch/keys.h"
#include "watch/live.h"

/* Orders to the daemon, one at a time, and what became of the last one, in words. No call blocks. */
typedef struct Orders Orders;

/* func is called when the words have changed. live and follower must live longer. */
int orders_new(Follower *follower, Live *live, void (*func)(void *userdata), void *userdata, Orders **ret);
Orders *orders_free(Orders *o);
DEFINE_CLEANUP(Orders *, orders_free);

/* Sends it, or says why not. */
void orders_give(Orders *o, KeyOrder order, usec_t now_boot_usec, usec_t now_realtime_usec);

/* The daemon is gone, or there is another one: no answer will come. */
void orders_lose(Orders *o);

/* What is to be said now, NULL = nothing. */
const char *orders_words(const Orders *o, usec_t now_boot_usec, Style *ret_style);
