/* What /proc says of the mappings and their pages, which `inspect` and `pagemap_scan` ask; and how much of a file is allocated. */
#include "steps.h"

#include <sys/ioctl.h>
#include <sys/stat.h>

struct vma {
	uint64_t start, end;
	char flags[16];
};

static struct vma *read_smaps(size_t *count)
{
	static const char *const shown[] = { "lo", "um", "uw", "ui", "ur" };
	FILE *smaps = fopen("/proc/self/smaps", "re");
	struct vma *vmas = NULL;
	char *line = NULL;
	size_t size = 0;

	if (!smaps)
		err(2, "/proc/self/smaps");
	*count = 0;
	while (getline(&line, &size, smaps) > 0) {
		struct vma vma = { 0 };

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " ", &vma.start, &vma.end) == 2) {
			vmas = realloc(vmas, (*count + 1) * sizeof vma);
			if (!vmas)
				err(2, "no memory");
			vmas[(*count)++] = vma;
		} else if (!strncmp(line, "VmFlags:", 8)) {
			char *flags = vmas[*count - 1].flags;

			for (char *word = strtok(line + 8, " \n"); word; word = strtok(NULL, " \n"))
				for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
					if (!strcmp(word, shown[i]))
						strcat(strcat(flags, *flags ? " " : ""), word);
		}
	}
	free(line);
	fclose(smaps);
	return vmas;
}

static const char *flags_at(const struct vma *vmas, size_t count, uint64_t place)
{
	for (size_t i = 0; i < count; i++)
		if (vmas[i].start <= place && place < vmas[i].end)
			return vmas[i].flags;
	return "unmapped";
}

static uint64_t pagemap_at(int pagemap, uint64_t place)
{
	const uint64_t shown = 1ull << 63 | 1ull << 62 | 1ull << 61 | 1ull << 57 | 1ull << 56;
	uint64_t entry;

	if (pread(pagemap, &entry, sizeof entry, place / 4096 * sizeof entry) != sizeof entry)
		entry = 0;
	return entry & shown;
}

void do_inspect(struct thread *t) /* FILES SLOT... (ADDRESS PAGES PAGE-SIZE)... */
{
	size_t count, files = t->arg[0];
	struct vma *vmas = read_smaps(&count);
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	for (size_t i = 1; i <= files; i++) {
		struct stat st = { 0 };

		fstat(slots[t->arg[i]], &st);
		printf("file %" PRIu64 "\n", (uint64_t)st.st_blocks);
	}
	for (size_t i = files + 1; i < t->args; i += 3) {
		uint64_t place = t->arg[i], pages = t->arg[i + 1], alike = 1;

		for (uint64_t page = 0; page < pages; page += alike) {
			uint64_t entry = pagemap_at(pagemap, place);
			const char *flags = flags_at(vmas, count, place);

			for (alike = 0; page + alike < pages; alike++, place += t->arg[i + 2])
				if (pagemap_at(pagemap, place) != entry || flags_at(vmas, count, place) != flags)
					break;
			printf("pages %" PRIu64 " %" PRIu64 " %s\n", alike, entry, flags);
		}
	}
	close(pagemap);
	free(vmas);
}

/* <linux/fs.h> of Linux 6.7; older headers have none of it. */
struct region {
	uint64_t start, end, categories;
};

struct scan {
	uint64_t size, flags, start, end, walk_end, regions, room, max_pages, inverted, mask, anyof, returns;
};

#define SCAN _IOWR('f', 16, struct scan)

void do_pagemap_scan(struct thread *t) /* ADDRESS BYTES FLAGS MASK INVERTED ANYOF RETURNS MAX-PAGES */
{
	struct region *regions = (struct region *)t->more;
	struct scan scan = {
		.size = sizeof scan, .start = t->arg[0], .end = t->arg[0] + t->arg[1], .flags = t->arg[2],
		.mask = t->arg[3], .inverted = t->arg[4], .anyof = t->arg[5], .returns = t->arg[6],
		.max_pages = t->arg[7], .regions = (uintptr_t)regions, .room = REGIONS,
	};
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	int found = ioctl(pagemap, SCAN, &scan);

	answer(t, found < 0);
	close(pagemap);
	t->word[0] = scan.walk_end - scan.start;
	t->n_more = found > 0 ? found * 3 : 0;
}
