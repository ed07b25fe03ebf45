/* SPDX-License-Identifier: MIT */
/* The rules about links: when one is silent, what is wrong with it, whether we may cut it, and when to try again. Pure and
 * without a clock, so that they can be tested as tables. */

#include "bluez/policy.h"

#include <string.h>
#include <strings.h>

#include "cardio/macro.h"

#define FAILURES_PAIRING 2U
/* A link that the radio has lost is given up sooner: the kernel asks for a supervision time-out of 0.42 s, straps for 2 to 6
 * s. */
#define SUPERVISION_MAX_USEC (7 * USEC_PER_SEC)

usec_t policy_silence(const Arrivals *a, usec_t stale_usec)
{
        usec_t usual_usec = arrivals_stale(a), length_usec;

        length_usec = stale_usec == 0 || (arrivals_known(a) && usual_usec > stale_usec) ? usual_usec
                                                                                        : stale_usec;
        if (length_usec < SILENCE_MIN_USEC)
                length_usec = SILENCE_MIN_USEC;
        if (!arrivals_known(a) && length_usec < SILENCE_NEW_USEC)
                length_usec = SILENCE_NEW_USEC;
        return length_usec;
}

usec_t policy_resolve_timeout(bool known)
{
        return (known ? 10 : 40) * USEC_PER_SEC;
}

static bool contains_any(const char *text, const char *const *words, size_t n)
{
        for (size_t i = 0; text && i < n; i++)
                if (strstr(text, words[i]))
                        return true;
        return false;
}

/* The texts are those of src/gatt-client.c in BlueZ, the same from 5.66 to 5.87: ATT errors 0x05, 0x0c and 0x0f (too little
 * authentication, a key too short, no encryption) become "Not paired". */
LinkProblem policy_refusal(const char *name, const char *message)
{
        static const char *const held[] = { "Notify acquired" };
        static const char *const pairing[] = { "Not paired", "ATT error: 0x05", "ATT error: 0x0c",
                "ATT error: 0x0f" };
        static const char *const refused[] = { "org.bluez.Error.NotPermitted",
                "org.bluez.Error.NotAuthorized", "org.bluez.Error.NotSupported",
                "org.freedesktop.DBus.Error.AccessDenied" };

        if (contains_any(message, held, ELEMENTSOF(held)))
                return LINK_HELD;
        if (contains_any(message, pairing, ELEMENTSOF(pairing)))
                return LINK_WANTS_PAIRING;
        return contains_any(name, refused, ELEMENTSOF(refused)) ? LINK_REFUSED : LINK_OK;
}

SubscribeFailure policy_subscribe_failure(const char *name, const char *message)
{
        static const char *const link[] = { "ATT error: 0x0e" };
        static const char *const unanswered[] = { "org.freedesktop.DBus.Error.NoReply",
                "org.freedesktop.DBus.Error.Timeout" };

        if (policy_refusal(name, message) == LINK_WANTS_PAIRING)
                return SUBSCRIBE_FAILURE_NOT_PAIRED;
        if (contains_any(message, link, ELEMENTSOF(link)))
                return SUBSCRIBE_FAILURE_LINK;
        return contains_any(name, unanswered, ELEMENTSOF(unanswered)) ? SUBSCRIBE_FAILURE_UNANSWERED
                                                                      : SUBSCRIBE_FAILURE_OTHER;
}

SubscribeFailure policy_lost_failure(usec_t waited_usec)
{
        return waited_usec < SUPERVISION_MAX_USEC ? SUBSCRIBE_FAILURE_LINK : SUBSCRIBE_FAILURE_UNANSWERED;
}

unsigned policy_count_failure(unsigned failures, SubscribeFailure failure, bool counted, bool known)
{
        /* A strap that has sent without being paired does not demand it: then it is the radio, or BlueZ. */
        if (known && failure != SUBSCRIBE_FAILURE_NOT_PAIRED && failures + 1 >= FAILURES_PAIRING)
                return failures;
        switch (failure) {
        case SUBSCRIBE_FAILURE_LINK:
                return counted ? failures : failures + 1;
        case SUBSCRIBE_FAILURE_UNANSWERED:
                /* Two in a row take 25 s, and a link that the radio has lost is given up long before. */
                return failures + 1;
        case SUBSCRIBE_FAILURE_NOT_PAIRED:
                return failures + 1 < FAILURES_PAIRING ? FAILURES_PAIRING : failures + 1;
        case SUBSCRIBE_FAILURE_OTHER:
        case _SUBSCRIBE_FAILURE_MAX:
        case _SUBSCRIBE_FAILURE_INVALID:
                break;
        }
        return failures;
}

bool policy_wants_pairing(unsigned failures)
{
        return failures >= FAILURES_PAIRING;
}

/* Categories, bits 15 to 6 of the Appearance: Bluetooth SIG, Assigned Numbers, 2.6.2. Heart-rate sensors are 0x00d. */
bool policy_appearance_is_other(uint16_t appearance)
{
        switch (appearance >> 6) {
        case 0x001: /* phone */
        case 0x002: /* computer */
        case 0x003: /* watch */
        case 0x00a: /* media player */
        case 0x00f: /* human interface device */
        case 0x021: /* audio sink */
        case 0x022: /* audio source */
        case 0x025: /* wearable audio device */
        case 0x029: /* hearing aid */
        case 0x02a: /* gaming */
                return true;
        default:
                return false;
        }
}

/* Names of the icon naming specification, as BlueZ makes them in src/dbus-common.c. */
bool policy_icon_is_other(const char *icon)
{
        static const char *const prefixes[] = { "audio-", "input-", "phone", "computer", "modem",
                "multimedia-player", "video-display" };

        for (size_t i = 0; i < ELEMENTSOF(prefixes); i++)
                if (strncmp(icon, prefixes[i], strlen(prefixes[i])) == 0)
                        return true;
        return false;
}

/* Service classes and services that a strap has no use for: Bluetooth SIG, Assigned Numbers, 3.3, 3.4 and 3.10. */
bool policy_service_is_other(const char *uuid)
{
        static const char base[] = "-0000-1000-8000-00805f9b34fb";
        static const char *const services[] = {
                "00001103", /* dial-up networking */
                "00001108", /* headset */
                "0000110a", /* audio source */
                "0000110b", /* audio sink */
                "0000110c", /* remote control target */
                "0000110e", /* remote control */
                "00001112", /* headset audio gateway */
                "0000111e", /* hands-free */
                "0000111f", /* hands-free audio gateway */
                "00001124", /* human interface device */
                "0000112f", /* phone book access */
                "00001132", /* message access */
                "00001805", /* current time */
                "0000180e", /* phone alert status */
                "00001811", /* alert notification */
                "00001812", /* human interface device, over GATT */
                "00001844", /* volume control */
                "0000184e", /* audio stream control */
                "00001850", /* published audio capabilities */
                "00001854", /* hearing access */
                "0000fdf0", /* audio streaming for hearing aids */
                "0000fee0", /* Huami: watches and bands */
        };

        if (strlen(uuid) != strlen(services[0]) + strlen(base) ||
                        strcasecmp(uuid + strlen(services[0]), base) != 0)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(services); i++)
                if (strncasecmp(uuid, services[i], strlen(services[i])) == 0)
                        return true;
        return false;
}

bool policy_may_cut(const LinkFacts *f)
{
        if (f->other || f->refused)
                return false;
        switch (f->problem) {
        case LINK_OK:
        case LINK_HELD:
        case LINK_WANTS_PAIRING:
        case LINK_REFUSED:
                return false;
        case LINK_UNRESOLVED:
        case LINK_NO_PACE:
        case LINK_NO_HEART_RATE: /* reading its services may have failed, and is not tried again on this link */
                return f->ours || f->delivered || f->known;
        case LINK_SILENT:
                return f->ours || f->delivered;
        case _LINK_PROBLEM_MAX:
        case _LINK_PROBLEM_INVALID:
                break;
        }
        return false;
}

/* The last pause of the array repeats. */
static usec_t pause_of(const usec_t *pauses, size_t n, unsigned times)
{
        return times == 0 ? 0 : pauses[times <= n ? times - 1 : n - 1];
}

usec_t policy_cut_pause(unsigned cuts)
{
        static const usec_t pauses[] = { 1 * USEC_PER_MIN, 2 * USEC_PER_MIN, 5 * USEC_PER_MIN,
                10 * USEC_PER_MIN, 30 * USEC_PER_MIN };

        return pause_of(pauses, ELEMENTSOF(pauses), cuts);
}

usec_t policy_pairing_pause(unsigned failures)
{
        return policy_wants_pairing(failures) ? policy_cut_pause(failures - FAILURES_PAIRING + 1) : 0;
}

usec_t policy_notify_pause(unsigned failures, SubscribeFailure failure)
{
        static const usec_t pauses[] = { 1500 * USEC_PER_MSEC, 5 * USEC_PER_SEC, 30 * USEC_PER_SEC };

        /* Any sooner, one lost link might count as two failures. */
        if (failure == SUBSCRIBE_FAILURE_UNANSWERED && failures < 2)
                failures = 2;
        return pause_of(pauses, ELEMENTSOF(pauses), failures);
}
