/* SPDX-License-Identifier: MIT */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <systemd/sd-bus.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "cardio/time.h"

/* What a bus test runs in: a private system bus with the distribution's own policy, a private session bus, the stand-in for
 * bluetoothd and the programs under test, all in a temporary folder of their own.
 *
 * Any error fails the running test, so nothing here returns one. Every wait ends at its deadline, which CARDIO_TIMEOUT_SCALE
 * multiplies. CARDIO_WRAP (valgrind, say) is put before the programs under test. Errors of a sanitizer or valgrind in their
 * logs fail the test too.
 *
 *      static void test_something(Harness *h) { ... }
 *      const struct CMUnitTest tests[] = { harness_test(test_something) };
 */

typedef struct Harness Harness;
typedef struct Child Child;
typedef void (*harness_test_t)(Harness *h);

typedef enum BusKind {
        BUS_SYSTEM,
        BUS_SESSION,
        _BUS_KIND_MAX,
        _BUS_KIND_INVALID = -EINVAL,
} BusKind;

/* For most waits. */
#define HARNESS_TIMEOUT (5 * USEC_PER_SEC)

/* A cmocka test with a Harness of its own; what its programs wrote is shown if it fails. */
#define harness_test(function)                                                                     \
        {                                                                                          \
#function, harness_run_test, harness_set_up, harness_tear_down, (void *)(function) \
        }
/* The same, on a clock of its own from the start. */
#define harness_clock_test(function)                                                                     \
        {                                                                                                \
#function, harness_run_test, harness_set_up_clock, harness_tear_down, (void *)(function) \
        }
void harness_run_test(void **state);
int harness_set_up(void **state);
int harness_set_up_clock(void **state);
int harness_tear_down(void **state);

/* Both buses run, nothing else. */
Harness *harness_new(void);
/* Ends all children. Returns 0, or -1 if a program under test ended with an error, which is printed. */
int harness_end(Harness *h);
/* harness_end(), and shows what the programs wrote. */
int harness_end_failed(Harness *h);

/* Ends the test, as failed or as skipped. */
void harness_fail(Harness *h, const char *format, ...) _printf_(2, 3) __attribute__((__noreturn__));
void harness_skip(Harness *h, const char *format, ...) _printf_(2, 3) __attribute__((__noreturn__));

/* A file in the temporary folder. Valid as long as the Harness. */
const char *harness_path(Harness *h, const char *name);
void harness_write_file(Harness *h, const char *name, const char *text);
/* The whole file; "" if it does not exist. To be freed. */
char *harness_read_file(Harness *h, const char *name);

/* -- Buses -- */

/* The test's own connection; another one after harness_bus_stop(). */
sd_bus *harness_bus(Harness *h, BusKind kind);
void harness_bus_stop(Harness *h, BusKind kind);
/* The system bus reads dbus-more.conf, a file of the test's, behind its own policies. */
void harness_bus_start(Harness *h, BusKind kind);
/* A further connection, for a second client, which the loop serves while the test waits. To be closed by the test. */
sd_bus *harness_bus_open(Harness *h, BusKind kind);

/* -- Waiting -- */

/* Runs the loop until condition() holds. Returns whether it did in time. */
bool harness_wait(Harness *h, bool (*condition)(Harness *h, void *userdata), void *userdata,
                usec_t timeout_usec);
/* Runs the loop for that long, for something that must not happen. Not scaled. */
void harness_pass_time(Harness *h, usec_t usec);

/* -- Time: a clock of the test's own -- */

/* The daemons and the stand-in that are started from here on have it. It goes on as the machine's does, and jumps when the
 * test says so: a wait of the daemon's that would be one of the test, too, takes no time. Ends with the Harness. */
void harness_clock_begin(Harness *h);
/* For what clock_sleep(), clock_step() and the like of shim-fixture.h do. */
struct ClockShim *harness_clock(Harness *h);
/* How far it jumps at once, 500 ms unless told: no further than from one packet of the strap to the next. */
void harness_clock_step(Harness *h, usec_t usec);
/* CLOCK_BOOTTIME and CLOCK_REALTIME by it; the machine's if there is none. */
usec_t harness_clock_usec(const Harness *h);
usec_t harness_clock_realtime_usec(const Harness *h);
/* So much time passes. When this returns, the stand-in has done what was due, and the daemon has handled that and what was
 * due of its own. On the machine's clock it is only waited for. */
void harness_clock_pass(Harness *h, usec_t usec);
/* The same without any time: for after clock_sleep() and the like. */
void harness_clock_settle(Harness *h);
/* Lets time pass until condition() holds. Returns whether it did within that time, which is not scaled. On the machine's
 * clock it is harness_wait(). */
bool harness_clock_wait(
                Harness *h, bool (*condition)(Harness *h, void *userdata), void *userdata, usec_t most_usec);

/* -- Signals: all of org.cardiod1 on both buses are kept from the start, in order of arrival -- */

/* Also keeps the signals of another match rule. */
void harness_subscribe(Harness *h, BusKind kind, const char *match);
/* Takes the oldest such signal out of those kept, waiting for it if necessary. NULL matches any. The result is valid until
 * the Harness ends. */
sd_bus_message *harness_wait_signal(
                Harness *h, const char *interface, const char *member, usec_t timeout_usec);
/* The same, by letting time pass on the test's clock: so much at most. */
sd_bus_message *harness_pass_until_signal(
                Harness *h, const char *interface, const char *member, usec_t most_usec);
/* How many are kept now; none is taken. */
unsigned harness_count_signals(Harness *h, const char *interface, const char *member);
/* Drops the signals kept so far. */
void harness_clear_signals(Harness *h);
/* Fails if such a signal is kept or comes within the time. */
void harness_refute_signal(Harness *h, const char *interface, const char *member, usec_t usec);

/* -- Processes -- */

/* Starts a program with its output in NAME.out and NAME.err; wrapped: it is a program under test. argv ends with NULL;
 * argv[0] is looked up in PATH. The name is unique. */
Child *harness_spawn(Harness *h, const char *name, bool wrapped, const char *const *argv);
/* Sends the signal, unless it is 0, and waits for the end. Returns the exit status, 128 + number for a signal. */
int harness_child_end(Harness *h, Child *child, int signal);
bool harness_child_is_running(const Child *child);
int harness_child_pid(const Child *child);
/* Returns once it has stopped: on a busy machine that takes longer than the call. */
void harness_stop_child(const Child *child);
void harness_continue_child(const Child *child);
/* What it has written so far. To be freed. */
char *harness_child_output(Harness *h, const Child *child, bool errors);
/* Waits until a line of the output matches the shell pattern. */
void harness_wait_output(
                Harness *h, const Child *child, bool errors, const char *pattern, usec_t timeout_usec);
void harness_refute_output(Harness *h, const Child *child, bool errors, const char *pattern);
/* Writes a line to its standard input. */
void harness_child_write(Harness *h, Child *child, const char *line);

/* -- The stand-in for bluetoothd -- */

void harness_standin_start(Harness *h);
/* Sends a command, printf-like, and fails unless the answer is `ok`. Starts the stand-in if need be. */
void harness_standin(Harness *h, const char *format, ...) _printf_(2, 3);
/* The same, but returns the answer. To be freed. */
char *harness_standin_answer(Harness *h, const char *command);
/* How many lines of its log match the shell pattern, as in "call Connect *". */
unsigned harness_calls(Harness *h, const char *pattern);
void harness_wait_calls(Harness *h, const char *pattern, unsigned count, usec_t timeout_usec);
/* The same, by letting time pass on the test's clock: so much at most. */
void harness_pass_until_calls(Harness *h, const char *pattern, unsigned count, usec_t most_usec);

/* -- cardiod and its companions -- */

typedef enum DaemonFlags {
        DAEMON_SYSTEM = 0,
        DAEMON_USER = 1, /* --user: on the session bus */
} DaemonFlags;

/* Starts cardiod on cardiod.conf, made of config, and cardiod.db, and waits until it owns its name. config = NULL: the
 * file stays as it is. More arguments up to a NULL. */
#define harness_daemon_start(h, config, ...) harness_daemon_start_sentinel(h, config, __VA_ARGS__, NULL)
void harness_daemon_start_sentinel(Harness *h, const char *config, DaemonFlags flags, ...)
                __attribute__((__sentinel__));
/* As above, but it is expected to refuse: returns its exit status. ret_errors, or NULL: what it wrote to standard
 * error, to be freed. */
int harness_daemon_refuse(Harness *h, const char *config, DaemonFlags flags, char **ret_errors);
/* Returns the exit status. */
int harness_daemon_stop(Harness *h, int signal);
Child *harness_daemon(Harness *h);

/* Runs a program from the build folder to its end. Returns its exit status. ret_output, ret_errors: to be freed, or
 * NULL. The arguments end with NULL, which the macros add. */
#define harness_command(h, ret_output, ret_errors, ...) \
        harness_command_sentinel(h, ret_output, ret_errors, __VA_ARGS__, NULL)
#define harness_ctl(h, ret_output, ret_errors, ...) \
        harness_command_sentinel(h, ret_output, ret_errors, "cardioctl", __VA_ARGS__, NULL)
int harness_command_sentinel(Harness *h, char **ret_output, char **ret_errors, const char *program, ...)
                __attribute__((__sentinel__));
/* Starts a program from the build folder in the background. */
#define harness_program_start(h, ...) harness_program_start_sentinel(h, __VA_ARGS__, NULL)
Child *harness_program_start_sentinel(Harness *h, const char *program, ...) __attribute__((__sentinel__));

/* The arguments of a message, as text with blanks between. To be freed. */
char *harness_message_text(sd_bus_message *m);
/* The property as text: true and false, numbers with at most ten digits, strings; from the daemon's bus. NULL if it cannot
 * be read. To be freed. */
char *harness_property(Harness *h, const char *path, const char *interface, const char *name);
void harness_wait_property(Harness *h, const char *path, const char *interface, const char *name,
                const char *expected, usec_t timeout_usec);
/* The same, by letting time pass on the test's clock: so much at most. */
void harness_pass_until_property(Harness *h, const char *path, const char *interface, const char *name,
                const char *expected, usec_t most_usec);
/* Calls a method of /org/cardiod1: Name of the manager's, or org.cardiod1.Coach.Name; the types, which may be NULL, and
 * arguments as for sd_bus_message_append(). Returns 0 with the reply, or a negative errno; ret_error is the error's
 * name, or NULL, to be freed. Both ret may be NULL. */
int harness_call(Harness *h, sd_bus_message **ret_reply, char **ret_error, const char *member,
                const char *types, ...);

/* One row a line, columns apart by `|`, as sqlite3 prints them. The database is opened read-only. To be freed. */
char *harness_sql(Harness *h, const char *sql);
void harness_wait_sql(Harness *h, const char *sql, const char *expected, usec_t timeout_usec);
/* The same, by letting time pass on the test's clock: so much at most. */
void harness_pass_until_sql(Harness *h, const char *sql, const char *expected, usec_t most_usec);
