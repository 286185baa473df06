/*
 * http: requests and their answers, by libmicrohttpd, in the caller's thread and loop. A request is
 * handed on once it is whole; it is answered at once, or held and answered in a later turn. Bodies,
 * fields and headers are bounded here. Nothing of a request is logged: a path may be a personal
 * link.
 */
#pragma once

#include "common/arena.h"
#include "common/conf.h"

#define HTTP_BODY_MOST 65536 /* bytes of a form sent */

enum method { METHOD_GET, METHOD_POST, METHOD_OTHER };

struct http;
struct request;

/* A whole request, to be answered or held. */
typedef void http_handle(void *context, struct request *request);

/* Listens as the settings say. NULL: logged. */
struct http *http_new(const struct conf *conf, http_handle *handle, void *context);

/* What is held is answered with 503. */
void http_destroy(struct http **http);

/* For poll: a descriptor that is readable when there is work, and the most milliseconds to wait. */
int http_socket(const struct http *http);
int http_wait(const struct http *http, int most_ms);

/* Takes in what has come and sends what is ready, and cuts off who is too slow. Never waits. */
void http_turn(struct http *http);

/* What is asked; a HEAD is a GET. Texts live as long as the request: until it is answered. */
enum method request_method(const struct request *request);
struct text request_path(const struct request *request);
struct arena *request_arena(struct request *request);

/* No text where there is none. A field is of the form that was sent (urlencoded), UTF-8. */
struct text request_field(const struct request *request, const char *name);
struct text request_query(const struct request *request, const char *name);
struct text request_cookie(const struct request *request, const char *name);
struct text request_header(const struct request *request, const char *name);

/* Where it comes from (source.h); no text: nobody knows. */
struct text request_source(const struct request *request);

/* Why path and body are not to be used: 413 too large, 415 no form, 400 no UTF-8 or too many
 * fields; 0: they are good. */
unsigned request_fault(const struct request *request);

/* Adds a header to the answer that is to come. */
void request_set_header(struct request *request, const char *name, struct text value);

/* The answer; body is copied unless it stays (files). Ends a hold. */
void request_answer(struct request *request, unsigned status, struct text body);
void request_answer_lasting(struct request *request, unsigned status, struct text body);

/* It is answered in a later turn. */
void request_hold(struct request *request);
