/* SPDX-License-Identifier: MIT */
/* The formats that a session can be exported in. No clock. */
#include "export/format.h"

#include <string.h>
#include <strings.h>

#include "cardio/macro.h"

static const ExchangeFormat *const formats[] = { &exchange_fit, &exchange_tcx, &exchange_csv, &exchange_rr,
        &exchange_json };

const ExchangeFormat *export_format_by_name(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(formats); i++)
                if (strcmp(formats[i]->name, name) == 0)
                        return formats[i];
        return NULL;
}

const ExchangeFormat *export_format_of_file(const char *path)
{
        const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');

        for (size_t i = 0; dot && dot > name && i < ELEMENTSOF(formats); i++)
                if (strcasecmp(formats[i]->extension, dot + 1) == 0 ||
                                strcasecmp(formats[i]->name, dot + 1) == 0)
                        return formats[i];
        return NULL;
}
