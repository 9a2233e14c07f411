/*
 * The guest: the same touches as in uffdsim/migration/guest.py, at the same times. A touch changes a word that only
 * this vCPU uses, or reads it; so what all of them have computed does not depend on who was faster, and can be
 * computed again.
 */
#include "move.h"

#include <signal.h>
#include <time.h>

#define GOLDEN 0x9E3779B97F4A7C15ULL

struct cpu cpus[MAX_CPUS];

struct touch {
	uint64_t when, granule, write;
};

static struct runner {
	pthread_t thread;
	struct fault *fault;
	size_t faults, room;
} runners[MAX_CPUS];

static char *memory;
static uint8_t *dirty, *placed;
static volatile bool stop;

static uint64_t finished(uint64_t word)
{
	word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9ULL;
	word = (word ^ word >> 27) * 0x94D049BB133111EBULL;
	return word ^ word >> 31;
}

static uint64_t mixed(uint64_t a, uint64_t b, uint64_t c)
{
	return finished(finished(finished(a + GOLDEN) + b + GOLDEN) + c + GOLDEN);
}

static struct touch touch_at(uint64_t cpu, int kind, uint64_t number)
{
	uint64_t interval = kind ? o.cold_interval : o.hot_interval, granules = o.memory / GRANULE;
	uint64_t word = finished(mixed(o.seed, cpu, kind) + number * GOLDEN), place = word >> 32;
	struct touch t = {.when = number * interval + ((word >> 12 & 0xFFFF) * interval >> 16), .write = (word & 0xFF) <
	o.writes};

	if (kind) {
		t.granule = place * granules >> 32;
	} else {
		uint64_t drawn = place, phase = o.phase ? t.when / o.phase : 0;

		for (uint64_t i = 1; i < o.skew; i++)
			drawn = drawn * place >> 32;
		t.granule = ((drawn * o.hot_granules >> 32) + mixed(o.seed, phase, 2) % granules) % granules;
	}
	return t;
}

/* The next touch of a vCPU: of its two streams the one that is due first. */
static struct touch next_touch(uint64_t cpu, struct cpu *c)
{
	struct touch hot = {.when = UINT64_MAX}, cold = {.when = UINT64_MAX};

	if (o.hot_interval)
		hot = touch_at(cpu, 0, c->next[0]);
	if (o.cold_interval)
		cold = touch_at(cpu, 1, c->next[1]);
	c->next[cold.when < hot.when]++;
	return cold.when < hot.when ? cold : hot;
}

static void compute(char *in, uint64_t cpu, struct cpu *c, struct touch t)
{
	uint64_t *word = (uint64_t *)(in + t.granule * GRANULE) + cpu;

	if (t.write)
		*(volatile uint64_t *)word = c->sum = finished(*(volatile uint64_t *)word + c->sum);
	else
		c->sum = finished(*(volatile uint64_t *)word ^ c->sum);
}

static void remember(struct runner *r, struct fault fault)
{
	if (r->faults == r->room) {
		r->room = r->room ? 2 * r->room : 1024;
		r->fault = realloc(r->fault, r->room * sizeof *r->fault);
		if (!r->fault)
			err(1, "memory for faults");
	}
	r->fault[r->faults++] = fault;
}

static void *run(void *argument)
{
	uint64_t cpu = (uintptr_t)argument;
	struct runner *r = &runners[cpu];
	int64_t shift = now() - cpus[cpu].ran;

	while (!stop) {
		struct cpu before = cpus[cpu];
		struct touch t = next_touch(cpu, &cpus[cpu]);
		uint64_t page = t.granule * GRANULE / o.page;
		bool there;
		int64_t begin, lasted;

		sleep_until(t.when / 1000 + shift);
		if (stop) {
			cpus[cpu] = before;
			break;
		}
		there = !placed || __atomic_load_n(&placed[page], __ATOMIC_RELAXED);
		begin = now();
		compute(memory, cpu, &cpus[cpu], t);
		lasted = now() - begin;
		if (dirty && t.write)
			__atomic_store_n(&dirty[page], 1, __ATOMIC_RELEASE);
		if (!there && lasted > 1500) {
			remember(r, (struct fault){begin - start, lasted, page});
			shift += lasted;
		}
	}
	cpus[cpu].ran = now() - shift;
	return NULL;
}

static void nothing(int signal)
{
	(void)signal;
}

/* Every word of the memory is one of its own, so that a page in the wrong place is found out. */
void guest_fill(char *to)
{
	for (uint64_t i = 0; i < o.memory / sizeof(uint64_t); i++)
		((uint64_t *)to)[i] = finished(i + o.seed);
}

void guest_start(char *in, uint8_t *dirty_pages, uint8_t *placed_pages)
{
	struct sigaction wake = {.sa_handler = nothing};

	sigaction(SIGUSR1, &wake, NULL);
	memory = in;
	dirty = dirty_pages;
	placed = placed_pages;
	stop = false;
	for (uint64_t cpu = 0; cpu < o.cpus; cpu++)
		if (pthread_create(&runners[cpu].thread, NULL, run, (void *)cpu))
			errx(1, "no thread for a vCPU");
}

void guest_stop(void)
{
	stop = true;
	for (uint64_t cpu = 0; cpu < o.cpus; cpu++)
		while (pthread_tryjoin_np(runners[cpu].thread, NULL)) {
			pthread_kill(runners[cpu].thread, SIGUSR1);
			sleep_until(now() + 20000);
		}
}

bool guest_as_if_never_moved(const char *moved)
{
	char *again = malloc(o.memory);
	bool same = true;

	if (!again)
		err(1, "memory to compute it again");
	guest_fill(again);
	for (uint64_t cpu = 0; cpu < o.cpus; cpu++) {
		struct cpu c = {0};

		while (c.next[0] < cpus[cpu].next[0] || c.next[1] < cpus[cpu].next[1])
			compute(again, cpu, &c, next_touch(cpu, &c));
		same &= c.sum == cpus[cpu].sum;
	}
	same &= !memcmp(again, moved, o.memory);
	free(again);
	return same;
}

void guest_tell(const uint8_t *mapped_only)
{
	for (uint64_t cpu = 0; cpu < o.cpus; cpu++) {
		struct runner *r = &runners[cpu];

		printf("touches %lu\n", cpus[cpu].next[0] + cpus[cpu].next[1]);
		for (size_t i = 0; i < r->faults; i++)
			printf("fault %lu %ld %ld %lu %d\n", cpu, r->fault[i].begin, r->fault[i].lasted, r->fault[i].page,
			       mapped_only[r->fault[i].page]);
	}
}
