/* SPDX-License-Identifier: MIT */
/* Signals and answers of org.cardiod1 as clients read them, well formed and not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "client/follower-event.h"
#include "client/session-row.h"

#define SENSOR     CARDIO_SENSOR_PREFIX "/A"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define OBJECTS    "org.freedesktop.DBus.ObjectManager"

/* A bus that nothing is ever sent on: it only makes messages. */
static int setup(void **state)
{
        sd_bus *bus = NULL;
        int fds[2];

        assert_true(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
        assert_true(sd_bus_new(&bus) >= 0);
        assert_true(sd_bus_set_fd(bus, fds[0], fds[0]) >= 0);
        assert_true(sd_bus_start(bus) >= 0);
        close(fds[1]);
        *state = bus;
        return 0;
}

static int teardown(void **state)
{
        sd_bus_close_unref(*state);
        return 0;
}

static sd_bus_message *signal_new(sd_bus *bus, const char *path, const char *interface, const char *member)
{
        sd_bus_message *m = NULL;

        assert_true(sd_bus_message_new_signal(bus, &m, path, interface, member) >= 0);
        return m;
}

/* As it is read. */
static void seal(sd_bus_message *m)
{
        assert_true(sd_bus_message_seal(m, 1, 0) >= 0);
        assert_true(sd_bus_message_rewind(m, true) >= 0);
}

static void test_measurement(void **state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m =
                        signal_new(*state, SENSOR, CARDIO_SENSOR_INTERFACE, "Measurement");
        FollowerEvent e;

        assert_true(sd_bus_message_append(m, "tqdyaq", (uint64_t)5000000, 141, 140.5, 2, 2, 430, 440) >= 0);
        seal(m);
        assert_int_equal(follower_event_read_signal(m, &e), 1);
        assert_int_equal(e.type, FOLLOWER_MEASUREMENT);
        assert_string_equal(e.measurement.path, SENSOR);
        assert_int_equal(e.measurement.realtime_usec, 5000000);
        assert_int_equal(e.measurement.heart_rate, 141);
        assert_true(e.measurement.smoothed == 140.5 && e.measurement.zone == 2);
        assert_int_equal(e.measurement.n_rr, 2);
        assert_int_equal(e.measurement.rr[1], 440);
}

static void test_pace(void **state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m =
                        signal_new(*state, SENSOR, CARDIO_SENSOR_INTERFACE, "Pace");
        FollowerEvent e;

        assert_true(sd_bus_message_append(m, "tdddd", (uint64_t)5000000, 2.75, 168.0, 8421.5, NAN) >= 0);
        seal(m);
        assert_int_equal(follower_event_read_signal(m, &e), 1);
        assert_int_equal(e.type, FOLLOWER_PACE);
        assert_string_equal(e.pace.path, SENSOR);
        assert_int_equal(e.pace.realtime_usec, 5000000);
        assert_true(e.pace.speed == 2.75 && e.pace.cadence == 168 && e.pace.distance == 8421.5);
        assert_true(isnan(e.pace.incline));
}

static void test_pace_limit(void **state)
{
        static const FollowerEventType types[] = { FOLLOWER_PACE_IN_RANGE, FOLLOWER_OVER_PACE };

        for (int over = 0; over < 2; over++) {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = signal_new(*state, CARDIO_OBJECT,
                                CARDIO_MANAGER_INTERFACE, over ? "OverPace" : "PaceInRange");
                FollowerEvent e;

                assert_true(sd_bus_message_append(m, "xoddu", (int64_t)7, SENSOR, 2.75, 2.5, 18) >= 0);
                seal(m);
                assert_int_equal(follower_event_read_signal(m, &e), 1);
                assert_int_equal(e.type, types[over]);
                assert_int_equal(e.pace_limit.session, 7);
                assert_string_equal(e.pace_limit.sensor, SENSOR);
                assert_true(e.pace_limit.speed == 2.75 && e.pace_limit.limit == 2.5);
                assert_int_equal(e.pace_limit.seconds, 18);
        }
}

static void test_signals(void **state)
{
        static const struct {
                const char *interface, *member;
                FollowerEventType type;
        } sessions[] = {
                { CARDIO_MANAGER_INTERFACE, "SessionStarted", FOLLOWER_SESSION_STARTED },
                { CARDIO_MANAGER_INTERFACE, "SessionEnded", FOLLOWER_SESSION_ENDED },
                { CARDIO_MANAGER_INTERFACE, "SessionDiscarded", FOLLOWER_SESSION_DISCARDED },
        };
        FollowerEvent e;

        for (size_t i = 0; i < ELEMENTSOF(sessions); i++) {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *m =
                                signal_new(*state, CARDIO_OBJECT, sessions[i].interface, sessions[i].member);

                assert_true(sd_bus_message_append(m, "xot", (int64_t)7, SENSOR, (uint64_t)9000000) >= 0);
                seal(m);
                assert_int_equal(follower_event_read_signal(m, &e), 1);
                assert_int_equal(e.type, sessions[i].type);
                assert_int_equal(e.session.id, 7);
                assert_int_equal(e.session.at_realtime_usec, i == 0 ? 9000000 : 0);
        }
        for (int over = 0; over < 2; over++) {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = signal_new(*state, CARDIO_OBJECT,
                                CARDIO_MANAGER_INTERFACE, over ? "OverLimit" : "BackInRange");

                assert_true(sd_bus_message_append(m, "xoddu", (int64_t)7, SENSOR, 165.5, 146.0, 12) >= 0);
                seal(m);
                assert_int_equal(follower_event_read_signal(m, &e), 1);
                assert_int_equal(e.type, over ? FOLLOWER_OVER_LIMIT : FOLLOWER_BACK_IN_RANGE);
                assert_int_equal(e.limit.session, 7);
                assert_string_equal(e.limit.sensor, SENSOR);
                assert_true(e.limit.heart_rate == 165.5 && e.limit.ceiling == 146);
                assert_int_equal(e.limit.seconds, 12);
        }
}

static void test_trouble(void **state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m =
                        signal_new(*state, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Trouble");
        FollowerEvent e;

        assert_true(sd_bus_message_append(m, "ss", CARDIO_TROUBLE_NOT_WRITING, "The disk is full") >= 0);
        seal(m);
        assert_int_equal(follower_event_read_signal(m, &e), 1);
        assert_int_equal(e.type, FOLLOWER_TROUBLE);
        assert_string_equal(e.trouble.kind, "not-writing");
        assert_string_equal(e.trouble.text, "The disk is full");
}

static void test_coach(void **state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *advice = signal_new(*state, CARDIO_OBJECT,
                                                                        CARDIO_COACH_INTERFACE, "Advice"),
                                                        *cue = signal_new(*state, CARDIO_OBJECT,
                                                                        CARDIO_COACH_INTERFACE, "Cue");
        FollowerEvent e;

        assert_true(sd_bus_message_append(advice, "xss", (int64_t)7, "talk-test", "Could you?") >= 0);
        assert_true(sd_bus_message_append(cue, "xsu", (int64_t)7, "hard", 120) >= 0);
        seal(advice);
        seal(cue);
        assert_int_equal(follower_event_read_signal(advice, &e), 1);
        assert_int_equal(e.type, FOLLOWER_ADVICE);
        assert_string_equal(e.advice.kind, "talk-test");
        assert_string_equal(e.advice.text, "Could you?");
        assert_int_equal(follower_event_read_signal(cue, &e), 1);
        assert_int_equal(e.type, FOLLOWER_CUE);
        assert_string_equal(e.cue.cue, "hard");
        assert_int_equal(e.cue.seconds, 120);
}

/* What is not known is passed over, and so is what has another type; the rest counts. */
static void test_changes(void **state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m =
                        signal_new(*state, CARDIO_OBJECT, PROPERTIES, "PropertiesChanged");
        FollowerEvent e;

        assert_true(sd_bus_message_append(m, "sa{sv}as", CARDIO_MANAGER_INTERFACE, 6, "Session", "x",
                                    (int64_t)7, "Novelty", "a{sv}", 1, "x", "s", "y", "Ceiling", "s", "high",
                                    "CeilingReason", "s", "a day of rest", "WaitsForRest", "b", 1, "Waiting",
                                    "u", 0, 0) >= 0);
        seal(m);
        assert_int_equal(follower_event_read_signal(m, &e), 1);
        assert_int_equal(e.type, FOLLOWER_MANAGER);
        assert_int_equal(e.manager.given, MANAGER_SESSION | MANAGER_WAITS_FOR_REST | MANAGER_WAITING);
        assert_int_equal(e.manager.session, 7);
        assert_true(e.manager.waits_for_rest);
        assert_string_equal(e.manager.ceiling_reason, "a day of rest");
        assert_null(e.manager.bluetooth);
}

static void test_pace_of_a_session(void **state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m =
                        signal_new(*state, CARDIO_OBJECT, PROPERTIES, "PropertiesChanged");
        FollowerEvent e;

        assert_true(sd_bus_message_append(m, "sa{sv}as", CARDIO_MANAGER_INTERFACE, 5, "PaceLimit", "d", 2.5,
                                    "PaceReason", "s", "a recovery run", "PaceUnits", "s", "mile", "Speed",
                                    "d", 2.25, "Distance", "d", 5230.0, 0) >= 0);
        seal(m);
        assert_int_equal(follower_event_read_signal(m, &e), 1);
        assert_int_equal(e.type, FOLLOWER_MANAGER);
        assert_int_equal(e.manager.given, MANAGER_PACE_LIMIT | MANAGER_SPEED | MANAGER_DISTANCE);
        assert_true(e.manager.pace_limit == 2.5 && e.manager.speed == 2.25 && e.manager.distance == 5230);
        assert_string_equal(e.manager.pace_reason, "a recovery run");
        assert_string_equal(e.manager.pace_units, "mile");
}

static void test_pace_of_a_sensor(void **state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m =
                        signal_new(*state, SENSOR, PROPERTIES, "PropertiesChanged");
        const SensorProperties *p;
        FollowerEvent e;

        assert_true(sd_bus_message_append(m, "sa{sv}as", CARDIO_SENSOR_INTERFACE, 5, "Kind", "s", "treadmill",
                                    "Speed", "d", 2.5, "Cadence", "d", NAN, "Incline", "d", 1.5, "Distance",
                                    "d", 800.0, 0) >= 0);
        seal(m);
        assert_int_equal(follower_event_read_signal(m, &e), 1);
        assert_int_equal(e.type, FOLLOWER_SENSOR_CHANGED);
        p = &e.sensor.properties;
        assert_int_equal(p->given, SENSOR_SPEED | SENSOR_CADENCE | SENSOR_INCLINE | SENSOR_DISTANCE);
        assert_string_equal(p->kind, "treadmill");
        assert_true(p->speed == 2.5 && isnan(p->cadence) && p->incline == 1.5 && p->distance == 800);
}

static void test_workout(void **state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m =
                        signal_new(*state, CARDIO_OBJECT, PROPERTIES, "PropertiesChanged");
        FollowerEvent e;

        assert_true(sd_bus_message_append(m, "sa{sv}as", CARDIO_COACH_INTERFACE, 2, "WorkoutStep", "s",
                                    "hard", "WorkoutStepNumber", "(uu)", 2, 5, 0) >= 0);
        seal(m);
        assert_int_equal(follower_event_read_signal(m, &e), 1);
        assert_int_equal(e.type, FOLLOWER_COACH);
        assert_int_equal(e.coach.given, COACH_STEP_NUMBER);
        assert_string_equal(e.coach.step, "hard");
        assert_int_equal(e.coach.step_number[0], 2);
        assert_int_equal(e.coach.step_number[1], 5);
}

static void test_objects(void **state)
{
        _cleanup_(sd_bus_message_unrefp)
                        sd_bus_message *added = signal_new(*state, CARDIO_OBJECT, OBJECTS, "InterfacesAdded"),
                                       *other = signal_new(*state, CARDIO_OBJECT, OBJECTS, "InterfacesAdded"),
                                       *removed = signal_new(
                                                       *state, CARDIO_OBJECT, OBJECTS, "InterfacesRemoved");
        FollowerEvent e;

        assert_true(sd_bus_message_append(added, "oa{sa{sv}}", SENSOR, 2, "org.example", 0,
                                    CARDIO_SENSOR_INTERFACE, 2, "State", "s", "live", "BatteryPercentage",
                                    "y", 80) >= 0);
        assert_true(sd_bus_message_append(other, "oa{sa{sv}}", SENSOR, 1, "org.example", 0) >= 0);
        assert_true(sd_bus_message_append(removed, "oas", SENSOR, 1, CARDIO_SENSOR_INTERFACE) >= 0);
        seal(added);
        seal(other);
        seal(removed);
        assert_int_equal(follower_event_read_signal(added, &e), 1);
        assert_int_equal(e.type, FOLLOWER_SENSOR_ADDED);
        assert_string_equal(e.sensor.path, SENSOR);
        assert_string_equal(e.sensor.properties.state, "live");
        assert_int_equal(e.sensor.properties.given, SENSOR_BATTERY);
        assert_int_equal(e.sensor.properties.battery, 80);
        assert_int_equal(follower_event_read_signal(other, &e), 0);
        assert_int_equal(follower_event_read_signal(removed, &e), 1);
        assert_int_equal(e.type, FOLLOWER_SENSOR_REMOVED);
        assert_string_equal(e.sensor.path, SENSOR);
}

typedef struct Found {
        unsigned n;
        int64_t session;
} Found;

static void on_object(void *userdata, const FollowerEvent *e)
{
        Found *found = userdata;

        assert_int_equal(e->type, FOLLOWER_SENSOR_ADDED);
        found->n++;
        found->session += e->sensor.properties.session;
}

static void test_managed_objects(void **state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = signal_new(*state, "/", "org.example", "Answer");
        Found found = { 0 };

        assert_true(sd_bus_message_append(m, "a{oa{sa{sv}}}", 3, CARDIO_OBJECT, 1, CARDIO_MANAGER_INTERFACE,
                                    0, SENSOR, 1, CARDIO_SENSOR_INTERFACE, 1, "Session", "x", (int64_t)7,
                                    CARDIO_SENSOR_PREFIX "/B", 1, CARDIO_SENSOR_INTERFACE, 0) >= 0);
        seal(m);
        assert_true(follower_event_read_objects(m, on_object, &found) >= 0);
        assert_int_equal(found.n, 2);
        assert_int_equal(found.session, 7);
}

/* Nothing comes of a signal whose arguments are others than they should be, or that is of no interest. */
static void test_garbled(void **state)
{
        static const struct {
                const char *interface, *member;
        } known[] = {
                { CARDIO_SENSOR_INTERFACE, "Measurement" },
                { CARDIO_SENSOR_INTERFACE, "Pace" },
                { CARDIO_MANAGER_INTERFACE, "SessionStarted" },
                { CARDIO_MANAGER_INTERFACE, "SessionEnded" },
                { CARDIO_MANAGER_INTERFACE, "SessionDiscarded" },
                { CARDIO_MANAGER_INTERFACE, "OverLimit" },
                { CARDIO_MANAGER_INTERFACE, "BackInRange" },
                { CARDIO_MANAGER_INTERFACE, "OverPace" },
                { CARDIO_MANAGER_INTERFACE, "PaceInRange" },
                { CARDIO_MANAGER_INTERFACE, "Trouble" },
                { CARDIO_COACH_INTERFACE, "Advice" },
                { CARDIO_COACH_INTERFACE, "Cue" },
                { PROPERTIES, "PropertiesChanged" },
                { OBJECTS, "InterfacesAdded" },
                { OBJECTS, "InterfacesRemoved" },
                { CARDIO_MANAGER_INTERFACE, "Novelty" },
                { "org.example", "OverLimit" },
        };
        FollowerEvent e;

        for (size_t i = 0; i < ELEMENTSOF(known); i++) {
                _cleanup_(sd_bus_message_unrefp)
                                sd_bus_message *empty = signal_new(*state, CARDIO_OBJECT, known[i].interface,
                                                               known[i].member),
                                               *text = signal_new(*state, CARDIO_OBJECT, known[i].interface,
                                                               known[i].member);

                assert_true(sd_bus_message_append(text, "sv", CARDIO_MANAGER_INTERFACE, "s", "x") >= 0);
                seal(empty);
                seal(text);
                assert_true(follower_event_read_signal(empty, &e) <= 0);
                assert_true(follower_event_read_signal(text, &e) <= 0);
        }
}

static void test_row(void **state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = signal_new(*state, "/", "org.example", "Answer");
        SessionRow row;

        assert_true(sd_bus_message_append(m, "a{sv}", 6, "id", "x", (int64_t)7, "kind", "s", "long",
                                    "duration", "s", "1:00:30", "duration_s", "d", 3630.5, "over_s", "x",
                                    (int64_t)12, "breaches", "s", "many") >= 0);
        seal(m);
        assert_true(session_row_read(m, &row) >= 0);
        assert_int_equal(row.id, 7);
        assert_string_equal(row.kind, "long");
        assert_int_equal(row.duration_s, 3630);
        assert_true(row.exact_duration_s == 3630.5 && row.over_s == 12);
        assert_int_equal(row.breaches, -1);
        assert_true(row.average != row.average); /* not told */
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_measurement, setup, teardown),
                cmocka_unit_test_setup_teardown(test_pace, setup, teardown),
                cmocka_unit_test_setup_teardown(test_pace_limit, setup, teardown),
                cmocka_unit_test_setup_teardown(test_signals, setup, teardown),
                cmocka_unit_test_setup_teardown(test_trouble, setup, teardown),
                cmocka_unit_test_setup_teardown(test_coach, setup, teardown),
                cmocka_unit_test_setup_teardown(test_changes, setup, teardown),
                cmocka_unit_test_setup_teardown(test_pace_of_a_session, setup, teardown),
                cmocka_unit_test_setup_teardown(test_pace_of_a_sensor, setup, teardown),
                cmocka_unit_test_setup_teardown(test_workout, setup, teardown),
                cmocka_unit_test_setup_teardown(test_objects, setup, teardown),
                cmocka_unit_test_setup_teardown(test_managed_objects, setup, teardown),
                cmocka_unit_test_setup_teardown(test_garbled, setup, teardown),
                cmocka_unit_test_setup_teardown(test_row, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
