/* Messages of a userfaultfd. */

//: print_place
#include <stdint.h>

/* Print an address: the mapping whose place it is, the page, and the byte in it. */
static void print_place(uint64_t address)
{
	const struct mapping *m = mappings;
	long from_start;

	for (size_t i = 0; i < n_mappings; i++)
		if ((uintptr_t)mappings[i].start <= address)
			m = &mappings[i];
	from_start = address - (uintptr_t)m->start;
	printf("\"vma\": \"%s\", \"page\": %ld, \"offset\": %ld", m->name, from_start / m->page_size,
	       from_start % m->page_size);
}

//: print_thread
/* Print whose fault it was; the kernel says so if it was asked for THREAD_ID. */
static void print_thread(uint32_t tid)
{
	const char *name = NULL;

	for (size_t i = 0; i < n_threads; i++)
		if (tid && tid == (uint32_t)threads[i].tid)
			name = threads[i].name;
	if (name)
		printf(", \"ptid\": \"%s\"", name);
	else
		printf(", \"ptid\": null");
}

//: print_message
#include <linux/userfaultfd.h>
#include <unistd.h>

static void print_message(const struct uffd_msg *message)
{
	if (message->event == UFFD_EVENT_PAGEFAULT) {
		printf(", \"event\": \"PAGEFAULT\", \"flags\": %llu, ", message->arg.pagefault.flags);
		print_place(message->arg.pagefault.address);
		print_thread(message->arg.pagefault.feat.ptid); //? THREAD_ID
		printf(", \"ptid\": null"); //? no-THREAD_ID
	}
	if (message->event == UFFD_EVENT_FORK) //? FORK
		printf(", \"event\": \"FORK\""); //? FORK
	if (message->event == UFFD_EVENT_REMAP) { //? REMAP
		printf(", \"event\": \"REMAP\", \"from\": {"); //? REMAP
		print_place(message->arg.remap.from); //? REMAP
		printf("}, \"to\": {"); //? REMAP
		print_place(message->arg.remap.to); //? REMAP
		printf("}, \"bytes\": %llu", message->arg.remap.len); //? REMAP
	} //? REMAP
	if (message->event == UFFD_EVENT_REMOVE || message->event == UFFD_EVENT_UNMAP) { //? REMOVE
		printf(", \"event\": \"%s\"", message->event == UFFD_EVENT_REMOVE ? "REMOVE" : "UNMAP"); //? REMOVE
		printf(", \"start\": {"); //? REMOVE
		print_place(message->arg.remove.start); //? REMOVE
		printf("}, \"bytes\": %llu", message->arg.remove.end - message->arg.remove.start); //? REMOVE
	} //? REMOVE
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

//: read_event ? threads FORK
/* Read one message. A FORK brings a descriptor for the child's memory. */
static int read_event(int fd)
{
	struct uffd_msg message = { .event = 0 };

	if (answer(read(fd, &message, sizeof message)))
		print_message(&message);
	end();
	return message.event == UFFD_EVENT_FORK ? (int)message.arg.fork.ufd : -1;
}

//: read_event ? threads no-FORK
/* Read one message. */
static void read_event(int fd)
{
	struct uffd_msg message;

	if (answer(read(fd, &message, sizeof message)))
		print_message(&message);
	end();
}
