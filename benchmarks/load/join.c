/* What each dialect asks of a client: how it comes in, and how it speaks. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROBE_NS 50000000u

static void enter(struct connection *c)
{
    c->state = STATE_JOINED;
    joined++;
}

static bool has(const char *bytes, size_t size, const char *wanted)
{
    return memmem(bytes, size, wanted, strlen(wanted)) != NULL;
}

void greet(struct connection *c)
{
    char text[128];
    int size = 0;
    switch (options.dialect) {
    case DIALECT_CHATROOM:
        size = snprintf(text, sizeof text, "u%d\n", c->number);
        break;
    case DIALECT_IRC:
        size = snprintf(text, sizeof text, "NICK u%d\r\nUSER u%d 0 * :load\r\n", c->number, c->number);
        break;
    case DIALECT_RAW: /* says nothing back; settle() finds out whether everyone is in */
        size = snprintf(text, sizeof text, "%d u%d\n", c->room, c->number);
        enter(c);
        break;
    case DIALECT_NCAT:
        break;
    case DIALECT_WEB:
    case DIALECT_WEB_RAW:
        upgrade(c);
        break;
    }
    if (size > 0)
        put(c, text, (size_t)size);
}

static void advance_chatroom(struct connection *c, const char *bytes, size_t size)
{
    char text[64];
    if (!has(bytes, size, c->step == 0 ? "/help" : "left #lobby"))
        return;
    if (c->step == 1 || options.rooms == 1) {
        enter(c);
        return;
    }
    int length = snprintf(text, sizeof text, "/join r%d\n/leave lobby\n", c->room);
    put(c, text, (size_t)length);
    c->step = 1;
}

static void advance_irc(struct connection *c, const char *bytes, size_t size)
{
    char text[64];
    if (c->awaited != NULL) {
        if (has(bytes, size, c->awaited))
            enter(c);
    } else if (strcmp(options.workload, "crowd") == 0) {
        if (has(bytes, size, " 001 "))
            enter(c);
    } else if (c->step == 0 && has(bytes, size, " 001 ")) {
        int length = snprintf(text, sizeof text, "JOIN #r%d\r\n", c->room);
        put(c, text, (size_t)length);
        c->step = 1;
    } else if (c->step == 1 && has(bytes, size, " 366 ")) {
        enter(c);
    }
}

static void advance_web(struct connection *c, const char *bytes, size_t size)
{
    char text[96], framed[sizeof text + FRAME_HEADER];
    if (c->step == 1) {
        if (has(bytes, size, "\"live\""))
            enter(c);
        return;
    }
    if (!has(bytes, size, "\r\n\r\n"))
        return;
    const char *hello =
        options.dialect == DIALECT_WEB ? "{\"type\":\"hello\",\"rooms\":[\"r%d\"],\"nick\":\"u%d\"}" : "%d u%d";
    int length = snprintf(text, sizeof text, hello, c->room, c->number);
    put(c, framed, frame(framed, text, (size_t)length));
    c->step = 1;
    if (options.dialect == DIALECT_WEB_RAW)
        enter(c);
}

void advance(struct connection *c, const char *bytes, size_t size)
{
    if (over_websocket())
        advance_web(c, bytes, size);
    else if (options.dialect == DIALECT_CHATROOM)
        advance_chatroom(c, bytes, size);
    else if (options.dialect == DIALECT_IRC)
        advance_irc(c, bytes, size);
    else if (has(bytes, size, "<announce>"))
        enter(c);
}

void ask(struct connection *c, const char *command, size_t size, const char *end)
{
    c->state = STATE_HANDSHAKE;
    c->awaited = end;
    put(c, command, size);
}

/* Servers ping when nothing else is under way, so the PING starts the read. */
void answer_ping(struct connection *c, const char *bytes, size_t size)
{
    char text[128];
    if (size < 6 || memcmp(bytes, "PING ", 5) != 0)
        return;
    const char *end = memchr(bytes, '\n', size);
    if (end == NULL)
        return;
    int length = snprintf(text, sizeof text, "PONG %.*s\n", (int)(end - bytes - 5), bytes + 5);
    if (length > 0 && (size_t)length < sizeof text)
        put(c, text, (size_t)length);
}

static int expected_receivers(const struct connection *speaker)
{
    int receivers = 0;
    for (int i = speaker->room; i < options.members; i += options.rooms)
        receivers += !connections[i].observed_apart;
    return over_websocket() ? receivers : receivers - 1;
}

/* Say one line, due at *at_ns*. */
uint32_t speak(int speaker, uint64_t at_ns)
{
    static int *receivers;
    static char text[1024], framed[sizeof text + FRAME_HEADER];
    struct connection *c = &connections[speaker];
    size_t size = 0;
    if (receivers == NULL)
        receivers = calloc((size_t)options.rooms, sizeof *receivers);
    if (receivers[c->room] == 0)
        receivers[c->room] = expected_receivers(c);
    if (next_line == MAX_LINES)
        fail("more than %u lines: measure for fewer seconds", MAX_LINES);
    uint32_t id = next_line++;
    lines[id] = (struct line){.at = at_ns, .left = (uint32_t)receivers[c->room], .speaker = (uint32_t)speaker};
    if (options.dialect == DIALECT_IRC)
        size = (size_t)sprintf(text, "PRIVMSG #r%d :", c->room);
    else if (options.dialect == DIALECT_WEB)
        size = (size_t)sprintf(text, "{\"type\":\"say\",\"text\":\"");
    size_t start = size;
    size += (size_t)sprintf(text + size, "%c%08x ", TAG_MARK, id);
    while (size < start + (size_t)options.size)
        text[size++] = 'x';
    if (options.dialect == DIALECT_IRC)
        text[size++] = '\r';
    if (options.dialect == DIALECT_WEB)
        size += (size_t)sprintf(text + size, "\"}");
    if (over_websocket()) {
        put_now(c, framed, frame(framed, text, size));
    } else {
        text[size++] = '\n';
        put_now(c, text, size);
    }
    return id;
}

void join_everyone(void)
{
    int started = 0, before = 0;
    uint64_t progress = now_ns();
    while (joined < options.members) {
        for (; started < options.members && started - joined < options.joining; started++)
            start_connecting(&connections[started]);
        turn(100);
        if (joined != before) {
            before = joined;
            progress = now_ns();
        } else if (now_ns() - progress > (uint64_t)(options.patience * 1e9)) {
            fail("only %d of %d members could join", joined, options.members);
        }
    }
}

static bool *settled;
static int unsettled;

static void settle_room(uint32_t id)
{
    int room = connections[lines[id].speaker].room;
    unsettled -= !settled[room];
    settled[room] = true;
}

/* Everyone is in, and has got through the notices about the others, once a line reaches everyone in its room. */
void settle(void)
{
    uint64_t begun = now_ns(), probe = begun;
    settled = calloc((size_t)options.rooms, sizeof *settled);
    unsettled = options.rooms;
    on_complete = settle_room;
    while (unsettled > 0) {
        uint64_t now = now_ns();
        if (now >= probe) {
            for (int room = 0; room < options.rooms; room++)
                if (!settled[room])
                    speak(room, now);
            probe = now + PROBE_NS;
        }
        turn(20);
        if (now - begun > (uint64_t)(options.patience * 1e9))
            fail("%d of %d rooms never heard a line", unsettled, options.rooms);
    }
    on_complete = NULL;
}
