/* How a step is answered. */

//: waits
#include <string.h>
#include <unistd.h>

/* Wait until a thread is done, or sleeps in the kernel until main has userfaultfd wake it; tell if it sleeps. */
static bool waits(struct thread *t)
{
	char function[64] = "";
	bool busy;

	while ((busy = pthread_tryjoin_np(t->id, NULL)) && !strstr(function, "userfault"))
		if (pread(t->wchan, function, sizeof function - 1, 0) < 0)
			sched_yield();
	return busy;
}

//: settle
/* Wait until all threads are done or sleep. One that gets done may have woken another, after a look at that one. */
static void settle(void)
{
	for (int looks = 0; looks < 2; looks++)
		for (struct thread *t = threads; t->name; t++)
			if (t->waits && !waits(t)) {
				t->waits = false;
				t->completed = true;
				looks = -1;
			}
}

//: end ? threads
/* End the line of this step with what was completed by it, and come to the next. */
static void end(void)
{
	const char *before = ", \"completed\": [", *after = "";

	settle(); //? reads
	for (struct thread *t = threads; t->name; t++)
		if (t->waits && !(t->waits = waits(t))) { //? no-reads
		if (t->completed) { //? reads
			t->completed = false; //? reads
			printf("%s{\"step\": %d, \"thread\": \"%s\"%s}", before, t->step, t->name, t->answer);
			before = ", ";
			after = "]";
		}
	printf("%s}\n", after);
	step++;
}

//: end ? no-threads
#include <stdio.h>

/* End the line of this step, and come to the next. */
static void end(void)
{
	printf("}\n");
	step++;
}

//: answer
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Begin the line of this step, which was a system call; below 0, it failed. */
static bool answer(long returned)
{
	if (returned < 0)
		printf("{\"step\": %d, \"status\": \"done\", \"errno\": \"%s\"", step, strerrorname_np(errno));
	else
		printf("{\"step\": %d, \"status\": \"done\", \"errno\": null", step);
	return returned >= 0;
}

//: result ? no-changes
static void result(long returned)
{
	answer(returned);
	end();
}

//: result ? changes
static bool result(long returned)
{
	bool done = answer(returned);

	end();
	return done;
}

//: map
#include <sys/mman.h>

static void map(void *start, size_t length, int prot, int flags, int fd, off_t offset)
{
	result((long)mmap(start, length, prot, flags | MAP_FIXED_NOREPLACE, fd, offset));
}

//: value
#include <stdio.h>

static void value(int byte)
{
	printf("{\"step\": %d, \"status\": \"done\", \"value\": %d", step, byte);
	end();
}
