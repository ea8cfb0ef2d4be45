/* A crowd: what it costs a server to let everyone into one room, to list them, and to list many rooms. */
#include "load.h"

#include <stdio.h>

#define ROOMS_EACH 2
#define AT_ONCE 32 /* JOINs under way */

static double join_s, join_cpu_s;

static double seconds(uint64_t from, uint64_t to) { return (double)(to - from) / 1e9; }

/* Each member sends a command and awaits the end of its answer, at most *at_once* of them at a time. */
static void each_asks(const char *format, const char *end, int at_once)
{
    char text[64];
    int asked = 0, before = joined = 0;
    uint64_t progress = now_ns();
    while (joined < options.members) {
        for (; asked < options.members && asked - joined < at_once; asked++) {
            int length = snprintf(text, sizeof text, format, asked, asked);
            ask(&connections[asked], text, (size_t)length, end);
        }
        turn(20);
        if (joined != before) {
            before = joined;
            progress = now_ns();
        } else if (seconds(progress, now_ns()) > options.patience) {
            fail("only %d of %d members were answered: %s", joined, options.members, format);
        }
    }
}

/* One member asks for a list, some times over; prints the figures for one list. */
static void measure_list(const char *name, const char *command, size_t size, const char *end, int times)
{
    int before = joined;
    struct sample from = take_sample();
    for (int i = 0; i < times; i++) {
        ask(&connections[0], command, size, end);
        for (joined = before - 1; joined < before;) {
            turn(20);
            if (seconds(from.at, now_ns()) > options.patience * times)
                fail("no end of the answer to %s", name);
        }
    }
    struct sample to = take_sample();
    printf("\"%s_ms\": %.4f, \"%s_cpu_ms\": %.4f, ", name, seconds(from.at, to.at) * 1e3 / times, name,
           seconds(from.server_cpu, to.server_cpu) * 1e3 / times);
}

/* Everyone is connected, and in no room. */
void enter_as_crowd(void)
{
    struct sample from = take_sample();
    each_asks("JOIN #r0\r\n", " 366 ", AT_ONCE);
    settle();
    struct sample to = take_sample();
    join_s = seconds(from.at, to.at);
    join_cpu_s = seconds(from.server_cpu, to.server_cpu);
}

void run_crowd(void)
{
    printf("\"crowd_join_s\": %.4f, \"crowd_join_cpu_s\": %.4f, ", join_s, join_cpu_s);
    measure_list("who", "WHO #r0\r\n", 9, " 315 ", 5);
    measure_list("names", "NAMES #r0\r\n", 11, " 366 ", 20);
    for (int i = 0; i < ROOMS_EACH; i++)
        each_asks(i == 0 ? "JOIN #first%d\r\n" : "JOIN #second%d\r\n", " 366 ", AT_ONCE);
    measure_list("list", "LIST\r\n", 6, " 323 ", 5);
    printf("\"listed_rooms\": %d", 1 + ROOMS_EACH * options.members);
}
