/* Messages of a userfaultfd. */

//: print_place ? one-watched
#include <stdint.h>

/* Print an address as a page and a byte in it; messages can only be about this mapping. */
static void print_place(uint64_t address)
{
//# watched
}

//: print_place ? no-one-watched
#include <stdint.h>

/* Print an address: the mapping whose place it is, the page (-1 is just before it), and the byte in it. */
static void print_place(uint64_t address)
{
	const struct mapping *m = mappings;
	long far, offset;

	while (m[1].name && (uintptr_t)m[1].start <= address + (32L << 30))
		m++;
	far = address - (uintptr_t)m->start;
	offset = (far % m->page_size + m->page_size) % m->page_size;
	printf("\"vma\": \"%s\", ", m->name);
	printf("\"page\": %ld, \"offset\": %ld", (far - offset) / m->page_size, offset);
}

//: print_thread
/* Print whose fault it was; the kernel says so if it was asked for THREAD_ID. */
static void print_thread(int tid)
{
	const char *name = NULL;

	for (struct thread *t = threads; t->name; t++)
		if (tid && tid == t->tid)
			name = t->name;
	if (name)
		printf(", \"ptid\": \"%s\"", name);
	else
		printf(", \"ptid\": null");
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
#include <linux/userfaultfd.h>
#include <unistd.h>

/* Read one message. */ //? no-FORK
static void read_event(int fd) //? no-FORK
/* Read one message. A FORK brings a descriptor for the child's memory. */ //? FORK
static int read_event(int fd) //? FORK
{
	struct uffd_msg message = { .event = 0 };

	answer(read(fd, &message, sizeof message));
	if (message.event == UFFD_EVENT_PAGEFAULT) {
		printf(", \"event\": \"PAGEFAULT\", \"flags\": %llu, ", message.arg.pagefault.flags);
		print_place(message.arg.pagefault.address);
		print_thread(message.arg.pagefault.feat.ptid); //? THREAD_ID
		printf(", \"ptid\": null"); //? no-THREAD_ID
	}
	if (message.event == UFFD_EVENT_FORK) //? FORK
		printf(", \"event\": \"FORK\""); //? FORK
	if (message.event == UFFD_EVENT_REMAP) { //? REMAP
		printf(", \"event\": \"REMAP\", \"from\": {"); //? REMAP
		print_place(message.arg.remap.from); //? REMAP
		printf("}, \"to\": {"); //? REMAP
		print_place(message.arg.remap.to); //? REMAP
		printf("}, \"bytes\": %llu", message.arg.remap.len); //? REMAP
	} //? REMAP
	if (message.event == UFFD_EVENT_REMOVE || message.event == UFFD_EVENT_UNMAP) { //? REMOVE
		printf(", \"event\": \"%s\"", message.event == UFFD_EVENT_REMOVE ? "REMOVE" : "UNMAP"); //? REMOVE
		printf(", \"start\": {"); //? REMOVE
		print_place(message.arg.remove.start); //? REMOVE
		printf("}, \"bytes\": %llu", message.arg.remove.end - message.arg.remove.start); //? REMOVE
	} //? REMOVE
	end();
	return message.event == UFFD_EVENT_FORK ? (int)message.arg.fork.ufd : -1; //? FORK
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
