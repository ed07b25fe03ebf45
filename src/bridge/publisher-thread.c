/* SPDX-License-Identifier: MIT */

/* The thread of a publisher: finds the broker, connects, and serves the connection until it is lost; then again, after a
 * pause. Here it may wait: the library asks name servers and connects before it returns.
 *
 * Always: each connection is a fresh client of the library, so nothing of an earlier one is sent again; messages meant for
 * an earlier one are dropped; a broker that does not answer, or does not acknowledge, is left. Times are of CLOCK_BOOTTIME.
 *
 * The library's own loop only looks, it does not wait: we wait for the broker and for the event loop at once. */

#include "publisher-internal.h"

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <linux/sockios.h>

#include "cardio/text.h"
#include "shared/clock.h"

#define KEEP_ALIVE_S  30
#define NEWS_EXPIRE_S 60U

/* The pause after a failure: a second at first, then twice as long each time. After a connection that lasted a while it is
 * short again. */
#define PAUSE_FIRST_USEC (1 * USEC_PER_SEC)
#define PAUSE_LAST_USEC  (2 * USEC_PER_MIN)
#define GOOD_AFTER_USEC  (30 * USEC_PER_SEC)

/* How often the library looks whether a ping is due; and we, whether the broker's machine has taken what was sent. */
#define LOOK_USEC  (5 * USEC_PER_SEC)
#define DRAIN_USEC (100 * USEC_PER_MSEC)

/* What a broker may send us: nothing larger is of any use. MQTT 5 only. */
#define PACKET_MAX 4096U

/* Where the library looks for authorities' certificates when it is given a certificate of ours but no ca-file. */
#define SYSTEM_CERTIFICATES "/etc/ssl/certs"

/* So many turns may pass until the library has read what a closed connection still holds. */
#define HANG_UPS_MAX 64U

/* Those of the event loop, and our own "online" and "offline". */
#define WAITING_MAX (PUBLISHER_WAY_MAX + 2)

typedef struct Waiting {
        int id; /* the library's, 0 = free */
        int mid;
        usec_t since_usec;
} Waiting;

typedef struct Client {
        Link *link;
        uint32_t connection;
        struct mosquitto *library;
        bool answered; /* the broker has; reason says what */
        int reason;
        unsigned hung_up;  /* turns in a row in which the connection was seen to be closed */
        int left;          /* why the broker ends the connection, 0 = it does not */
        LinkMessage *live; /* waits until the broker's machine has taken the one before it */
        int live_id;       /* the library's, of one that is not written yet; 0 = none */
        int offline_id;    /* likewise, of "offline" while it is not acknowledged */
        int subscription;  /* the library's id */
        Waiting waiting[WAITING_MAX];
        char text[REPORT_TEXT_MAX]; /* what the library said to be wrong */
} Client;

typedef enum Outcome {
        OUTCOME_LOST,      /* it was connected */
        OUTCOME_FAILED,    /* it never was */
        OUTCOME_NOT_SPOKEN /* the broker does not know this version of MQTT, as far as can be seen */
} Outcome;

/* -- The event loop's half ------------------------------------------------------------------------------- */

/* Waits while nobody reads. If nobody ever will, ending is set, too. */
static void report(Link *l, ReportType type, uint32_t connection, int mid, const char *text)
{
        Report r = { .type = type, .mid = mid, .connection = connection };

        (void)snprintf(r.text, sizeof(r.text), "%s", text ? text : "");
        r.text[utf8_fit(r.text, sizeof(r.text) - 1)] = '\0';
        (void)text_make_plain(r.text);
        (void)send(l->fd, &r, sizeof(r), MSG_NOSIGNAL);
}

static void be_woken(Link *l)
{
        char bytes[8];

        while (recv(l->fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
                ;
}

/* Waits, but no longer than the publisher lives. */
static void pause_for(Link *l, usec_t usec)
{
        struct pollfd pollfd = { .fd = l->fd, .events = POLLIN };
        usec_t until_usec = now_boot_usec() + usec, now_usec;

        while (!link_is_ending(l) && (now_usec = now_boot_usec()) < until_usec) {
                (void)poll(&pollfd, 1, (int)((until_usec - now_usec) / USEC_PER_MSEC) + 1);
                be_woken(l);
        }
}

/* -- Words ----------------------------------------------------------------------------------------------- */

/* The library's words for what is wrong with TLS begin with ours and OpenSSL's prefixes. */
static void take_log(struct mosquitto *library, void *userdata, int level, const char *text)
{
        Client *c = userdata;
        const char *colon;

        (void)library;
        if (level != MOSQ_LOG_ERR || *c->text)
                return;
        if (strstr(text, "host name verification failed"))
                text = "the broker's certificate is for another name";
        else if (strstr(text, "certificate verify failed"))
                text = "the broker's certificate cannot be trusted: no authority known here has signed it, or it is not valid now";
        else if (strstr(text, "unexpected eof"))
                text = c->answered ? "the broker has closed the connection"
                                   : "the broker has closed the connection, as one does that expects no TLS";
        else if (strstr(text, "wrong version number"))
                text = "the broker does not speak TLS at this port";
        else if (strncmp(text, "OpenSSL Error", 13) == 0)
                while ((colon = strchr(text, ':')))
                        text = colon + 1;
        else if (strncmp(text, "Error: ", 7) == 0)
                text += 7;
        (void)snprintf(c->text, sizeof(c->text), "%s", text);
}

static void describe(Client *c, int code, int error)
{
        if (*c->text) /* of TLS, and more exact */
                return;
        if (code == MOSQ_ERR_EAI)
                (void)snprintf(c->text, sizeof(c->text), "%s: %s", c->link->host, gai_strerror(error));
        else if (code == MOSQ_ERR_ERRNO && error != 0 && error != EPROTO && error != EPIPE &&
                        error != ECONNRESET)
                (void)snprintf(c->text, sizeof(c->text), "%s", strerror(error));
        else if (code == MOSQ_ERR_CONN_LOST || code == MOSQ_ERR_ERRNO || code == MOSQ_ERR_NO_CONN)
                (void)snprintf(c->text, sizeof(c->text), "the broker has closed the connection");
        else if (code == MOSQ_ERR_KEEPALIVE)
                (void)snprintf(c->text, sizeof(c->text), "the broker does not answer%s",
                                c->answered ? " any more" : "");
        else if (code == MOSQ_ERR_NOMEM)
                (void)snprintf(c->text, sizeof(c->text),
                                "memory is short, or the broker sends a message that is too large");
        else if (code == MOSQ_ERR_INVAL) /* of its loop; anything else was checked before */
                (void)snprintf(c->text, sizeof(c->text), "too many files are open");
        else
                (void)snprintf(c->text, sizeof(c->text), "%s", mosquitto_strerror(code));
}

/* MQTT 3.1.1 has five codes, MQTT 5 has reasons from 128 on. */
static const char *refusal(int reason)
{
        static const char *const words[] = {
                [CONNACK_REFUSED_PROTOCOL_VERSION] = "it does not know this version of MQTT",
                [CONNACK_REFUSED_IDENTIFIER_REJECTED] = "it does not accept the client's identifier",
                [CONNACK_REFUSED_SERVER_UNAVAILABLE] = "it is not available",
                [CONNACK_REFUSED_BAD_USERNAME_PASSWORD] = "bad user name or password",
                [CONNACK_REFUSED_NOT_AUTHORIZED] = "not authorized",
        };

        if (reason > 0 && reason < (int)ELEMENTSOF(words))
                return words[reason];
        return mosquitto_reason_string(reason);
}

/* -- What the library calls ------------------------------------------------------------------------------ */

static void on_connect(
                struct mosquitto *library, void *userdata, int reason, int flags, const mosquitto_property *p)
{
        Client *c = userdata;

        (void)library, (void)flags, (void)p;
        c->answered = true;
        c->reason = reason;
}

static void on_disconnect(struct mosquitto *library, void *userdata, int reason, const mosquitto_property *p)
{
        Client *c = userdata;

        (void)library, (void)p;
        if (reason >= MQTT_RC_UNSPECIFIED) /* said by the broker; those of the library come back from its loop */
                c->left = reason;
}

/* topic: of what is our own. */
static void report_refusal(const Client *c, int mid, const char *topic, int reason)
{
        char text[REPORT_TEXT_MAX];

        (void)snprintf(text, sizeof(text), "%.120s: %s", topic, mosquitto_reason_string(reason));
        report(c->link, REPORT_REFUSED, c->connection, mid, mid > 0 ? mosquitto_reason_string(reason) : text);
}

static void on_publish(
                struct mosquitto *library, void *userdata, int id, int reason, const mosquitto_property *p)
{
        Client *c = userdata;

        (void)library, (void)p;
        if (id == c->live_id) { /* written */
                c->live_id = 0;
                report(c->link, REPORT_SENT, c->connection, 0, NULL);
                return;
        }
        if (id == c->offline_id)
                c->offline_id = 0;
        for (size_t i = 0; i < WAITING_MAX; i++) {
                Waiting *w = &c->waiting[i];

                if (w->id != id)
                        continue;
                w->id = 0;
                if (reason < MQTT_RC_UNSPECIFIED && w->mid > 0)
                        report(c->link, REPORT_ACKNOWLEDGED, c->connection, w->mid, NULL);
                else if (reason >= MQTT_RC_UNSPECIFIED)
                        report_refusal(c, w->mid, c->link->will_topic, reason);
                return;
        }
}

static void on_subscribe(struct mosquitto *library, void *userdata, int id, int n, const int *granted,
                const mosquitto_property *p)
{
        const Client *c = userdata;

        (void)library, (void)p;
        if (id == c->subscription && n > 0 && granted[0] >= MQTT_RC_UNSPECIFIED)
                report_refusal(c, 0, c->link->subscribe_topic, granted[0]);
}

static void on_message(struct mosquitto *library, void *userdata, const struct mosquitto_message *m,
                const mosquitto_property *p)
{
        const Client *c = userdata;
        char text[REPORT_TEXT_MAX];

        (void)library, (void)p;
        (void)snprintf(text, sizeof(text), "%.*s", m->payloadlen, m->payload ? (const char *)m->payload : "");
        report(c->link, REPORT_RECEIVED, c->connection, 0, text);
}

/* A key that needs a password: there is nobody to ask. */
static int no_password(char *buf, int size, int writing, void *userdata)
{
        (void)buf, (void)size, (void)writing, (void)userdata;
        return 0;
}

/* -- One client ------------------------------------------------------------------------------------------ */

static int set_tls(const Client *c)
{
        const Link *l = c->link;
        int r = MOSQ_ERR_SUCCESS;

        if (!l->ca_file)
                r = mosquitto_int_option(c->library, MOSQ_OPT_TLS_USE_OS_CERTS, 1);
        if (r == MOSQ_ERR_SUCCESS && (l->ca_file || l->certificate_file))
                r = mosquitto_tls_set(c->library, l->ca_file, l->ca_file ? NULL : SYSTEM_CERTIFICATES,
                                l->certificate_file, l->key_file, no_password);
        /* 1 = the certificate is checked; and then its name, too. 1.2 is the least, not the most. */
        return r == MOSQ_ERR_SUCCESS ? mosquitto_tls_opts_set(c->library, 1, "tlsv1.2", NULL) : r;
}

static int set_up(Client *c, int version)
{
        const Link *l = c->link;
        int r;

        c->library = mosquitto_new(l->client_id, true, c);
        if (!c->library)
                return errno == EINVAL ? MOSQ_ERR_INVAL : MOSQ_ERR_NOMEM;
        mosquitto_log_callback_set(c->library, take_log);
        mosquitto_connect_v5_callback_set(c->library, on_connect);
        mosquitto_disconnect_v5_callback_set(c->library, on_disconnect);
        mosquitto_publish_v5_callback_set(c->library, on_publish);
        mosquitto_subscribe_v5_callback_set(c->library, on_subscribe);
        mosquitto_message_v5_callback_set(c->library, on_message);
        r = mosquitto_int_option(c->library, MOSQ_OPT_PROTOCOL_VERSION, version);
        if (r == MOSQ_ERR_SUCCESS)
                r = mosquitto_int_option(c->library, MOSQ_OPT_TCP_NODELAY, 1);
        if (r == MOSQ_ERR_SUCCESS) /* else it holds some back; a broker of MQTT 5 may allow fewer */
                r = mosquitto_int_option(c->library, MOSQ_OPT_SEND_MAXIMUM, WAITING_MAX);
        if (r == MOSQ_ERR_SUCCESS)
                r = mosquitto_will_set_v5(
                                c->library, l->will_topic, strlen("offline"), "offline", 1, true, NULL);
        if (r == MOSQ_ERR_SUCCESS && l->username)
                r = mosquitto_username_pw_set(c->library, l->username, l->password);
        if (r == MOSQ_ERR_SUCCESS && l->tls) {
                r = set_tls(c);
                if (r == MOSQ_ERR_INVAL)
                        (void)snprintf(c->text, sizeof(c->text), "%s cannot be read",
                                        l->ca_file ? "ca-file, certificate-file or key-file"
                                                   : "certificate-file or key-file");
        }
        return r;
}

/* Asks name servers, connects, and begins with TLS, which goes on in the loop. */
static int connect_to_broker(const Client *c, int version)
{
        mosquitto_property *properties = NULL;
        int r = MOSQ_ERR_SUCCESS;

        if (version == MQTT_PROTOCOL_V5)
                r = mosquitto_property_add_int32(&properties, MQTT_PROP_MAXIMUM_PACKET_SIZE, PACKET_MAX);
        errno = 0;
        if (r == MOSQ_ERR_SUCCESS)
                r = mosquitto_connect_bind_v5(
                                c->library, c->link->host, c->link->port, KEEP_ALIVE_S, NULL, properties);
        if (properties) {
                int saved_errno = errno;

                mosquitto_property_free_all(&properties);
                errno = saved_errno;
        }
        return r;
}

/* Waits for the broker or the event loop, and lets the library do what there is to do. Returns the library's code. */
static int turn(Client *c, usec_t limit_usec)
{
        struct pollfd fds[] = {
                { .fd = mosquitto_socket(c->library),
                                .events = (short)(POLLIN |
                                                  (mosquitto_want_write(c->library) ? POLLOUT : 0)) },
                { .fd = c->link->fd, .events = POLLIN },
        };
        int r;

        if (fds[0].fd < 0)
                return MOSQ_ERR_NO_CONN;
        if (poll(fds, ELEMENTSOF(fds), (int)((limit_usec + USEC_PER_MSEC - 1) / USEC_PER_MSEC)) > 0 &&
                        fds[1].revents)
                be_woken(c->link);
        errno = 0;
        r = mosquitto_loop(c->library, 0, 1);
        /* The library takes a reset while TLS begins for something to wait for. What came before the end is read first. */
        c->hung_up = fds[0].revents & (POLLHUP | POLLERR | POLLNVAL) ? c->hung_up + 1 : 0;
        if (r == MOSQ_ERR_SUCCESS && (mosquitto_socket(c->library) < 0 || c->hung_up > HANG_UPS_MAX))
                r = MOSQ_ERR_NO_CONN;
        return r;
}

/* -- Sending --------------------------------------------------------------------------------------------- */

/* Whether an error of a call means that there is no connection any more; other ones are about the message. */
static bool is_loss(int code)
{
        return code == MOSQ_ERR_NO_CONN || code == MOSQ_ERR_CONN_LOST || code == MOSQ_ERR_ERRNO ||
               code == MOSQ_ERR_TLS;
}

static Waiting *free_waiting(Client *c)
{
        for (size_t i = 0; i < WAITING_MAX; i++)
                if (c->waiting[i].id == 0)
                        return &c->waiting[i];
        return NULL;
}

/* Of QoS 1. mid 0: of our own. */
static int send_once(Client *c, int mid, const char *topic, const char *payload, size_t size, bool retained,
                bool news, int *ret_id)
{
        mosquitto_property *properties = NULL;
        Waiting *w = free_waiting(c);
        int r, id = 0;

        if (!w) /* the event loop's half keeps count, so there is room */
                return MOSQ_ERR_NOMEM;
        if (news && mosquitto_property_add_int32(&properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL,
                                    NEWS_EXPIRE_S) != MOSQ_ERR_SUCCESS)
                return MOSQ_ERR_NOMEM;
        r = mosquitto_publish_v5(c->library, &id, topic, (int)size, payload, 1, retained, properties);
        mosquitto_property_free_all(&properties);
        if (r == MOSQ_ERR_SUCCESS) {
                *w = (Waiting){ .id = id, .mid = mid, .since_usec = now_boot_usec() };
                if (ret_id)
                        *ret_id = id;
        }
        return r;
}

/* Whether what was sent before is still on its way to the broker's machine. */
static bool is_draining(const Client *c)
{
        int bytes = 0;

        return c->live_id != 0 || (ioctl(mosquitto_socket(c->library), SIOCOUTQ, &bytes) == 0 && bytes > 0);
}

/* Where a network stands still, heart rates must not pile up in the kernel. */
static int send_live(Client *c)
{
        LinkMessage *m = c->live;
        int r;

        if (!m || is_draining(c))
                return MOSQ_ERR_SUCCESS;
        c->live = NULL;
        /* It sets the id first: the message may be written, and on_publish() called, before it returns. */
        r = mosquitto_publish_v5(c->library, &c->live_id, m->topic, (int)m->size, m->payload, 0, false, NULL);
        free(m);
        if (r != MOSQ_ERR_SUCCESS) {
                c->live_id = 0;
                report(c->link, REPORT_SENT, c->connection, 0, NULL);
        }
        return is_loss(r) ? r : MOSQ_ERR_SUCCESS;
}

static int send_message(Client *c, const LinkMessage *m, bool v5)
{
        int r = send_once(c, m->mid, m->topic, m->payload, m->size, m->how == PUBLISH_RETAINED,
                        v5 && m->how == PUBLISH_NEWS, NULL);

        if (r == MOSQ_ERR_SUCCESS || is_loss(r))
                return r;
        report(c->link, REPORT_REFUSED, c->connection, m->mid, mosquitto_strerror(r));
        return MOSQ_ERR_SUCCESS;
}

/* All that the event loop has given us. */
static int send_messages(Client *c, bool v5)
{
        LinkMessage *m;
        int r = MOSQ_ERR_SUCCESS;

        while (r == MOSQ_ERR_SUCCESS && (m = link_take(c->link))) {
                if (m->connection != c->connection) {
                        free(m);
                } else if (m->how == PUBLISH_LIVE) {
                        free(c->live); /* one at most is on its way: there is none */
                        c->live = m;
                } else {
                        r = send_message(c, m, v5);
                        free(m);
                }
        }
        return r == MOSQ_ERR_SUCCESS ? send_live(c) : r;
}

/* -- A connection ---------------------------------------------------------------------------------------- */

/* Until the broker has answered. */
static int wait_for_answer(Client *c)
{
        usec_t until_usec = now_boot_usec() + LINK_ANSWER_USEC, now_usec;
        int r = MOSQ_ERR_SUCCESS;

        while (r == MOSQ_ERR_SUCCESS && !c->answered && !link_is_ending(c->link)) {
                now_usec = now_boot_usec();
                if (now_usec >= until_usec)
                        return MOSQ_ERR_KEEPALIVE;
                r = turn(c, until_usec - now_usec < LOOK_USEC ? until_usec - now_usec : LOOK_USEC);
        }
        return r;
}

static int greet(Client *c)
{
        const Link *l = c->link;
        int r = send_once(c, 0, l->will_topic, "online", strlen("online"), true, false, NULL);

        if (r == MOSQ_ERR_SUCCESS && l->subscribe_topic)
                r = mosquitto_subscribe_v5(c->library, &c->subscription, l->subscribe_topic, 0, 0, NULL);
        return r;
}

static bool is_unacknowledged(const Client *c, usec_t now_usec)
{
        for (size_t i = 0; i < WAITING_MAX; i++)
                if (c->waiting[i].id != 0 &&
                                usec_sub(now_usec, c->waiting[i].since_usec) > LINK_ACKNOWLEDGE_USEC)
                        return true;
        return false;
}

/* Until the connection is lost, or the publisher wants to end. */
static int serve(Client *c, bool v5)
{
        int r = MOSQ_ERR_SUCCESS;

        while (r == MOSQ_ERR_SUCCESS) {
                r = send_messages(c, v5);
                if (r != MOSQ_ERR_SUCCESS || link_is_ending(c->link))
                        break;
                if (is_unacknowledged(c, now_boot_usec())) {
                        (void)snprintf(c->text, sizeof(c->text), "the broker does not acknowledge");
                        r = MOSQ_ERR_KEEPALIVE;
                        break;
                }
                r = turn(c, c->live && c->live_id == 0 ? DRAIN_USEC : LOOK_USEC);
        }
        return r;
}

/* "offline", by ourselves, and then an orderly end. Where the broker does not acknowledge that in time, the connection is
 * dropped, and it publishes the last will. */
static void say_goodbye(Client *c)
{
        usec_t until_usec = now_boot_usec() + LINK_END_USEC * 3 / 4, now_usec;

        if (send_once(c, 0, c->link->will_topic, "offline", strlen("offline"), true, false, &c->offline_id) !=
                        MOSQ_ERR_SUCCESS)
                return;
        while (c->offline_id != 0 && (now_usec = now_boot_usec()) < until_usec)
                if (turn(c, until_usec - now_usec) != MOSQ_ERR_SUCCESS)
                        return;
        if (c->offline_id == 0 && mosquitto_disconnect_v5(c->library, 0, NULL) == MOSQ_ERR_SUCCESS)
                while ((now_usec = now_boot_usec()) < until_usec)
                        if (turn(c, until_usec - now_usec) != MOSQ_ERR_SUCCESS)
                                return;
}

/* One that is retained would come with each subscription, and nothing would be published any more. */
static void stop_listening(Client *c)
{
        Link *l = c->link;

        if (!l->subscribe_topic || *c->text)
                return;
        (void)snprintf(c->text, sizeof(c->text),
                        "the message on %.100s is too large, or memory is short; that topic is not read any more",
                        l->subscribe_topic);
        free(TAKE_PTR(l->subscribe_topic));
}

static Outcome be_connected(Client *c, bool v5)
{
        int r = greet(c);

        report(c->link, REPORT_CONNECTED, c->connection, 0, v5 ? "MQTT 5" : "MQTT 3.1.1");
        if (r == MOSQ_ERR_SUCCESS)
                r = serve(c, v5);
        if (r == MOSQ_ERR_NOMEM)
                stop_listening(c);
        if (r == MOSQ_ERR_SUCCESS)
                say_goodbye(c);
        else if (c->left == MQTT_RC_SESSION_TAKEN_OVER)
                (void)snprintf(c->text, sizeof(c->text),
                                "another bridge of this prefix and device has connected");
        else if (c->left != 0)
                (void)snprintf(c->text, sizeof(c->text), "the broker ends the connection: %s",
                                mosquitto_reason_string(c->left));
        else
                describe(c, r, errno);
        return OUTCOME_LOST;
}

static Outcome client_run(Client *c, int version)
{
        bool v5 = version == MQTT_PROTOCOL_V5, reached = false;
        int r = set_up(c, version);

        if (r == MOSQ_ERR_SUCCESS) {
                r = connect_to_broker(c, version);
                reached = r == MOSQ_ERR_SUCCESS;
        }
        if (reached)
                r = wait_for_answer(c);
        if (c->answered && c->reason == 0)
                return be_connected(c, v5);
        if (c->answered) {
                (void)snprintf(c->text, sizeof(c->text), "the broker refuses: %s", refusal(c->reason));
                return v5 && (c->reason == MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION ||
                                             c->reason == CONNACK_REFUSED_PROTOCOL_VERSION)
                                       ? OUTCOME_NOT_SPOKEN
                                       : OUTCOME_FAILED;
        }
        describe(c, r, errno);
        /* Brokers of before MQTT 5 may answer with silence, and an end. */
        return v5 && reached && r != MOSQ_ERR_TLS && r != MOSQ_ERR_KEEPALIVE ? OUTCOME_NOT_SPOKEN
                                                                             : OUTCOME_FAILED;
}

/* text: why it is over. */
static Outcome connection_run(Link *l, uint32_t connection, int version, char text[static REPORT_TEXT_MAX])
{
        Client c = { .link = l, .connection = connection };
        Outcome outcome = client_run(&c, version);

        mosquitto_destroy(c.library); /* takes NULL */
        free(c.live);
        memcpy(text, c.text, sizeof(c.text));
        return outcome;
}

/* -- Again and again ------------------------------------------------------------------------------------- */

/* Half of it is left to chance, so that not all come back at once to a broker that has restarted. */
static usec_t with_jitter(usec_t usec)
{
        uint32_t chance = 0;

        if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) != sizeof(chance))
                return usec;
        return usec / 2 + (usec_t)((double)usec / 2 * chance / UINT32_MAX);
}

static Outcome attempt(Link *l, uint32_t connection, char text[static REPORT_TEXT_MAX])
{
        Outcome outcome;

        if (l->protocol == BRIDGE_PROTOCOL_3_1_1)
                return connection_run(l, connection, MQTT_PROTOCOL_V311, text);
        outcome = connection_run(l, connection, MQTT_PROTOCOL_V5, text);
        if (outcome == OUTCOME_NOT_SPOKEN && l->protocol == BRIDGE_PROTOCOL_AUTO && !link_is_ending(l))
                outcome = connection_run(l, connection, MQTT_PROTOCOL_V311, text);
        return outcome;
}

void *link_run(void *link)
{
        Link *l = link;
        usec_t pause_usec = PAUSE_FIRST_USEC;

        for (uint32_t connection = 1; !link_is_ending(l);
                        connection = connection < UINT32_MAX ? connection + 1 : 1) {
                usec_t began_usec = now_boot_usec();
                char text[REPORT_TEXT_MAX];
                Outcome outcome = attempt(l, connection, text);

                if (link_is_ending(l))
                        break;
                report(l, REPORT_DISCONNECTED, connection, 0, text);
                if (outcome == OUTCOME_LOST && usec_sub(now_boot_usec(), began_usec) > GOOD_AFTER_USEC)
                        pause_usec = PAUSE_FIRST_USEC;
                pause_for(l, with_jitter(pause_usec));
                pause_usec = 2 * pause_usec < PAUSE_LAST_USEC ? 2 * pause_usec : PAUSE_LAST_USEC;
        }
        if (link_finish(l))
                (void)shutdown(l->fd, SHUT_RDWR);
        else
                link_free(l);
        return NULL;
}
