/* The program's own things, and its threads. */

//: main ? mapping
/* Every mapping has a place of its own, far from the others. */
//# places

//: mappings n_mappings
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static struct mapping {
	int step; /* which makes it */
	const char *name;
	uint8_t *start;
	long pages, page_size;
	bool gone; /* unmapped or moved away, all of it */ //? forget
} mappings[] = {
//# mappings
};
static const size_t n_mappings = sizeof mappings / sizeof mappings[0];

//: files n_files
#include <stddef.h>

//# descriptors
static const struct file {
	int step; /* which makes it */
	const char *name;
	const int *fd;
	long page_size;
} files[] = {
//# files
};
static const size_t n_files = sizeof files / sizeof files[0];

//: step
static int step; /* the one that main has come to */

//: threads n_threads
#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h> //? touch
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h> //? address
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A step that may have to wait is taken by its thread, all others by main. */
//# thread_numbers
static struct thread {
	const char *name;
	void (*work)(struct thread *);
	uint8_t *address; //? address
	int byte; //? store
	long (*function)(void); //? call
	bool failed; //? call
	sigjmp_buf back; //? touch
	char answer[64];
	int step; /* which it takes, or took last */
	bool waits; /* it was seen to wait */
	atomic_bool busy;
	atomic_int tid;
} threads[] = {
//# threads
};
static const size_t n_threads = sizeof threads / sizeof threads[0];
static _Thread_local struct thread *self; //? touch
