/* SPDX-License-Identifier: MIT */
#pragma once

/* Print the scripts by which shells complete a command line of cardioctl, made from the table of verbs. */
void completions_print_bash(void);
void completions_print_zsh(void);
void completions_print_fish(void);
