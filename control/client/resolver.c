/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/resolver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A lookup mostly waits for a server, so there may be more of them than CPUs. */
enum { THREAD_LIMIT = 16 };

struct entry {
	char *address;
	char *name; /* NULL: not found, or not yet */
};

/* All under mutex, but lookup. */
struct resolver {
	resolver_lookup_fn *lookup;
	pthread_mutex_t mutex;
	pthread_cond_t asked;	 /* there is a new entry, or it closes */
	pthread_cond_t answered; /* done has grown */
	json_t *index;		 /* address: its place in entries */
	struct entry *entries;
	size_t count;
	size_t capacity;
	size_t taken; /* entries that a thread has begun with */
	size_t done;
	unsigned int threads;
	bool closed;
};

int resolver_lookup(const char *address, char *name)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};
	struct sockaddr_in four = {.sin_family = AF_INET};

	if (inet_pton(AF_INET, address, &four.sin_addr) == 1)
		return getnameinfo((struct sockaddr *)&four, sizeof(four), name, NI_MAXHOST, NULL,
			0, NI_NAMEREQD);
	if (inet_pton(AF_INET6, address, &six.sin6_addr) == 1)
		return getnameinfo((struct sockaddr *)&six, sizeof(six), name, NI_MAXHOST, NULL, 0,
			NI_NAMEREQD);
	return EAI_NONAME;
}

static void free_resolver(struct resolver *resolver)
{
	for (size_t i = 0; i < resolver->count; i++) {
		free(resolver->entries[i].address);
		free(resolver->entries[i].name);
	}
	free(resolver->entries);
	json_decref(resolver->index);
	pthread_cond_destroy(&resolver->asked);
	pthread_cond_destroy(&resolver->answered);
	pthread_mutex_destroy(&resolver->mutex);
	free(resolver);
}

/* Look up entry after entry. Entries may move while the mutex is free, their addresses do not. */
static void *run(void *context)
{
	struct resolver *resolver = context;
	char name[NI_MAXHOST];
	bool last;

	pthread_mutex_lock(&resolver->mutex);
	while (!resolver->closed) {
		size_t place = resolver->taken;
		const char *address;
		bool found;

		if (place == resolver->count) {
			pthread_cond_wait(&resolver->asked, &resolver->mutex);
			continue;
		}
		resolver->taken++;
		address = resolver->entries[place].address;
		pthread_mutex_unlock(&resolver->mutex);
		found = resolver->lookup(address, name) == 0;
		pthread_mutex_lock(&resolver->mutex);
		resolver->entries[place].name = found ? strdup(name) : NULL;
		resolver->done++;
		pthread_cond_signal(&resolver->answered);
	}
	last = --resolver->threads == 0;
	pthread_mutex_unlock(&resolver->mutex);
	if (last)
		free_resolver(resolver);
	return NULL;
}

struct resolver *resolver_open(resolver_lookup_fn *lookup)
{
	struct resolver *resolver = calloc(1, sizeof(*resolver));
	pthread_condattr_t monotonic;

	if (resolver == NULL)
		return NULL;
	resolver->index = json_object();
	if (resolver->index == NULL) {
		free(resolver);
		return NULL;
	}
	resolver->lookup = lookup;
	pthread_mutex_init(&resolver->mutex, NULL);
	pthread_cond_init(&resolver->asked, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&resolver->answered, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return resolver;
}

void resolver_close(struct resolver *resolver)
{
	bool last;

	if (resolver == NULL)
		return;
	pthread_mutex_lock(&resolver->mutex);
	resolver->closed = true;
	pthread_cond_broadcast(&resolver->asked);
	last = resolver->threads == 0;
	pthread_mutex_unlock(&resolver->mutex);
	if (last)
		free_resolver(resolver);
}

/* One thread more, while there is work for it. Without any the names are not found, no more. */
static void add_thread(struct resolver *resolver)
{
	pthread_attr_t detached;
	pthread_t thread;

	if (resolver->threads == THREAD_LIMIT)
		return;
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &detached, run, resolver) == 0)
		resolver->threads++;
	pthread_attr_destroy(&detached);
}

/* Have an address looked up, unless it was before. */
static int ask(struct resolver *resolver, const char *address)
{
	struct entry *entries = resolver->entries;
	size_t capacity = resolver->capacity;

	if (json_object_get(resolver->index, address) != NULL)
		return 0;
	if (resolver->count == capacity) {
		capacity = capacity == 0 ? 64 : capacity * 2;
		entries = reallocarray(entries, capacity, sizeof(*entries));
		if (entries == NULL)
			return -ENOMEM;
		resolver->entries = entries;
		resolver->capacity = capacity;
	}
	entries[resolver->count] = (struct entry){.address = strdup(address)};
	if (entries[resolver->count].address == NULL ||
		json_object_set_new(
			resolver->index, address, json_integer((json_int_t)resolver->count)) != 0) {
		free(entries[resolver->count].address);
		return -ENOMEM;
	}
	resolver->count++;
	add_thread(resolver);
	pthread_cond_signal(&resolver->asked);
	return 0;
}

/* A flow's address, or the name for it where there is one. */
static int replace(struct resolver *resolver, json_t *end)
{
	const char *address = json_string_value(json_object_get(end, "AddressDefinition"));
	const json_t *place = json_object_get(resolver->index, address != NULL ? address : "");
	const char *name;

	if (place == NULL)
		return 0;
	name = resolver->entries[json_integer_value(place)].name;
	if (name == NULL)
		return 0;
	/* What is no UTF-8 is no name. */
	json_object_set_new(end, "AddressDefinition", json_string(name));
	return 0;
}

static int ask_end(struct resolver *resolver, json_t *end)
{
	const char *address = json_string_value(json_object_get(end, "AddressDefinition"));

	return address != NULL ? ask(resolver, address) : 0;
}

/* Call visit with both ends of every flow. */
static int each_end(struct resolver *resolver, const json_t *rows,
	int (*visit)(struct resolver *resolver, json_t *end))
{
	json_t *row;
	size_t i;
	int error = 0;

	json_array_foreach(rows, i, row) {
		if (error == 0)
			error = visit(resolver, json_object_get(row, "SourceAddress"));
		if (error == 0)
			error = visit(resolver, json_object_get(row, "DestinationAddress"));
	}
	return error;
}

int resolver_apply(struct resolver *resolver, json_t *rows, int64_t deadline)
{
	const struct timespec until = {
		.tv_sec = deadline / 1000, .tv_nsec = deadline % 1000 * 1000000};
	int error, late = 0;

	pthread_mutex_lock(&resolver->mutex);
	error = each_end(resolver, rows, ask_end);
	while (error == 0 && late == 0 && resolver->done < resolver->count)
		late = pthread_cond_timedwait(&resolver->answered, &resolver->mutex, &until);
	if (error == 0)
		error = each_end(resolver, rows, replace);
	pthread_mutex_unlock(&resolver->mutex);
	return error;
}
