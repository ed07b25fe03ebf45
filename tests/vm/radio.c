/* SPDX-License-Identifier: MIT */

/* vm-radio COUNT SOCKET: that many controllers for the kernel, each a client of the emulator `btvirt -s`.
 *
 * Packets pass unchanged, but for one thing that the emulator lacks: a controller asked to connect waits until it receives
 * the other one's advertisement, and can be asked to stop waiting. The emulator checks once, and fails if the other one does
 * not advertise at that moment, which the kernel does not expect. Here the request is repeated until it succeeds; a
 * cancelled one is answered as in the Core Specification, Vol 4, Part E, 7.8.13.
 *
 * Always: the kernel sees one status and one completion for each request. Times run on CLOCK_BOOTTIME. */

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../standin/script.h"

#define CONTROLLERS_MAX 16
#define PACKET_MAX      4096U
#define REPEAT_USEC     (50 * USEC_PER_MSEC)
#define SOCKET_TRIES    50
#define SOCKET_MSEC     100

/* The packets of a UART transport, Core Specification, Vol 4, Part A, 2; the last is /dev/vhci's own. */
enum {
        PACKET_COMMAND = 0x01,
        PACKET_ACL = 0x02,
        PACKET_EVENT = 0x04,
        PACKET_VENDOR = 0xff,
};

/* Commands and events, Core Specification, Vol 4, Part E, 7.7 and 7.8. */
enum {
        COMMAND_RESET = 0x0c03,
        COMMAND_CREATE_CONNECTION = 0x200d,
        COMMAND_CREATE_CONNECTION_CANCEL = 0x200e,
        EVENT_COMMAND_COMPLETE = 0x0e,
        EVENT_COMMAND_STATUS = 0x0f,
        EVENT_LE_META = 0x3e,
        LE_CONNECTION_COMPLETE = 0x01,
        STATUS_UNKNOWN_CONNECTION = 0x02,
        STATUS_FAILED_TO_ESTABLISH = 0x3e,
        ROLE_CENTRAL = 0x00,
        ADDRESS_SIZE = 6,
};

typedef struct __attribute__((__packed__)) Completion {
        uint8_t packet, event, size, subevent, status;
        uint16_t handle;
        uint8_t role, address_type, address[ADDRESS_SIZE];
        uint16_t interval, latency, timeout;
        uint8_t clock_accuracy;
} Completion;

typedef struct Controller {
        sd_event *event;
        int kernel, emulator;
        uint8_t stream[2 * PACKET_MAX]; /* from the emulator, not yet a whole packet */
        size_t n_stream;

        /* The request to connect that was not completed yet. */
        uint8_t request[PACKET_MAX];
        size_t n_request;
        unsigned id;
        bool reported;  /* the kernel has its status */
        bool underway;  /* the emulator has it, and may still say what became of it */
        bool cancelled; /* the kernel has cancelled it */
        bool asked; /* we have asked the emulator whether there is more to come, of the request asked_id */
        unsigned asked_id;
        sd_event_source *repeat;
} Controller;

static uint16_t read_le16(const uint8_t *p)
{
        return (uint16_t)(p[0] | p[1] << 8);
}

static void send_all(int fd, const void *data, size_t n)
{
        must(write(fd, data, n) == (ssize_t)n ? 0 : -EIO);
}

/* -- To the emulator -- */

static int on_repeat(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata)
{
        static const uint8_t cancel[] = { PACKET_COMMAND, COMMAND_CREATE_CONNECTION_CANCEL & 0xff,
                COMMAND_CREATE_CONNECTION_CANCEL >> 8, 0 };
        Controller *c = userdata;

        /* Repeated only when no event of the last one is to come, or the emulator would connect a second time. It may emit
         * none at all, so it gets a command whose reply comes after all the others: a cancel, which it refuses. */
        if (!c->underway) {
                send_all(c->emulator, c->request, c->n_request);
                c->underway = true;
        } else if (!c->asked) {
                send_all(c->emulator, cancel, sizeof(cancel));
                c->asked = true;
                c->asked_id = c->id;
        }
        timer_arm(c->event, &c->repeat, REPEAT_USEC, on_repeat, c);
        return 0;
}

static void controller_end_request(Controller *c)
{
        timer_disarm(&c->repeat);
        c->n_request = 0;
        c->cancelled = false;
}

static void controller_take_command(Controller *c, const uint8_t *packet, size_t n)
{
        switch (read_le16(packet + 1)) {
        case COMMAND_RESET:
                controller_end_request(c);
                break;
        case COMMAND_CREATE_CONNECTION:
                memcpy(c->request, packet, n);
                c->n_request = n;
                c->id++;
                c->reported = false;
                c->underway = true;
                c->cancelled = false;
                timer_arm(c->event, &c->repeat, REPEAT_USEC, on_repeat, c);
                break;
        case COMMAND_CREATE_CONNECTION_CANCEL:
                /* The emulator refuses it, but after all its events for the request. */
                timer_disarm(&c->repeat);
                c->cancelled = c->n_request > 0;
                break;
        }
}

static int on_kernel(sd_event_source *source _unused_, int fd, uint32_t events _unused_, void *userdata)
{
        Controller *c = userdata;
        uint8_t packet[PACKET_MAX];
        ssize_t n;

        n = read(fd, packet, sizeof(packet));
        must(n < 0 && errno != EAGAIN ? -errno : 0);
        if (n < 4 || (packet[0] != PACKET_COMMAND && packet[0] != PACKET_ACL))
                return 0;
        if (packet[0] == PACKET_COMMAND)
                controller_take_command(c, packet, (size_t)n);
        send_all(c->emulator, packet, (size_t)n);
        return 0;
}

/* -- To the kernel -- */

/* The emulator does not take packets for a controller that it has just switched off. */
static void controller_emit(Controller *c, const void *data, size_t n)
{
        must(write(c->kernel, data, n) < 0 && errno != ENXIO && errno != ENETDOWN ? -errno : 0);
}

/* Returns whether the kernel is to see it. */
static bool controller_take_event(Controller *c, uint8_t *packet, size_t n)
{
        uint8_t event = packet[1];

        if (event == EVENT_COMMAND_STATUS && n >= 7 && read_le16(packet + 5) == COMMAND_CREATE_CONNECTION) {
                bool first = !c->reported;

                c->reported = true;
                if (packet[3] != 0) { /* no completion follows */
                        c->underway = false;
                        if (first)
                                controller_end_request(c);
                }
                return first;
        }
        if (event == EVENT_LE_META && n >= sizeof(Completion) && packet[3] == LE_CONNECTION_COMPLETE) {
                const Completion *completion = (const Completion *)packet;

                if (completion->role != ROLE_CENTRAL)
                        return true;
                c->underway = false;
                if (completion->status == STATUS_FAILED_TO_ESTABLISH && c->n_request > 0)
                        return false; /* to be repeated, or cancelled */
                controller_end_request(c);
        }
        return true;
}

/* The events of a controller that was asked to stop waiting. */
static void controller_emit_cancelled(Controller *c, uint8_t *packet)
{
        Completion completion = {
                .packet = PACKET_EVENT,
                .event = EVENT_LE_META,
                .size = sizeof(completion) - 3,
                .subevent = LE_CONNECTION_COMPLETE,
                .status = STATUS_UNKNOWN_CONNECTION,
                .role = ROLE_CENTRAL,
                .address_type = c->request[9],
        };

        memcpy(completion.address, c->request + 10, ADDRESS_SIZE);
        controller_end_request(c);
        packet[6] = 0;
        controller_emit(c, packet, 7);
        controller_emit(c, &completion, sizeof(completion));
}

static void controller_take(Controller *c, uint8_t *packet, size_t n)
{
        bool answers_cancel = packet[0] == PACKET_EVENT && packet[1] == EVENT_COMMAND_COMPLETE && n == 7 &&
                              read_le16(packet + 4) == COMMAND_CREATE_CONNECTION_CANCEL;

        if (answers_cancel && c->asked) {
                c->asked = false;
                c->underway = c->underway && c->asked_id != c->id;
        } else if (answers_cancel && c->cancelled) {
                controller_emit_cancelled(c, packet);
        } else if (packet[0] != PACKET_EVENT || controller_take_event(c, packet, n)) {
                controller_emit(c, packet, n);
        }
}

/* Returns the size of the packet that begins there, 0 if it is not all there. */
static size_t packet_size(const uint8_t *p, size_t n)
{
        size_t size = 0;

        if (p[0] == PACKET_EVENT && n >= 3)
                size = 3U + p[2];
        else if (p[0] == PACKET_ACL && n >= 5)
                size = 5U + read_le16(p + 3);
        must(p[0] == PACKET_EVENT || p[0] == PACKET_ACL ? 0 : -EBADMSG);
        must(size <= PACKET_MAX ? 0 : -EMSGSIZE);
        return size <= n ? size : 0;
}

static int on_emulator(sd_event_source *source _unused_, int fd, uint32_t events _unused_, void *userdata)
{
        Controller *c = userdata;
        size_t begin = 0, size;
        ssize_t n;

        n = read(fd, c->stream + c->n_stream, sizeof(c->stream) - c->n_stream);
        must(n > 0 ? 0 : -EPIPE);
        c->n_stream += (size_t)n;
        while (begin < c->n_stream && (size = packet_size(c->stream + begin, c->n_stream - begin)) > 0) {
                controller_take(c, c->stream + begin, size);
                begin += size;
        }
        c->n_stream -= begin;
        memmove(c->stream, c->stream + begin, c->n_stream);
        return 0;
}

/* -- Itself -- */

/* The emulator may be about to start. */
static int emulator_connect(const char *path)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd;

        must(snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) < (int)sizeof(address.sun_path)
                                        ? 0
                                        : -ENAMETOOLONG);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        must(fd < 0 ? -errno : 0);
        for (int i = 0; connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0; i++) {
                must(i < SOCKET_TRIES ? 0 : -errno);
                must(poll(NULL, 0, SOCKET_MSEC) < 0 ? -errno : 0);
        }
        return fd;
}

/* The emulator looks for its ciphers when a client connects, for which the kernel may call programs. That can take longer
 * than the kernel waits for a controller's first reply, so a first reply is asked for before there is a controller. */
static void emulator_await(int fd)
{
        static const uint8_t reset[] = { PACKET_COMMAND, COMMAND_RESET & 0xff, COMMAND_RESET >> 8, 0 };
        uint8_t answer[7];

        send_all(fd, reset, sizeof(reset));
        must(recv(fd, answer, sizeof(answer), MSG_WAITALL) == sizeof(answer) &&
                                                        answer[1] == EVENT_COMMAND_COMPLETE &&
                                                        read_le16(answer + 4) == COMMAND_RESET
                                        ? 0
                                        : -EIO);
}

static void controller_open(Controller *c, sd_event *event, const char *path)
{
        uint8_t answer[4];

        c->event = event;
        c->emulator = emulator_connect(path);
        emulator_await(c->emulator);
        c->kernel = open("/dev/vhci", O_RDWR | O_CLOEXEC);
        must(c->kernel < 0 ? -errno : 0);
        send_all(c->kernel, (const uint8_t[]){ PACKET_VENDOR, 0 }, 2);
        must(read(c->kernel, answer, sizeof(answer)) == sizeof(answer) && answer[0] == PACKET_VENDOR ? 0
                                                                                                     : -EIO);
        must(fcntl(c->kernel, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0);
        must(sd_event_add_io(event, NULL, c->kernel, EPOLLIN, on_kernel, c));
        must(sd_event_add_io(event, NULL, c->emulator, EPOLLIN, on_emulator, c));
        log_line("hci%u", read_le16(answer + 2));
}

int main(int argc, char **argv)
{
        static Controller controllers[CONTROLLERS_MAX];
        _cleanup_(sd_event_unrefp) sd_event *event = must_event();
        unsigned long count;
        int r;

        count = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
        if (count < 1 || count > CONTROLLERS_MAX) {
                fprintf(stderr, "vm-radio COUNT SOCKET: 1 to %d controllers\n", CONTROLLERS_MAX);
                return EXIT_FAILURE;
        }
        for (size_t i = 0; i < count; i++) {
                controller_open(&controllers[i], event, argv[2]);
                while ((r = sd_event_run(event, 0)) > 0) { /* the kernel waits for those that are open */
                }
                must(r);
        }
        return sd_event_loop(event) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
