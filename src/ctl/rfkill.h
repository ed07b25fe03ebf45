/* SPDX-License-Identifier: MIT */
#pragma once

/* SOFT: by command; HARD: by a switch on the case. */
typedef enum Block { BLOCK_NONE, BLOCK_SOFT, BLOCK_HARD } Block;

/* The block of any Bluetooth device: HARD rather than SOFT. */
Block rfkill_bluetooth(void);
