/*
 * text: bytes with their length, borrowed. Nothing here allocates or keeps a pointer.
 * No text (.at == NULL) behaves as the empty text, except where a function says otherwise.
 */
#include "common/text.h"

#include <string.h>

/* The text of a NUL-terminated string. */
struct text text_of(const char *string)
{
        return (struct text){ string, string ? strlen(string) : 0 };
}

/* The order by bytes; the shorter of two that begin alike comes first. */
int text_compare(struct text a, struct text b)
{
        size_t shorter = a.size < b.size ? a.size : b.size;
        int order = shorter ? memcmp(a.at, b.at, shorter) : 0;

        return order ? order : (a.size > b.size) - (a.size < b.size);
}

/* Whether whole begins with prefix. */
bool text_starts(struct text whole, struct text prefix)
{
        return whole.size >= prefix.size &&
               text_equal((struct text){ whole.at, prefix.size }, prefix);
}

/* Whether it is one of the bytes that trimming takes away. */
static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Without blanks at either end; no text stays no text. */
struct text text_trim(struct text t)
{
        while (t.size && is_blank(t.at[0])) {
                t.at++;
                t.size--;
        }
        while (t.size && is_blank(t.at[t.size - 1]))
                t.size--;
        return t;
}

/* What stands before the separator; *rest becomes what follows, or no text. */
struct text text_cut(struct text *rest, char separator)
{
        struct text head = *rest;
        const char *end = head.size ? memchr(head.at, separator, head.size) : NULL;

        *rest = (struct text){ NULL, 0 };
        if (end) {
                size_t size = (size_t)(end - head.at);

                *rest = (struct text){ end + 1, head.size - size - 1 };
                head.size = size;
        }
        return head;
}

/* The whole text as a number; counts downwards from zero, since only INT64_MIN has room for all. */
bool text_to_int(struct text t, int64_t *value)
{
        bool negative = t.size && t.at[0] == '-';
        size_t i = negative || (t.size && t.at[0] == '+');
        int64_t sum = 0;

        if (i == t.size)
                return false;
        for (; i < t.size; i++) {
                if (t.at[i] < '0' || t.at[i] > '9' || __builtin_mul_overflow(sum, 10, &sum) ||
                    __builtin_sub_overflow(sum, t.at[i] - '0', &sum))
                        return false;
        }
        if (!negative && sum == INT64_MIN)
                return false;
        *value = negative ? sum : -sum;
        return true;
}

/* The size of the well-formed character at the beginning (Unicode, table 3-7), or 0. */
static size_t character_size(const unsigned char *at, size_t left)
{
        unsigned char least = 0x80, greatest = 0xBF;
        size_t size;

        if (at[0] < 0x80)
                return at[0] != 0;
        if (at[0] < 0xC2 || at[0] > 0xF4)
                return 0;
        size = at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
        if (at[0] == 0xE0)
                least = 0xA0;
        if (at[0] == 0xED)
                greatest = 0x9F;
        if (at[0] == 0xF0)
                least = 0x90;
        if (at[0] == 0xF4)
                greatest = 0x8F;
        if (left < size || at[1] < least || at[1] > greatest)
                return 0;
        for (size_t i = 2; i < size; i++)
                if ((at[i] & 0xC0) != 0x80)
                        return 0;
        return size;
}

/* Whether it is well-formed UTF-8 without NUL. */
bool text_is_utf8(struct text t)
{
        const unsigned char *at = (const unsigned char *)t.at;

        while (t.size) {
                size_t size = character_size(at, t.size);

                if (!size)
                        return false;
                at += size;
                t.size -= size;
        }
        return true;
}

/* Letters, digits and - . / _ (those three stand right before the digits). No branches: on the hot
 * path of every message, so the compiler is to see many bytes at once. */
static unsigned char is_code_byte(unsigned char c)
{
        unsigned char letter = (unsigned char)((c | 0x20) - 'a'), digit = (unsigned char)(c - '-');

        return (letter < 26) | (digit <= '9' - '-') | (c == '_');
}

/* Whether it is a code. */
bool text_is_code(struct text t)
{
        unsigned char good = t.size > 0;

        for (size_t i = 0; i < t.size; i++)
                good &= is_code_byte((unsigned char)t.at[i]);
        return good;
}
