/*
 * ctl: settings, store and broker as the commands meet them, and their error messages and exit
 * codes. A command that cannot reach something says which: the store (EXIT_DOWN), the settings
 * (EXIT_SETTINGS).
 */
#include "workers/ctl/ctl.h"

#include "common/log.h"
#include "common/traceparent.h"
#include "common/wire.h"
#include <inttypes.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Who acts: the OS user, or in a simulated instance whoever PADRIVER_ACTOR names. */
static const char *find_actor(const struct ctl *ctl)
{
        const char *named = getenv("PADRIVER_ACTOR");
        if (named && named[0] && clock_is_simulated(ctl->clock))
                return named;
        const struct passwd *user = getpwuid(getuid());
        return user ? arena_string(ctl->arena, text_of(user->pw_name))
                    : arena_printf(ctl->arena, "uid-%u", (unsigned)getuid()).at;
}

int ctl_open(struct ctl *ctl)
{
        if (!conf_load(&ctl->conf, ctl->config, ctl->arena))
                return EXIT_SETTINGS;
        ctl->clock = clock_open(ctl->conf.place_runtime);
        if (!ctl->clock)
                return EXIT_SETTINGS;
        ctl->actor = find_actor(ctl);
        ctl->traceparent = traceparent_of(ctl->arena, text_of(getenv("TRACEPARENT")));
        return EXIT_DONE;
}

void ctl_close(struct ctl *ctl)
{
        tx_destroy(&ctl->tx);
        db_destroy(&ctl->db);
        wire_destroy(&ctl->wire);
        clock_close(&ctl->clock);
        arena_destroy(&ctl->arena);
}

struct tx *ctl_tx(struct ctl *ctl)
{
        if (!ctl->tx) {
                ctl->db = db_new(ctl->conf.store_connection, "padriver_ctl", NULL,
                                 (int)ctl->conf.store_deadline);
                ctl->tx = tx_new(ctl->db, "ctl");
        }
        if (!tx_begin(ctl->tx, clock_now(ctl->clock))) {
                ctl_fail(ctl, EXIT_DOWN,
                         "the store is down or refuses us (%s); start PostgreSQL, or see padriver "
                         "check",
                         ctl->conf.store_connection);
                return NULL;
        }
        tx_set_actor(ctl->tx, text_of(ctl->actor));
        tx_set_traceparent(ctl->tx, ctl->traceparent);
        return ctl->tx;
}

/* The exit code of a transaction's end, said to the user. */
static int report(struct ctl *ctl, enum tx_end end)
{
        switch (end) {
        case TX_DONE:
                return EXIT_DONE;
        case TX_REJECT:
                return ctl_fail(ctl, EXIT_BAD_DATA, "%s", tx_reason(ctl->tx));
        case TX_FENCED:
                return ctl_fail(ctl, EXIT_REFUSED, "somebody else did it meanwhile; look again");
        case TX_RETRY:
                return ctl_fail(ctl, EXIT_DOWN,
                                "the store went away (%s); it is not known whether it was done: "
                                "look before you repeat it",
                                tx_reason(ctl->tx));
        case TX_EXIT:
        default:
                return ctl_fail(
                        ctl, EXIT_INTERNAL,
                        "the store does not fit this program (%s); has padriver migrate been run?",
                        tx_reason(ctl->tx));
        }
}

int ctl_commit(struct ctl *ctl)
{
        int code = report(ctl, tx_commit(ctl->tx));
        if (code == EXIT_DONE)
                ctl_wake(ctl);
        return code;
}

void ctl_remedy(struct ctl *ctl, struct text owner, int64_t number, const char *remedy)
{
        const struct text one = arena_printf(ctl->arena, "%.*s/%" PRId64, TEXT_ARGS(owner), number);
        emit_remedy_chosen(ctl->tx, &(struct remedy_chosen){ number == DB_NULL ? owner : one,
                                                             text_of(remedy) });
}

int ctl_carry_out(struct ctl *ctl)
{
        int code = ctl_commit(ctl);
        return code == EXIT_BAD_DATA ? EXIT_REFUSED : code;
}

int ctl_end(struct ctl *ctl)
{
        return report(ctl, tx_commit(ctl->tx));
}

struct wire *ctl_wire(struct ctl *ctl)
{
        if (!ctl->wire)
                ctl->wire = wire_connect(&ctl->conf);
        return ctl->wire;
}

void ctl_wake(struct ctl *ctl)
{
        struct wire *wire = ctl_wire(ctl);
        if (wire)
                wire_send(wire, VERB_WAKE, &(struct wire_wake){ 0 });
}

int ctl_fail(const struct ctl *ctl, int code, const char *format, ...)
{
        va_list values;
        fflush(stdout);
        fprintf(stderr, "padriver %s: ", ctl->command->name);
        va_start(values, format);
        vfprintf(stderr, format, values);
        va_end(values);
        fputc('\n', stderr);
        return code;
}
