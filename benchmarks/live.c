/* The live kernel's own times, for benchmarks/kernel.py: a minor fault from the touch to the reader's going on,
 * with a second thread that reads the message and answers CONTINUE; and one CONTINUE over many pages of shared
 * memory. Prints both in microseconds: the median of ROUNDS faults, and the best of three CONTINUEs.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 2000
#define PAGE 4096UL

static int uffd;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void resolve(unsigned long start, unsigned long length)
{
	struct uffdio_continue c = {.range = {.start = start, .len = length}};

	if (ioctl(uffd, UFFDIO_CONTINUE, &c))
		err(1, "CONTINUE");
}

static void *handler(void *length)
{
	struct uffd_msg message;

	while (read(uffd, &message, sizeof message) == sizeof message)
		resolve(message.arg.pagefault.address, *(unsigned long *)length);
	return NULL;
}

/* A file mapped twice: the plain mapping filled, the watched one registered MINOR. */
static char *watch(int flags, unsigned long size)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register r = {.mode = UFFDIO_REGISTER_MODE_MINOR};
	int fd = memfd_create("benchmark", flags);
	char *plain, *watched;

	if (fd < 0 || ftruncate(fd, size))
		err(1, "memfd");
	plain = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	watched = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (plain == MAP_FAILED || watched == MAP_FAILED || madvise(plain, size, MADV_POPULATE_WRITE))
		err(1, "mmap");
	uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	r.range.start = (unsigned long)watched;
	r.range.len = size;
	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api) || ioctl(uffd, UFFDIO_REGISTER, &r))
		err(1, "userfaultfd");
	return watched;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double fault(void)
{
	static double times[ROUNDS];
	static unsigned long huge = 2UL << 20;
	volatile char *page = watch(MFD_HUGETLB, huge);
	pthread_t thread;

	pthread_create(&thread, NULL, handler, &huge);
	for (int i = 0; i < ROUNDS; i++) {
		double start = now();

		(void)*page;
		times[i] = now() - start;
		if (madvise((void *)page, huge, MADV_DONTNEED))
			err(1, "DONTNEED");
	}
	qsort(times, ROUNDS, sizeof *times, compare);
	return times[ROUNDS / 2];
}

static double many(unsigned long pages)
{
	char *area = watch(0, pages * PAGE);
	double best = 1e12;

	for (int i = 0; i < 3; i++) {
		double start = now(), took;

		resolve((unsigned long)area, pages * PAGE);
		took = now() - start;
		best = took < best ? took : best;
		if (madvise(area, pages * PAGE, MADV_DONTNEED))
			err(1, "DONTNEED");
	}
	return best;
}

int main(int argc, char **argv)
{
	printf("%f %f\n", fault(), many(argc > 1 ? strtoul(argv[1], NULL, 10) : 1024));
	return 0;
}
