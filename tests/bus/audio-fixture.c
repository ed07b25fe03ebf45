/* SPDX-License-Identifier: MIT */

/* Real servers of sound and speech for tests, and ears. CLOCK_MONOTONIC. */

#include "audio-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cardio/macro.h"

#define PATIENCE_MS 20000
/* Of 32768. The quietest that is played comes to thousands. */
#define LOUD 300

int64_t audio_now_ms(void)
{
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool is_installed(const char *program)
{
        _cleanup_free_ char *path = strdup(getenv("PATH") ? getenv("PATH") : "/usr/bin");
        char *rest = path, file[512];

        for (char *folder; (folder = strsep(&rest, ":"));) {
                (void)snprintf(file, sizeof(file), "%s/%s", folder, program);
                if (access(file, X_OK) == 0)
                        return true;
        }
        return false;
}

const char *audio_missing(void)
{
        static const char *const programs[] = { "pulseaudio", "parec", "speech-dispatcher" };

        for (size_t i = 0; i < ELEMENTSOF(programs); i++)
                if (!is_installed(programs[i]))
                        return programs[i];
        return NULL;
}

static pid_t start(const char *const argv[], int out, const char *log)
{
        pid_t pid = fork();
        int fd;

        assert_true(pid >= 0);
        if (pid > 0)
                return pid;
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (fd < 0 || dup2(fd, STDERR_FILENO) < 0 || dup2(out >= 0 ? out : fd, STDOUT_FILENO) < 0)
                _exit(127);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
}

static void stop(pid_t *pid)
{
        if (*pid == 0)
                return;
        (void)kill(*pid, SIGKILL);
        assert_int_equal(waitpid(*pid, NULL, 0), *pid);
        *pid = 0;
}

/* Waits until something listens on the socket. */
static void await_socket(const char *path)
{
        int64_t until = audio_now_ms() + PATIENCE_MS;
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        for (;;) {
                int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
                bool there = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

                (void)close(fd);
                if (there)
                        return;
                if (audio_now_ms() > until)
                        fail_msg("nothing listens on %s", path);
                (void)poll(NULL, 0, 10);
        }
}

static void read_until(const Audio *a, int64_t until, int64_t *ret_heard)
{
        int16_t samples[256];
        struct pollfd p = { .fd = a->recorded, .events = POLLIN };

        *ret_heard = -1;
        while (*ret_heard < 0) {
                int64_t left = until - audio_now_ms();
                ssize_t n;

                if (left < 0 || poll(&p, 1, (int)left) <= 0)
                        return;
                n = read(a->recorded, samples, sizeof(samples));
                assert_true(n > 0);
                for (ssize_t i = 0; i < n / 2; i++)
                        if (samples[i] > LOUD || samples[i] < -LOUD) {
                                *ret_heard = audio_now_ms();
                                return;
                        }
        }
}

static void set(const char *name, const char *value)
{
        assert_int_equal(setenv(name, value, 1), 0);
}

void audio_begin(Audio *a)
{
        char path[128];

        *a = (Audio){ .recorded = -1 };
        (void)snprintf(a->dir, sizeof(a->dir), "/tmp/test-audio.XXXXXX");
        assert_non_null(mkdtemp(a->dir));
        (void)snprintf(path, sizeof(path), "unix:%s/pulse.sock", a->dir);
        set("PULSE_SERVER", path);
        (void)snprintf(path, sizeof(path), "unix_socket:%s/speech.sock", a->dir);
        set("SPEECHD_ADDRESS", path);
        set("HOME", a->dir);
        set("XDG_RUNTIME_DIR", a->dir);
        (void)unsetenv("XDG_CACHE_HOME");
}

static void recorder_start(Audio *a)
{
        static const char *const argv[] = { "parec", "--raw", "--format=s16le", "--rate=8000", "--channels=1",
                "--latency-msec=10", "--device=ears.monitor", NULL };
        char log[128];
        int fd[2];
        struct pollfd p;

        assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
        (void)snprintf(log, sizeof(log), "%s/log", a->dir);
        a->recorder = start(argv, fd[1], log);
        (void)close(fd[1]);
        a->recorded = fd[0];
        p = (struct pollfd){ .fd = a->recorded, .events = POLLIN };
        assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
}

void audio_pulse_start(Audio *a)
{
        char socket[256], path[128], log[128];
        const char *const argv[] = { "pulseaudio", "--system=false", "--daemonize=no", "-n",
                "--exit-idle-time=-1", "--use-pid-file=false", "--disable-shm=true", "-L",
                "module-null-sink sink_name=ears", "-L", socket, NULL };

        (void)snprintf(path, sizeof(path), "%s/pulse.sock", a->dir);
        (void)unlink(path);
        (void)snprintf(socket, sizeof(socket), "module-native-protocol-unix socket=%s auth-anonymous=1",
                        path);
        (void)snprintf(log, sizeof(log), "%s/log", a->dir);
        a->pulse = start(argv, -1, log);
        await_socket(path);
        recorder_start(a);
}

void audio_pulse_stop(Audio *a)
{
        stop(&a->pulse);
        stop(&a->recorder);
        if (a->recorded >= 0)
                (void)close(a->recorded);
        a->recorded = -1;
}

void audio_speech_start(Audio *a)
{
        char socket[128], config[128], log[128];
        const char *const argv[] = { "speech-dispatcher", "--run-single", "--communication-method",
                "unix_socket", "--socket-path", socket, "--config-dir", config, "--log-dir", a->dir,
                "--pid-file", log, "--timeout", "0", NULL };
        FILE *f;

        (void)snprintf(config, sizeof(config), "%s/speech", a->dir);
        (void)mkdir(config, 0700);
        (void)snprintf(config, sizeof(config), "%s/speech/speechd.conf", a->dir);
        f = fopen(config, "we");
        assert_non_null(f);
        fprintf(f, "LogLevel 3\nDefaultVolume 100\nAudioOutputMethod \"pulse\"\n"
                   "AddModule \"espeak-ng\" \"sd_espeak-ng\" \"espeak-ng.conf\"\nDefaultModule espeak-ng\n");
        assert_int_equal(fclose(f), 0);
        (void)snprintf(config, sizeof(config), "%s/speech/modules", a->dir);
        assert_true(symlink("/etc/speech-dispatcher/modules", config) == 0 || errno == EEXIST);
        (void)snprintf(config, sizeof(config), "%s/speech", a->dir);
        (void)snprintf(socket, sizeof(socket), "%s/speech.sock", a->dir);
        (void)unlink(socket);
        (void)snprintf(log, sizeof(log), "%s/speech.pid", a->dir);
        (void)unlink(log);
        a->speech = start(argv, -1, log);
        await_socket(socket);
}

void audio_speech_stop(Audio *a)
{
        if (a->speech == 0)
                return;
        (void)kill(a->speech, SIGCONT);
        (void)kill(a->speech, SIGTERM); /* it ends its modules */
        assert_int_equal(waitpid(a->speech, NULL, 0), a->speech);
        a->speech = 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
        (void)st;
        (void)type;
        (void)walk;
        return remove(path);
}

void audio_end(Audio *a)
{
        audio_speech_stop(a);
        audio_pulse_stop(a);
        (void)unsetenv("PULSE_SERVER");
        (void)unsetenv("SPEECHD_ADDRESS");
        (void)nftw(a->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void audio_hang(pid_t pid)
{
        siginfo_t info;

        assert_int_equal(kill(pid, SIGSTOP), 0);
        assert_int_equal(waitid(P_PID, (id_t)pid, &info, WSTOPPED), 0);
}

void audio_go_on(pid_t pid)
{
        assert_int_equal(kill(pid, SIGCONT), 0);
}

void audio_listen(Audio *a)
{
        struct pollfd p = { .fd = a->recorded, .events = POLLIN };
        char buf[4096];

        while (poll(&p, 1, 0) > 0)
                assert_true(read(a->recorded, buf, sizeof(buf)) > 0);
}

int64_t audio_heard(Audio *a, int64_t within_ms)
{
        int64_t heard;

        read_until(a, audio_now_ms() + within_ms, &heard);
        return heard;
}

void audio_await_silence(Audio *a, int64_t for_ms)
{
        int64_t until = audio_now_ms() + PATIENCE_MS;

        while (audio_heard(a, for_ms) >= 0)
                if (audio_now_ms() > until)
                        fail_msg("it does not become silent");
}
