/* SPDX-License-Identifier: MIT */

/* bridge.conf: what is accepted, what is refused, what becomes of the password file, and where the file is. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cardio/macro.h"

#include "client/bridge-config.h"

#define HOST "[broker]\nhost = broker.example\n"

/* A folder of our own. Files are named FOLDER/NAME in the texts below, with @ for the folder. */
static char folder[] = "/tmp/test-bridge-config.XXXXXX";

static int setup(void **state)
{
        (void)state;
        return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
        (void)state;
        return rmdir(folder);
}

/* "@" becomes the folder. */
static void expand(const char *text, char *to, size_t size)
{
        size_t n = 0;

        for (; *text; text++)
                if (*text == '@')
                        n += (size_t)snprintf(to + n, size - n, "%s", folder);
                else if (n + 1 < size)
                        to[n++] = *text;
        to[n] = '\0';
}

static void path_of(const char *name, char path[static 256])
{
        (void)snprintf(path, 256, "%s/%s", folder, name);
}

static void put_file(const char *name, const void *bytes, size_t size, mode_t mode)
{
        char path[256];
        FILE *f;

        path_of(name, path);
        f = fopen(path, "we");
        assert_non_null(f);
        assert_int_equal(fwrite(bytes, 1, size, f), size);
        assert_int_equal(fclose(f), 0);
        assert_int_equal(chmod(path, mode), 0);
}

static void drop_file(const char *name)
{
        char path[256];

        path_of(name, path);
        assert_int_equal(unlink(path), 0);
}

static int load_text(const char *text, BridgeConfig *ret, char **ret_error)
{
        char expanded[2048], path[256];
        int r;

        expand(text, expanded, sizeof(expanded));
        put_file("bridge.conf", expanded, strlen(expanded), 0600);
        path_of("bridge.conf", path);
        r = bridge_config_load(path, ret, ret_error);
        drop_file("bridge.conf");
        return r;
}

static void assert_loads(const char *text, BridgeConfig *ret)
{
        _cleanup_free_ char *error = NULL;

        if (load_text(text, ret, &error) != 0)
                fail_msg("%s\n%s", text, error);
}

static void assert_refused(const char *text, const char *place, const char *reason)
{
        _cleanup_free_ char *error = NULL;
        BridgeConfig config = { .port = 7 };

        assert_int_equal(load_text(text, &config, &error), -EINVAL);
        assert_non_null(error);
        if (!strstr(error, place) || !strstr(error, reason))
                fail_msg("%s\n%s", text, error);
        assert_int_equal(config.port, 7); /* untouched */
}

static void test_defaults(void **state)
{
        _cleanup_bridge_config_ BridgeConfig config;
        char name[256];

        (void)state;
        assert_loads(HOST, &config);
        assert_string_equal(config.host, "broker.example");
        assert_int_equal(config.port, 8883);
        assert_true(config.tls);
        assert_null(config.ca_file);
        assert_null(config.certificate_file);
        assert_null(config.key_file);
        assert_null(config.username);
        assert_null(config.password_file);
        assert_null(config.password);
        assert_int_equal(config.protocol, BRIDGE_PROTOCOL_AUTO);
        assert_string_equal(config.prefix, "cardiod");
        assert_int_equal(gethostname(name, sizeof(name)), 0);
        name[strcspn(name, ".")] = '\0';
        assert_string_equal(config.device, name);
        assert_false(config.discovery);
        assert_string_equal(config.discovery_prefix, "homeassistant");
}

static void test_all_keys(void **state)
{
        _cleanup_bridge_config_ BridgeConfig config;
        char path[256];

        (void)state;
        put_file("ca", "x", 1, 0644);
        put_file("cert", "x", 1, 0644);
        put_file("key", "x", 1, 0640);
        put_file("password", "open sesame\nnot this\n", 21, 0640);
        assert_loads("[broker]\nhost = 2001:db8::7\nport = 1\ntls = on\nca-file = @/ca\ncertificate-file = @/cert\n"
                     "key-file = @/key\nusername = j\xc3\xbcrgen x\npassword-file = @/password\nprotocol = 3.1.1\n"
                     "[topics]\nprefix = club/runners\ndevice = tread mill 3\n"
                     "[homeassistant]\ndiscovery = yes\nprefix = ha\n",
                        &config);
        assert_string_equal(config.host, "2001:db8::7");
        assert_int_equal(config.port, 1);
        assert_true(config.tls);
        path_of("ca", path);
        assert_string_equal(config.ca_file, path);
        path_of("cert", path);
        assert_string_equal(config.certificate_file, path);
        path_of("key", path);
        assert_string_equal(config.key_file, path);
        assert_string_equal(config.username, "j\xc3\xbcrgen x");
        assert_string_equal(config.password, "open sesame");
        assert_int_equal(config.protocol, BRIDGE_PROTOCOL_3_1_1);
        assert_string_equal(config.prefix, "club/runners");
        assert_string_equal(config.device, "tread mill 3");
        assert_true(config.discovery);
        assert_string_equal(config.discovery_prefix, "ha");
        drop_file("ca");
        drop_file("cert");
        drop_file("key");
        drop_file("password");
}

static void test_port_follows_tls(void **state)
{
        static const struct {
                const char *text;
                bool tls;
                uint16_t port;
        } cases[] = {
                { HOST "tls = no\n", false, 1883 },
                { HOST "tls = yes\n", true, 8883 },
                { HOST "port = 443\n", true, 443 },
                { HOST "tls = no\nport = 65535\n", false, 65535 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_bridge_config_ BridgeConfig config;

                assert_loads(cases[i].text, &config);
                assert_int_equal(config.tls, cases[i].tls);
                assert_int_equal(config.port, cases[i].port);
        }
}

static void test_refused(void **state)
{
        static const struct {
                const char *text, *place, *reason;
        } cases[] = {
                { "", "bridge.conf: host: ", "is missing in [broker]" },
                { "[broker]\nport = 1883\n", "bridge.conf: host: ", "is missing in [broker]" },
                { "host = x\n", ":1: host: ", "before any section" },
                { HOST "host = x\n", ":3: host: ", "set twice, first on line 2" },
                { "[broker]\nhost =\n", ":2: host: ", "a name or an address" },
                { "[broker]\nhost = mqtts://x\n", ":2: host: ", "\"mqtts://x\" is not understood" },
                { "[broker]\nhost = a b\n", ":2: host: ", "a name or an address" },
                { "[broker]\nhost = -h\n", ":2: host: ", "a name or an address" },
                { HOST "port = 0\n", ":3: port: ", "1 to 65535" },
                { HOST "port = 65536\n", ":3: port: ", "1 to 65535" },
                { HOST "port = mqtt\n", ":3: port: ", "1 to 65535" },
                { HOST "tls = maybe\n", ":3: tls: ", "yes, no" },
                { HOST "protocol = 3.1\n", ":3: protocol: ", "auto, 3.1.1, 5" },
                { HOST "username =\n", ":3: username: ", "without control characters" },
                { HOST "username = \xff\n", ":3: username: ", "without control characters" },
                { HOST "password = x\n", ":3: password: ", "did you mean `password-file`?" },
                { HOST "password-file = x\n", ":3: password-file: ", "an absolute path" },
                { HOST "ca-file = ./x\n", ":3: ca-file: ", "an absolute path" },
                { HOST "ca-file = @/none\n", ":3: ca-file: ", "cannot be read: No such file" },
                { HOST "ca-file = @\n", ":3: ca-file: ", "is not a regular file" },
                { HOST "tls = no\nca-file = @\n", ":4: ca-file: ", "goes with tls = yes" },
                { HOST "certificate-file = @/none\n",
                                ":3: certificate-file: ", "goes with key-file, which is missing" },
                { HOST "key-file = @/none\n",
                                ":3: key-file: ", "goes with certificate-file, which is missing" },
                { HOST "password-file = @/none\n", ":3: password-file: ", "goes with username" },
                { HOST "username = u\npassword-file = @/none\n", ":4: password-file: ", "cannot be read" },
                { HOST "[topics]\nprefix =\n", ":4: prefix: ", "levels of a topic" },
                { HOST "[topics]\nprefix = a/#\n", ":4: prefix: ", "levels of a topic" },
                { HOST "[topics]\nprefix = +\n", ":4: prefix: ", "levels of a topic" },
                { HOST "[topics]\nprefix = /a\n", ":4: prefix: ", "levels of a topic" },
                { HOST "[topics]\nprefix = a/\n", ":4: prefix: ", "levels of a topic" },
                { HOST "[topics]\nprefix = a//b\n", ":4: prefix: ", "levels of a topic" },
                { HOST "[topics]\nprefix = $SYS\n", ":4: prefix: ", "levels of a topic" },
                { HOST "[topics]\nprefix = a\xc3\n", ":4: prefix: ", "levels of a topic" },
                { HOST "[topics]\nprefix = a\xef\xbf\xbf\n", ":4: prefix: ", "levels of a topic" },
                { HOST "[topics]\nprefix = a\xf0\x9f\xbf\xbe\n", ":4: prefix: ", "levels of a topic" },
                { HOST "[topics]\ndevice = \xef\xb7\x90\n", ":4: device: ", "one level of a topic" },
                { HOST "[topics]\ndevice = a/b\n", ":4: device: ", "one level of a topic" },
                { HOST "[topics]\ndevice = a+\n", ":4: device: ", "one level of a topic" },
                { HOST "[topics]\ndevice =\n", ":4: device: ", "one level of a topic" },
                { HOST "[homeassistant]\ndiscovery = 1\n", ":4: discovery: ", "yes, no" },
                { HOST "[homeassistant]\nprefix = #\n", ":4: prefix: ", "as in homeassistant" },
                { HOST "[homeassistant]\ndevice = x\n", ":4: device: ",
                                "unknown key in [homeassistant] (it belongs in [topics]); accepted: discovery, prefix" },
                { HOST "[topic]\ndevice = x\n", ":3: ", "unknown section [topic] (did you mean [topics]?)" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_refused(cases[i].text, cases[i].place, cases[i].reason);
}

/* All mistakes at once, and a host in a section that was skipped is not called missing. */
static void test_many(void **state)
{
        _cleanup_free_ char *error = NULL;
        BridgeConfig config;

        (void)state;
        assert_int_equal(load_text("[brokr]\nhost = x\n[topics]\nprefix = #\ndevice = +\n", &config, &error),
                        -EINVAL);
        assert_non_null(strstr(error, ":1: "));
        assert_non_null(strstr(error, ":4: prefix"));
        assert_non_null(strstr(error, ":5: device"));
        assert_null(strstr(error, "missing in [broker]"));
}

static void test_missing_file(void **state)
{
        _cleanup_free_ char *error = NULL;
        BridgeConfig config;
        char path[256];

        (void)state;
        path_of("none", path);
        assert_int_equal(bridge_config_load(path, &config, &error), -ENOENT);
        assert_non_null(strstr(error, path));
}

static void test_password_file(void **state)
{
        static char long_line[1026];
        static const struct {
                const char *bytes;
                size_t size;
                mode_t mode;
                const char *password; /* NULL: refused */
                const char *reason;
        } cases[] = {
                { "secret", 6, 0600, "secret", NULL },
                { "secret\n", 7, 0640, "secret", NULL },
                { "secret\r\n", 8, 0440, "secret", NULL },
                { " two words \nmore", 16, 0400, " two words ", NULL },
                { long_line, 1024, 0600, long_line, NULL },
                { long_line, 1025, 0600, NULL, "is too long; accepted: at most 1024 bytes" },
                { "", 0, 0600, NULL, "has no password in its first line" },
                { "\nsecret\n", 8, 0600, NULL, "has no password in its first line" },
                { "a\0b\n", 4, 0600, NULL, "has a NUL in it" },
                { "secret\n", 7, 0644, NULL, "is open to all users of this machine" },
                { "secret\n", 7, 0602, NULL, "is open to all users of this machine" },
                { "secret\n", 7, 0601, NULL, "accepted: mode 0640 or stricter" },
        };
        static const char text[] = HOST "username = u\npassword-file = @/password\n";

        (void)state;
        memset(long_line, 'x', sizeof(long_line) - 1);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                put_file("password", cases[i].bytes, cases[i].size, cases[i].mode);
                if (cases[i].password) {
                        _cleanup_bridge_config_ BridgeConfig config;

                        assert_loads(text, &config);
                        assert_int_equal(strlen(config.password), strnlen(cases[i].password, 1024));
                        assert_memory_equal(config.password, cases[i].password, strlen(config.password));
                } else {
                        assert_refused(text, ":4: password-file: ", cases[i].reason);
                }
                drop_file("password");
        }
}

/* It is not waited for, and what is in it is not told. */
static void test_password_is_no_file(void **state)
{
        char path[256];

        (void)state;
        path_of("fifo", path);
        assert_int_equal(mkfifo(path, 0600), 0);
        assert_refused(HOST "username = u\npassword-file = @/fifo\n",
                        ":4: password-file: ", "is not a regular file");
        drop_file("fifo");
        assert_refused(HOST "username = u\npassword-file = @\n",
                        ":4: password-file: ", "is not a regular file");
}

static void test_key_is_secret(void **state)
{
        (void)state;
        put_file("cert", "x", 1, 0644);
        put_file("key", "x", 1, 0644);
        assert_refused(HOST "certificate-file = @/cert\nkey-file = @/key\n",
                        ":4: key-file: ", "is open to all users of this machine");
        drop_file("cert");
        drop_file("key");
}

static void test_warning(void **state)
{
        static const struct {
                const char *host;
                bool tls;
                const char *password, *warning; /* NULL: none */
        } cases[] = {
                { "broker.example", true, "secret", NULL },
                { "broker.example", false, "secret", "the password and heart rates" },
                { "broker.example", false, NULL, "heart rates can be read" },
                { "localhost", false, "secret", NULL },
                { "LocalHost", false, "secret", NULL },
                { "127.0.0.1", false, "secret", NULL },
                { "::1", false, "secret", NULL },
                { "broker.localhost", false, "secret", NULL },
                { "localhost.example", false, "secret", "the password" },
                { "127.broker.example", false, "secret", "the password" },
                { ".localhost", false, "secret", "the password" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                BridgeConfig config = { .host = (char *)cases[i].host,
                        .tls = cases[i].tls,
                        .password = (char *)cases[i].password };
                const char *warning = bridge_config_warning(&config);

                if (!cases[i].warning != !warning || (warning && !strstr(warning, cases[i].warning)))
                        fail_msg("%s: %s", cases[i].host, warning ? warning : "none");
        }
}

static void test_path(void **state)
{
        static const struct {
                bool user;
                const char *folder, *home, *expected;
        } cases[] = {
                { false, "/x", "/h", "/etc/cardiod/bridge.conf" },
                { true, "/x", "/h", "/x/cardiod/bridge.conf" },
                { true, "x", "/h", "/h/.config/cardiod/bridge.conf" },
                { true, NULL, "/h", "/h/.config/cardiod/bridge.conf" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *path = NULL;

                if (cases[i].folder)
                        assert_int_equal(setenv("XDG_CONFIG_HOME", cases[i].folder, 1), 0);
                else
                        assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
                assert_int_equal(setenv("HOME", cases[i].home, 1), 0);
                assert_int_equal(bridge_config_path(cases[i].user, &path), 0);
                assert_string_equal(path, cases[i].expected);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_defaults),
                cmocka_unit_test(test_all_keys),
                cmocka_unit_test(test_port_follows_tls),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_many),
                cmocka_unit_test(test_missing_file),
                cmocka_unit_test(test_password_file),
                cmocka_unit_test(test_password_is_no_file),
                cmocka_unit_test(test_key_is_secret),
                cmocka_unit_test(test_warning),
                cmocka_unit_test(test_path),
        };

        return cmocka_run_group_tests(tests, setup, teardown);
}
