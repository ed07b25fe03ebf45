/* SPDX-License-Identifier: MIT */
/* Packet streams of straps, each in a file of its own, played through the core and the store at full speed.
 *
 *      test-replay-streams [--update | --print | --table] [FILE…]
 *
 * Without files: all of tests/replay, and it prints TAP, a test for each. A file fails if what comes of it is not what its
 * own lines say, or if anything is so that must never be (replay-rows.c). --update writes into each file what comes of it
 * now; --print only prints that. --table compares the streams of $(TEST_DATA)/streams with what an independent model of the
 * rules made of them, which their README names. See CONTRIBUTING.md.
 *
 * REPLAY_EVERY=N: of all of tests/replay the first, the (1+N)th and so on, for where a file takes long. */

#include <ftw.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cardio/macro.h"
#include "../replay/replay.h"

#define CORPUS "tests/replay/*.replay"

typedef enum Mode {
        MODE_CHECK,
        MODE_UPDATE,
        MODE_PRINT,
        MODE_TABLE,
} Mode;

typedef struct Played {
        Lines found, broken;
        ReplayFigures figures;
        char *error;
} Played;

static void played_end(Played *p)
{
        lines_free(&p->found);
        lines_free(&p->broken);
        free(p->error);
}
#define _cleanup_played_ _cleanup_(played_end)

/* -- A file -- */

static int remove_one(const char *path, _unused_ const struct stat *st, _unused_ int type,
                _unused_ struct FTW *walk)
{
        return remove(path);
}

/* Three hundred databases are made and thrown away again: in memory, where no sync waits for a disk. */
static const char *temporary_folder(void)
{
        const char *temporary = getenv("TMPDIR");

        return temporary ? temporary : access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
}

/* In a folder of its own, which is gone afterwards. */
static int play(const Replay *r, Played *ret)
{
        _cleanup_free_ char *folder = NULL;
        int q;

        if (asprintf(&folder, "%s/cardio-replay-XXXXXX", temporary_folder()) < 0)
                return -ENOMEM;
        if (!mkdtemp(folder))
                return replay_error(&ret->error, "%s: %s", folder, strerror(errno));
        q = replay_play(r, folder, &ret->found, &ret->broken, &ret->figures, &ret->error);
        (void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
        return q;
}

/* -- Differences, line by line -- */

#define DIFFERENCE_LINES_MAX 2000U

static size_t split(char *text, char **lines)
{
        size_t n = 0;

        for (char *line; n < DIFFERENCE_LINES_MAX && (line = strsep(&text, "\n"));)
                if (text) /* what is behind the last newline is no line */
                        lines[n++] = line;
        return n;
}

/* The longest common lines stay, the others are taken out (-) or put in (+). */
static void print_difference(const char *expected, const char *found)
{
        _cleanup_free_ char *a_text = strdup(expected), *b_text = strdup(found);
        _cleanup_free_ char **a = calloc(DIFFERENCE_LINES_MAX, sizeof(*a)),
                            **b = calloc(DIFFERENCE_LINES_MAX, sizeof(*b));
        _cleanup_free_ uint16_t *common = NULL;
        size_t n, m, i = 0, j = 0;

        if (!a_text || !b_text || !a || !b)
                return;
        n = split(a_text, a);
        m = split(b_text, b);
        common = calloc((n + 1) * (m + 1), sizeof(*common));
        if (!common)
                return;
#define COMMON(i, j) common[(i) * (m + 1) + (j)]
        for (size_t x = n; x-- > 0;)
                for (size_t y = m; y-- > 0;) {
                        uint16_t down = COMMON(x + 1, y), right = COMMON(x, y + 1);

                        if (strcmp(a[x], b[y]) == 0)
                                COMMON(x, y) = (uint16_t)(COMMON(x + 1, y + 1) + 1);
                        else
                                COMMON(x, y) = down > right ? down : right;
                }
        printf("#   - expected, + found:\n");
        while (i < n || j < m) {
                if (i < n && j < m && strcmp(a[i], b[j]) == 0)
                        printf("#     %s\n", a[i++]), j++;
                else if (i < n && (j == m || COMMON(i + 1, j) >= COMMON(i, j + 1)))
                        printf("#   - %s\n", a[i++]);
                else
                        printf("#   + %s\n", b[j++]);
        }
#undef COMMON
}

static void print_commented(const char *text)
{
        while (*text) {
                size_t n = strcspn(text, "\n");

                printf("#   %.*s\n", (int)n, text);
                text += n + (text[n] == '\n');
        }
}

/* -- What is done with a file -- */

/* Returns whether it is as expected. */
static bool check_file(const char *path, size_t number)
{
        _cleanup_(replay_freep) Replay *r = NULL;
        _cleanup_played_ Played p = { .error = NULL };
        bool same;

        if (replay_load(path, &r, &p.error) < 0 || (!r->data_missing && play(r, &p) < 0)) {
                printf("not ok %zu - %s\n#   %s\n", number, path, p.error ? p.error : "out of memory");
                return false;
        }
        if (r->data_missing) {
                printf("ok %zu - %s # SKIP %s/%s is missing\n", number, path, TEST_DATA, r->data);
                return true;
        }
        same = strcmp(r->expected, p.found.text) == 0;
        if (same && p.broken.n == 0) {
                printf("ok %zu - %s\n", number, path);
                return true;
        }
        printf("not ok %zu - %s\n", number, path);
        if (!*r->expected)
                printf("#   it does not say what is expected; --update writes what comes of it\n");
        else if (!same)
                print_difference(r->expected, p.found.text);
        if (p.broken.n > 0) {
                printf("#   what must never be:\n");
                print_commented(p.broken.text);
        }
        return false;
}

static bool update_file(const char *path, bool print)
{
        _cleanup_(replay_freep) Replay *r = NULL;
        _cleanup_played_ Played p = { .error = NULL };
        int q;

        if (replay_load(path, &r, &p.error) < 0 || (!r->data_missing && play(r, &p) < 0)) {
                fprintf(stderr, "%s\n", p.error ? p.error : "out of memory");
                return false;
        }
        if (r->data_missing) {
                fprintf(stderr, "%s: %s/%s is missing: left as it is\n", path, TEST_DATA, r->data);
                return true;
        }
        if (p.broken.n > 0)
                fprintf(stderr, "%s: what must never be:\n%s", path, p.broken.text);
        if (print) {
                fputs(p.found.text, stdout);
                return p.broken.n == 0;
        }
        if (strcmp(r->expected, p.found.text) == 0)
                return p.broken.n == 0;
        q = replay_update(path, p.found.text);
        if (q < 0)
                fprintf(stderr, "%s: cannot be written: %s\n", path, strerror(-q));
        else
                printf("%s\n", path);
        return q == 0 && p.broken.n == 0;
}

/* -- The table -- */

/* A figure of the model's and ours, with a mark where they differ. */
static bool print_pair(const char *model, double ours)
{
        char text[REPLAY_NUMBER_MAX] = "-";
        double theirs = NAN;
        bool same;

        model += strspn(model, " ");
        if (strchr("0123456789", *model) && *model)
                theirs = strtod(model, NULL);
        if (!isnan(ours))
                (void)replay_number(ours, text);
        same = (isnan(theirs) && isnan(ours)) || fabs(theirs - ours) < 0.051;
        if (same)
                printf(" %s |", text);
        else
                printf(" **%.*s / %s** |", (int)strcspn(model, " |"), model, text);
        return same;
}

#define COLUMNS 9

static bool print_row(const char *name, char *cells)
{
        _cleanup_(replay_freep) Replay *r = NULL;
        _cleanup_played_ Played p = { .error = NULL };
        _cleanup_free_ char *path = NULL;
        const ReplayFigures *f = &p.figures;
        char *cell[COLUMNS];
        bool same = true;

        for (size_t i = 0; i < COLUMNS; i++) {
                cell[i] = strsep(&cells, "|");
                if (!cells)
                        return false;
        }
        if (asprintf(&path, "tests/replay/stream-%s.replay", name) < 0 ||
                        replay_load(path, &r, &p.error) < 0 || play(r, &p) < 0) {
                printf("| %s | %s\n", name, p.error ? p.error : "out of memory");
                return false;
        }
        printf("| %s |", name);
        same &= print_pair(cell[0], f->heart_rates);
        same &= print_pair(cell[1], f->sessions);
        same &= print_pair(cell[2], f->noticed);
        same &= print_pair(cell[3], f->began);
        same &= print_pair(cell[4], f->first_alert);
        same &= print_pair(cell[5], f->peak);
        /* It leaves these empty where there is no session. */
        same &= print_pair(cell[6], f->sessions > 0 ? f->over_s : NAN);
        same &= print_pair(cell[7], f->sessions > 0 ? f->live_s : NAN);
        same &= print_pair(cell[8], f->sessions > 0 ? f->breaches : NAN);
        putchar('\n');
        return same;
}

static bool print_table(void)
{
        char line[1024];
        unsigned n = 0, n_same = 0;
        FILE *f = fopen(TEST_DATA "/streams/README.md", "re");

        if (!f) {
                fprintf(stderr, "%s/streams is missing\n", TEST_DATA);
                return false;
        }
        printf("Where they differ: **model / ours**. Seconds from the first packet.\n\n"
               "| stream | heart rates | sessions | noticed | began | first OverLimit | peak | over s | live s | breaches |\n"
               "|---|---|---|---|---|---|---|---|---|---|\n");
        while (fgets(line, sizeof(line), f)) {
                char *rest = line + 2, *name = NULL;

                if (strncmp(line, "| ", 2) == 0)
                        name = strsep(&rest, " ");
                if (!name || !rest || strncmp(rest, "| ", 2) != 0 || strcmp(name, "stream") == 0)
                        continue;
                rest++;
                n++;
                n_same += print_row(name, rest);
        }
        (void)fclose(f);
        printf("\n%u of %u are the same.\n", n_same, n);
        return n > 0;
}

/* -- All files -- */

static int do_all(Mode mode, char **paths, size_t n, size_t every)
{
        size_t failed = 0;

        if (mode == MODE_CHECK)
                printf("1..%zu\n", (n + every - 1) / every);
        for (size_t i = 0; i < n; i += every) {
                bool good = mode == MODE_CHECK ? check_file(paths[i], i / every + 1)
                                               : update_file(paths[i], mode == MODE_PRINT);

                failed += !good;
                (void)fflush(stdout);
        }
        return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
        static const char *const names[] = {
                [MODE_UPDATE] = "--update", [MODE_PRINT] = "--print", [MODE_TABLE] = "--table"
        };
        Mode mode = MODE_CHECK;
        const char *told = getenv("REPLAY_EVERY");
        glob_t found;
        int every, status;

        for (Mode m = MODE_UPDATE; m <= MODE_TABLE; m++)
                if (argc > 1 && strcmp(argv[1], names[m]) == 0)
                        mode = m;
        if (mode != MODE_CHECK)
                argc--, argv++;
        if (argc > 1 && argv[1][0] == '-') {
                fprintf(stderr, "usage: test-replay-streams [--update | --print | --table] [FILE...]\n");
                return 2;
        }
        if (mode == MODE_TABLE)
                return print_table() ? EXIT_SUCCESS : EXIT_FAILURE;
        if (argc > 1)
                return do_all(mode, argv + 1, (size_t)argc - 1, 1);
        if (glob(CORPUS, 0, NULL, &found) != 0) {
                fprintf(stderr, CORPUS ": there are none; run it from the top of the tree\n");
                return 2;
        }
        every = mode == MODE_CHECK && told ? atoi(told) : 1;
        status = every > 0 ? do_all(mode, found.gl_pathv, found.gl_pathc, (size_t)every) : 2;
        globfree(&found);
        return status;
}
