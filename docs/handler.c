/* A minor fault and its handler, in plain C: cc -pthread -o handler handler.c && sudo ./handler */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static long page; /* the page size of the memory that is watched: with huge pages, theirs */
static char *data; /* a page of whatever belongs there */

/* The handler's loop. */
static void *handle(void *argument)
{
    int uffd = *(int *)argument;
    struct pollfd ready = {.fd = uffd, .events = POLLIN};
    struct uffd_msg message;

    while (poll(&ready, 1, -1) > 0) {
        if (ready.revents & (POLLHUP | POLLERR))
            return NULL; /* closed; or opened without O_NONBLOCK */
        if (read(uffd, &message, sizeof message) != sizeof message)
            continue; /* EAGAIN: the fault was answered before its message was read */
        if (message.event != UFFD_EVENT_PAGEFAULT)
            continue; /* REMOVE, UNMAP, REMAP, FORK: reading it was the answer */

        __u64 start = message.arg.pagefault.address & ~(page - 1);
        struct uffdio_range range = {.start = start, .len = page};
        int answered = -1;

        if (message.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_MINOR) {
            /* Bring the page up to date here, through another mapping of the file. */
            struct uffdio_continue in_cache = {.range = range};
            answered = ioctl(uffd, UFFDIO_CONTINUE, &in_cache);
        } else {
            /* COPY works for every kind of memory; ZEROPAGE is refused for huge pages. */
            struct uffdio_copy bring = {.dst = start, .src = (unsigned long)data, .len = page};
            answered = ioctl(uffd, UFFDIO_COPY, &bring);
        }
        if (answered == -1) /* a call that is refused wakes nobody: let the thread try again */
            ioctl(uffd, UFFDIO_WAKE, &range);
    }
    return NULL;
}
/* The end of the loop. */

static int failed(const char *what)
{
    perror(what);
    return 1;
}

int main(void)
{
    page = sysconf(_SC_PAGESIZE);
    data = calloc(1, page);
    int file = memfd_create("F", MFD_CLOEXEC);
    if (!data || file == -1 || ftruncate(file, 2 * page) == -1)
        return failed("memory");
    char *plain = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    char *watched = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (plain == MAP_FAILED || watched == MAP_FAILED)
        return failed("mmap");

    int uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
    if (uffd == -1)
        return failed("userfaultfd");
    struct uffdio_api api = {.api = UFFD_API};
    if (ioctl(uffd, UFFDIO_API, &api) == -1)
        return failed("UFFDIO_API");
    struct uffdio_register watch = {
        .range = {.start = (unsigned long)watched, .len = 2 * page},
        .mode = UFFDIO_REGISTER_MODE_MINOR | UFFDIO_REGISTER_MODE_MISSING,
    };
    if (ioctl(uffd, UFFDIO_REGISTER, &watch) == -1)
        return failed("UFFDIO_REGISTER");

    pthread_t handler;
    if ((errno = pthread_create(&handler, NULL, handle, &uffd)))
        return failed("pthread_create");
    plain[0] = 0x41; /* into the page cache; watched has no entry for it yet */
    printf("page 0, minor: 0x%02x\n", *(volatile char *)watched);
    printf("page 1, missing: 0x%02x\n", *(volatile char *)(watched + page));
    return 0;
}
