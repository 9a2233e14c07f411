/*
 * Carries out the steps of a scenario on the Linux it runs on, with plain system calls.
 *
 *     steps PARENT THREADS DESCRIPTORS < steps
 *
 * Every line of the input is a step: the number of its thread, the name of its op, and numbers. Addresses are chosen
 * by who writes the steps; descriptors have numbers of their own here ("slots"), so that one that could not be opened
 * is still a descriptor, and EBADF.
 *
 * Every thread of the scenario is a real one. A step is given to its thread, and answered once every thread has
 * finished its step or sleeps in the kernel until a userfault or an event is handled, or a message comes. The answers are
 * lines:
 *
 *     threads TID...                  once
 *     pages COUNT PAGEMAP FLAGS...    what `inspect` sees: so many pages, one after the other, like this
 *     file BLOCKS                     the same: 512-byte blocks allocated in a file
 *     done STEP ERRNO SIGNAL CODE WORD... MORE...
 *     blocked STEP
 *     busy STEP OTHER                 the thread of STEP is blocked in OTHER: the end
 *
 * This file reads the steps, gives them out and tells their results; ops.c has what each of them does, inspect.c
 * what `inspect` sees, and threads.c the threads that do it.
 */
#include "steps.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>

int *slots;

static void tell(const struct thread *t)
{
	printf("done %ld %d %d %d", t->step, t->error, t->signal, t->code);
	for (size_t i = 0; i < WORDS; i++)
		printf(" %" PRIu64, t->word[i]);
	for (size_t i = 0; i < t->n_more; i++)
		printf(" %" PRIu64, t->more[i]);
	printf("\n");
}

static void run_step(long step, struct thread *t, const struct op *op, uint64_t *arg, size_t args)
{
	bool was_blocked[n_threads + 1];

	if (t->working) {
		printf("busy %ld %ld\n", step, t->step);
		fflush(stdout);
		_exit(0);
	}
	for (size_t i = 0; i < n_threads; i++)
		was_blocked[i] = threads[i].working;
	free(t->arg);
	t->op = op;
	t->step = step;
	t->arg = arg;
	t->args = args;
	t->working = true;
	sem_post(&t->go);

	settle();

	if (t->working)
		printf("blocked %ld\n", step);
	else
		tell(t);
	for (size_t i = 0; i < n_threads; i++)
		if (was_blocked[i] && !threads[i].working)
			tell(&threads[i]);
	/* What is known, also if there is no end of the next step, or if it is the kernel's: a terminal is written to later. */
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
}

static void read_and_run(long step, char *line)
{
	struct thread *t = &threads[strtoul(strtok(line, " "), NULL, 10)];
	const struct op *op = find_op(strtok(NULL, " \n"));
	uint64_t *arg = NULL;
	size_t args = 0;

	for (char *word; (word = strtok(NULL, " \n"));) {
		arg = realloc(arg, (args + 1) * sizeof *arg);
		if (!arg)
			err(2, "no memory");
		arg[args++] = strtoull(word, NULL, 10);
	}
	if (args < op->least)
		errx(2, "step %ld: %s takes %zu numbers", step, op->name, op->least);
	run_step(step, t, op, arg, args);
}

/* As many as it may, of which every thread needs some. */
static void open_many_files(void)
{
	struct rlimit files;

	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static void be_alone(pid_t parent)
{
	/* Nothing is left running when the parent dies. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	/* Pages of 4 KiB stay so. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0, n_slots;

	if (argc != 4)
		errx(2, "usage: steps PARENT THREADS DESCRIPTORS < steps");
	be_alone(atoi(argv[1]));
	catch_signals();
	open_many_files();
	n_threads = strtoul(argv[2], NULL, 10);
	n_slots = strtoul(argv[3], NULL, 10);
	threads = calloc(n_threads, sizeof *threads);
	slots = calloc(n_slots, sizeof *slots);
	if ((n_threads && !threads) || (n_slots && !slots))
		err(2, "no memory");
	for (size_t i = 0; i < n_slots; i++)
		slots[i] = -1;

	start_threads();
	for (long step = 0; getline(&line, &size, stdin) > 0; step++)
		read_and_run(step, line);
	fflush(stdout);
	_exit(0); /* and whoever still waits with it */
}
