/* SPDX-License-Identifier: MIT */

/* What the tests of what cardio-notify plays and says run in. */

#include "heard-fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shim-fixture.h"

bool heard_is_built_in(void)
{
        FILE *f = popen(BUILD "/cardio-notify --version", "re");
        char line[128];
        bool all = true;

        assert_non_null(f);
        while (fgets(line, sizeof(line), f))
                all = all && !strstr(line, "not built in");
        assert_int_equal(pclose(f), 0);
        return all;
}

int heard_setup(void **state)
{
        Heard *h = calloc(1, sizeof(*h));
        char path[96];

        assert_int_equal(stage_setup((void **)&h->stage), 0);
        (void)snprintf(path, sizeof(path), "%s/heard", h->stage->dir);
        h->lines.fd = aloud_begin(path);
        *state = h;
        return 0;
}

int heard_teardown(void **state)
{
        Heard *h = *state;

        shim_inherit_no_more();
        (void)close(h->lines.fd);
        (void)stage_teardown((void **)&h->stage);
        free(h);
        return 0;
}

void heard_begin(Heard *h, const char *config)
{
        stage_config(h->stage, config);
        stage_print_start(h->stage);
}

void heard_begin_desktop(Heard *h, const char *config, const char *command)
{
        stage_config(h->stage, config);
        stage_server_start(h->stage);
        if (command)
                stage_command(h->stage, command);
        stage_notify_start(h->stage, (const char *[]){ NULL });
        stage_await(h->stage, &h->stage->notify.err, "found cardiod on the system bus");
}

void heard_expect(Heard *h, const char *line)
{
        stage_expect(h->stage, &h->lines, line);
}

void heard_expect_nothing(Heard *h, bool after)
{
        stage_cue(h->stage, 99, "easy", 0);
        if (after)
                heard_expect(h, "stop");
        heard_expect(h, HEARD_BELL);
}

void heard_expect_both(Heard *h, const char *sound, const char *words)
{
        char a[STAGE_LINE_MAX], b[STAGE_LINE_MAX];
        bool sound_first;

        stage_next_line(h->stage, &h->lines, a);
        stage_next_line(h->stage, &h->lines, b);
        sound_first = strncmp(a, "sound", 5) == 0;
        assert_string_equal(sound_first ? a : b, sound);
        assert_string_equal(sound_first ? b : a, words);
}
