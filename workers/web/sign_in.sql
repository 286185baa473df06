-- Statements of signing in and out.

-- web_ask_sign_in (id bigint, address text, goes_to text, now time) -> none
SELECT web.ask_sign_in(:id, :address, :goes_to, :now);

-- web_may_sign_in (id bigint, now time) -> one (may bool)
SELECT web.may_sign_in(:id, :now) AS may;

-- web_sign_in (id bigint, hash bytea, now time) -> one (goes_to text)
SELECT s.goes_to FROM web.sign_in(:id, :hash, :now) s;

-- web_sign_out (hash bytea) -> none
SELECT web.sign_out(:hash);

-- web_session_of (hash bytea, now time) -> many (person bigint, name text, role text, area text, municipality text)
SELECT s.person, s.name, s.role, s.area, s.municipality FROM web.session_of(:hash, :now) s;
