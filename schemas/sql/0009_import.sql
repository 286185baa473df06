-- Import: rows of a file become rows of a table, for every kind of file in the same way. A kind is a table and the columns
-- that tell its rows apart. Columns have the file's names; a column `person` holds the person's code in files and the id
-- in tables. Every change is kept with the row before and after it, so that an import can be undone exactly.
SET LOCAL ROLE padriver_owner_register;

CREATE TABLE register.import_kind (
  kind text PRIMARY KEY,  -- the file's name, and the table's
  owner text NOT NULL,    -- the schema
  rank int NOT NULL,      -- those it refers to come first
  key text[] NOT NULL
);
INSERT INTO register.import_kind (kind, owner, rank, key) VALUES
  ('municipality', 'register', 1, '{id}'),
  ('municipality_period', 'register', 2, '{municipality,valid_from}'),
  ('host', 'register', 2, '{valid_from}'),
  ('area', 'register', 1, '{id}'),
  ('area_coordinating', 'register', 2, '{area,valid_from}'),
  ('party', 'register', 2, '{municipality,valid_from}'),
  ('partner', 'register', 1, '{id}'),
  ('person', 'register', 2, '{code}'),
  ('position', 'register', 2, '{id}'),
  ('employment', 'register', 3, '{position,valid_from}'),
  ('body', 'register', 3, '{id}'),
  ('seat', 'register', 4, '{body,seat,valid_from}'),
  ('network', 'register', 3, '{id}'),
  ('membership', 'register', 4, '{network,person,valid_from}'),
  ('contact', 'register', 4, '{municipality,person,role,valid_from}'),
  ('goal', 'plan', 5, '{id}'),
  ('mandate', 'plan', 5, '{matter,body}'),
  ('decision', 'plan', 6, '{id}'),
  ('action_plan', 'plan', 7, '{year,version}'),
  ('activity', 'plan', 8, '{id}');

CREATE TABLE register.import (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  files text[] NOT NULL,
  undone_at timestamptz,
  undone_by text
);

CREATE TABLE register.import_change (
  import bigint NOT NULL REFERENCES register.import,
  number bigint GENERATED ALWAYS AS IDENTITY,  -- the order in which the changes were made
  kind text NOT NULL REFERENCES register.import_kind,
  file text NOT NULL,
  line int NOT NULL,    -- 0: removed, because the file does not have it
  before jsonb,         -- the whole row; NULL: added
  after jsonb,          -- NULL: removed
  PRIMARY KEY (import, number)
);

-- The rows of the import that runs; empty between imports.
CREATE TABLE register.import_row (
  number int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  file text NOT NULL,
  line int NOT NULL,
  key jsonb NOT NULL,   -- as in files
  given jsonb,          -- the columns of the file, typed; NULL: to be removed
  done boolean NOT NULL DEFAULT false,
  fault_column text,
  fault text
);
CREATE INDEX import_row_key ON register.import_row USING hash (key);

RESET ROLE;

-- In each schema its owner's hand: reads, adds, changes or removes the row of a key in one of its tables and returns it as
-- it is then (remove: as it was). Only import calls it. What the table computes itself is left to the table.
DO $$
DECLARE owner text;
BEGIN
  FOREACH owner IN ARRAY ARRAY['register', 'plan'] LOOP
    EXECUTE format('SET LOCAL ROLE %I', 'padriver_owner_' || owner);
    EXECUTE format($f$
      CREATE FUNCTION %1$I.import_write(kind text, action text, key jsonb, given jsonb) RETURNS jsonb
      LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
      DECLARE
        target text := format('%1$I.%%I', kind);
        this_row text := (SELECT string_agg(format('t.%%1$I = k.%%1$I', k), ' AND ') FROM jsonb_object_keys(key) k);
        columns text;  -- those given that a statement may set
        found jsonb;
      BEGIN
        IF action IN ('add', 'change') THEN
          columns := (SELECT string_agg(format('%%I', a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
            WHERE a.attrelid = target::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
              AND given ? a.attname AND (action = 'add' OR a.attidentity = ''));
        END IF;
        IF action = 'add' THEN
          EXECUTE format('INSERT INTO %%1$s AS t (%%2$s) OVERRIDING SYSTEM VALUE
            SELECT %%2$s FROM jsonb_populate_record(NULL::%%1$s, $1) RETURNING to_jsonb(t)', target, columns)
            INTO found USING given;
        ELSIF action = 'change' THEN
          EXECUTE format('UPDATE %%1$s AS t SET (%%2$s) = (SELECT %%2$s FROM jsonb_populate_record(t, $1))
            FROM jsonb_populate_record(NULL::%%1$s, $2) k WHERE %%3$s RETURNING to_jsonb(t)', target, columns, this_row)
            INTO found USING given, key;
        ELSIF action = 'remove' THEN
          EXECUTE format('DELETE FROM %%1$s AS t USING jsonb_populate_record(NULL::%%1$s, $1) k
            WHERE %%2$s RETURNING to_jsonb(t)', target, this_row) INTO found USING key;
        ELSE
          EXECUTE format('SELECT to_jsonb(t) FROM %%1$s t, jsonb_populate_record(NULL::%%1$s, $1) k
            WHERE %%2$s FOR UPDATE OF t', target, this_row) INTO found USING key;
        END IF;
        RETURN found;
      END $body$;
      CREATE FUNCTION %1$I.import_all(kind text) RETURNS SETOF jsonb
      LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
      BEGIN
        RETURN QUERY EXECUTE format('SELECT to_jsonb(t) FROM %1$I.%%I t', kind);
      END $body$;
      REVOKE ALL ON FUNCTION %1$I.import_write, %1$I.import_all FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION %1$I.import_write, %1$I.import_all TO padriver_owner_register;
      $f$, owner);
  END LOOP;
END $$;
GRANT USAGE ON SCHEMA plan TO padriver_owner_register;
SET LOCAL ROLE padriver_owner_register;

-- The columns that a kind's files may have.
CREATE FUNCTION register.import_columns(kind text) RETURNS TABLE (name text, type text, ord int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnum::int
    FROM register.import_kind k JOIN pg_attribute a ON a.attrelid = format('%I.%I', k.owner, k.kind)::regclass
   WHERE k.kind = $1 AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = ''
   ORDER BY a.attnum
$$;

-- A row as files have it: the person by code. (These small ones are plpgsql, which keeps their plans.)
CREATE FUNCTION register.import_shown(stored jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF jsonb_typeof(stored -> 'person') IS DISTINCT FROM 'number' THEN
    RETURN stored;
  END IF;
  RETURN stored || jsonb_build_object('person', coalesce(
    (SELECT p.code FROM register.person p WHERE p.id = (stored ->> 'person')::bigint), '#' || (stored ->> 'person')));
END $$;

-- A row as tables have it: the person by id.
CREATE FUNCTION register.import_resolved(shown jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE person bigint;
BEGIN
  IF jsonb_typeof(shown -> 'person') IS DISTINCT FROM 'string' THEN
    RETURN shown;
  END IF;
  SELECT p.id INTO person FROM register.person p WHERE p.code = shown ->> 'person';
  IF person IS NULL THEN
    RAISE EXCEPTION 'there is no person with the code %', shown ->> 'person' USING ERRCODE = '23503', COLUMN = 'person';
  END IF;
  RETURN shown || jsonb_build_object('person', person);
END $$;

-- The part of a row that tells it apart from others.
CREATE FUNCTION register.import_key(key text[], whole jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  k text;
  part jsonb := '{}';
BEGIN
  FOREACH k IN ARRAY key LOOP
    part := part || jsonb_build_object(k, whole -> k);
  END LOOP;
  RETURN part;
END $$;

-- Reads a file's rows into import_row, each cell as its column's type. Returns what is wrong with them; line 1 is the head.
CREATE FUNCTION register.import_read(file jsonb) RETURNS TABLE (line int, col text, fault text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, DMY' AS $$
DECLARE
  k register.import_kind;
  heads text[] := ARRAY(SELECT jsonb_array_elements_text(file -> 'columns'));
  types text[];
  r jsonb;
  given jsonb;
  bad boolean;
  value jsonb;
BEGIN
  SELECT x.* INTO k FROM register.import_kind x WHERE x.kind = file ->> 'kind';
  IF k.kind IS NULL THEN
    RETURN QUERY SELECT 1, '', format('there is no kind %s; a file is named after its kind: %s', file ->> 'kind',
      (SELECT string_agg(x.kind, ', ' ORDER BY x.rank, x.kind) FROM register.import_kind x));
    RETURN;
  END IF;
  RETURN QUERY SELECT 1, h, CASE WHEN c.name IS NULL THEN format('is not a column of %s; it has %s', k.kind,
                                   (SELECT string_agg(x.name, ', ') FROM register.import_columns(k.kind) x))
                                 ELSE 'stands twice in the head line' END
    FROM unnest(heads) h LEFT JOIN register.import_columns(k.kind) c ON c.name = h
   GROUP BY h, c.name HAVING c.name IS NULL OR count(*) > 1
  UNION ALL
  SELECT 1, x, 'is missing in the head line: it tells the rows apart' FROM unnest(k.key) x WHERE x <> ALL (heads);
  IF FOUND THEN
    RETURN;
  END IF;
  types := ARRAY(SELECT CASE h WHEN 'person' THEN 'text' ELSE c.type END FROM unnest(heads) WITH ORDINALITY u(h, o)
                   JOIN register.import_columns(k.kind) c ON c.name = h ORDER BY u.o);
  FOR r IN SELECT jsonb_array_elements(file -> 'rows') LOOP
    given := '{}';
    bad := false;
    FOR i IN 1 .. cardinality(heads) LOOP
      BEGIN
        value := coalesce(to_jsonb(nullif(r ->> i, '')), 'null');
        IF value <> 'null' AND types[i] <> 'text' THEN
          EXECUTE format('SELECT to_jsonb(CAST($1 AS %s))', types[i]) INTO value USING r ->> i;
        END IF;
        given := given || jsonb_build_object(heads[i], value);
      EXCEPTION WHEN data_exception THEN
        RETURN QUERY SELECT (r ->> 0)::int, heads[i], format('"%s" is not %s', left(r ->> i, 60),
          CASE types[i] WHEN 'date' THEN 'a date such as 2027-01-31' WHEN 'integer' THEN 'a whole number'
                        WHEN 'boolean' THEN 'true or false' WHEN 'time without time zone' THEN 'a time such as 09:00'
                        ELSE 'of type ' || types[i] END);
        bad := true;
      END;
    END LOOP;
    RETURN QUERY SELECT (r ->> 0)::int, x, 'is empty: it tells the rows apart' FROM unnest(k.key) x WHERE given ->> x IS NULL;
    IF NOT FOUND AND NOT bad THEN
      INSERT INTO register.import_row (kind, file, line, key, given)
        VALUES (k.kind, file ->> 'file', (r ->> 0)::int, register.import_key(k.key, given), given);
    END IF;
  END LOOP;
END $$;

-- Brings one row of import_row about and keeps what it changed.
CREATE FUNCTION register.import_put(import bigint, r register.import_row) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  owner text := (SELECT k.owner FROM register.import_kind k WHERE k.kind = r.kind);
  write text := format('SELECT %I.import_write($1, $2, $3, $4)', owner);
  key jsonb := register.import_resolved(r.key);
  given jsonb := register.import_resolved(r.given);
  old jsonb;
  new jsonb;
BEGIN
  EXECUTE write INTO old USING r.kind, 'read', key, NULL::jsonb;
  IF r.given IS NULL THEN
    EXECUTE write INTO old USING r.kind, 'remove', key, NULL::jsonb;
  ELSIF old IS NULL THEN
    EXECUTE write INTO new USING r.kind, 'add', key, given;
  ELSIF old @> given THEN
    RETURN;
  ELSE
    EXECUTE write INTO new USING r.kind, 'change', key, given;
  END IF;
  INSERT INTO register.import_change (import, kind, file, line, before, after)
    VALUES (import_put.import, r.kind, r.file, r.line, old, new);
END $$;

-- What a refused row is told, from the error that is being handled: the columns concerned and the reason. A constraint
-- that has a name of its own says the rule.
CREATE FUNCTION register.import_fault(kind text, state text, named text, constraint_name text, detail text, message text,
  OUT col text, OUT fault text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH broken AS (
    SELECT pg_get_constraintdef(x.oid) AS def, x.conkey, x.conrelid
      FROM register.import_kind k JOIN pg_constraint x ON x.conrelid = format('%I.%I', k.owner, k.kind)::regclass
     WHERE k.kind = $1 AND x.conname = constraint_name),
  rule AS (
    SELECT CASE WHEN constraint_name = '' OR constraint_name ~ '_(key|pkey|fkey|check[0-9]*)$' THEN ''
                ELSE replace(constraint_name, '_', ' ') || ': ' END AS words)
  SELECT coalesce(nullif(named, ''), (
           SELECT string_agg(c.name, ', ' ORDER BY c.ord) FROM register.import_columns($1) c
            WHERE substring(detail FROM '^Key \((.*?)\)=') ~ ('\m' || c.name || '\M')
               OR state = '23514' AND EXISTS (SELECT FROM broken b JOIN pg_attribute a ON a.attrelid = b.conrelid
                    AND a.attnum = ANY (b.conkey) AND a.attname = c.name)), ''),
         (SELECT words FROM rule) || CASE state
           WHEN '23502' THEN 'is empty'
           WHEN '23503' THEN regexp_replace(regexp_replace(coalesce(nullif(detail, ''), message),
             '^Key .*=\((.*)\) is not present in table "(.*)"\.$', 'there is no \2 \1'),
             '^Key .*=\((.*)\) is still referenced from table "(.*)"\.$', 'is still referred to by \2')
           WHEN '23514' THEN 'breaks the rule ' || coalesce((SELECT substr(b.def, 7) FROM broken b), message)
           WHEN '23505' THEN regexp_replace(detail, '^Key .*=\((.*)\) already exists\.$', 'there is one already: \1')
           WHEN '23P01' THEN regexp_replace(detail, '^.* conflicts with existing key .*\)=\((.*)\)\.$', 'overlaps \1')
           ELSE message END
$$;

-- Puts every row of import_row that can be put, until none is left or none can: so the order of rows and files does
-- not matter, and of what cannot be put every row is reported, not the first.
CREATE FUNCTION register.import_work(import bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  r register.import_row;
  progress boolean := true;
  state text; named text; of_constraint text; detail text; message text;
BEGIN
  WHILE progress LOOP
    progress := false;
    FOR r IN SELECT x.* FROM register.import_row x JOIN register.import_kind k USING (kind) WHERE NOT x.done
             ORDER BY x.given IS NULL, CASE WHEN x.given IS NULL THEN -k.rank ELSE k.rank END, x.number LOOP
      BEGIN
        PERFORM register.import_put(import, r);
        UPDATE register.import_row x SET done = true WHERE x.number = r.number;
        progress := true;
      EXCEPTION WHEN integrity_constraint_violation THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, named = COLUMN_NAME, of_constraint = CONSTRAINT_NAME,
          detail = PG_EXCEPTION_DETAIL, message = MESSAGE_TEXT;
        UPDATE register.import_row x SET (fault_column, fault) = (SELECT f.col, f.fault
            FROM register.import_fault(r.kind, state, named, of_constraint, detail, message) f)
          WHERE x.number = r.number;
      END;
    END LOOP;
  END LOOP;
END $$;

-- Imports files: [{"file", "kind", "columns": [...], "rows": [[line, cell, ...], ...]}, ...], an empty cell is no value.
-- replace: rows of these kinds that no file has are removed. Returns one row with the import's id (0: nothing changed), or
-- all that is wrong; then the caller rolls back.
CREATE FUNCTION register.import(files jsonb, replace boolean, at timestamptz, actor text)
RETURNS TABLE (import bigint, file text, line int, col text, fault text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  SET enable_seqscan = off SET jit = off AS $$  -- plans are made while the tables are small
DECLARE
  this bigint;
  wrong boolean := false;     -- so far
  headless boolean := false;  -- a file whose columns are not known: its rows are missing to others
  wrongly record;
BEGIN
  LOCK TABLE register.import_row IN EXCLUSIVE MODE;
  DELETE FROM register.import_row;
  FOR wrongly IN SELECT f.file ->> 'file' AS file, r.* FROM jsonb_array_elements(files) WITH ORDINALITY f(file, ord),
             register.import_read(f.file) r ORDER BY f.ord, r.line LOOP
    RETURN QUERY SELECT NULL::bigint, wrongly.file, wrongly.line, wrongly.col, wrongly.fault;
    wrong := true;
    headless := headless OR wrongly.line <= 1;
  END LOOP;
  IF headless THEN
    RETURN;
  END IF;
  RETURN QUERY SELECT NULL::bigint, r.file, r.line, array_to_string(k.key, ', '),
      format('has the same values as line %s of %s', r.first_line, r.first_file)
    FROM (SELECT x.*, first_value(x.number) OVER same AS first, first_value(x.line) OVER same AS first_line,
                 first_value(x.file) OVER same AS first_file
            FROM register.import_row x WINDOW same AS (PARTITION BY x.kind, x.key ORDER BY x.number)) r
    JOIN register.import_kind k USING (kind) WHERE r.number <> r.first ORDER BY r.number;
  wrong := wrong OR FOUND;
  IF replace AND NOT wrong THEN
    INSERT INTO register.import_row (kind, file, line, key)
      SELECT f.kind, f.file, 0, register.import_key(k.key, s.shown)
        FROM (SELECT x ->> 'kind' AS kind, min(x ->> 'file') AS file FROM jsonb_array_elements(files) x GROUP BY 1) f
        JOIN register.import_kind k ON k.kind = f.kind, register.import_existing(k) s
       WHERE NOT EXISTS (SELECT FROM register.import_row r
                          WHERE r.kind = f.kind AND r.key = register.import_key(k.key, s.shown));
  END IF;
  INSERT INTO register.import (at, actor, files)
    VALUES (at, actor, ARRAY(SELECT x ->> 'file' FROM jsonb_array_elements(files) x)) RETURNING id INTO this;
  UPDATE register.import_row r SET done = true
    FROM (SELECT k.kind, register.import_key(k.key, e.shown) AS key, e.shown
            FROM register.import_kind k, register.import_existing(k) e
           WHERE k.kind IN (SELECT x.kind FROM register.import_row x)) s
   WHERE r.kind = s.kind AND r.key = s.key AND s.shown @> r.given;
  PERFORM register.import_work(this);
  RETURN QUERY SELECT NULL::bigint, r.file, r.line, r.fault_column,
      r.fault || CASE WHEN r.line = 0 THEN ': ' || r.key::text || ' cannot be removed' ELSE '' END
    FROM register.import_row r WHERE NOT r.done ORDER BY r.number;
  IF wrong OR FOUND THEN
    RETURN;
  END IF;
  DELETE FROM register.import_row;
  DELETE FROM register.import i
   WHERE i.id = this AND NOT EXISTS (SELECT FROM register.import_change c WHERE c.import = this);
  RETURN QUERY SELECT CASE WHEN FOUND THEN 0 ELSE this END, NULL::text, NULL::int, NULL::text, NULL::text;
END $$;

-- The rows that a kind has, as files have them.
CREATE FUNCTION register.import_existing(k register.import_kind) RETURNS TABLE (shown jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY EXECUTE format('SELECT register.import_shown(x) FROM %I.import_all($1) x', k.owner) USING k.kind;
END $$;

-- What an import changed, field by field; a row added or removed is one line of all its fields.
CREATE FUNCTION register.import_diff(import bigint)
RETURNS TABLE (number bigint, kind text, file text, line int, action text, key text, col text, before text, after text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH change AS (
    SELECT c.number, c.kind, c.file, c.line, k.key, register.import_shown(c.before) AS b, register.import_shown(c.after) AS a
      FROM register.import_change c JOIN register.import_kind k USING (kind) WHERE c.import = $1)
  SELECT c.number, c.kind, c.file, c.line,
         CASE WHEN c.b IS NULL THEN 'added' WHEN c.a IS NULL THEN 'removed' ELSE 'changed' END,
         (SELECT string_agg(coalesce(c.a, c.b) ->> x, ' ' ORDER BY o) FROM unnest(c.key) WITH ORDINALITY u(x, o)),
         f.col, f.before, f.after
    FROM change c, LATERAL (
      SELECT n.name AS col, c.b ->> n.name AS before, c.a ->> n.name AS after, n.ord FROM register.import_columns(c.kind) n
       WHERE c.a IS NOT NULL AND c.b IS NOT NULL AND (c.a -> n.name) IS DISTINCT FROM (c.b -> n.name)
      UNION ALL
      SELECT NULL, w.before, w.after, 0 FROM (
        SELECT string_agg(n.name || '=' || (c.b ->> n.name), ', ' ORDER BY n.ord) AS before,
               string_agg(n.name || '=' || (c.a ->> n.name), ', ' ORDER BY n.ord) AS after
          FROM register.import_columns(c.kind) n WHERE n.name <> ALL (c.key)) w
       WHERE c.a IS NULL OR c.b IS NULL) f
   ORDER BY c.number, f.ord
$$;

-- The imports with what each did, counted in rows.
CREATE VIEW register.import_list AS
  SELECT i.id, i.at, i.actor, i.files, i.undone_at, i.undone_by,
         count(*) FILTER (WHERE c.before IS NULL)::int AS added,
         count(*) FILTER (WHERE c.before IS NOT NULL AND c.after IS NOT NULL)::int AS changed,
         count(*) FILTER (WHERE c.after IS NULL)::int AS removed
    FROM register.import i JOIN register.import_change c ON c.import = i.id GROUP BY i.id;

-- Undoes an import (NULL: the last that is not undone) in the reverse order of its changes: every row is then exactly as
-- before. Refused when a row was changed since. Returns the import's id.
CREATE FUNCTION register.import_undo(import bigint, at timestamptz, actor text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  SET enable_seqscan = off SET jit = off AS $$  -- plans are made while the tables are small
DECLARE
  i register.import;
  c register.import_change;
  detail text;
BEGIN
  LOCK TABLE register.import_row IN EXCLUSIVE MODE;
  SELECT x.* INTO i FROM register.import x
   WHERE CASE WHEN import IS NULL THEN x.undone_at IS NULL ELSE x.id = import END ORDER BY x.id DESC LIMIT 1;
  IF i.id IS NULL THEN
    RAISE EXCEPTION 'there is no import %to undo; see padriver import list', coalesce(import || ' ', '')
      USING ERRCODE = 'PD002';
  ELSIF i.undone_at IS NOT NULL THEN
    RAISE EXCEPTION 'import % is undone already', i.id USING ERRCODE = 'PD002';
  END IF;
  FOR c IN SELECT x.* FROM register.import_change x WHERE x.import = i.id ORDER BY x.number DESC LOOP
    BEGIN
      PERFORM register.import_undo_change(c);
    EXCEPTION WHEN integrity_constraint_violation THEN
      GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
      RAISE EXCEPTION 'import % cannot be undone: % of line % of % is in use since: %', i.id, c.kind, c.line, c.file, detail
        USING ERRCODE = 'PD002';
    END;
  END LOOP;
  UPDATE register.import x SET undone_at = import_undo.at, undone_by = import_undo.actor WHERE x.id = i.id;
  RETURN i.id;
END $$;

-- Puts one changed row back, if it still is what the import made it.
CREATE FUNCTION register.import_undo_change(c register.import_change) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  k register.import_kind := (SELECT x FROM register.import_kind x WHERE x.kind = c.kind);
  write text := format('SELECT %I.import_write($1, $2, $3, $4)', k.owner);
  key jsonb := register.import_key(k.key, coalesce(c.after, c.before));
  now_is jsonb;
BEGIN
  EXECUTE write INTO now_is USING c.kind, 'read', key, NULL::jsonb;
  IF now_is IS DISTINCT FROM c.after THEN
    RAISE EXCEPTION 'import % cannot be undone: % % was changed since; undo the later imports first (padriver import list)',
      c.import, c.kind, (SELECT string_agg(register.import_shown(key) ->> x, ' ') FROM unnest(k.key) x) USING ERRCODE = 'PD002';
  END IF;
  EXECUTE write INTO now_is
    USING c.kind, CASE WHEN c.before IS NULL THEN 'remove' WHEN c.after IS NULL THEN 'add' ELSE 'change' END, key, c.before;
END $$;

RESET ROLE;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA register FROM PUBLIC;
GRANT SELECT ON register.import_list TO padriver_ctl;
GRANT EXECUTE ON FUNCTION register.import, register.import_diff, register.import_undo TO padriver_ctl;
