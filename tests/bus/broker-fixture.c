/* SPDX-License-Identifier: MIT */

/* mosquitto for tests, its certificates and users, and a mosquitto_sub whose lines go into a table in memory. Deadlines are the
 * harness's. */

#include "broker-fixture.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Below those that the kernel gives to connections: a broker that is away keeps its port. */
#define PORT_MIN 20000U
#define PORT_MAX 32000U
#define ATTEMPTS 20U

static char *format_textv(const char *format, va_list arguments) _printf_(1, 0);
static char *format_textv(const char *format, va_list arguments)
{
        char *text = NULL;

        assert_true(vasprintf(&text, format, arguments) >= 0);
        return text;
}

static bool has_ended(Harness *h, void *userdata)
{
        (void)h;
        return !harness_child_is_running(userdata);
}

/* Runs a program, of a real broker or of openssl, to its end; it has to succeed. To be freed: what it has written. */
static char *run(Harness *h, const char *const *argv)
{
        Child *child = harness_spawn(h, argv[0], false, argv);
        _cleanup_free_ char *errors = NULL;

        if (!harness_wait(h, has_ended, child, 4 * HARNESS_TIMEOUT) || harness_child_end(h, child, 0) != 0) {
                errors = harness_child_output(h, child, true);
                harness_fail(h, "%s %s: %s", argv[0], argv[1], errors);
        }
        return harness_child_output(h, child, false);
}

/* -- Certificates -- */

static void new_key(Harness *h, const char *name)
{
        const char *const argv[] = { "openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out",
                harness_path(h, name), NULL };

        free(run(h, argv));
}

static const char *new_authority(Harness *h, const char *name)
{
        _cleanup_free_ char *key = NULL, *certificate = NULL, *subject = NULL;

        assert_true(asprintf(&key, "%s.key", name) > 0 && asprintf(&certificate, "%s.pem", name) > 0 &&
                        asprintf(&subject, "/CN=%s of a test", name) > 0);
        if (access(harness_path(h, certificate), R_OK) < 0) {
                const char *const argv[] = { "openssl", "req", "-x509", "-new", "-key", harness_path(h, key),
                        "-subj", subject, "-days", "30", "-out", harness_path(h, certificate), NULL };

                new_key(h, key);
                free(run(h, argv));
        }
        return harness_path(h, certificate);
}

const char *broker_ca(Harness *h)
{
        return new_authority(h, "authority");
}

/* NAME.pem and NAME.key, signed by an authority; days: how long from now. */
static void new_signed(Harness *h, const char *name, const char *authority, const char *host,
                const char *more_names, const char *days)
{
        _cleanup_free_ char *key = NULL, *certificate = NULL, *authority_key = NULL, *subject = NULL,
                            *names = NULL;

        assert_true(asprintf(&key, "%s.key", name) > 0 && asprintf(&certificate, "%s.pem", name) > 0 &&
                        asprintf(&authority_key, "%s.key", authority) > 0 &&
                        asprintf(&subject, "/CN=%s", host) > 0 &&
                        asprintf(&names, "subjectAltName=DNS:%s%s\n", host, more_names) > 0);
        harness_write_file(h, "names", names);
        new_key(h, key);

        const char *const request[] = { "openssl", "req", "-new", "-key", harness_path(h, key), "-subj",
                subject, "-out", harness_path(h, "request.pem"), NULL };
        const char *const sign[] = { "openssl", "x509", "-req", "-in", harness_path(h, "request.pem"), "-CA",
                new_authority(h, authority), "-CAkey", harness_path(h, authority_key), "-CAcreateserial",
                "-days", days, "-extfile", harness_path(h, "names"), "-out", harness_path(h, certificate),
                NULL };

        free(run(h, request));
        free(run(h, sign));
}

static void new_certificate(Harness *h, BrokerCertificate kind)
{
        new_signed(h, "broker", kind == BROKER_OTHER_CA ? "other-authority" : "authority",
                        kind == BROKER_OTHER_HOST ? "broker.example" : "localhost",
                        kind == BROKER_OTHER_HOST ? "" : ",IP:127.0.0.1",
                        kind == BROKER_EXPIRED ? "-1" : "30");
}

const char *broker_client_key(Harness *h)
{
        return harness_path(h, "client.key");
}

const char *broker_client_certificate(Harness *h)
{
        if (access(broker_client_key(h), R_OK) < 0)
                new_signed(h, "client", "authority", "garage.example", "", "30");
        return harness_path(h, "client.pem");
}

/* -- mosquitto -- */

static bool is_installed(const char *program)
{
        const char *const folders[] = { "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin" };
        char path[64];

        for (size_t i = 0; i < ELEMENTSOF(folders); i++) {
                (void)snprintf(path, sizeof(path), "%s/%s", folders[i], program);
                if (access(path, X_OK) == 0)
                        return true;
        }
        return false;
}

static void look_for_programs(Harness *h)
{
        static const char *const programs[] = { "mosquitto", "mosquitto_sub", "mosquitto_passwd", "openssl" };

        for (size_t i = 0; i < ELEMENTSOF(programs); i++)
                if (!is_installed(programs[i])) {
                        if (getenv("CI"))
                                harness_fail(h, "%s is not installed", programs[i]);
                        harness_skip(h, "%s is not installed", programs[i]);
                }
}

static void write_users(Harness *h)
{
        const char *const hash[] = { "mosquitto_passwd", "-U", harness_path(h, "users"), NULL };
        mode_t mask = umask(077);

        harness_write_file(h, "users",
                        "bridge:" BROKER_PASSWORD "\n"
                        "stranger:" BROKER_PASSWORD "\n"
                        "dashboard:" BROKER_PASSWORD "\n");
        (void)umask(mask);
        free(run(h, hash));
        harness_write_file(h, "acl",
                        "user bridge\ntopic write cardiod/#\ntopic write homeassistant/#\ntopic read homeassistant/status\n"
                        "user dashboard\ntopic read #\ntopic write homeassistant/status\n");
}

static void write_configuration(Broker *b)
{
        _cleanup_free_ char *text = NULL, *tls = NULL, *mutual = NULL;

        if (b->certificate == BROKER_MUTUAL)
                assert_true(asprintf(&mutual, "cafile %s\nrequire_certificate true\n", broker_ca(b->h)) > 0);
        if (b->certificate != BROKER_NO_TLS)
                assert_true(asprintf(&tls, "certfile %s\nkeyfile %s\n", harness_path(b->h, "broker.pem"),
                                            harness_path(b->h, "broker.key")) > 0);
        assert_true(asprintf(&text,
                                    "user root\nlistener %u 127.0.0.1\n%s%sallow_anonymous false\npassword_file %s\n"
                                    "acl_file %s\npersistence false\nsys_interval 0\nlog_dest stderr\nlog_type all\n",
                                    b->port, tls ? tls : "", mutual ? mutual : "",
                                    harness_path(b->h, "users"), harness_path(b->h, "acl")) > 0);
        harness_write_file(b->h, "mosquitto.conf", text);
}

static bool runs_or_ended(Harness *h, void *userdata)
{
        const Child *child = userdata;
        _cleanup_free_ char *log = harness_child_output(h, child, true);

        return strstr(log, " running") || !harness_child_is_running(child);
}

/* Returns whether it could have its port. */
static bool try_start(Broker *b)
{
        const char *const argv[] = { "mosquitto", "-c", harness_path(b->h, "mosquitto.conf"), NULL };
        Child *child = harness_spawn(b->h, "mosquitto", false, argv);

        if (!harness_wait(b->h, runs_or_ended, child, 2 * HARNESS_TIMEOUT))
                harness_fail(b->h, "mosquitto does not start");
        if (harness_child_is_running(child)) {
                b->child = child;
                return true;
        }
        (void)harness_child_end(b->h, child, 0);
        return false;
}

static bool is_subscribed(Harness *h, void *userdata)
{
        const Broker *b = userdata;
        _cleanup_free_ char *log = harness_child_output(h, b->child, true);

        return strstr(log, "Sending SUBACK to dashboard");
}

/* mosquitto_sub or mosquitto_pub, with what is needed to be let in. n: how many are in argv. */
static void client_arguments(const Broker *b, const char *port, const char **argv, size_t n)
{
        const char *const who[] = { "-h", "127.0.0.1", "-p", port, "-u", "dashboard", "-P", BROKER_PASSWORD,
                "-V", "5" };

        for (size_t i = 0; i < ELEMENTSOF(who); i++)
                argv[n++] = who[i];
        if (b->certificate != BROKER_NO_TLS) {
                argv[n++] = "--cafile";
                argv[n++] = b->certificate == BROKER_OTHER_CA ? harness_path(b->h, "other-authority.pem")
                                                              : broker_ca(b->h);
                argv[n++] = "--insecure"; /* whatever is wrong with its name */
        }
        if (b->certificate == BROKER_MUTUAL) {
                argv[n++] = "--cert";
                argv[n++] = broker_client_certificate(b->h);
                argv[n++] = "--key";
                argv[n++] = broker_client_key(b->h);
        }
        argv[n] = NULL;
}

static void subscribe(Broker *b)
{
        char port[8];
        const char *argv[32] = { "mosquitto_sub", "-i", "dashboard", "-q", "1", "-t", "#", "-F",
                "%U %r %q %t %p" };

        /* There is no way to have it believe an expired certificate. */
        if (b->certificate == BROKER_EXPIRED)
                return;
        (void)snprintf(port, sizeof(port), "%u", b->port);
        client_arguments(b, port, argv, 9);
        b->subscriber = harness_spawn(b->h, "mosquitto_sub", false, argv);
        b->offset = 0;
        if (!harness_wait(b->h, is_subscribed, b, 2 * HARNESS_TIMEOUT))
                harness_fail(b->h, "mosquitto_sub does not subscribe");
}

static void database_open(Broker *b)
{
        static const char sql[] =
                        "CREATE TABLE kept (n INTEGER PRIMARY KEY, at REAL, retained INTEGER, qos INTEGER, topic TEXT, payload TEXT);"
                        "CREATE VIEW message AS SELECT *, replace(topic, rtrim(topic, replace(topic, '/', '')), '') AS leaf,"
                        " CASE WHEN json_valid(payload) AND payload LIKE '{%' THEN payload END AS json FROM kept";

        assert_int_equal(sqlite3_open(":memory:", &b->db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(b->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

void broker_begin(Harness *h, BrokerCertificate certificate, Broker *ret)
{
        static unsigned n_before; /* the brokers of one test program take turns */
        bool started = false;

        look_for_programs(h);
        *ret = (Broker){ .h = h, .certificate = certificate };
        write_users(h);
        if (certificate != BROKER_NO_TLS)
                new_certificate(h, certificate);
        database_open(ret);
        for (unsigned i = 0; i < ATTEMPTS && !started; i++) {
                ret->port = (uint16_t)(PORT_MIN +
                                       ((unsigned)getpid() * 37 + n_before++ * 101) % (PORT_MAX - PORT_MIN));
                write_configuration(ret);
                started = try_start(ret);
        }
        if (!started)
                harness_fail(h, "mosquitto does not start");
        subscribe(ret);
}

static void receive(Broker *b);

static void unsubscribe(Broker *b)
{
        receive(b);
        if (b->subscriber)
                (void)harness_child_end(b->h, b->subscriber, SIGTERM);
        b->subscriber = NULL;
}

void broker_stop(Broker *b, int signal)
{
        assert_non_null(b->child);
        (void)harness_child_end(b->h, b->child, signal);
        b->child = NULL;
        unsubscribe(b);
}

void broker_start(Broker *b)
{
        assert_null(b->child);
        if (!try_start(b))
                harness_fail(b->h, "mosquitto does not start again");
        subscribe(b);
}

void broker_end(Broker *b)
{
        if (b->subscriber)
                unsubscribe(b);
        if (b->child)
                (void)harness_child_end(b->h, b->child, SIGTERM);
        (void)sqlite3_close(b->db);
        *b = (Broker){ .h = NULL };
}

/* -- What has been published -- */

static char *query(Broker *b, const char *sql)
{
        sqlite3_stmt *s = NULL;
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        assert_non_null(f);
        if (sqlite3_prepare_v2(b->db, sql, -1, &s, NULL) != SQLITE_OK)
                harness_fail(b->h, "%s: %s", sql, sqlite3_errmsg(b->db));
        for (bool first = true; sqlite3_step(s) == SQLITE_ROW; first = false) {
                if (!first)
                        fputc('\n', f);
                for (int i = 0; i < sqlite3_column_count(s); i++) {
                        const unsigned char *column = sqlite3_column_text(s, i);

                        fprintf(f, "%s%s", i > 0 ? "|" : "", column ? (const char *)column : "");
                }
        }
        if (sqlite3_finalize(s) != SQLITE_OK)
                harness_fail(b->h, "%s: %s", sql, sqlite3_errmsg(b->db));
        (void)fclose(f);
        return text;
}

static void keep_line(Broker *b, const char *line)
{
        char *sql, at[32], topic[256];
        unsigned retained, qos;
        int n = 0;

        if (sscanf(line, "%31s %u %u %255s %n", at, &retained, &qos, topic, &n) != 4 || n == 0)
                harness_fail(b->h, "mosquitto_sub has written: %s", line);
        sql = sqlite3_mprintf(
                        "INSERT INTO kept (at, retained, qos, topic, payload) VALUES (%s, %u, %u, %Q, %Q)",
                        at, retained, qos, topic, line + n);
        assert_non_null(sql);
        assert_int_equal(sqlite3_exec(b->db, sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_free(sql);
}

/* Takes the whole lines that it has written since the last look. */
static void receive(Broker *b)
{
        _cleanup_free_ char *text = b->subscriber ? harness_child_output(b->h, b->subscriber, false) : NULL;
        char *line, *end;

        if (!text)
                return;
        for (line = text + b->offset; (end = strchr(line, '\n')); line = end + 1) {
                *end = '\0';
                keep_line(b, line);
        }
        b->offset = (size_t)(line - text);
}

typedef struct Wanted {
        Broker *b;
        const char *sql;
        char *found; /* "" = none */
} Wanted;

static bool has_come(Harness *h, void *userdata)
{
        Wanted *w = userdata;

        (void)h;
        receive(w->b);
        free(w->found);
        w->found = query(w->b, w->sql);
        return *w->found;
}

static char *all_messages(Broker *b)
{
        return query(b, "SELECT n, qos, retained, topic, payload FROM message");
}

char *broker_wait(Broker *b, usec_t timeout_usec, const char *format, ...)
{
        _cleanup_free_ char *condition = NULL, *sql = NULL, *all = NULL;
        Wanted w = { .b = b };
        va_list arguments;
        char *payload;

        va_start(arguments, format);
        condition = format_textv(format, arguments);
        va_end(arguments);
        assert_true(asprintf(&sql, "SELECT n, payload FROM message WHERE n > %lld AND (%s) ORDER BY n LIMIT 1",
                                    (long long)b->taken, condition) > 0);
        w.sql = sql;
        if (!harness_wait(b->h, has_come, &w, timeout_usec)) {
                all = all_messages(b);
                harness_fail(b->h, "no message after %lld with %s, but:\n%s", (long long)b->taken, condition,
                                all);
        }
        b->taken = strtoll(w.found, &payload, 10);
        payload = strdup(payload + 1);
        free(w.found);
        assert_non_null(payload);
        return payload;
}

static unsigned count(Broker *b, int64_t after, const char *format, va_list arguments) _printf_(3, 0);
static unsigned count(Broker *b, int64_t after, const char *format, va_list arguments)
{
        _cleanup_free_ char *condition = format_textv(format, arguments), *sql = NULL, *n = NULL;

        assert_true(asprintf(&sql, "SELECT count(*) FROM message WHERE n > %lld AND (%s)", (long long)after,
                                    condition) > 0);
        receive(b);
        n = query(b, sql);
        return (unsigned)strtoul(n, NULL, 10);
}

unsigned broker_count(Broker *b, const char *format, ...)
{
        va_list arguments;
        unsigned n;

        va_start(arguments, format);
        n = count(b, b->taken, format, arguments);
        va_end(arguments);
        return n;
}

unsigned broker_count_all(Broker *b, const char *format, ...)
{
        va_list arguments;
        unsigned n;

        va_start(arguments, format);
        n = count(b, 0, format, arguments);
        va_end(arguments);
        return n;
}

void broker_refute(Broker *b, usec_t usec, const char *format, ...)
{
        _cleanup_free_ char *condition = NULL, *all = NULL;
        va_list arguments;

        va_start(arguments, format);
        condition = format_textv(format, arguments);
        va_end(arguments);
        harness_pass_time(b->h, usec);
        if (broker_count(b, "%s", condition) == 0)
                return;
        all = all_messages(b);
        harness_fail(b->h, "a message after %lld has %s:\n%s", (long long)b->taken, condition, all);
}

char *broker_sql(Broker *b, const char *sql)
{
        receive(b);
        return query(b, sql);
}

void broker_forget(Broker *b)
{
        _cleanup_free_ char *n = broker_sql(b, "SELECT coalesce(max(n), 0) FROM message");

        b->taken = strtoll(n, NULL, 10);
}

static int compare_lines(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

char *broker_retained(Broker *b)
{
        _cleanup_free_ char *lines = NULL;
        char port[8], *save = NULL, *line[64], *text = NULL;
        const char *argv[32] = { "mosquitto_sub", "-i", "newcomer", "-q", "1", "-t", "#", "-v",
                "--retained-only", "-W", "1" };
        size_t n = 0, size;
        Child *child;
        FILE *f;

        (void)snprintf(port, sizeof(port), "%u", b->port);
        client_arguments(b, port, argv, 11);
        child = harness_spawn(b->h, "mosquitto_sub", false, argv);
        if (!harness_wait(b->h, has_ended, child, 2 * HARNESS_TIMEOUT))
                harness_fail(b->h, "mosquitto_sub does not end");
        (void)harness_child_end(b->h, child, 0); /* 27 where there was no other message */
        lines = harness_child_output(b->h, child, false);
        for (char *next = strtok_r(lines, "\n", &save); next && n < ELEMENTSOF(line);
                        next = strtok_r(NULL, "\n", &save))
                line[n++] = next;
        qsort(line, n, sizeof(line[0]), compare_lines);
        f = open_memstream(&text, &size);
        assert_non_null(f);
        for (size_t i = 0; i < n; i++)
                fprintf(f, "%s\n", line[i]);
        (void)fclose(f);
        return text;
}

void broker_publish(Broker *b, const char *topic, const char *payload)
{
        char port[8];
        const char *argv[32] = { "mosquitto_pub", "-q", "1", "-t", topic, "-m", payload };

        (void)snprintf(port, sizeof(port), "%u", b->port);
        client_arguments(b, port, argv, 7);
        free(run(b->h, argv));
}

/* -- Stand-ins -- */

Child *broker_standin(Harness *h, const char *mode, const Broker *b, uint16_t *ret_port)
{
        const char *build = getenv("BUILD");
        _cleanup_free_ char *program = NULL, *output = NULL;
        char upstream[8];
        Child *child;

        assert_true(asprintf(&program, "%s/broker-standin", build ? build : BUILD) > 0);
        (void)snprintf(upstream, sizeof(upstream), "%u", b ? (unsigned)b->port : 0U);

        const char *const argv[] = { program, mode, b ? upstream : NULL, NULL };

        child = harness_spawn(h, "broker-standin", false, argv);
        harness_wait_output(h, child, false, "port *", HARNESS_TIMEOUT);
        output = harness_child_output(h, child, false);
        *ret_port = (uint16_t)strtoul(output + strlen("port "), NULL, 10);
        return child;
}
