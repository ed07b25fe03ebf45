/* SPDX-License-Identifier: MIT */
/* cardioctl. Everything but the locale is in commandline.c, so that tests can call it, too. No clock. */
#include <locale.h>

#include "commandline.h"

int main(int argc, char **argv)
{
        /* Only for which characters can be shown and how wide they are; numbers stay in the C locale. */
        (void)setlocale(LC_CTYPE, "");
        return (int)commandline_run(argc, argv);
}
