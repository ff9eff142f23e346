/* SPDX-License-Identifier: MIT */
#include "lifecycle/earlier.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/text.h"

struct journal *earlier_journal(const char *dir)
{
	_cleanup_free_ char *path = mem_printf("%s/private/journal.jsonl", dir);
	struct journal *j = NULL;
	struct stat st;

	if (stat(path, &st) || journal_read(path, &j, NULL))
		return NULL;
	return j;
}

enum earlier earlier_find(const char *root, const char *agent, char **ret_dir)
{
	_cleanup_free_ char *prefix = mem_printf("%s-", agent);
	enum earlier found = EARLIER_NONE;
	DIR *d = opendir(root);

	for (struct dirent *e; d && (e = readdir(d));) {
		if (!text_starts(e->d_name, prefix) || strlen(e->d_name) != strlen(prefix) + strlen("YYYYmmdd-HHMMSS"))
			continue;
		_cleanup_free_ char *dir = mem_printf("%s/%s", root, e->d_name);
		_cleanup_journal_ struct journal *j = earlier_journal(dir);
		if (!j || journal_last(j, "restored", NULL) || !journal_last(j, "plan", NULL))
			continue;
		enum earlier state = journal_last(j, "end", NULL) ? EARLIER_QUARANTINED : EARLIER_OPEN;
		if (found == EARLIER_NONE || strcmp(dir, *ret_dir) > 0) {
			mem_set(ret_dir, dir);
			found = state;
		}
	}
	if (d)
		closedir(d);
	return found;
}

char *earlier_note(const struct cli *cli, const struct session *s, const char *agent)
{
	_cleanup_free_ char *root = session_evidence_dir(s), *dir = NULL;
	enum earlier found = earlier_find(root, agent, &dir);
	bool open = found == EARLIER_OPEN;

	if (found != EARLIER_QUARANTINED && !open)
		return NULL;
	_cleanup_free_ char *command = text_shell_printf("%s %s %s", cli->program, open ? "quarantine" : "restore", open ? agent : dir);
	return open ? mem_printf("a quarantine was interrupted; '%s' goes on with it", command) : mem_printf("quarantined; '%s' brings it back", command);
}
