-- Import, as the command sees it. The rules are in the owner's functions (0009_import.sql).

-- import_files (files text, replace bool, now time, actor text) -> many (import bigint, file text, line int, col text, fault text)
-- One row with the import's id (0: nothing changed), or all that is wrong.
SELECT i.import, i.file, i.line, i.col, i.fault
  FROM register.import(CAST(:files AS jsonb), :replace, :now, :actor) i ORDER BY i.file, i.line, i.col;

-- import_changes (import bigint) -> many (number bigint, kind text, file text, line int, action text, key text, col text,
--   before text, after text)
SELECT d.number, d.kind, d.file, d.line, d.action, d.key, d.col, d.before, d.after FROM register.import_diff(:import) d;

-- imports () -> many (id bigint, at time, actor text, files text[], added int, changed int, removed int, undone_at time,
--   undone_by text)
SELECT i.id, i.at, i.actor, i.files, i.added, i.changed, i.removed, i.undone_at, i.undone_by
  FROM register.import_list i ORDER BY i.id;

-- undo_import (import bigint, now time, actor text) -> one (import bigint)
SELECT register.import_undo(:import, :now, :actor);

-- gaps (day date) -> many (rule text, subject text, gap text)
SELECT g.rule, g.subject, g.gap FROM register.gaps_on(:day) g;
