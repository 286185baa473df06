/*
 * failing_preload: for LD_PRELOAD: the N-th call of a kind fails, as it would on a machine without
 * memory or room. FAILING="KIND:N"; N = 0 only counts. FAILING_COUNTS names a file that gets
 * "KIND COUNT" lines when the program ends in good order. Kinds:
 *   own      malloc, calloc, realloc, called by the program's own text: ENOMEM
 *   memory   the same, whoever calls: libzmq aborts, libpq says so
 *   write    write, writev, send, sendto, sendmsg, whoever calls: EIO, ENOBUFS for sockets
 *   sync     fsync, fdatasync: EIO
 */
#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OWN, MEMORY, WRITE, SYNC, KINDS };

static const char *const names[KINDS] = { "own", "memory", "write", "sync" };
static _Atomic long counts[KINDS];
static long wanted[KINDS];
static uintptr_t text_begin, text_end;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

/* The first object is the program: where its code lies. */
static int find_text(struct dl_phdr_info *info, size_t size, void *context)
{
        (void)size;
        (void)context;
        for (int i = 0; i < info->dlpi_phnum; i++) {
                const ElfW(Phdr) *part = &info->dlpi_phdr[i];
                if (part->p_type == PT_LOAD && (part->p_flags & PF_X)) {
                        text_begin = info->dlpi_addr + part->p_vaddr;
                        text_end = text_begin + part->p_memsz;
                }
        }
        return 1;
}

__attribute__((constructor)) static void begin(void)
{
        const char *asked = getenv("FAILING");
        dl_iterate_phdr(find_text, NULL);
        for (int kind = 0; asked && kind < KINDS; kind++) {
                size_t size = strlen(names[kind]);
                if (strncmp(asked, names[kind], size) == 0 && asked[size] == ':') {
                        wanted[kind] = strtol(asked + size + 1, NULL, 10);
                }
        }
}

__attribute__((destructor)) static void end(void)
{
        const char *path = getenv("FAILING_COUNTS");
        FILE *file = path ? fopen(path, "we") : NULL;
        for (int kind = 0; file && kind < KINDS; kind++) {
                fprintf(file, "%s %ld\n", names[kind], counts[kind]);
        }
        if (file) {
                fclose(file);
        }
}

/* Counts a call: whether it is the one. */
static bool is_hit(enum kind kind)
{
        return atomic_fetch_add(&counts[kind], 1) + 1 == wanted[kind];
}

/* Whether memory is refused to whoever asks from there. */
static bool is_refused(const void *caller)
{
        uintptr_t from = (uintptr_t)caller;
        bool own = from >= text_begin && from < text_end && is_hit(OWN);
        bool hit = is_hit(MEMORY) || own;
        if (hit) {
                errno = ENOMEM;
        }
        return hit;
}

void *malloc(size_t size)
{
        return is_refused(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
        return is_refused(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
        return is_refused(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}

/* -1 with the error, if it is the call. */
static bool fails(enum kind kind, int error)
{
        if (is_hit(kind)) {
                errno = error;
                return true;
        }
        return false;
}

ssize_t write(int file, const void *bytes, size_t size)
{
        return fails(WRITE, EIO) ? -1 : syscall(SYS_write, file, bytes, size);
}

ssize_t writev(int file, const struct iovec *parts, int count)
{
        return fails(WRITE, EIO) ? -1 : syscall(SYS_writev, file, parts, count);
}

ssize_t send(int file, const void *bytes, size_t size, int flags)
{
        return fails(WRITE, ENOBUFS) ? -1 : syscall(SYS_sendto, file, bytes, size, flags, NULL, 0);
}

ssize_t sendto(int file, const void *bytes, size_t size, int flags, const struct sockaddr *to,
               socklen_t to_size)
{
        return fails(WRITE, ENOBUFS) ? -1
                                     : syscall(SYS_sendto, file, bytes, size, flags, to, to_size);
}

ssize_t sendmsg(int file, const struct msghdr *message, int flags)
{
        return fails(WRITE, ENOBUFS) ? -1 : syscall(SYS_sendmsg, file, message, flags);
}

int fsync(int file)
{
        return fails(SYNC, EIO) ? -1 : (int)syscall(SYS_fsync, file);
}

int fdatasync(int file)
{
        return fails(SYNC, EIO) ? -1 : (int)syscall(SYS_fdatasync, file);
}
