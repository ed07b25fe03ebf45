/* SPDX-License-Identifier: MIT */

/* `import`: runs from the files of other programs, handed over to the daemon. The connection is made first, before any file is
 * looked at. No clock. */

#include "bus.h"
#include "ctl.h"
#include "database.h"
#include "import/importer.h"
#include "import/report.h"
#include "import/files.h"

/* For a dry run: without a daemon nothing is looked up. */
static Outcome open_database(const Call *call, Database *ret)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };

        return bus_find(call, &bus) < 0 ? OUTCOME_DONE : database_open(call, ret);
}

static Outcome verb_import(const Call *call)
{
        _cleanup_database_ Database d = { .db = NULL };
        _cleanup_files_ ImportFiles files = { .n = 0 };
        _cleanup_report_ Report report = { .call = call };
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        bool dry = call_option(call, "dry-run") != NULL;
        Outcome outcome;

        if (call_option(call, "quiet") && (call_option(call, "verbose") || dry))
                return fail(OUTCOME_USAGE, "--quiet leaves nothing to say for --verbose or --dry-run");
        outcome = dry ? open_database(call, &d) : bus_open(call, &bus);
        for (int i = 0; i < call->argc && outcome == OUTCOME_DONE; i++)
                outcome = files_add(&files, call->argv[i]);
        if (outcome != OUTCOME_DONE)
                return outcome;
        report_begin(&report, call, &files);
        report.looked_up = d.db != NULL;
        outcome = importer_run(call, &files, dry ? NULL : &bus, d.db ? &d : NULL, &report);
        report_end(&report, &files);
        return outcome;
}

static const Option import_options[] = {
        { .name = "dry-run", .letter = 'n', .help = "read the files and say what is in them; store nothing" },
        { .name = "keep-overlap", .help = "take sessions that lie in others as well" },
        { .name = "quiet", .letter = 'q', .help = "say only what is wrong" },
        { .name = "verbose", .letter = 'v', .help = "a line for each session and file, however many" },
        { .name = NULL },
};

static const Verb verbs[] = {
        {
                        .name = "import",
                        .arguments = "FILE...",
                        .min_arguments = 1,
                        .max_arguments = -1,
                        .offer = { { .source = SOURCE_FILE } },
                        .json = true,
                        .summary = "take sessions from files of other programs: FIT, TCX, GPX",
                        .help = "FILE is a FIT, TCX, GPX, HRM, CSV or JSON file, packed by gzip or not; a folder,\n"
                                "with all such files in it and in its folders; or - for standard input. What\n"
                                "is there already is not taken again, nor is a session that lies in another\n"
                                "one by more than half. A file that you name and that cannot be taken makes the\n"
                                "exit status 1; in a folder what is no run is passed over.",
                        .options = import_options,
                        .run = verb_import,
        },
        { .name = NULL },
};

const Family import_family = { .title = "From other programs", .verbs = verbs };
