/* SPDX-License-Identifier: MIT */

/* The brokers of these tests themselves: what is refused here has to be refused by them, what is kept has to be kept. */

#include "broker-fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>

static void test_messages(Harness *h)
{
        _cleanup_broker_ Broker b;
        _cleanup_free_ char *one = NULL, *retained = NULL;

        broker_begin(h, BROKER_GOOD, &b);
        broker_publish(&b, "homeassistant/status", "online");
        broker_publish(&b, "homeassistant/status", "{\"n\": 7, \"over\": true, \"none\": null}");
        one = broker_wait(&b, HARNESS_TIMEOUT,
                        "leaf = 'status' AND json->>'n' > 6 AND json->>'over' AND retained = 0");
        assert_string_equal(one, "{\"n\": 7, \"over\": true, \"none\": null}");
        assert_int_equal(broker_count(&b, "1"), 0);
        assert_int_equal(broker_count_all(&b, "topic = 'homeassistant/status' AND qos = 1"), 2);
        retained = broker_retained(&b);
        assert_string_equal(retained, "");

        /* Nothing is left of what a broker knew, and what has come is still there. */
        broker_stop(&b, SIGKILL);
        broker_start(&b);
        broker_publish(&b, "homeassistant/status", "online");
        free(broker_wait(&b, HARNESS_TIMEOUT, "payload = 'online'"));
        assert_int_equal(broker_count_all(&b, "1"), 3);
}

/* What is wrong with a certificate, in the words of openssl; "" = nothing. To be freed. */
static char *complaint(Harness *h)
{
        const char *const argv[] = { "openssl", "verify", "-CAfile", broker_ca(h), "-verify_ip", "127.0.0.1",
                harness_path(h, "broker.pem"), NULL };
        Child *child = harness_spawn(h, "openssl", false, argv);
        int status = harness_child_end(h, child, 0);
        char *errors = harness_child_output(h, child, true);

        if (status == 0)
                errors[0] = '\0';
        return errors;
}

static void test_certificates(Harness *h)
{
        static const char *const expected[_BROKER_CERTIFICATE_MAX] = {
                [BROKER_GOOD] = "",
                [BROKER_EXPIRED] = "certificate has expired",
                [BROKER_OTHER_HOST] = "address mismatch",
                [BROKER_OTHER_CA] = "unable to get local issuer certificate",
                [BROKER_MUTUAL] = "",
        };

        for (BrokerCertificate kind = 0; kind < BROKER_NO_TLS; kind++) {
                _cleanup_broker_ Broker b;
                _cleanup_free_ char *errors = NULL;

                broker_begin(h, kind, &b);
                errors = complaint(h);
                if (!strstr(errors, expected[kind]) || (*errors && !*expected[kind]))
                        harness_fail(h, "expected \"%s\", not: %s", expected[kind], errors);
        }
}

/* mosquitto_pub with these options, to its end. Returns its status. */
static int publish(Harness *h, uint16_t port, const char *version, const char *password)
{
        char number[8];
        const char *const argv[] = { "mosquitto_pub", "-h", "127.0.0.1", "-p", number, "-V", version, "-u",
                "bridge", "-P", password, "-q", "1", "-t", "cardiod/garage/session", "-m", "a run", NULL };

        (void)snprintf(number, sizeof(number), "%u", port);
        return harness_child_end(h, harness_spawn(h, "mosquitto_pub", false, argv), 0);
}

static void test_standins(Harness *h)
{
        _cleanup_broker_ Broker b;
        Child *tap, *old, *abrupt;
        uint16_t port;

        broker_begin(h, BROKER_NO_TLS, &b);
        assert_int_not_equal(publish(h, b.port, "5", "another"), 0);
        tap = broker_standin(h, "tap", &b, &port);
        assert_int_equal(publish(h, port, "5", BROKER_PASSWORD), 0);
        free(broker_wait(&b, HARNESS_TIMEOUT, "payload = 'a run'"));
        harness_wait_output(h, tap, false, "connect 5", HARNESS_TIMEOUT);
        harness_wait_output(h, tap, false, "publish 1 0 1 cardiod/garage/session a run", HARNESS_TIMEOUT);
        harness_wait_output(h, tap, false, "puback 1", HARNESS_TIMEOUT);

        old = broker_standin(h, "old", &b, &port);
        assert_int_not_equal(publish(h, port, "5", BROKER_PASSWORD), 0);
        assert_int_equal(publish(h, port, "311", BROKER_PASSWORD), 0);
        free(broker_wait(&b, HARNESS_TIMEOUT, "payload = 'a run'"));
        harness_wait_output(h, old, false, "connect 4", HARNESS_TIMEOUT);

        abrupt = broker_standin(h, "abrupt", &b, &port);
        assert_int_not_equal(publish(h, port, "5", BROKER_PASSWORD), 0);
        assert_int_equal(publish(h, port, "311", BROKER_PASSWORD), 0);
        harness_wait_output(h, abrupt, false, "publish 1 0 1 cardiod/garage/session a run", HARNESS_TIMEOUT);
}

int main(void)
{
        static const struct CMUnitTest tests[] = { harness_test(test_messages),
                harness_test(test_certificates), harness_test(test_standins) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
