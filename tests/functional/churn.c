/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * churn: opens and closes TCP connections through the firewall, and keeps the ledger of them.
 *
 * Overview: both ends of each connection are here, on two ports of net_memif, whose other sides are
 * the firewall's ports: rings in shared memory, since a veth pair takes 1 to 2 µs of a CPU for each
 * frame. A connection is a handshake, each frame of which goes out once the one before has come
 * through, and after a time by the seed a RST from either end; some stay open. Opening and closing
 * go on at a given rate until SIGTERM, and wait while too many frames are on their way, so that a
 * slow machine lowers the rate and loses nothing.
 *
 * The ledger is a file with an entry a connection, by number: when its frames were sent, by the
 * clock before sending, and when they had come through, by the clock after receiving. So what it
 * says is certain: the firewall had a frame between these two times, whatever the load.
 */
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "tests/functional/churn_frame.h"

enum {
	BATCH = 32,
	WINDOW = 512, /* frames on their way: half of what a port's ring holds */
	STALLED_MS = 5000,
	LINK_SECONDS = 10,
	LINK_POLL_US = 1000,
	IDLE_US = 20,
	SLOTS = 1024, /* of the wheel, a ms each: more than the longest life */
	STAYS = 16,   /* one connection of so many stays open */
	NONE = UINT32_MAX,
};

#define NS_PER_MS UINT64_C(1000000)

/* Nanoseconds of CLOCK_MONOTONIC; 0: not yet. */
struct entry {
	uint64_t open_sent;
	uint64_t open_seen;  /* the SYN */
	uint64_t ready_seen; /* the handshake's last frame */
	uint64_t close_sent;
	uint64_t close_seen; /* the RST */
};

struct end {
	uint16_t port;
	uint16_t count;
	struct rte_mbuf *frames[BATCH]; /* to be sent */
};

struct churn {
	struct end ends[2]; /* left has the clients, right the servers */
	struct rte_mempool *pool;
	uint16_t queues; /* of each port: as many as the firewall has workers */
	uint16_t queue;	 /* of the next batch */
	struct entry *entries;
	uint32_t *next; /* of the same slot of the wheel */
	uint32_t slots[SLOTS];
	uint64_t turned; /* the wheel's time, in ms */
	uint32_t opened;
	uint32_t capacity;
	uint64_t seed;
	uint64_t under_way; /* frames */
	uint64_t last_received;
};

static volatile sig_atomic_t ended;

static void on_signal(int number)
{
	(void)number;
	ended = 1;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 * NS_PER_MS + (uint64_t)time.tv_nsec;
}

/* splitmix64 of the seed and the number. */
static uint64_t random_of(const struct churn *churn, uint32_t number)
{
	uint64_t x = churn->seed + (number + 1) * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* ---- ends ---- */

static void must(bool done, const char *what)
{
	if (!done)
		error(EXIT_FAILURE, rte_errno, "%s", what);
}

/* Until the firewall's side is connected. */
static void wait_link(uint16_t port, const char *name)
{
	uint64_t deadline = now() + LINK_SECONDS * 1000 * NS_PER_MS;
	struct rte_eth_link link = {0};

	while (!ended && link.link_status != RTE_ETH_LINK_UP) {
		if (now() > deadline)
			error(EXIT_FAILURE, 0, "%s: no link after %u s", name, LINK_SECONDS);
		must(rte_eth_link_get_nowait(port, &link) == 0, name);
		usleep(LINK_POLL_US);
	}
}

static void open_end(struct churn *churn, unsigned index)
{
	const struct rte_eth_conf conf = {0};
	struct end *end = &churn->ends[index];
	char name[RTE_ETH_NAME_MAX_LEN];

	snprintf(name, sizeof(name), "net_memif%u", index);
	must(rte_eth_dev_get_port_by_name(name, &end->port) == 0, name);
	must(rte_eth_dev_configure(end->port, churn->queues, churn->queues, &conf) == 0, name);
	for (uint16_t i = 0; i < churn->queues; i++)
		must(rte_eth_rx_queue_setup(end->port, i, 1024, 0, NULL, churn->pool) == 0 &&
				rte_eth_tx_queue_setup(end->port, i, 1024, 0, NULL) == 0,
			name);
	must(rte_eth_dev_start(end->port) == 0, name);
	wait_link(end->port, name);
}

static void flush_end(struct churn *churn, struct end *end)
{
	uint16_t sent = 0;

	churn->queue = (uint16_t)((churn->queue + 1) % churn->queues);
	while (sent < end->count && !ended)
		sent += rte_eth_tx_burst(
			end->port, churn->queue, end->frames + sent, end->count - sent);
	end->count = 0;
}

static void send_frame(struct churn *churn, uint32_t number, unsigned from, uint8_t flags)
{
	struct end *end = &churn->ends[from];
	struct rte_mbuf *frame = rte_pktmbuf_alloc(churn->pool);

	must(frame != NULL, "buffers");
	frame->data_len = (uint16_t)churn_frame_write(
		rte_pktmbuf_mtod(frame, uint8_t *), number, from, flags, random_of(churn, number));
	frame->pkt_len = frame->data_len;
	end->frames[end->count++] = frame;
	churn->under_way++;
	if (end->count == BATCH)
		flush_end(churn, end);
}

/* ---- connections ---- */

static void open_next(struct churn *churn)
{
	uint32_t number = churn->opened++;

	churn->entries[number].open_sent = now();
	send_frame(churn, number, 0, TH_SYN);
}

/* Put it into the wheel, unless it stays. */
static void schedule_close(struct churn *churn, uint32_t number)
{
	uint64_t random = random_of(churn, number) >> 16;
	uint32_t *slot = &churn->slots[(churn->turned + 1 + random / STAYS % (SLOTS - 1)) % SLOTS];

	if (random % STAYS == 0)
		return;
	churn->next[number] = *slot;
	*slot = number;
}

static void close_due(struct churn *churn, uint64_t time)
{
	uint32_t *slot = &churn->slots[churn->turned % SLOTS];

	while (*slot != NONE && churn->under_way < WINDOW) {
		uint32_t number = *slot;

		*slot = churn->next[number];
		churn->entries[number].close_sent = now();
		send_frame(churn, number, random_of(churn, number) >> 15 & 1, TH_RST | TH_ACK);
	}
	/* A slot at a time, so that none is left behind with what the window had no room for. */
	if (*slot == NONE && churn->turned < time / NS_PER_MS)
		churn->turned++;
}

static void take_frame(struct churn *churn, unsigned at, uint32_t number, uint8_t flags)
{
	struct entry *entry = &churn->entries[number];

	churn->under_way -= churn->under_way > 0;
	churn->last_received = now();
	if (flags == TH_SYN) {
		entry->open_seen = churn->last_received;
		send_frame(churn, number, 1, TH_SYN | TH_ACK);
	} else if (flags == (TH_SYN | TH_ACK)) {
		send_frame(churn, number, 0, TH_ACK);
	} else if (flags == TH_ACK && at == 1) {
		entry->ready_seen = churn->last_received;
		schedule_close(churn, number);
	} else if ((flags & TH_RST) != 0) {
		entry->close_seen = churn->last_received;
	}
}

/* Returns whether anything came. */
static bool receive(struct churn *churn, unsigned at, uint16_t queue)
{
	struct rte_mbuf *frames[BATCH];
	uint16_t count = rte_eth_rx_burst(churn->ends[at].port, queue, frames, BATCH);

	for (uint16_t i = 0; i < count; i++) {
		uint32_t number;
		uint8_t flags;

		if (churn_frame_read(rte_pktmbuf_mtod(frames[i], uint8_t *), frames[i]->data_len,
			    at, &number, &flags) &&
			number < churn->opened)
			take_frame(churn, at, number, flags);
	}
	rte_pktmbuf_free_bulk(frames, count);
	return count > 0;
}

static void turn(struct churn *churn, uint64_t due, uint64_t time)
{
	bool idle = true;

	close_due(churn, time);
	while (churn->opened < due && churn->opened < churn->capacity && churn->under_way < WINDOW)
		open_next(churn);
	for (unsigned i = 0; i < 2; i++) {
		for (uint16_t queue = 0; queue < churn->queues; queue++)
			idle = !receive(churn, i, queue) && idle;
		flush_end(churn, &churn->ends[i]);
	}
	/* What was lost is not awaited for ever; its entries say so. */
	if (churn->under_way > 0 && time > churn->last_received + STALLED_MS * NS_PER_MS)
		churn->under_way = 0;
	if (idle) /* leave the CPU to the worker that may share it */
		usleep(IDLE_US);
}

static void run(struct churn *churn, uint64_t rate)
{
	uint64_t begin = now();

	churn->turned = begin / NS_PER_MS;
	while (!ended) {
		uint64_t time = now();

		turn(churn, (time - begin) / 1000 * rate / 1000000, time);
	}
}

static void map_ledger(struct churn *churn, const char *path)
{
	int file = open(path, O_RDWR | O_CLOEXEC);
	struct stat stat;

	if (file < 0 || fstat(file, &stat) != 0)
		error(EXIT_FAILURE, errno, "%s", path);
	churn->capacity = (uint32_t)((size_t)stat.st_size / sizeof(struct entry));
	churn->entries =
		mmap(NULL, (size_t)stat.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	churn->next = calloc(churn->capacity, sizeof(*churn->next));
	if (churn->entries == MAP_FAILED || churn->next == NULL)
		error(EXIT_FAILURE, errno, "%s", path);
	for (unsigned i = 0; i < SLOTS; i++)
		churn->slots[i] = NONE;
	close(file);
}

static void start_dpdk(struct churn *churn, char *left, char *right)
{
	enum { BUFFERS = 16383 };
	char *arguments[] = {"churn", "--no-huge", "--no-shconf", "--no-telemetry", "--no-pci",
		"-m128", "--log-level=error", "--vdev", left, "--vdev", right};
	cpu_set_t cpus;

	/* The EAL binds this thread to one CPU, which a worker may have. */
	must(sched_getaffinity(0, sizeof(cpus), &cpus) == 0, "CPUs");
	must(rte_eal_init(sizeof(arguments) / sizeof(arguments[0]), arguments) >= 0, "DPDK");
	must(sched_setaffinity(0, sizeof(cpus), &cpus) == 0, "CPUs");
	churn->pool = rte_pktmbuf_pool_create(
		"frames", BUFFERS, BATCH, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	must(churn->pool != NULL, "buffers");
	for (unsigned i = 0; i < 2; i++)
		open_end(churn, i);
}

int main(int argument_count, char **arguments)
{
	static struct churn churn;
	const struct sigaction action = {.sa_handler = on_signal};

	if (argument_count != 7)
		error(EXIT_FAILURE, 0, "churn LEDGER SEED RATE QUEUES LEFT-DEVICE RIGHT-DEVICE");
	sigaction(SIGTERM, &action, NULL);
	map_ledger(&churn, arguments[1]);
	churn.seed = strtoull(arguments[2], NULL, 0);
	churn.queues = (uint16_t)strtoul(arguments[4], NULL, 0);
	start_dpdk(&churn, arguments[5], arguments[6]);
	run(&churn, strtoull(arguments[3], NULL, 0));
	puts("ended");
	fflush(stdout);
	/* DPDK 22.11's memif takes a link's memory away at its end, also from a worker that reads it: so
	 * the firewall goes first. */
	while (getchar() != EOF)
		;
	return EXIT_SUCCESS;
}
