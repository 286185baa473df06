/*
 * smtp_judge: what a mail server's answer means for a letter and for its address (RFC 5321
 * section 4.2, RFC 3463). No I/O.
 */
#include "common/mail/smtp.h"

#include <string.h>

static const char *const stage_names[] = { "connect", "rcpt", "data", "dot" };

const char *smtp_stage_name(enum smtp_stage stage)
{
        return stage_names[stage];
}

/* The stage of that name. */
enum smtp_stage smtp_stage_named(struct text name)
{
        for (size_t i = 0; i < sizeof(stage_names) / sizeof(stage_names[0]); i++)
                if (text_equal(name, text_of(stage_names[i])))
                        return (enum smtp_stage)i;
        return SMTP_CONNECT;
}

/* What a reply means for the letter. 421 before the dot is a server that is going away. */
enum smtp_end smtp_judge(const struct smtp_reply *reply)
{
        int class = reply->code / 100;

        if (reply->stage == SMTP_DOT)
                return class == 2   ? SMTP_SENT
                       : class == 4 ? SMTP_LATER
                       : class == 5 ? SMTP_REFUSED
                                    : SMTP_UNCERTAIN;
        if (reply->stage == SMTP_CONNECT || reply->code == 421)
                return SMTP_AWAY;
        return class == 4 ? SMTP_LATER : class == 5 ? SMTP_REFUSED : SMTP_AWAY;
}

/* Whether the recipient's address is what is wrong: 5.1.x but for 5.1.7 and 5.1.8, which are about
 * the sender's. */
bool smtp_suppresses(const struct smtp_reply *reply)
{
        if (smtp_judge(reply) != SMTP_REFUSED)
                return false;
        if (reply->status[0])
                return strncmp(reply->status, "5.1.", 4) == 0 &&
                       strcmp(reply->status, "5.1.7") != 0 && strcmp(reply->status, "5.1.8") != 0;
        return reply->stage == SMTP_RCPT &&
               (reply->code == 550 || reply->code == 551 || reply->code == 553);
}

/* Whether it can be an envelope address. */
bool smtp_address_usable(struct text address)
{
        struct text rest = address, local = text_cut(&rest, '@');

        if (!local.size || !rest.size || address.size > 254 || memchr(rest.at, '@', rest.size))
                return false;
        for (size_t i = 0; i < address.size; i++)
                if ((unsigned char)address.at[i] <= ' ' || address.at[i] == 0x7F ||
                    strchr("<>()[],;:\\\"", address.at[i]))
                        return false;
        return text_is_utf8(address);
}
