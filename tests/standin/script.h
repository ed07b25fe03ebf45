/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "cardio/time.h"

/* What the programs that play straps share: scripts, the words of their lines, and packets of 0x2A37. The stand-in for
 * bluetoothd plays straps without a radio, tests/vm/peripheral with one. */

#define VALUE_MAX     512U /* an attribute value, Core Specification, Vol 3, Part F, 3.2.9 */
#define PACKET_RR_MAX 250U
#define LINE_SIZE_MAX 4096U
#define WORDS_MAX     600U

/* -- script-tools.c -- */

/* Arms a one-shot timer, in place of the one that was in *source. */
void timer_arm(sd_event *event, sd_event_source **source, usec_t delay, sd_event_time_handler_t handler,
                void *userdata);
void timer_disarm(sd_event_source **source);

/* One line on standard output. */
void log_line(const char *format, ...) _printf_(1, 2);

/* Ends the program if memory or the bus has failed: a stand-in cannot recover from that. */
#define must(expression) must_succeed((expression), __FILE__, __LINE__)
int must_succeed(int r, const char *file, int line);
char *must_copy(const char *text);
char *must_format(const char *format, ...) _printf_(1, 2);

/* A new event loop, which SIGTERM and SIGINT end with status 0. */
sd_event *must_event(void);

/* AA:BB:CC:DD:EE:FF, in capitals. */
bool address_is_valid(const char *text);

/* -- script-play.c: packets, one after the other -- */

typedef struct Programme Programme;

/* What a strap is for a script: something that sends. */
typedef struct Sender {
        sd_event *event;
        void (*send)(void *userdata, const uint8_t *value, size_t size); /* NULL: it measures no heart rate */
        void *userdata;
        Programme *programme; /* that runs */
} Sender;

typedef struct Packet {
        unsigned heart_rate;
        uint16_t rr[PACKET_RR_MAX]; /* 1/1024 s */
        size_t n_rr;
        int contact; /* -1: unsupported */
        int energy;  /* -1: none */
        bool wide;   /* a 16-bit heart rate although 8 would do */
} Packet;

#define PACKET_INIT                          \
        {                                    \
                .contact = -1, .energy = -1, \
        }

/* Returns the size of the value, or -EMSGSIZE if it has too many R-R intervals for one. */
int packet_encode(const Packet *p, uint8_t value[static VALUE_MAX]);

/* Sends packets, one programme per strap. `finished` is called when it has ended. */
typedef void (*programme_finished_t)(void *userdata);

/* Returns 0 or a negative errno; *ret_where then says where, to be freed. records: t_s,hr_bpm; intervals, or NULL:
 * after_record_index,rr_ms. */
int programme_play(Sender *sender, const char *records, const char *intervals, double from, double to,
                double speed, programme_finished_t finished, void *userdata, char **ret_where);
/* length_usec = USEC_INFINITY: until it is stopped. */
void programme_curve(Sender *sender, double from, double to, usec_t length_usec, usec_t pace_usec,
                bool with_rr, programme_finished_t finished, void *userdata);
/* The same value of size > 0 until it is stopped. */
void programme_repeat(Sender *sender, const uint8_t *value, size_t size, usec_t pace_usec);
Programme *programme_free(Programme *p);

/* -- script.c: lines, one after the other -- */

typedef struct Script Script;
typedef struct Command Command;

/* What a program provides to its scripts. */
typedef struct ScriptWorld {
        sd_event *event;
        const Command *const *tables; /* ends with NULL */
        void *userdata;
        /* Returns once everything that a line has caused is on the bus. */
        void (*settle)(void *userdata);
        /* Returns NULL if there is no such strap. */
        Sender *(*find_sender)(void *userdata, const char *address);
} ScriptWorld;

/* The world is kept by reference. Without paths: standard input. */
int script_new(const ScriptWorld *world, char **paths, size_t n_paths, Script **ret);
Script *script_free(Script *script);

/* The result of a command, besides a negative errno after script_refuse(). */
#define COMMAND_DONE    0
#define COMMAND_WAITING 1 /* until script_finish() */

/* Says why a command cannot be carried out. Returns -EINVAL. */
int script_refuse(Script *script, const char *format, ...) _printf_(2, 3);
void script_finish(Script *script);
/* Lets the command wait until condition() holds; it is an error if that takes too long. */
int script_wait_for(
                Script *script, bool (*condition)(const void *data), const void *data, usec_t timeout_usec);
int script_wait(Script *script, usec_t usec);
/* Between the packets of a stream or a curve. */
usec_t script_pace_usec(const Script *script);
void script_set_pace(Script *script, usec_t usec);

/* -- script-words.c: what a line says -- */

/* The words of a line; words[0] is the command. */
typedef struct Words {
        const ScriptWorld *world;
        Script *script;
        size_t n;
        char *word[WORDS_MAX + 1]; /* a NULL at the end */
} Words;

struct Command {
        const char *name; /* NULL ends a table */
        size_t min, max;  /* words after the name */
        int (*run)(Words *w);
        const char *usage;
};

int command_run(Words *w);

int word_duration(const Words *w, size_t i, usec_t *ret);
/* Of expect and its like: 5 s if there is no such word. */
int word_timeout(const Words *w, size_t i, usec_t *ret);
int word_number(const Words *w, size_t i, unsigned max, unsigned *ret);
int word_decimal(const Words *w, size_t i, double *ret);
/* The words from i on. */
int word_bytes(const Words *w, size_t i, uint8_t value[static VALUE_MAX], size_t *ret_size);
/* Which of the choices, which end with NULL, the word is. */
int word_choice(const Words *w, size_t i, const char *const *choices);
bool word_is(const Words *w, size_t i, const char *text);
/* A strap that measures heart rates. */
int word_sender(const Words *w, size_t i, Sender **ret);

/* -- script-strap.c -- */

/* What straps send, and the commands of the script itself. */
extern const Command sender_commands[];

DEFINE_CLEANUP(Script *, script_free);
DEFINE_CLEANUP(Programme *, programme_free);
