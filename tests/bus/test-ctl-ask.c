/* SPDX-License-Identifier: MIT */
/* The diary asked for on a terminal: the questions, what is sent to the daemon then, and that nothing is sent if the runner
 * interrupts. Without a terminal nothing is asked. */
#include <string.h>

#include "ctl-coach.h"
#include "terminal.h"

/* An answer, once the question is there. */
static void answer(Terminal *t, const char *question, const char *line)
{
        (void)terminal_find(t, 0, question);
        terminal_type(t, line);
        terminal_type(t, "\r");
}

/* Through the body while it is measured, and the questions afterwards; --quiet is without both. */
static void test_rest_guides(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL, *quiet = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };
        unsigned at;
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        coach.silent = true;
        t = terminal_run(h, 24, 80, "rest", "--seconds", "30", NULL);
        at = terminal_find(t, 0, "Close your eyes. Begin with your toes.");
        terminal_wait(t, at + 1, "Ankles and shins: stiff, or easy?");
        terminal_wait(t, at + 2, "Calves: tight, or soft?");
        terminal_wait(t, at + 3, "* s left  *");
        terminal_type(t, "\003");
        assert_int_equal(terminal_wait_end(t), 1);
        coach.n_calls = 0;
        coach.silent = false;
        t = terminal_free(t);
        t = terminal_run(h, 24, 80, "rest", NULL);
        answer(t, "How do you feel, 1 worn out to 5 great[?]*", "4");
        answer(t, "In what mood are you[?]*", "");
        answer(t, "What is sore[?]*", "");
        answer(t, "Does anything hurt[?]*", "");
        (void)terminal_find(t, 0, "Today: a recovery run, 20 to 30 minutes");
        assert_int_equal(terminal_wait_end(t), 0);
        assert_int_equal(strncmp(coach.call[1], "LogDay ", 7), 0);
        ctl_assert_contains(coach.call[1], " feel 4");
        coach.n_calls = 0;

        quiet = terminal_run(h, 24, 80, "rest", "--quiet", NULL);
        assert_int_equal(terminal_wait_end(quiet), 0);
        ctl_coach_expect(&coach, "MeasureResting 300");
        assert_null(strstr(terminal_sent(quiet), "toes"));
        assert_null(strstr(terminal_sent(quiet), "How do you feel"));
}

/* The same of a session. */
static void test_session_log_shown(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        (void)ctl_database(h, "INSERT INTO session (id, source, started_at) VALUES (9, 'strap', 1000)");
        assert_int_equal(ctl_run(&c, "log", "last", NULL), 0);
        assert_string_equal(c.out, "Session 9 of 2026-05-12, 06:31: nothing is logged\n\n"
                                   "Kind        recovery\nVerdict     A good recovery run.\n");
        c.daemon.logged = true;
        assert_int_equal(ctl_run(&c, "log", "12", NULL), 0);
        assert_string_equal(c.out,
                        "Session 12 of 2026-05-12, 06:31\n\n"
                        "Talk test   failed: you could not talk\nEffort felt 7 of 10\nNote        uphill\n"
                        "Kind        recovery\nVerdict     A good recovery run.\n");
        assert_int_equal(ctl_run(&c, "log", "12", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.session"), "12");
        assert_string_equal(ctl_json(&c, "$.talk_test"), "fail");
        assert_string_equal(ctl_json(&c, "$.rpe"), "7");
        assert_string_equal(ctl_json(&c, "$.note"), "uphill");
        assert_string_equal(ctl_json(&c, "$.kind"), "recovery");
        assert_int_equal(coach.n_calls, 0);

        c.daemon.error = CARDIO_ERROR_NO_SUCH_SESSION;
        c.daemon.error_message = "There is no session 99";
        assert_int_equal(ctl_run(&c, "log", "99", NULL), 4);
}

static void test_session_log_asks(Harness *h)
{
        _cleanup_terminal_ Terminal *first = NULL, *again = NULL, *kept = NULL, *broken_off = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        first = terminal_run(h, 24, 80, "log", "12", NULL);
        (void)terminal_find(first, 0, "Enter keeps what is so, - takes it back, Ctrl-C keeps no answer.");
        answer(first, "Could you talk in whole sentences, yes or no[?]*", "y");
        answer(first, "How hard did it feel, 1 very easy to 10 all you had[?]*", "10");
        answer(first, "A note[?]*", "  downhill, too");
        (void)terminal_find(first, 0, "Noted for session 12.");
        assert_int_equal(terminal_wait_end(first), 0);
        ctl_coach_expect(&coach, "Annotate 12 talk_test pass rpe 10 note downhill, too");

        c.daemon.logged = true;
        again = terminal_run(h, 24, 80, "log", "12", NULL);
        answer(again, "Could you talk in whole sentences, yes or no \\[no\\][?]*", "-");
        answer(again, "How hard did it feel, 1 very easy to 10 all you had \\[7\\][?]*", "1");
        answer(again, "A note[?] \\[uphill\\]*", "-");
        assert_int_equal(terminal_wait_end(again), 0);
        ctl_coach_expect(&coach, "Annotate 12 talk_test  rpe 1 note ");

        kept = terminal_run(h, 24, 80, "log", "12", NULL);
        answer(kept, "Could you talk*", "");
        answer(kept, "How hard did it feel*", "");
        answer(kept, "A note[?]*", "");
        (void)terminal_find(kept, 0, "Effort felt 7 of 10");
        assert_int_equal(terminal_wait_end(kept), 0);

        broken_off = terminal_run(h, 24, 80, "log", "12", NULL);
        answer(broken_off, "Could you talk*", "no");
        (void)terminal_find(broken_off, 0, "How hard did it feel*");
        terminal_type(broken_off, "\003");
        assert_int_equal(terminal_wait_end(broken_off), 1);
        assert_int_equal(coach.n_calls, 0);
}

/* Where nobody can be asked it is shown. */
static void test_log_shown(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        assert_int_equal(ctl_run(&c, "log", "2026-05-17", NULL), 0);
        assert_string_equal(c.out, "Sun 2026-05-17: nothing is logged\n");
        coach.logged = true;
        assert_int_equal(ctl_run(&c, "log", "2026-05-17", NULL), 0);
        assert_string_equal(c.out, "Sun 2026-05-17\n\n"
                                   "Feel        3 of 5\nMood        calm\nSore        calves\n"
                                   "Pain        left knee, since 2026-05-15; no running with it\n"
                                   "            toe, since 2026-05-01\nNote        slept late\n");
        assert_int_equal(ctl_run(&c, "log", "2026-05-17", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.feel"), "3");
        assert_string_equal(ctl_json(&c, "$.pains[0].text"), "left knee");
        assert_string_equal(ctl_json(&c, "$.date"), "2026-05-17");
        assert_int_equal(coach.n_calls, 0);
}

static void test_log_asks(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        t = terminal_run(h, 40, 80, "log", "2026-05-17", NULL);
        (void)terminal_find(t, 0, "Enter keeps what is so, - takes it back, Ctrl-C keeps no answer.");
        answer(t, "How do you feel, 1 worn out to 5 great[?]*", "7");
        terminal_wait(t, 2, "One of: 1 2 3 4 5 -; or just Enter.");
        terminal_wait(t, 3, "How do you feel, 1 worn out to 5 great[?]");
        terminal_type(t, "2\r");
        answer(t, "In what mood are you[?]*", "  low, and tired ");
        answer(t, "What is sore[?]*", "");
        answer(t, "Does anything hurt[?]*", "left knee");
        answer(t, "Does it get worse, yes or no[?]*", "n");
        answer(t, "Does it change how you move, yes or no[?]*", "YES");
        answer(t, "Is it dull or sharp[?]*", "s");
        answer(t, "Is it in the muscle or the bone[?]*", "bone");
        (void)terminal_find(t, 0, "Sun 2026-05-17: a recovery run, 20 to 30 minutes");
        assert_int_equal(terminal_wait_end(t), 0);
        assert_string_equal(coach.call[1], "Today 2026-05-17");
        ctl_coach_expect(&coach,
                        "LogDay 2026-05-17 feel 2 mood low, and tired pain left knee pain_worsening false pain_gait true note "
                        "left knee: sharp, bone");
}

/* Enter keeps what stands; a pain that does is asked about by its name. */
static void test_log_asks_again(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        coach.logged = true;
        t = terminal_run(h, 40, 40, "log", "2026-05-17", NULL);
        answer(t, "[[]3[]][?]", "");
        answer(t, "In what mood are you? ?calm?*", "-");
        answer(t, "What is sore? ?calves?*", "");
        (void)terminal_find(t, 0, "Your pain, left knee, since Friday:");
        answer(t, "gone, same, worse[?]", "gone");
        (void)terminal_find(t, 0, "Your pain, toe, since 2026-05-01: gone,");
        answer(t, "same, worse[?]", "same");
        answer(t, "Does anything else hurt[?]*", "no");
        assert_int_equal(terminal_wait_end(t), 0);
        assert_string_equal(coach.call[0], "LogDay 2026-05-17 pain_gone left knee");
        assert_string_equal(coach.call[1], "LogDay 2026-05-17 pain toe");
        assert_string_equal(coach.call[2], "LogDay 2026-05-17 mood ");
        assert_string_equal(coach.call[3], "Today 2026-05-17");
        assert_int_equal(coach.n_calls, 4);
}

/* However far it has come, nothing is stored. */
static void test_log_broken_off(Harness *h)
{
        static const char *const keys[] = { "\003", "\004" };

        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                Terminal *t = NULL;
                _cleanup_ctl_ Ctl c = { .h = h };
                static CtlCoach coach;

                if (i == 0)
                        ctl_coach(&coach, &c, BUS_SYSTEM);
                t = terminal_run(h, 24, 80, "log", "today", NULL);
                answer(t, "How do you feel, 1 worn out to 5 great[?]*", "2");
                answer(t, "In what mood are you[?]*", "low");
                (void)terminal_find(t, 0, "What is sore[?]*");
                terminal_type(t, keys[i]);
                assert_int_equal(terminal_wait_end(t), 1);
                (void)terminal_find(t, 0, "cardioctl: broken off; none of the answers is kept");
                assert_int_equal(coach.n_calls, 0);
                (void)terminal_free(t);
        }
}

static void test_add_asks(Harness *h)
{
        static const struct {
                const char *kind, *answer, *call;
        } cases[] = {
                { "base", "y", "AddSession local_date 2026-03-28 minutes 45 kind base talk_test pass" },
                { "recovery", "no",
                                "AddSession local_date 2026-03-28 minutes 45 kind recovery talk_test fail" },
                { "long", "", "AddSession local_date 2026-03-28 minutes 45 kind long" },
                { "hard", NULL, "AddSession local_date 2026-03-28 minutes 45 kind hard" },
        };
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Terminal *t = terminal_run(
                                h, 24, 80, "add", "2026-03-28", "45", "--kind", cases[i].kind, NULL);

                if (cases[i].answer)
                        answer(t, "Could you talk in whole sentences, yes or no[?]*", cases[i].answer);
                assert_int_equal(terminal_wait_end(t), 0);
                (void)terminal_find(t, 0, "Session 12: 45 minutes on 2026-03-28.");
                ctl_coach_expect(&coach, cases[i].call);
                (void)terminal_free(t);
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_test(test_rest_guides),
                harness_test(test_log_shown),
                harness_test(test_session_log_shown),
                harness_test(test_session_log_asks),
                harness_test(test_log_asks),
                harness_test(test_log_asks_again),
                harness_test(test_log_broken_off),
                harness_test(test_add_asks),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
