/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * config: the daemon's configuration file, one JSON object.
 *
 * Life-cycle: a file is read into a whole new object or refused with one message; nothing is kept
 * of a refused one.
 */
#ifndef TIDEGATE_CONTROL_CONFIG_H
#define TIDEGATE_CONTROL_CONFIG_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/policy/arena.h"
#include "control/policy/policy_document.h"
#include "dataplane/dataplane.h"

/* Room for any message of config_load(). */
#define CONFIG_MESSAGE_SIZE 1024

struct config_rule;

enum config_hugepages { CONFIG_HUGEPAGES_AUTO, CONFIG_HUGEPAGES_YES, CONFIG_HUGEPAGES_NO };

/* The key `policy`. */
struct config_policy {
	struct policy_files files; /* files.policy NULL: the key is not there */
	bool skip_unsupported;
	struct arena arena; /* holds what files points to */
};

struct config {
	char *firewall_arn;
	char *availability_zone;
	char *vpc_endpoint_id;		    /* NULL: none is accepted */
	char *vpc_endpoint_association_arn; /* NULL: none is accepted */
	char *socket_path;
	char *socket_group;		 /* NULL: the daemon's own group */
	uint32_t socket_request_seconds; /* for a request, from its first byte */
	bool share_cpus;		 /* worker_cpus may have a CPU more than once */
	struct dataplane_config dataplane;
	enum config_hugepages hugepages_choice; /* as the file has it */
	bool hugepages;		   /* memory from hugepages; resolved when the file says "auto" */
	uint32_t memory_megabytes; /* 0: what ports, workers and tables need */
	enum policy_change on_policy_change; /* what loading this file does to existing flows */
	/* The rules, of whichever form. NULL once a generation has taken it over. */
	struct policy_document *document;
	char *event_log_path;	 /* NULL: no event log */
	uint32_t event_log_rate; /* events a second */
	char *operations_directory;
	uint32_t operations_retention; /* seconds */
	uint32_t operations_size;      /* megabytes */
	/* What the document is made of; empty once it is. */
	enum action default_action;
	enum stream_exception stream_exception;
	struct config_rule *rules; /* in the order of the file */
	uint32_t rule_count;
	struct config_policy policy;
};

/*
 * Read and validate a file. cpus are the CPUs that workers may have; NULL: those of the calling
 * thread. The policy documents that the file names are read too. Returns 0, or -errno, and then
 * message holds one line: "FILE:LINE: key.path[index]: what is wrong". Any thread, once
 * json_object_seed() has been called.
 */
int config_load(const char *path, const cpu_set_t *cpus, struct config **ret_config, char *message,
	size_t size);
void config_destroy(struct config *config);

#endif
