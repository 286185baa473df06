/*
 * smtp: one libcurl handle; it keeps the connection between letters. libcurl tells less than we
 * need, so the commands and answers are watched: the last command says at which stage the server
 * spoke its last word.
 */
#include "common/mail/smtp.h"

#include "common/failpoint.h"
#include "common/log.h"
#include "common/service.h"
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define CONNECT_SECONDS 10L
#define LETTER_SECONDS  120L

struct smtp {
        CURL *curl;
        struct arena *arena; /* what the handle points to */
        const struct smtp_letter *letter;
        size_t sent; /* bytes of the letter handed over */
        struct smtp_reply reply;
        bool over; /* what is said now is about the next letter, or good-bye */
        char error[CURL_ERROR_SIZE];
        char complaint[CURL_ERROR_SIZE + 64]; /* what was logged last */
};

/* libcurl asks for the next bytes of the letter; at its end comes the final dot. */
static size_t give_bytes(char *to, size_t size, size_t count, void *context)
{
        struct smtp *smtp = context;
        const struct smtp_letter *letter = smtp->letter;
        size_t left = letter->message.size - smtp->sent, n = size * count;

        if (n > left)
                n = left;
        if (n > 0) {
                memcpy(to, letter->message.at + smtp->sent, n);
                smtp->sent += n;
                return n;
        }
        if (!letter->before_dot(letter->context))
                return CURL_READFUNC_ABORT;
        smtp->reply = (struct smtp_reply){ .stage = SMTP_DOT };
        return 0;
}

/* The enhanced status after the code, if there is one of the same class: "550 5.1.1 No such
 * user". */
static void take_status(struct smtp_reply *reply, struct text words)
{
        struct text status = text_cut(&words, ' '), rest = status;
        int64_t number;

        reply->status[0] = '\0';
        for (int i = 0; i < 3; i++)
                if (!text_to_int(text_cut(&rest, '.'), &number) || number < 0 || number > 999 ||
                    (i == 0 && number != reply->code / 100))
                        return;
        if (!rest.at && status.size < sizeof(reply->status))
                snprintf(reply->status, sizeof(reply->status), "%.*s", TEXT_ARGS(status));
}

/* libcurl passes on a line that the server said. */
static size_t hear_line(char *line, size_t size, size_t count, void *context)
{
        struct smtp *smtp = context;
        struct text words = text_trim((struct text){ line, size * count });
        int64_t code;

        if (smtp->over)
                return size * count;
        if (smtp->reply.stage == SMTP_DOT && smtp->reply.code == 0)
                failpoint("after-dot");
        if (words.size >= 3 && text_to_int((struct text){ words.at, 3 }, &code)) {
                smtp->reply.code = (int)code;
                words = words.size > 4 ? (struct text){ words.at + 4, words.size - 4 }
                                       : (struct text){ 0 };
                take_status(&smtp->reply, words);
        }
        return size * count;
}

/* libcurl tells what it does: a command that it sent opens a stage. */
static int watch_command(CURL *curl, curl_infotype type, char *data, size_t size, void *context)
{
        struct smtp *smtp = context;
        struct text said = { data, size };

        (void)curl;
        if (type != CURLINFO_HEADER_OUT)
                return 0;
        smtp->over = smtp->over || text_starts(said, TEXT("QUIT"));
        if (smtp->over || smtp->reply.stage == SMTP_DOT)
                return 0;
        smtp->reply =
                (struct smtp_reply){ .stage = text_starts(said, TEXT("RCPT"))   ? SMTP_RCPT
                                              : text_starts(said, TEXT("DATA")) ? SMTP_DATA
                                                                                : SMTP_CONNECT };
        return 0;
}

/* Called about once a second while libcurl waits. A stopping program gives up what has no dot
 * yet. */
static int watch_progress(void *context, curl_off_t down_total, curl_off_t down,
                          curl_off_t up_total, curl_off_t up)
{
        const struct smtp *smtp = context;

        (void)down_total;
        (void)down;
        (void)up_total;
        (void)up;
        service_progress();
        return service_stopping() && smtp->reply.stage != SMTP_DOT;
}

/* Sets user and password from the file's first line. False: logged, without the line. */
static bool set_credentials(struct smtp *smtp, const char *path)
{
        char line[512];
        FILE *file = fopen(path, "re");
        struct text rest, user;
        bool read = file && fgets(line, sizeof(line), file);

        if (file)
                fclose(file);
        rest = read ? text_trim(text_of(line)) : TEXT("");
        user = text_cut(&rest, ':');
        if (!user.size || !rest.size) {
                log_error("mail.credentials: %s holds no line user:password", path);
                return false;
        }
        curl_easy_setopt(smtp->curl, CURLOPT_USERNAME, arena_string(smtp->arena, user));
        curl_easy_setopt(smtp->curl, CURLOPT_PASSWORD, arena_string(smtp->arena, rest));
        explicit_bzero(line, sizeof(line));
        return true;
}

/* Where and how to connect. False: logged. */
static bool set_server(struct smtp *smtp, const struct conf *conf)
{
        bool implicit = strcmp(conf->mail_tls, "implicit") == 0;
        bool starttls = strcmp(conf->mail_tls, "starttls") == 0;

        if (text_starts(text_of(conf->mail_server), TEXT("smtps://")) != implicit) {
                log_error("mail.tls is %s, but mail.server is %s: smtps:// goes with implicit",
                          conf->mail_tls, conf->mail_server);
                return false;
        }
        if (conf->mail_credentials[0] && !implicit && !starttls) {
                log_error("mail.credentials would be sent in the clear: set mail.tls");
                return false;
        }
        if (!smtp_address_usable(text_of(conf->mail_from))) {
                log_error("mail.from: %s is no address", conf->mail_from);
                return false;
        }
        curl_easy_setopt(
                smtp->curl, CURLOPT_URL,
                arena_printf(smtp->arena, "%s/%s", conf->mail_server, conf->mail_domain).at);
        curl_easy_setopt(smtp->curl, CURLOPT_USE_SSL,
                         (long)(starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
        if (conf->mail_ca[0])
                curl_easy_setopt(smtp->curl, CURLOPT_CAINFO, conf->mail_ca);
        return !conf->mail_credentials[0] || set_credentials(smtp, conf->mail_credentials);
}

/* What is the same for every letter. */
static void set_callbacks(struct smtp *smtp)
{
        CURL *curl = smtp->curl;

        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT, LETTER_SECONDS);
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, smtp->error);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_bytes);
        curl_easy_setopt(curl, CURLOPT_READDATA, smtp);
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, hear_line);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, smtp);
        curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L); /* else watch_command is not called */
        curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, watch_command);
        curl_easy_setopt(curl, CURLOPT_DEBUGDATA, smtp);
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch_progress);
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, smtp);
}

/* Checks the settings and prepares the handle. */
struct smtp *smtp_new(const struct conf *conf)
{
        struct arena *arena = arena_new();
        struct smtp *smtp = arena_alloc(arena, sizeof(*smtp));

        smtp->arena = arena;
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(smtp->curl = curl_easy_init()))
                panic("libcurl does not start");
        set_callbacks(smtp);
        if (!set_server(smtp, conf))
                smtp_destroy(&smtp);
        return smtp;
}

/* libcurl says QUIT and would wait two minutes for an answer that tells nothing: none can come. */
static void hear_no_more(CURL *curl)
{
        curl_socket_t line = CURL_SOCKET_BAD;

        if (curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &line) == CURLE_OK &&
            line != CURL_SOCKET_BAD)
                shutdown(line, SHUT_RD);
}

/* Ends the connection too. */
void smtp_destroy(struct smtp **smtp)
{
        struct arena *arena;

        if (!*smtp)
                return;
        hear_no_more((*smtp)->curl);
        curl_easy_cleanup((*smtp)->curl);
        arena = (*smtp)->arena;
        arena_destroy(&arena);
        *smtp = NULL;
}

/* Logs why the server is away, once for each new reason, and that it is back. */
static void complain(struct smtp *smtp, enum smtp_end end)
{
        char complaint[sizeof(smtp->complaint)] = "";

        if (end == SMTP_AWAY && !service_stopping())
                snprintf(complaint, sizeof(complaint), "%s (last answer %d %s)", smtp->error,
                         smtp->reply.code, smtp->reply.status);
        if (strcmp(complaint, smtp->complaint) == 0)
                return;
        if (complaint[0])
                log_warning("the mail server takes no letters now: %s", complaint);
        else
                log_info("the mail server takes letters again");
        memcpy(smtp->complaint, complaint, sizeof(complaint));
}

/* Hands a letter over. */
enum smtp_end smtp_send(struct smtp *smtp, const struct smtp_letter *letter,
                        struct smtp_reply *reply)
{
        char to[300], from[300];
        struct curl_slist *recipients;
        enum smtp_end end;

        snprintf(from, sizeof(from), "<%.*s>", TEXT_ARGS(letter->from));
        snprintf(to, sizeof(to), "<%.*s>", TEXT_ARGS(letter->to));
        recipients = curl_slist_append(NULL, to);
        if (!recipients)
                panic("out of memory");
        smtp->letter = letter;
        smtp->sent = 0;
        smtp->reply = (struct smtp_reply){ 0 };
        smtp->over = false;
        smtp->error[0] = '\0';
        curl_easy_setopt(smtp->curl, CURLOPT_MAIL_FROM, from);
        curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, recipients);
        curl_easy_perform(smtp->curl);
        curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, NULL);
        curl_slist_free_all(recipients);
        smtp->over = true;
        end = smtp_judge(&smtp->reply);
        complain(smtp, end);
        *reply = smtp->reply;
        return end;
}
