/*
 * http: one libmicrohttpd daemon without threads of its own: its epoll descriptor is one of the
 * loop's. A request lives from its first header to libmicrohttpd's notice that it is over.
 */
#include "workers/web/http.h"

#include "common/buffer.h"
#include "common/log.h"
#include "workers/web/patience.h"
#include "workers/web/source.h"
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
        FIELDS_MOST = 400,
        HEADERS_MOST = 16,
        READ_MOST = 1 << 20, /* bytes of what is too large: then the browser is cut off */
        IDLE_SECONDS = 30,   /* of a connection in a request */
        KEPT_SECONDS = 5,    /* of one between two: a browser makes up to six for one page */
        MEMORY = 32768,      /* of a connection: its headers must fit */
        BACKLOG = 1024,
};

struct http {
        struct MHD_Daemon *daemon;
        struct patience *patience;
        int descriptor;
        http_handle *handle;
        void *context;
        struct request *held; /* a list */
        bool resumed;         /* one since the last turn: libmicrohttpd wants to be run at once */
};

struct field {
        const char *name;
        struct text value;
};

struct request {
        struct http *http;
        struct MHD_Connection *connection;
        struct MHD_PostProcessor *form;
        struct arena *arena;
        enum method method;
        struct text path;
        unsigned fault, status;
        size_t size, field_count, header_count;
        struct field fields[FIELDS_MOST];
        struct buffer piece; /* of the last field, as much as has come */
        struct field headers[HEADERS_MOST];
        struct MHD_Response *response;
        bool held;
        struct request *next;
};

/* The last field is whole. */
static void end_field(struct request *request)
{
        const struct buffer *whole = &request->piece;
        if (request->field_count > 0)
                request->fields[request->field_count - 1].value = arena_copy(
                        request->arena, (struct text){ whole->at ? whole->at : "", whole->size });
        request->piece.size = 0;
}

/* Adds a piece of a field to it. libmicrohttpd decodes. */
static enum MHD_Result take_field(void *context, enum MHD_ValueKind kind, const char *key,
                                  const char *filename, const char *type, const char *encoding,
                                  const char *data, uint64_t offset, size_t size)
{
        struct request *request = context;
        (void)kind, (void)filename, (void)type, (void)encoding;
        if (offset == 0 || request->field_count == 0) {
                end_field(request);
                if (request->field_count == FIELDS_MOST) {
                        request->fault = MHD_HTTP_BAD_REQUEST;
                        return MHD_NO;
                }
                request->fields[request->field_count++].name =
                        arena_copy(request->arena, text_of(key)).at;
        }
        buffer_add(&request->piece, data, size);
        return MHD_YES;
}

/* What came of the body so far. What is too large is read on for a while, and dropped: a browser
 * reads why only once it has sent all. */
static void take_body(struct request *request, const char *data, size_t size)
{
        request->size += size;
        if (request->size > HTTP_BODY_MOST)
                request->fault = MHD_HTTP_CONTENT_TOO_LARGE;
        else if (!request->form && !request->fault)
                request->fault = MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
        if (!request->fault && MHD_post_process(request->form, data, size) != MHD_YES)
                request->fault = MHD_HTTP_BAD_REQUEST;
}

/* The body is whole: its last field is complete, and all of it is text. */
static void end_body(struct request *request)
{
        if (request->form && MHD_destroy_post_processor(request->form) != MHD_YES)
                request->fault = request->fault ? request->fault : MHD_HTTP_BAD_REQUEST;
        request->form = NULL;
        end_field(request);
        for (size_t i = 0; i < request->field_count; i++)
                if (!text_is_utf8(text_of(request->fields[i].name)) ||
                    !text_is_utf8(request->fields[i].value))
                        request->fault = request->fault ? request->fault : MHD_HTTP_BAD_REQUEST;
}

/* How long nothing may come or go over the connection. */
static void set_idle(struct MHD_Connection *connection, unsigned seconds)
{
        MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}

/* A request begins. */
static struct request *begin(struct http *http, struct MHD_Connection *connection, const char *path,
                             const char *method)
{
        struct request *request = calloc(1, sizeof *request);
        if (!request)
                panic("out of memory");
        set_idle(connection, IDLE_SECONDS);
        patience_begin(connection);
        request->http = http;
        request->connection = connection;
        request->arena = arena_new();
        request->path = arena_copy(request->arena, text_of(path));
        if (!text_is_utf8(request->path))
                request->fault = MHD_HTTP_BAD_REQUEST;
        request->method = METHOD_OTHER;
        if (strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0)
                request->method = METHOD_GET;
        if (strcmp(method, MHD_HTTP_METHOD_POST) == 0) {
                request->method = METHOD_POST;
                request->form = MHD_create_post_processor(connection, 1024, take_field, request);
        }
        return request;
}

/* Hands the answer to libmicrohttpd. */
static enum MHD_Result reply(struct request *request)
{
        for (size_t i = 0; i < request->header_count; i++)
                MHD_add_response_header(request->response, request->headers[i].name,
                                        request->headers[i].value.at);
        patience_begin(request->connection);
        return MHD_queue_response(request->connection, request->status, request->response);
}

/* libmicrohttpd calls with the headers, with each piece of the body, and when all is there; and
 * again when a held one goes on. */
static enum MHD_Result take_request(void *context, struct MHD_Connection *connection,
                                    const char *path, const char *method, const char *version,
                                    const char *data, size_t *size, void **own)
{
        struct http *http = context;
        struct request *request = *own;
        (void)version;
        if (!request) {
                *own = begin(http, connection, path, method);
                return MHD_YES;
        }
        if (*size > 0) {
                take_body(request, data, *size);
                *size = 0;
                return request->size > READ_MOST ? MHD_NO : MHD_YES;
        }
        if (request->status == 0) {
                end_body(request);
                http->handle(http->context, request);
                if (request->held)
                        return MHD_YES;
                if (request->status == 0)
                        panic("a request was neither answered nor held");
        }
        return reply(request);
}

/* A request is over, answered or cut off. */
static void end_request(void *context, struct MHD_Connection *connection, void **own,
                        enum MHD_RequestTerminationCode code)
{
        struct request *request = *own;
        (void)context;
        if (!request)
                return;
        if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK) {
                set_idle(connection, KEPT_SECONDS);
                patience_begin(connection);
        }
        if (request->form)
                MHD_destroy_post_processor(request->form);
        if (request->response)
                MHD_destroy_response(request->response);
        buffer_clear(&request->piece);
        arena_destroy(&request->arena);
        free(request);
        *own = NULL;
}

/* The socket to listen on, "ADDRESS:PORT". -1: logged. */
static int listen_on(const char *where)
{
        struct addrinfo *found = NULL;
        const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST,
                                        .ai_socktype = SOCK_STREAM };
        char host[64];
        const char *colon = strrchr(where, ':');
        size_t size = colon ? (size_t)(colon - where) : 0;
        const int on = 1;
        if (size > 1 && where[0] == '[' && where[size - 1] == ']') {
                where++;
                size -= 2;
        }
        if (!colon || size == 0 || size >= sizeof host) {
                log_error("web.listen is an address and a port, as 127.0.0.1:8080, not \"%s\"",
                          where);
                return -1;
        }
        memcpy(host, where, size);
        host[size] = '\0';
        const int fault = getaddrinfo(host, colon + 1, &hints, &found);
        if (fault != 0) {
                log_error("web.listen: %s: %s", host, gai_strerror(fault));
                return -1;
        }
        int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
            bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
                log_error("cannot listen on %s%s: %s", host, colon, strerror(errno));
                if (fd >= 0)
                        close(fd);
                fd = -1;
        }
        freeaddrinfo(found);
        return fd;
}

/* A whole small file as a string. NULL: logged. */
static char *read_file(struct arena *arena, const char *path)
{
        char bytes[HTTP_BODY_MOST];
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t size = fd < 0 ? -1 : read(fd, bytes, sizeof bytes - 1);
        if (size <= 0)
                log_error("cannot read %s: %s", path, size < 0 ? strerror(errno) : "it is empty");
        if (fd >= 0)
                close(fd);
        if (size <= 0)
                return NULL;
        char *copy = arena_raw(arena, (size_t)size + 1);
        memcpy(copy, bytes, (size_t)size);
        copy[size] = '\0';
        explicit_bzero(bytes, sizeof bytes);
        return copy;
}

/* libmicrohttpd's daemon on the socket, with TLS if there is a certificate. */
static struct MHD_Daemon *start(struct http *http, const struct conf *conf, int fd)
{
        struct arena *arena = arena_new();
        struct MHD_OptionItem tls[3] = { { MHD_OPTION_END, 0, NULL } };
        unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
        struct MHD_Daemon *daemon = NULL;
        bool good = true;
        if (conf->web_certificate[0]) {
                char *certificate = read_file(arena, conf->web_certificate);
                char *key = read_file(arena, conf->web_key);
                good = certificate && key;
                tls[0] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, certificate };
                tls[1] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, key };
                tls[2] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
                flags |= MHD_USE_TLS;
        }
        if (good)
                daemon = MHD_start_daemon(
                        flags, 0, NULL, NULL, take_request, http, MHD_OPTION_LISTEN_SOCKET, fd,
                        MHD_OPTION_NOTIFY_COMPLETED, end_request, http,
                        MHD_OPTION_NOTIFY_CONNECTION, patience_note, http->patience,
                        MHD_OPTION_CONNECTION_LIMIT, (unsigned)conf->web_connections,
                        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)conf->web_address_connections,
                        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
                        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY, MHD_OPTION_ARRAY, tls,
                        MHD_OPTION_END);
        if (good && !daemon)
                log_error("the web server did not start: see web.certificate and web.key");
        arena_destroy(&arena);
        return daemon;
}

struct http *http_new(const struct conf *conf, http_handle *handle, void *context)
{
        struct http *http = calloc(1, sizeof *http);
        if (!http)
                panic("out of memory");
        http->handle = handle;
        http->context = context;
        http->patience = patience_new(conf->web_patience);
        const int fd = listen_on(conf->web_listen);
        http->daemon = fd >= 0 ? start(http, conf, fd) : NULL;
        if (!http->daemon) {
                if (fd >= 0)
                        close(fd);
                patience_destroy(&http->patience);
                free(http);
                return NULL;
        }
        http->descriptor = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
        return http;
}

void http_destroy(struct http **http)
{
        if (!*http)
                return;
        while ((*http)->held)
                request_answer((*http)->held, MHD_HTTP_SERVICE_UNAVAILABLE, TEXT(""));
        MHD_run((*http)->daemon);
        MHD_stop_daemon((*http)->daemon);
        patience_destroy(&(*http)->patience);
        free(*http);
        *http = NULL;
}

int http_socket(const struct http *http)
{
        return http->descriptor;
}

int http_wait(const struct http *http, int most_ms)
{
        MHD_UNSIGNED_LONG_LONG ms;
        if (http->resumed)
                return 0;
        if (MHD_get_timeout(http->daemon, &ms) != MHD_YES || ms > (unsigned)most_ms)
                return most_ms;
        return (int)ms;
}

void http_turn(struct http *http)
{
        http->resumed = false;
        MHD_run(http->daemon);
        patience_cut(http->patience);
}

enum method request_method(const struct request *request)
{
        return request->method;
}

struct text request_path(const struct request *request)
{
        return request->path;
}

struct arena *request_arena(struct request *request)
{
        return request->arena;
}

struct text request_field(const struct request *request, const char *name)
{
        for (size_t i = 0; i < request->field_count; i++)
                if (strcmp(request->fields[i].name, name) == 0)
                        return request->fields[i].value;
        return (struct text){ 0 };
}

/* A query, cookie or header; what is no UTF-8 is none. */
static struct text look_up(const struct request *request, enum MHD_ValueKind kind, const char *name)
{
        const struct text value =
                text_of(MHD_lookup_connection_value(request->connection, kind, name));
        return value.at && text_is_utf8(value) ? value : (struct text){ 0 };
}

struct text request_query(const struct request *request, const char *name)
{
        return look_up(request, MHD_GET_ARGUMENT_KIND, name);
}

struct text request_cookie(const struct request *request, const char *name)
{
        return look_up(request, MHD_COOKIE_KIND, name);
}

struct text request_header(const struct request *request, const char *name)
{
        return look_up(request, MHD_HEADER_KIND, name);
}

struct text request_source(const struct request *request)
{
        const union MHD_ConnectionInfo *peer =
                MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        return source_of(request->arena, peer->client_addr,
                         request_header(request, "X-Forwarded-For"));
}

unsigned request_fault(const struct request *request)
{
        return request->fault;
}

void request_set_header(struct request *request, const char *name, struct text value)
{
        if (request->header_count == HEADERS_MOST)
                panic("an answer has too many headers at %s", name);
        request->headers[request->header_count++] =
                (struct field){ name, arena_copy(request->arena, value) };
}

/* The response is there: a held request goes on. */
static void answer(struct request *request, unsigned status, struct text body,
                   enum MHD_ResponseMemoryMode mode)
{
        union {
                const char *in;
                void *out;
        } bytes = { .in = body.at ? body.at : "" }; /* libmicrohttpd does not write into it */
        request->status = status;
        request->response = MHD_create_response_from_buffer(body.size, bytes.out, mode);
        if (!request->response)
                panic("out of memory for an answer");
        if (!request->held)
                return;
        request->held = false;
        for (struct request **r = &request->http->held; *r; r = &(*r)->next)
                if (*r == request) {
                        *r = request->next;
                        break;
                }
        MHD_resume_connection(request->connection);
        request->http->resumed = true;
}

void request_answer(struct request *request, unsigned status, struct text body)
{
        answer(request, status, body, MHD_RESPMEM_MUST_COPY);
}

void request_answer_lasting(struct request *request, unsigned status, struct text body)
{
        answer(request, status, body, MHD_RESPMEM_PERSISTENT);
}

void request_hold(struct request *request)
{
        request->held = true;
        request->next = request->http->held;
        request->http->held = request;
        patience_stop(request->connection);
        MHD_suspend_connection(request->connection);
}
