/// A library to preload (`LD_PRELOAD`) into programs under test: it moves their wall clock by the milliseconds that the
/// file of `STEPPED_CLOCK_FILE` holds as decimal text, from the moment the file is replaced. `TestClock` of TestSupport
/// compiles this and writes the file.
///
/// Only the wall clock moves: `clock_gettime(CLOCK_REALTIME)`, `gettimeofday`, `time`, `timespec_get`, and waits until an
/// instant of it, which end early or late when the clock is set, as the kernel's do. Monotonic time stays the machine's.
///
/// libfaketime does not do this: it lets C11's `cnd_timedwait`, by which librdkafka waits, see moved instants on an unmoved
/// clock, and moves the monotonic timers of libdispatch, which then spins.
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static const int64_t nanosecondsPerSecond = 1000000000;
/// How long a wait lasts at most before the clock is looked at again.
static const int64_t slice = 50000000;
/// What lies before this second is an instant of the monotonic clock: no machine runs for thirty years.
static const time_t firstWallSecond = 1000000000;

/// By how many nanoseconds the clock is moved now.
static int64_t shift(void) {
    const char *path = getenv("STEPPED_CLOCK_FILE");
    if (path == NULL) return 0;
    int error = errno;
    char text[32] = {0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        if (read(file, text, sizeof text - 1) < 0) text[0] = 0;
        close(file);
    }
    errno = error;
    return strtoll(text, NULL, 10) * 1000000;
}

static struct timespec timespecOf(int64_t nanoseconds) {
    return (struct timespec){
        .tv_sec = nanoseconds / nanosecondsPerSecond,
        .tv_nsec = nanoseconds % nanosecondsPerSecond,
    };
}

static int64_t nanosecondsOf(const struct timespec *time) { return time->tv_sec * nanosecondsPerSecond + time->tv_nsec; }

/// The machine's clock.
static int64_t machineTime(clockid_t clock) {
    struct timespec time = {0};
    syscall(SYS_clock_gettime, clock, &time);
    return nanosecondsOf(&time);
}

static int64_t wallTime(void) { return machineTime(CLOCK_REALTIME) + shift(); }

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI))
        *time = timespecOf(nanosecondsOf(time) + shift());
    return result;
}

int gettimeofday(struct timeval *time, void *zone) {
    (void)zone;
    struct timespec now = timespecOf(wallTime());
    *time = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *result) {
    time_t now = wallTime() / nanosecondsPerSecond;
    if (result != NULL) *result = now;
    return now;
}

int timespec_get(struct timespec *time, int base) {
    if (base != TIME_UTC) return 0;
    *time = timespecOf(wallTime());
    return base;
}

/// The end of the next slice of a wait, on the monotonic clock; false when the instant has come.
static bool nextSlice(const struct timespec *instant, struct timespec *end) {
    int64_t left = nanosecondsOf(instant) - wallTime();
    if (left <= 0) return false;
    *end = timespecOf(machineTime(CLOCK_MONOTONIC) + (left < slice ? left : slice));
    return true;
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *instant) {
    if (instant->tv_sec < firstWallSecond) return pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, instant);
    struct timespec end;
    // An instant that has passed still gives the mutex away for a moment, as POSIX has it.
    bool isOver = !nextSlice(instant, &end);
    if (isOver) end = timespecOf(0);
    int result = pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, &end);
    // The end of a slice is a wake-up without a cause, which callers expect: waiting on here could miss a signal.
    return result == ETIMEDOUT && !isOver && nextSlice(instant, &end) ? 0 : result;
}

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict instant) {
    // The same types inside, in glibc.
    switch (pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, instant)) {
    case 0: return thrd_success;
    case ETIMEDOUT: return thrd_timedout;
    default: return thrd_error;
    }
}

int sem_timedwait(sem_t *semaphore, const struct timespec *instant) {
    struct timespec end;
    while (nextSlice(instant, &end)) {
        if (sem_clockwait(semaphore, CLOCK_MONOTONIC, &end) == 0) return 0;
        if (errno != ETIMEDOUT) return -1;
    }
    if (sem_trywait(semaphore) == 0) return 0;
    errno = ETIMEDOUT;
    return -1;
}
