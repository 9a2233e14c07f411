/* How a step is answered. */

//: settle
/* Whether it sleeps in the kernel until its fault is resolved, or its event read. */
static bool sleeps(const struct thread *t)
{
	char path[64], function[64] = "";
	FILE *wchan;

	snprintf(path, sizeof path, "/proc/self/task/%d/wchan", t->tid);
	wchan = fopen(path, "r");
	if (!wchan)
		return false;
	if (!fgets(function, sizeof function, wchan))
		*function = '\0';
	fclose(wchan);
	return strstr(function, "userfault");
}

/* Wait until every thread is done or sleeps; from then on, only main can wake one. */
static void settle(void)
{
	for (size_t i = 0; i < n_threads; i++)
		while (threads[i].busy && !sleeps(&threads[i]))
			sched_yield();
}

//: end ? threads
/* End the line of this step with what was completed by it, and come to the next. */
static void end(void)
{
	bool any = false;

	settle();
	for (size_t i = 0; i < n_threads; i++) {
		struct thread *t = &threads[i];

		if (t->waits && !t->busy) {
			printf(any ? ", " : ", \"completed\": [");
			printf("{\"step\": %d, \"thread\": \"%s\", %s}", t->step, t->name, t->answer);
			t->waits = false;
			any = true;
		}
	}
	printf("%s}\n", any ? "]" : "");
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
	int error = errno;

	printf("{\"step\": %d, \"status\": \"done\", \"errno\": ", step);
	if (returned < 0)
		printf("\"%s\"", strerrorname_np(error));
	else
		printf("null");
	return returned >= 0;
}

//: result
static bool result(long returned)
{
	bool done = answer(returned);

	end();
	return done;
}

//: map
#include <stddef.h>
#include <sys/mman.h>
#include <sys/types.h>

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
