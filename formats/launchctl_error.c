/* SPDX-License-Identifier: MIT */
#include "formats/launchctl.h"

#include <string.h>

#include "formats/launchctl_lines.h"
#include "formats/text.h"

/*
 * Texts below 107 are Darwin's strerror(), above they are xpc_strerror(), as launchctl printed them
 * on 10.15 to 26. What they mean in practice was measured or reported on real Macs. The row of a
 * verb stands before the general one.
 */
#define ROW(code, verb, harmless, text, meaning, remedy) { code, LAUNCHCTL_##verb, harmless, text, meaning, remedy }
static const struct launchctl_error errors[] = {
	ROW(0, ANY, true, "Success", NULL, NULL),
	ROW(1, ANY, false, "Operation not permitted", "the domain belongs to another user or to the system",
		"run it as the user of the domain, or with sudo for system/"),
	ROW(2, ANY, false, "No such file or directory", "the property list is not there", "check the path"),
	ROW(3, BOOTOUT, true, "No such process", "it was not loaded", NULL),
	ROW(3, ANY, false, "No such process", "it is not loaded", "bootstrap it first"),
	ROW(5, BOOTSTRAP, false, "Input/output error",
		"a catch-all: it is already loaded, is disabled by an override, its file has the wrong owner or is writable by others, "
		"or an earlier bootout is still finishing; not a missing program, which bootstraps well",
		"look, in this order: launchctl print DOMAIN/LABEL, launchctl print-disabled DOMAIN, ls -l of the property list"),
	ROW(5, ANY, false, "Input/output error", "a catch-all of launchd", "look at launchctl print DOMAIN/LABEL and print-disabled DOMAIN"),
	ROW(9, ANY, false, "Bad file descriptor", NULL, NULL),
	ROW(13, ANY, false, "Permission denied", "the file or the domain is not yours", "run it as its owner"),
	ROW(17, BOOTSTRAP, true, "File exists", "it is already bootstrapped", "bootout first, if the definition changed"),
	ROW(17, ANY, false, "File exists", NULL, NULL),
	ROW(22, ANY, false, "Invalid argument", NULL, NULL),
	ROW(36, BOOTOUT, true, "Operation now in progress", "the bootout goes on in the background while the process ends",
		"poll launchctl print DOMAIN/LABEL until it exits 113; do not bootstrap before"),
	ROW(36, ANY, false, "Operation now in progress", "an earlier request goes on in the background", "ask again in a moment"),
	ROW(37, BOOTSTRAP, true, "Operation already in progress", "it is already bootstrapped", "bootout first, if the definition changed"),
	ROW(37, ANY, false, "Operation already in progress", NULL, NULL),
	/* the exit status of a service, EX_CONFIG, which people take for one of launchctl */
	ROW(78, ANY, false, "Function not implemented",
		"as a service's last exit code, 78 is EX_CONFIG: it failed before exec, because its program is missing or a log "
		"could not be opened",
		"check the program and the directories of StandardOutPath and StandardErrorPath"),
	ROW(107, ANY, false, "Malformed bundle", NULL, NULL),
	ROW(108, ANY, false, "Invalid path", "the path is not absolute or not of a property list", "give the absolute path"),
	ROW(109, ANY, false, "Invalid property list", "launchd is stricter than plutil: it refuses <true></true>", "lint the property list"),
	ROW(110, ANY, false, "Invalid or missing service identifier", "there is no usable Label", "write a Label that equals the file name"),
	ROW(111, ANY, false, "Invalid or missing Program/ProgramArguments", NULL, "write ProgramArguments with an absolute path first"),
	ROW(112, ANY, false, "Could not find specified domain", "the user has no such session: nobody is logged in at the screen",
		"use user/UID, or log in"),
	ROW(113, BOOTOUT, true, "Could not find specified service", "it was not loaded", NULL),
	ROW(113, ANY, false, "Could not find specified service",
		"the label is not loaded in this domain; also what remains of a job that the Login Items switch removed",
		"look in the other domains (gui/UID, user/UID, system), or bootstrap it"),
	ROW(114, ANY, false, "The specified username does not exist", NULL, "correct UserName"),
	ROW(115, ANY, false, "The specified group does not exist", NULL, "correct GroupName"),
	ROW(116, ANY, false, "Routine not yet implemented", NULL, NULL),
	ROW(117, ANY, false, "(n/a)", NULL, NULL),
	ROW(118, ANY, false, "Bad response from server", NULL, NULL),
	ROW(119, BOOTSTRAP, false, "Service is disabled", "an override disables the label; it outlives its property list",
		"launchctl enable DOMAIN/LABEL, then bootstrap, if it should run at all"),
	ROW(119, ANY, false, "Service is disabled", "an override disables the label", "launchctl enable DOMAIN/LABEL"),
	ROW(120, ANY, false, "Bad subsystem destination for request", NULL, NULL),
	ROW(121, ANY, false, "Path not searched for services", NULL, NULL),
	ROW(122, ANY, false, "Path had bad ownership/permissions",
		"the file is not owned by root (system) or the user (agent), or is writable by group or others",
		"chown and chmod 644 the property list"),
	ROW(123, ANY, false, "Path is whitelisted for domain", NULL, NULL),
	ROW(124, ANY, false, "Domain is tearing down", "the user is logging out, or the Mac shuts down", "wait for the next login"),
	ROW(125, ANY, false, "Domain does not support specified action", "root or an SSH session acted on a gui/ domain that is not its own",
		"run it as the user: sudo launchctl asuser UID sudo -u USER launchctl …"),
	ROW(126, ANY, false, "Request type is no longer supported", NULL, NULL),
	ROW(127, ANY, false, "The specified service did not ship with the operating system", NULL, NULL),
	ROW(128, ANY, false, "The specified path is not a bundle", NULL, NULL),
	ROW(129, ANY, false, "The service was superseded by a later version", NULL, NULL),
	ROW(130, ANY, false, "The system encountered a condition where behavior was undefined", NULL, NULL),
	ROW(131, ANY, false, "Out of order requests", NULL, NULL),
	ROW(132, ANY, false, "Request for stale data", NULL, NULL),
	ROW(133, ANY, false, "Multiple errors were returned; see stderr", NULL, NULL),
	ROW(134, ANY, false, "Service cannot load in requested session", "LimitLoadToSessionType does not name this session",
		"bootstrap it into the domain that it names"),
	ROW(135, ANY, false, "Process is not managed", NULL, NULL),
	ROW(136, ANY, false, "Action not allowed on singleton service", NULL, NULL),
	ROW(137, ANY, false, "Service does not support the specified action", NULL, NULL),
	ROW(138, ANY, false, "Service cannot be loaded on this hardware", NULL, NULL),
	ROW(139, ANY, false, "Service cannot presently execute", NULL, NULL),
	ROW(140, ANY, false, "Service name is reserved or invalid", NULL, NULL),
	ROW(141, ANY, false, "Reentrancy avoided", NULL, NULL),
	ROW(142, ANY, false, "Operation only supported on development", NULL, NULL),
	ROW(143, ANY, false, "Requested entry was cached", NULL, NULL),
	ROW(144, ANY, false, "Requestor lacks required entitlement", NULL, NULL),
	ROW(145, ANY, false, "Endpoint is hidden", NULL, NULL),
	ROW(146, ANY, false, "Domain is in on-demand-only mode", "nothing starts by itself in this domain now",
		"wait until login has finished"),
	ROW(147, ANY, false, "The specified service did not ship in the requestor", NULL, NULL),
	ROW(148, ANY, false, "The specified service path was not in the service cache", NULL, NULL),
	ROW(149, ANY, false, "Could not find a bundle of the given identifier through LaunchServices", NULL, NULL),
	ROW(150, ANY, false, "Operation not permitted while System Integrity Protection is engaged", "it is Apple's own service",
		"leave it alone"),
	ROW(151, ANY, false, "A complete hack", NULL, NULL),
	ROW(152, ANY, false, "Service cannot load in current boot environment", NULL, NULL),
	ROW(153, ANY, false, "Completely unexpected error", NULL, NULL),
	ROW(154, ANY, false, "Requestor is not a platform binary", NULL, NULL),
	ROW(155, ANY, false, "Refusing to execute/trust quarantined program/file", "the file carries com.apple.quarantine",
		"look where it came from; xattr -d com.apple.quarantine only when that is known"),
	ROW(156, ANY, false, "Domain creation with that UID is not allowed anymore", NULL, NULL),
	ROW(157, ANY, false, "System service is not in system service whitelist", NULL, NULL),
	ROW(158, ANY, false, "Service cannot be loaded on current os variant", NULL, NULL),
	ROW(159, ANY, false, "Sandbox restriction", NULL, NULL),
	ROW(161, ANY, false, "Service cannot be launched because of BTM policy", "it is switched off in Login Items & Extensions",
		"sudo sfltool dumpbtm shows it; the user switches it on in System Settings"),
};
#undef ROW

const struct launchctl_error *launchctl_error_find(enum launchctl_verb verb, int code)
{
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (errors[i].code == code && (errors[i].verb == verb || errors[i].verb == LAUNCHCTL_ANY))
			return &errors[i];
	return NULL;
}

/* Texts that come without their number. */
static const struct {
	const char *text;
	int code;
} bare[] = {
	{ "Could not find service ", 113 },
	{ "Could not find domain for ", 112 },
	{ "Unrecognized target specifier", 64 },
};

static int code_of_line(const struct lc_line *l)
{
	_cleanup_free_ char *line = mem_strndup(l->s, l->n);

	for (size_t i = 0; i < ARRAY_LEN(bare); i++)
		if (text_starts(line, bare[i].text))
			return bare[i].code;
	/* "N: text" at the beginning or behind ": " */
	for (const char *s = line; s; s = strstr(s, ": ") ? strstr(s, ": ") + 2 : NULL) {
		size_t digits = strspn(s, "0123456789");
		if (digits && digits < 4 && text_starts(s + digits, ": "))
			return (int)strtol(s, NULL, 10);
	}
	/* "<path>: text" of load, which names no number */
	const char *last = NULL;
	for (const char *s = line; (s = strstr(s, ": ")); s += 2)
		last = s + 2;
	for (size_t i = 1; last && *line == '/' && i < ARRAY_LEN(errors); i++)
		if (strcmp(errors[i].text, last) == 0)
			return errors[i].code;
	return -1;
}

int launchctl_error_code(const char *p, size_t n)
{
	_cleanup_lc_lines_ struct lc_lines lines = { 0 };

	lc_lines_read(&lines, p, n);
	for (size_t i = 0; i < lines.n; i++) {
		int code = code_of_line(&lines.v[i]);
		if (code >= 0)
			return code;
	}
	return -1;
}
