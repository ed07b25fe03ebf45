/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "cardio/time.h"

/* The parts of bluez-standin. Its head comment, in bluez-standin.c, has the language of its scripts. */

#define ADAPTERS_MAX        4U
#define STRAPS_MAX          16U
#define CHARACTERISTICS_MAX 3U
#define REGISTRATIONS_MAX   32U
#define RULES_MAX           16U
#define CALLS_MAX           256U
#define MEMBERS_MAX         64U
#define VALUE_MAX           512U /* an attribute value, Core Specification, Vol 3, Part F, 3.2.9 */
#define PACKET_RR_MAX       250U
#define LINE_SIZE_MAX       4096U
#define WORDS_MAX           600U

typedef struct Standin Standin;
typedef struct Device Device;
typedef struct Programme Programme;

/* What a name in a script does to the order in which services and ServicesResolved are told. */
typedef enum GattOrder {
        GATT_FIRST,
        GATT_AFTER_RESOLVED,
        GATT_NEVER,
        _GATT_ORDER_MAX,
        _GATT_ORDER_INVALID = -EINVAL,
} GattOrder;

/* The first members of the objects below are read by the property tables in bluez-standin-objects.c. */

typedef struct Adapter {
        Standin *standin;
        char *path, *id, *address;
        bool powered, discovering;
        bool switched_on; /* what Powered becomes when bluetoothd finds the adapter */
        bool exported;
        sd_bus_track *discoverers;
        sd_event_source *export_timer, *power_timer;
} Adapter;

typedef struct Characteristic {
        Device *device;
        const char *uuid;
        const char *const *flags;
        char *path, *service_path;
        uint8_t value[VALUE_MAX];
        size_t size;
        bool notifying;        /* as BlueZ tells it: it stays true when the link goes */
        sd_bus_track *clients; /* who called StartNotify */
} Characteristic;

struct Device {
        Standin *standin;
        Adapter *adapter;
        char *path, *address, *name, *adapter_path, *service_path;
        const char *address_type, *service_uuid;
        bool paired, trusted, blocked, connected, resolved, primary;
        bool advertising; /* it would answer if it were not connected */
        bool exported;    /* bluetoothd knows it */
        bool gatt;        /* its GATT objects exist */
        bool discovered;  /* its services were once read: UUIDs is complete */
        bool has_battery, battery_exported, has_rssi;
        bool rests; /* after our own Disconnect(): no auto-connect */
        int16_t rssi;
        uint8_t battery;
        uint8_t location;
        unsigned handle;
        Characteristic characteristics[CHARACTERISTICS_MAX];
        size_t n_characteristics;
        sd_bus_message *connect_call;
        sd_event_source *link_timer, *attempt_timer, *resolve_timer, *removal_timer;
        Programme *programme;
};

/* A GattProfile1 for heart rate that a client has registered, or is about to while `call` is set. */
typedef struct Registration {
        Standin *standin;
        Adapter *adapter;
        char *client, *path;
        sd_bus_message *call;
        sd_bus_slot *query;
        sd_bus_track *track;
} Registration;

/* What a script has said about a method: fail, delay, never. */
typedef struct Rule {
        char *member;
        bool never;
        usec_t delay_usec;
        char *error, *message;
        unsigned failures; /* how many more; UINT_MAX = for ever */
} Rule;

typedef struct Member {
        char *name;
        unsigned received, expected;
} Member;

/* A call that is answered later. */
typedef struct PendingCall {
        Standin *standin;
        sd_bus_message *message;
        sd_event_source *timer;
} PendingCall;

typedef struct Settings {
        usec_t link_usec;            /* from a wish to connect and an advertisement to the link */
        usec_t resolve_usec;         /* from the link to ServicesResolved */
        usec_t connect_timeout_usec; /* of an attempt nobody answers */
        usec_t temporary_usec;       /* an untrusted device is removed so long after it was last seen */
        usec_t adapter_usec;         /* from bluetoothd's name to its adapters */
        usec_t pace_usec;            /* between packets */
        unsigned duplicate;          /* signals for each notification and client */
        bool resolve_by_hand;
        bool drop_in_two; /* ServicesResolved=false and Connected=false in two signals */
        GattOrder order;
} Settings;

struct Standin {
        sd_event *event;
        sd_bus *bus;      /* NULL while bluetoothd is down */
        sd_bus *stranger; /* never owns org.bluez */
        sd_bus_track *callers;
        Settings settings;
        Adapter *adapters[ADAPTERS_MAX];
        Device *devices[STRAPS_MAX];
        Registration *registrations[REGISTRATIONS_MAX];
        Rule rules[RULES_MAX];
        size_t n_rules;
        PendingCall *calls[CALLS_MAX];
        Member members[MEMBERS_MAX];
        size_t n_members;
        struct Script *script;
};

/* -- bluez-standin.c: time, the log, bluetoothd itself -- */

/* Arms a one-shot timer, in place of the one that was in *source. */
void timer_arm(sd_event *event, sd_event_source **source, usec_t delay, sd_event_time_handler_t handler,
                void *userdata);
void timer_disarm(sd_event_source **source);

/* One line on standard output. */
void log_line(const char *format, ...) _printf_(1, 2);

/* Ends the program if memory or the bus has failed: there is nothing a stand-in could do about it. */
#define must(expression) must_succeed((expression), __FILE__, __LINE__)
int must_succeed(int r, const char *file, int line);
char *must_copy(const char *text);
char *must_format(const char *format, ...) _printf_(1, 2);

int bluetoothd_start(Standin *s);
/* kindly: as `systemctl stop`; else as kill -9. */
void bluetoothd_stop(Standin *s, bool kindly);

/* -- bluez-standin-objects.c: what the bus sees -- */

typedef enum ObjectKind {
        OBJECT_ADAPTER,
        OBJECT_DEVICE,
        OBJECT_SERVICE,
        OBJECT_CHARACTERISTIC,
        _OBJECT_KIND_MAX,
        _OBJECT_KIND_INVALID = -EINVAL,
} ObjectKind;

typedef struct Object {
        ObjectKind kind;
        const char *path;
        void *data; /* Adapter, Device, Device, Characteristic */
} Object;

#define OBJECTS_MAX (ADAPTERS_MAX + STRAPS_MAX * (2 + CHARACTERISTICS_MAX))

/* Returns false if no such object is exported. */
bool object_find(Standin *s, const char *path, Object *ret);
void object_emit_added(Standin *s, const char *path);
void object_emit_removed(Standin *s, const char *path);
void object_emit_battery(Device *d, bool added);
/* The names end with NULL. */
void object_emit_changed(Standin *s, const char *path, const char *interface, ...)
                __attribute__((__sentinel__));
int object_reply_managed(Standin *s, sd_bus_message *m);
int object_reply_get(Standin *s, sd_bus_message *m, const Object *object, sd_bus_error *error);
int object_reply_get_all(Standin *s, sd_bus_message *m, const Object *object, sd_bus_error *error);

/* -- bluez-standin-world.c: adapters, straps and links -- */

Adapter *adapter_new(Standin *s, const char *id, bool switched_on);
Adapter *adapter_free(Adapter *a);
Adapter *adapter_find(Standin *s, const char *id);
/* bluetoothd finds the adapter, after a while; or it is unplugged. */
void adapter_export_later(Adapter *a);
void adapter_unplug(Adapter *a);
void adapter_switch(Adapter *a, bool on);
void adapter_set_discovering(Adapter *a, bool discovering);

Device *device_new(Adapter *a, const char *address);
Device *device_free(Device *d);
/* By address, or by adapter and address as in hci1/AA:BB:CC:DD:EE:FF. */
Device *device_find(Standin *s, const char *address);
void device_export(Device *d);
void device_unexport(Device *d);
bool device_is_stored(const Device *d);
/* Something has changed that may let the link come up, or a temporary device vanish. */
void device_reconsider(Device *d);
void device_set_advertising(Device *d, bool advertising);
void device_link_up(Device *d);
void device_link_down(Device *d);
/* The strap went and came back before BlueZ could tell: Connected is never seen false. */
void device_flicker(Device *d);
void device_resolve(Device *d);
void device_set_gatt(Device *d, bool exist);
void device_set_battery(Device *d, int percentage);
void device_connect(Device *d, sd_bus_message *call);
void device_cancel_connect(Device *d, const char *reason);

Characteristic *device_characteristic(Device *d, const char *uuid);
/* Sends a value as a notification. Returns false, and says so in the log, if nobody could get it. */
bool characteristic_notify(Characteristic *c, const uint8_t *value, size_t size);
/* Whether a notification would reach somebody now. */
bool characteristic_is_heard(const Characteristic *c);
void characteristic_set_notifying(Characteristic *c, bool notifying);
void characteristic_drop_clients(Characteristic *c);

/* -- bluez-standin-calls.c: methods -- */

int calls_dispatch(sd_bus_message *m, void *userdata, sd_bus_error *error);
void calls_drop_pending(Standin *s);
Member *calls_member(Standin *s, const char *name);
void calls_reply_failed(sd_bus_message **call, const char *message);

Registration *registration_free(Registration *r);
bool adapter_has_registration(const Adapter *a);
int registration_new(Adapter *a, sd_bus_message *call, const char *path, sd_bus_error *error);
int registration_remove(Adapter *a, sd_bus_message *call, const char *path, sd_bus_error *error);

/* -- bluez-standin-play.c: packets, one after the other -- */

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

/* A row of a recording: when, how fast, and which R-R intervals. */
typedef struct Row {
        double seconds;
        unsigned heart_rate;
        size_t rr_begin, rr_end;
} Row;

/* Sends packets to a strap's subscribers, one programme a strap. `finished` is told when it has run out. */
typedef void (*programme_finished_t)(void *userdata);

/* Returns 0 or a negative errno; *ret_where then says where, to be freed. records: t_s,hr_bpm; intervals, or NULL:
 * after_record_index,rr_ms. */
int programme_play(Device *d, const char *records, const char *intervals, double from, double to,
                double speed, programme_finished_t finished, void *userdata, char **ret_where);
/* usec = USEC_INFINITY: until it is stopped. */
void programme_curve(Device *d, double from, double to, usec_t length_usec, bool with_rr,
                programme_finished_t finished, void *userdata);
Programme *programme_free(Programme *p);

/* -- bluez-standin-script.c: lines, one after the other -- */

typedef struct Script Script;
int script_new(Standin *s, char **paths, size_t n_paths, Script **ret);
Script *script_free(Script *script);

/* What a command came to, besides a negative errno after script_refuse(). */
#define COMMAND_DONE    0
#define COMMAND_WAITING 1 /* until script_finish() */

/* Says why a command cannot be carried out. Returns -EINVAL. */
int script_refuse(Script *script, const char *format, ...) _printf_(2, 3);
void script_finish(Script *script);
/* Lets the command wait until condition() holds; it is an error if that takes too long. */
int script_wait_for(
                Script *script, bool (*condition)(const void *data), const void *data, usec_t timeout_usec);
int script_wait(Script *script, usec_t usec);

/* -- bluez-standin-commands.c, -actions.c and -behaviour.c: what the lines mean -- */

/* The words of a line; words[0] is the command. */
typedef struct Words {
        Standin *standin;
        Script *script;
        size_t n;
        char *word[WORDS_MAX + 1]; /* a NULL at the end */
} Words;

typedef struct Command {
        const char *name;
        size_t min, max; /* words after the name */
        int (*run)(Words *w);
        const char *usage;
} Command;

extern const Command world_commands[], strap_commands[], behaviour_commands[];

int command_run(Words *w);

int word_device(const Words *w, size_t i, Device **ret);
int word_adapter(const Words *w, size_t i, Adapter **ret);
int word_duration(const Words *w, size_t i, usec_t *ret);
int word_number(const Words *w, size_t i, unsigned max, unsigned *ret);
int word_decimal(const Words *w, size_t i, double *ret);
/* The words from i on. */
int word_bytes(const Words *w, size_t i, uint8_t value[static VALUE_MAX], size_t *ret_size);
/* Which of the choices, which end with NULL, the word is. */
int word_choice(const Words *w, size_t i, const char *const *choices);
bool word_is(const Words *w, size_t i, const char *text);

DEFINE_CLEANUP(Script *, script_free);
DEFINE_CLEANUP(Adapter *, adapter_free);
DEFINE_CLEANUP(Device *, device_free);
DEFINE_CLEANUP(Programme *, programme_free);
DEFINE_CLEANUP(Registration *, registration_free);
