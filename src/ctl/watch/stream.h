/* SPDX-License-Identifier: MIT */
#pragma once

#include "json.h"
#include "watch/follow.h"
#include "watch/live.h"
#include "watch/view.h"

/* What is watched as lines on stdout, each written out at once. */

/* A line for people: a heart rate, or what has changed since the line before, which previous holds; there may
 * be nothing to say. It is empty in the beginning. */
#define STREAM_LINE_MAX 256U
void stream_line(const Live *l, const ViewNow *now, News news, char previous[static STREAM_LINE_MAX]);

/* An object of all that is known. session: the one that the news are about, 0 = none. */
void stream_json(const Live *l, const ViewNow *now, News news, int64_t session);

/* The same for Waybar, unless nothing in it has changed since the line before. */
void stream_waybar(const Live *l, const ViewNow *now, json_object **previous);
