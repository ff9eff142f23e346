/* SPDX-License-Identifier: MIT */
/* What follows from a service as it was printed, and its end. */
#include "formats/launchctl_lines.h"

#include "formats/text.h"

void launchctl_service_free(struct launchctl_service *s)
{
	char *strings[] = { s->target, s->label, s->domain, s->path, s->submitted_by, s->type, s->managed_by, s->state_text, s->program,
		s->program_identifier, s->parent_bundle, s->working_directory, s->stdout_path, s->stderr_path, s->username, s->group,
		s->immediate_reason, s->pended_reason, s->job_state, s->spawn_type, s->exit_text };
	char **lists[] = { s->arguments, s->triggers, s->endpoints, s->sockets, s->properties, s->unknown };
	struct launchctl_pairs *pairs[] = { &s->inherited_environment, &s->default_environment, &s->environment, &s->semaphores, &s->other };

	for (size_t i = 0; i < ARRAY_LEN(strings); i++)
		free(strings[i]);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		strv_free(lists[i]);
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		lc_pairs_free(pairs[i]);
	*s = (struct launchctl_service){ 0 };
}

bool launchctl_service_has(const struct launchctl_service *s, const char *property)
{
	return strv_has(s->properties, property);
}

bool launchctl_service_triggered(const struct launchctl_service *s)
{
	return s->run_interval >= 0 || s->triggers || s->sockets;
}

bool launchctl_service_respawns(const struct launchctl_service *s)
{
	return launchctl_service_has(s, "keepalive") || s->semaphores.n > 0;
}

bool launchctl_service_failed(const struct launchctl_service *s)
{
	switch (s->exit) {
	case LAUNCHCTL_EXIT_CODE:
		return s->exit_code != 0;
	case LAUNCHCTL_EXIT_SIGNAL:
		return s->exit_signal != 15 && s->exit_signal != 9;
	case LAUNCHCTL_EXIT_REASON:
		return !text_ends(s->exit_text, "IDLE_EXIT");
	case LAUNCHCTL_EXIT_ABANDONED:
		return true;
	case LAUNCHCTL_EXIT_UNKNOWN:
	case LAUNCHCTL_EXIT_NEVER:
		break;
	}
	return false;
}
