/* SPDX-License-Identifier: MIT */

/* The stand-in for bluetoothd and the programs under test: started, spoken to, asked. Deadlines run on CLOCK_BOOTTIME.
 */

#include <signal.h>
#include <sqlite3.h>
#include <string.h>

#include "harness-private.h"

/* A command of the stand-in may be a whole recording. */
#define ANSWER_USEC  (120 * USEC_PER_SEC)
#define COMMAND_USEC (30 * USEC_PER_SEC)
#define TEXT_MAX     1024U

static char *build_path(const char *program)
{
        const char *build = getenv("BUILD");

        return format_text("%s/%s", build ? build : BUILD, program);
}

/* A wanted text, and what was found at the last check. */
typedef struct TextWanted {
        const char *path, *interface, *name;
        const char *expected;
        char *found;
} TextWanted;

static bool text_is_as_wanted(TextWanted *wanted, char *found)
{
        free(wanted->found);
        wanted->found = found;
        return found && strcmp(found, wanted->expected) == 0;
}

/* -- The stand-in -- */

void harness_standin_start(Harness *h)
{
        _cleanup_free_ char *program = build_path("bluez-standin");
        const char *const argv[] = { program, NULL };

        assert_null(h->standin);
        h->standin = child_start_by_clock(h, "bluez-standin", CHILD_INPUT, argv);
}

/* Finds the first reply after those already read. Returns NULL if there is none yet. To be freed. */
static char *standin_take_answer(Child *standin)
{
        _cleanup_free_ char *text = read_whole(standin->out_path, standin->answers_offset);
        char *line = text, *end;

        while ((end = strchr(line, '\n'))) {
                *end = '\0';
                standin->answers_offset += (size_t)(end - line) + 1;
                if (strcmp(line, "ok") == 0 || strncmp(line, "error: ", strlen("error: ")) == 0)
                        return strdup(line);
                line = end + 1;
        }
        return NULL;
}

typedef struct AnswerWanted {
        Child *standin;
        char *answer;
} AnswerWanted;

static bool standin_has_answered(Harness *h _unused_, void *userdata)
{
        AnswerWanted *wanted = userdata;

        wanted->answer = standin_take_answer(wanted->standin);
        return wanted->answer || wanted->standin->ended;
}

char *harness_standin_answer(Harness *h, const char *command)
{
        AnswerWanted wanted;

        if (!h->standin)
                harness_standin_start(h);
        wanted = (AnswerWanted){ h->standin, NULL };
        harness_child_write(h, h->standin, command);
        (void)harness_wait(h, standin_has_answered, &wanted, ANSWER_USEC);
        if (!wanted.answer)
                harness_fail(h, "the stand-in does not answer: %s", command);
        return wanted.answer;
}

void harness_standin(Harness *h, const char *format, ...)
{
        _cleanup_free_ char *answer = NULL;
        char command[TEXT_MAX * 4];
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vsnprintf(command, sizeof(command), format, arguments);
        va_end(arguments);
        assert_in_range(n, 1, sizeof(command) - 1);
        answer = harness_standin_answer(h, command);
        if (strcmp(answer, "ok") != 0)
                harness_fail(h, "%s\n%s", command, answer);
}

unsigned harness_calls(Harness *h, const char *pattern)
{
        _cleanup_free_ char *text = NULL;

        /* It replies once it has read all that is on the bus. */
        harness_standin(h, "#");
        text = harness_child_output(h, h->standin, false);
        return count_lines(text, pattern);
}

typedef struct CallsWanted {
        const char *pattern;
        unsigned count;
} CallsWanted;

static bool calls_have_come(Harness *h, void *userdata)
{
        const CallsWanted *wanted = userdata;
        _cleanup_free_ char *text = harness_child_output(h, h->standin, false);

        return count_lines(text, wanted->pattern) >= wanted->count;
}

void harness_wait_calls(Harness *h, const char *pattern, unsigned count, usec_t timeout_usec)
{
        CallsWanted wanted = { pattern, count };

        assert_non_null(h->standin);
        if (!harness_wait(h, calls_have_come, &wanted, timeout_usec))
                harness_fail(h, "%u of %u calls have come: %s", harness_calls(h, pattern), count, pattern);
}

void harness_pass_until_calls(Harness *h, const char *pattern, unsigned count, usec_t most_usec)
{
        CallsWanted wanted = { pattern, count };

        assert_non_null(h->standin);
        if (!harness_clock_wait(h, calls_have_come, &wanted, most_usec))
                harness_fail(h, "%u of %u calls have come: %s", harness_calls(h, pattern), count, pattern);
}

/* -- The daemon -- */

static bool name_has_owner(Harness *h, BusKind kind)
{
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;

        return h->buses[kind] && sd_bus_get_name_creds(h->buses[kind], CARDIO_BUS_NAME, 0, &creds) >= 0;
}

static bool daemon_owns_name(Harness *h, void *userdata _unused_)
{
        return h->daemon->ended || name_has_owner(h, h->daemon_bus);
}

static bool name_is_free(Harness *h, void *userdata _unused_)
{
        return !name_has_owner(h, h->daemon_bus);
}

static Child *daemon_spawn(Harness *h, const char *config, DaemonFlags flags, va_list *more)
{
        _cleanup_free_ char *program = build_path("cardiod");
        const char *argv[ARGUMENTS_MAX] = {
                program,
                "--config",
                harness_path(h, "cardiod.conf"),
                "--database",
                harness_path(h, "cardiod.db"),
        };
        size_t n = 5;

        if (config)
                harness_write_file(h, "cardiod.conf", config);
        if (flags & DAEMON_USER)
                argv[n++] = "--user";
        while (more && n < ARGUMENTS_MAX && (argv[n] = va_arg(*more, const char *)))
                n++;
        h->daemon_bus = flags & DAEMON_USER ? BUS_SESSION : BUS_SYSTEM;
        return child_start_by_clock(h, "cardiod", CHILD_WRAPPED, argv);
}

void harness_daemon_start_sentinel(Harness *h, const char *config, DaemonFlags flags, ...)
{
        va_list more;

        assert_null(h->daemon);
        va_start(more, flags);
        h->daemon = daemon_spawn(h, config, flags, &more);
        va_end(more);
        if (!harness_wait(h, daemon_owns_name, NULL, 2 * HARNESS_TIMEOUT) || h->daemon->ended)
                harness_fail(h, "cardiod does not start");
}

int harness_daemon_refuse(Harness *h, const char *config, DaemonFlags flags, char **ret_errors)
{
        Child *daemon = daemon_spawn(h, config, flags, NULL);
        int status = harness_child_end(h, daemon, 0);

        if (ret_errors)
                *ret_errors = harness_child_output(h, daemon, true);
        return status;
}

int harness_daemon_stop(Harness *h, int signal)
{
        int status;

        assert_non_null(h->daemon);
        status = harness_child_end(h, h->daemon, signal);
        h->daemon = NULL;
        /* The bus learns of it a moment later; the next daemon needs the name to be free. */
        if (h->buses[h->daemon_bus] && !harness_wait(h, name_is_free, NULL, HARNESS_TIMEOUT))
                harness_fail(h, CARDIO_BUS_NAME " is still owned");
        return status;
}

Child *harness_daemon(Harness *h)
{
        assert_non_null(h->daemon);
        return h->daemon;
}

/* -- Other programs -- */

static Child *program_spawn(Harness *h, const char *name, va_list *more)
{
        _cleanup_free_ char *program = build_path(name);
        const char *argv[ARGUMENTS_MAX] = { program };
        size_t n = 1;

        while (n < ARGUMENTS_MAX && (argv[n] = va_arg(*more, const char *)))
                n++;
        assert_in_range(n, 1, ARGUMENTS_MAX - 1);
        return child_start(h, name, CHILD_WRAPPED, argv);
}

int harness_command_sentinel(Harness *h, char **ret_output, char **ret_errors, const char *program, ...)
{
        va_list more;
        Child *child;

        va_start(more, program);
        child = program_spawn(h, program, &more);
        va_end(more);
        child->expected = true;
        if (!harness_wait(h, child_has_ended, child, COMMAND_USEC))
                harness_fail(h, "%s does not end", child->name);
        if (ret_output)
                *ret_output = harness_child_output(h, child, false);
        if (ret_errors)
                *ret_errors = harness_child_output(h, child, true);
        return child->status;
}

Child *harness_program_start_sentinel(Harness *h, const char *program, ...)
{
        va_list more;
        Child *child;

        va_start(more, program);
        child = program_spawn(h, program, &more);
        va_end(more);
        return child;
}

/* -- What it tells -- */

static int write_value(FILE *f, sd_bus_message *m);

static int write_container(FILE *f, sd_bus_message *m, char type, const char *contents)
{
        bool first = true;
        int r;

        r = sd_bus_message_enter_container(m, type, contents);
        while (r >= 0 && sd_bus_message_at_end(m, false) == 0) {
                if (!first)
                        fputc(' ', f);
                first = false;
                r = write_value(f, m);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int write_value(FILE *f, sd_bus_message *m)
{
        union {
                uint8_t y;
                int b, i;
                uint16_t q;
                uint32_t u;
                int16_t n;
                int64_t x;
                uint64_t t;
                double d;
                const char *s;
        } value;
        const char *contents;
        char type;
        int r;

        r = sd_bus_message_peek_type(m, &type, &contents);
        if (r < 0)
                return r;
        if (strchr("avre", type))
                return write_container(f, m, type, contents);
        r = sd_bus_message_read_basic(m, type, &value);
        if (r < 0)
                return r;
        switch (type) {
        case 'y':
                return fprintf(f, "%u", value.y);
        case 'b':
                return fputs(value.b ? "true" : "false", f);
        case 'n':
                return fprintf(f, "%d", value.n);
        case 'q':
                return fprintf(f, "%u", value.q);
        case 'i':
                return fprintf(f, "%d", value.i);
        case 'u':
                return fprintf(f, "%u", value.u);
        case 'x':
                return fprintf(f, "%" PRIi64, value.x);
        case 't':
                return fprintf(f, "%" PRIu64, value.t);
        case 'd':
                return fprintf(f, "%.10g", value.d);
        case 's':
        case 'o':
        case 'g':
                return fputs(value.s, f);
        default:
                return -EOPNOTSUPP;
        }
}

char *harness_message_text(sd_bus_message *m)
{
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        assert_non_null(f);
        assert_true(sd_bus_message_rewind(m, true) >= 0);
        for (bool first = true; sd_bus_message_at_end(m, true) == 0; first = false) {
                if (!first)
                        fputc(' ', f);
                assert_true(write_value(f, m) >= 0);
        }
        assert_true(sd_bus_message_rewind(m, true) >= 0);
        fclose(f);
        return text;
}

char *harness_property(Harness *h, const char *path, const char *interface, const char *name)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_call_method(harness_bus(h, h->daemon_bus), CARDIO_BUS_NAME, path,
                        "org.freedesktop.DBus.Properties", "Get", NULL, &reply, "ss", interface, name);
        return r < 0 ? NULL : harness_message_text(reply);
}

static bool property_is_as_wanted(Harness *h, void *userdata)
{
        TextWanted *wanted = userdata;

        return text_is_as_wanted(wanted, harness_property(h, wanted->path, wanted->interface, wanted->name));
}

static void expect_property(TextWanted *wanted, bool found)
{
        if (!found)
                fail_msg("%s %s is %s, expected %s", wanted->path, wanted->name,
                                wanted->found ? wanted->found : "not there", wanted->expected);
        free(wanted->found);
}

void harness_wait_property(Harness *h, const char *path, const char *interface, const char *name,
                const char *expected, usec_t timeout_usec)
{
        TextWanted wanted = { path, interface, name, expected, NULL };

        expect_property(&wanted, harness_wait(h, property_is_as_wanted, &wanted, timeout_usec));
}

void harness_pass_until_property(Harness *h, const char *path, const char *interface, const char *name,
                const char *expected, usec_t most_usec)
{
        TextWanted wanted = { path, interface, name, expected, NULL };

        expect_property(&wanted, harness_clock_wait(h, property_is_as_wanted, &wanted, most_usec));
}

int harness_call(Harness *h, sd_bus_message **ret_reply, char **ret_error, const char *member,
                const char *types, ...)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        const char *interface = CARDIO_MANAGER_INTERFACE, *dot = strrchr(member, '.');
        _cleanup_free_ char *other = NULL;
        int r;

        if (dot) {
                other = strndup(member, (size_t)(dot - member));
                assert_non_null(other);
                interface = other;
                member = dot + 1;
        }
        need(h, sd_bus_message_new_method_call(harness_bus(h, h->daemon_bus), &m, CARDIO_BUS_NAME,
                                CARDIO_OBJECT, interface, member));
        if (types) {
                va_list arguments;

                va_start(arguments, types);
                r = sd_bus_message_appendv(m, types, arguments);
                va_end(arguments);
                need(h, r);
        }
        r = sd_bus_call(harness_bus(h, h->daemon_bus), m, COMMAND_USEC * h->scale, &error, &reply);
        if (ret_error)
                *ret_error = r < 0 && error.name ? strdup(error.name) : NULL;
        if (r < 0)
                return r;
        if (ret_reply)
                *ret_reply = TAKE_PTR(reply);
        return 0;
}

/* -- The database -- */

static int sql_write_rows(FILE *f, sqlite3_stmt *statement)
{
        int r;

        for (bool first = true; (r = sqlite3_step(statement)) == SQLITE_ROW; first = false) {
                if (!first)
                        fputc('\n', f);
                for (int i = 0; i < sqlite3_column_count(statement); i++) {
                        const unsigned char *text = sqlite3_column_text(statement, i);

                        fprintf(f, "%s%s", i > 0 ? "|" : "", text ? (const char *)text : "");
                }
        }
        return r == SQLITE_DONE ? SQLITE_OK : r;
}

/* Returns NULL and the reason if the query fails. */
static char *sql_query(Harness *h, const char *sql, char reason[static TEXT_MAX])
{
        sqlite3_stmt *statement = NULL;
        char *text = NULL;
        sqlite3 *db = NULL;
        size_t size;
        int r;

        r = sqlite3_open_v2(harness_path(h, "cardiod.db"), &db, SQLITE_OPEN_READONLY, NULL);
        if (r == SQLITE_OK)
                r = sqlite3_busy_timeout(db, 2000);
        if (r == SQLITE_OK)
                r = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
        if (r == SQLITE_OK) {
                FILE *f = open_memstream(&text, &size);

                assert_non_null(f);
                r = sql_write_rows(f, statement);
                fclose(f);
        }
        if (r != SQLITE_OK) {
                (void)snprintf(reason, TEXT_MAX, "%s", sqlite3_errmsg(db));
                free(text);
                text = NULL;
        }
        sqlite3_finalize(statement);
        sqlite3_close(db);
        return text;
}

char *harness_sql(Harness *h, const char *sql)
{
        char reason[TEXT_MAX];
        char *text = sql_query(h, sql, reason);

        if (!text)
                harness_fail(h, "%s: %s", sql, reason);
        return text;
}

static bool sql_is_as_wanted(Harness *h, void *userdata)
{
        TextWanted *wanted = userdata;
        char reason[TEXT_MAX];

        return text_is_as_wanted(wanted, sql_query(h, wanted->name, reason));
}

static void expect_sql(TextWanted *wanted, bool found)
{
        if (!found)
                fail_msg("%s: %s, expected %s", wanted->name, wanted->found ? wanted->found : "not to be had",
                                wanted->expected);
        free(wanted->found);
}

void harness_wait_sql(Harness *h, const char *sql, const char *expected, usec_t timeout_usec)
{
        TextWanted wanted = { .name = sql, .expected = expected };

        expect_sql(&wanted, harness_wait(h, sql_is_as_wanted, &wanted, timeout_usec));
}

void harness_pass_until_sql(Harness *h, const char *sql, const char *expected, usec_t most_usec)
{
        TextWanted wanted = { .name = sql, .expected = expected };

        expect_sql(&wanted, harness_clock_wait(h, sql_is_as_wanted, &wanted, most_usec));
}
