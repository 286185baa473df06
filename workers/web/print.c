/*
 * print: a job is a child (print_child.h) and the requests that wait for what it makes. What was
 * made is kept under its name (kept.h).
 */
#include "workers/web/print.h"

#include "common/log.h"
#include "workers/web/kept.h"
#include "workers/web/print_child.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
        WAITING = 16, /* requests of a job */
        NAME = 120,
};

struct job {
        char name[NAME]; /* "": none */
        struct print_child child;
        int64_t deadline;
        enum language language;
        size_t count;
        struct request *waiting[WAITING];
};

struct printer {
        struct web *web;
        const char *program, *style;
        int64_t seconds; /* for each */
        struct arena *arena;
        struct job jobs[PRINT_JOBS];
};

struct printer *printer_new(struct web *web)
{
        const struct conf *conf = &web->service.conf;
        struct printer *printer = calloc(1, sizeof *printer);
        if (!printer)
                panic("out of memory");
        printer->web = web;
        printer->arena = arena_new();
        printer->program = conf->web_printer;
        printer->style = arena_printf(printer->arena, "%s/print.css", conf->web_files).at;
        printer->seconds = conf->web_printing;
        return printer;
}

/* Ends the child, if it runs, and forgets the job. */
static void end_job(struct job *job)
{
        if (job->name[0])
                print_child_end(&job->child);
        *job = (struct job){ 0 };
}

void printer_destroy(struct printer **printer)
{
        if (!*printer)
                return;
        for (size_t i = 0; i < PRINT_JOBS; i++)
                end_job(&(*printer)->jobs[i]);
        arena_destroy(&(*printer)->arena);
        free(*printer);
        *printer = NULL;
}

size_t printer_poll(const struct printer *printer, struct pollfd *wait)
{
        size_t count = 0;
        for (size_t i = 0; i < PRINT_JOBS; i++)
                if (printer->jobs[i].name[0])
                        wait[count++] = (struct pollfd){ .fd = printer->jobs[i].child.process,
                                                         .events = POLLIN };
        return count;
}

void print_begin(struct page *page, struct text title)
{
        static const char *const codes[] = { "nb", "nn", "en" };
        html_destroy(&page->html);
        page->html = html_new();
        struct html *h = page->html;
        html_open(h, "html");
        html_set(h, "lang", text_of(codes[page->language]));
        html_open(h, "head");
        html_open(h, "meta");
        html_set(h, "charset", TEXT("utf-8"));
        html_close(h);
        html_element(h, "title", title);
        html_open(h, "meta");
        html_set(h, "name", TEXT("author"));
        html_set(h, "content", text_of(page->web->service.conf.mail_name));
        html_close(h);
        html_close(h);
        html_open(h, "body");
        html_element(h, "h1", title);
        html_element(h, "p", text_of(page->web->service.conf.mail_name));
}

void print_end(struct page *page, struct text name, struct text of)
{
        static const char *const codes[] = { "nb", "nn", "en" };
        page->print = arena_printf(page->arena, "%.*s-%s/%.*s", TEXT_ARGS(name),
                                   codes[page->language], TEXT_ARGS(of));
        page->done = true;
}

/* Gives a request the PDF of that name. */
static void give(struct printer *printer, struct request *request, struct text name,
                 struct text pdf)
{
        struct page page = { .web = printer->web,
                             .request = request,
                             .arena = request_arena(request),
                             .status = 200 };
        const struct text file = text_cut(&name, '/');
        page_give_as(&page, TEXT("application/pdf"),
                     arena_printf(page.arena, "%.*s.pdf", TEXT_ARGS(file)), pdf);
        page_answer(&page);
}

/* Reads what the child wrote and keeps it. No text: it failed; logged. */
static struct text keep(struct printer *printer, const struct job *job)
{
        struct stat status;
        struct text pdf = { 0 };
        if (!print_child_made(&job->child) || fstat(job->child.out, &status) != 0 ||
            status.st_size < 100 || status.st_size >= PRINT_SIZE_MOST) {
                log_error("%s made no PDF", printer->program);
                return pdf;
        }
        const size_t size = (size_t)status.st_size;
        char *bytes = malloc(size);
        if (!bytes)
                panic("out of memory");
        if (pread(job->child.out, bytes, size, 0) == (ssize_t)size)
                pdf = kept_add(printer->web->kept, text_of(job->name),
                               (struct text){ bytes, size });
        free(bytes);
        return pdf;
}

/* The child has ended: all that wait for it are answered. */
static void finish(struct printer *printer, struct job *job)
{
        const struct text pdf = keep(printer, job);
        for (size_t i = 0; i < job->count; i++) {
                struct request *request = job->waiting[i];
                struct page page = { .web = printer->web,
                                     .request = request,
                                     .arena = request_arena(request),
                                     .language = job->language };
                if (pdf.at) {
                        give(printer, request, text_of(job->name), pdf);
                        continue;
                }
                page_refuse(&page, 503, PHRASE_page_failed,
                            page_say(&page, PHRASE_year_no_pdf, NULL));
                page_answer(&page);
                page_clear(&page);
        }
        end_job(job);
}

/* The child took too long: it ends, and the next turn finishes the job. */
static void give_up(const struct printer *printer, struct job *job)
{
        log_error("%s was ended after %lld s (web.printing)", printer->program,
                  (long long)printer->seconds);
        kill(job->child.pid, SIGKILL);
        job->deadline = INT64_MAX;
}

void printer_turn(struct printer *printer)
{
        const int64_t now = clock_monotonic_ms();
        for (size_t i = 0; i < PRINT_JOBS; i++) {
                struct job *job = &printer->jobs[i];
                struct pollfd ready = { .fd = job->child.process, .events = POLLIN };
                if (!job->name[0])
                        continue;
                if (now >= job->deadline)
                        give_up(printer, job);
                if (poll(&ready, 1, 0) == 1)
                        finish(printer, job);
        }
}

/* The job that makes it, or a free one; NULL: all are busy. */
static struct job *find_job(struct printer *printer, const char *name)
{
        struct job *found = NULL;
        for (size_t i = 0; i < PRINT_JOBS; i++) {
                struct job *job = &printer->jobs[i];
                if (strcmp(job->name, name) == 0)
                        return job->count < WAITING ? job : NULL;
                if (!job->name[0] && !found)
                        found = job;
        }
        return found;
}

void print_answer(struct page *page)
{
        struct printer *printer = page->web->printer;
        const char *name = arena_string(page->arena, page->print);
        const struct text pdf = kept_find(page->web->kept, page->print);
        if (pdf.at) {
                give(printer, page->request, page->print, pdf);
                return;
        }
        struct job *job = page->print.size < NAME ? find_job(printer, name) : NULL;
        if (!job) {
                request_set_header(page->request, "Retry-After", TEXT("60"));
                page_refuse(page, 503, PHRASE_page_wait,
                            page_say(page, PHRASE_year_printing, NULL));
                page_answer(page);
        } else if (!job->name[0] &&
                   !print_child_start(&job->child, printer->program, printer->style,
                                      printer->seconds, html_end(page->html))) {
                *job = (struct job){ 0 };
                page_refuse(page, 503, PHRASE_page_failed,
                            page_say(page, PHRASE_year_no_pdf, NULL));
                page_answer(page);
        } else {
                if (!job->name[0])
                        job->deadline = clock_monotonic_ms() + printer->seconds * 1000;
                memcpy(job->name, name, page->print.size + 1);
                job->language = page->language;
                job->waiting[job->count++] = page->request;
                request_hold(page->request);
        }
}
