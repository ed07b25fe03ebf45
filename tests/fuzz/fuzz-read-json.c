/* SPDX-License-Identifier: MIT */

/* Any bytes as a session of ours. The fixture holds the reader to the rules of reading.h; a target's error ends it wherever it
 * comes; and what json-c takes for no JSON gives nothing but what is before the place where it ends. No clock. */

#include <errno.h>
#include <string.h>

#include <json-c/json.h>

#include "fuzz.h"
#include "reading-fixture.h"

/* Whether it is one document in the eyes of json-c. Its depth is limited as ours is. */
static bool is_json(const uint8_t *data, size_t size)
{
        json_tokener *t = json_tokener_new_ex(100);
        json_object *document;
        bool is;

        check(t != NULL);
        json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
        document = json_tokener_parse_ex(t, (const char *)data, (int)size);
        is = json_tokener_get_error(t) == json_tokener_success;
        (void)json_object_put(document);
        json_tokener_free(t);
        return is;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        Reading whole = { 0 }, cut = { 0 };

        reading_make(&whole, &reading_json, data, size);
        check(whole.n_calls <= size + 4);
        check(whole.r != 0 || reading_json.is(data, size) || size > 65536);
        /* A file that is whole by our reading is JSON; one with a warning may be cut. */
        if (whole.r == 0 && whole.n[READ_WARNING] == 0 && memcmp(data, "\xef\xbb\xbf", 3) != 0)
                check(is_json(data, size));
        if (whole.n_calls > 0) {
                cut.fails_at = data[size - 1] % whole.n_calls + 1;
                reading_make(&cut, &reading_json, data, size);
                check(cut.r == -ECANCELED);
                check(cut.n_calls == cut.fails_at);
                check(strncmp(cut.text, whole.text, strlen(cut.text)) == 0);
        }
        reading_done(&whole);
        reading_done(&cut);
        return 0;
}
