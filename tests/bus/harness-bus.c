/* SPDX-License-Identifier: MIT */

/* The configuration of the private buses. The system bus has the policies of the distribution's system.conf and
 * bluetooth.conf, as installed, so that the same is forbidden as on a real machine. No clock. */

#include <string.h>
#include <unistd.h>

#include "harness-private.h"

static const char *const system_confs[] = { "/usr/share/dbus-1/system.conf", "/etc/dbus-1/system.conf" };
static const char *const bluetooth_confs[] = { "/etc/dbus-1/system.d/bluetooth.conf",
        "/usr/share/dbus-1/system.d/bluetooth.conf" };

static const char *first_readable(const char *const *paths, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (access(paths[i], R_OK) == 0)
                        return paths[i];
        return NULL;
}

static void strip_comments(char *text)
{
        char *begin, *end;

        while ((begin = strstr(text, "<!--"))) {
                end = strstr(begin, "-->");
                end = end ? end + strlen("-->") : begin + strlen(begin);
                memmove(begin, end, strlen(end) + 1);
        }
}

/* Only the policies: the rest of system.conf says where to listen, as whom to run and how to start services. */
static void write_policies(Harness *h, FILE *f)
{
        const char *path = first_readable(system_confs, ELEMENTSOF(system_confs));
        _cleanup_free_ char *text = NULL;
        const char *begin, *end;
        unsigned n = 0;

        if (!path)
                harness_fail(h, "dbus is not installed: there is no %s", system_confs[0]);
        text = read_whole(path, 0);
        strip_comments(text);
        for (const char *p = text; (begin = strstr(p, "<policy ")); p = end) {
                end = strstr(begin, "</policy>");
                if (!end)
                        break;
                end += strlen("</policy>");
                fprintf(f, "%.*s\n", (int)(end - begin), begin);
                n++;
        }
        if (n == 0)
                harness_fail(h, "%s has no policy", path);
}

/* What root may do by the distribution's rules and by ours, for an ordinary user who plays bluetoothd and cardiod. */
static void write_user_policy(FILE *f)
{
        if (geteuid() == 0)
                return;
        fprintf(f,
                        "<policy user=\"%u\">\n"
                        "<allow own=\"org.bluez\"/>\n<allow own=\"" CARDIO_BUS_NAME "\"/>\n"
                        "<allow send_destination=\"" CARDIO_BUS_NAME "\"/>\n"
                        "<allow receive_sender=\"" CARDIO_BUS_NAME "\"/>\n"
                        "<allow send_interface=\"org.freedesktop.DBus.ObjectManager\"/>\n"
                        "</policy>\n",
                        geteuid());
}

static void write_system_config(Harness *h, FILE *f)
{
        const char *bluetooth = first_readable(bluetooth_confs, ELEMENTSOF(bluetooth_confs));
        _cleanup_free_ char *here = getcwd(NULL, 0);

        if (!bluetooth)
                harness_fail(h, "bluez is not installed: there is no %s", bluetooth_confs[0]);
        assert_non_null(here);
        fprintf(f, "<busconfig>\n<type>system</type>\n<auth>EXTERNAL</auth>\n<listen>unix:path=%s/system-bus</listen>\n",
                        h->folder);
        write_policies(h, f);
        fprintf(f, "<include>%s</include>\n", bluetooth);
        fprintf(f, "<include ignore_missing=\"yes\">%s/conf/" CARDIO_BUS_NAME ".conf</include>\n", here);
        write_user_policy(f);
        fprintf(f, "<include ignore_missing=\"yes\">%s</include>\n", harness_path(h, "dbus-more.conf"));
        fputs("</busconfig>\n", f);
}

static void write_session_config(Harness *h, FILE *f)
{
        fprintf(f,
                        "<busconfig>\n<type>session</type>\n<auth>EXTERNAL</auth>\n"
                        "<listen>unix:path=%s/session-bus</listen>\n"
                        "<policy context=\"default\">\n"
                        "<allow send_destination=\"*\" eavesdrop=\"true\"/>\n<allow eavesdrop=\"true\"/>\n<allow own=\"*\"/>\n"
                        "</policy>\n</busconfig>\n",
                        h->folder);
}

void bus_configure(Harness *h, BusKind kind)
{
        static const char *const names[_BUS_KIND_MAX] = {
                [BUS_SYSTEM] = "dbus-system.conf",
                [BUS_SESSION] = "dbus-session.conf",
        };
        FILE *f = fopen(harness_path(h, names[kind]), "we");

        assert_non_null(f);
        if (kind == BUS_SYSTEM)
                write_system_config(h, f);
        else
                write_session_config(h, f);
        assert_int_equal(fclose(f), 0);
}
