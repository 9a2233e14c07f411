/* What the parts of the program know of each other: the threads, and the ops that they carry out. */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS 5
#define MESSAGE 32 /* bytes of one message of a userfaultfd */
#define MESSAGES 16 /* as many fit in one read */
#define REGIONS 64 /* as many fit in one PAGEMAP_SCAN */
#define MORE (REGIONS * 3)

struct thread;

struct op {
	const char *name;
	size_t least; /* how many numbers it takes, or the least of them */
	void (*run)(struct thread *);
};

struct thread {
	pthread_t handle;
	pid_t tid;
	int wchan, status; /* /proc/self/task/TID/... */
	int pipe[2];
	sem_t go;
	atomic_bool working;

	/* The step it works on, or worked on last. */
	const struct op *op;
	long step;
	uint64_t *arg;
	size_t args;
	long switches; /* how often it had gone to sleep when last seen asleep */

	/* How it ended. */
	int error, signal, code;
	uint64_t word[WORDS];
	uint64_t more[MORE]; /* of what there may be several */
	size_t n_more;

	sigjmp_buf touching;
	volatile sig_atomic_t may_fault;
};

/* steps.c */
extern int *slots; /* the descriptors */

/* threads.c */
extern struct thread *threads;
extern size_t n_threads;
extern __thread struct thread *self; /* NULL in the main thread, which only gives out steps */

void start_threads(void);
void settle(void);

/* ops.c */
const struct op *find_op(const char *name);
void catch_signals(void);

void answer(struct thread *t, bool failed);

/* inspect.c */
void do_inspect(struct thread *t);
void do_pagemap_scan(struct thread *t);
