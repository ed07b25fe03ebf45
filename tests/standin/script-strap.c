/* SPDX-License-Identifier: MIT */

/* Commands that every program with straps has: what they send, and those of the script itself. No clock. */

#include "script.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define HEART_RATE_SCRIPT_MAX 65535U

/* The options of `hr`, from the third word on. */
static int packet_read(const Words *w, Packet *p)
{
        static const char *const answers[] = { "no", "yes", NULL };
        unsigned number;
        int r;

        for (size_t i = 3; i < w->n; i++) {
                if (word_is(w, i, "wide"))
                        p->wide = true;
                else if (word_is(w, i, "contact")) {
                        r = word_choice(w, ++i, answers);
                        if (r < 0)
                                return r;
                        p->contact = r;
                } else if (word_is(w, i, "energy")) {
                        r = word_number(w, ++i, UINT16_MAX, &number);
                        if (r < 0)
                                return r;
                        p->energy = (int)number;
                } else if (word_is(w, i, "rr")) {
                        while (i + 1 < w->n && isdigit((unsigned char)w->word[i + 1][0])) {
                                r = word_number(w, ++i, UINT16_MAX, &number);
                                if (r < 0)
                                        return r;
                                if (p->n_rr == PACKET_RR_MAX)
                                        return script_refuse(w->script, "more than %u R-R intervals",
                                                        PACKET_RR_MAX);
                                p->rr[p->n_rr++] = (uint16_t)number;
                        }
                } else
                        return script_refuse(
                                        w->script, "expected rr, contact, energy or wide: %s", w->word[i]);
        }
        return 0;
}

static int run_hr(Words *w)
{
        Packet packet = PACKET_INIT;
        uint8_t value[VALUE_MAX];
        Sender *sender;
        int r;

        r = word_sender(w, 1, &sender);
        if (r < 0)
                return r;
        r = word_number(w, 2, HEART_RATE_SCRIPT_MAX, &packet.heart_rate);
        if (r < 0)
                return r;
        r = packet_read(w, &packet);
        if (r < 0)
                return r;
        r = packet_encode(&packet, value);
        if (r < 0)
                return script_refuse(w->script, "too many R-R intervals for one packet");
        sender->send(sender->userdata, value, (size_t)r);
        return COMMAND_DONE;
}

/* ADDRESS BYTE... */
static int word_value(Words *w, Sender **ret, uint8_t ret_value[static VALUE_MAX], size_t *ret_size)
{
        int r = word_sender(w, 1, ret);

        return r < 0 ? r : word_bytes(w, 2, ret_value, ret_size);
}

static int run_raw(Words *w)
{
        uint8_t value[VALUE_MAX];
        size_t size;
        Sender *sender;
        int r = word_value(w, &sender, value, &size);

        if (r < 0)
                return r;
        sender->send(sender->userdata, value, size);
        return COMMAND_DONE;
}

static int run_repeat(Words *w)
{
        uint8_t value[VALUE_MAX];
        size_t size;
        Sender *sender;
        int r = word_value(w, &sender, value, &size);

        if (r < 0)
                return r;
        programme_repeat(sender, value, size, script_pace_usec(w->script));
        return COMMAND_DONE;
}

static int run_pace(Words *w)
{
        usec_t usec;
        int r;

        r = word_duration(w, 1, &usec);
        if (r < 0)
                return r;
        if (usec == 0)
                return script_refuse(w->script, "a pace is longer than nothing");
        script_set_pace(w->script, usec);
        return COMMAND_DONE;
}

static void on_programme_finished(void *userdata)
{
        script_finish(userdata);
}

static int run_stream(Words *w)
{
        unsigned heart_rate;
        Sender *sender;
        int r;

        r = word_sender(w, 1, &sender);
        if (r < 0)
                return r;
        r = word_number(w, 2, HEART_RATE_SCRIPT_MAX, &heart_rate);
        if (r < 0)
                return r;
        if (w->n > 3 && !word_is(w, 3, "plain"))
                return script_refuse(w->script, "expected plain: %s", w->word[3]);
        programme_curve(sender, heart_rate, heart_rate, USEC_INFINITY, script_pace_usec(w->script), w->n == 3,
                        NULL, NULL);
        return COMMAND_DONE;
}

static int run_curve(Words *w)
{
        bool plain = false, background = false;
        double from, to;
        usec_t usec;
        Sender *sender;
        int r;

        r = word_sender(w, 1, &sender);
        if (r < 0)
                return r;
        r = word_decimal(w, 2, &from);
        if (r < 0)
                return r;
        r = word_decimal(w, 3, &to);
        if (r < 0)
                return r;
        if (from > HEART_RATE_SCRIPT_MAX || to > HEART_RATE_SCRIPT_MAX)
                return script_refuse(w->script, "a heart rate is at most %u", HEART_RATE_SCRIPT_MAX);
        r = word_duration(w, 4, &usec);
        if (r < 0)
                return r;
        for (size_t i = 5; i < w->n; i++) {
                if (word_is(w, i, "plain"))
                        plain = true;
                else if (word_is(w, i, "background"))
                        background = true;
                else
                        return script_refuse(w->script, "expected plain or background: %s", w->word[i]);
        }
        programme_curve(sender, from, to, usec, script_pace_usec(w->script), !plain,
                        background ? NULL : on_programme_finished, w->script);
        return background ? COMMAND_DONE : COMMAND_WAITING;
}

static int run_play(Words *w)
{
        _cleanup_free_ char *where = NULL;
        const char *intervals = NULL;
        double from = 0, to = HUGE_VAL, speed = 1;
        bool background = false;
        Sender *sender;
        int r;

        r = word_sender(w, 1, &sender);
        if (r < 0)
                return r;
        for (size_t i = 3; i < w->n && r >= 0; i++) {
                if (word_is(w, i, "background"))
                        background = true;
                else if (word_is(w, i, "rr") && i + 1 < w->n)
                        intervals = w->word[++i];
                else if (word_is(w, i, "from"))
                        r = word_decimal(w, ++i, &from);
                else if (word_is(w, i, "to"))
                        r = word_decimal(w, ++i, &to);
                else if (word_is(w, i, "speed"))
                        r = word_decimal(w, ++i, &speed);
                else
                        r = script_refuse(w->script, "expected rr, from, to, speed or background: %s",
                                        w->word[i]);
        }
        if (r < 0)
                return r;
        if (speed <= 0)
                return script_refuse(w->script, "a speed is more than 0");
        r = programme_play(sender, w->word[2], intervals, from, to, speed,
                        background ? NULL : on_programme_finished, w->script, &where);
        if (r < 0)
                return script_refuse(w->script, "cannot play %s: %s", where, strerror(-r));
        return background ? COMMAND_DONE : COMMAND_WAITING;
}

static int run_stop(Words *w)
{
        Sender *sender;
        int r;

        r = word_sender(w, 1, &sender);
        if (r < 0)
                return r;
        programme_free(sender->programme);
        return COMMAND_DONE;
}

/* -- The script itself -- */

static int run_wait(Words *w)
{
        usec_t usec;
        int r;

        r = word_duration(w, 1, &usec);
        if (r < 0)
                return r;
        return script_wait(w->script, usec);
}

static int run_print(Words *w)
{
        log_line("%s", w->word[1]);
        return COMMAND_DONE;
}

static int run_exit(Words *w)
{
        must(sd_event_exit(w->world->event, EXIT_SUCCESS));
        return COMMAND_DONE;
}

const Command sender_commands[] = {
        { "hr", 2, WORDS_MAX, run_hr, "ADDRESS BPM [rr N...] [contact yes|no] [energy KJ] [wide]" },
        { "raw", 1, WORDS_MAX, run_raw, "ADDRESS [BYTE...]" },
        { "repeat", 2, WORDS_MAX, run_repeat, "ADDRESS BYTE..." },
        { "pace", 1, 1, run_pace, "DURATION" },
        { "stream", 2, 3, run_stream, "ADDRESS BPM [plain]" },
        { "curve", 4, 6, run_curve, "ADDRESS FROM TO DURATION [plain] [background]" },
        { "play", 2, 11, run_play, "ADDRESS RECORDS [rr INTERVALS] [from S] [to S] [speed N] [background]" },
        { "stop", 1, 1, run_stop, "ADDRESS" },
        { "wait", 1, 1, run_wait, "DURATION" },
        { "print", 1, 1, run_print, "TEXT" },
        { "exit", 0, 0, run_exit, "" },
        { .name = NULL },
};
