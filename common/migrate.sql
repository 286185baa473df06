-- What migrate.c asks and writes, outside any schema of ours.

-- lock_migrations () -> none
SELECT pg_advisory_lock(7032);

-- unlock_migrations () -> none
SELECT pg_advisory_unlock(7032);

-- applied_migrations () -> many (number int, name text, sha256 bytea)
SELECT number, name, sha256 FROM public.migration ORDER BY number;

-- record_migration (number int, name text, sha256 bytea, at time) -> none
INSERT INTO public.migration (number, name, sha256, at) VALUES (:number, :name, :sha256, :at);
