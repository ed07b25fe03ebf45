/* SPDX-License-Identifier: MIT */

/* The head and the foot of a page. The style sheet and the script are page.css and page.js beside this file; the build makes
 * strings of them, and of their SHA-256. No clock. */

#include "report/page.h"

static const char css[] =
#include "page.css.h"
                ;
static const char js[] =
#include "page.js.h"
                ;
static const char css_hash[] =
#include "page.css.hash.h"
                ;
static const char js_hash[] =
#include "page.js.hash.h"
                ;

void page_begin(Out *o)
{
        put(o, "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n");
        put(o, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-",
                        css_hash, "'; script-src 'sha256-", js_hash,
                        "'; base-uri 'none'; form-action 'none'\"/>\n");
        put(o, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
               "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
               "<meta name=\"referrer\" content=\"no-referrer\"/>\n<title>");
}

void page_body(Out *o)
{
        put(o, "</title>\n<style>", css, "</style>\n</head>\n<body>\n<main>\n");
}

void page_end(Out *o)
{
        put(o, "</main>\n<script>", js, "</script>\n</body>\n</html>\n");
}
