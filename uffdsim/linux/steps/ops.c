/* The ops: what a thread does in each kind of step. */
#include "steps.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static void *address(uint64_t number)
{
	return (void *)(uintptr_t)number;
}

void answer(struct thread *t, bool failed)
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

static void do_mmap(struct thread *t) /* ADDRESS BYTES PROT FLAGS OVER, SLOT OFFSET for a file */
{
	bool file = t->args > 5;
	int flags = t->arg[3] | (t->arg[4] ? MAP_FIXED : MAP_FIXED_NOREPLACE) | (file ? 0 : MAP_ANONYMOUS);

	answer(t, mmap(address(t->arg[0]), t->arg[1], t->arg[2], flags,
		       file ? slots[t->arg[5]] : -1, file ? t->arg[6] : 0) == MAP_FAILED);
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

static void do_allocate(struct thread *t) /* SLOT OFFSET BYTES */
{
	answer(t, fallocate(slots[t->arg[0]], 0, t->arg[1], t->arg[2]));
}

static void do_truncate(struct thread *t) /* SLOT BYTES */
{
	answer(t, ftruncate(slots[t->arg[0]], t->arg[1]));
}

static void do_pwrite(struct thread *t) /* SLOT OFFSET VALUE */
{
	uint8_t byte = t->arg[2];

	answer(t, pwrite(slots[t->arg[0]], &byte, 1, t->arg[1]) != 1);
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

void catch_signals(void)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_NODEFER };

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
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

static void do_kstore(struct thread *t) /* ADDRESS VALUE: the kernel writes it, as it takes it out of a pipe */
{
	uint8_t byte = t->arg[1];

	if (write(t->pipe[1], &byte, 1) != 1)
		err(2, "no room in a pipe");
	answer(t, read(t->pipe[0], address(t->arg[0]), 1) != 1);
	t->word[0] = byte;
	if (t->error && read(t->pipe[0], &byte, 1) != 1) /* it is in there still */
		err(2, "nothing in a pipe");
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

static int from_device(int flags)
{
	int device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC), fd, error;

	if (device < 0)
		return -1;
	fd = ioctl(device, _IO(0xAA, 0), flags);
	error = errno;
	close(device);
	errno = error;
	return fd;
}

static void do_userfaultfd(struct thread *t) /* SLOT FLAGS DEVICE */
{
	int flags = t->arg[1] | O_CLOEXEC;
	int fd = t->arg[2] ? from_device(flags) : (int)syscall(SYS_userfaultfd, flags);

	answer(t, fd < 0);
	slots[t->arg[0]] = fd;
}

static void do_ioctl(struct thread *t) /* SLOT REQUEST WORD...: the argument is made of 64-bit words, and so is the answer */
{
	memcpy(t->word, &t->arg[2], (t->args - 2) * sizeof t->word[0]);
	answer(t, ioctl(slots[t->arg[0]], t->arg[1], t->word) < 0);
}

/* Without rights, and this thread alone: setresuid() of the C library would change them all. */
static void as_nobody(struct thread *t, void (*run)(struct thread *))
{
	const long nobody = 65534, root = 0, same = -1;

	if (syscall(SYS_setresuid, same, nobody, same))
		err(2, "cannot be nobody");
	run(t);
	if (syscall(SYS_setresuid, same, root, same))
		err(2, "cannot be root again");
}

static void do_userfaultfd_as_nobody(struct thread *t)
{
	as_nobody(t, do_userfaultfd);
}

static void do_ioctl_as_nobody(struct thread *t)
{
	as_nobody(t, do_ioctl);
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

static void do_read_events(struct thread *t) /* SLOT CHILD BYTES */
{
	ssize_t length = read(slots[t->arg[0]], t->more, t->arg[2]);

	answer(t, length < 0);
	t->n_more = length > 0 ? length / sizeof t->more[0] : 0;
	for (size_t i = 0; i < t->n_more; i += MESSAGE / sizeof t->more[0])
		if ((t->more[i] & 0xff) == 0x13)
			slots[t->arg[1]] = (uint32_t)t->more[i + 1];
}

static void do_poll(struct thread *t) /* SLOT */
{
	struct pollfd one = { .fd = slots[t->arg[0]], .events = POLLIN };

	answer(t, poll(&one, 1, 0) < 0);
	t->word[0] = (uint16_t)one.revents;
}

static void do_close(struct thread *t) /* SLOT */
{
	answer(t, close(slots[t->arg[0]]));
	slots[t->arg[0]] = -1;
}

static const struct op ops[] = {
	{ "file", 3, do_file },
	{ "mmap", 5, do_mmap },
	{ "munmap", 2, do_munmap },
	{ "mremap", 3, do_mremap },
	{ "mprotect", 3, do_mprotect },
	{ "mlock", 2, do_mlock },
	{ "munlock", 2, do_munlock },
	{ "madvise", 3, do_madvise },
	{ "punch", 3, do_punch },
	{ "allocate", 3, do_allocate },
	{ "truncate", 2, do_truncate },
	{ "pwrite", 3, do_pwrite },
	{ "load", 1, do_load },
	{ "store", 2, do_store },
	{ "kload", 1, do_kload },
	{ "kstore", 2, do_kstore },
	{ "fork", 0, do_fork },
	{ "inspect", 1, do_inspect },
	{ "pagemap_scan", 8, do_pagemap_scan },
	{ "userfaultfd", 3, do_userfaultfd },
	{ "userfaultfd_as_nobody", 3, do_userfaultfd_as_nobody },
	{ "ioctl", 4, do_ioctl },
	{ "ioctl_as_nobody", 4, do_ioctl_as_nobody },
	{ "copy", 9, do_copy },
	{ "read_event", 2, do_read_event },
	{ "read_events", 3, do_read_events },
	{ "poll", 1, do_poll },
	{ "close", 1, do_close },
};

const struct op *find_op(const char *name)
{
	for (size_t i = 0; name && i < sizeof ops / sizeof ops[0]; i++)
		if (!strcmp(ops[i].name, name))
			return &ops[i];
	errx(2, "no such op: %s", name);
}
