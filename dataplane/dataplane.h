/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dataplane: the packet path, as the control side sees it.
 *
 * Overview: a dataplane has ports, joined to inline pairs, and workers. A worker is one lcore that
 * polls its queue of every port and owns an IPv4 and an IPv6 flow table. The control thread
 * reaches a worker through its request ring and reads its counters; a worker reaches the control
 * thread by its record ring alone.
 *
 * Life-cycle: dataplane_init() (EAL, once a process) → dataplane_create() → dataplane_start() →
 * dataplane_stop() → dataplane_destroy() → dataplane_fini(). An offline dataplane has no ports,
 * workers' threads or clock: offline_create() after dataplane_init(), packets by offline_packet().
 *
 * Synchronisation: all functions are the control thread's, one thread. Times are nanoseconds of
 * dataplane_now(), a monotonic clock of no fixed origin, unless a comment says otherwise.
 */
#ifndef TIDEGATE_DATAPLANE_DATAPLANE_H
#define TIDEGATE_DATAPLANE_DATAPLANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/conversation.h"
#include "dataplane/drop.h"
#include "dataplane/rules.h"
#include "lpm/lpm.h"

enum { PORT_MAX = 32, WORKER_MAX = 64, PORT_NAME_SIZE = 32, PORT_DEVICE_SIZE = 256 };

#define NANOSECONDS UINT64_C(1000000000) /* in a second */

/* What a flow is at. CLOSED entries stay a while to take in stragglers, but are not open: no
 * capture lists them. */
enum flow_state {
	FLOW_FREE,
	FLOW_NEW,
	FLOW_ESTABLISHED,
	FLOW_CLOSING,
	FLOW_CLOSED,
	FLOW_STATE_COUNT
};

/* "new", "established", "closing", "closed"; FLOW_FREE is "free". */
const char *flow_state_name(enum flow_state state);

enum action { ACTION_ALLOW, ACTION_DROP };

/* Idle timeouts: TIMEOUT(symbol, configuration key, default in seconds, help text). */
#define TIMEOUTS(TIMEOUT)                                                                          \
	TIMEOUT(TCP_NEW, "tcp_new", 120, "TCP, packets from one side only")                        \
	TIMEOUT(TCP_SYN_RECEIVED, "tcp_syn_received", 60,                                          \
		"TCP, the answer to the SYN not yet acknowledged")                                 \
	TIMEOUT(TCP_ESTABLISHED, "tcp_established", 350, "TCP, packets from both sides")           \
	TIMEOUT(TCP_CLOSING, "tcp_closing", 120, "TCP after the first FIN")                        \
	TIMEOUT(TCP_TIME_WAIT, "tcp_time_wait", 120, "TCP after both FINs were acknowledged")      \
	TIMEOUT(TCP_CLOSED, "tcp_closed", 10, "TCP after a RST, to take in stragglers")            \
	TIMEOUT(UDP_NEW, "udp_new", 30, "UDP, packets from one side only")                         \
	TIMEOUT(UDP_ESTABLISHED, "udp_established", 120, "UDP, packets from both sides")           \
	TIMEOUT(SCTP_NEW, "sctp_new", 3, "SCTP, the handshake not completed")                      \
	TIMEOUT(SCTP_HEARTBEAT, "sctp_heartbeat", 30,                                              \
		"SCTP begun by a HEARTBEAT or midstream, packets from one side only")              \
	TIMEOUT(SCTP_ESTABLISHED, "sctp_established", 210, "SCTP, the handshake completed")        \
	TIMEOUT(SCTP_CLOSING, "sctp_closing", 3, "SCTP after the first SHUTDOWN")                  \
	TIMEOUT(SCTP_CLOSED, "sctp_closed", 10,                                                    \
		"SCTP after an ABORT or SHUTDOWN COMPLETE, to take in stragglers")                 \
	TIMEOUT(ICMP, "icmp", 30, "ICMP and ICMPv6")                                               \
	TIMEOUT(OTHER, "other", 600, "every other protocol")

#define TIMEOUT_SYMBOL(symbol, key, seconds, help) TIMEOUT_##symbol,
enum timeout { TIMEOUTS(TIMEOUT_SYMBOL) TIMEOUT_COUNT };
#undef TIMEOUT_SYMBOL

/*
 * What is checked of packets besides their being well-formed, and whose failing drops them:
 * CHECK(symbol, configuration key, help text).
 */
#define CHECKS(CHECK)                                                                              \
	CHECK(IPV4_CHECKSUM, "ipv4_checksum", "The IPv4 header checksum is right.")                \
	CHECK(L4_CHECKSUM, "l4_checksum",                                                          \
		"The checksum of TCP, UDP, SCTP, ICMP or ICMPv6 is right. Fragments are not "      \
		"looked at; UDP of IPv4 may have none.")                                           \
	CHECK(IPV4_OPTIONS, "ipv4_options",                                                        \
		"Among IPv4 options are no source route, record route or router alert (but with "  \
		"IGMP and RSVP), and none runs past the header.")                                  \
	CHECK(ROUTING_HEADER, "routing_header", "No IPv6 routing header is of type 0.")            \
	CHECK(LAND, "land", "Source and destination address differ.")                              \
	CHECK(LOOPBACK, "loopback", "No address is of 127.0.0.0/8, or ::1.")                       \
	CHECK(MARTIAN, "martian",                                                                  \
		"The source is no multicast, broadcast or IPv4-mapped address, and the one of "    \
		"no host (0.0.0.0/8, ::) only where a host asks for its own; the destination is "  \
		"not 0.0.0.0/8, :: or IPv4-mapped.")                                               \
	CHECK(ICMP_STATE, "icmp_state",                                                            \
		"An echo reply, or another ICMP answer, comes after its request, and an ICMP "     \
		"error or redirect quotes a packet of a flow that passes.")                        \
	CHECK(ND_HOP_LIMIT, "nd_hop_limit",                                                        \
		"Neighbor discovery, router discovery and redirects of IPv6 have the hop limit "   \
		"255; multicast listener discovery has 1, and a source of the link.")

#define CHECK_SYMBOL(symbol, key, help) CHECK_##symbol,
enum check { CHECKS(CHECK_SYMBOL) CHECK_COUNT };
#undef CHECK_SYMBOL

#define CHECK_BIT(check) (UINT32_C(1) << (check))

/* A timeout of this many seconds: flows do not expire by idleness. */
#define TIMEOUT_NEVER UINT32_MAX

/* Name of a drop reason, as status and verdicts say it. */
const char *drop_name(enum drop_reason reason);

/* ---- policy: what is allowed ---- */

struct policy;

/* The rule of what no rule decided: a default action did. */
#define RULE_NONE UINT32_MAX

enum rule_kind { RULE_STATELESS, RULE_STATEFUL };

/*
 * Compile rules; what they point to may be freed afterwards. worker_count is how many workers will
 * count its hits. Any thread. Returns 0; -EINVAL when a match is out of its ranges, see
 * classifier_create(); -E2BIG past the most rules; -ENOMEM.
 */
int policy_create(
	const struct policy_rules *rules, uint16_t worker_count, struct policy **ret_policy);
void policy_destroy(struct policy *policy);

/* Memory that the rules of a kind hold compiled, with their counters, in bytes. */
size_t policy_memory(const struct policy *policy, enum rule_kind kind);

/*
 * What a rule decided since the policy came into force, summed over the workers; rule is its index,
 * or RULE_NONE for the default actions. A stateless rule counts each packet; PASS, DROP and REJECT
 * count the packets of their flows, from the one that they decided; ALERT counts one packet an
 * alert.
 */
void policy_hits(const struct policy *policy, enum rule_kind kind, uint32_t rule,
	struct rule_hits *ret_hits);

/* The same of the packets whose stateless rule or default action has this custom action. */
void policy_metric_hits(const struct policy *policy, uint16_t metric, struct rule_hits *ret_hits);

/* ---- life-cycle ---- */

struct dataplane_port_config {
	char name[PORT_NAME_SIZE];     /* what users call it */
	char device[PORT_DEVICE_SIZE]; /* PCI address, or a vdev string */
};

/* What is received by of an AF_XDP port, where its device string leaves that open. */
struct dataplane_port_queues {
	uint16_t
		count; /* the first so many queues of the interface; 0: as the device string has it */
	/* Each is to be a device of its own, as the driver does not know of the others: it counts
	 * an interface's combined channels alone. */
	bool apart;
};

/* Called when the queues of a port are set up. */
typedef void dataplane_port_fn(uint16_t port, void *context);

struct dataplane_flow_config {
	uint32_t capacity;		  /* flows a worker holds of IPv4, and as many of IPv6 */
	uint32_t timeouts[TIMEOUT_COUNT]; /* seconds, or TIMEOUT_NEVER */
	uint32_t checks;		  /* CHECK_BIT() of each that is on */
	bool pass_non_ip;		  /* ARP, LLDP and the like are sent on */
	bool tcp_unchecked;		  /* every TCP or SCTP packet is taken for its flow's */
};

struct dataplane_config {
	struct dataplane_port_config ports[PORT_MAX];
	struct dataplane_port_queues queues[PORT_MAX];
	uint8_t peers[PORT_MAX]; /* the other port of the pair, by index; itself: no pair */
	uint16_t port_count;
	uint16_t worker_count;
	uint16_t worker_cpus[WORKER_MAX]; /* the CPU each worker's lcore is bound to */
	uint32_t idle_sleep_us;		  /* longest sleep of an idle worker; 0: it spins */
	struct dataplane_flow_config flows;
	dataplane_port_fn *port_ready; /* NULL: not called */
	void *port_context;
};

/* How the EAL is to be started. */
struct dataplane_eal_config {
	const char *program;
	const struct dataplane_config *dataplane; /* NULL: offline, no port and no worker */
	uint32_t memory_megabytes;
	bool hugepages;
	bool quiet; /* log errors alone */
};

/* Start the EAL; the calling thread becomes its main lcore. Once a process, -errno on failure. */
int dataplane_init(const struct dataplane_eal_config *config);
void dataplane_fini(void);

struct dataplane;

/*
 * Configure ports, tables and rings. The policy stays the caller's, and must live as long as the
 * dataplane or until it is retired. On failure returns -errno, and message (of size bytes) says
 * which object and why.
 */
int dataplane_create(const struct dataplane_config *config, const struct policy *policy,
	char *message, size_t size, struct dataplane **ret_dataplane);
void dataplane_destroy(struct dataplane *dataplane);

/* Start the ports and launch the workers; stop waits for the workers and stops the ports. */
int dataplane_start(struct dataplane *dataplane, char *message, size_t size);
void dataplane_stop(struct dataplane *dataplane);

/* What a new policy means for the flows that are there. */
enum policy_change {
	POLICY_REEVALUATE, /* each is judged again at its next packet */
	POLICY_KEEP,	   /* they keep their verdicts; new flows are judged by the new policy */
};

/*
 * Put another policy in force by one pointer store. The policy given to dataplane_create() is
 * generation 0, each one published after it the next. Returns a token: once
 * dataplane_policy_retired() says so of it, no worker sees the policy before any more, and that one
 * may be destroyed. Policies are retired in the order of their tokens.
 */
uint64_t dataplane_publish(
	struct dataplane *dataplane, struct policy *policy, enum policy_change change);
bool dataplane_policy_retired(struct dataplane *dataplane, uint64_t token);

/* Another idle timeout, in seconds or TIMEOUT_NEVER, for the flows that are there too. */
void dataplane_set_timeout(struct dataplane *dataplane, enum timeout timeout, uint32_t seconds);

/* Nanoseconds of the monotonic clock that all records are in. */
uint64_t dataplane_now(void);

/* ---- operations ---- */

enum walk_kind { WALK_CAPTURE, WALK_FLUSH };

struct flow_record;

/* Which flows are in an operation's scope, beside its filter. Bounds are themselves in scope. */
struct walk_scope {
	uint64_t minimum_age;	  /* nanoseconds before the start; 0: also flows that begin after */
	uint64_t maximum_age;	  /* nanoseconds likewise */
	uint64_t minimum_idle;	  /* nanoseconds without a packet, when the record is made */
	uint64_t minimum_packets; /* both directions together */
	uint64_t minimum_bytes;
	uint8_t states;	     /* SCOPE_BIT() of each enum flow_state */
	uint8_t actions;     /* SCOPE_BIT() of each enum action */
	uint8_t ip_versions; /* SCOPE_IPV4, SCOPE_IPV6 */
	bool any_vlan;	     /* else those in vlans */
	uint64_t
		vlans[64]; /* a bit by the innermost VLAN identifier, from the lowest on; 0: none */
};

#define SCOPE_BIT(value) (1u << (value))
#define SCOPE_IPV4 SCOPE_BIT(0)
#define SCOPE_IPV6 SCOPE_BIT(1)

/* A scope that every flow is in, closed ones included. */
void walk_scope_init(struct walk_scope *ret_scope);

/* Whether every flow is in this one, whatever the operation's start. Any thread. */
bool walk_scope_takes_all(const struct walk_scope *scope);

/* Whether a flow is in scope of an operation with this start. Any thread. */
bool walk_scope_accepts(
	const struct walk_scope *scope, const struct flow_record *flow, uint64_t start);

/*
 * Flows to be found again. A flow is one of the set's if it is of the same conversation as a record
 * that was added (VLANs, protocol, identifier and both ends, either of them the source), and began
 * after that one did, or when it did, but before it was captured: so the half of a conversation
 * that another worker has is of the set, and a new flow of the same tuple is not.
 */
struct flow_set;

/* Room for capacity records. -ENOMEM; or -errno of getrandom(2). */
int flow_set_create(uint32_t capacity, struct flow_set **ret_set);

/* Not while a worker has the set. -ENOSPC past the capacity. */
int flow_set_add(struct flow_set *set, const struct flow_record *flow);
void flow_set_destroy(struct flow_set *set);

/* The memory of one worker for one capture with a window. */
struct window;

/*
 * Made before the request, for that alone, and destroyed after its RECORD_CLOSE; on any thread. It
 * has address space for all that the worker's tables can hold. Of memory it takes 16 bytes for each
 * position, and a flow_record for each flow that had a packet after the window's end before it was
 * reported. -ENOMEM.
 */
int dataplane_window_create(
	struct dataplane *dataplane, uint16_t worker, struct window **ret_window);

/* Bring in a piece of its memory, which takes some 100 µs. Whether there is more: all of it is to
 * be in before the request. */
bool window_prepare(struct window *window);
void window_destroy(struct window *window);

/*
 * One operation for one worker: it walks its tables in slices, reports every open flow in scope as
 * a RECORD_FLOW (a flush also removes it), and ends with one RECORD_CLOSE. What the request points
 * to must live until that came.
 *
 * With a window the worker watches from when it takes the request on, and walks to report from
 * window_end on. Every flow in scope that was open at any moment between is reported once: those
 * that ended meanwhile when they left the table, the others as they were at window_end. What began
 * or came in at window_end or later is not in the result.
 */
struct walk_request {
	uint32_t id; /* not 0; echoed in the records */
	enum walk_kind kind;
	const struct classifier *filter; /* NULL: every flow */
	const struct flow_set *set;	 /* NULL, or: flows of this set alone */
	struct walk_scope scope;
	uint64_t start;	       /* when the operation started; ages for the scope count to here */
	uint64_t deadline;     /* the walk ends here at the latest */
	struct window *window; /* of this worker; NULL: none, and of a flush always */
	uint64_t window_end;
	/* The walk, or the window, begins once a policy of this generation or a later one is in
	 * force. */
	uint32_t generation;
	/* Only flows that pass, and that the policy in force would drop at their next packet. */
	bool denied;
	bool reset; /* flush: a RST to both ends of each TCP flow */
};

enum record_type { RECORD_FLOW = 1, RECORD_CLOSE };

/* A flow as its worker had it. Index 0 of the counters is forward: from source to destination. */
struct flow_record {
	uint8_t source
		[16]; /* who sent the first packet; network order, IPv4 in the first 4 bytes */
	uint8_t destination[16];
	uint64_t packets[2];
	uint64_t bytes[2];   /* L3 bytes */
	uint64_t first_seen; /* nanoseconds */
	uint64_t last_seen;
	uint64_t captured;    /* when the record was made: age and idle time count to here */
	uint32_t rule;	      /* index of the rule that decided it, or RULE_NONE */
	uint32_t generation;  /* of the policy whose rule that is */
	uint16_t source_port; /* host order; 0 for protocols without ports */
	uint16_t destination_port;
	uint16_t identifier; /* of ICMP echo and the like, host order; else 0 */
	uint16_t vlan_outer; /* VLAN identifiers, 0 without; with one tag it is vlan_inner */
	uint16_t vlan_inner;
	uint8_t version; /* 4 or 6 */
	uint8_t protocol;
	uint8_t state;	   /* enum flow_state */
	uint8_t action;	   /* enum action */
	bool midstream;	   /* TCP, SCTP: picked up without its SYN or INIT */
	uint8_t rule_kind; /* enum rule_kind */
	/* Both directions, in the window of a capture that has one, else 0. */
	uint64_t window_packets;
	uint64_t window_bytes;
};

/* What a stateful rule or default action did that is to be told. */
struct event_record {
	struct flow_record flow; /* before the packet; captured: the time; rule: the event's */
	uint32_t length;	 /* of the packet, L3 bytes */
	uint16_t port;		 /* that the packet came in by */
	uint8_t action;		 /* enum stateful_action */
	uint8_t direction;	 /* of the packet: 0 forward, from the flow's source, or 1 */
	uint8_t tcp_flags;
};

/* How far a walk came. Positions are those of the worker's flow entries, both tables. */
struct walk_close {
	uint64_t walked;
	uint64_t positions; /* walked == positions: the whole table */
	uint64_t matched;   /* flows reported, and by a flush removed */
	uint64_t resets;    /* RSTs sent to their ends, where that was asked for */
	uint64_t untold;    /* flows removed without a RST then: not TCP, or of unknown numbers */
	uint64_t slices;
	uint64_t longest_slice; /* nanoseconds */
	uint64_t window_lost;	/* flows that ended in the window and found the record ring full */
};

struct record {
	uint32_t id; /* of the request */
	uint16_t worker;
	uint8_t type; /* enum record_type */
	union {
		struct flow_record flow;
		struct walk_close close;
	};
};

/* Put a copy of the request into the worker's ring. -EBUSY while the ring is full. */
int dataplane_request(
	struct dataplane *dataplane, uint16_t worker, const struct walk_request *request);

/* End the request with this id, if it was not, and those put in before it, wherever their walks
 * are. Each still ends with its RECORD_CLOSE. Ids are to count up. */
void dataplane_cancel(struct dataplane *dataplane, uint16_t worker, uint32_t id);

/* Take up to count records out of the worker's ring; returns how many. */
uint32_t dataplane_records(
	struct dataplane *dataplane, uint16_t worker, struct record *records, uint32_t count);

/* Take up to count events out of the worker's event ring; returns how many. */
uint32_t dataplane_events(
	struct dataplane *dataplane, uint16_t worker, struct event_record *events, uint32_t count);

/* ---- status ---- */

struct port_status {
	char name[PORT_NAME_SIZE];
	char driver[32];
	uint8_t mac[6];
	bool link_up;
	uint32_t link_speed; /* Mbit/s; UINT32_MAX unknown */
	uint64_t rx_packets; /* what the workers received and sent */
	uint64_t rx_bytes;   /* L2 bytes */
	uint64_t tx_packets;
	uint64_t tx_bytes;
	uint64_t drops[DROP_COUNT]; /* of the packets received by this port */
	uint64_t tx_answers;	    /* made here, by REJECT or a flush, to be sent by this port */
	uint64_t rx_missed;	    /* what the device lost before a worker saw it */
	uint64_t rx_errors;
	uint16_t queues; /* of each direction */
};

enum { POLL_TIMES = 16 };

/* Polls that took no longer than this, and longer than the entry before. */
struct poll_time {
	uint64_t nanoseconds; /* UINT64_MAX for the last entry: it has no bound */
	uint64_t polls;
};

struct worker_status {
	uint16_t cpu;
	uint64_t flows_ipv4; /* entries in use, CLOSED ones included */
	uint64_t flows_ipv6;
	uint64_t capacity; /* of each of the two tables */
	uint64_t flows_created;
	uint64_t flows_ended;
	uint64_t flows_refused; /* new flows that a full table turned away */
	uint64_t flows_evicted; /* unreplied flows that made room for new ones */
	uint64_t polls;
	uint64_t busy_polls;	     /* polls that brought packets or other work */
	uint64_t busy_cycles;	     /* TSC cycles in busy polls */
	uint64_t busy_nanoseconds;   /* the same */
	uint64_t total_cycles;	     /* TSC cycles since the worker started */
	uint64_t packets;	     /* through the pipeline */
	uint64_t bursts;	     /* that these came in, of 64 at most */
	uint64_t longest_poll;	     /* nanoseconds, of the busy polls of the last whole second */
	uint64_t events_lost;	     /* no room in the event ring */
	uint64_t answers_suppressed; /* rejected packets past the rate limit of answers */
	struct poll_time poll_times[POLL_TIMES]; /* of busy polls */
};

uint16_t dataplane_port_count(const struct dataplane *dataplane);
uint16_t dataplane_worker_count(const struct dataplane *dataplane);
void dataplane_port_status(
	struct dataplane *dataplane, uint16_t port, struct port_status *ret_status);
void dataplane_worker_status(
	struct dataplane *dataplane, uint16_t worker, struct worker_status *ret_status);

/* ---- offline: the same pipeline without ports, threads or clock ---- */

struct offline;

/* Frames that the pipeline can take at once. */
enum { OFFLINE_BURST_MAX = 64 };

/* What became of one packet. */
struct offline_verdict {
	uint64_t number; /* of the frame: those before it in its run */
	bool passed;
	enum drop_reason reason; /* when not passed */
	bool has_flow;
	struct flow_record flow; /* after its burst, and fragments that waited for it */
};

/* Called for every flow when it ends, and by offline_finish() for the ones still open. */
typedef void offline_flow_fn(const struct flow_record *flow, void *context);

/* Called for every frame when it is decided what becomes of it: a fragment may wait for another
 * frame, a frame for its burst, or either for offline_finish(). */
typedef void offline_verdict_fn(const struct offline_verdict *verdict, void *context);

/* One run with one IPv4 and one IPv6 flow table. The policy is to outlive it. -errno on failure. */
int offline_create(const struct dataplane_flow_config *config, const struct policy *policy,
	offline_flow_fn *flow_ended, offline_verdict_fn *decided, void *context,
	struct offline **ret_offline);

/*
 * Hand the pipeline bursts of up to count frames (1 to OFFLINE_BURST_MAX; before the first frame):
 * those of one burst are at most a millisecond apart, and their time is the last one's. With 1, as
 * it begins, each frame has its own time.
 */
void offline_set_burst(struct offline *offline, uint16_t count);

/*
 * One Ethernet frame, time in nanoseconds since any fixed origin; a time before the last one's
 * counts as the last one's. length bytes are at hand of a frame of wire_length ≥ length (a capture
 * may have cut it). Returns 0, or -EMSGSIZE for a frame no buffer holds.
 */
int offline_packet(struct offline *offline, const uint8_t *frame, uint32_t length,
	uint32_t wire_length, uint64_t time);

/* Decide what waits, and hand out the flows that are still in the tables, in no order. */
void offline_finish(struct offline *offline);
void offline_destroy(struct offline *offline);

#endif
