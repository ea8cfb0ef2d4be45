/* What the parts of the load generator share: options, connections, lines in flight, measurements. */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A spoken line starts with its tag: a mark no peer uses in its own prefixes, and the line's number. */
#define TAG_MARK '|'
#define TAG_DIGITS 8
#define TAG_SIZE (1 + TAG_DIGITS)
#define MAX_LINES (1u << 23) /* the table is only touched as far as it is used */
#define CARRY 16 /* bytes kept of the last read, so that nothing searched for is missed at its edge */

#define MAX_PIDS 16

#define FRAME_HEADER 8 /* bytes before the payload of a frame of less than 64 KiB */

/* The last two are over WebSocket, and there a speaker hears their own lines, too. */
enum dialect { DIALECT_CHATROOM, DIALECT_IRC, DIALECT_NCAT, DIALECT_RAW, DIALECT_WEB, DIALECT_WEB_RAW };

struct options {
    enum dialect dialect;
    int port;
    pid_t pid;          /* the server, for its CPU time and memory */
    pid_t pids[MAX_PIDS]; /* processes whose CPU time is told apart */
    int pid_count;
    int members;        /* connections in total */
    int rooms;          /* members are dealt out to the rooms in turn */
    int talking_rooms;  /* lines are spoken in the first so many rooms only */
    int senders;        /* speakers in each talking room */
    int window;         /* burst: lines in flight in total */
    double rate;        /* paced and slow: lines a second in total */
    double seconds;     /* burst and paced: length of the measured span */
    double warmup;
    int size;           /* bytes of a spoken line, without its end */
    int stalled;        /* slow: members who stop reading */
    int lines;          /* slow: lines that pass meanwhile */
    int baseline;       /* slow: lines before that, with everyone reading */
    int joining;        /* handshakes under way at once */
    int quick_acks;     /* 1: acknowledge each read at once */
    double patience;    /* seconds without any progress after which a run is given up */
    const char *workload;
};

enum state { STATE_NEW, STATE_CONNECTING, STATE_HANDSHAKE, STATE_JOINED, STATE_CLOSED };

struct connection {
    int fd;
    int number;
    int room;
    uint8_t state;
    uint8_t step;         /* of the dialect's handshake */
    bool observed_apart;  /* one of those who stall: not in the latencies, not waited for */
    bool paused;
    bool writing;         /* EPOLLOUT is on */
    bool dirty;           /* has output that was not yet offered to the kernel */
    const char *awaited;  /* what the answer to its command ends with */
    uint8_t carried;
    char carry[CARRY];
    char *out;
    size_t out_size, out_room;
    uint64_t heard;       /* lines of the workload */
    uint64_t order;       /* a hash over their numbers, in the order in which they came */
};

struct line {
    uint64_t at;    /* when it was (or should have been) sent, ns */
    uint32_t left;  /* members who have yet to get it */
    uint32_t speaker;
};

/* Latencies in buckets of at most 1.6 % width. */
#define SUB_BITS 6
#define BUCKETS (64 << SUB_BITS)
struct histogram {
    uint64_t counts[BUCKETS];
    uint64_t total;
    uint64_t max;
};

struct sample {
    uint64_t at;          /* ns */
    uint64_t server_cpu;  /* ns */
    uint64_t cpus[MAX_PIDS]; /* ns, of options.pids */
    uint64_t mains[MAX_PIDS]; /* ns, of their main threads */
    uint64_t own_cpu;     /* ns */
    uint64_t deliveries;
    uint64_t completed;   /* lines that have reached everyone */
};

extern struct options options;
extern struct connection *connections;
extern int joined;
extern struct line *lines;
extern uint32_t next_line, first_line; /* first of the workload */
extern uint64_t deliveries, completed;
extern struct histogram *latencies; /* where deliveries are timed, or NULL */
extern void (*on_complete)(uint32_t id);

/* measure.c */
uint64_t now_ns(void);
uint64_t server_rss(void); /* bytes */
struct sample take_sample(void);
void note(struct histogram *histogram, uint64_t ns);
double percentile_ms(const struct histogram *histogram, double share);
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* net.c */
void open_network(void);
void start_connecting(struct connection *c);
void put(struct connection *c, const char *bytes, size_t size);
void put_now(struct connection *c, const char *bytes, size_t size);
void set_reading(struct connection *c, bool reading);
void drop(struct connection *c, const char *why);
void turn(int timeout_ms);     /* wait for the network once, and write what is due */
void wake_at(uint64_t at_ns);  /* let turn() return by then */

/* join.c */
void greet(struct connection *c);                                          /* connected: say who we are */
void advance(struct connection *c, const char *bytes, size_t size);        /* bytes during the handshake */
void answer_ping(struct connection *c, const char *bytes, size_t size);
uint32_t speak(int speaker, uint64_t at_ns);
void join_everyone(void);
void settle(void);
void ask(struct connection *c, const char *command, size_t size, const char *end); /* no member until the answer ends */

/* websocket.c */
bool over_websocket(void);
void upgrade(struct connection *c);
size_t frame(char *into, const char *payload, size_t size); /* as one text frame; returns its size */
void answer_ping_frame(struct connection *c, const char *bytes, size_t size);

/* work.c */
void run_burst(void);
void run_paced(void);
void run_slow(void);

/* crowd.c */
void enter_as_crowd(void);
void run_crowd(void);

#endif
