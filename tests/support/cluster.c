/*
 * cluster: a supervisor process owns the server: it starts and stops it on a byte from the test,
 * and when the test's end of the socket closes it stops the server and removes the directory. So
 * nothing stays, even after kill -9.
 */
#include "tests/support/cluster.h"

#include "common/clock.h"
#include "common/migrate.h"
#include "tests/support/test.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_DATABASES 400

static struct {
        char directory[64], binaries[256];
        int control; /* to the supervisor */
        pid_t supervisor, starter;
        struct db *admin;
        char *conninfo[MOST_DATABASES];
        int databases;
} cluster = { .control = -1 };

/* Ends the test program. */
static _Noreturn void __attribute__((format(printf, 1, 2))) give_up(const char *format, ...)
{
        va_list args;
        va_start(args, format);
        fputs("cluster: ", stderr);
        vfprintf(stderr, format, args);
        fputc('\n', stderr);
        va_end(args);
        _exit(1);
}

/* Whether the directory holds the server. */
static bool has_server(const char *directory)
{
        char path[300];
        snprintf(path, sizeof path, "%s/initdb", directory);
        if (access(path, X_OK) != 0)
                return false;
        snprintf(cluster.binaries, sizeof cluster.binaries, "%s", directory);
        return true;
}

/* By PG_BINDIR, pg_config, or Debian's place. */
static void find_binaries(void)
{
        char line[200] = "";
        if (getenv("PG_BINDIR") && has_server(getenv("PG_BINDIR")))
                return;
        FILE *answer = popen("pg_config --bindir 2>/dev/null", "r");
        if (answer && fgets(line, sizeof line, answer))
                line[strcspn(line, "\n")] = '\0';
        if (answer)
                pclose(answer);
        if (!has_server(line) && !has_server("/usr/lib/postgresql/15/bin"))
                give_up("no initdb: install postgresql-15 or set PG_BINDIR");
}

/* PostgreSQL refuses root: becomes postgres. */
static void drop_root(void)
{
        struct passwd *user = getuid() == 0 ? getpwnam("postgres") : NULL;
        if (getuid() != 0)
                return;
        if (!user || setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 ||
            setuid(user->pw_uid) != 0)
                give_up("cannot become postgres");
}

/* Starts a program of PostgreSQL in a process of its own. */
static pid_t spawn(const char *program, const char *const *arguments)
{
        pid_t pid = fork();
        if (pid != 0)
                return pid;
        char path[320], log[100];
        const char *all[40] = { path }; /* by it initdb finds its companions */
        for (size_t i = 0; arguments[i]; i++)
                all[i + 1] = arguments[i];
        drop_root();
        snprintf(path, sizeof path, "%s/%s", cluster.binaries, program);
        snprintf(log, sizeof log, "%s/log", cluster.directory);
        int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (chdir(cluster.directory) != 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 ||
            dup2(out, 2) < 0)
                _exit(1);
        setenv("LC_ALL", "C.UTF-8", 1);
        unsetenv("PGDATA");
        execv(path, (char *const *)(uintptr_t)all);
        _exit(1);
}

/* Makes the data directory. */
static void make_data(void)
{
        char data[80];
        int status;
        snprintf(data, sizeof data, "%s/data", cluster.directory);
        const char *const arguments[] = { "-D",
                                          data,
                                          "-A",
                                          "trust",
                                          "-U",
                                          "postgres",
                                          "-E",
                                          "UTF8",
                                          "--no-locale",
                                          "--no-sync",
                                          "--no-instructions",
                                          NULL };
        if (waitpid(spawn("initdb", arguments), &status, 0) < 0 || status != 0)
                give_up("initdb failed: see %s/log", cluster.directory);
}

/* Starts the server; it is ready when it lets us in. */
static pid_t start_server(void)
{
        char data[80];
        snprintf(data, sizeof data, "%s/data", cluster.directory);
        const char *fast[] = { "-D", data,
                               "-k", cluster.directory,
                               "-c", "listen_addresses=",
                               "-c", "max_connections=60",
                               "-c", "shared_buffers=32MB",
                               "-c", "wal_level=minimal",
                               "-c", "max_wal_senders=0",
                               "-c", "fsync=off",
                               "-c", "full_page_writes=off",
                               "-c", "autovacuum=off",
                               NULL };
        return spawn("postgres", fast);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
        (void)info;
        (void)type;
        (void)walk;
        return remove(path);
}

/* The supervisor: 's' starts, 'k' stops at once, the end of the test ends all. */
static _Noreturn void supervise(int control)
{
        char order;
        pid_t server = 0;
        setsid();
        signal(SIGINT, SIG_IGN);
        signal(SIGTERM, SIG_IGN);
        while (read(control, &order, 1) == 1) {
                if (order == 's') {
                        server = start_server();
                } else {
                        kill(server, SIGQUIT);
                        waitpid(server, NULL, 0);
                        server = 0;
                }
                if (write(control, &order, 1) != 1)
                        break;
        }
        if (server) {
                kill(server, SIGQUIT);
                waitpid(server, NULL, 0);
        }
        nftw(cluster.directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
        _exit(0);
}

/* Asks the supervisor and waits until it is done. */
static void order(char what)
{
        if (write(cluster.control, &what, 1) != 1 || read(cluster.control, &what, 1) != 1)
                give_up("the supervisor is gone");
}

/* At the end: the supervisor cleans up, and this waits for it. Forked processes leave it alone. */
static void stop(void)
{
        if (getpid() != cluster.starter)
                return;
        db_destroy(&cluster.admin);
        for (int i = 0; i < cluster.databases; i++)
                free(cluster.conninfo[i]);
        close(cluster.control);
        waitpid(cluster.supervisor, NULL, 0);
}

/* The conninfo of a database, kept for the program's life. */
static const char *keep_conninfo(const char *database)
{
        if (cluster.databases == MOST_DATABASES)
                give_up("more than %d databases", MOST_DATABASES);
        char **place = &cluster.conninfo[cluster.databases++];
        if (asprintf(place, "host=%s dbname=%s user=postgres", cluster.directory, database) < 0)
                give_up("out of memory");
        return *place;
}

void cluster_start(void)
{
        int64_t deadline = clock_monotonic_ms() + 30000;
        order('s');
        while (PQping(cluster.conninfo[0]) != PQPING_OK) {
                if (clock_monotonic_ms() > deadline)
                        give_up("the server does not start: see %s/log", cluster.directory);
                usleep(10000);
        }
}

void cluster_crash(void)
{
        order('k');
}

/* Makes and starts the cluster, once. */
static void start_once(void)
{
        int ends[2];
        struct passwd *user = getpwnam("postgres");
        if (cluster.supervisor)
                return;
        find_binaries();
        strcpy(cluster.directory, "/tmp/pg.XXXXXX");
        if (!mkdtemp(cluster.directory) || chmod(cluster.directory, 0755) != 0 ||
            (getuid() == 0 &&
             (!user || chown(cluster.directory, user->pw_uid, user->pw_gid) != 0)) ||
            socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
                give_up("%s: %s", cluster.directory, strerror(errno));
        cluster.starter = getpid();
        cluster.supervisor = fork();
        if (cluster.supervisor == 0) {
                close(ends[0]);
                supervise(ends[1]);
        }
        close(ends[1]);
        cluster.control = ends[0];
        atexit(stop);
        make_data();
        const char *conninfo = keep_conninfo("postgres");
        cluster_start();
        cluster.admin = cluster_connect(conninfo, NULL);
}

struct db *cluster_connect(const char *conninfo, const char *user)
{
        struct db *db = db_new(conninfo, user, NULL, 30000);
        if (!db_connect(db))
                fail_msg("cannot connect to %s", conninfo);
        return db;
}

void cluster_run(struct db *db, const char *sql)
{
        struct db_result result;
        if (!db_script(db, sql, &result))
                fail_msg("%s %s in: %s", result.sqlstate, result.message, sql);
        db_result_clear(&result);
}

int64_t cluster_number(struct db *db, const char *sql)
{
        struct db_result result;
        if (!db_run_plain(db, sql, &result))
                fail_msg("%s %s in: %s", result.sqlstate, result.message, sql);
        int64_t number = db_int(&result, 0, 0);
        db_result_clear(&result);
        return number;
}

struct text cluster_text(struct db *db, const char *sql, struct arena *arena)
{
        struct db_result result;
        if (!db_run_plain(db, sql, &result))
                fail_msg("%s %s in: %s", result.sqlstate, result.message, sql);
        struct text text = arena_copy(arena, db_text(&result, 0, 0));
        db_result_clear(&result);
        return text;
}

const char *cluster_sqlstate(struct db *db, const char *sql)
{
        static char sqlstate[6];
        struct db_result result;
        db_script(db, sql, &result);
        memcpy(sqlstate, result.sqlstate, sizeof sqlstate);
        db_result_clear(&result);
        return sqlstate;
}

/* A new database from a template. */
static const char *copy_database(const char *template)
{
        char name[20], sql[100];
        snprintf(name, sizeof name, "t%d", cluster.databases);
        snprintf(sql, sizeof sql, "CREATE DATABASE %s TEMPLATE %s", name, template);
        cluster_run(cluster.admin, sql);
        return keep_conninfo(name);
}

const char *cluster_empty_database(void)
{
        start_once();
        return copy_database("template0");
}

const char *cluster_database(void)
{
        static const char *template;
        if (!template) {
                struct migrated migrated;
                const char *conninfo = cluster_empty_database();
                struct db *db = cluster_connect(conninfo, NULL);
                if (!migrate(db, SOURCE_DIRECTORY "/schemas/sql", 0, &migrated))
                        give_up("%s", migrated.reason);
                db_destroy(&db);
                template = strstr(conninfo, "dbname=") + strlen("dbname=");
        }
        char name[20];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(template, " "), template);
        return copy_database(name);
}
