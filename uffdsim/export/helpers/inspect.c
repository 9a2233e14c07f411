/* What /proc says of the memory. */

//: forget
#include <string.h>

/* What is unmapped or moved away, all of it, or could not be mapped, is not inspected any more. */
static void forget(const char *name)
{
	for (struct mapping *m = mappings; m->name; m++)
		m->gone |= !strcmp(m->name, name);
}

//: cover
#include <string.h>

/* A mapping has taken the place of others: from now on, what is there goes by its name. */
static void cover(const char *name)
{
	for (struct mapping *m = mappings; m->name; m++)
		m->made |= !strcmp(m->name, name);
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

//: pagemap_scan
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Print a region that was found: where it begins, how long it is, and what its pages are. */
static void print_region(struct page_region region)
{
	static const char *const names[] = {
		"WPALLOWED", "WRITTEN", "FILE", "PRESENT", "SWAPPED", "PFNZERO", "HUGE", "SOFT_DIRTY", "GUARD", "ACCESSED",
	};
	const char *comma = "";

	printf("{\"start\": {");
	print_place(stdout, region.start);
	printf("}, \"bytes\": %lu, \"categories\": [", region.end - region.start);
	for (size_t bit = 0; bit < sizeof names / sizeof *names; bit++)
		if (region.categories >> bit & 1) {
			printf("%s\"%s\"", comma, names[bit]);
			comma = ", ";
		}
	printf("]}");
}

/* Ask which pages of a range are as wanted. */
static void pagemap_scan(void *start, uint64_t length, struct pm_scan_arg scan)
{
	int found, pagemap = open("/proc/self/pagemap", O_RDONLY);
	struct page_region regions[64];

	scan.size = sizeof scan;
	scan.start = (uintptr_t)start;
	scan.end = scan.start + length;
	scan.vec = (uintptr_t)regions;
	scan.vec_len = sizeof regions / sizeof *regions;
	found = ioctl(pagemap, PAGEMAP_SCAN, &scan);
	if (answer(found)) {
		printf(", \"walked\": %lu, \"regions\": [", scan.walk_end - scan.start);
		for (int n = 0; n < found; n++) {
			printf("%s", n ? ", " : "");
			print_region(regions[n]);
		}
		printf("]");
	}
	end();
	close(pagemap);
}
