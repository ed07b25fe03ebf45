/* SPDX-License-Identifier: MIT */
/* One session on its way from the database through a format's writer into a file. No clock. */
#include "export/session-export.h"

#include <string.h>

#include "memory.h"
#include "session.h"

ExportResult export_check(const Database *d, const SessionStream *s)
{
        const char *state = session_state(d, s->session.id, s->ended);
        long long id = s->session.id;

        if (!s->dated) {
                (void)fail(OUTCOME_FAILED, "session %lld has a date that cannot be", id);
                return EXPORT_REFUSED;
        }
        if (!state && s->has_heart_rates)
                return EXPORT_DONE;
        if (!state)
                (void)fail(OUTCOME_FAILED, "session %lld has no heart rates: there is nothing to export", id);
        else if (strcmp(state, "recording") == 0)
                (void)fail(OUTCOME_FAILED,
                                "session %lld is still being recorded; export it once it has ended, or end it with "
                                "`cardioctl stop`",
                                id);
        else
                (void)fail(OUTCOME_FAILED,
                                "session %lld was interrupted; start cardiod once, which closes it, then export it",
                                id);
        return EXPORT_NOTHING;
}

static ExportResult refuse(const SessionStream *s, const ExchangeFormat *format)
{
        (void)fail(OUTCOME_FAILED, "session %lld of %s cannot be written as %s, which has no such times%s",
                        (long long)s->session.id, *s->date ? s->date : "an unknown date", format->name,
                        format == &exchange_fit ? "; try csv or json" : "");
        return EXPORT_REFUSED;
}

static ExportResult write_failed(
                const SessionStream *s, const ExchangeFormat *format, const char *where, int error)
{
        if (error == -EINVAL)
                return refuse(s, format);
        (void)fail(OUTCOME_FAILED, "session %lld: cannot write %s: %s", (long long)s->session.id, where,
                        strerror(-error));
        return EXPORT_FAILED;
}

/* Returns what the writer did; *ret_outcome is the database's. */
static int write_items(SessionStream *s, const ExchangeFormat *format, void *writer, Outcome *ret_outcome)
{
        ExchangeItem item;
        bool more = true;
        int r = 0;

        while (r >= 0 && more) {
                *ret_outcome = session_stream_next(s, &item, &more);
                if (*ret_outcome != OUTCOME_DONE)
                        return 0;
                if (more)
                        r = format->item(writer, &item);
        }
        return r < 0 ? r : format->end(writer);
}

ExportResult export_write(SessionStream *s, const ExchangeFormat *format, WholeFile *f, const char *where)
{
        const ExchangeSink sink = { .write = whole_file_write, .patch = whole_file_patch, .userdata = f };
        _cleanup_free_ void *writer = checked(calloc(1, format->size));
        Outcome outcome = OUTCOME_DONE;
        int r;

        r = format->begin(writer, &s->session, &sink);
        if (r >= 0)
                r = write_items(s, format, writer, &outcome);
        if (format->free)
                format->free(writer);
        if (r < 0)
                return write_failed(s, format, where, r);
        return outcome == OUTCOME_DONE ? EXPORT_DONE : EXPORT_FAILED;
}

ExportResult export_to_folder(SessionStream *s, const ExchangeFormat *format, int folder, const char *path,
                const char *name, bool replace, uint64_t *ret_size)
{
        _cleanup_whole_file_ WholeFile f = { .fd = -1 };
        _cleanup_free_ char *where = NULL;
        size_t n = strlen(path);
        ExportResult result;
        int r;

        if (asprintf(&where, "%s%s%s", path, n > 0 && path[n - 1] == '/' ? "" : "/", name) < 0)
                out_of_memory();
        r = whole_file_begin(&f, folder, name);
        if (r < 0)
                return write_failed(s, format, where, r);
        result = export_write(s, format, &f, where);
        if (result != EXPORT_DONE)
                return result;
        r = whole_file_end(&f, replace);
        if (r == -EEXIST)
                return EXPORT_THERE;
        if (r < 0)
                return write_failed(s, format, where, r);
        if (ret_size)
                *ret_size = whole_file_size(&f);
        return EXPORT_DONE;
}
