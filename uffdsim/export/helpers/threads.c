/* Steps that threads take, as they may have to wait. */

//: catch_signals
#include <signal.h>

/* A touch that ends in a signal is over, and its thread goes on. */
static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)context;
	snprintf(self->answer, sizeof self->answer, ", \"signal\": \"%s\", \"code\": %d",
		 number == SIGBUS ? "SIGBUS" : "SIGSEGV", info->si_code);
	siglongjmp(self->back, 1);
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

//: run load ? threads
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static void *begin(void *thread)
{
	struct thread *t = thread;

	t->tid = gettid(); //? THREAD_ID
	t->wchan = open("/proc/thread-self/wchan", O_RDONLY);
	self = t; //? signal
	if (!sigsetjmp(t->back, 1)) //? signal
		t->work(t); //? signal
	t->work(t); //? work no-signal
	snprintf(t->answer, sizeof t->answer, ", \"value\": %d", *t->address); //? no-work
	close(t->wchan);
	return NULL;
}

/* Let a thread take this step, and tell whether it got through. */ //? work
static void run(int thread, void (*work)(struct thread *)) //? work
/* Let a thread read a byte, and tell whether it got through. */ //? no-work
static void load(int thread, uint8_t *address) //? no-work
{
	struct thread *t = &threads[thread];

	t->work = work; //? work
	t->address = address; //? no-work
	t->failed = false; //? changes
	t->step = step;
	t->wchan = -1;
	if (t->waits || pthread_create(&t->id, NULL, begin, t))
		errx(1, "%s cannot take step %d", t->name, step);
	t->waits = waits(t); //? no-reads
	t->waits = true; //? reads
	settle(); //? reads
	t->completed = false; //? reads
	printf("{\"step\": %d, \"status\": \"%s\"%s", step, t->waits ? "blocked" : "done",
	       t->waits ? "" : t->answer);
	end();
}

//: load ? work
static void read_byte(struct thread *t)
{
	snprintf(t->answer, sizeof t->answer, ", \"value\": %d", *t->address);
}

static void load(int thread, uint8_t *address)
{
	threads[thread].address = address;
	run(thread, read_byte);
}

//: store
static void write_byte(struct thread *t)
{
	*t->address = t->byte;
	snprintf(t->answer, sizeof t->answer, ", \"value\": %d", t->byte);
}

static void store(int thread, uint8_t *address, int byte)
{
	threads[thread].address = address;
	threads[thread].byte = byte;
	run(thread, write_byte);
}

//: kload
#include <errno.h>

static void write_to_pipe(struct thread *t)
{
	uint8_t byte = 0;
	int ends[2];

	if (pipe(ends))
		err(1, "pipe");
	if (write(ends[1], (void *)t->address, 1) == 1 && read(ends[0], &byte, 1) == 1)
		snprintf(t->answer, sizeof t->answer, ", \"errno\": null, \"value\": %d", byte);
	else
		snprintf(t->answer, sizeof t->answer, ", \"errno\": \"%s\"", strerrorname_np(errno));
	close(ends[0]);
	close(ends[1]);
}

/* Let the kernel read a byte. */
static void kload(int thread, uint8_t *address)
{
	threads[thread].address = address;
	run(thread, write_to_pipe);
}

//: kstore
#include <errno.h>
#include <string.h>
#include <unistd.h>

static void read_from_pipe(struct thread *t)
{
	int ends[2];
	uint8_t byte = t->byte;

	if (pipe(ends) == 0 && write(ends[1], &byte, 1) == 1 && read(ends[0], (void *)t->address, 1) == 1)
		snprintf(t->answer, sizeof t->answer, ", \"errno\": null, \"value\": %d", byte);
	else
		snprintf(t->answer, sizeof t->answer, ", \"errno\": \"%s\"", strerrorname_np(errno));
	close(ends[0]);
	close(ends[1]);
}

/* Let the kernel write a byte. */
static void kstore(int thread, uint8_t *address, int byte)
{
	threads[thread].address = address;
	threads[thread].byte = byte;
	run(thread, read_from_pipe);
}

//: returned
#include <errno.h>

/* A thread's system call is over; below 0, it failed. */
static void returned(struct thread *t, long result)
{
	t->failed = result < 0; //? changes
	if (result < 0)
		snprintf(t->answer, sizeof t->answer, ", \"errno\": \"%s\"", strerrorname_np(errno));
	else
		snprintf(t->answer, sizeof t->answer, ", \"errno\": null");
}

//: fork_and_wait
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child ends at once. fork() itself would keep locks of stdio while it waits, and main could not go on. */
static long fork_and_wait(void)
{
	pid_t child = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0);

	if (child == 0)
		_exit(0);
	return child < 0 ? child : waitpid(child, NULL, 0);
}
