/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * resource: the file of a firewall policy or rule group, in any of the forms that it comes in: as
 * the describe commands print it, as the create commands take it, as a CloudFormation resource, or
 * bare.
 */
#ifndef TIDEGATE_CONTROL_POLICY_RESOURCE_H
#define TIDEGATE_CONTROL_POLICY_RESOURCE_H

#include "control/config_reader.h"

struct resource {
	struct config_reader reader; /* at the body once there is one */
	char *text;		     /* of the file */
	json_t *root;
	const json_t *body;	/* the object that says what the firewall does */
	const json_t *wrapping; /* the object around it that tells of it; NULL: it is bare */
	const json_t *response; /* in that, what describe output tells; or NULL */
};

struct resource_kind {
	const char *body;		  /* member that holds the body */
	const char *response;		  /* member that tells of the body in describe output */
	const char *type;		  /* in CloudFormation */
	const struct config_key *members; /* around the body; resource_store_body stores that one */
};

/* Read a file and its wrapping. The target of the members begins with the resource. Returns 0, or
 * -errno with the message written; also then resource_close() is due. */
int resource_open(struct resource *resource, const struct resource_kind *kind, const char *path,
	char *message, size_t size);
void resource_close(struct resource *resource);

/* Room for a file's name. */
enum { RESOURCE_FILE_NAME_SIZE = 128 + 1 };

/* Write the name of a file without folders and .json; a longer one is cut off. */
void resource_file_name(const char *path, char name[RESOURCE_FILE_NAME_SIZE]);

/* What a document tells of its resource under this name, whatever it is; or NULL. */
const json_t *resource_member(const struct resource *resource, const char *name);

config_store_fn resource_store_body;

#endif
