/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_GATHER_PODMAN_H
#define COLLECT_GATHER_PODMAN_H

#include "collect/gatherers.h"

/* What gather_podman.c (engines), gather_podman_ask.c (their questions) and gather_podman_client.c share. */

/* The ctx of an engine's tasks. */
struct engine_task {
	struct gathering *c;
	struct engine *engine;
};

/* A question to Podman's command, as the agent's owner. */
struct probe *podman_command(const struct evidence *e, const char *key, char **argv, enum payload_class payload);

/* Asks whether the engine's API answers; nothing when it has no socket. */
void engine_ping(struct task *t, const struct engine_task *et);

/* Over the API where et->engine->api says that it answers, else through the command: both under podman_key(what, name), since it is the
 * same question, and a bundle holds whichever answered. */
void engine_ask_container(struct task *t, struct engine_task *et, const char *name);		      /* "container" */
void engine_ask_containers(struct task *t, struct engine_task *et, unsigned timeout_ms);	      /* "containers"; 0: the usual */
void engine_ask_image(struct task *t, struct engine_task *et, const char *ref, const char *artifact); /* "image" */
void engine_ask_images(struct task *t, struct engine_task *et);					      /* "images" */
void engine_ask_info(struct task *t, struct engine_task *et);					      /* "info" */
void engine_ask_log(struct task *t, struct engine_task *et, const char *name);			      /* "log" */

/* Another engine, with its questions; left out beyond the two that evidence has room for. Copies the strings. */
void engine_start(struct task *t, struct gathering *c, const char *name, const char *connection, const char *socket);

/* The key of a question to an engine; caller frees. */
char *podman_key(const struct evidence *e, const struct engine *g, const char *what, const char *name);

/* The payload of an answer that was a success, of the command or of the API; NULL otherwise. */
const struct buf *podman_text(const struct answer *a);

void gather_podman_client(struct task *t, void *ctx);

#endif
