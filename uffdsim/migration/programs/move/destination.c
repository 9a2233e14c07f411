/*
 * The host that the guest moves to. Its memory is a memory file, mapped twice: `watched` is the guest's, and
 * registered with a userfaultfd; `other` is not. Pushed pages have a thread, pages that were asked for another one,
 * and messages of the userfaultfd as many as were wished for.
 */
#include "move.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <semaphore.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static int push_fd, urgent_fd, file, uffd;
static char *other, *watched;
/* Of each page: whether it is there for the guest, when that was, how many bytes of it have come, and where they
wait. */
static uint8_t *placed;
static int64_t *arrival;
static uint64_t *come;
static char **waiting;
static uint64_t there;
/* Of each page that was touched before it was there: whether its content was, so that it only had to be mapped. */
static uint8_t *mapped_only;
/* Which pages are stale, once that is known. */
static uint8_t *map;
static bool known;
static int64_t resumed;
static sem_t over;
static pthread_mutex_t asking = PTHREAD_MUTEX_INITIALIZER;

/* Placing pages */

static void done(uint64_t page)
{
	if (__atomic_exchange_n(&placed[page], 1, __ATOMIC_ACQ_REL))
		return;
	arrival[page] = now() - start;
	__atomic_add_fetch(&there, 1, __ATOMIC_RELAXED);
}

static void wake(uint64_t page, uint64_t count)
{
	struct uffdio_range r = {.start = (uintptr_t)watched + page * o.page, .len = count * o.page};

	ioctl(uffd, UFFDIO_WAKE, &r);
}

static void copy(uint64_t page, const char *content)
{
	struct uffdio_copy c = {.dst = (uintptr_t)watched + page * o.page, .src = (uintptr_t)content, .len = o.page};

	if (ioctl(uffd, UFFDIO_COPY, &c))
		err(1, "COPY");
	done(page);
}

/* Some pages, of which the guest may have some already. */
static void continue_(uint64_t page, uint64_t count)
{
	for (uint64_t end = page + count; page < end;) {
		struct uffdio_continue c = {.range = {(uintptr_t)watched + page * o.page, (end - page) * o.page}};
		bool failed = ioctl(uffd, UFFDIO_CONTINUE, &c);
		uint64_t mapped = c.mapped > 0 ? c.mapped / o.page : 0;

		if (failed && errno != EEXIST && errno != EAGAIN)
			err(1, "CONTINUE");
		for (uint64_t i = page; i < page + mapped; i++)
			done(i);
		page += mapped;
		if (failed && !mapped) {
			if (errno == EEXIST)
				wake(page++, 1);
		}
	}
}

/* A piece of a page has come; its content is still to be read. */
static void piece(int fd, struct message m, char *spare)
{
	bool whole = m.length == o.page, running = resumed;
	char *to = other + m.page * o.page, *expected = NULL;

	if (running && !o.minor) {
		to = whole ? spare : __atomic_load_n(&waiting[m.page], __ATOMIC_ACQUIRE);
		if (!to) {
			to = aligned_alloc(GRANULE, o.page);
			if (!to)
				err(1, "memory for a page");
			if (!__atomic_compare_exchange_n(&waiting[m.page], &expected, to, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
				free(to);
				to = expected;
			}
		}
	}
	link_read(fd, to + m.offset, m.length);
	if (__atomic_add_fetch(&come[m.page], m.length, __ATOMIC_ACQ_REL) % o.page)
		return;
	if (running && o.minor) {
		continue_(m.page, 1);
	} else if (running) {
		copy(m.page, to);
		if (!whole)
			free(to);
	} else {
		arrival[m.page] = now() - start;
	}
}

/* In the background: pages that are not stale, batch after batch. */
static void *map_the_rest(void *unused)
{
	for (uint64_t page = 0; page < pages();) {
		uint64_t end = page;

		while (end < pages() && end - page < o.batch && !(map[end / 8] >> end % 8 & 1))
			end++;
		if (end > page)
			continue_(page, end - page);
		page = end > page ? end : page + 1;
	}
	return unused;
}

/* Faults */

static void *handle(void *unused)
{
	struct uffd_msg message;

	while (read(uffd, &message, sizeof message) == sizeof message) {
		uint64_t page = (message.arg.pagefault.address - (uintptr_t)watched) / o.page;
		bool stale = o.way != BOTH || !__atomic_load_n(&known, __ATOMIC_ACQUIRE) || map[page / 8] >> page % 8 & 1;

		mapped_only[page] = !stale;
		if (stale) {
			struct message m = {.kind = REQUEST, .page = page};

			pthread_mutex_lock(&asking);
			link_send(urgent_fd, m, NULL, now() + half());
			pthread_mutex_unlock(&asking);
		} else {
			continue_(page, 1);
		}
	}
	return unused;
}

static void *take_what_was_asked_for(void *unused)
{
	char *spare = aligned_alloc(GRANULE, o.page);
	struct message m;

	while (link_receive(urgent_fd, &m)) {
		if (m.kind == PIECE)
			piece(urgent_fd, m, spare);
		else if (m.kind == CLEAN)
			continue_(m.page, 1);
	}
	return unused;
}

/* The switch */

static void thread(void *(*run)(void *))
{
	pthread_t t;

	if (pthread_create(&t, NULL, run, NULL))
		errx(1, "no thread");
	pthread_detach(t);
}

/* Nothing of a stale page may be seen: it is unmapped, and its memory given back. */
static void unmap_stale(void)
{
	int64_t begin = now();

	for (uint64_t page = 0; page < pages(); page++)
		if (map[page / 8] >> page % 8 & 1 && madvise(watched + page * o.page, o.page, MADV_REMOVE))
			err(1, "MADV_REMOVE");
	printf("part unmap %ld\n", now() - begin);
}

static void run_here(struct message m)
{
	int64_t begin;

	link_read(push_fd, cpus, sizeof cpus);
	begin = now();
	printf("part state %ld\n", begin - (int64_t)m.page);
	memset(come, 0, pages() * sizeof *come);
	if (o.way == BOTH && !o.minor)
		unmap_stale();
	begin = now();
	/* What is not stale is there for the guest already, or only has to be mapped. */
	for (uint64_t page = 0; page < pages(); page++)
		if (o.way == STOP || o.way == PRE || (o.way == BOTH && !o.minor && !(map[page / 8] >> page % 8 & 1)))
			placed[page] = 1, there++;
	resumed = now();
	guest_start(watched, NULL, placed);
	printf("part start %ld\nresumed %ld\n", now() - begin, now() - start);
}

static void *take_what_is_pushed(void *unused)
{
	char *spare = aligned_alloc(GRANULE, o.page);
	struct message m;

	while (link_receive(push_fd, &m)) {
		switch (m.kind) {
		case BEGIN:
			start = m.page;
			break;
		case PIECE:
			piece(push_fd, m, spare);
			break;
		case CLEAN:
			continue_(m.page, 1);
			break;
		case MAP:
			link_read(push_fd, map, m.length);
			__atomic_store_n(&known, true, __ATOMIC_RELEASE);
			if (resumed)
				thread(map_the_rest);
			break;
		case STATE:
			run_here(m);
			if (known && o.minor)
				thread(map_the_rest);
			break;
		case LAST:
			sem_post(&over);
			return unused;
		}
	}
	errx(1, "the source is gone");
}

static char *map_memory(void)
{
	char *area = mmap(NULL, o.memory, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

	if (area == MAP_FAILED)
		err(1, "memory of the destination");
	if (o.page == GRANULE)
		madvise(area, o.memory, MADV_NOHUGEPAGE);
	return area;
}

static void watch(void)
{
	struct uffdio_api api = {.api = UFFD_API};
	/* A page that is not in the file yet is missing, also where minor faults are wished for. */
	struct uffdio_register r = {.mode = UFFDIO_REGISTER_MODE_MISSING | (o.minor ? UFFDIO_REGISTER_MODE_MINOR : 0)};

	uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (uffd < 0)
		uffd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	r.range.start = (uintptr_t)watched;
	r.range.len = o.memory;
	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api) || ioctl(uffd, UFFDIO_REGISTER, &r))
		err(1, "userfaultfd");
}

static void watch_progress(void)
{
	while (sem_trywait(&over)) {
		uint64_t count = 0;

		for (uint64_t page = 0; page < pages(); page++)
			count += arrival[page] != 0;
		printf("progress %lu\n", count);
		sleep_until(now() + 50000000);
	}
	while (__atomic_load_n(&there, __ATOMIC_RELAXED) < pages())
		sleep_until(now() + 100000);
}

void destination(int push, int urgent)
{
	bool post = o.way == POST || o.way == BOTH;

	push_fd = push;
	urgent_fd = urgent;
	file = memfd_create("guest", o.page == GRANULE ? 0 : MFD_HUGETLB | __builtin_ctzl(o.page) << MAP_HUGE_SHIFT);
	if (file < 0 || ftruncate(file, o.memory))
		err(1, "memory of the destination");
	other = map_memory();
	watched = map_memory();
	placed = calloc(pages(), 1);
	arrival = calloc(pages(), sizeof *arrival);
	come = calloc(pages(), sizeof *come);
	waiting = calloc(pages(), sizeof *waiting);
	map = calloc(pages() / 8 + 1, 1);
	mapped_only = calloc(pages(), 1);
	if (!placed || !arrival || !come || !waiting || !map || !mapped_only)
		err(1, "memory of the destination");
	sem_init(&over, 0, 0);
	if (post) {
		watch();
		for (uint64_t i = 0; i < o.handlers; i++)
			thread(handle);
		thread(take_what_was_asked_for);
	}
	thread(take_what_is_pushed);
	watch_progress();
	sleep_until(now() + 10000000);
	guest_stop();
	guest_tell(mapped_only);
	for (uint64_t page = 0; page < pages(); page++)
		printf("%s%ld%s", page % 1000 ? " " : "arrival ", arrival[page],
		       page % 1000 == 999 || page == pages() - 1 ? "\n" : "");
	printf("equal %d\n", guest_as_if_never_moved(watched));
}
