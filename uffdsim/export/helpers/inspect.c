/* What /proc says of the memory. */

//: forget
/* What is unmapped or moved away, all of it, is not inspected any more. */
static void forget(const uint8_t *start)
{
	for (size_t i = 0; i < n_mappings; i++)
		if (mappings[i].start == start)
			mappings[i].gone = true;
}

//: print_files
#include <stdio.h>
#include <sys/stat.h>

/* Print how many pages of each file are allocated. */
static void print_files(void)
{
	const char *comma = "";

	for (const struct file *f = files; f < files + n_files && f->step < step; f++) {
		struct stat status = { .st_blocks = 0 };

		fstat(*f->fd, &status);
		printf("%s\"%s\": %ld", comma, f->name, status.st_blocks * 512 / f->page_size);
		comma = ", ";
	}
}

//: inspect
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Print those flags of the VMA around a place that tell of locks and of userfaultfd, as smaps has them. */
static void print_vm_flags(const uint8_t *place)
{
	FILE *smaps = fopen("/proc/self/smaps", "r");
	unsigned long start, end;
	bool here = false, found = false;
	const char *space = "";
	char line[4096];

	while (smaps && !found && fgets(line, sizeof line, smaps)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2) {
			here = start <= (uintptr_t)place && (uintptr_t)place < end;
		} else if (here && !strncmp(line, "VmFlags:", 8)) {
			found = true;
			for (char *flag = strtok(line + 8, " \n"); flag; flag = strtok(NULL, " \n"))
				if (strstr("lo um uw ui", flag)) {
					printf("%s%s", space, flag);
					space = " ";
				}
		}
	}
	if (!found)
		printf("unmapped");
	if (smaps)
		fclose(smaps);
}

/* Print what pagemap and smaps say of one page. */
static void print_page(int pagemap, const uint8_t *place)
{
	uint64_t entry;

	if (pread(pagemap, &entry, sizeof entry, (uintptr_t)place / 4096 * sizeof entry) != sizeof entry)
		entry = 0;
	printf("{\"present\": %d, \"swap\": %d, \"file\": %d, \"uffd_wp\": %d, \"exclusive\": %d, \"vm_flags\": \"",
	       (int)(entry >> 63 & 1), (int)(entry >> 62 & 1), (int)(entry >> 61 & 1), (int)(entry >> 57 & 1),
	       (int)(entry >> 56 & 1));
	print_vm_flags(place);
	printf("\"}");
}

static void inspect(void)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY);
	const char *comma = "";

	printf("{\"step\": %d, \"status\": \"done\", \"vmas\": {", step);
	for (const struct mapping *m = mappings; m < mappings + n_mappings && m->step < step; m++) {
		if (m->gone) //? forget
			continue; //? forget
		printf("%s\"%s\": [", comma, m->name);
		for (long page = 0; page < m->pages; page++) {
			printf("%s", page ? ", " : "");
			print_page(pagemap, m->start + page * m->page_size);
		}
		printf("]");
		comma = ", ";
	}
	printf("}, \"files\": {");
	print_files(); //? file
	printf("}");
	end();
	close(pagemap);
}
