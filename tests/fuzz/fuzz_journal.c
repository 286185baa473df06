/*
 * journal: what a sender that died may have left behind, torn anywhere, and what a mail server may
 * say of it.
 */
#include "common/mail/journal.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct text content = { (const char *)data, size };
        for (int64_t letter = 0; letter < 4; letter++) {
                struct smtp_reply reply = { 0 };
                enum journal_tells tells =
                        journal_read(content, TEXT("b"), TEXT("b/1"), letter, &reply);
                if (tells == JOURNAL_REPLY) {
                        enum smtp_end end = smtp_judge(&reply);
                        require(end <= SMTP_AWAY);
                        require(!smtp_suppresses(&reply) || end == SMTP_REFUSED);
                }
        }
        return 0;
}
