/*
 * What a fault costs on this machine, and what it costs to place pages, with plain system calls.
 *
 *     costs PAGE PAGES ROUNDS
 *
 * A memory file of so many pages is mapped twice; one mapping is watched by a userfaultfd, the other is not. It
 * should be larger than the processor's caches, as the memory of a guest is: in a cache, COPY costs a fifth. Every
 * round measures every way once, one after the other, so that whatever slows the machine down for a while slows down
 * all of them. The output has a line for each measurement, in nanoseconds:
 *
 *     WAY NANOSECONDS...
 *
 * `touch_...` are single faults, in four numbers: from the touch until it returns; until the handler has read the
 * message; in the ioctl that answers it; and the handler's own processor time for all it does. All others have one
 * number, the processor time for one page: `..._each` with a call for every page, `..._batch` with one for all.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef UFFDIO_CONTINUE
#error "these kernel headers do not know UFFDIO_CONTINUE: install those of Linux 5.13 or later"
#endif

/* Single faults in a round; they are far apart, as those of a guest are. */
#define TOUCHES 32

static uint64_t page, pages;
static int file, uffd;
static char *other, *watched, *content;

static int64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int64_t now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* The ways to answer */

static void copy(char *to, uint64_t size)
{
	struct uffdio_copy c = {.dst = (uintptr_t)to, .src = (uintptr_t)content, .len = size};

	if (ioctl(uffd, UFFDIO_COPY, &c))
		err(1, "COPY");
}

static void continue_(char *to, uint64_t size)
{
	struct uffdio_continue c = {.range = {.start = (uintptr_t)to, .len = size}};

	if (ioctl(uffd, UFFDIO_CONTINUE, &c))
		err(1, "CONTINUE");
}

static void zeropage(char *to, uint64_t size)
{
	struct uffdio_zeropage z = {.range = {.start = (uintptr_t)to, .len = size}};

	if (ioctl(uffd, UFFDIO_ZEROPAGE, &z))
		err(1, "ZEROPAGE");
}

static void write_(char *to, uint64_t size)
{
	memcpy(other + (to - watched), content, size);
}

static void write_and_continue(char *to, uint64_t size)
{
	write_(to, size);
	continue_(to, size);
}

/* Ways to start over: nothing mapped where it is watched; and the file empty, or full */

static void zap(void)
{
	if (madvise(watched, pages * page, MADV_DONTNEED))
		err(1, "DONTNEED");
}

static void empty(void)
{
	if (fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, pages * page))
		err(1, "PUNCH_HOLE");
}

static void full(void)
{
	zap();
	for (uint64_t i = 0; i < pages; i++)
		write_(watched + i * page, page);
}

/* Single faults */

static void (*answer)(char *to, uint64_t size);
static int64_t read_at, answered_in, cpu;

static void *handle(void *unused)
{
	struct uffd_msg message;
	int64_t before = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	while (read(uffd, &message, sizeof message) == sizeof message) {
		int64_t at = now(), after;

		answer((char *)(uintptr_t)(message.arg.pagefault.address & -page), page);
		read_at = at;
		answered_in = now() - at;
		after = clock_ns(CLOCK_THREAD_CPUTIME_ID);
		__atomic_store_n(&cpu, after - before, __ATOMIC_RELEASE);
		before = after;
	}
	return unused;
}

static void touch(const char *way, void (*start)(void), void (*by)(char *, uint64_t))
{
	start();
	answer = by;
	for (uint64_t i = 0; i < pages; i += pages > TOUCHES ? pages / TOUCHES : 1) {
		int64_t begin, end, handler;

		__atomic_store_n(&cpu, 0, __ATOMIC_RELEASE);
		begin = now();
		(void)*(volatile char *)(watched + i * page);
		end = now();
		/* The handler may still be on its way out of the ioctl. */
		while (!(handler = __atomic_load_n(&cpu, __ATOMIC_ACQUIRE)))
			;
		printf("touch_%s %ld %ld %ld %ld\n", way, end - begin, read_at - begin, answered_in, handler);
	}
}

/* Pages in the background: nobody waits here, so it is the thread's own processor time that counts */

static int64_t busy(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static void place(const char *way, void (*start)(void), void (*by)(char *, uint64_t), uint64_t step)
{
	int64_t begin;

	start();
	begin = busy();
	for (uint64_t i = 0; i < pages; i += step)
		by(watched + i * page, step * page);
	printf("%s_%s %ld\n", way, step == 1 ? "each" : "batch", (busy() - begin) / (int64_t)pages);
}

static void both(const char *way, void (*start)(void), void (*by)(char *, uint64_t))
{
	place(way, start, by, 1);
	place(way, start, by, pages);
}

static void whole(const char *way, void (*what)(void))
{
	int64_t begin = busy();

	what();
	printf("%s_batch %ld\n", way, (busy() - begin) / (int64_t)pages);
}

static void round_(void)
{
	touch("copy", empty, copy);
	touch("continue", full, continue_);
	touch("write_continue", full, write_and_continue);
	touch("allocate_continue", empty, write_and_continue);
	both("copy", empty, copy);
	whole("zap", zap);
	whole("free", empty);
	both("continue", full, continue_);
	place("write", full, write_, 1);
	place("allocate", empty, write_, 1);
	if (page == 4096) {
		touch("zeropage", empty, zeropage);
		both("zeropage", empty, zeropage);
	}
}

static char *map(void)
{
	char *area = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

	if (area == MAP_FAILED)
		err(1, "mmap");
	if (page == 4096)
		madvise(area, pages * page, MADV_NOHUGEPAGE);
	return area;
}

static void prepare(void)
{
	int shift = __builtin_ctzl(page);
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register r = {.mode = UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_MINOR};

	file = memfd_create("costs", page == 4096 ? 0 : MFD_HUGETLB | shift << MAP_HUGE_SHIFT);
	if (file < 0 || ftruncate(file, pages * page))
		err(1, "memfd");
	other = map();
	watched = map();
	content = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (content == MAP_FAILED)
		err(1, "mmap");
	memset(content, 0x41, pages * page);
	uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (uffd < 0)
		uffd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	r.range.start = (uintptr_t)watched;
	r.range.len = pages * page;
	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api))
		err(1, "userfaultfd");
	if (ioctl(uffd, UFFDIO_REGISTER, &r))
		err(1, "REGISTER for missing and minor faults, which Linux has since 5.14");
}

int main(int argc, char **argv)
{
	pthread_t handler;
	long rounds;

	if (argc != 4)
		errx(2, "usage: costs PAGE PAGES ROUNDS");
	/* Nothing is left of this program when the one that started it is gone. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	page = strtoull(argv[1], NULL, 10);
	pages = strtoull(argv[2], NULL, 10);
	rounds = strtol(argv[3], NULL, 10);
	prepare();
	if (pthread_create(&handler, NULL, handle, NULL))
		errx(1, "no thread");
	for (long i = -1; i < rounds; i++) {
		round_();
		/* The first round only warms up. */
		if (i < 0)
			printf("begin\n");
		fflush(stdout);
	}
	return 0;
}
