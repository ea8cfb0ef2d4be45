/*
 * The physical limit: a broadcast server that is nothing but an epoll loop.
 *
 * loop each PORT     one send() for every line and member
 * loop round PORT    one send() for every member and epoll round, with all lines read in that round
 *
 * A client's first line is "ROOM-NUMBER NICK"; every further line goes to the others in that room as it is.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOMS 4096
#define READ_SIZE (64 * 1024)
#define EVENTS 256

struct bytes {
    char *data;
    size_t size, space;
};

struct client {
    int fd, room;
    size_t place;       /* among the room's members */
    bool spoke;         /* in this round */
    struct bytes in;    /* an unfinished line */
    struct bytes out;   /* what the kernel would not take yet */
};

struct part { /* one line of a round */
    struct client *speaker;
    size_t start, size;
};

struct room {
    struct client **members;
    size_t count, space;
    struct bytes round;
    struct part *parts;
    size_t part_count, part_space;
};

static struct room rooms[ROOMS];
static struct room *spoken[ROOMS];
static size_t spoken_count;
static bool each;
static int poller;
static char buffer[READ_SIZE];

static void *grow(void *old, size_t size)
{
    void *new = realloc(old, size);
    if (new == NULL)
        abort();
    return new;
}

static void append(struct bytes *to, const char *data, size_t size)
{
    if (to->size + size > to->space)
        to->data = grow(to->data, to->space = 2 * (to->size + size));
    memcpy(to->data + to->size, data, size);
    to->size += size;
}

static void consume(struct bytes *from, size_t size)
{
    from->size -= size;
    memmove(from->data, from->data + size, from->size);
}

static void watch(struct client *c, int operation)
{
    struct epoll_event event = {.events = EPOLLIN | (c->out.size > 0 ? EPOLLOUT : 0), .data.ptr = c};
    epoll_ctl(poller, operation, c->fd, &event);
}

static void give(struct client *c, const char *data, size_t size)
{
    if (c->out.size > 0) {
        append(&c->out, data, size);
        return;
    }
    ssize_t sent = send(c->fd, data, size, MSG_NOSIGNAL);
    if (sent < 0)
        sent = 0; /* a broken connection shows when it is read */
    if ((size_t)sent < size) {
        append(&c->out, data + sent, size - (size_t)sent);
        watch(c, EPOLL_CTL_MOD);
    }
}

static void give_rest(struct client *c)
{
    ssize_t sent = send(c->fd, c->out.data, c->out.size, MSG_NOSIGNAL);
    if (sent > 0)
        consume(&c->out, (size_t)sent);
    if (c->out.size == 0)
        watch(c, EPOLL_CTL_MOD);
}

static void enter(struct client *c, int number)
{
    if (number < 0 || number >= ROOMS)
        return;
    struct room *room = &rooms[c->room = number];
    if (room->count == room->space)
        room->members = grow(room->members, (room->space = 2 * room->space + 16) * sizeof *room->members);
    c->place = room->count;
    room->members[room->count++] = c;
}

static void leave(struct client *c)
{
    if (c->room >= 0) {
        struct room *room = &rooms[c->room];
        room->members[c->place] = room->members[--room->count];
        room->members[c->place]->place = c->place;
        for (size_t i = 0; i < room->part_count; i++)
            if (room->parts[i].speaker == c)
                room->parts[i].speaker = NULL;
    }
    close(c->fd);
    free(c->in.data);
    free(c->out.data);
    free(c);
}

static void say(struct client *c, const char *line, size_t size)
{
    struct room *room = &rooms[c->room];
    if (each) {
        for (size_t i = 0; i < room->count; i++)
            if (room->members[i] != c)
                give(room->members[i], line, size);
        return;
    }
    if (room->part_count == 0)
        spoken[spoken_count++] = room;
    if (room->part_count == room->part_space)
        room->parts = grow(room->parts, (room->part_space = 2 * room->part_space + 16) * sizeof *room->parts);
    room->parts[room->part_count++] = (struct part){c, room->round.size, size};
    append(&room->round, line, size);
    c->spoke = true;
}

static void give_without_own(struct client *c, const struct room *room)
{
    static struct bytes others;
    others.size = 0;
    for (size_t i = 0; i < room->part_count; i++)
        if (room->parts[i].speaker != c)
            append(&others, room->round.data + room->parts[i].start, room->parts[i].size);
    if (others.size > 0)
        give(c, others.data, others.size);
    c->spoke = false;
}

static void finish_round(void)
{
    for (size_t k = 0; k < spoken_count; k++) {
        struct room *room = spoken[k];
        for (size_t i = 0; i < room->count; i++) {
            if (room->members[i]->spoke)
                give_without_own(room->members[i], room);
            else
                give(room->members[i], room->round.data, room->round.size);
        }
        room->round.size = room->part_count = 0;
    }
    spoken_count = 0;
}

static void take(struct client *c)
{
    ssize_t got = recv(c->fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        leave(c);
        return;
    }
    append(&c->in, buffer, (size_t)got);
    char *start = c->in.data, *end = c->in.data + c->in.size, *stop;
    while ((stop = memchr(start, '\n', (size_t)(end - start))) != NULL) {
        if (c->room < 0)
            enter(c, atoi(start));
        else
            say(c, start, (size_t)(stop + 1 - start));
        start = stop + 1;
    }
    consume(&c->in, (size_t)(start - c->in.data));
}

static void admit(int listener)
{
    int fd, yes = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct client *c = grow(NULL, sizeof *c);
        *c = (struct client){.fd = fd, .room = -1};
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        watch(c, EPOLL_CTL_ADD);
    }
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    each = strcmp(argv[1], "each") == 0;
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 4096) != 0)
        return 1;
    poller = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct client *c = events[i].data.ptr;
            if (c == NULL) {
                admit(listener);
                continue;
            }
            if (events[i].events & EPOLLOUT)
                give_rest(c);
            if (events[i].events & ~(unsigned)EPOLLOUT)
                take(c);
        }
        finish_round();
    }
}
