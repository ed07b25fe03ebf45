/* SPDX-License-Identifier: MIT */
/* Questions on a terminal: with the terminal's own line editing, and Ctrl-C that discards everything answered so far. No
 * clock. */
#include "ask.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "memory.h"

void ask_begin(Ask *a, const Output *out)
{
        sigset_t interrupt;

        *a = (Ask){ .out = out };
        (void)sigemptyset(&interrupt);
        (void)sigaddset(&interrupt, SIGINT);
        (void)sigaddset(&interrupt, SIGTERM);
        (void)sigaddset(&interrupt, SIGHUP);
        (void)sigprocmask(SIG_BLOCK, &interrupt, &a->before); /* cannot fail */
        a->interrupt = signalfd(-1, &interrupt, SFD_CLOEXEC | SFD_NONBLOCK);
        if (a->interrupt < 0)
                (void)sigprocmask(
                                SIG_SETMASK, &a->before, NULL); /* ends the program, which is just as good */
        /* Reads no byte beyond the answer: the rest may be for another program. */
        (void)setvbuf(stdin, NULL, _IONBF, 0);
}

void ask_end(Ask *a)
{
        if (a->interrupt < 0)
                return;
        (void)close(a->interrupt);
        (void)sigprocmask(SIG_SETMASK, &a->before, NULL);
        a->interrupt = -1;
}

Outcome ask_broken_off(void)
{
        return fail(OUTCOME_FAILED, "broken off; none of the answers is kept");
}

/* Waits for a line, or the end of input. Returns false if Ctrl-C comes first. */
static bool wait_for_line(const Ask *a)
{
        struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
                { .fd = a->interrupt, .events = POLLIN } };
        struct signalfd_siginfo info;

        while (poll(fds, ELEMENTSOF(fds), -1) < 0 && errno == EINTR)
                ;
        return !(fds[1].revents & POLLIN) || read(a->interrupt, &info, sizeof(info)) < 0;
}

static void trim(char *text)
{
        size_t begin = strspn(text, " \t"), end = strlen(text);

        while (end > begin && strchr(" \t\r\n", text[end - 1]))
                end--;
        memmove(text, text + begin, end - begin);
        text[end - begin] = '\0';
}

/* Skips the rest of a line that is longer than an answer may be. */
static void skip_line(void)
{
        int c;

        while ((c = getchar()) != '\n' && c != EOF)
                ;
}

_printf_(3, 0) static Outcome
                ask_list(Ask *a, char answer[static ASK_ANSWER_MAX], const char *format, va_list arguments)
{
        _cleanup_free_ char *question = NULL;
        Line line;

        question = text_formatted(format, arguments);
        line = (Line){ .out = a->out };
        line_add(&line, STYLE_PLAIN, "%s", question);
        putchar(' ');
        (void)fflush(stdout);
        if (!wait_for_line(a) || !fgets(answer, ASK_ANSWER_MAX, stdin)) {
                clearerr(stdin);
                putchar('\n');
                return ask_broken_off();
        }
        if (!strchr(answer, '\n'))
                skip_line();
        trim(answer);
        return OUTCOME_DONE;
}

Outcome ask_line(Ask *a, char answer[static ASK_ANSWER_MAX], const char *format, ...)
{
        va_list arguments;
        Outcome outcome;

        va_start(arguments, format);
        outcome = ask_list(a, answer, format, arguments);
        va_end(arguments);
        return outcome;
}

/* Which word begins with the answer, -1 = none. */
static int find_word(const char *words, const char *answer)
{
        size_t n = strlen(answer);

        for (int i = 0; *words; i++) {
                size_t length = strcspn(words, " ");

                if (n <= length && strncasecmp(words, answer, n) == 0)
                        return i;
                words += length + (words[length] == ' ');
        }
        return -1;
}

Outcome ask_word(Ask *a, const char *words, int *ret, const char *format, ...)
{
        char answer[ASK_ANSWER_MAX];
        va_list arguments;
        Outcome outcome;

        for (;;) {
                va_start(arguments, format);
                outcome = ask_list(a, answer, format, arguments);
                va_end(arguments);
                if (outcome != OUTCOME_DONE)
                        return outcome;
                *ret = *answer ? find_word(words, answer) : -1;
                if (!*answer || *ret >= 0)
                        return OUTCOME_DONE;
                output_wrapped(a->out, STYLE_WARNING, 0, 0, "One of: %s; or just Enter.", words);
        }
}
