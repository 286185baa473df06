/*
 * Rights: each login role is shown not to be able to do what it should not. Rules over the catalog
 * hold for every table and function, also tomorrow's; the table of attempts is tried as each role.
 * Add a line for each new promise.
 */
#include "tests/support/cluster.h"
#include "tests/support/test.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const roles[] = { "padriver_broker",     "padriver_notifications",
                                     "padriver_evaluation", "padriver_budget",
                                     "padriver_newsletter", "padriver_ctl",
                                     "padriver_metrics",    "padriver_web" };

static const char *conninfo;
static struct db *eye;
static struct arena *arena;

static int set_up(void **state)
{
        (void)state;
        conninfo = cluster_database();
        eye = cluster_connect(conninfo, NULL);
        arena = arena_new();
        cluster_run(eye, "SELECT log.append('2027-01-01', '{1}', '{k}', '{a}', '{0}', '{x}')");
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        db_destroy(&eye);
        arena_destroy(&arena);
        return 0;
}

/* A query that lists what breaks a rule: it must find nothing. */
static void check_none(const char *sql)
{
        struct text found = cluster_text(eye, sql, arena);
        if (found.at)
                fail_msg("%.*s", TEXT_ARGS(found));
}

#define OURS " ('log', 'register', 'plan', 'notice', 'evaluation', 'budget', 'newsletter', 'web')"
#define LOGINS                                                                                     \
        " (SELECT oid, rolname FROM pg_roles WHERE rolname LIKE 'padriver\\_%' AND rolcanlogin) r"

/* Nobody but the superuser, for what the server keeps for itself. */
static void test_login_roles_are_ordinary(void **state)
{
        (void)state;
        check_none("SELECT string_agg(rolname, ' ') FROM pg_roles WHERE rolname LIKE 'padriver\\_%'"
                   " AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR "
                   "rolbypassrls)");
        check_none("SELECT string_agg(r.rolname || ' is ' || o.rolname, ', ') FROM" LOGINS
                   ", pg_roles o WHERE o.rolname LIKE 'padriver\\_%' AND o.oid <> r.oid"
                   " AND pg_has_role(r.oid, o.oid, 'MEMBER')");
        check_none("SELECT string_agg(rolname, ' ') FROM pg_roles WHERE rolname LIKE "
                   "'padriver\\_owner\\_%' AND rolcanlogin");
}

static void test_login_roles_own_and_make_nothing(void **state)
{
        (void)state;
        check_none("SELECT string_agg(r.rolname || ' owns ' || c.relname, ', ') FROM pg_class c "
                   "JOIN" LOGINS " ON r.oid = c.relowner");
        check_none("SELECT string_agg(r.rolname || ' makes things in ' || n.nspname, ', ') FROM "
                   "pg_namespace n," LOGINS " WHERE n.nspname NOT LIKE 'pg\\_%' AND "
                   "has_schema_privilege(r.oid, n.oid, 'CREATE')");
}

/* R94 and promise 9: what is written stays; nobody empties a table or hangs a trigger on it. */
static void test_nobody_truncates_or_hooks_a_table(void **state)
{
        (void)state;
        check_none("SELECT string_agg(r.rolname || ' on ' || n.nspname || '.' || c.relname, ', ')"
                   " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace," LOGINS
                   " WHERE n.nspname IN" OURS " AND c.relkind IN ('r', 'p', 'v')"
                   " AND has_table_privilege(r.oid, c.oid, 'TRUNCATE, TRIGGER, REFERENCES')");
}

static void test_nobody_writes_the_log_by_hand(void **state)
{
        (void)state;
        check_none("SELECT string_agg(r.rolname || ' on log.' || c.relname, ', ')"
                   " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace," LOGINS
                   " WHERE n.nspname = 'log' AND c.relkind IN ('r', 'p')"
                   " AND (has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE')"
                   "   OR has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE'))");
}

static void test_a_daemon_writes_its_own_schema_alone(void **state)
{
        (void)state;
        check_none(
                "SELECT string_agg(r.rolname || ' writes ' || n.nspname || '.' || c.relname, ', ')"
                " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace," LOGINS
                " WHERE n.nspname IN" OURS " AND c.relkind IN ('r', 'p', 'v')"
                " AND (has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE')"
                "   OR has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE'))"
                " AND r.rolname <> 'padriver_' || CASE n.nspname WHEN 'notice' THEN "
                "'notifications' ELSE n.nspname END");
}

static void test_no_function_is_everybodys(void **state)
{
        (void)state;
        check_none("SELECT string_agg(p.oid::regprocedure::text, ', ') FROM pg_proc p"
                   " JOIN pg_namespace n ON n.oid = p.pronamespace,"
                   " aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a"
                   " WHERE n.nspname IN" OURS " AND a.grantee = 0");
}

/* A definer's function that trusts the caller's search path gives the owner away. */
static void test_owners_functions_have_their_own_search_path(void **state)
{
        (void)state;
        check_none(
                "SELECT string_agg(p.oid::regprocedure::text, ', ') FROM pg_proc p"
                " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN" OURS
                " AND p.prosecdef"
                " AND NOT coalesce(p.proconfig, '{}') @> '{\"search_path=pg_catalog, pg_temp\"}'");
        check_none("SELECT string_agg(p.oid::regprocedure::text, ', ') FROM pg_proc p"
                   " JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = "
                   "p.proowner"
                   " WHERE n.nspname IN" OURS
                   " AND r.rolname <> 'padriver_owner_' || n.nspname AND p.prosecdef");
}

/* All of them, or one; and what it tries: it must end with 42501, insufficient privilege. */
static const struct attempt {
        const char *role, *sql;
} attempts[] = {
        { NULL, "INSERT INTO log.event VALUES (2, '2027-01-01', 1, 'k', '', NULL, 'x')" },
        { NULL, "UPDATE log.event SET key = 'l'" },
        { NULL, "DELETE FROM log.event" },
        { NULL, "TRUNCATE log.event" },
        { NULL, "DELETE FROM log.event_0" },
        { NULL, "DROP TABLE log.event_0" },
        { NULL, "UPDATE log.cursor SET position = 0" },
        { NULL, "DELETE FROM log.parked" },
        { NULL, "UPDATE log.source SET number = 0" },
        { NULL, "INSERT INTO log.timer (owner, name, due, type, key, body) VALUES ('a', 'b', "
                "now(), 1, 'k', 'x')" },
        { NULL, "SET ROLE padriver_owner_log" },
        { NULL, "SET ROLE padriver_owner_budget" },
        { NULL, "CREATE TABLE public.mine (n int)" },
        { NULL, "CREATE FUNCTION log.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'" },
        { NULL, "COPY log.worker_group TO PROGRAM 'cat'" },
        { NULL, "SELECT log.lock_source('a')" },
        { NULL, "SELECT log.free_rest('a', 'k')" },
        { "padriver_broker", "SELECT log.advance('budget', '{0}', '{0}', '{1}')" },
        { "padriver_broker",
          "SELECT log.park('budget', '{0}', '{1}', '{r}', '{0}', '2027-01-01')" },
        { "padriver_broker", "SELECT log.drop('budget', 1)" },
        { "padriver_broker", "SELECT log.group_add('x', 1, 0)" },
        { "padriver_broker", "SELECT * FROM register.addressee" },
        { "padriver_broker", "SELECT * FROM notice.letter" },
        { "padriver_broker", "SELECT * FROM budget.share" },
        { "padriver_notifications", "SELECT * FROM log.event" },
        { "padriver_notifications", "SELECT * FROM register.person" },
        { "padriver_notifications", "SELECT * FROM evaluation.answer" },
        { "padriver_notifications", "SELECT * FROM evaluation.invitation" },
        { "padriver_notifications", "SELECT log.fire('2027-01-01', 1)" },
        { "padriver_notifications", "SELECT log.retry('notifications', NULL)" },
        { "padriver_notifications", "DELETE FROM notice.letter" },
        { "padriver_notifications", "UPDATE notice.letter SET person = 1" },
        { "padriver_notifications", "SELECT notice.release('i', 'a', '2027-01-01')" },
        { "padriver_evaluation", "SELECT email FROM register.person" },
        { "padriver_evaluation", "SELECT * FROM notice.letter" },
        { "padriver_evaluation",
          "SELECT log.publish(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)" },
        { "padriver_budget", "SELECT * FROM register.person" },
        { "padriver_budget", "SELECT * FROM evaluation.answer" },
        { "padriver_budget", "SELECT log.publish(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)" },
        { "padriver_budget", "SELECT log.group_drop('budget')" },
        { "padriver_newsletter", "SELECT * FROM register.person" },
        { "padriver_newsletter", "SELECT * FROM notice.letter" },
        { "padriver_newsletter", "SELECT * FROM evaluation.answer" },
        { "padriver_newsletter",
          "SELECT newsletter.release('i', 1, '2027-01-01', 'a', '2027-01-01')" },
        { "padriver_newsletter", "INSERT INTO newsletter.recipient VALUES ('i', 1)" },
        { "padriver_newsletter", "UPDATE newsletter.issue SET body_nb = 'x'" },
        { "padriver_newsletter", "DELETE FROM newsletter.letter" },
        { "padriver_newsletter", "UPDATE newsletter.letter SET person = 1" },
        { "padriver_ctl", "SELECT log.publish(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)" },
        { "padriver_ctl", "SELECT log.advance('budget', '{0}', '{0}', '{1}')" },
        { "padriver_ctl", "SELECT log.unpark('budget', 1)" },
        { "padriver_ctl", "SELECT log.fire('2027-01-01', 1)" },
        { "padriver_ctl", "SELECT * FROM evaluation.answer" },
        { "padriver_ctl", "SELECT * FROM evaluation.box" },
        { "padriver_ctl",
          "INSERT INTO register.person (code, name, language) VALUES ('a', 'b', 'nb')" },
        { "padriver_ctl", "UPDATE notice.letter SET state = 'sent'" },
        { "padriver_ctl", "UPDATE newsletter.letter SET state = 'due'" },
        { "padriver_ctl", "INSERT INTO newsletter.recipient VALUES ('i', 1)" },
        { "padriver_ctl",
          "UPDATE newsletter.issue SET released_at = '2027-01-01', released_by = 'a'" },
};

static void test_each_role_is_refused_what_is_not_its_own(void **state)
{
        int faults = 0;
        (void)state;
        for (size_t r = 0; r < COUNT(roles); r++) {
                struct db *db = cluster_connect(conninfo, roles[r]);
                for (size_t i = 0; i < COUNT(attempts); i++) {
                        if (attempts[i].role && strcmp(attempts[i].role, roles[r]) != 0)
                                continue;
                        const char *got = cluster_sqlstate(db, attempts[i].sql);
                        if (strcmp(got, "42501") == 0)
                                continue;
                        print_error("%s gets \"%s\" for: %s\n", roles[r], got, attempts[i].sql);
                        faults++;
                }
                db_destroy(&db);
        }
        assert_int_equal(faults, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_login_roles_are_ordinary),
                cmocka_unit_test(test_login_roles_own_and_make_nothing),
                cmocka_unit_test(test_nobody_truncates_or_hooks_a_table),
                cmocka_unit_test(test_nobody_writes_the_log_by_hand),
                cmocka_unit_test(test_a_daemon_writes_its_own_schema_alone),
                cmocka_unit_test(test_no_function_is_everybodys),
                cmocka_unit_test(test_owners_functions_have_their_own_search_path),
                cmocka_unit_test(test_each_role_is_refused_what_is_not_its_own),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
