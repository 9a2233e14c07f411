/*
 * The link. Messages go over sockets at once, and say when they are to be delivered; who receives them waits until
 * then. So bandwidth, round trip and buffer are as in uffdsim/migration/link.py: a page that is pushed goes behind
 * everything in the buffer; one that was asked for, on a channel of its own, goes past it and shares the wire with
 * it.
 */
#include "move.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

/* When all that was sent will have left the wire. */
static int64_t busy;

int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Or until a signal comes. */
void sleep_until(int64_t time)
{
	struct timespec t = {.tv_sec = time / 1000000000, .tv_nsec = time % 1000000000};

	if (time > now())
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

int64_t wire(uint64_t bytes)
{
	return (int64_t)((double)bytes / o.bandwidth * 1e9);
}

int64_t half(void)
{
	return o.rtt / 2;
}

/* When the buffer has room for the next piece. */
int64_t link_room(void)
{
	return busy - wire(o.buffer);
}

void link_send(int fd, struct message m, const void *content, int64_t deliver)
{
	struct iovec parts[] = {{&m, sizeof m}, {(void *)content, m.length}};
	size_t left = sizeof m + m.length;

	m.deliver = deliver;
	while (left) {
		ssize_t sent = writev(fd, parts, 2);

		if (sent < 0)
			err(1, "the other side is gone");
		left -= sent;
		for (int i = 0; i < 2; i++) {
			size_t part = (size_t)sent < parts[i].iov_len ? (size_t)sent : parts[i].iov_len;

			parts[i].iov_base = (char *)parts[i].iov_base + part;
			parts[i].iov_len -= part;
			sent -= part;
		}
	}
}

void link_push(int fd, struct message m, const void *content)
{
	int64_t time = now();

	busy = (busy > time ? busy : time) + wire(m.length);
	link_send(fd, m, content, busy + half());
}

/* All that is left of a page that was asked for, from its piece `m.offset` on. */
void link_ask(int fd, struct message m, const void *content)
{
	int64_t time = now(), begin = link_room() > time ? link_room() : time;
	uint64_t beside = o.page < o.buffer ? o.page : o.buffer, piece = m.length;
	int64_t ahead = wire(o.own_channel ? beside : o.buffer) + half();

	busy = (busy > time ? busy : time) + wire(o.page - m.offset);
	for (; m.offset < o.page; m.offset += piece) {
		begin += wire(piece);
		link_send(fd, m, (const char *)content + m.offset, begin + ahead);
	}
}

void link_read(int fd, void *to, size_t length)
{
	while (length) {
		ssize_t got = read(fd, to, length);

		if (got <= 0)
			errx(1, "the other side is gone");
		to = (char *)to + got;
		length -= got;
	}
}

/* The next message, when it is delivered; its content is still to be read. False at the end. */
bool link_receive(int fd, struct message *m)
{
	ssize_t got = recv(fd, m, sizeof *m, MSG_WAITALL);

	if (got != sizeof *m)
		return false;
	while (now() < m->deliver)
		sleep_until(m->deliver);
	return true;
}
