/*
 * http: what a browser sends, whole and as bytes, through libmicrohttpd, our handling of forms,
 * queries, cookies and headers, the choice of the language, and the look for national numbers. What
 * is handed on is UTF-8 and bounded, and is answered.
 */
#include "tests/fuzz/fuzz.h"
#include "workers/web/national_number.h"
#include "workers/web/page.h"
#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const fields[] = { "mode", "q1", "q12", "address", "" };

/* What holds of any text from outside. */
static void check(struct text text)
{
        require(!text.at || (text_is_utf8(text) && text.size <= HTTP_BODY_MOST));
        if (text.at)
                national_number_in(text);
}

/* Looks at all there is, and answers with a page. */
static void handle(void *context, struct request *request)
{
        struct page page;
        page_init(&page, context, request);
        if (request_fault(request)) {
                request_answer(request, request_fault(request), TEXT(""));
                return;
        }
        check(request_path(request));
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
                check(request_field(request, fields[i]));
                check(request_query(request, fields[i]));
                check(request_cookie(request, fields[i]));
        }
        check(request_header(request, "Accept-Language"));
        page.html = html_new();
        html_element(page.html, "p", request_field(request, "q12"));
        page_answer(&page);
        page_clear(&page);
}

/* One server for all inputs. */
static struct http *find_server(struct sockaddr_in *where)
{
        static struct web web;
        static struct http *http;
        static struct sockaddr_in address;
        if (!http) {
                socklen_t size = sizeof address;
                int probe = socket(AF_INET, SOCK_STREAM, 0);
                char listen[40];
                address.sin_family = AF_INET;
                address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
                require(bind(probe, (struct sockaddr *)&address, size) == 0);
                require(getsockname(probe, (struct sockaddr *)&address, &size) == 0);
                close(probe);
                snprintf(listen, sizeof listen, "127.0.0.1:%d", ntohs(address.sin_port));
                web.service.conf.web_listen = listen;
                web.service.conf.web_certificate = "";
                web.service.conf.web_connections = 64;
                web.service.conf.web_patience = 60;
                http = http_new(&web.service.conf, handle, &web);
                require(http);
        }
        *where = address;
        return http;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct sockaddr_in where;
        struct http *http = find_server(&where);
        char answer[4096];
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const struct linger none = { .l_onoff = 1 }; /* no port waits after the end */
        require(setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none) == 0);
        require(fd >= 0 && connect(fd, (struct sockaddr *)&where, sizeof where) == 0);
        require(send(fd, data, size, MSG_NOSIGNAL) == (ssize_t)size || size == 0);
        shutdown(fd, SHUT_WR);
        for (int turn = 0; turn < 1000; turn++) {
                struct pollfd mine = { .fd = fd, .events = POLLIN };
                http_turn(http);
                if (poll(&mine, 1, 0) > 0 && recv(fd, answer, sizeof answer, 0) <= 0)
                        break; /* it has hung up */
        }
        close(fd);
        http_turn(http); /* it sees that we have gone */
        http_turn(http);
        return 0;
}
