/*
 * naming: tables. Reasons are sentences with codes in them, known by a part of them.
 */
#include "workers/web/naming.h"

#include "common/event.h"

struct meaning {
        const char *code;
        enum phrase words;
};

static const struct meaning rules[] = {
        { "invitation", PHRASE_rule_invitation },
        { "update", PHRASE_rule_update },
        { "cancellation", PHRASE_rule_cancellation },
        { "reminder", PHRASE_rule_reminder },
        { "evaluation", PHRASE_rule_evaluation },
        { "evaluation_reminder", PHRASE_rule_evaluation_reminder },
        { "survey_missing", PHRASE_rule_survey_missing },
        { "grant_share", PHRASE_rule_grant_share },
        { "grant_notice", PHRASE_rule_grant_notice },
        { "held", PHRASE_held_question },
        { "held_reminder", PHRASE_held_question },
        { "held_leader", PHRASE_held_question },
        { "sign_in", PHRASE_rule_sign_in },
        { "needs", PHRASE_rule_needs },
        { "newsletter", PHRASE_rule_newsletter },
        { "test", PHRASE_rule_test },
        { NULL, PHRASE_count },
};

static const struct meaning events[] = {
        { "meeting_scheduled", PHRASE_event_meeting_scheduled },
        { "meeting_rescheduled", PHRASE_event_meeting_rescheduled },
        { "meeting_cancelled", PHRASE_event_meeting_cancelled },
        { "session_held", PHRASE_event_session_held },
        { "meeting_held", PHRASE_event_meeting_held },
        { "evaluation_opened", PHRASE_event_evaluation_opened },
        { "evaluation_closing_due", PHRASE_event_evaluation_closing_due },
        { "evaluation_closed", PHRASE_event_evaluation_closed },
        { "evaluation_submitted", PHRASE_event_evaluation_submitted },
        { "reminder_due", PHRASE_event_reminder_due },
        { "invitation_due", PHRASE_event_invitation_due },
        { "decision_recorded", PHRASE_event_decision_recorded },
        { "grant_letter_registered", PHRASE_event_grant_letter_registered },
        { "grant_received", PHRASE_event_grant_received },
        { "grant_distributed", PHRASE_event_grant_distributed },
        { "grant_changed", PHRASE_event_grant_changed },
        { "newsletter_released", PHRASE_event_newsletter_released },
        { "evaluation_expiry_due", PHRASE_event_evaluation_expiry_due },
        { "sign_in_asked", PHRASE_event_sign_in_asked },
        { "survey_due", PHRASE_event_survey_due },
        { "follow_up_due", PHRASE_event_follow_up_due },
        { "attendance_noted", PHRASE_event_attendance_noted },
        { NULL, PHRASE_count },
};

static const struct meaning groups[] = {
        { "notifications", PHRASE_group_notifications },
        { "evaluation", PHRASE_group_evaluation },
        { "budget", PHRASE_group_budget },
        { "newsletter", PHRASE_group_newsletter },
        { NULL, PHRASE_count },
};

static const struct meaning reasons[] = {
        { "there is no session ", PHRASE_reason_no_session },
        { " has no goals to ask about", PHRASE_reason_no_goals },
        { "there is no meeting ", PHRASE_reason_no_meeting },
        { " has no version ", PHRASE_reason_no_version },
        { " has no distribution ", PHRASE_reason_no_distribution },
        { ": no letter is registered", PHRASE_reason_no_letter },
        { ": no decision names it", PHRASE_reason_no_decision },
        { " is not about a base grant", PHRASE_reason_other_grant },
        { " kr, decision ", PHRASE_reason_amounts },
        { ": no employer of a coordinator for area", PHRASE_reason_no_employer },
        { " has a pot that cannot be shared", PHRASE_reason_pot },
        { "no account for ", PHRASE_reason_no_account },
        { "there is no evaluation ", PHRASE_reason_no_evaluation },
        { "there is no survey ", PHRASE_reason_no_survey },
        { "there is no newsletter ", PHRASE_reason_no_newsletter },
        { " is not released", PHRASE_reason_not_released },
        { "master.key is not the one", PHRASE_reason_master_key },
        { NULL, PHRASE_count },
};

static struct text look_up(const struct page *page, const struct meaning *table, struct text code)
{
        while (table->code && !text_equal(code, text_of(table->code)))
                table++;
        return table->code ? page_say(page, table->words, NULL) : code;
}

struct text naming_rule(const struct page *page, struct text rule)
{
        return look_up(page, rules, rule);
}

struct text naming_event(const struct page *page, int64_t type)
{
        return look_up(page, events, text_of(event_name(type)));
}

struct text naming_group(const struct page *page, struct text group)
{
        return look_up(page, groups, group);
}

struct text naming_reason(const struct page *page, struct text reason)
{
        const struct meaning *known = reasons;
        while (known->code && !memmem(reason.at, reason.size, known->code, strlen(known->code)))
                known++;
        return known->code ? page_say(page, known->words, NULL) : reason;
}

void naming_put(struct page *page, struct text words, struct text code)
{
        html_say(page->html, words);
        if (!code.size || text_equal(words, code))
                return;
        html_open(page->html, "br");
        html_close(page->html);
        html_element(page->html, "small", code);
}

void naming_cell(struct page *page, struct text words, struct text code)
{
        html_open(page->html, "td");
        naming_put(page, words, code);
        html_close(page->html);
}
