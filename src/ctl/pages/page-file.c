/* SPDX-License-Identifier: MIT */
/* Where pages go. No clock. */
#include "pages/page-file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "export/output-file.h"
#include "export/whole-file.h"
#include "memory.h"

/* NULL = standard output. */
static const char *file_of(const Call *call)
{
        const char *output = call_option(call, "output");

        return output && strcmp(output, "-") != 0 ? output : NULL;
}

Outcome page_file_check_usage(const Call *call)
{
        const char *output = call_option(call, "output");

        if (output && !*output)
                return fail(OUTCOME_USAGE, "--output is empty; name a file");
        if (!output && call->out.terminal)
                return fail(OUTCOME_USAGE, "a page is nothing for a terminal; name a file: --output %s.html",
                                call->verb->name);
        if (call_option(call, "force") && !file_of(call))
                return fail(OUTCOME_USAGE, "--force replaces a file; name it with --output FILE");
        return OUTCOME_DONE;
}

static Outcome to_stdout(
                Database *d, int (*write)(const ReportSink *sink, const void *page), const void *page)
{
        _cleanup_whole_file_ WholeFile f = { .fd = -1 };
        const ReportSink sink = { .write = whole_file_write, .userdata = &f };
        int r = whole_file_begin_in_memory(&f);

        if (r >= 0)
                r = write(&sink, page);
        if (r < 0)
                return fail(OUTCOME_FAILED, "cannot write to memory: %s", strerror(-r));
        database_close(d);
        r = whole_file_send(&f, stdout);
        return r < 0 ? fail(OUTCOME_FAILED, "cannot write to standard output: %s", strerror(-r))
                     : OUTCOME_DONE;
}

static void close_fd(int *fd)
{
        if (*fd >= 0)
                (void)close(*fd); /* nothing was written by it */
}

Outcome page_file_write(const Call *call, Database *d, int (*write)(const ReportSink *sink, const void *page),
                const void *page)
{
        const char *output = file_of(call);
        bool force = call_option(call, "force") != NULL;
        _cleanup_free_ char *a = NULL, *b = NULL;
        _cleanup_(close_fd) int folder = -1;
        _cleanup_whole_file_ WholeFile f = { .fd = -1 };
        const ReportSink sink = { .write = whole_file_write, .userdata = &f };
        Outcome outcome;
        int r;

        if (!output)
                return to_stdout(d, write, page);
        outcome = output_file_check(output, d->path, force);
        if (outcome != OUTCOME_DONE)
                return outcome;
        a = checked(strdup(output));
        b = checked(strdup(output));
        folder = open(dirname(a), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r = folder < 0 ? -errno : whole_file_begin(&f, folder, basename(b));
        if (r >= 0)
                r = write(&sink, page);
        if (r >= 0)
                r = whole_file_end(&f, force);
        if (r == -EEXIST)
                return output_file_there(output);
        if (r < 0)
                return fail(OUTCOME_FAILED, "cannot write %s: %s", output, strerror(-r));
        output_file_print(&call->out, output, whole_file_size(&f));
        return OUTCOME_DONE;
}
