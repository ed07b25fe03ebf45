/* SPDX-License-Identifier: MIT */

/* The report of a run, which a click on its summary opens: who writes it and where, who is asked to open it, and what the
 * runner is told where that fails. cardioctl is a script here, and the desktop's portal is played. */

#include "notify-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUMMARY "actions=[\"default\" \"Open the report\"]"

typedef struct Portal {
        NotifyStage *f;
        sd_bus *bus;
        unsigned n;       /* calls */
        char opened[256]; /* what was in the file of the last one */
        bool refuse;
} Portal;

static int on_open(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Portal *p = userdata;
        const char *window;
        ssize_t n;
        int fd;

        assert_true(sd_bus_message_read(m, "sh", &window, &fd) >= 0);
        n = read(fd, p->opened, sizeof(p->opened) - 1);
        p->opened[n > 0 ? n : 0] = '\0';
        p->n++;
        if (p->refuse)
                return sd_bus_error_set(error, "org.freedesktop.portal.Error.NotFound", "no program");
        return sd_bus_reply_method_return(m, "o", "/org/freedesktop/portal/desktop/request/1");
}

static const sd_bus_vtable portal_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("OpenFile", "sha{sv}", "o", on_open, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static void portal_start(Portal *p, NotifyStage *f)
{
        *p = (Portal){ .f = f, .bus = stage_bus_open(f, STAGE_SESSION) };
        assert_true(sd_bus_add_object_vtable(p->bus, NULL, "/org/freedesktop/portal/desktop",
                                    "org.freedesktop.portal.OpenURI", portal_vtable, p) >= 0);
        assert_true(sd_bus_request_name(p->bus, "org.freedesktop.portal.Desktop", 0) > 0);
}

static void portal_await(Portal *p, unsigned n)
{
        for (unsigned i = 0; p->n < n; i++) {
                assert_true(i < 20000);
                if (sd_bus_process(p->bus, NULL) == 0)
                        (void)sd_bus_wait(p->bus, 1000);
        }
        assert_int_equal(p->n, n);
}

/* cardio-notify, with a cardioctl beside it that does what the script says. */
static void stage_programs(NotifyStage *f, const char *script)
{
        static char program[160];
        char command[512], path[160];
        FILE *file;

        (void)snprintf(program, sizeof(program), "%s/cardio-notify-here", f->dir);
        (void)snprintf(command, sizeof(command), "cp %s/cardio-notify %s", BUILD, program);
        assert_int_equal(system(command), 0);
        (void)snprintf(path, sizeof(path), "%s/cardioctl", f->dir);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fprintf(file, "#!/bin/sh\n%s\n", script) > 0);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(chmod(path, 0700), 0);
        f->program = program;
}

static void show_summary(NotifyStage *f, int64_t session)
{
        stage_ended(f, session);
        stage_await(f, &f->server.out, SUMMARY);
}

#define WRITES "printf '%s' \"$*\" >\"$5\""

static void test_opened(void **state)
{
        NotifyStage *f = *state;
        char expected[256], path[192];
        struct stat st;
        Portal p;

        stage_programs(f, WRITES);
        stage_desktop_start(f);
        portal_start(&p, f);
        show_summary(f, 7);
        stage_command(f, "action 1 default");
        portal_await(&p, 1);
        (void)snprintf(path, sizeof(path), "%s/cardio-notify/run-7.html", f->dir);
        (void)snprintf(expected, sizeof(expected), "report 7 -f -o %s", path);
        assert_string_equal(p.opened, expected);
        /* Nobody else reads it. */
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        (void)snprintf(path, sizeof(path), "%s/cardio-notify", f->dir);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0700);

        /* One click that is reported several times opens one page. */
        show_summary(f, 8);
        stage_command(f, "action 2 default");
        stage_command(f, "action 2 default");
        stage_command(f, "action 2 default");
        portal_await(&p, 2);
        show_summary(f, 9);
        stage_command(f, "action 3 default");
        portal_await(&p, 3);
        (void)snprintf(expected, sizeof(expected), "report 9 -f -o %s/cardio-notify/run-9.html", f->dir);
        assert_string_equal(p.opened, expected);
        stage_stop(f);
        sd_bus_flush_close_unref(p.bus);
}

/* Servers tell of clicks on notifications that offer nothing for them, too: in the middle of a run there is no report. */
static void test_an_alert_has_none(void **state)
{
        NotifyStage *f = *state;
        char path[192];
        Portal p;

        stage_programs(f, WRITES);
        stage_desktop_start(f);
        portal_start(&p, f);
        stage_over(f, 7, 165, 10);
        stage_await(f, &f->server.out, "Notify id=1 replaces=0");
        stage_command(f, "action 1 default");
        show_summary(f, 8);
        stage_command(f, "action 2 default");
        portal_await(&p, 1);
        assert_non_null(strstr(p.opened, "report 8 "));
        (void)snprintf(path, sizeof(path), "%s/cardio-notify/run-7.html", f->dir);
        assert_int_equal(access(path, F_OK), -1);
        stage_stop(f);
        sd_bus_flush_close_unref(p.bus);
}

/* Of a cardiod of the runner's own. */
static void test_of_the_user(void **state)
{
        NotifyStage *f = *state;
        Portal p;

        stage_programs(f, WRITES);
        stage_cardiod_stop(f);
        stage_cardiod_start(f, STAGE_SESSION);
        stage_server_start(f);
        stage_notify_start(f, (const char *[]){ "--user", NULL });
        stage_await(f, &f->notify.err, "found cardiod on the session bus");
        portal_start(&p, f);
        show_summary(f, 7);
        stage_command(f, "action 1 default");
        portal_await(&p, 1);
        assert_non_null(strstr(p.opened, " --user"));
        stage_stop(f);
        sd_bus_flush_close_unref(p.bus);
}

static void test_not_written(void **state)
{
        NotifyStage *f = *state;

        stage_programs(f, "exit 4");
        stage_desktop_start(f);
        show_summary(f, 7);
        stage_command(f, "action 1 default");
        stage_await(f, &f->server.out,
                        "summary=\"The report was not opened\" body=\"cardioctl could not write it; `cardioctl report 7` "
                        "says why\"");
        stage_stop(f);
}

/* Where nothing opens it: no portal, or one that refuses, and no systemd on that bus. */
static void test_nobody_opens_it(void **state)
{
        NotifyStage *f = *state;
        Portal p;

        stage_programs(f, WRITES);
        stage_desktop_start(f);
        show_summary(f, 7);
        stage_command(f, "action 1 default");
        stage_await(f, &f->server.out,
                        "summary=\"The report was not opened\" body=\"no program opens pages here: xdg-desktop-portal or "
                        "xdg-utils is missing\"");
        portal_start(&p, f);
        p.refuse = true;
        show_summary(f, 8);
        stage_command(f, "action 2 default");
        portal_await(&p, 1);
        stage_await(f, &f->server.out, "summary=\"The report was not opened\"");
        stage_stop(f);
        sd_bus_flush_close_unref(p.bus);
}

/* A folder that others may enter is not written to. */
static void test_a_folder_of_others(void **state)
{
        NotifyStage *f = *state;
        char path[192];

        stage_programs(f, WRITES);
        (void)snprintf(path, sizeof(path), "%s/cardio-notify", f->dir);
        assert_int_equal(mkdir(path, 0700), 0);
        assert_int_equal(chmod(path, 0755), 0);
        stage_desktop_start(f);
        show_summary(f, 7);
        stage_command(f, "action 1 default");
        stage_await(f, &f->server.out,
                        "summary=\"The report was not opened\" body=\"Operation not permitted\"");
        stage_stop(f);
}

#define T(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(test_opened),
                T(test_an_alert_has_none),
                T(test_of_the_user),
                T(test_not_written),
                T(test_nobody_opens_it),
                T(test_a_folder_of_others),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
