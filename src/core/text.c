/* SPDX-License-Identifier: MIT */

/* Text of others, split into what shows and what does something to whoever shows it. Pure, no locale. */

#include "cardio/text.h"

#include <string.h>

#include "cardio/macro.h"

size_t utf8_next(const char *text, uint32_t *ret)
{
        const unsigned char *s = (const unsigned char *)text;
        static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
        size_t length = s[0] < 0x80   ? 1
                        : s[0] < 0xc2 ? 0
                        : s[0] < 0xe0 ? 2
                        : s[0] < 0xf0 ? 3
                        : s[0] < 0xf5 ? 4
                                      : 0;
        uint32_t c;

        *ret = UTF8_INVALID;
        if (length == 0)
                return 1;

        c = length == 1 ? s[0] : s[0] & (0x7fU >> length);
        for (size_t i = 1; i < length; i++) {
                if ((s[i] & 0xc0) != 0x80) /* the final NUL, too */
                        return 1;
                c = c << 6 | (s[i] & 0x3fU);
        }
        if (c < smallest[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
                return 1;

        *ret = c;
        return length;
}

bool utf8_is_control(uint32_t c)
{
        static const struct {
                uint32_t first, last;
        } control[] = {
                { 0x00, 0x1f },   /* C0 */
                { 0x7f, 0x9f },   /* DEL and C1, among it the one-byte escape sequences */
                { 0x61c, 0x61c }, /* this and the next ones: direction of writing */
                { 0x200e, 0x200f },
                { 0x2028, 0x202e }, /* line and paragraph separators, embeddings and overrides */
                { 0x2060, 0x206f }, /* isolates and other invisible formatting */
                { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f }, /* tags */
        };

        for (size_t i = 0; i < ELEMENTSOF(control); i++)
                if (c >= control[i].first && c <= control[i].last)
                        return true;
        return false;
}

char *text_make_plain(char *text)
{
        const char *from = text;
        char *to = text;
        uint32_t c;

        while (*from) {
                size_t length = utf8_next(from, &c);

                if (c == UTF8_INVALID || utf8_is_control(c)) {
                        *to++ = '?';
                } else {
                        memmove(to, from, length);
                        to += length;
                }
                from += length;
        }
        *to = '\0';
        return text;
}

size_t utf8_fit(const char *text, size_t size)
{
        size_t n = 0;

        while (text[n]) {
                uint32_t c;
                size_t length = utf8_next(text + n, &c);

                if (n + length > size)
                        break;
                n += length;
        }
        return n;
}

char *text_brief(char *buf, size_t size, const char *text)
{
        static const char cut[] = "…";
        size_t n = utf8_fit(text, size - 1);

        if (text[n])
                n = utf8_fit(text, size - sizeof(cut));
        memcpy(buf, text, n);
        if (text[n])
                memcpy(buf + n, cut, sizeof(cut));
        else
                buf[n] = '\0';
        return text_make_plain(buf);
}
