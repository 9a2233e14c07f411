/* The ioctls of userfaultfd. */

//: effective_user
#include <err.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ROOT = 0, NOBODY = 65534 };

/* Have the rights of a user, in this thread alone: seteuid() would be for them all. */
static void effective_user(long user)
{
	const long same = -1;

	if (syscall(SYS_setresuid, same, user, same))
		err(1, "only root can be somebody else");
}

//: userfaultfd_by_device
#include <fcntl.h>
#include <unistd.h>

/* Open a userfaultfd by its device: whoever may open that file, may have one. */
static int userfaultfd_by_device(int flags)
{
	int fd, device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);

	if (device < 0)
		return -1;
	fd = ioctl(device, USERFAULTFD_IOC_NEW, flags);
	close(device);
	return fd;
}

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

//: range_ioctl
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <sys/ioctl.h>

/* An ioctl on a range. struct uffdio_register and the like are laid out as this one is, or as its beginning. */
static void range_ioctl(int fd, unsigned long request, void *start, uint64_t length, uint64_t mode)
{
	struct {
		struct uffdio_range range;
		uint64_t mode, answer;
	} argument = { { (uintptr_t)start, length }, mode, 0 };

	if (answer(ioctl(fd, request, &argument)) && request == UFFDIO_REGISTER)
		printf(", \"ioctls\": %lu", argument.answer);
//# fills
	end();
}

//: uffdio_copy
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* Copy from memory that is filled with a byte: as much as any mapping here can take, though more be asked for. */
static void uffdio_copy(int fd, void *start, uint64_t length, int byte, uint64_t mode)
{
//# source
	struct uffdio_copy copy = { .dst = (uintptr_t)start, .src = (uintptr_t)source, .len = length, .mode = mode };

	answer(ioctl(fd, UFFDIO_COPY, &copy));
	printf(", \"done\": %lld", copy.copy);
	end();
	free(source);
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

//: uffdio_set_mode
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <sys/ioctl.h>

static void uffdio_set_mode(int fd, uint64_t enable, uint64_t disable)
{
	uint64_t mode[2] = { enable, disable }; /* struct uffdio_set_mode */

	result(ioctl(fd, _IOW(UFFDIO, 0x0A, mode), mode));
}
