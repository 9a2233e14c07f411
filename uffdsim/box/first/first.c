/*
 * The first program of a kernel in a box: it gives scenarios to the program that carries out their steps, one after the
 * other, for as long as they come.
 *
 * It is asked and answers by the second serial port. A request is a line, and as many bytes as that says, which are the
 * steps:
 *
 *     SECONDS THREADS DESCRIPTORS BYTES
 *
 * Then come the answers as the steps program writes them, and a line that ends them, with what it complained of:
 *
 *     end STATUS COMPLAINT            STATUS is that of its exit, or -1 if it was stopped after so many seconds
 *
 * The very first line, once the kernel is up, is "ready RELEASE". Who is asked nothing for ten minutes shuts the
 * machine down.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE (10 * 60 * 1000)

static FILE *port;

static void shut_down(void)
{
	reboot(RB_AUTOBOOT); /* the emulator ends where a PC would start anew */
	_exit(1);
}

static void need(int result, const char *what)
{
	if (result < 0) {
		warn("%s", what);
		shut_down();
	}
}

static void open_port(void)
{
	struct termios raw;
	int fd = open("/dev/ttyS1", O_RDWR | O_CLOEXEC | O_NOCTTY);

	need(fd, "/dev/ttyS1");
	need(tcgetattr(fd, &raw), "tcgetattr");
	cfmakeraw(&raw);
	need(tcsetattr(fd, TCSANOW, &raw), "tcsetattr");
	port = fdopen(fd, "r+");
	setvbuf(port, NULL, _IONBF, 0);
}

/* The steps, as a file that can be read from its beginning. */
static int receive(size_t bytes)
{
	int file = memfd_create("steps", MFD_CLOEXEC);
	char *text = malloc(bytes + 1);

	need(file, "memfd_create");
	if (!text || fread(text, 1, bytes, port) != bytes || write(file, text, bytes) != (ssize_t)bytes)
		shut_down();
	free(text);
	lseek(file, 0, SEEK_SET);
	return file;
}

static pid_t start(int steps, int complaints, const char *threads, const char *descriptors)
{
	pid_t child = fork();

	if (!child) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		dup2(steps, 0);
		dup2(fileno(port), 1);
		dup2(complaints, 2);
		execl("/steps", "steps", "1", threads, descriptors, (char *)NULL);
		err(2, "/steps");
	}
	need(child, "fork");
	return child;
}

static int wait_for(pid_t child, long seconds)
{
	struct timespec end, now, left;
	sigset_t ended;
	int status;

	sigemptyset(&ended);
	sigaddset(&ended, SIGCHLD);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	while (!waitpid(child, &status, WNOHANG)) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		left.tv_sec = end.tv_sec - now.tv_sec - (now.tv_nsec > end.tv_nsec);
		left.tv_nsec = (end.tv_nsec - now.tv_nsec + 1000000000) % 1000000000;
		if (left.tv_sec >= 0 && sigtimedwait(&ended, NULL, &left) > 0)
			continue;
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		return -1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void serve(char *line)
{
	char complaint[512] = "";
	long seconds = strtol(strtok(line, " "), NULL, 10);
	const char *threads = strtok(NULL, " "), *descriptors = strtok(NULL, " ");
	int steps = receive(strtoul(strtok(NULL, " "), NULL, 10));
	int complaints = memfd_create("complaints", MFD_CLOEXEC);
	int status = wait_for(start(steps, complaints, threads, descriptors), seconds);

	if (pread(complaints, complaint, sizeof complaint - 1, 0) > 0)
		complaint[strcspn(complaint, "\n")] = '\0';
	close(steps);
	close(complaints);
	fprintf(port, "end %d %s\n", status, complaint);
}

int main(void)
{
	struct utsname name;
	struct pollfd asked;
	sigset_t ended;
	char *line = NULL;
	size_t size = 0;

	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL); /* it may be there already */
	sigemptyset(&ended);
	sigaddset(&ended, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ended, NULL);
	open_port();
	uname(&name);
	fprintf(port, "ready %s\n", name.release);
	asked = (struct pollfd){ .fd = fileno(port), .events = POLLIN };
	while (poll(&asked, 1, PATIENCE) > 0 && getline(&line, &size, port) > 0)
		serve(line);
	shut_down();
}
