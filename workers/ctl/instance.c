/*
 * instance: who this installation is (common/instance.h), and whether it may send the letters of
 * this store. A restored or cloned store names another instance; its letters are held until
 * somebody releases them here.
 */
#include "workers/ctl/instance.h"

#include "common/instance.h"
#include "workers/ctl/instance_sql.h"
#include "workers/ctl/status_sql.h"
#include <stdio.h>

/* The instance's identity; no text: said that there is none. */
static struct text find_identity(struct ctl *ctl)
{
        struct instance *instance = instance_open(ctl->conf.place_state, ctl->conf.place_runtime);
        struct text id =
                instance ? arena_copy(ctl->arena, instance_id(instance)) : (struct text){ 0 };
        instance_close(&instance);
        return id;
}

/* `padriver instance create` */
static int create(struct ctl *ctl, int argc, char **argv)
{
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        return instance_create(ctl->conf.place_state) ? EXIT_DONE : EXIT_REFUSED;
}

/* `padriver instance show` */
static int show(struct ctl *ctl, int argc, char **argv)
{
        struct releases row;
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        struct text id = find_identity(ctl);
        if (!id.at)
                return EXIT_SETTINGS;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        bool any = releases(tx, &row);
        bool same = any && text_equal(row.instance, id);
        if (ctl->json)
                ctl_json(json_pack("{s:o,s:o,s:o,s:o,s:o}", "instance", ctl_text(id), "released",
                                   json_boolean(same), "released_instance",
                                   any ? ctl_text(row.instance) : json_null(), "actor",
                                   any ? ctl_text(row.actor) : json_null(), "released_at",
                                   any ? ctl_time(ctl, row.at) : json_null()));
        else
                printf("%.*s\n%s\n", TEXT_ARGS(id),
                       same  ? "may send the letters of this store"
                       : any ? "may not send: the store was released for another instance; see "
                               "padriver instance release --help"
                             : "no sender has run on this store yet; the first one's instance may "
                               "send");
        return ctl_end(ctl);
}

/* `padriver instance release` */
int instance_let_send(struct ctl *ctl, int argc, char **argv)
{
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        struct text id = find_identity(ctl);
        if (!id.at)
                return EXIT_SETTINGS;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        instance_release(tx, id, text_of(ctl->actor), tx_now(tx));
        return ctl_commit(ctl);
}

const struct command instance_commands[] = {
        { .name = "instance create",
          .summary = "Makes this installation's identity and keys, in its state directory",
          .help = "What is there already stays. Back master.key up, apart from the store.\n  "
                  "padriver instance create\n",
          .run = create },
        { .name = "instance show",
          .summary = "Shows this installation's identity, and whether it may send this store's "
                     "letters",
          .help = "--json: {instance, released, released_instance, actor, released_at}.\n  "
                  "padriver instance show\n",
          .run = show },
        { .name = "instance release",
          .summary = "Lets this installation send the letters of this store",
          .help = "After a restore or a move. Be sure that no other installation sends them: "
                  "nobody is to be mailed twice.\n"
                  "Letters that were held meanwhile go out if they are still wanted.\n"
                  "  padriver mail list --state held\n"
                  "  padriver instance release\n",
          .run = instance_let_send },
        { 0 },
};
