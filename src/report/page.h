/* SPDX-License-Identifier: MIT */
#pragma once

#include "report/out.h"

/* What every page begins and ends with. The page is XML as well as HTML. Its own style sheet and script are all that a browser is
 * allowed to use, by their hashes. */

/* The title is being written: its text follows, then page_body(). */
void page_begin(Out *o);
void page_body(Out *o);
void page_end(Out *o);
