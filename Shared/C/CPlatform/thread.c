#define _GNU_SOURCE
#include "CPlatform.h"
#include <pthread.h>
#include <string.h>

static _Thread_local void *thread_value;

void *platform_thread_value(void) {
    return thread_value;
}

void platform_set_thread_value(void *value) {
    thread_value = value;
}

void platform_set_thread_name(const char *name) {
    char shortName[16];
    strncpy(shortName, name, sizeof shortName - 1);
    shortName[sizeof shortName - 1] = 0;
    pthread_setname_np(pthread_self(), shortName);
}
