/*
 *     move MEMORY PAGE CPUS HOT_INTERVAL COLD_INTERVAL HOT_GRANULES SKEW WRITES PHASE SEED
 *          BANDWIDTH RTT OWN_CHANNEL BUFFER INTERRUPT WAY MINOR HANDLERS BATCH ROUNDS DOWNTIME EARLY BEFORE
 *
 * Moves a guest from this process to a child, and prints how it went. Times are in nanoseconds since the start:
 *
 *     progress PAGES                 while it runs: so many pages have come
 *     round BEGIN END PAGES STALE    of pre-copy
 *     paused AT, resumed AT          the guest
 *     part NAME TIME                 of the downtime
 *     stale PAGES, sent PAGES
 *     touches COUNT                  of each vCPU, here and there
 *     fault CPU BEGIN TIME PAGE MAPPED    MAPPED is 1 if its content was there already
 *     arrival TIME...                of each page, a thousand in a line
 *     equal 1                        everything is as if the guest had never moved
 *
 * Killed at any time, it leaves nothing: its memory is anonymous or a memory file, and the child dies with the parent.
 */
#include "move.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

struct options o;
int64_t start;

static void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (parent && getppid() != parent)
		_exit(1);
}

/* Sockets that hold what is on its way: what the buffer has, and what half a round trip brings. */
static void join(int pair[2])
{
	int size = 8 << 20;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		err(1, "socketpair");
	for (int i = 0; i < 2; i++)
		if (setsockopt(pair[i], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size))
			setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

int main(int argc, char **argv)
{
	uint64_t *option = (uint64_t *)&o;
	int push[2], urgent[2], status;
	pid_t parent = getpid(), child;

	if (argc != 1 + sizeof o / sizeof *option)
		errx(2, "%zu numbers are needed", sizeof o / sizeof *option);
	for (int i = 1; i < argc; i++)
		option[i - 1] = strtoull(argv[i], NULL, 10);
	if (o.cpus > MAX_CPUS)
		errx(2, "at most %d vCPUs", MAX_CPUS);
	die_with(0);
	prctl(PR_SET_TIMERSLACK, 1UL);
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 1 << 16);
	join(push);
	join(urgent);
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (!child) {
		die_with(parent);
		prctl(PR_SET_TIMERSLACK, 1UL);
		close(push[0]);
		close(urgent[0]);
		destination(push[1], urgent[1]);
		return 0;
	}
	close(push[1]);
	close(urgent[1]);
	source(push[0], urgent[0]);
	if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		errx(1, "the destination is gone");
	return WEXITSTATUS(status);
}
