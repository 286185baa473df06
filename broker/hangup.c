/*
 * hangup: keeps a fault of libzmq 4.3 from ending the broker. When a connection's queue is full,
 * libzmq stops reading from it; told then that the peer hung up, it marks the connection as broken.
 * Once the queue has room it goes on with what it had read already, and if a PING is in that, it
 * finds the mark and aborts (see its issue 3937). So it is told later: what it does not read it
 * does not watch, and it learns of a hang-up by reading.
 *
 * These two stand in for libc's in the whole program, where libzmq alone calls them: the dynamic
 * linker looks in the program first. Without them "pinging" ends tests/flow/test_hostile.py.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The system's own; as its libc, 0 or -1 and errno. */
static int control(int epoll, int op, int fd, struct epoll_event *event)
{
        return (int)syscall(SYS_epoll_ctl, epoll, op, fd, event);
}

/* What is changed so that it reads no more is watched no more, until it reads again: hang-ups are
 * reported whether one asks or not. */
int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
        if (op == EPOLL_CTL_ADD) {
                return control(epfd, op, fd, event);
        }
        if (op == EPOLL_CTL_MOD && (event->events & EPOLLIN)) {
                int done = control(epfd, op, fd, event);
                bool unwatched = done != 0 && errno == ENOENT;
                return unwatched ? control(epfd, EPOLL_CTL_ADD, fd, event) : done;
        }
        int done = control(epfd, EPOLL_CTL_DEL, fd, event);
        return done != 0 && errno == ENOENT ? 0 : done;
}

/* A hang-up with something to read is something to read: libzmq would read twice, and the first
 * time may fill the queue. */
int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)
{
        int count = (int)syscall(SYS_epoll_pwait, epfd, events, maxevents, timeout, NULL, 0);
        for (int i = 0; i < count; i++) {
                if (events[i].events & EPOLLIN) {
                        events[i].events &= ~(uint32_t)(EPOLLERR | EPOLLHUP);
                }
        }
        return count;
}
