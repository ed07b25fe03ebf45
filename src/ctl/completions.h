/* SPDX-License-Identifier: MIT */
#pragma once

/* Prints what a shell has to be told to complete a command line of cardioctl, made from the table of verbs. */
void completions_print_bash(void);
void completions_print_zsh(void);
void completions_print_fish(void);
