/* Loads a chat service over its WebSockets (chat.v1) and prints one line of JSON: cheap enough to leave the cores to it.
 *
 *   chat_load flood PORT MEMBERS SECONDS WINDOW    every socket sends, each with WINDOW messages that are not acknowledged
 *   chat_load pace PORT MEMBERS SECONDS RATE       RATE messages a second in all, by the clock; latency from when one was due
 *   chat_load hold PORT MEMBERS                    opens all sockets and holds them until its input ends
 *
 * MEMBERS is a file of lines `ROOM TOKEN`, one a socket; the sockets of a room are those of its members. SENDERS in the
 * environment is how many sockets of each room send (1). Ends with an error unless each acknowledged message has come to
 * every socket of its room once and in order.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAXIMUM 20000
#define PATIENCE 30.0

struct room {
    char id[37];
    int members;
    long acknowledged;
};

struct peer {
    int fd, room, is_ready, is_sender;
    long received, last_sequence, in_flight;
    unsigned char *input;
    size_t length, capacity;
};

static struct room rooms[MAXIMUM];
static struct peer peers[MAXIMUM];
static int room_count, peer_count, ready_count, poller;
static long sent, acknowledged, delivered, refused, sample_count, sample_capacity;
static float *samples;
static double stop_at;
static long window;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

/* ---- Frames. The mask is 0: the bytes stay what they are. */

static void write_all(struct peer *peer, const void *bytes, size_t length) {
    const char *next = bytes;
    while (length > 0) {
        ssize_t written = write(peer->fd, next, length);
        if (written < 0 && errno == EAGAIN) continue;
        if (written <= 0) fail("write", strerror(errno));
        next += written, length -= written;
    }
}

static void send_frame(struct peer *peer, int opcode, const char *payload, size_t length) {
    unsigned char frame[1100] = {0x80 | opcode};
    size_t head = 2;
    if (length < 126) frame[1] = 0x80 | length;
    else frame[1] = 0x80 | 126, frame[2] = length >> 8, frame[3] = length, head = 4;
    head += 4;
    memcpy(frame + head, payload, length);
    write_all(peer, frame, head + length);
}

/* A message of about 100 bytes of text that says when it was due, in microseconds. */
static void send_message(struct peer *peer, double due) {
    char text[512];
    long number = sent++;
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    long milliseconds = wall.tv_sec * 1000 + wall.tv_nsec / 1000000;
    int length = snprintf(text, sizeof text,
        "{\"type\":\"send\",\"room_id\":\"%s\",\"client_message_id\":\"%08lx-%04lx-7%03x-8%03x-%012lx\","
        "\"body\":\"@%018ld a message of about a hundred bytes, as people write them to each other in rooms\"}",
        rooms[peer->room].id, milliseconds >> 16, milliseconds & 0xffff, (unsigned)(peer - peers) & 0xfff,
        (unsigned)getpid() & 0xfff, number, (long)(due * 1e6));
    peer->in_flight++;
    send_frame(peer, 1, text, length);
}

static void take_sample(double seconds) {
    if (sample_count == sample_capacity) {
        sample_capacity = sample_capacity ? sample_capacity * 2 : 1 << 16;
        samples = realloc(samples, sample_capacity * sizeof *samples);
    }
    samples[sample_count++] = seconds;
}

static long number_after(const char *text, size_t length, const char *name) {
    const char *found = memmem(text, length, name, strlen(name));
    return found ? strtol(found + strlen(name), NULL, 10) : -1;
}

static int has(const char *text, size_t length, const char *part) { return memmem(text, length, part, strlen(part)) != NULL; }

static void receive_text(struct peer *peer, const char *text, size_t length) {
    if (has(text, length, "\"type\":\"message\"")) {
        long sequence = number_after(text, length, "\"seq\":");
        if (peer->last_sequence && sequence != peer->last_sequence + 1) fail("out of order", text);
        peer->last_sequence = sequence;
        peer->received++, delivered++;
        long due = number_after(text, length, "\"@");
        if (due > 0) take_sample(now() - due / 1e6);
    } else if (has(text, length, "\"type\":\"ack\"")) {
        acknowledged++, rooms[peer->room].acknowledged++;
        peer->in_flight--;
        if (window && now() < stop_at) send_message(peer, now());
    } else if (has(text, length, "\"type\":\"ready\"")) {
        if (!peer->is_ready) peer->is_ready = 1, ready_count++;
    } else if (has(text, length, "\"type\":\"error\"")) {
        if (!refused++) fprintf(stderr, "refused: %.*s\n", (int)length, text);
        peer->in_flight--;
    }
}

/* The length of the first frame of the input when it is whole, else 0. */
static size_t take_frame(struct peer *peer, unsigned char *frame, size_t length) {
    if (length < 2) return 0;
    size_t size = frame[1] & 127, head = 2;
    if (size == 126) {
        if (length < 4) return 0;
        size = frame[2] << 8 | frame[3], head = 4;
    } else if (size == 127) {
        fail("frame", "too long");
    }
    if (length < head + size) return 0;
    char *payload = (char *)frame + head;
    switch (frame[0] & 15) {
        case 1: {
            /* A zero behind it for strtol; the byte belongs to the next frame. */
            char kept = payload[size];
            payload[size] = 0;
            receive_text(peer, payload, size);
            payload[size] = kept;
            break;
        }
        case 8: fail("closed", size > 2 ? payload + 2 : "without a reason"); break;
        case 9: send_frame(peer, 10, payload, size);
    }
    return head + size;
}

static void receive(struct peer *peer) {
    if (peer->capacity - peer->length < 16384) {
        peer->capacity = peer->length + 65536;
        peer->input = realloc(peer->input, peer->capacity + 1);
    }
    ssize_t count = read(peer->fd, peer->input + peer->length, peer->capacity - peer->length);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) fail("read", count ? strerror(errno) : "the service has closed");
    peer->length += count;
    size_t place = 0, size;
    while ((size = take_frame(peer, peer->input + place, peer->length - place))) place += size;
    peer->length -= place;
    memmove(peer->input, peer->input + place, peer->length);
    if (!peer->length) free(peer->input), peer->input = NULL, peer->capacity = 0;
}

/* Whatever has come, or comes within the time. */
static void serve(double seconds) {
    static struct epoll_event events[512];
    if (seconds < 0) seconds = 0;
    struct timespec wait = {(long)seconds, (long)((seconds - (long)seconds) * 1e9)};
    int count = epoll_pwait2(poller, events, 512, &wait, NULL);
    for (int index = 0; index < count; index++) receive(events[index].data.ptr);
}

/* ---- Opening */

static int room_named(const char *id) {
    for (int index = room_count - 1; index >= 0; index--)
        if (!strcmp(rooms[index].id, id)) return index;
    strcpy(rooms[room_count].id, id);
    return room_count++;
}

static void open_peer(struct peer *peer, int port, const char *token) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1;
    peer->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (peer->fd < 0 || connect(peer->fd, (struct sockaddr *)&address, sizeof address)) fail("connect", strerror(errno));
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    char request[4096];
    int length = snprintf(request, sizeof request,
        "GET /v1/chat/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Protocol: chat.v1, bearer.%s\r\n\r\n", token);
    write_all(peer, request, length);
    peer->input = malloc(4097), peer->capacity = 4096;
    char *end = NULL;
    while (!end) {
        ssize_t count = read(peer->fd, peer->input + peer->length, peer->capacity - peer->length);
        if (count <= 0) fail("handshake", "closed");
        peer->length += count, peer->input[peer->length] = 0;
        end = strstr((char *)peer->input, "\r\n\r\n");
    }
    if (strncmp((char *)peer->input, "HTTP/1.1 101", 12)) fail("handshake", (char *)peer->input);
    size_t head = end + 4 - (char *)peer->input, size;
    while ((size = take_frame(peer, peer->input + head, peer->length - head))) head += size;
    peer->length -= head;
    memmove(peer->input, peer->input + head, peer->length);
    fcntl(peer->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, peer->fd, &event)) fail("epoll", strerror(errno));
}

static void open_all(int port, const char *path) {
    struct rlimit files = {MAXIMUM + 100, MAXIMUM + 100};
    setrlimit(RLIMIT_NOFILE, &files);
    FILE *file = fopen(path, "r");
    char room[64], token[2048];
    int senders = getenv("SENDERS") ? atoi(getenv("SENDERS")) : 1;
    if (!file) fail(path, strerror(errno));
    poller = epoll_create1(0);
    while (peer_count < MAXIMUM && fscanf(file, "%63s %2047s", room, token) == 2) {
        struct peer *peer = &peers[peer_count++];
        peer->room = room_named(room);
        peer->is_sender = rooms[peer->room].members++ < senders;
        open_peer(peer, port, token);
    }
    fclose(file);
    for (double deadline = now() + PATIENCE; ready_count < peer_count;) {
        serve(0.1);
        if (now() > deadline) fail("ready", "not all sockets");
    }
}

/* ---- Ends */

static int ascending(const void *left, const void *right) {
    float difference = *(const float *)left - *(const float *)right;
    return (difference > 0) - (difference < 0);
}

static long expected(void) {
    long count = 0;
    for (int index = 0; index < room_count; index++) count += rooms[index].acknowledged * rooms[index].members;
    return count;
}

/* Waits for what is under way, checks that nothing is missing, and prints. */
static void finish(double began, double ended) {
    for (double deadline = now() + PATIENCE; acknowledged + refused < sent || delivered < expected();) {
        serve(0.1);
        if (now() > deadline) fail("deliveries", "not all in time");
    }
    for (int index = 0; index < peer_count; index++)
        if (peers[index].received != rooms[peers[index].room].acknowledged) fail("a socket", "has not what its room has");
    qsort(samples, sample_count, sizeof *samples, ascending);
    double p50 = sample_count ? samples[sample_count / 2] : 0, p99 = sample_count ? samples[sample_count * 99 / 100] : 0;
    printf("{\"sockets\":%d,\"rooms\":%d,\"sent\":%ld,\"acknowledged\":%ld,\"delivered\":%ld,\"refused\":%ld,"
           "\"seconds\":%f,\"drained\":%f,\"p50\":%f,\"p99\":%f,\"maximum\":%f}\n",
           peer_count, room_count, sent, acknowledged, delivered, refused, ended - began, now() - ended, p50 * 1e3, p99 * 1e3,
           sample_count ? samples[sample_count - 1] * 1e3 : 0);
}

static void flood(double seconds) {
    double began = now();
    stop_at = began + seconds;
    for (int index = 0; index < peer_count; index++)
        for (long count = 0; peers[index].is_sender && count < window; count++) send_message(&peers[index], now());
    while (now() < stop_at || acknowledged + refused < sent) {
        serve(0.1);
        if (now() > stop_at + PATIENCE) fail("acks", "not all in time");
    }
    finish(began, now());
}

static void pace(double seconds, double rate) {
    static struct peer *senders[MAXIMUM];
    int count = 0, turn = 0;
    for (int index = 0; index < peer_count; index++)
        if (peers[index].is_sender) senders[count++] = &peers[index];
    double began = now(), due = began;
    while (due < began + seconds) {
        if (due > now()) {
            serve(due - now());
            continue;
        }
        send_message(senders[turn++ % count], due);
        due += 1 / rate;
        /* What has come is not left to lie while sending lags behind. */
        if (turn % 16 == 0) serve(0);
    }
    finish(began, now());
}

int main(int count, char **words) {
    if (count < 4) fail("chat_load", "see the top of chat_load.c");
    open_all(atoi(words[2]), words[3]);
    printf("open\n");
    fflush(stdout);
    if (count == 6 && !strcmp(words[1], "flood")) window = atol(words[5]), flood(atof(words[4]));
    else if (count == 6 && !strcmp(words[1], "pace")) pace(atof(words[4]), atof(words[5]));
    else if (count == 4 && !strcmp(words[1], "hold")) while (getchar() != EOF) serve(0.01);
    else fail("chat_load", "see the top of chat_load.c");
    return 0;
}
