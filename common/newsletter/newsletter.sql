-- What a newsletter says and to whom. Run by newsletter and, to show a letter, by the command.

-- newsletter_addressee (person bigint) -> one (name text, email text, language text)
SELECT a.name, a.email, a.language FROM register.addressee a WHERE a.person = :person;

-- newsletter_issue (issue text) -> one (title_nb text, title_nn text, title_en text, body_nb text, body_nn text,
--   body_en text)
-- English may be no text.
SELECT i.title_nb, i.title_nn, i.title_en, i.body_nb, i.body_nn, i.body_en FROM newsletter.issue i WHERE i.id = :issue;

-- newsletter_reply_to (issue text, day date) -> one (email text)
-- NULL: there is nobody that replies go to.
SELECT newsletter.reply_to(:issue, :day) AS email;
