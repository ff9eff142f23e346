/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_CHECKS_JUDGE_H
#define LIFECYCLE_CHECKS_JUDGE_H

#include "lifecycle/check.h"

/* What preflight and doctor both need to know, judged once. Each reports at least once. */

/* "podman machine start x", as whoever must run it would paste it: with sudo -u when the owner is not
 * who asked. Each %s is one word, as in finding_remedy(). Sets the remedy of f and returns it. */
struct finding *remedy_as_owner(struct finding *f, const struct evidence *e, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same for what needs a shell (&&, >): the format is the script of "sh -c", each %s one word in it. */
struct finding *remedy_script_as_owner(struct finding *f, const struct evidence *e, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same for systemctl: "systemctl --user …", "systemctl --user -M agent@ …", "sudo systemctl …". */
struct finding *remedy_systemctl(struct finding *f, const struct evidence *e, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Reports unknown and returns NULL when the service's state is not known; with a message of not-applicable when the manager
 * does not know the unit and `installed_only`. */
const struct unit_props *need_service(struct report *r, bool installed_only);

/* A unit whose definition was read although its manager could not be asked: that of a mounted image. */
bool known_from_disk(const struct evidence *e);

/* True when there is a definition or a loaded service to judge; false after reporting. Any platform. */
bool need_installed(struct report *r);
/* Its manager answered, and knows no such service. */
bool known_not_installed(const struct evidence *e);

/* The engine where the agent is meant to run: behind its connection or machine, else the local one; NULL when there is none. */
const struct engine *wanted_engine(const struct evidence *e);
bool wants_machine(const struct evidence *e);

/* Whether the agent's image is in g, by inspect or by the list of all; g may be NULL. */
enum presence { PRESENCE_UNKNOWN, PRESENCE_THERE, PRESENCE_MISSING };
enum presence image_presence(const struct evidence *e, const struct engine *g);

void judge_podman_binary(struct report *r);
void judge_podman_version(struct report *r);
void judge_machine_exists(struct report *r);
void judge_machine_running(struct report *r);
void judge_socket(struct report *r);
void judge_image_present(struct report *r);
void judge_unit_lint(struct report *r);
void judge_wrapper_lint(struct report *r);
void judge_log_places(struct report *r);
void judge_disabled(struct report *r);
void judge_duplicates(struct report *r);

/* "Thu 2026-…": when, as text_time() writes it, "never" for 0; caller frees. */
char *when_words(uint64_t us);
bool manager_is_user(const struct evidence *e);

#endif
