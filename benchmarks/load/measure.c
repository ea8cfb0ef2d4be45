/* Clocks, memory and latency histograms. */
#include "load.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static uint64_t read_clock(clockid_t clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t) != 0)
        return 0;
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t now_ns(void) { return read_clock(CLOCK_MONOTONIC); }

/* The CPU clock of another process counts all its threads, user and system time, in nanoseconds. */
static uint64_t cpu_of(pid_t pid)
{
    clockid_t clock;
    if (pid == 0 || clock_getcpuclockid(pid, &clock) != 0)
        return 0;
    return read_clock(clock);
}

/* Only the kernel's table has that of one thread of another process. */
static uint64_t main_thread_cpu_of(pid_t pid)
{
    char path[64];
    unsigned long ns = 0;
    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%lu", &ns) != 1)
        ns = 0;
    fclose(file);
    return ns;
}

uint64_t server_rss(void)
{
    char path[64];
    unsigned long pages = 0;
    if (options.pid == 0)
        return 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)options.pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*s %lu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

struct sample take_sample(void)
{
    struct sample sample = {
        .at = now_ns(),
        .server_cpu = cpu_of(options.pid),
        .own_cpu = read_clock(CLOCK_PROCESS_CPUTIME_ID),
        .deliveries = deliveries,
        .completed = completed,
    };
    for (int i = 0; i < options.pid_count; i++) {
        sample.cpus[i] = cpu_of(options.pids[i]);
        sample.mains[i] = main_thread_cpu_of(options.pids[i]);
    }
    return sample;
}

static unsigned bucket_of(uint64_t value)
{
    if (value < (1u << SUB_BITS))
        return (unsigned)value;
    unsigned shift = 63 - SUB_BITS - (unsigned)__builtin_clzll(value);
    return ((shift + 1) << SUB_BITS) + (unsigned)((value >> shift) & ((1u << SUB_BITS) - 1));
}

static uint64_t middle_of(unsigned bucket)
{
    if (bucket < (1u << SUB_BITS))
        return bucket;
    unsigned shift = (bucket >> SUB_BITS) - 1;
    uint64_t low = ((uint64_t)(bucket & ((1u << SUB_BITS) - 1)) | (1u << SUB_BITS)) << shift;
    return low + ((1ull << shift) >> 1);
}

void note(struct histogram *histogram, uint64_t ns)
{
    histogram->counts[bucket_of(ns)]++;
    histogram->total++;
    if (ns > histogram->max)
        histogram->max = ns;
}

double percentile_ms(const struct histogram *histogram, double share)
{
    uint64_t seen = 0, wanted = (uint64_t)((double)histogram->total * share);
    for (unsigned i = 0; i < BUCKETS; i++) {
        seen += histogram->counts[i];
        if (seen > wanted)
            return (double)middle_of(i) / 1e6;
    }
    return (double)histogram->max / 1e6;
}

/* A run that cannot go on still prints one JSON object: why. */
void fail(const char *format, ...)
{
    va_list arguments;
    printf("{\"error\": \"");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\"}\n");
    fflush(stdout);
    exit(1);
}
