#define _GNU_SOURCE
#include "CPlatform.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int termination_pipe[2] = {-1, -1};

static void note_termination(int signal) {
    int saved = errno;
    unsigned char number = (unsigned char)signal;
    // A full pipe already holds a signal that nobody has read: nothing is lost.
    ssize_t written = write(termination_pipe[1], &number, 1);
    (void)written;
    errno = saved;
}

int platform_watch_termination(void) {
    if (pipe2(termination_pipe, O_CLOEXEC) != 0) return -1;
    if (fcntl(termination_pipe[1], F_SETFL, O_NONBLOCK) != 0) return -1;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note_termination;
    action.sa_flags = SA_RESTART;
    if (sigaction(SIGTERM, &action, NULL) != 0 || sigaction(SIGINT, &action, NULL) != 0) return -1;
    return termination_pipe[0];
}

void platform_release_memory(void) { malloc_trim(0); }

void platform_tune_allocator(void) {
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_ARENA_MAX, 2);
}

int platform_fork(void) {
    return fork();
}

int platform_filter_system_calls(const void *program, unsigned short count) {
    struct sock_fprog filter = {.len = count, .filter = (struct sock_filter *)program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

int platform_forbid_tracing(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
