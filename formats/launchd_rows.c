/* SPDX-License-Identifier: MIT */
#include "formats/launchd_rows.h"

#include <string.h>

#define FIELD(key, kind, member) { key, KIND_##kind, offsetof(struct launchd_plist, member) }
#define OTHER(key) { key, KIND_OTHER, 0 }
const struct launchd_row launchd_rows[] = {
	FIELD("Label", STRING, label),
	FIELD("Disabled", BOOLEAN, disabled),
	FIELD("UserName", STRING, username),
	FIELD("GroupName", STRING, group),
	FIELD("LimitLoadToSessionType", STRING_OR_STRINGS, session_types),
	FIELD("Program", STRING, program),
	FIELD("BundleProgram", STRING, bundle_program),
	FIELD("ProgramArguments", STRINGS, arguments),
	FIELD("EnvironmentVariables", PAIRS, environment),
	FIELD("WorkingDirectory", STRING, working_directory),
	FIELD("RootDirectory", STRING, root_directory),
	FIELD("Umask", UMASK, umask),
	FIELD("RunAtLoad", BOOLEAN, run_at_load),
	FIELD("KeepAlive", KEEPALIVE, keepalive),
	FIELD("OnDemand", BOOLEAN, on_demand),
	FIELD("ThrottleInterval", INTEGER, throttle_interval),
	FIELD("ExitTimeOut", INTEGER, exit_timeout),
	FIELD("StartInterval", INTEGER, start_interval),
	FIELD("StartCalendarInterval", CALENDAR, calendar_entries),
	FIELD("StartOnMount", BOOLEAN, start_on_mount),
	FIELD("WatchPaths", STRINGS, watch_paths),
	FIELD("QueueDirectories", STRINGS, queue_directories),
	FIELD("StandardInPath", STRING, stdin_path),
	FIELD("StandardOutPath", STRING, stdout_path),
	FIELD("StandardErrorPath", STRING, stderr_path),
	FIELD("ProcessType", STRING, process_type),
	FIELD("Nice", INTEGER, nice),
	FIELD("AbandonProcessGroup", BOOLEAN, abandon_process_group),
	FIELD("LaunchOnlyOnce", BOOLEAN, launch_only_once),
	FIELD("MachServices", NAMES, mach_services),
	FIELD("Sockets", NAMES, sockets),
	OTHER("AssociatedBundleIdentifiers"),
	OTHER("Debug"),
	OTHER("EnableGlobbing"),
	OTHER("EnablePressuredExit"),
	OTHER("EnableTransactions"),
	OTHER("HardResourceLimits"),
	OTHER("HopefullyExitsFirst"),
	OTHER("HopefullyExitsLast"),
	OTHER("InitGroups"),
	OTHER("LaunchEvents"),
	OTHER("LegacyTimers"),
	OTHER("LimitLoadFromHardware"),
	OTHER("LimitLoadFromHosts"),
	OTHER("LimitLoadToHardware"),
	OTHER("LimitLoadToHosts"),
	OTHER("LowPriorityBackgroundIO"),
	OTHER("LowPriorityIO"),
	OTHER("MaterializeDatalessFiles"),
	OTHER("MultipleInstances"),
	OTHER("POSIXSpawnType"),
	OTHER("ServiceIPC"),
	OTHER("SessionCreate"),
	OTHER("SoftResourceLimits"),
	OTHER("TimeOut"),
	OTHER("WaitForDebugger"),
	OTHER("inetdCompatibility"),
};
#undef FIELD
#undef OTHER

const size_t launchd_rows_n = ARRAY_LEN(launchd_rows);

const struct launchd_row *launchd_row_find(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(launchd_rows); i++)
		if (strcmp(launchd_rows[i].key, key) == 0)
			return &launchd_rows[i];
	return NULL;
}

void plist_each_pair(plist_t dict, void (*call)(void *ctx, const char *key, plist_t value), void *ctx)
{
	plist_dict_iter it = NULL;

	plist_dict_new_iter(dict, &it);
	for (;;) {
		_cleanup_free_ char *key = NULL;
		plist_t value = NULL;

		plist_dict_next_item(dict, it, &key, &value);
		if (!value)
			break;
		call(ctx, key, value);
	}
	free(it);
}
