/* The ops: what a thread does in each kind of step. */
#include "steps.h"

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

const struct op *find_op(const char *name)
{
	for (size_t i = 0; name && i < sizeof ops / sizeof ops[0]; i++)
		if (!strcmp(ops[i].name, name))
			return &ops[i];
	errx(2, "no such op: %s", name);
}
