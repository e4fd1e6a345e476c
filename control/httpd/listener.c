/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/httpd/listener.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/claim.h"
#include "control/log.h"

enum { BACKLOG = 128 };

/* How long nobody is accepted after the process ran out of files or memory. */
static const struct timeval pause_time = {0, 100000};

struct listener {
	struct server *server;
	struct claim *claim; /* of a Unix socket */
	char *path;	     /* likewise, once it is bound */
	struct evconnlistener *accepts;
	struct event *resume;
};

static void on_accept(struct evconnlistener *accepts, evutil_socket_t fd, struct sockaddr *address,
	int length, void *context)
{
	struct listener *listener = context;

	(void)accepts;
	server_add(listener->server, fd, address, (socklen_t)length);
}

/* The client that waits keeps the socket readable: trying on at once would spin. */
static void on_accept_error(struct evconnlistener *accepts, void *context)
{
	struct listener *listener = context;

	log_write(LOG_ERR, "cannot accept connections: %s", strerrordesc_np(errno));
	if (evtimer_add(listener->resume, &pause_time) == 0)
		evconnlistener_disable(accepts);
}

static void on_resume(evutil_socket_t fd, short events, void *context)
{
	struct listener *listener = context;

	(void)fd;
	(void)events;
	evconnlistener_enable(listener->accepts);
}

/* A bound socket, or -errno. */
static int bind_local(struct listener *listener, const char *path)
{
	struct sockaddr_un address;
	int fd, error = claim_create(path, &listener->claim);

	if (error != 0)
		return error;
	fd = claim_socket(path, &address);
	if (fd < 0)
		return fd;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		error = log_failure(-errno, "cannot bind %s", path);
	if (error == 0) {
		listener->path = strdup(path);
		if (listener->path == NULL)
			error = log_failure(-ENOMEM, "socket %s", path);
		else if (chmod(path, 0660) != 0)
			error = log_failure(-errno, "cannot set the mode of %s", path);
	}
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

static int bind_address(const struct settings_address *listen)
{
	int fd = socket(listen->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1, error = 0;

	if (fd < 0)
		return log_failure(-errno, "address %s", listen->text);
	/* Each family for itself: an IPv6 address never takes IPv4 in. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		(listen->address.ss_family == AF_INET6 &&
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) ||
		bind(fd, (const struct sockaddr *)&listen->address, listen->length) != 0)
		error = log_failure(-errno, "cannot bind %s", listen->text);
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

int listener_create(struct event_base *base, const struct settings_address *address,
	struct server *server, struct listener **ret_listener)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	int fd, error;

	if (listener == NULL)
		return log_failure(-ENOMEM, "address %s", address->text);
	listener->server = server;
	fd = address->local ? bind_local(listener, address->text) : bind_address(address);
	error = fd < 0 ? fd : 0;
	if (error != 0)
		goto fail;
	listener->accepts = evconnlistener_new(base, on_accept, listener,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG, fd);
	if (listener->accepts == NULL) {
		error = log_failure(
			errno > 0 ? -errno : -ENOMEM, "cannot listen on %s", address->text);
		close(fd);
		goto fail;
	}
	evconnlistener_set_error_cb(listener->accepts, on_accept_error);
	listener->resume = evtimer_new(base, on_resume, listener);
	if (listener->resume == NULL) {
		error = log_failure(-ENOMEM, "address %s", address->text);
		goto fail;
	}
	*ret_listener = listener;
	return 0;

fail:
	listener_destroy(listener);
	return error;
}

void listener_destroy(struct listener *listener)
{
	if (listener == NULL)
		return;
	if (listener->resume != NULL)
		event_free(listener->resume);
	if (listener->accepts != NULL)
		evconnlistener_free(listener->accepts);
	if (listener->path != NULL)
		unlink(listener->path);
	free(listener->path);
	claim_destroy(listener->claim);
	free(listener);
}
