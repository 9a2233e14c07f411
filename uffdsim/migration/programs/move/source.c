/*
 * The host that the guest leaves. One thread sends: what was asked for first, and else page after page.
 */
#include "move.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#define REQUESTS 4096

static char *memory;
static uint8_t *dirty, *unsent, *stale_then;
static int push_fd, urgent_fd;
static uint64_t piece, sent;
static struct message requests[REQUESTS];
static size_t first, last;

static struct message piece_of(uint64_t page, uint64_t offset)
{
	return (struct message){.kind = PIECE, .length = piece, .page = page, .offset = offset};
}

/* Rounds */

static uint64_t stale(void)
{
	uint64_t count = 0;

	for (uint64_t page = 0; page < pages(); page++)
		count += unsent[page];
	return count;
}

/* Which pages were written since the last time. What is written while we look is found the next time. */
static void sync_dirty(void)
{
	for (uint64_t page = 0; page < pages(); page++)
		unsent[page] = __atomic_exchange_n(&dirty[page], 0, __ATOMIC_ACQUIRE);
}

static void send_all_stale(void)
{
	for (uint64_t page = 0; page < pages(); page++) {
		if (!unsent[page])
			continue;
		for (uint64_t offset = 0; offset < o.page; offset += piece) {
			sleep_until(link_room());
			link_push(push_fd, piece_of(page, offset), memory + page * o.page + offset);
		}
		sent++;
	}
	sleep_until(link_room() + wire(o.buffer));
}

static void rounds(void)
{
	for (uint64_t round = 0; round < o.rounds; round++) {
		int64_t begin = now();
		uint64_t count = stale();

		if (round && wire(count * o.page) <= (int64_t)o.downtime)
			return;
		send_all_stale();
		sync_dirty();
		printf("round %ld %ld %lu %lu\n", begin - start, now() - start, count, stale());
	}
}

/* After the guest has moved */

static void take_requests(void)
{
	struct message m;

	while (last - first < REQUESTS && recv(urgent_fd, &m, sizeof m, MSG_DONTWAIT | MSG_PEEK) == sizeof m) {
		link_read(urgent_fd, &m, sizeof m);
		requests[last++ % REQUESTS] = m;
	}
}

static void wait_for_requests(int64_t until)
{
	struct pollfd fd = {.fd = urgent_fd, .events = POLLIN};
	int64_t left = until - now();
	struct timespec t = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};

	if (left > 0)
		ppoll(&fd, 1, &t, NULL);
}

/* The page that is being pushed, and how much of it has been. */
static uint64_t pushing, pushed;

static void serve(void)
{
	struct message m = requests[first++ % REQUESTS];
	int fd = o.own_channel ? urgent_fd : push_fd;

	if (unsent[m.page]) {
		uint64_t offset = m.page == pushing ? pushed : 0;

		unsent[m.page] = 0;
		sent++;
		link_ask(fd, piece_of(m.page, offset), memory + m.page * o.page);
		if (offset)
			pushed = 0;
	} else if (o.early && !stale_then[m.page]) {
		int64_t behind = o.own_channel ? 0 : wire(o.buffer);

		link_send(fd, (struct message){.kind = CLEAN, .page = m.page}, NULL, now() + behind + half());
	}
}

static bool push(void)
{
	while (!pushed && pushing < pages() && !unsent[pushing])
		pushing++;
	if (pushing == pages())
		return false;
	link_push(push_fd, piece_of(pushing, pushed), memory + pushing * o.page + pushed);
	pushed += piece;
	if (pushed == o.page) {
		unsent[pushing] = 0;
		pushed = 0;
		sent++;
	}
	return true;
}

static void post_copy(void)
{
	for (bool more = true; more;) {
		int64_t time, due;

		take_requests();
		time = now();
		due = first < last ? requests[first % REQUESTS].deliver : INT64_MAX;
		if (due <= time && (!pushed || o.interrupt))
			serve();
		else if (link_room() <= time)
			more = push();
		else
			wait_for_requests(link_room() < due ? link_room() : due);
	}
}

/* A bit for each page. */
static void tell_map(void)
{
	uint8_t *map = calloc(pages() / 8 + 1, 1);

	if (!map)
		err(1, "memory for the map");
	for (uint64_t page = 0; page < pages(); page++)
		map[page / 8] |= unsent[page] << page % 8;
	link_push(push_fd, (struct message){.kind = MAP, .length = pages() / 8 + 1}, map);
	free(map);
}

static void hand_over(void)
{
	int64_t before = now(), stopped;
	struct message state = {.kind = STATE, .length = sizeof cpus};

	guest_stop();
	stopped = now();
	printf("paused %ld\npart pause %ld\n", before - start, stopped - before);
	if (o.way == PRE || o.way == BOTH)
		for (uint64_t page = 0; page < pages(); page++)
			unsent[page] |= dirty[page];
	printf("stale %lu\n", stale());
	if (o.way == STOP || o.way == PRE) {
		send_all_stale();
		memset(unsent, 0, pages());
		printf("part memory %ld\n", now() - stopped);
	} else if (o.way == BOTH && !o.early) {
		tell_map();
	}
	memcpy(stale_then, unsent, pages());
	state.page = now();
	link_push(push_fd, state, cpus);
	if (o.early)
		tell_map();
}

void source(int push_, int urgent)
{
	push_fd = push_;
	urgent_fd = urgent;
	piece = o.page < 4 * GRANULE ? o.page : 4 * GRANULE;
	memory = mmap(NULL, o.memory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	dirty = calloc(pages(), 1);
	unsent = malloc(pages());
	stale_then = malloc(pages());
	if (memory == MAP_FAILED || !dirty || !unsent || !stale_then)
		err(1, "memory of the source");
	guest_fill(memory);
	memset(unsent, 1, pages());
	guest_start(memory, dirty, NULL);
	sleep_until(now() + o.before);
	start = now();
	link_send(push_fd, (struct message){.kind = BEGIN, .page = start}, NULL, start);
	if (o.way == PRE || o.way == BOTH) {
		memset(dirty, 0, pages());
		rounds();
	}
	hand_over();
	post_copy();
	printf("sent %lu\n", sent);
	link_send(push_fd, (struct message){.kind = LAST}, NULL, now());
}
