/* The load generator: joins many members to one chat server, runs one workload, prints one JSON object. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct options options = {
    .members = 100, .rooms = 1, .senders = 10, .window = 50, .rate = 50, .seconds = 3, .warmup = 0.5, .size = 60,
    .lines = 5000, .baseline = 1000, .joining = 32, .patience = 10, .workload = "burst",
};
struct connection *connections;
int joined;
struct line *lines;
uint32_t next_line, first_line = UINT32_MAX;
uint64_t deliveries, completed;
struct histogram *latencies;
void (*on_complete)(uint32_t id);

static const char *const dialects[] = {"chatroom", "irc", "ncat", "raw", "web", "web-raw"};

static enum dialect dialect_named(const char *name)
{
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
        if (strcmp(dialects[i], name) == 0)
            return (enum dialect)i;
    fail("no such dialect: %s", name);
}

static void set_option(const char *name, const char *value)
{
    const struct { const char *name; int *whole; double *real; } known[] = {
        {"--port", &options.port, NULL},         {"--pid", &options.pid, NULL},
        {"--members", &options.members, NULL},   {"--rooms", &options.rooms, NULL},
        {"--talking-rooms", &options.talking_rooms, NULL},
        {"--senders", &options.senders, NULL},   {"--window", &options.window, NULL},
        {"--rate", NULL, &options.rate},         {"--seconds", NULL, &options.seconds},
        {"--warmup", NULL, &options.warmup},     {"--size", &options.size, NULL},
        {"--stalled", &options.stalled, NULL},   {"--lines", &options.lines, NULL},
        {"--baseline", &options.baseline, NULL}, {"--joining", &options.joining, NULL},
        {"--quick-acks", &options.quick_acks, NULL},
        {"--patience", NULL, &options.patience},
    };
    if (strcmp(name, "--dialect") == 0) {
        options.dialect = dialect_named(value);
        return;
    }
    if (strcmp(name, "--pids") == 0) {
        for (const char *rest = value; *rest != '\0' && options.pid_count < MAX_PIDS; rest += *rest == ',') {
            char *end;
            options.pids[options.pid_count++] = (pid_t)strtol(rest, &end, 10);
            if (end == rest)
                fail("no process numbers: %s", value);
            rest = end;
        }
        return;
    }
    if (strcmp(name, "--workload") == 0) {
        options.workload = value;
        return;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].name, name) != 0)
            continue;
        if (known[i].whole != NULL)
            *known[i].whole = atoi(value);
        else
            *known[i].real = atof(value);
        return;
    }
    fail("no such option: %s", name);
}

static void check_options(void)
{
    if (options.talking_rooms == 0)
        options.talking_rooms = options.rooms;
    if (options.port <= 0 || options.members < 2 || options.rooms < 1 || options.senders < 1
        || options.members < 2 * options.rooms || options.talking_rooms > options.rooms
        || options.stalled + options.senders >= options.members || options.size < TAG_SIZE + 1
        || options.size > 400 || options.rate <= 0)
        fail("the options contradict each other");
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i += 2)
        set_option(argv[i], i + 1 < argc ? argv[i + 1] : "");
    check_options();
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);

    connections = calloc((size_t)options.members, sizeof *connections);
    lines = calloc(MAX_LINES, sizeof *lines);
    if (connections == NULL || lines == NULL)
        fail("out of memory");
    for (int i = 0; i < options.members; i++) {
        connections[i].number = i;
        connections[i].room = i % options.rooms;
        connections[i].observed_apart = i >= options.members - options.stalled;
    }
    open_network();

    uint64_t rss = server_rss(), begun = now_ns();
    struct sample alone = take_sample();
    join_everyone();
    if (strcmp(options.workload, "crowd") == 0)
        enter_as_crowd();
    double join_s = (double)(now_ns() - begun) / 1e9;
    settle();
    double settle_s = (double)(now_ns() - begun) / 1e9;
    struct sample inside = take_sample();
    double per_connection = ((double)server_rss() - (double)rss) / options.members;

    printf("{\"members\": %d, \"join_s\": %.4f, \"settle_s\": %.4f, \"rss_per_connection\": %.0f, ",
           options.members, join_s, settle_s, per_connection);
    for (int i = 0; i < options.pid_count; i++)
        printf("\"join_cpu_s_%d\": %.6f, ", i, (double)(inside.cpus[i] - alone.cpus[i]) / 1e9);
    if (strcmp(options.workload, "burst") == 0)
        run_burst();
    else if (strcmp(options.workload, "paced") == 0)
        run_paced();
    else if (strcmp(options.workload, "crowd") == 0)
        run_crowd();
    else
        run_slow();
    printf(", \"rss\": %lu}\n", (unsigned long)server_rss());
    return 0;
}
