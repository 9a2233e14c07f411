/* The program's own things, and its threads. */

//: main ? mapping
/* Every mapping has a place of its own, far from the others. */
//# places

//: mappings
#include <stdbool.h> //? changes
#include <stdint.h>

static struct mapping { //? changes
static const struct mapping { //? no-changes
	const char *name;
	uint8_t *start;
	long pages, page_size;
	int step; /* which makes it */ //? late
	bool gone; /* unmapped or moved away, all of it */ //? forget
	bool over, made; /* it is to take the place of another; it has done so */ //? over
} mappings[] = {
//# mappings
	{ .name = NULL }
};

//: main ? shared
//# descriptors

//: step
static int step; /* the one that main has come to */

//: threads
#include <pthread.h>
#include <setjmp.h> //? signal
#include <stdbool.h>
#include <stdint.h> //? address

/* A step that may have to wait is taken by its thread, all others by main. */
//# thread_numbers
static struct thread {
	const char *name;
	void (*work)(struct thread *); //? work
	volatile uint8_t *address; //? address
	int byte; //? store
	bool failed; //? changes
	char answer[64]; //? no-reads
	char answer[4096]; /* as long as sixteen messages may be */ //? reads
	int step; /* which it takes, or took last */
	bool waits; /* it was seen to wait */
	bool completed; /* and then to have finished, which is not told yet */ //? reads
	pthread_t id;
	_Atomic int wchan; /* a file that tells where in the kernel it sleeps */
	_Atomic int tid; //? THREAD_ID
	sigjmp_buf back; /* to where it leaves a touch that ends in a signal */ //? signal
} threads[] = {
//# threads
	{ .name = NULL }
};
static _Thread_local struct thread *self; //? signal
