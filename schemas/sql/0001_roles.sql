-- Roles: a schema has one owner without login; each program logs in as its own role with just what it needs.
-- Roles belong to the cluster, schemas to the database: several centres may share a cluster.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['log', 'register', 'plan', 'notice', 'evaluation', 'budget', 'newsletter'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'padriver_owner_' || name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', 'padriver_owner_' || name);
    END IF;
    EXECUTE format('CREATE SCHEMA %I AUTHORIZATION %I', name, 'padriver_owner_' || name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['broker', 'notifications', 'evaluation', 'budget', 'newsletter', 'ctl'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'padriver_' || name) THEN
      EXECUTE format('CREATE ROLE %I LOGIN', 'padriver_' || name);
    END IF;
  END LOOP;
END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
CREATE EXTENSION IF NOT EXISTS btree_gist;
