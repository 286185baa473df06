/*
 * key: who may speak to the broker from another machine. A client is a certificate in the broker's
 * list (broker.clients) and a key pair in a file of its own, which is made here once and carried to
 * the client's machine. The broker reads the list anew within a second.
 */
#include "workers/ctl/ctl.h"

#include "common/certificate.h"
#include "common/instance.h"
#include "common/log.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The client's file in the list. */
static const char *path_of(struct ctl *ctl, struct text name)
{
        return arena_printf(ctl->arena, "%s/%.*s" CERTIFICATE_SUFFIX, ctl->conf.broker_clients,
                            TEXT_ARGS(name))
                .at;
}

/* The broker's public key; NULL: it said that there is none to read. */
static const char *find_server_key(struct ctl *ctl)
{
        unsigned char key[INSTANCE_KEY_SIZE];
        char *public_key = arena_alloc(ctl->arena, CERTIFICATE_KEY + 1);
        if (!instance_broker_key(ctl->conf.place_state, key))
                return NULL;
        certificate_public_of(key, public_key);
        explicit_bzero(key, sizeof key);
        return public_key;
}

/* A certificate of what was asked for, as the broker will read it. False: said what is wrong. */
static bool compose(struct ctl *ctl, const char *name, const struct ctl_texts *publish,
                    const struct ctl_texts *groups, struct certificate *certificate)
{
        struct text types = TEXT(""), group = TEXT("");
        struct fault fault;
        char keys[2][CERTIFICATE_KEY + 1];
        certificate_make_keys(certificate);
        memcpy(keys[0], certificate->public_key, sizeof keys[0]);
        memcpy(keys[1], certificate->secret_key, sizeof keys[1]);
        for (size_t i = 0; i < publish->count; i++)
                types = arena_printf(ctl->arena, "%.*s %.*s", TEXT_ARGS(types),
                                     TEXT_ARGS(publish->at[i]));
        for (size_t i = 0; i < groups->count; i++)
                group = arena_printf(ctl->arena, "%.*s %.*s", TEXT_ARGS(group),
                                     TEXT_ARGS(groups->at[i]));
        struct text zpl =
                arena_printf(ctl->arena,
                             "metadata\n  name = \"%s\"\n  publish = \"%.*s\"\n  group = \"%.*s\"\n"
                             "curve\n  public-key = \"%s\"\n  secret-key = \"%s\"\n",
                             name, TEXT_ARGS(types), TEXT_ARGS(group), keys[0], keys[1]);
        explicit_bzero(keys, sizeof keys);
        if (certificate_parse(zpl, ctl->arena, certificate, &fault))
                return true;
        const char *words = strchr(fault.reason, ':');
        ctl_fail(ctl, EXIT_USAGE, "%s", words ? words + 2 : fault.reason);
        return false;
}

/* What is to be done at the client's machine. */
static void tell(struct ctl *ctl, const struct certificate *certificate, const char *file)
{
        const char *server = find_server_key(ctl);
        const char *port = strrchr(ctl->conf.broker_remote, ':');
        if (ctl->json) {
                ctl_json(json_pack("{s:o,s:s,s:s,s:s?}", "name", ctl_text(certificate->name),
                                   "public_key", certificate->public_key, "file", file,
                                   "server_key", server));
                return;
        }
        printf("%.*s is let in. Carry %s to its machine (mode 600), remove it here, and set "
               "there:\n"
               "broker\n    endpoint = \"tcp://ADDRESS%s\"\n    server_key = \"%s\"\n"
               "    certificate = \"FILE\"\n",
               TEXT_ARGS(certificate->name), file, port ? port : ":5570",
               server ? server : "what padriver key server shows");
        if (!*ctl->conf.broker_remote)
                printf("The broker does not listen to other machines yet: set broker.remote.\n");
}

/* `padriver key add` */
static int add(struct ctl *ctl, int argc, char **argv)
{
        struct ctl_texts publish = { 0 }, groups = { 0 };
        struct text out = { 0 };
        struct certificate certificate;
        const struct ctl_option options[] = {
                { .name = "publish", .texts = &publish },
                { .name = "group", .texts = &groups },
                { .name = "out", .text = &out },
                { 0 },
        };
        if (!ctl_options(ctl, &argc, argv, 1, 1, options) ||
            !compose(ctl, argv[1], &publish, &groups, &certificate))
                return EXIT_USAGE;
        const char *path = path_of(ctl, certificate.name);
        const char *file = out.at ? arena_string(ctl->arena, out)
                                  : arena_printf(ctl->arena, "%s.key", argv[1]).at;
        if (access(path, F_OK) == 0)
                return ctl_fail(ctl, EXIT_REFUSED,
                                "there is a client %s; padriver key revoke %s takes it away",
                                argv[1], argv[1]);
        if (!certificate_save(&certificate, file, true))
                return ctl_fail(ctl, EXIT_REFUSED, "cannot make %s: %s", file, strerror(errno));
        if (!certificate_save(&certificate, path, false)) {
                int error = errno;
                unlink(file);
                return ctl_fail(ctl, EXIT_REFUSED, "cannot make %s: %s", path, strerror(error));
        }
        tell(ctl, &certificate, file);
        explicit_bzero(certificate.secret_key, sizeof certificate.secret_key);
        return EXIT_DONE;
}

/* A list of words as JSON. */
static json_t *as_list(struct text_array words, bool all)
{
        json_t *list = json_array();
        if (all)
                json_array_append_new(list, json_string("*"));
        for (size_t i = 0; i < words.count; i++)
                json_array_append_new(list, ctl_text(words.at[i]));
        return list;
}

/* One client's row; false: its file is wrong, said. */
static bool show(struct ctl *ctl, const char *path, struct text *cell)
{
        struct certificate certificate;
        struct fault fault;
        if (!certificate_load(path, false, ctl->arena, &certificate, &fault)) {
                log_warning("%s lets nobody in: %s", path, fault.reason);
                return false;
        }
        cell[0] = certificate.name;
        cell[1] = certificate.publishes_all ? TEXT("*")
                                            : certificate_join(ctl->arena, certificate.publish);
        cell[2] = certificate_join(ctl->arena, certificate.groups);
        cell[3] = arena_copy(ctl->arena, text_of(certificate.public_key));
        if (ctl->json)
                ctl_json(json_pack("{s:o,s:o,s:o,s:o}", "name", ctl_text(cell[0]), "publish",
                                   as_list(certificate.publish, certificate.publishes_all),
                                   "groups", as_list(certificate.groups, false), "public_key",
                                   ctl_text(cell[3])));
        return true;
}

/* `padriver key list` */
static int list(struct ctl *ctl, int argc, char **argv)
{
        static const char *const heads[] = { "CLIENT", "PUBLISHES", "GROUPS", "PUBLIC KEY" };
        struct dirent **names = NULL;
        size_t rows = 0;
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        int count = scandir(ctl->conf.broker_clients, &names, certificate_is_file, alphasort);
        if (count < 0)
                return ctl_fail(ctl, EXIT_SETTINGS, "cannot read %s (broker.clients): %s",
                                ctl->conf.broker_clients, strerror(errno));
        struct text *cells = arena_array(ctl->arena, (size_t)count * 4, sizeof *cells);
        for (int i = 0; i < count; i++) {
                const char *path = arena_printf(ctl->arena, "%s/%s", ctl->conf.broker_clients,
                                                names[i]->d_name)
                                           .at;
                rows += show(ctl, path, &cells[4 * rows]);
                free(names[i]);
        }
        free(names);
        if (!ctl->json)
                ctl_table(heads, 4, cells, rows);
        return rows == (size_t)count ? EXIT_DONE : EXIT_BAD_DATA;
}

/* `padriver key revoke` */
static int take_away(struct ctl *ctl, int argc, char **argv)
{
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL))
                return EXIT_USAGE;
        struct text name = text_of(argv[1]);
        if (!text_is_code(name) || memchr(name.at, '/', name.size) || name.at[0] == '.')
                return ctl_fail(ctl, EXIT_USAGE, "'%s' is no client's name; see padriver key list",
                                argv[1]);
        const char *path = path_of(ctl, name);
        if (unlink(path) == 0)
                return EXIT_DONE;
        if (errno == ENOENT)
                return ctl_fail(ctl, EXIT_REFUSED, "there is no client %s; see padriver key list",
                                argv[1]);
        return ctl_fail(ctl, EXIT_REFUSED, "cannot remove %s: %s", path, strerror(errno));
}

/* `padriver key server` */
static int server(struct ctl *ctl, int argc, char **argv)
{
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        const char *public_key = find_server_key(ctl);
        if (!public_key)
                return EXIT_SETTINGS;
        if (ctl->json)
                ctl_json(json_pack("{s:s}", "public_key", public_key));
        else
                printf("%s\n", public_key);
        return EXIT_DONE;
}

const struct command key_commands[] = {
        { .name = "key add",
          .arguments = "NAME [--publish TYPE] [--group NAME] [--out FILE]",
          .summary = "Lets a client in from another machine, and makes its key pair",
          .help = "--publish and --group may be given several times; --publish '*' is all types. "
                  "Without them the client may do nothing.\n"
                  "The pair goes to FILE (NAME.key), for the client's machine alone: it is not "
                  "kept "
                  "here. The broker knows of it within a second.\n"
                  "--json: {name, public_key, file, server_key}.\n"
                  "  padriver key add library --publish session_held --publish meeting_held\n"
                  "  padriver key add budget-2 --group budget --out /root/budget-2.key\n",
          .run = add },
        { .name = "key list",
          .summary = "Lists the clients of other machines and what each may do",
          .help = "--json: {name, publish, groups, public_key} a line. A file that is wrong is "
                  "said, and lets nobody in.\n"
                  "  padriver key list\n",
          .run = list },
        { .name = "key revoke",
          .arguments = "NAME",
          .summary = "Lets a client in no longer",
          .help = "Within a second, its open connections included; what it worked on goes to "
                  "others "
                  "of its group.\n"
                  "  padriver key revoke library\n",
          .run = take_away },
        { .name = "key server",
          .summary = "Shows the broker's public key, which its clients must know",
          .help = "It is made with the identity (padriver instance create) and read as its owner.\n"
                  "--json: {public_key}.\n"
                  "  padriver key server\n",
          .run = server },
        { 0 },
};
