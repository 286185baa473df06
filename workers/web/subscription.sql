-- Statements of the page that a newsletter's link to unsubscribe leads to.

-- web_subscription (person bigint) -> one (state text, language text)
SELECT s.state, s.language FROM register.subscription_of(:person) s;

-- web_unsubscribe (person bigint, now time) -> one (known bool)
SELECT register.unsubscribe(:person, :now) AS known;

-- web_resubscribe (person bigint) -> one (known bool)
SELECT register.resubscribe(:person) AS known;
