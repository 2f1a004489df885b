#define _GNU_SOURCE
#include "CPlatform.h"
#include <sys/socket.h>

int platform_accept(int descriptor, void *address, unsigned int *length) {
    return accept4(descriptor, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
