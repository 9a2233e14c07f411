/* Steps that threads take, as they may have to wait. */

//: catch_signals
#include <signal.h>

/* A touch that ends in a signal is over, and its thread goes on. */
static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)context;
	snprintf(self->answer, sizeof self->answer, "\"signal\": \"%s\", \"code\": %d",
		 number == SIGBUS ? "SIGBUS" : "SIGSEGV", info->si_code);
	siglongjmp(self->back, 1);
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

//: run
static void *begin(void *thread)
{
	struct thread *t = thread;

	t->tid = gettid();
	self = t; //? touch
	if (!sigsetjmp(t->back, 1)) //? touch
		t->work(t); //? touch
	t->work(t); //? no-touch
	t->busy = false;
	return NULL;
}

/* Let a thread take this step, and tell whether it got through. */
static void run(int thread, void (*work)(struct thread *))
{
	struct thread *t = &threads[thread];
	pthread_t id;

	if (t->busy)
		errx(1, "step %d: %s is blocked in step %d", step, t->name, t->step);
	t->work = work;
	t->step = step;
	t->tid = 0;
	t->busy = true;
	if (pthread_create(&id, NULL, begin, t))
		errx(1, "step %d: no thread", step);
	pthread_detach(id);

	settle();
	t->waits = t->busy;
	printf("{\"step\": %d, \"status\": ", step);
	if (t->waits)
		printf("\"blocked\"");
	else
		printf("\"done\", %s", t->answer);
	end();
}

//: load
static void read_byte(struct thread *t)
{
	snprintf(t->answer, sizeof t->answer, "\"value\": %d", *(volatile uint8_t *)t->address);
}

static void load(int thread, uint8_t *address)
{
	threads[thread].address = address;
	run(thread, read_byte);
}

//: store
static void write_byte(struct thread *t)
{
	*(volatile uint8_t *)t->address = t->byte;
	snprintf(t->answer, sizeof t->answer, "\"value\": %d", t->byte);
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
	if (write(ends[1], t->address, 1) == 1 && read(ends[0], &byte, 1) == 1)
		snprintf(t->answer, sizeof t->answer, "\"errno\": null, \"value\": %d", byte);
	else
		snprintf(t->answer, sizeof t->answer, "\"errno\": \"%s\"", strerrorname_np(errno));
	close(ends[0]);
	close(ends[1]);
}

/* Let the kernel read a byte. */
static void kload(int thread, uint8_t *address)
{
	threads[thread].address = address;
	run(thread, write_to_pipe);
}

//: call
#include <errno.h>

static void call_function(struct thread *t)
{
	t->failed = t->function() < 0;
	if (t->failed)
		snprintf(t->answer, sizeof t->answer, "\"errno\": \"%s\"", strerrorname_np(errno));
	else
		snprintf(t->answer, sizeof t->answer, "\"errno\": null");
}

/* Let a thread make a system call. False if that has failed. */
static bool call(int thread, long (*function)(void))
{
	threads[thread].function = function;
	threads[thread].failed = false;
	run(thread, call_function);
	return !threads[thread].failed;
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
