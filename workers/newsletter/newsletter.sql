-- An issue's letters, of those who were confirmed to get it.

-- issue_released (issue text) -> one (released_at time)
SELECT i.released_at FROM newsletter.issue i WHERE i.id = :issue;

-- letters_of_issue (issue text, now time, cause bigint) -> none
-- Each once: again it changes nothing.
INSERT INTO letter (rule, subject, person, occurrence, due_at, cause)
SELECT 'newsletter', r.issue, r.person, '1', :now, :cause FROM newsletter.recipient r WHERE r.issue = :issue
 ORDER BY r.person
ON CONFLICT DO NOTHING;
