/* SPDX-License-Identifier: MIT */

/* The words of a line that name an object of the stand-in. No clock. */

#include "bluez-standin.h"

Standin *words_standin(const Words *w)
{
        return w->world->userdata;
}

int word_device(const Words *w, size_t i, Device **ret)
{
        Device *d = device_find(words_standin(w), w->word[i]);

        if (!d)
                return script_refuse(w->script, "no such strap: %s", w->word[i]);
        *ret = d;
        return 0;
}

int word_adapter(const Words *w, size_t i, Adapter **ret)
{
        Adapter *a = adapter_find(words_standin(w), w->word[i]);

        if (!a)
                return script_refuse(w->script, "no such adapter: %s", w->word[i]);
        *ret = a;
        return 0;
}
