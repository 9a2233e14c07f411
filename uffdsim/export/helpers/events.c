/* Messages of a userfaultfd. */

//: print_place ? one-watched
#include <stdint.h>
#include <stdio.h>

/* Print an address as a page and a byte in it; it can only be in this mapping. */
static void print_place(FILE *out, uint64_t address)
{
//# watched
}

//: print_place ? no-one-watched
#include <stdint.h>
#include <stdio.h>

/* Print an address: the mapping whose place it is, the page (-1 is just before it), and the byte in it. */
static void print_place(FILE *out, uint64_t address)
{
	const struct mapping *m = mappings;
	long far, offset;

	while (m[1].name && (uintptr_t)m[1].start <= address + (32L << 30)) //? no-over
		m++; //? no-over
	for (const struct mapping *other = mappings; other->name; other++) //? over
		if (!other->over && (uintptr_t)other->start <= address + (32L << 30)) //? over
			m = other; //? over
	for (const struct mapping *other = mappings; other->name; other++) //? over
		if (other->made && address - (uintptr_t)other->start < (uint64_t)(other->pages * other->page_size)) //? over
			m = other; //? over
	far = address - (uintptr_t)m->start;
	offset = (far % m->page_size + m->page_size) % m->page_size;
	fprintf(out, "\"vma\": \"%s\", ", m->name);
	fprintf(out, "\"page\": %ld, \"offset\": %ld", (far - offset) / m->page_size, offset);
}

//: print_thread
/* Print whose fault it was; the kernel says so if it was asked for THREAD_ID. */
static void print_thread(FILE *out, int tid)
{
	const char *name = NULL;

	for (struct thread *t = threads; t->name; t++)
		if (tid && tid == t->tid)
			name = t->name;
	if (name)
		fprintf(out, ", \"ptid\": \"%s\"", name);
	else
		fprintf(out, ", \"ptid\": null");
}

//: print_message
#include <linux/userfaultfd.h>

/* Print what a message says, after what stands before it. */
static void print_message(FILE *out, const char *before, const struct uffd_msg *message)
{
	if (message->event == UFFD_EVENT_PAGEFAULT) {
		fprintf(out, "%s\"event\": \"PAGEFAULT\", \"flags\": %llu, ", before, message->arg.pagefault.flags);
		print_place(out, message->arg.pagefault.address);
		print_thread(out, message->arg.pagefault.feat.ptid); //? THREAD_ID
		fprintf(out, ", \"ptid\": null"); //? no-THREAD_ID
	}
	if (message->event == UFFD_EVENT_FORK) //? FORK
		fprintf(out, "%s\"event\": \"FORK\"", before); //? FORK
	if (message->event == UFFD_EVENT_REMAP) { //? REMAP
		fprintf(out, "%s\"event\": \"REMAP\", \"from\": {", before); //? REMAP
		print_place(out, message->arg.remap.from); //? REMAP
		fprintf(out, "}, \"to\": {"); //? REMAP
		print_place(out, message->arg.remap.to); //? REMAP
		fprintf(out, "}, \"bytes\": %llu", message->arg.remap.len); //? REMAP
	} //? REMAP
	if (message->event == UFFD_EVENT_REMOVE || message->event == UFFD_EVENT_UNMAP) { //? REMOVE
		fprintf(out, "%s\"event\": \"%s\"", before, message->event == UFFD_EVENT_REMOVE ? "REMOVE" : "UNMAP"); //? REMOVE
		fprintf(out, ", \"start\": {"); //? REMOVE
		print_place(out, message->arg.remove.start); //? REMOVE
		fprintf(out, "}, \"bytes\": %llu", message->arg.remove.end - message->arg.remove.start); //? REMOVE
	} //? REMOVE
}

//: print_messages
/* Print several. */ //? no-FORK
static void print_messages(FILE *out, const struct uffd_msg *messages, size_t size) //? no-FORK
/* Print several, and return the descriptor that the last FORK among them brings. */ //? FORK
static int print_messages(FILE *out, const struct uffd_msg *messages, size_t size) //? FORK
{
	int child = -1; //? FORK
 //? FORK
	fprintf(out, ", \"events\": [");
	for (size_t n = 0; n < size / sizeof *messages; n++) {
		print_message(out, n ? ", {" : "{", &messages[n]);
		fprintf(out, "}");
		if (messages[n].event == UFFD_EVENT_FORK) //? FORK
			child = messages[n].arg.fork.ufd; //? FORK
	}
	fprintf(out, "]");
	return child; //? FORK
}

//: read_event ? no-threads
#include <linux/userfaultfd.h>
#include <unistd.h>

/* Read one message. Nobody waits in this program, so there is none. */
static int read_event(int fd)
{
	struct uffd_msg message;

	result(read(fd, &message, sizeof message));
	return -1;
}

//: read_event ? threads
#include <unistd.h>

/* Read one message. */ //? no-FORK
static void read_event(int fd) //? no-FORK
/* Read one message. A FORK brings a descriptor for the child's memory. */ //? FORK
static int read_event(int fd) //? FORK
{
	struct uffd_msg message = { .event = 0 };

	if (answer(read(fd, &message, sizeof message)))
		print_message(stdout, ", ", &message);
	end();
	return message.event == UFFD_EVENT_FORK ? (int)message.arg.fork.ufd : -1; //? FORK
}

//: wait_for_event
#include <unistd.h>

/* Read one message, and wait for it where there is none yet. */
static void wait_for_event(struct thread *t, int fd) //? no-FORK
static int wait_for_event(struct thread *t, int fd) //? FORK
{
	struct uffd_msg message = { .event = 0 };
	ssize_t size = read(fd, &message, sizeof message);

	returned(t, size);
	if (size > 0) {
		FILE *out = fmemopen(t->answer, sizeof t->answer, "a");

		print_message(out, ", ", &message);
		fclose(out);
	}
	return message.event == UFFD_EVENT_FORK ? (int)message.arg.fork.ufd : -1; //? FORK
}

//: read_events ? no-threads
#include <linux/userfaultfd.h>
#include <unistd.h>

/* Read messages, as many as there is room for. Nobody waits in this program, so there is none. */
static int read_events(int fd, size_t size)
{
	struct uffd_msg messages[16];

	result(read(fd, messages, size));
	return -1;
}

//: read_events ? threads
#include <unistd.h>

/* Read messages, as many as there is room for. */
static void read_events(int fd, size_t size) //? no-FORK
static int read_events(int fd, size_t size) //? FORK
{
	struct uffd_msg messages[16];
	ssize_t length = read(fd, messages, size);
	int child = -1; //? FORK

	if (answer(length))
		print_messages(stdout, messages, length); //? no-FORK
		child = print_messages(stdout, messages, length); //? FORK
	end();
	return child; //? FORK
}

//: wait_for_events
#include <unistd.h>

/* Read messages, as many as there is room for, and wait where there is none yet. */
static void wait_for_events(struct thread *t, int fd, size_t size) //? no-FORK
static int wait_for_events(struct thread *t, int fd, size_t size) //? FORK
{
	struct uffd_msg messages[16];
	ssize_t length = read(fd, messages, size);
	int child = -1; //? FORK

	returned(t, length);
	if (length >= 0) {
		FILE *out = fmemopen(t->answer, sizeof t->answer, "a");

		print_messages(out, messages, length); //? no-FORK
		child = print_messages(out, messages, length); //? FORK
		fclose(out);
	}
	return child; //? FORK
}

//: poll_for_messages
#include <poll.h>

/* Say whether there is anything to read, without waiting for it. */
static void poll_for_messages(int fd)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };

	if (answer(poll(&one, 1, 0)))
		printf(", \"revents\": [%s]", one.revents & POLLERR ? "\"POLLERR\"" : one.revents & POLLIN ? "\"POLLIN\"" : "");
	end();
}
