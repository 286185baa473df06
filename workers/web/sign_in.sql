-- Statements of signing in and out.

-- web_ask_sign_in (id bigint, address text, now time) -> none
SELECT web.ask_sign_in(:id, :address, :now);

-- web_may_sign_in (id bigint, now time) -> one (may bool)
SELECT web.may_sign_in(:id, :now) AS may;

-- web_sign_in (id bigint, hash bytea, now time) -> one (done bool)
SELECT web.sign_in(:id, :hash, :now) AS done;

-- web_sign_out (hash bytea) -> none
SELECT web.sign_out(:hash);

-- web_session_of (hash bytea, now time) -> many (person bigint, name text, role text, area text, municipality text)
SELECT s.person, s.name, s.role, s.area, s.municipality FROM web.session_of(:hash, :now) s;
