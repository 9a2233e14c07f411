/*
 * A small machine that moves: a source and a destination, two processes on one Linux, joined by sockets. Memory,
 * faults, threads and copies are real; only the link between them is made up, see link.c.
 */
#ifndef MOVE_H
#define MOVE_H

#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GRANULE 4096UL
#define MAX_CPUS 64

enum way { STOP, PRE, POST, BOTH };

/* What was asked for on the command line; times in nanoseconds, those of the guest in picoseconds. */
struct options {
	uint64_t memory, page, cpus, hot_interval, cold_interval, hot_granules, skew, writes, phase, seed;
	uint64_t bandwidth, rtt, own_channel, buffer, interrupt;
	uint64_t way, minor, handlers, batch, rounds, downtime, early, before;
};
extern struct options o;

static inline uint64_t pages(void)
{
	return o.memory / o.page;
}

/* guest.c: vCPUs that compute something whose result is known beforehand. */
struct cpu {
	uint64_t next[2]; /* the next touch of each of its streams */
	uint64_t sum;     /* what it has computed */
	int64_t ran;      /* for how long it has run, in nanoseconds */
};
struct fault {
	int64_t begin, lasted;
	uint64_t page;
};
extern struct cpu cpus[MAX_CPUS];
void guest_fill(char *memory);
void guest_start(char *memory, uint8_t *dirty, uint8_t *placed);
void guest_stop(void);
bool guest_as_if_never_moved(const char *memory);
void guest_tell(const uint8_t *mapped_only);

/* link.c: messages, each with the time at which it is delivered. */
enum kind { BEGIN, PIECE, REQUEST, CLEAN, MAP, STATE, LAST };
struct message {
	uint32_t kind, length;
	uint64_t page, offset;
	int64_t deliver;
};
int64_t now(void);
void sleep_until(int64_t time);
int64_t link_room(void);
void link_push(int fd, struct message m, const void *content);
void link_ask(int fd, struct message m, const void *content);
void link_send(int fd, struct message m, const void *content, int64_t deliver);
bool link_receive(int fd, struct message *m);
void link_read(int fd, void *to, size_t length);
int64_t wire(uint64_t bytes);
int64_t half(void);

/* The two of them; `start` is the time at which the migration began. */
extern int64_t start;
void source(int push, int urgent);
void destination(int push, int urgent);

#endif
