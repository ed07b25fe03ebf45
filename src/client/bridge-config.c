/* SPDX-License-Identifier: MIT */

/* Reads bridge.conf with the manners of cardiod.conf, by the same reader: whatever is not understood is named with its line,
 * and all mistakes at once. The files it names are looked at here, too, so that a mistake is found before the broker
 * does. The password goes nowhere but into the result. No clock. */

#include "bridge-config.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cardio/macro.h"
#include "cardio/parse.h"
#include "cardio/text.h"
#include "shared/ini-reader.h"
#include "user-file.h"

#define PORT_TLS   8883U
#define PORT_PLAIN 1883U

/* Of a name in DNS. */
#define HOST_MAX 253U
/* Of a password file. */
#define PASSWORD_FILE_MAX 1024U

typedef enum BridgeKeyId {
        KEY_HOST,
        KEY_PORT,
        KEY_TLS,
        KEY_CA_FILE,
        KEY_CERTIFICATE_FILE,
        KEY_KEY_FILE,
        KEY_USERNAME,
        KEY_PASSWORD_FILE,
        KEY_PROTOCOL,
        KEY_PREFIX,
        KEY_DEVICE,
        KEY_DISCOVERY,
        KEY_DISCOVERY_PREFIX,
        _KEY_MAX,
        _KEY_INVALID = -EINVAL,
} BridgeKeyId;

/* -- Values ---------------------------------------------------------------------------------------------- */

/* All parsers return 0, -EINVAL, or -ENOMEM. */

static int keep(const char *text, void *field)
{
        char *copy = strdup(text);

        if (!copy)
                return -ENOMEM;
        free(*(char **)field);
        *(char **)field = copy;
        return 0;
}

/* A name or an address, not a URL. */
static int parse_host(const char *text, void *field)
{
        static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:%";

        if (*text == '\0' || *text == '-' || strlen(text) > HOST_MAX || text[strspn(text, allowed)] != '\0')
                return -EINVAL;
        return keep(text, field);
}

static int parse_port(const char *text, void *field)
{
        unsigned port;

        if (parse_unsigned(text, &port) < 0 || port < 1 || port > UINT16_MAX)
                return -EINVAL;
        *(uint16_t *)field = (uint16_t)port;
        return 0;
}

static int parse_path(const char *text, void *field)
{
        return *text == '/' ? keep(text, field) : -EINVAL;
}

/* What Unicode has no characters for, and MQTT none either. */
static bool is_noncharacter(uint32_t c)
{
        return (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe;
}

/* UTF-8 as MQTT wants it: libmosquitto would never connect with any other. */
static bool is_text(const char *text)
{
        uint32_t c;

        if (*text == '\0')
                return false;
        for (; *text; text += utf8_next(text, &c)) {
                (void)utf8_next(text, &c);
                if (c == UTF8_INVALID || utf8_is_control(c) || is_noncharacter(c))
                        return false;
        }
        return true;
}

static int parse_username(const char *text, void *field)
{
        return is_text(text) ? keep(text, field) : -EINVAL;
}

static const char *const protocols[_BRIDGE_PROTOCOL_MAX] = {
        [BRIDGE_PROTOCOL_AUTO] = "auto",
        [BRIDGE_PROTOCOL_3_1_1] = "3.1.1",
        [BRIDGE_PROTOCOL_5] = "5",
};

const char *bridge_protocol_to_string(BridgeProtocol protocol)
{
        return protocol >= 0 && protocol < _BRIDGE_PROTOCOL_MAX ? protocols[protocol] : NULL;
}

static int parse_protocol(const char *text, void *field)
{
        for (BridgeProtocol p = 0; p < _BRIDGE_PROTOCOL_MAX; p++)
                if (strcmp(text, protocols[p]) == 0) {
                        *(BridgeProtocol *)field = p;
                        return 0;
                }
        return -EINVAL;
}

/* One level of a topic, or several with slashes between them. Those that begin with a $ are the broker's own. */
static bool is_topic(const char *text)
{
        return is_text(text) && *text != '$' && *text != '/' && text[strlen(text) - 1] != '/' &&
               !strstr(text, "//") && !strpbrk(text, "#+");
}

static int parse_prefix(const char *text, void *field)
{
        return is_topic(text) ? keep(text, field) : -EINVAL;
}

static int parse_device(const char *text, void *field)
{
        return is_topic(text) && !strchr(text, '/') ? keep(text, field) : -EINVAL;
}

/* -- Keys ------------------------------------------------------------------------------------------------ */

#define PATH_ACCEPTED "an absolute path"

static const struct {
        const char *section, *name;
        size_t offset; /* in BridgeConfig */
        int (*parse)(const char *text, void *field);
        const char *accepted;
} keys[_KEY_MAX] = {
        [KEY_HOST] = { "broker", "host", offsetof(BridgeConfig, host), parse_host,
                        "a name or an address, as in broker.example or 192.0.2.7" },
        [KEY_PORT] = { "broker", "port", offsetof(BridgeConfig, port), parse_port, "1 to 65535" },
        [KEY_TLS] = { "broker", "tls", offsetof(BridgeConfig, tls), ini_parse_boolean, "yes, no" },
        [KEY_CA_FILE] = { "broker", "ca-file", offsetof(BridgeConfig, ca_file), parse_path, PATH_ACCEPTED },
        [KEY_CERTIFICATE_FILE] = { "broker", "certificate-file", offsetof(BridgeConfig, certificate_file),
                        parse_path, PATH_ACCEPTED },
        [KEY_KEY_FILE] = { "broker", "key-file", offsetof(BridgeConfig, key_file), parse_path,
                        PATH_ACCEPTED },
        [KEY_USERNAME] = { "broker", "username", offsetof(BridgeConfig, username), parse_username,
                        "text without control characters" },
        [KEY_PASSWORD_FILE] = { "broker", "password-file", offsetof(BridgeConfig, password_file), parse_path,
                        PATH_ACCEPTED },
        [KEY_PROTOCOL] = { "broker", "protocol", offsetof(BridgeConfig, protocol), parse_protocol,
                        "auto, 3.1.1, 5" },
        [KEY_PREFIX] = { "topics", "prefix", offsetof(BridgeConfig, prefix), parse_prefix,
                        "levels of a topic without # and +, as in cardiod or club/runners" },
        [KEY_DEVICE] = { "topics", "device", offsetof(BridgeConfig, device), parse_device,
                        "one level of a topic, without #, + and /, as in garage" },
        [KEY_DISCOVERY] = { "homeassistant", "discovery", offsetof(BridgeConfig, discovery),
                        ini_parse_boolean, "yes, no" },
        [KEY_DISCOVERY_PREFIX] = { "homeassistant", "prefix", offsetof(BridgeConfig, discovery_prefix),
                        parse_prefix, "levels of a topic without # and +, as in homeassistant" },
};

static const char *name_section(size_t i)
{
        return keys[i].section;
}

static const char *name_key(size_t i)
{
        return keys[i].name;
}

static const IniNames names = { .n = _KEY_MAX, .section = name_section, .key = name_key };

typedef struct BridgeLoad {
        BridgeConfig config;
        IniPlace place[_KEY_MAX]; /* where each was set */
        IniFailures failures;
        bool incomplete;
} BridgeLoad;

static int load_section(void *userdata, IniPlace place, const char *section)
{
        BridgeLoad *l = userdata;

        for (size_t i = 0; i < _KEY_MAX; i++)
                if (strcmp(keys[i].section, section) == 0)
                        return 0;
        return ini_fail_section(&l->failures, place, &names, section);
}

static void load_key(void *userdata, IniPlace place, const char *section, const char *name, const char *value)
{
        BridgeLoad *l = userdata;
        int r;

        for (size_t i = 0; i < _KEY_MAX; i++) {
                if (strcmp(keys[i].section, section) != 0 || strcmp(keys[i].name, name) != 0)
                        continue;
                if (l->place[i].file) {
                        (void)ini_fail_twice(&l->failures, place, name, l->place[i]);
                        return;
                }
                l->place[i] = place;
                r = keys[i].parse(value, (char *)&l->config + keys[i].offset);
                if (r == -ENOMEM)
                        (void)ini_no_memory(&l->failures);
                else if (r < 0)
                        (void)ini_fail(&l->failures, place, name, "\"%s\" is not understood; accepted: %s",
                                        value, keys[i].accepted);
                return;
        }
        (void)ini_fail_key(&l->failures, place, &names, section, name);
}

/* -- Files ----------------------------------------------------------------------------------------------- */

/* Opens the file that a key names. secret: refused where others than its owner and group may do anything with it. Returns a
 * descriptor, or a negative errno and has added the mistake. */
static int open_file(BridgeLoad *l, BridgeKeyId key, const char *path, bool secret)
{
        const char *name = keys[key].name;
        struct stat st;
        int fd, r;

        /* A FIFO must not keep us waiting. */
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return ini_fail(&l->failures, l->place[key], name, "%s cannot be read: %s", path,
                                strerror(errno));
        r = fstat(fd, &st) < 0 ? -errno : 0;
        if (r < 0)
                r = ini_fail(&l->failures, l->place[key], name, "%s cannot be read: %s", path, strerror(-r));
        else if (!S_ISREG(st.st_mode))
                r = ini_fail(&l->failures, l->place[key], name, "%s is not a regular file", path);
        else if (secret && (st.st_mode & 0007) != 0)
                r = ini_fail(&l->failures, l->place[key], name,
                                "%s is open to all users of this machine; accepted: mode 0640 or stricter (chmod o= %s)",
                                path, path);
        if (r < 0) {
                (void)close(fd);
                return r;
        }
        return fd;
}

static void check_file(BridgeLoad *l, BridgeKeyId key, const char *path, bool secret)
{
        int fd = path ? open_file(l, key, path, secret) : -1;

        if (fd >= 0)
                (void)close(fd);
}

/* Reads up to size bytes. Returns how many, or a negative errno. */
static ssize_t read_all(int fd, char *buf, size_t size)
{
        size_t n = 0;

        while (n < size) {
                ssize_t r = read(fd, buf + n, size - n);

                if (r < 0 && errno == EINTR)
                        continue;
                if (r < 0)
                        return -errno;
                if (r == 0)
                        break;
                n += (size_t)r;
        }
        return (ssize_t)n;
}

/* The first line is the password; an editor may have added its end. */
static void take_password(BridgeLoad *l, const char *text, size_t size)
{
        const char *path = l->config.password_file, *name = keys[KEY_PASSWORD_FILE].name;
        IniPlace place = l->place[KEY_PASSWORD_FILE];
        size_t length = 0;

        while (length < size && text[length] != '\n' && text[length] != '\r' && text[length] != '\0')
                length++;
        if (size > PASSWORD_FILE_MAX)
                (void)ini_fail(&l->failures, place, name, "%s is too long; accepted: at most %u bytes", path,
                                PASSWORD_FILE_MAX);
        else if (length < size && text[length] == '\0')
                (void)ini_fail(&l->failures, place, name, "%s has a NUL in it", path);
        else if (length == 0)
                (void)ini_fail(&l->failures, place, name, "%s has no password in its first line", path);
        else {
                l->config.password = strndup(text, length);
                if (!l->config.password)
                        (void)ini_no_memory(&l->failures);
        }
}

static void read_password(BridgeLoad *l)
{
        char text[PASSWORD_FILE_MAX + 1]; /* one more than is accepted */
        ssize_t n;
        int fd = open_file(l, KEY_PASSWORD_FILE, l->config.password_file, true);

        if (fd < 0)
                return;
        n = read_all(fd, text, sizeof(text));
        (void)close(fd);
        if (n < 0)
                (void)ini_fail(&l->failures, l->place[KEY_PASSWORD_FILE], keys[KEY_PASSWORD_FILE].name,
                                "%s cannot be read: %s", l->config.password_file, strerror((int)-n));
        else
                take_password(l, text, (size_t)n);
        explicit_bzero(text, sizeof(text));
}

/* -- All together ---------------------------------------------------------------------------------------- */

/* A key that is of no use without another one. */
static void check_together(BridgeLoad *l, BridgeKeyId key, BridgeKeyId other)
{
        if (l->place[key].file && !l->place[other].file)
                (void)ini_fail(&l->failures, l->place[key], keys[key].name, "goes with %s, which is missing",
                                keys[other].name);
}

static void check(BridgeLoad *l, const char *path)
{
        static const BridgeKeyId of_tls[] = { KEY_CA_FILE, KEY_CERTIFICATE_FILE, KEY_KEY_FILE };
        const BridgeConfig *c = &l->config;

        if (!l->place[KEY_HOST].file && !l->incomplete)
                (void)ini_fail(&l->failures, (IniPlace){ .file = path }, "host",
                                "is missing in [broker]; accepted: %s", keys[KEY_HOST].accepted);
        for (size_t i = 0; i < ELEMENTSOF(of_tls); i++)
                if (!c->tls && l->place[of_tls[i]].file)
                        (void)ini_fail(&l->failures, l->place[of_tls[i]], keys[of_tls[i]].name,
                                        "goes with tls = yes");
        check_together(l, KEY_CERTIFICATE_FILE, KEY_KEY_FILE);
        check_together(l, KEY_KEY_FILE, KEY_CERTIFICATE_FILE);
        /* A user name alone is a token, or goes with a certificate. */
        check_together(l, KEY_PASSWORD_FILE, KEY_USERNAME);
        check_file(l, KEY_CA_FILE, c->ca_file, false);
        check_file(l, KEY_CERTIFICATE_FILE, c->certificate_file, false);
        check_file(l, KEY_KEY_FILE, c->key_file, true);
        if (c->password_file)
                read_password(l);
}

/* The host's name up to its first dot; what that is must make a topic. */
static int find_device(char **ret)
{
        char name[HOST_MAX + 1];

        if (gethostname(name, sizeof(name)) < 0)
                return -errno;
        name[sizeof(name) - 1] = '\0';
        name[strcspn(name, ".")] = '\0';
        return parse_device(name, ret);
}

static void set_defaults(BridgeLoad *l, const char *path)
{
        BridgeConfig *c = &l->config;

        if (c->port == 0)
                c->port = c->tls ? PORT_TLS : PORT_PLAIN;
        if ((!c->prefix && keep("cardiod", &c->prefix) < 0) ||
                        (!c->discovery_prefix && keep("homeassistant", &c->discovery_prefix) < 0))
                (void)ini_no_memory(&l->failures);
        if (!c->device && !l->place[KEY_DEVICE].file && find_device(&c->device) < 0)
                (void)ini_fail(&l->failures, (IniPlace){ .file = path }, "device",
                                "is missing in [topics], and the host's name is none; accepted: %s",
                                keys[KEY_DEVICE].accepted);
}

int bridge_config_path(bool user, char **ret)
{
        if (user)
                return user_config_path(BRIDGE_USER_CONFIG, ret);
        *ret = strdup(BRIDGE_SYSTEM_CONFIG);
        return *ret ? 0 : -ENOMEM;
}

int bridge_config_load(const char *path, BridgeConfig *ret, char **ret_error)
{
        BridgeLoad l = { .config = { .tls = true } };
        const IniHandler handler = {
                .section = load_section,
                .key = load_key,
                .userdata = &l,
                .failures = &l.failures,
                .incomplete = &l.incomplete,
        };

        ini_read(&handler, path, true);
        if (l.failures.code >= 0 || l.failures.code == -EINVAL) {
                check(&l, path);
                set_defaults(&l, path);
        }
        if (l.failures.code < 0) {
                bridge_config_done(&l.config);
                *ret_error = ini_failures_take(&l.failures);
                return l.failures.code;
        }
        *ret = l.config;
        return 0;
}

static bool is_local(const char *host)
{
        size_t length = strlen(host);

        return strcasecmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
               (strncmp(host, "127.", 4) == 0 && host[strspn(host, "0123456789.")] == '\0') ||
               (length > 10 && strcasecmp(host + length - 10, ".localhost") == 0);
}

const char *bridge_config_warning(const BridgeConfig *c)
{
        if (c->tls || is_local(c->host))
                return NULL;
        return c->password ? "tls = no: the password and heart rates can be read on the way to the broker"
                           : "tls = no: heart rates can be read on the way to the broker";
}

void bridge_config_done(BridgeConfig *c)
{
        if (c->password)
                explicit_bzero(c->password, strlen(c->password));
        free(c->host);
        free(c->ca_file);
        free(c->certificate_file);
        free(c->key_file);
        free(c->username);
        free(c->password_file);
        free(c->password);
        free(c->prefix);
        free(c->device);
        free(c->discovery_prefix);
        *c = (BridgeConfig){ .host = NULL };
}
