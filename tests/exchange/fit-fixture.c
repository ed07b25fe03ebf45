/* SPDX-License-Identifier: MIT */

/* Makes FIT files for tests, and finds messages in them. No clock. */

#include "fit-fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fit-judge.h"

static void need(bool holds, const char *otherwise)
{
        if (holds)
                return;
        fprintf(stderr, "%s\n", otherwise);
        abort();
}

static void keep_message(const DecodedMessage *m, void *userdata)
{
        FitMessages *all = userdata;

        need(all->n < FIT_MESSAGES_MAX, "too many messages");
        all->messages[all->n++] = *m;
}

void fit_make(File *f, FitMessages *ret, const ExchangeSession *session, const ExchangeItem *items, size_t n)
{
        const char *wrong;

        need(exchange_write(&exchange_fit, f, session, items, n) == 0, "the file was not written");
        wrong = fit_judge(session, items, n, f->data, f->size);
        need(!wrong, wrong);
        memset(ret, 0, sizeof(*ret));
        wrong = fit_decode(f->data, f->size, keep_message, ret);
        need(!wrong, wrong);
}

const DecodedMessage *fit_find(const FitMessages *all, unsigned number, size_t i)
{
        for (size_t k = 0; k < all->n; k++)
                if (all->messages[k].number == number && i-- == 0)
                        return &all->messages[k];
        need(false, "a message is not there");
        return NULL;
}

size_t fit_count(const FitMessages *all, unsigned number)
{
        size_t n = 0;

        for (size_t k = 0; k < all->n; k++)
                n += all->messages[k].number == number;
        return n;
}
