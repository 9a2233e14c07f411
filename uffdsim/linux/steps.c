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
 * finished its step or sleeps in the kernel until a userfault or an event is handled. The answers are lines:
 *
 *     threads TID...                  once
 *     pages COUNT PAGEMAP FLAGS...    what `inspect` sees: so many pages, one after the other, like this
 *     file BLOCKS                     the same: 512-byte blocks allocated in a file
 *     done STEP ERRNO SIGNAL CODE WORD...
 *     blocked STEP
 *     busy STEP OTHER                 the thread of STEP is blocked in OTHER: the end
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define WORDS 5

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

	/* What came of it. */
	int error, signal, code;
	uint64_t word[WORDS];

	sigjmp_buf touching;
	volatile sig_atomic_t may_fault;
};

static struct thread *threads;
static size_t n_threads;
static int *slots;
static __thread struct thread *self;

static void *address(uint64_t number)
{
	return (void *)(uintptr_t)number;
}

static void answer(struct thread *t, bool failed)
{
	t->error = failed ? errno : 0;
}

/* Memory. */

static void do_file(struct thread *t) /* SLOT FLAGS BYTES */
{
	int fd = memfd_create("uffdsim", MFD_CLOEXEC | t->arg[1]);

	answer(t, fd < 0 || ftruncate(fd, t->arg[2]));
	if (t->error && fd >= 0) {
		close(fd);
		fd = -1;
	}
	slots[t->arg[0]] = fd;
}

static void do_mmap(struct thread *t) /* ADDRESS BYTES PROT FLAGS, SLOT OFFSET for a file */
{
	bool file = t->args > 4;
	int flags = t->arg[3] | MAP_FIXED_NOREPLACE | (file ? 0 : MAP_ANONYMOUS);

	answer(t, mmap(address(t->arg[0]), t->arg[1], t->arg[2], flags,
		       file ? slots[t->arg[4]] : -1, file ? t->arg[5] : 0) == MAP_FAILED);
}

static void do_munmap(struct thread *t) /* ADDRESS BYTES */
{
	answer(t, munmap(address(t->arg[0]), t->arg[1]));
}

static void do_mremap(struct thread *t) /* ADDRESS BYTES TO */
{
	answer(t, mremap(address(t->arg[0]), t->arg[1], t->arg[1], MREMAP_MAYMOVE | MREMAP_FIXED,
			 address(t->arg[2])) == MAP_FAILED);
}

static void do_mprotect(struct thread *t) /* ADDRESS BYTES PROT */
{
	answer(t, mprotect(address(t->arg[0]), t->arg[1], t->arg[2]));
}

static void do_mlock(struct thread *t) /* ADDRESS BYTES */
{
	answer(t, mlock(address(t->arg[0]), t->arg[1]));
}

static void do_munlock(struct thread *t) /* ADDRESS BYTES */
{
	answer(t, munlock(address(t->arg[0]), t->arg[1]));
}

static void do_madvise(struct thread *t) /* ADDRESS BYTES ADVICE */
{
	answer(t, madvise(address(t->arg[0]), t->arg[1], t->arg[2]));
}

static void do_punch(struct thread *t) /* SLOT OFFSET BYTES */
{
	answer(t, fallocate(slots[t->arg[0]], FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, t->arg[1], t->arg[2]));
}

/* A touch that ends in a signal comes back to where it began. */
static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (!self || !self->may_fault)
		errx(2, "an unexpected signal %d", number);
	self->signal = number;
	self->code = info->si_code;
	siglongjmp(self->touching, 1);
}

static void do_load(struct thread *t) /* ADDRESS */
{
	t->may_fault = true;
	if (!sigsetjmp(t->touching, 0))
		t->word[0] = *(volatile uint8_t *)address(t->arg[0]);
	t->may_fault = false;
}

static void do_store(struct thread *t) /* ADDRESS VALUE */
{
	t->may_fault = true;
	if (!sigsetjmp(t->touching, 0)) {
		*(volatile uint8_t *)address(t->arg[0]) = t->arg[1];
		t->word[0] = t->arg[1];
	}
	t->may_fault = false;
}

static void do_kload(struct thread *t) /* ADDRESS: the kernel reads it, to put it into a pipe */
{
	uint8_t byte;

	answer(t, write(t->pipe[1], address(t->arg[0]), 1) != 1);
	if (!t->error && read(t->pipe[0], &byte, 1) == 1)
		t->word[0] = byte;
}

/* The child must not touch its memory, not even its stack: the next instructions end it. */
static long fork_a_child_that_ends(void)
{
	long pid = SYS_fork;

	__asm__ volatile("syscall\n"
			 "	test %%rax, %%rax\n"
			 "	jnz 1f\n"
			 "	mov %1, %%eax\n"
			 "	xor %%edi, %%edi\n"
			 "	syscall\n"
			 "1:"
			 : "+a"(pid)
			 : "i"(SYS_exit_group)
			 : "rcx", "r11", "rdi", "memory");
	return pid;
}

static void do_fork(struct thread *t)
{
	long pid = fork_a_child_that_ends();

	if (pid < 0)
		t->error = -pid;
	else
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
}

/* Userfaultfd. */

static void do_userfaultfd(struct thread *t) /* SLOT FLAGS */
{
	int fd = syscall(SYS_userfaultfd, t->arg[1] | O_CLOEXEC | O_NONBLOCK);

	answer(t, fd < 0);
	slots[t->arg[0]] = fd;
}

static void do_ioctl(struct thread *t) /* SLOT REQUEST WORD...: the argument is made of 64-bit words, and so is the answer */
{
	memcpy(t->word, &t->arg[2], (t->args - 2) * sizeof t->word[0]);
	answer(t, ioctl(slots[t->arg[0]], t->arg[1], t->word) < 0);
}

static void do_copy(struct thread *t) /* SLOT REQUEST TO FROM BYTES MODE 0, SIZE VALUE: how much to fill at FROM, and with what */
{
	void *from = address(t->arg[3]);
	uint64_t size = t->arg[7];

	if (size && mmap(from, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != from)
		err(2, "no memory to copy from");
	memset(from, t->arg[8], size);
	t->args = 7;
	do_ioctl(t);
	if (size)
		munmap(from, size);
}

static void do_read_event(struct thread *t) /* SLOT CHILD: the slot that a FORK event's descriptor gets */
{
	answer(t, read(slots[t->arg[0]], t->word, 32) != 32);
	if (!t->error && (t->word[0] & 0xff) == 0x13)
		slots[t->arg[1]] = (uint32_t)t->word[1];
}

static void do_close(struct thread *t) /* SLOT */
{
	answer(t, close(slots[t->arg[0]]));
	slots[t->arg[0]] = -1;
}

/* What /proc says of the mappings. */

struct vma {
	uint64_t start, end;
	char flags[16];
};

static struct vma *read_smaps(size_t *count)
{
	static const char *const shown[] = { "lo", "um", "uw", "ui" };
	FILE *smaps = fopen("/proc/self/smaps", "re");
	struct vma *vmas = NULL;
	char *line = NULL;
	size_t size = 0;

	if (!smaps)
		err(2, "/proc/self/smaps");
	*count = 0;
	while (getline(&line, &size, smaps) > 0) {
		struct vma vma = { 0 };

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " ", &vma.start, &vma.end) == 2) {
			vmas = realloc(vmas, (*count + 1) * sizeof vma);
			if (!vmas)
				err(2, "no memory");
			vmas[(*count)++] = vma;
		} else if (!strncmp(line, "VmFlags:", 8)) {
			char *flags = vmas[*count - 1].flags;

			for (char *word = strtok(line + 8, " \n"); word; word = strtok(NULL, " \n"))
				for (size_t i = 0; i < 4; i++)
					if (!strcmp(word, shown[i]))
						strcat(strcat(flags, *flags ? " " : ""), word);
		}
	}
	free(line);
	fclose(smaps);
	return vmas;
}

static const char *flags_at(const struct vma *vmas, size_t count, uint64_t place)
{
	for (size_t i = 0; i < count; i++)
		if (vmas[i].start <= place && place < vmas[i].end)
			return vmas[i].flags;
	return "unmapped";
}

static uint64_t pagemap_at(int pagemap, uint64_t place)
{
	const uint64_t shown = 1ull << 63 | 1ull << 62 | 1ull << 61 | 1ull << 57 | 1ull << 56;
	uint64_t entry;

	if (pread(pagemap, &entry, sizeof entry, place / 4096 * sizeof entry) != sizeof entry)
		entry = 0;
	return entry & shown;
}

static void do_inspect(struct thread *t) /* FILES SLOT... (ADDRESS PAGES PAGE-SIZE)... */
{
	size_t count, files = t->arg[0];
	struct vma *vmas = read_smaps(&count);
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	for (size_t i = 1; i <= files; i++) {
		struct stat st = { 0 };

		fstat(slots[t->arg[i]], &st);
		printf("file %" PRIu64 "\n", (uint64_t)st.st_blocks);
	}
	for (size_t i = files + 1; i < t->args; i += 3) {
		uint64_t place = t->arg[i], pages = t->arg[i + 1], alike = 1;

		for (uint64_t page = 0; page < pages; page += alike) {
			uint64_t entry = pagemap_at(pagemap, place);
			const char *flags = flags_at(vmas, count, place);

			for (alike = 0; page + alike < pages; alike++, place += t->arg[i + 2])
				if (pagemap_at(pagemap, place) != entry || flags_at(vmas, count, place) != flags)
					break;
			printf("pages %" PRIu64 " %" PRIu64 " %s\n", alike, entry, flags);
		}
	}
	close(pagemap);
	free(vmas);
}

static const struct op ops[] = {
	{ "file", 3, do_file },
	{ "mmap", 4, do_mmap },
	{ "munmap", 2, do_munmap },
	{ "mremap", 3, do_mremap },
	{ "mprotect", 3, do_mprotect },
	{ "mlock", 2, do_mlock },
	{ "munlock", 2, do_munlock },
	{ "madvise", 3, do_madvise },
	{ "punch", 3, do_punch },
	{ "load", 1, do_load },
	{ "store", 2, do_store },
	{ "kload", 1, do_kload },
	{ "fork", 0, do_fork },
	{ "inspect", 1, do_inspect },
	{ "userfaultfd", 2, do_userfaultfd },
	{ "ioctl", 4, do_ioctl },
	{ "copy", 9, do_copy },
	{ "read_event", 2, do_read_event },
	{ "close", 1, do_close },
};

/* Threads. */

static void *work(void *thread)
{
	struct thread *t = self = thread;

	t->tid = gettid();
	for (;;) {
		t->working = false;
		while (sem_wait(&t->go))
			;
		t->error = t->signal = t->code = 0;
		memset(t->word, 0, sizeof t->word);
		t->op->run(t);
	}
	return NULL;
}

static int open_proc(pid_t tid, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof path, "/proc/self/task/%d/%s", tid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(2, "%s", path);
	return fd;
}

static void start_threads(void)
{
	printf("threads");
	for (size_t i = 0; i < n_threads; i++) {
		struct thread *t = &threads[i];

		t->working = true;
		if (sem_init(&t->go, 0, 0) || pipe2(t->pipe, O_CLOEXEC) || pthread_create(&t->handle, NULL, work, t))
			err(2, "thread %zu", i);
		while (t->working)
			sched_yield();
		t->wchan = open_proc(t->tid, "wchan");
		t->status = open_proc(t->tid, "status");
		printf(" %d", t->tid);
	}
	printf("\n");
}

static void read_again(int fd, char *text, size_t size)
{
	ssize_t length = pread(fd, text, size - 1, 0);

	text[length > 0 ? length : 0] = '\0';
}

/* Whether it sleeps until its userfault or event is handled. /proc names the function for a thread that sleeps alone. */
static bool sleeps(const struct thread *t)
{
	static const char *const places[] = {
		"handle_userfault",
		"userfaultfd_event_wait_completion",
		/* where a compiler may have put the latter */
		"dup_userfaultfd_complete",
		"mremap_userfaultfd_complete",
		"userfaultfd_remove",
		"userfaultfd_unmap_complete",
	};
	char wchan[128];

	read_again(t->wchan, wchan, sizeof wchan);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (!strncmp(wchan, places[i], strlen(places[i])))
			return true;
	return false;
}

static long switches(const struct thread *t)
{
	char status[4096], *line;

	read_again(t->status, status, sizeof status);
	line = strstr(status, "\nvoluntary_ctxt_switches:");
	if (!line)
		errx(2, "/proc/self/task/%d/status does not say how often the thread slept", t->tid);
	return atol(strchr(line, ':') + 1);
}

/* Look at every thread once: has each finished, or does it sleep? And has one slept anew since the last look? */
static bool rest(bool *anew)
{
	*anew = false;
	for (size_t i = 0; i < n_threads; i++) {
		struct thread *t = &threads[i];
		long before = t->switches;

		if (!t->working)
			continue;
		if (!sleeps(t))
			return false;
		t->switches = switches(t);
		if (t->switches != before)
			*anew = true;
	}
	return true;
}

/*
 * Wait until every thread has finished or sleeps.
 *
 * One look is not enough: a thread seen asleep may be woken by another before that one is looked at. When two looks,
 * one after the other, find all threads at rest, and in the same sleep, all of them slept from the end of the first
 * to the beginning of the second. Then only a new step can wake any of them.
 */
static void settle(void)
{
	bool before, now = false, anew;

	do {
		if (!now)
			sched_yield();
		before = now;
		now = rest(&anew);
	} while (!before || !now || anew);
}

static void tell(const struct thread *t)
{
	printf("done %ld %d %d %d", t->step, t->error, t->signal, t->code);
	for (size_t i = 0; i < WORDS; i++)
		printf(" %" PRIu64, t->word[i]);
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
}

static const struct op *find_op(const char *name)
{
	for (size_t i = 0; name && i < sizeof ops / sizeof ops[0]; i++)
		if (!strcmp(ops[i].name, name))
			return &ops[i];
	errx(2, "no such op: %s", name);
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

static void be_alone(pid_t parent)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_NODEFER };

	/* Nothing is left running when the parent dies. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	/* Pages of 4 KiB stay so. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0, n_slots;

	if (argc != 4)
		errx(2, "usage: steps PARENT THREADS DESCRIPTORS < steps");
	be_alone(atoi(argv[1]));
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
