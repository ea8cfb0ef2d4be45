/* Sockets: connects, reads, finds the tags in what was read, and writes. */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define READ_SIZE (256 * 1024)
#define EVENTS 256
#define STALLED_BUFFER 4096
#define STALLED_SEGMENT 1460

static int poller, timer;
static char space[CARRY + READ_SIZE];
static struct connection **dirty;
static int dirty_count;
static int8_t hex[256];

void open_network(void)
{
    memset(hex, -1, sizeof hex);
    for (int i = 0; i < 16; i++)
        hex[(unsigned char)"0123456789abcdef"[i]] = (int8_t)i;
    dirty = calloc((size_t)options.members, sizeof *dirty);
    poller = epoll_create1(EPOLL_CLOEXEC);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (poller < 0 || timer < 0 || dirty == NULL)
        fail("cannot set up epoll");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, timer, &event);
}

static void watch(struct connection *c, int operation)
{
    struct epoll_event event = {.data.ptr = c};
    if (!c->paused)
        event.events |= EPOLLIN;
    if (c->writing)
        event.events |= EPOLLOUT;
    epoll_ctl(poller, operation, c->fd, &event);
}

/*
 * A member who will stall looks like one behind an Ethernet with a small buffer. On loopback, with segments
 * of 64 KiB, the kernel would otherwise hold over 2 MB for each such reader and hide that it is slow.
 */
static void narrow(int fd)
{
    int buffer = STALLED_BUFFER, segment = STALLED_SEGMENT;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
}

void start_connecting(struct connection *c)
{
    int yes = 1;
    struct linger at_once = {.l_onoff = 1, .l_linger = 0}; /* leaves nothing in TIME_WAIT for the next run */
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        fail("no more sockets after %d connections", joined);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    if (c->observed_apart)
        narrow(c->fd);
    c->state = STATE_CONNECTING;
    c->writing = true;
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS)
        fail("connect: %s after %d connections", strerror(errno), joined);
    watch(c, EPOLL_CTL_ADD);
}

void drop(struct connection *c, const char *why)
{
    if (!c->observed_apart)
        fail("a member was disconnected (%s), %d had joined", why, joined);
    close(c->fd);
    c->state = STATE_CLOSED;
}

void set_reading(struct connection *c, bool reading)
{
    if (c->state == STATE_CLOSED || c->paused == !reading)
        return;
    c->paused = !reading;
    watch(c, EPOLL_CTL_MOD);
}

void put(struct connection *c, const char *bytes, size_t size)
{
    if (c->out_size + size > c->out_room) {
        c->out_room = (c->out_size + size) * 2;
        c->out = realloc(c->out, c->out_room);
        if (c->out == NULL)
            fail("out of memory");
    }
    memcpy(c->out + c->out_size, bytes, size);
    c->out_size += size;
    if (!c->dirty) {
        c->dirty = true;
        dirty[dirty_count++] = c;
    }
}

/* Each spoken line is a packet of its own, as from a person; a queue forms only when the kernel takes no more. */
void put_now(struct connection *c, const char *bytes, size_t size)
{
    ssize_t sent = c->out_size == 0 ? send(c->fd, bytes, size, MSG_NOSIGNAL) : 0;
    if (sent < 0)
        sent = 0; /* a broken connection shows when it is read */
    if ((size_t)sent < size)
        put(c, bytes + sent, size - (size_t)sent);
}

static void flush(struct connection *c)
{
    if (c->state == STATE_CLOSED || c->state == STATE_CONNECTING)
        return;
    ssize_t sent = c->out_size > 0 ? send(c->fd, c->out, c->out_size, MSG_NOSIGNAL) : 0;
    if (sent < 0 && errno != EAGAIN) {
        drop(c, strerror(errno));
        return;
    }
    if (sent > 0) {
        c->out_size -= (size_t)sent;
        memmove(c->out, c->out + sent, c->out_size);
    }
    if (c->writing != (c->out_size > 0)) {
        c->writing = c->out_size > 0;
        watch(c, EPOLL_CTL_MOD);
    }
}

static void hear(struct connection *c, uint32_t id, uint64_t now)
{
    struct line *line = &lines[id];
    deliveries++;
    if (id >= first_line) {
        c->heard++;
        c->order = c->order * 6364136223846793005u + id + 1;
    }
    if (c->observed_apart)
        return;
    if (latencies != NULL && id >= first_line)
        note(latencies, now > line->at ? now - line->at : 0);
    if (line->left > 0 && --line->left == 0) {
        completed++;
        if (on_complete != NULL)
            on_complete(id);
    }
}

static void scan(struct connection *c, const char *at, const char *end, uint64_t now)
{
    while ((at = memchr(at, TAG_MARK, (size_t)(end - at))) != NULL && end - at >= TAG_SIZE) {
        int32_t wrong = 0;
        uint32_t id = 0;
        for (int i = 1; i <= TAG_DIGITS; i++) {
            int digit = hex[(unsigned char)at[i]];
            wrong |= digit;
            id = id << 4 | (uint32_t)(digit & 15);
        }
        if (wrong >= 0 && id < next_line) {
            hear(c, id, now);
            at += TAG_SIZE;
        } else {
            at++;
        }
    }
    c->carried = 0;
    if (at != NULL) { /* a tag cut off by the end of the read */
        c->carried = (uint8_t)(end - at);
        memcpy(c->carry, at, c->carried);
    }
}

static void receive(struct connection *c)
{
    char *start = space + CARRY - c->carried;
    memcpy(start, c->carry, c->carried);
    ssize_t got = recv(c->fd, space + CARRY, READ_SIZE, 0);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        drop(c, got == 0 ? "closed by the server" : strerror(errno));
        return;
    }
    if (options.quick_acks)
        setsockopt(c->fd, IPPROTO_TCP, TCP_QUICKACK, &options.quick_acks, sizeof options.quick_acks);
    const char *end = space + CARRY + got;
    if (options.dialect == DIALECT_IRC)
        answer_ping(c, space + CARRY, (size_t)got);
    if (over_websocket())
        answer_ping_frame(c, space + CARRY, (size_t)got);
    if (c->state == STATE_JOINED) {
        scan(c, start, end, now_ns());
        return;
    }
    advance(c, start, (size_t)(end - start));
    c->carried = (uint8_t)(end - start < CARRY - 1 ? end - start : CARRY - 1);
    if (c->state == STATE_JOINED)
        c->carried = 0;
    memcpy(c->carry, end - c->carried, c->carried);
}

static void finish_connecting(struct connection *c)
{
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
        fail("connect: %s after %d connections", strerror(error), joined);
    c->state = STATE_HANDSHAKE;
    c->writing = false;
    watch(c, EPOLL_CTL_MOD);
    greet(c);
}

void wake_at(uint64_t at_ns)
{
    struct itimerspec when = {.it_value = {.tv_sec = (time_t)(at_ns / 1000000000u),
                                           .tv_nsec = (long)(at_ns % 1000000000u)}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

void turn(int timeout_ms)
{
    struct epoll_event events[EVENTS];
    uint64_t expirations;
    int count = epoll_wait(poller, events, EVENTS, dirty_count > 0 ? 0 : timeout_ms);
    for (int i = 0; i < count; i++) {
        struct connection *c = events[i].data.ptr;
        if (c == NULL) {
            if (read(timer, &expirations, sizeof expirations) < 0)
                continue;
        } else if (c->state == STATE_CONNECTING) {
            finish_connecting(c);
        } else if (c->state == STATE_CLOSED) {
            continue;
        } else if (c->paused && events[i].events & (EPOLLERR | EPOLLHUP)) {
            drop(c, "reset while it did not read");
        } else {
            if (events[i].events & EPOLLOUT)
                flush(c);
            if (events[i].events & ~(uint32_t)EPOLLOUT && c->state != STATE_CLOSED)
                receive(c);
        }
    }
    for (int i = 0; i < dirty_count; i++) {
        dirty[i]->dirty = false;
        flush(dirty[i]);
    }
    dirty_count = 0;
}
