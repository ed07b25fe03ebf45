/* SPDX-License-Identifier: MIT */
#pragma once

/* By command, or by a switch on the case. */
typedef enum Block { BLOCK_NONE, BLOCK_SOFT, BLOCK_HARD } Block;

/* Of all Bluetooth: the one that is harder to undo. */
Block rfkill_bluetooth(void);
