/* What /proc says of the memory. */

//: forget
/* What is unmapped or moved away, all of it, or could not be mapped, is not inspected any more. */
static void forget(const uint8_t *start)
{
	for (struct mapping *m = mappings; m->name; m++)
		m->gone |= m->start == start;
}

//: allocated
#include <sys/stat.h>

/* How many bytes of a file are allocated. */
static long allocated(int fd)
{
	struct stat status = { .st_blocks = 0 };

	fstat(fd, &status);
	return status.st_blocks * 512;
}

//: inspect
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Print which of the flags lo, um, uw, ui and ur smaps shows for the VMA around a place, in its order. */
static void print_vm_flags(uintptr_t place)
{
	FILE *smaps = fopen("/proc/self/smaps", "r");
	char line[4096], *space = "", *flag = NULL;
	unsigned long from, to;
	bool here = false;

	while (!flag && fgets(line, sizeof line, smaps))
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = from <= place && place < to;
		else if (here && !strncmp(line, "VmFlags:", 8))
			flag = strtok(line + 8, " \n");
	fclose(smaps);
	if (!flag)
		printf("unmapped");
	for (; flag; flag = strtok(NULL, " \n"))
		if (strstr("lo um uw ui ur", flag)) {
			printf("%s%s", space, flag);
			space = " ";
		}
}

/* Print what pagemap and smaps say of one page. */
static void print_page(int pagemap, uintptr_t place)
{
	uint64_t entry;

	if (pread(pagemap, &entry, sizeof entry, place / 4096 * sizeof entry) != sizeof entry)
		entry = 0;
	printf("{\"present\": %lu, \"swap\": %lu, \"file\": %lu, ", entry >> 63, entry >> 62 & 1, entry >> 61 & 1);
	printf("\"uffd_wp\": %lu, \"exclusive\": %lu, \"vm_flags\": \"", entry >> 57 & 1, entry >> 56 & 1);
	print_vm_flags(place);
	printf("\"}");
}

static void inspect(void)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY);
	const char *comma = "";

	printf("{\"step\": %d, \"status\": \"done\", \"vmas\": {", step);
	for (const struct mapping *m = mappings; m->name; m++) { //? no-late
	for (const struct mapping *m = mappings; m->name && m->step < step; m++) { //? late
		if (m->gone) //? forget
			continue; //? forget
		printf("%s\"%s\": [", comma, m->name);
		for (long page = 0; page < m->pages; page++) {
			printf("%s", page ? ", " : "");
			print_page(pagemap, (uintptr_t)m->start + page * m->page_size);
		}
		printf("]");
		comma = ", ";
	}
	printf("}, \"files\": {");
//# files
	printf("}");
	end();
	close(pagemap);
}
