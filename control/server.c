/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/server.h"

#include <ctype.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <grp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/claim.h"
#include "control/connection.h"
#include "control/log.h"
#include "control/peer.h"
#include "control/rpc.h"

enum { BACKLOG = 128 };

/* How long no client is accepted after the process ran out of files or memory. */
static const struct timeval pause_time = {0, 100000};

struct client {
	struct connection *connection;
	struct server *server;
	LIST_ENTRY(client) link;
};

struct server {
	struct event_base *base;
	const struct flow_api *api;
	struct evconnlistener *listener;
	struct event *resume; /* ends a pause of the listener */
	LIST_HEAD(, client) clients;
	size_t client_count;
	bool draining;
	bool pause_logged;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
};

/* ---- clients ---- */

static void end_loop_when_drained(struct server *server)
{
	if (server->draining && server->client_count == 0)
		event_base_loopexit(server->base, NULL);
}

static void client_remove(struct client *client)
{
	LIST_REMOVE(client, link);
	client->server->client_count--;
	free(client);
}

static void on_closed(struct connection *connection, void *context)
{
	struct client *client = context;
	struct server *server = client->server;

	(void)connection;
	client_remove(client);
	end_loop_when_drained(server);
}

/* Tell a client that there are too many, as far as its socket takes it at once. */
static void turn_away(int fd)
{
	struct evbuffer *output = evbuffer_new();
	struct reply reply = {0};

	reply_fail(&reply, REPLY_THROTTLED, "there are %d clients already", SERVER_CLIENT_MAX);
	if (output != NULL && rpc_write_error(output, &reply) == 0)
		evbuffer_write(output, fd);
	if (output != NULL)
		evbuffer_free(output);
	close(fd);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
	int length, void *context)
{
	struct server *server = context;
	struct client *client;
	int error;

	(void)listener;
	(void)address;
	(void)length;
	peer_log(fd, LOG_INFO, "client connected");
	server->pause_logged = false;
	if (server->client_count == SERVER_CLIENT_MAX) {
		turn_away(fd);
		return;
	}
	client = calloc(1, sizeof(*client));
	if (client == NULL) {
		log_failure(-ENOMEM, "client");
		close(fd);
		return;
	}
	error = connection_create(
		server->base, fd, server->api, on_closed, client, &client->connection);
	if (error != 0) {
		log_failure(error, "client");
		free(client);
		return;
	}
	client->server = server;
	LIST_INSERT_HEAD(&server->clients, client, link);
	server->client_count++;
}

/* ---- the listener ---- */

/* Out of files, mostly. The client that waits keeps the socket readable: trying on at once would
 * spin. */
static void on_accept_error(struct evconnlistener *listener, void *context)
{
	struct server *server = context;

	if (!server->pause_logged)
		log_write(LOG_ERR, "cannot accept clients: %s", strerror(errno));
	server->pause_logged = true;
	if (evtimer_add(server->resume, &pause_time) == 0)
		evconnlistener_disable(listener);
}

static void on_resume(evutil_socket_t fd, short events, void *context)
{
	struct server *server = context;

	(void)fd;
	(void)events;
	if (!server->draining)
		evconnlistener_enable(server->listener);
}

/* The number of a group by its name, or by the number itself as the configuration allows. */
static int find_group(const char *name, gid_t *ret_number)
{
	const struct group *group;

	if (isdigit((unsigned char)name[0])) {
		*ret_number = (gid_t)strtoul(name, NULL, 10);
		return 0;
	}
	errno = 0;
	group = getgrnam(name);
	if (group == NULL)
		return errno != 0 ? -errno : -ENOENT;
	*ret_number = group->gr_gid;
	return 0;
}

/* Mode and group; the socket is nobody's but the owner's until both are set. */
static int set_access(const char *path, const char *group)
{
	gid_t number;
	int error;

	if (group != NULL) {
		error = find_group(group, &number);
		if (error != 0)
			return log_failure(error, "socket group %s", group);
		if (chown(path, (uid_t)-1, number) != 0)
			return log_failure(-errno, "cannot give the socket to group %s", group);
	}
	if (chmod(path, 0660) != 0)
		return log_failure(-errno, "cannot set the mode of %s", path);
	return 0;
}

/* Returns a listening socket or -errno. */
static int listen_at(const char *path, const char *group)
{
	struct sockaddr_un address;
	int fd, error = 0;
	mode_t mask;

	fd = claim_socket(path, &address);
	if (fd < 0)
		return fd;
	mask = umask(0177);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		error = log_failure(-errno, "cannot bind %s", path);
	umask(mask);
	if (error != 0)
		goto close_socket;
	error = set_access(path, group);
	if (error != 0)
		goto remove_socket;
	if (listen(fd, BACKLOG) != 0) {
		error = log_failure(-errno, "cannot listen on %s", path);
		goto remove_socket;
	}
	return fd;

remove_socket:
	unlink(path);
close_socket:
	close(fd);
	return error;
}

int server_create(struct event_base *base, const struct flow_api *api, const char *path,
	const char *group, struct server **ret_server)
{
	struct server *server = calloc(1, sizeof(*server));
	int fd = -1, error = -ENOMEM;

	if (server == NULL)
		return log_failure(-ENOMEM, "socket %s", path);
	server->base = base;
	server->api = api;
	LIST_INIT(&server->clients);
	fd = listen_at(path, group);
	if (fd < 0) {
		error = fd;
		goto free_server;
	}
	strcpy(server->path, path);
	server->resume = evtimer_new(base, on_resume, server);
	if (server->resume == NULL)
		goto close_socket;
	server->listener = evconnlistener_new(
		base, on_accept, server, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (server->listener == NULL)
		goto free_resume;
	evconnlistener_set_error_cb(server->listener, on_accept_error);
	*ret_server = server;
	return 0;

free_resume:
	event_free(server->resume);
close_socket:
	close(fd);
	unlink(path);
	log_failure(error, "socket %s", path);
free_server:
	free(server);
	return error;
}

void server_drain(struct server *server)
{
	struct client *client, *next;

	server->draining = true;
	evconnlistener_disable(server->listener);
	for (client = LIST_FIRST(&server->clients); client != NULL; client = next) {
		next = LIST_NEXT(client, link);
		connection_drain(client->connection);
	}
	end_loop_when_drained(server);
}

void server_destroy(struct server *server)
{
	if (server == NULL)
		return;
	while (!LIST_EMPTY(&server->clients)) {
		struct client *client = LIST_FIRST(&server->clients);

		connection_destroy(client->connection);
		client_remove(client);
	}
	evconnlistener_free(server->listener);
	event_free(server->resume);
	unlink(server->path);
	free(server);
}
