/* The ioctls of userfaultfd. */

//: uffdio_api
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

static void uffdio_api(int fd, uint64_t version, uint64_t features)
{
	struct uffdio_api api = { .api = version, .features = features };

	if (answer(ioctl(fd, UFFDIO_API, &api)))
		printf(", \"features\": %llu, \"ioctls\": %llu", api.features, api.ioctls);
	end();
}

//: uffdio_register
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <sys/ioctl.h>

static void uffdio_register(int fd, void *start, uint64_t length, uint64_t modes)
{
	struct uffdio_register watch = { .range = { (uintptr_t)start, length }, .mode = modes };

	if (answer(ioctl(fd, UFFDIO_REGISTER, &watch)))
		printf(", \"ioctls\": %llu", watch.ioctls);
	end();
}

//: uffdio_unregister
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <sys/ioctl.h>

static void uffdio_unregister(int fd, void *start, uint64_t length)
{
	struct uffdio_range range = { (uintptr_t)start, length };

	result(ioctl(fd, UFFDIO_UNREGISTER, &range));
}

//: uffdio_wake
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <sys/ioctl.h>

static void uffdio_wake(int fd, void *start, uint64_t length)
{
	struct uffdio_range range = { (uintptr_t)start, length };

	result(ioctl(fd, UFFDIO_WAKE, &range));
}

//: uffdio_copy
#include <err.h>
#include <linux/userfaultfd.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

/* Memory to copy from, with a place of its own too. */
static void *filled(size_t size, int byte)
{
	void *const memory = (void *)0x8000000000;
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	if (size && mmap(memory, size, PROT_READ | PROT_WRITE, flags, -1, 0) != memory)
		err(1, "nothing to copy from");
	return memset(memory, byte, size);
}

static void uffdio_copy(int fd, void *start, uint64_t length, void *source, uint64_t mode)
{
	struct uffdio_copy copy = { .dst = (uintptr_t)start, .src = (uintptr_t)source, .len = length, .mode = mode };

	answer(ioctl(fd, UFFDIO_COPY, &copy));
	printf(", \"done\": %lld", copy.copy);
	end();
}

//: uffdio_zeropage
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <sys/ioctl.h>

static void uffdio_zeropage(int fd, void *start, uint64_t length, uint64_t mode)
{
	struct uffdio_zeropage fill = { .range = { (uintptr_t)start, length }, .mode = mode };

	answer(ioctl(fd, UFFDIO_ZEROPAGE, &fill));
	printf(", \"done\": %lld", fill.zeropage);
	end();
}

//: uffdio_poison
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <sys/ioctl.h>

static void uffdio_poison(int fd, void *start, uint64_t length, uint64_t mode)
{
	struct uffdio_poison fill = { .range = { (uintptr_t)start, length }, .mode = mode };

	answer(ioctl(fd, UFFDIO_POISON, &fill));
	printf(", \"done\": %lld", fill.updated);
	end();
}

//: uffdio_continue
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <sys/ioctl.h>

static void uffdio_continue(int fd, void *start, uint64_t length, uint64_t mode)
{
	struct uffdio_continue fill = { .range = { (uintptr_t)start, length }, .mode = mode };

	answer(ioctl(fd, UFFDIO_CONTINUE, &fill));
	printf(", \"done\": %lld", fill.mapped);
	end();
}

//: uffdio_writeprotect
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <sys/ioctl.h>

static void uffdio_writeprotect(int fd, void *start, uint64_t length, uint64_t mode)
{
	struct uffdio_writeprotect protect = { .range = { (uintptr_t)start, length }, .mode = mode };

	result(ioctl(fd, UFFDIO_WRITEPROTECT, &protect));
}

//: uffdio_move
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <sys/ioctl.h>

static void uffdio_move(int fd, void *start, void *source, uint64_t length, uint64_t mode)
{
	struct uffdio_move move = { .dst = (uintptr_t)start, .src = (uintptr_t)source, .len = length, .mode = mode };

	answer(ioctl(fd, UFFDIO_MOVE, &move));
	printf(", \"done\": %lld", move.move);
	end();
}
