/* The threads: how they are started, and how to know that each has finished its step or sleeps. */
#include "steps.h"

#include <sched.h>

struct thread *threads;
size_t n_threads;
__thread struct thread *self;

static void *work(void *thread)
{
	struct thread *t = self = thread;

	t->tid = gettid();
	for (;;) {
		t->working = false;
		while (sem_wait(&t->go))
			;
		t->error = t->signal = t->code = 0;
		t->n_more = 0;
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

void start_threads(void)
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

/* Whether it sleeps until its userfault or event is handled, or until a message comes. /proc names the function for a thread that sleeps alone. */
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
		"userfaultfd_ctx_read",
		/* the same, for this one */
		"userfaultfd_read",
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
void settle(void)
{
	bool before, now = false, anew;

	do {
		if (!now)
			sched_yield();
		before = now;
		now = rest(&anew);
	} while (!before || !now || anew);
}
