/* The workloads: a closed loop, an open loop, and an open loop past members who do not read. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int *speakers;
static int speaker_count, turn_to_speak;
static bool going_on;

static uint64_t ns(double seconds) { return (uint64_t)(seconds * 1e9); }

static void choose_speakers(void)
{
    speakers = calloc((size_t)options.members, sizeof *speakers);
    for (int i = 0; i < options.members; i++)
        if (connections[i].room < options.talking_rooms && i / options.rooms < options.senders)
            speakers[speaker_count++] = i;
    first_line = next_line;
}

static int next_speaker(void)
{
    int speaker = speakers[turn_to_speak];
    turn_to_speak = (turn_to_speak + 1) % speaker_count;
    return speaker;
}

/* Everyone who did not speak must have heard the same lines in the same order, room by room. */
static bool one_order(void)
{
    for (int room = 0; room < options.talking_rooms; room++) {
        const struct connection *reference = NULL;
        for (int i = room; i < options.members; i += options.rooms) {
            const struct connection *c = &connections[i];
            if (i / options.rooms < options.senders || c->observed_apart)
                continue;
            if (reference == NULL)
                reference = c;
            else if (c->heard != reference->heard || c->order != reference->order)
                return false;
        }
    }
    return true;
}

static uint64_t unfinished(void)
{
    uint64_t count = 0;
    for (uint32_t id = first_line; id < next_line; id++)
        count += lines[id].left > 0;
    return count;
}

/* Let what is under way arrive; give up when nothing has come for as long as our patience lasts. */
static void drain(void)
{
    uint64_t before = deliveries, progress = now_ns();
    going_on = false;
    while (unfinished() > 0 && now_ns() - progress < ns(options.patience)) {
        turn(20);
        if (deliveries != before) {
            before = deliveries;
            progress = now_ns();
        }
    }
}

static void report_span(struct sample from, struct sample to)
{
    double seconds = (double)(to.at - from.at) / 1e9;
    double count = (double)(to.deliveries - from.deliveries);
    printf("\"seconds\": %.4f, \"deliveries\": %.0f, \"deliveries_per_s\": %.1f, ", seconds, count, count / seconds);
    printf("\"lines_per_s\": %.1f, ", (double)(to.completed - from.completed) / seconds);
    printf("\"cpu_us_per_delivery\": %.4f, ",
           count > 0 ? (double)(to.server_cpu - from.server_cpu) / 1e3 / count : 0.0);
    printf("\"server_busy\": %.4f, ", (double)(to.server_cpu - from.server_cpu) / 1e9 / seconds);
    printf("\"generator_busy\": %.4f, ", (double)(to.own_cpu - from.own_cpu) / 1e9 / seconds);
    for (int i = 0; i < options.pid_count; i++)
        printf("\"cpu_s_%d\": %.6f, \"main_s_%d\": %.6f, ", i, (double)(to.cpus[i] - from.cpus[i]) / 1e9, i,
               (double)(to.mains[i] - from.mains[i]) / 1e9);
}

static void report_latency(const char *prefix, const struct histogram *histogram)
{
    printf("\"%sp50_ms\": %.4f, \"%sp99_ms\": %.4f, \"%smax_ms\": %.4f, ", prefix, percentile_ms(histogram, 0.5),
           prefix, percentile_ms(histogram, 0.99), prefix, (double)histogram->max / 1e6);
}

static void speak_again(uint32_t id)
{
    if (going_on && id >= first_line)
        speak((int)lines[id].speaker, now_ns());
}

static void turn_until(uint64_t end)
{
    uint64_t before = deliveries, progress = now_ns();
    for (uint64_t now = progress; now < end; now = now_ns()) {
        turn(20);
        if (deliveries != before) {
            before = deliveries;
            progress = now;
        } else if (now > progress + ns(options.patience)) {
            fail("nothing delivered for %.0f s", options.patience);
        }
    }
}

void run_burst(void)
{
    choose_speakers();
    going_on = true;
    on_complete = speak_again;
    for (int i = 0; i < options.window; i++)
        speak(next_speaker(), now_ns());
    turn_until(now_ns() + ns(options.warmup));
    struct sample from = take_sample();
    turn_until(now_ns() + ns(options.seconds));
    struct sample to = take_sample();
    drain();
    report_span(from, to);
    printf("\"undelivered_lines\": %lu, \"one_order\": %s", (unsigned long)unfinished(),
           one_order() ? "true" : "false");
}

/* Speak *count* lines at the fixed rate, never waiting for the answers; each is timed from when it was due. */
static void pace(uint64_t count, void (*each_turn)(void))
{
    uint64_t interval = ns(1.0 / options.rate), due = now_ns() + interval;
    while (count > 0) {
        wake_at(due);
        turn(100);
        for (uint64_t now = now_ns(); count > 0 && now >= due; due += interval, count--)
            speak(next_speaker(), due);
        if (each_turn != NULL)
            each_turn();
    }
}

void run_paced(void)
{
    struct histogram *histogram = calloc(1, sizeof *histogram);
    choose_speakers();
    pace((uint64_t)(options.warmup * options.rate), NULL);
    drain();
    first_line = next_line;
    for (int i = 0; i < options.members; i++)
        connections[i].heard = connections[i].order = 0;
    latencies = histogram;
    struct sample from = take_sample();
    pace((uint64_t)(options.seconds * options.rate), NULL);
    struct sample to = take_sample();
    drain();
    report_span(from, to);
    report_latency("", histogram);
    printf("\"undelivered_lines\": %lu, \"one_order\": %s", (unsigned long)unfinished(),
           one_order() ? "true" : "false");
}

static uint64_t highest_rss, next_look;

static void look_at_memory(void)
{
    uint64_t now = now_ns();
    if (now < next_look)
        return;
    next_look = now + 50000000u;
    uint64_t rss = server_rss();
    if (rss > highest_rss)
        highest_rss = rss;
}

/* Let the stalled members read again until each has everything, is gone, or nothing more comes. */
static double catch_up(uint64_t wanted)
{
    uint64_t begun = now_ns(), progress = begun, before = deliveries, now = begun;
    for (int i = 0; i < options.members; i++)
        set_reading(&connections[i], true);
    for (bool waiting = true; waiting && now - progress < ns(options.patience); now = now_ns()) {
        turn(20);
        look_at_memory();
        if (deliveries != before) {
            before = deliveries;
            progress = now;
        }
        waiting = false;
        for (int i = 0; i < options.members && !waiting; i++)
            waiting = connections[i].observed_apart && connections[i].state != STATE_CLOSED
                      && connections[i].heard < wanted;
    }
    return (double)(progress - begun) / 1e9;
}

static void report_stalled(uint64_t wanted)
{
    int complete = 0, in_order = 0, disconnected = 0;
    uint64_t fewest = wanted;
    const struct connection *reference = &connections[options.senders];
    for (int i = 0; i < options.members; i++) {
        const struct connection *c = &connections[i];
        if (!c->observed_apart)
            continue;
        disconnected += c->state == STATE_CLOSED;
        complete += c->heard == wanted;
        in_order += c->heard == wanted && reference->heard == wanted && c->order == reference->order;
        fewest = c->heard < fewest ? c->heard : fewest;
    }
    printf("\"stalled\": %d, \"stalled_complete\": %d, \"stalled_in_order\": %d, \"stalled_disconnected\": %d, ",
           options.stalled, complete, in_order, disconnected);
    printf("\"stalled_fewest_lines\": %lu, ", (unsigned long)fewest);
}

void run_slow(void)
{
    struct histogram *without = calloc(1, sizeof *without), *with = calloc(1, sizeof *with);
    choose_speakers();
    pace((uint64_t)(options.warmup * options.rate), NULL);
    drain();
    first_line = next_line;
    latencies = without;
    pace((uint64_t)options.baseline, NULL);
    drain();
    first_line = next_line;
    for (int i = 0; i < options.members; i++) {
        connections[i].heard = connections[i].order = 0;
        set_reading(&connections[i], !connections[i].observed_apart);
    }
    latencies = with;
    uint64_t rss = highest_rss = server_rss();
    struct sample from = take_sample();
    pace((uint64_t)options.lines, look_at_memory);
    struct sample to = take_sample();
    drain();
    look_at_memory();
    uint64_t undelivered = unfinished(), growth = highest_rss - rss;
    latencies = NULL;
    double seconds = catch_up((uint64_t)options.lines);
    report_span(from, to);
    report_latency("without_", without);
    report_latency("", with);
    report_stalled((uint64_t)options.lines);
    printf("\"catch_up_s\": %.3f, \"rss_growth\": %lu, \"rss_growth_with_catch_up\": %lu, \"undelivered_lines\": %lu, "
           "\"one_order\": %s",
           seconds, (unsigned long)growth, (unsigned long)(highest_rss - rss), (unsigned long)undelivered,
           one_order() ? "true" : "false");
}
