/* SPDX-License-Identifier: MIT */
/* cardioctl. All but the locale is in commandline.c, so that tests can call it, too. */
#include <locale.h>

#include "commandline.h"

int main(int argc, char **argv)
{
        /* Only which characters there are and how wide; numbers stay as programs read them. */
        (void)setlocale(LC_CTYPE, "");
        return (int)commandline_run(argc, argv);
}
