/* SPDX-License-Identifier: MIT */
#pragma once

/* Databases as older versions of the daemon made them. The Makefile knows who includes this. */

#include "store-fixture.h"

/* A database of an older version, where there is none, and what more there is in it. */
static inline void make_old(const Fixture *f, unsigned version, const char *more)
{
        static const char *const schema[] = {
#include "schema.sql.h"
                ,
#include "schema-coach.sql.h"
                ,
#include "schema-commands.sql.h"
                ,
#include "schema-settled.sql.h"
                ,
#include "schema-kinds.sql.h"
                ,
#include "schema-clock.sql.h"
                ,
#include "schema-trouble.sql.h"
                ,
#include "schema-import.sql.h"
                ,
#include "schema-edit.sql.h"
                ,
#include "schema-beats.sql.h"
                ,
        };
        char stamp[80];

        assert_true(version >= 1 && version <= ELEMENTSOF(schema));
        for (unsigned i = 0; i < version; i++)
                meddle(f, schema[i]);
        (void)snprintf(stamp, sizeof(stamp), "PRAGMA application_id = 1667330660; PRAGMA user_version = %u",
                        version);
        meddle(f, stamp);
        meddle(f, more);
}
