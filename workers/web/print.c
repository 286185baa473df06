/*
 * print: a job is a child, its output, and the requests that wait for it. Between fork and exec
 * there are system calls alone: the child has no memory of ours, no descriptor but its three, and a
 * filter that refuses sockets.
 */
#include "workers/web/print.h"

#include "common/log.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
        WAITING = 16,     /* requests of a job */
        KEPT = 12,        /* PDFs */
        DEADLINE = 60000, /* ms */
        CPU_SECONDS = 50,
        SIZE_MOST = 16 << 20, /* of a PDF */
        NAME = 80,
};

struct job {
        char name[NAME]; /* "": none */
        pid_t pid;
        int process, out;
        int64_t deadline;
        enum language language;
        size_t count;
        struct request *waiting[WAITING];
};

struct kept {
        char name[NAME];
        struct text pdf;
        int64_t used; /* in the order of use */
};

struct printer {
        struct web *web;
        const char *program, *style;
        struct arena *arena;
        struct job jobs[PRINT_JOBS];
        struct kept kept[KEPT];
        int64_t uses;
};

struct printer *printer_new(struct web *web, const char *program, const char *directory)
{
        struct printer *printer = calloc(1, sizeof *printer);
        if (!printer)
                panic("out of memory");
        printer->web = web;
        printer->arena = arena_new();
        printer->program = program;
        printer->style = arena_printf(printer->arena, "%s/print.css", directory).at;
        return printer;
}

/* Ends the child, if it runs, and forgets the job. */
static void end_job(struct job *job)
{
        siginfo_t how;
        if (!job->name[0])
                return;
        kill(job->pid, SIGKILL);
        waitid(P_PID, (id_t)job->pid, &how, WEXITED);
        close(job->process);
        close(job->out);
        *job = (struct job){ 0 };
}

void printer_destroy(struct printer **printer)
{
        if (!*printer)
                return;
        for (size_t i = 0; i < PRINT_JOBS; i++)
                end_job(&(*printer)->jobs[i]);
        for (size_t i = 0; i < KEPT; i++)
                free((void *)(uintptr_t)(*printer)->kept[i].pdf.at);
        arena_destroy(&(*printer)->arena);
        free(*printer);
        *printer = NULL;
}

size_t printer_poll(const struct printer *printer, struct pollfd *wait)
{
        size_t count = 0;
        for (size_t i = 0; i < PRINT_JOBS; i++)
                if (printer->jobs[i].name[0])
                        wait[count++] =
                                (struct pollfd){ .fd = printer->jobs[i].process, .events = POLLIN };
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

void print_end(struct page *page, struct text name)
{
        static const char *const codes[] = { "nb", "nn", "en" };
        page->print = arena_printf(page->arena, "%.*s-%s", TEXT_ARGS(name), codes[page->language]);
        page->done = true;
}

/* No sockets of any kind; what is forbidden fails with EACCES. */
static int refuse_sockets(void)
{
        struct sock_filter rules[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        const struct sock_fprog program = { sizeof rules / sizeof *rules, rules };
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                               prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0
                       ? 0
                       : -1;
}

/* In the child. */
static _Noreturn void become(const struct printer *printer, int in, int out)
{
        char *const words[] = { (char *)(uintptr_t)printer->program,
                                (char *)(uintptr_t) "--pdf-variant",
                                (char *)(uintptr_t) "pdf/ua-1",
                                (char *)(uintptr_t) "--encoding",
                                (char *)(uintptr_t) "utf-8",
                                (char *)(uintptr_t) "--stylesheet",
                                (char *)(uintptr_t)printer->style,
                                (char *)(uintptr_t) "-",
                                (char *)(uintptr_t) "-",
                                NULL };
        char *const environment[] = { (char *)(uintptr_t) "PATH=/usr/bin:/bin",
                                      (char *)(uintptr_t) "LC_ALL=C.UTF-8",
                                      (char *)(uintptr_t) "HOME=/tmp",
                                      (char *)(uintptr_t) "PYTHONDONTWRITEBYTECODE=1", NULL };
        const struct rlimit cpu = { CPU_SECONDS, CPU_SECONDS }, size = { SIZE_MOST, SIZE_MOST };
        const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && dup2(in, 0) == 0 && dup2(out, 1) == 1 &&
            dup2(nowhere, 2) == 2 && syscall(SYS_close_range, 3U, ~0U, 0U) == 0 &&
            setrlimit(RLIMIT_CPU, &cpu) == 0 && setrlimit(RLIMIT_FSIZE, &size) == 0 &&
            refuse_sockets() == 0)
                execve(printer->program, words, environment);
        _exit(127);
}

/* A file in memory with the bytes, at its beginning. -1: logged. */
static int make_file(struct text bytes)
{
        const int fd = memfd_create("print", MFD_CLOEXEC);
        size_t done = 0;
        for (ssize_t n; fd >= 0 && done < bytes.size; done += (size_t)n)
                if ((n = write(fd, bytes.at + done, bytes.size - done)) <= 0)
                        break;
        if (fd >= 0 && done == bytes.size && lseek(fd, 0, SEEK_SET) == 0)
                return fd;
        log_error("cannot make a file in memory: %s", strerror(errno));
        if (fd >= 0)
                close(fd);
        return -1;
}

/* Starts a child for the HTML. False: logged. */
static bool start_job(struct printer *printer, struct job *job, struct text html)
{
        const int in = make_file(html), out = make_file(TEXT(""));
        const pid_t pid = in >= 0 && out >= 0 ? fork() : -1;
        if (pid == 0)
                become(printer, in, out);
        if (in >= 0)
                close(in);
        job->pid = pid;
        job->out = out;
        job->process = pid > 0 ? pidfd_open(pid, 0) : -1;
        job->deadline = clock_monotonic_ms() + DEADLINE;
        if (job->process >= 0)
                return true;
        log_error("cannot start %s: %s", printer->program, strerror(errno));
        if (pid > 0) {
                kill(pid, SIGKILL);
                waitpid(pid, NULL, 0);
        }
        if (out >= 0)
                close(out);
        return false;
}

/* The PDF of that name, or NULL. */
static struct kept *find_kept(struct printer *printer, const char *name)
{
        for (size_t i = 0; i < KEPT; i++)
                if (printer->kept[i].pdf.at && strcmp(printer->kept[i].name, name) == 0)
                        return &printer->kept[i];
        return NULL;
}

/* Where the next one goes: the place that was used the longest ago. */
static struct kept *find_place(struct printer *printer)
{
        struct kept *oldest = printer->kept;
        for (size_t i = 1; i < KEPT; i++)
                if (printer->kept[i].used < oldest->used)
                        oldest = &printer->kept[i];
        return oldest;
}

/* Gives a request the PDF. */
static void give(struct printer *printer, struct request *request, struct kept *kept)
{
        struct page page = { .web = printer->web,
                             .request = request,
                             .arena = request_arena(request),
                             .status = 200 };
        kept->used = ++printer->uses;
        page_give_as(&page, TEXT("application/pdf"), arena_printf(page.arena, "%s.pdf", kept->name),
                     kept->pdf);
        page_answer(&page);
}

/* Reads what the child wrote and keeps it. NULL: it failed; logged. */
static struct kept *keep(struct printer *printer, const struct job *job)
{
        struct stat status;
        siginfo_t how = { 0 };
        if (waitid(P_PIDFD, (id_t)job->process, &how, WEXITED | WNOWAIT) != 0 ||
            how.si_code != CLD_EXITED || how.si_status != 0 || fstat(job->out, &status) != 0 ||
            status.st_size < 100 || status.st_size >= SIZE_MOST) {
                log_error("%s made no PDF: its status is %d", printer->program, how.si_status);
                return NULL;
        }
        const size_t size = (size_t)status.st_size;
        char *bytes = malloc(size);
        if (!bytes)
                panic("out of memory");
        if (pread(job->out, bytes, size, 0) != (ssize_t)size) {
                free(bytes);
                return NULL;
        }
        struct kept *place = find_place(printer);
        free((void *)(uintptr_t)place->pdf.at);
        memcpy(place->name, job->name, sizeof place->name);
        place->pdf = (struct text){ bytes, size };
        return place;
}

/* The child has ended: all that wait for it are answered. */
static void finish(struct printer *printer, struct job *job)
{
        struct kept *kept = keep(printer, job);
        for (size_t i = 0; i < job->count; i++) {
                struct request *request = job->waiting[i];
                struct page page = { .web = printer->web,
                                     .request = request,
                                     .arena = request_arena(request),
                                     .language = job->language };
                if (kept) {
                        give(printer, request, kept);
                        continue;
                }
                page_refuse(&page, 503, PHRASE_page_failed,
                            page_say(&page, PHRASE_year_no_pdf, NULL));
                page_answer(&page);
                page_clear(&page);
        }
        end_job(job);
}

void printer_turn(struct printer *printer)
{
        const int64_t now = clock_monotonic_ms();
        for (size_t i = 0; i < PRINT_JOBS; i++) {
                struct job *job = &printer->jobs[i];
                struct pollfd ready = { .fd = job->process, .events = POLLIN };
                if (!job->name[0])
                        continue;
                if (now >= job->deadline)
                        kill(job->pid, SIGKILL);
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
        struct kept *kept = find_kept(printer, name);
        if (kept) {
                give(printer, page->request, kept);
                return;
        }
        struct job *job = page->print.size < NAME ? find_job(printer, name) : NULL;
        if (!job) {
                request_set_header(page->request, "Retry-After", TEXT("60"));
                page_refuse(page, 503, PHRASE_page_wait,
                            page_say(page, PHRASE_year_printing, NULL));
                page_answer(page);
        } else if (!job->name[0] && !start_job(printer, job, html_end(page->html))) {
                *job = (struct job){ 0 };
                page_refuse(page, 503, PHRASE_page_failed,
                            page_say(page, PHRASE_year_no_pdf, NULL));
                page_answer(page);
        } else {
                memcpy(job->name, name, page->print.size + 1);
                job->language = page->language;
                job->waiting[job->count++] = page->request;
                request_hold(page->request);
        }
}
