/* SPDX-License-Identifier: MIT */
#pragma once

#include "json.h"
#include "watch/live-feed.h"
#include "watch/live.h"
#include "watch/view.h"

/* What is watched, as lines on stdout, each flushed at once. */

/* A line for people: a heart rate, or what has changed since the previous line, which previous holds; nothing if there is no
 * change. previous is empty at the beginning. */
#define STREAM_LINE_MAX 256U
void stream_line(const Live *l, const ViewNow *now, LiveEvent event, char previous[static STREAM_LINE_MAX]);

/* A JSON object with everything known. session: the one that the event is about, 0 = none. */
void stream_json(const Live *l, const ViewNow *now, LiveEvent event, int64_t session);

/* The same for Waybar, unless nothing in it has changed since the previous line. */
void stream_waybar(const Live *l, const ViewNow *now, json_object **previous);
