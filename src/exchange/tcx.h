/* SPDX-License-Identifier: MIT */
#pragma once

/* What of ours is in a TCX file: an element with attributes, in the Extensions of an Activity. The name of its namespace is the UUID
 * that stands for us in FIT files, too. */
#define TCX_SESSION       "CardiodSession"
#define TCX_SESSION_SPACE "urn:uuid:3ae95c16-59be-4ad5-bb2a-4a6ecad994f9"
