/*
 * print_child: between fork and exec there are system calls alone. The child has no memory of ours,
 * no descriptor but its three, and a filter that refuses sockets; it ends with us.
 */
#include "workers/web/print_child.h"

#include "common/log.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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
static _Noreturn void become(const char *program, const char *style, int64_t seconds, int in,
                             int out)
{
        char *const words[] = { (char *)(uintptr_t)program,     (char *)(uintptr_t) "--pdf-variant",
                                (char *)(uintptr_t) "pdf/ua-1", (char *)(uintptr_t) "--encoding",
                                (char *)(uintptr_t) "utf-8",    (char *)(uintptr_t) "--stylesheet",
                                (char *)(uintptr_t)style,       (char *)(uintptr_t) "-",
                                (char *)(uintptr_t) "-",        NULL };
        char *const environment[] = { (char *)(uintptr_t) "PATH=/usr/bin:/bin",
                                      (char *)(uintptr_t) "LC_ALL=C.UTF-8",
                                      (char *)(uintptr_t) "HOME=/tmp",
                                      (char *)(uintptr_t) "PYTHONDONTWRITEBYTECODE=1", NULL };
        const struct rlimit cpu = { (rlim_t)seconds, (rlim_t)seconds },
                            size = { PRINT_SIZE_MOST, PRINT_SIZE_MOST };
        const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && dup2(in, 0) == 0 && dup2(out, 1) == 1 &&
            dup2(nowhere, 2) == 2 && syscall(SYS_close_range, 3U, ~0U, 0U) == 0 &&
            setrlimit(RLIMIT_CPU, &cpu) == 0 && setrlimit(RLIMIT_FSIZE, &size) == 0 &&
            refuse_sockets() == 0)
                execve(program, words, environment);
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

bool print_child_start(struct print_child *child, const char *program, const char *style,
                       int64_t seconds, struct text html)
{
        const int in = make_file(html), out = make_file(TEXT(""));
        const pid_t pid = in >= 0 && out >= 0 ? fork() : -1;
        if (pid == 0)
                become(program, style, seconds, in, out);
        if (in >= 0)
                close(in);
        *child = (struct print_child){ pid, pid > 0 ? pidfd_open(pid, 0) : -1, out };
        if (child->process >= 0)
                return true;
        log_error("cannot start %s: %s", program, strerror(errno));
        if (pid > 0)
                print_child_end(child);
        else if (out >= 0)
                close(out);
        return false;
}

bool print_child_made(const struct print_child *child)
{
        siginfo_t how = { 0 };
        return waitid(P_PIDFD, (id_t)child->process, &how, WEXITED | WNOWAIT) == 0 &&
               how.si_code == CLD_EXITED && how.si_status == 0;
}

void print_child_end(struct print_child *child)
{
        siginfo_t how;
        kill(child->pid, SIGKILL);
        waitid(P_PID, (id_t)child->pid, &how, WEXITED);
        if (child->process >= 0)
                close(child->process);
        close(child->out);
}
