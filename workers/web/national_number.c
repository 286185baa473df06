/*
 * national_number: eleven digits together, or six and five, each part perhaps in groups, with one
 * blank, dot or hyphen between them: "01019012345", "010190 12345", "01.01.90-123 45". Whether the
 * check digits are right does not matter: one that is misspelt is one still. A date with an hour
 * has no such parts.
 */
#include "workers/web/national_number.h"

enum { DIGITS = 11, BIRTH = 6 };

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_between(char c)
{
        return c == ' ' || c == '.' || c == '-';
}

/* Whether groups of digits from here on make one up. */
static bool begins(struct text rest)
{
        size_t digits = 0;
        bool apart = false, parted = false;
        for (size_t i = 0; i < rest.size && digits <= DIGITS; i++) {
                if (is_digit(rest.at[i])) {
                        digits++;
                        continue;
                }
                if (digits == DIGITS)
                        break;
                if (!is_between(rest.at[i]) || i == 0 || !is_digit(rest.at[i - 1]))
                        return false;
                apart = true;
                parted = parted || digits == BIRTH;
        }
        return digits == DIGITS && apart == parted;
}

bool national_number_in(struct text words)
{
        for (size_t i = 0; i < words.size; i++)
                if (is_digit(words.at[i]) && (i == 0 || !is_digit(words.at[i - 1])) &&
                    begins((struct text){ words.at + i, words.size - i }))
                        return true;
        return false;
}
