/* SPDX-License-Identifier: MIT */
#pragma once

#include "export/format.h"
#include "export/session-stream.h"
#include "export/whole-file.h"

/* What became of a session that was to be exported; of any but the first two the reason has been printed. */
typedef enum ExportResult {
        EXPORT_DONE,
        EXPORT_THERE,   /* a file of that name is there, and was not to be replaced */
        EXPORT_NOTHING, /* there is nothing of it to be exported: it has no heart rates, or has not ended yet */
        EXPORT_REFUSED, /* it cannot be: not in this format, or not at all */
        EXPORT_FAILED,  /* this time: another time it may work */
        _EXPORT_RESULT_MAX,
        _EXPORT_RESULT_INVALID = -EINVAL,
} ExportResult;

/* Whether there is something of it to be exported: DONE, NOTHING or REFUSED. */
ExportResult export_check(const Database *d, const SessionStream *s);

/* Writes it into a file, which whole_file_begin() or its neighbour has begun. where is for what is printed. */
ExportResult export_write(SessionStream *s, const ExchangeFormat *format, WholeFile *f, const char *where);

/* Writes it into a file of that name in a folder, whole or not at all. path is the folder's. ret_size may be NULL. */
ExportResult export_to_folder(SessionStream *s, const ExchangeFormat *format, int folder, const char *path,
                const char *name, bool replace, uint64_t *ret_size);
