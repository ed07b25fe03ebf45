/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A real PulseAudio with a null sink, recorded by parec, and a real speech-dispatcher with espeak-ng that plays into it, all in
 * a folder of its own. What is started after audio_start() finds both by its environment. Times are those of CLOCK_MONOTONIC,
 * in ms, of when what was recorded could be read. An error fails the running test. */

typedef struct Audio {
        char dir[64];
        pid_t pulse, speech; /* 0 = does not run */
        pid_t recorder;
        int recorded; /* samples of 16 bits, 8 kHz, mono */
} Audio;

/* The program that is not installed; NULL if all that is needed is. */
const char *audio_missing(void);

void audio_begin(Audio *a);
void audio_end(Audio *a);

void audio_pulse_start(Audio *a);
void audio_pulse_stop(Audio *a);
void audio_speech_start(Audio *a);
void audio_speech_stop(Audio *a);

/* SIGSTOP and SIGCONT. */
void audio_hang(pid_t pid);
void audio_go_on(pid_t pid);

/* From now on what is recorded counts. */
void audio_listen(Audio *a);
/* Waits for sound, at most so long: when it began, or -1 for silence. */
int64_t audio_heard(Audio *a, int64_t within_ms);
/* Waits until nothing has been heard for so long. */
void audio_await_silence(Audio *a, int64_t for_ms);

int64_t audio_now_ms(void);
