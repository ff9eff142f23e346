/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_PROBE_H
#define FORMATS_PROBE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "formats/err.h"
#include "formats/mem.h"

/*
 * A probe is one bounded question to a host. Everything that the tool knows came through one.
 *
 * The key names the question within a host and a bundle: the same gatherer asks the same keys of a
 * live host and of a bundle, so keys are made from the question alone (never from time, pid or
 * order), and are unique: "systemd/user/show/foo.service", "file/home/a/.docker/config.json".
 */
enum probe_kind {
	PROBE_CMD,  /* run argv; payload is its stdout, and its stderr apart */
	PROBE_FILE, /* read a regular file; payload is its bytes */
	PROBE_DIR,  /* list a directory; payload is one JSON object a line, sorted by name (see record.h) */
	PROBE_LINK, /* lstat and readlink; no payload, the answer is in record.stat */
	PROBE_HTTP, /* GET over a Unix socket; payload is the body */
	PROBE_FACT, /* what the operating system's libraries answer: see source.h for the names */
};

/* How the payload is redacted: by structure where we know the format, as text otherwise. */
enum payload_class {
	PAYLOAD_TEXT,	   /* logs, command output */
	PAYLOAD_AUTH,	   /* containers auth.json, docker config.json: fail closed */
	PAYLOAD_PODMAN,	   /* inspect and list JSON of containers, images, machines, info */
	PAYLOAD_JSON,	   /* any other JSON, by key names */
	PAYLOAD_JSONL,	   /* one JSON object a line: journalctl -o json, log show --style ndjson */
	PAYLOAD_UNIT,	   /* systemd unit, drop-in, Quadlet, desktop entry */
	PAYLOAD_SHOW,	   /* systemctl show: Key=value lines */
	PAYLOAD_ENV,	   /* environment file: KEY=value lines */
	PAYLOAD_PLIST,	   /* launchd plist, XML or binary (stored as XML) */
	PAYLOAD_LAUNCHCTL, /* launchctl print, list */
	PAYLOAD_SCRIPT,	   /* shell scripts, Nix wrappers */
	PAYLOAD_FRAMES,	   /* Podman's log frames; stored as the text inside */
	PAYLOAD_CLASSES,
};
const char *payload_class_name(enum payload_class c);	      /* "text", "auth"… */
int payload_class_parse(const char *s, enum payload_class *ret); /* -1 when unknown */

/* Who runs a command, asks a socket, or on whose behalf root reads a file (only what that user may). NULL in a probe: the caller itself. */
struct identity {
	char *name;
	uid_t uid;
	gid_t gid;
	char *home;
	char *runtime_dir; /* /run/user/UID; NULL where there is none */
};
struct identity *identity_copy(const struct identity *id);
void identity_free(struct identity *id);
void identity_freep(struct identity **id);

enum probe_flag {
	PROBE_STREAM = 1 << 0,	 /* may be large: flows through the sink, is never held in memory */
	PROBE_VOLATILE = 1 << 1, /* gone once the service is stopped */
	PROBE_CRITICAL = 1 << 2, /* a plan must not do harm before this was captured */
	PROBE_TAIL = 1 << 3,	 /* beyond max_bytes keep head and tail (a quarter and three), not the head only */
	PROBE_FOLLOW = 1 << 4,	 /* FILE: follow a final symbolic link (generated unit links, Nix); never for logs */
	PROBE_SCRIPT = 1 << 5,	 /* FILE: read only what begins with "#!"; anything else is REFUSED */
	PROBE_EXIT_0 = 1 << 6,	 /* CMD: ended in any other way it has told nothing, and a bundle lists a gap */
	PROBE_LIBSYSTEMD = 1 << 7, /* CMD: a live host may have libsystemd tell what the command would print */
	PROBE_END = 1 << 8,	 /* FILE: beyond max_bytes keep whole lines of the end only, without a line that names the cut */
	PROBE_NO_SCOPES = 1 << 9, /* DIR: without systemd's scopes: they start nothing, and there may be thousands */
};

struct probe_limits {
	uint32_t timeout_ms;
	uint64_t max_bytes; /* of stdout or the body; stderr is held to 64 KiB */
};

struct probe {
	enum probe_kind kind;
	char *key;
	char **argv;	       /* CMD */
	char *path;	       /* FILE, DIR, LINK; HTTP: the socket */
	char *target;	       /* HTTP: "/v4.0.0/libpod/_ping"; FACT: the name */
	struct identity *as;   /* NULL: the caller */
	char **env;	       /* CMD: extra NAME=value, on top of the allow-list */
	struct probe_limits limits;
	int tier; /* 0 reads state, 1 reads logs and definitions, 2 auth files (redacted) */
	enum payload_class payload;
	char *artifact; /* name in the bundle; NULL: probes/<key>.out */
	unsigned flags;
};

void probe_free(struct probe *p);
void probe_freep(struct probe **p);
#define _cleanup_probe_ CLEANUP(probe_freep)
struct probe *probe_copy(const struct probe *p);

/* Makers; limits and the rest have the defaults of the kind and may be changed before asking. */
struct probe *probe_cmd(const char *key, char *const *argv, const struct identity *as, enum payload_class payload);
struct probe *probe_file(const char *path, enum payload_class payload);	  /* key "file" + path */
struct probe *probe_dir(const char *path);				  /* key "dir" + path */
struct probe *probe_link(const char *path);				  /* key "link" + path */
struct probe *probe_http(const char *key, const char *socket, const char *target, const struct identity *as,
	enum payload_class payload);
struct probe *probe_fact(const char *name);				  /* key "fact/" + name */

/* What a person would type to ask the same ("systemctl --user show foo.service"); caller frees. */
char *probe_command(const struct probe *p);

#endif
