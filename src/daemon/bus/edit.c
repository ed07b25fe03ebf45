/* SPDX-License-Identifier: MIT */
/* EditSession and UndoEdit on D-Bus: reads the calls, and answers. What a time or a session stands for is not judged here. No
 * clock. */

#include "bus/edit.h"

#include "bus/dict.h"
#include "bus/internal.h"
#include "cardio/bus-api.h"
#include "cardio/macro.h"

#define EDIT_ACCEPTED                                                                                                   \
        "trim-start or trim-end or both (type t, ms from the session's start), or split (likewise), or merge (type x, " \
        "the other session)"

/* As they come; of what is not given, the largest number. */
typedef struct Given {
        uint64_t trim_start, trim_end, split;
        int64_t merge;
} Given;

static const DictEntry entries[] = {
        { "trim-start", "t", offsetof(Given, trim_start), NULL },
        { "trim-end", "t", offsetof(Given, trim_end), NULL },
        { "split", "t", offsetof(Given, split), NULL },
        { "merge", "x", offsetof(Given, merge), NULL },
};

/* Returns whether it was given; no session is as long as what is refused. */
static int take_time(const char *name, uint64_t given, int64_t *ret, sd_bus_error *error)
{
        if (given == UINT64_MAX)
                return 0;
        if (given >= BUS_EDIT_TIME_MAX)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "%s is too far from the start; accepted: ms from the session's start, below %" PRIi64,
                                name, BUS_EDIT_TIME_MAX);
        *ret = (int64_t)given;
        return 1;
}

static int read_edit(sd_bus_message *m, BusEdit *ret, sd_bus_error *error)
{
        Given given = { UINT64_MAX, UINT64_MAX, UINT64_MAX, INT64_MAX };
        BusEdit edit = { .merge = 0 };
        int r = bus_read_dict(m, entries, ELEMENTSOF(entries), &given, error), start, end, split;

        if (r < 0)
                return r;
        start = take_time("trim-start", given.trim_start, &edit.trim_start, error);
        end = start < 0 ? start : take_time("trim-end", given.trim_end, &edit.trim_end, error);
        split = end < 0 ? end : take_time("split", given.split, &edit.split, error);
        if (split < 0)
                return split;
        edit.has_trim_start = start > 0;
        edit.has_trim_end = end > 0;
        edit.has_split = split > 0;
        edit.has_merge = given.merge != INT64_MAX;
        edit.merge = given.merge;
        if ((edit.has_trim_start || edit.has_trim_end) + edit.has_split + edit.has_merge != 1)
                return sd_bus_error_set(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "One edit at a time; accepted: " EDIT_ACCEPTED);
        *ret = edit;
        return 0;
}

static int reply_ids(sd_bus_message *call, const int64_t *ids, size_t n)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r = sd_bus_message_new_method_return(call, &reply);

        if (r >= 0)
                r = sd_bus_message_append_array(reply, 'x', ids, n * sizeof(ids[0]));
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

int bus_method_edit_session(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        int64_t ids[BUS_EDIT_SESSIONS_MAX], id;
        BusEdit edit = { .has_split = false };
        Bus *b = userdata;
        size_t n = 0;
        int r = sd_bus_message_read(m, "x", &id);

        if (r >= 0)
                r = read_edit(m, &edit, error);
        if (r >= 0)
                r = b->handlers->edit_session(b->userdata, id, &edit, ids, &n, error);
        return r < 0 ? bus_later(b, m, bus_method_edit_session, r, error) : reply_ids(m, ids, n);
}

int bus_method_undo_edit(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;
        int64_t id;
        int r = sd_bus_message_read(m, "x", &id);

        if (r >= 0)
                r = b->handlers->undo_edit(b->userdata, id, error);
        return r < 0 ? bus_later(b, m, bus_method_undo_edit, r, error) : sd_bus_reply_method_return(m, NULL);
}
