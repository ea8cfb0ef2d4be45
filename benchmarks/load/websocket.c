/* WebSocket: the upgrade of a connection, and the frames for what is sent (RFC 6455). */
#include "load.h"

#include <stdio.h>
#include <string.h>

#define TEXT 0x81
#define PING 0x89
#define PONG 0x8a
#define MASKED 0x80
#define LONGEST_SHORT 125

bool over_websocket(void) { return options.dialect == DIALECT_WEB || options.dialect == DIALECT_WEB_RAW; }

/* The answer is not checked: what comes after a wrong one is no tag. */
void upgrade(struct connection *c)
{
    char request[256];
    int size = snprintf(request, sizeof request,
                        "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                        options.port);
    put(c, request, (size_t)size);
}

/* A masking key of zeros leaves the payload as it is, and a server unmasks it all the same. */
static size_t begin_frame(unsigned char *header, int opcode, size_t size)
{
    size_t length = 0;
    header[length++] = (unsigned char)opcode;
    if (size <= LONGEST_SHORT) {
        header[length++] = (unsigned char)(MASKED | size);
    } else {
        header[length++] = MASKED | (LONGEST_SHORT + 1);
        header[length++] = (unsigned char)(size >> 8);
        header[length++] = (unsigned char)size;
    }
    memset(header + length, 0, 4);
    return length + 4;
}

size_t frame(char *into, const char *payload, size_t size)
{
    size_t header = begin_frame((unsigned char *)into, TEXT, size);
    memcpy(into + header, payload, size);
    return header + size;
}

/* Servers ping when nothing else is under way, so the ping starts the read. */
void answer_ping_frame(struct connection *c, const char *bytes, size_t size)
{
    char answer[FRAME_HEADER + LONGEST_SHORT];
    if (size < 2 || (unsigned char)bytes[0] != PING || bytes[1] > LONGEST_SHORT || size < 2 + (size_t)bytes[1])
        return;
    size_t header = begin_frame((unsigned char *)answer, PONG, (size_t)bytes[1]);
    memcpy(answer + header, bytes + 2, (size_t)bytes[1]);
    put(c, answer, header + (size_t)bytes[1]);
}
