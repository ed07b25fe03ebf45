/* SPDX-License-Identifier: MIT */

/* Whether alerts can be heard: what notify.conf asks for, and who is there to play and say it. Looks only at whether somebody
 * listens; `cardio-notify --test` tries it. CLOCK_MONOTONIC, for the deadline of one call. */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cardio/bus-api.h"
#include "client/notify-config.h"
#include "doctor/doctor.h"
#include "service.h"

#define SERVER      "org.freedesktop.Notifications"
#define SERVER_PATH "/org/freedesktop/Notifications"
#define CALL_USEC   (2 * USEC_PER_SEC)

/* Whether somebody listens on a socket of the runtime folder. Never waits: a full queue of connections is somebody, too. */
static bool listens(const char *path)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd, r;

        if (strlen(path) >= sizeof(address.sun_path))
                return false;
        (void)stpcpy(address.sun_path, path);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return false;
        r = connect(fd, (struct sockaddr *)&address, sizeof(address));
        r = r < 0 ? -errno : 0;
        (void)close(fd);
        return r == 0 || r == -EAGAIN;
}

static bool listens_in_runtime(const char *name)
{
        const char *folder = getenv("XDG_RUNTIME_DIR");
        char path[128];

        if (!folder || snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
                return false;
        return listens(path);
}

/* It is started when it is first needed. */
static bool is_installed(const char *program)
{
        _cleanup_free_ char *folders = strdup(getenv("PATH") ? getenv("PATH") : "");
        char *rest = folders, path[PATH_MAX];

        for (char *folder; (folder = strsep(&rest, ":"));)
                if (snprintf(path, sizeof(path), "%s/%s", folder, program) < (int)sizeof(path) &&
                                access(path, X_OK) == 0)
                        return true;
        return false;
}

/* Whether the notification server plays the sounds. One that does not run is not started. */
static bool server_plays(sd_bus *bus)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        bool sound = false, plasma = false;
        const char *capability;

        if (!service_is_there(bus, SERVER) ||
                        sd_bus_message_new_method_call(
                                        bus, &m, SERVER, SERVER_PATH, SERVER, "GetCapabilities") < 0 ||
                        sd_bus_message_set_auto_start(m, false) < 0 ||
                        sd_bus_call(bus, m, CALL_USEC, NULL, &reply) < 0 ||
                        sd_bus_message_enter_container(reply, 'a', "s") < 0)
                return false;
        while (sd_bus_message_read(reply, "s", &capability) > 0) {
                sound = sound || strcmp(capability, "sound") == 0;
                plasma = plasma || strcmp(capability, NOTIFY_CAPABILITY_OF_PLASMA) == 0;
        }
        return sound && !plasma;
}

/* The notifier was built beside this program. */
#if HAVE_CANBERRA
#define SOUND_BUILT_IN true
#else
#define SOUND_BUILT_IN false
#endif
#if HAVE_SPEECHD
#define SPEECH_BUILT_IN true
#else
#define SPEECH_BUILT_IN false
#endif

static void check_sound(Doctor *d, const NotifyConfig *config)
{
        if (!config->sound)
                doctor_report(d, "sound", CHECK_OK, NULL, "off, by sound = no in notify.conf");
        else if (server_plays(d->session_bus))
                doctor_report(d, "sound", CHECK_OK, NULL, "played by the notification server");
        else if (!SOUND_BUILT_IN)
                doctor_report(d, "sound", CHECK_WARNING,
                                "build it with libcanberra, or set sound = no in notify.conf",
                                "cardio-notify was built without sound");
        else if (getenv("PULSE_SERVER") || listens_in_runtime("pulse/native"))
                doctor_report(d, "sound", CHECK_OK, NULL, "played through PulseAudio or PipeWire");
        else
                doctor_report(d, "sound", CHECK_WARNING,
                                "`cardio-notify --test` tries it; install pipewire-pulse or pulseaudio, or set sound = no in notify.conf",
                                "no PulseAudio or PipeWire runs here to play the sounds of alerts");
}

static void check_speech(Doctor *d, const NotifyConfig *config)
{
        if (!config->speak)
                doctor_report(d, "speech", CHECK_OK, NULL, "off; speak = yes in notify.conf turns it on");
        else if (!SPEECH_BUILT_IN)
                doctor_report(d, "speech", CHECK_WARNING,
                                "build it with libspeechd, or set speak = no in notify.conf",
                                "cardio-notify was built without speech");
        else if (getenv("SPEECHD_ADDRESS") || listens_in_runtime("speech-dispatcher/speechd.sock") ||
                        is_installed("speech-dispatcher"))
                doctor_report(d, "speech", CHECK_OK, NULL, "by speech-dispatcher, voice %s",
                                config->language);
        else
                doctor_report(d, "speech", CHECK_WARNING,
                                "install speech-dispatcher and a voice such as speech-dispatcher-espeak-ng",
                                "there is no speech-dispatcher to say alerts aloud");
}

void doctor_check_sound(Doctor *d)
{
        _cleanup_free_ char *path = NULL, *errors = NULL;
        NotifyConfig config = notify_config_default();
        int r;

        if (!d->session_bus)
                return; /* the notifier does not run here either */
        if (d->brief && !service_is_there(d->session_bus, CARDIO_NOTIFY_BUS_NAME))
                return; /* nothing would be heard, whatever there is to play it */
        r = notify_config_path(&path);
        if (r >= 0)
                r = notify_config_load(path, false, &config, &errors);
        if (r < 0 && errors) {
                *strchrnul(errors, '\n') = '\0';
                doctor_report(d, "sound", CHECK_FAILURE, "mend it; cardio-notify does not start with it",
                                "%s", errors);
                return;
        }
        check_sound(d, &config);
        check_speech(d, &config);
}
