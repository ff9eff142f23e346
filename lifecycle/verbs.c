/* SPDX-License-Identifier: MIT */
/* The verb table: one row a command. See verb.h. */
#include "lifecycle/bundle_arg.h"
#include "lifecycle/commands.h"
#include "lifecycle/exam.h"
#include "lifecycle/handover.h"
#include "lifecycle/redaction.h"

#include <stddef.h>

const struct cli_option common_options[] = {
	{ "json", 0, NULL, "print one JSON document and nothing else", false },
	{ "quiet", 'q', NULL, "no progress and no story; results and errors only", false },
	{ "verbose", 'v', NULL, "more: also what passed", false },
	{ "help", 'h', NULL, "this text", false },
	{ NULL, 0, NULL, NULL, false },
};

#define OPTION_OUTPUT { "output", 'o', "DIR", "where evidence goes (default: the state directory's evidence/)", false }
#define OPTION_OWNER { "owner", 0, "USER", "whose user service it is, for root without sudo", false }
#define OPTION_SCOPE { "scope", 0, "user|system", "which manager's unit, when both have one of that name", false }
#define OPTION_DRY_RUN { "dry-run", 'n', NULL, "print the plan and touch nothing", false }
#define OPTION_ROOT { "root", 0, "DIR", "read a mounted disk image of a Linux or Mac host below DIR", false }
#define OPTION_FOR_CASE { "case", 0, "ID", "the case (INC-1234): into custody, manifest and signature", false }
#define OPTION_REASON { "note", 0, "TEXT", "why, in a sentence; the same, redacted", false }
#define OPTION_END { NULL, 0, NULL, NULL, false }

static const struct cli_option collect_options[] = { OPTION_OUTPUT, OPTION_FOR_CASE, OPTION_REASON, OPTION_OWNER, OPTION_SCOPE, OPTION_ROOT,
	OPTION_ALSO_REDACT, OPTION_PSEUDONYMIZE, OPTION_END };
static const struct cli_option quarantine_options[] = {
	OPTION_OUTPUT, OPTION_FOR_CASE, OPTION_REASON, OPTION_DRY_RUN, OPTION_OWNER, OPTION_SCOPE,
	{ "settle", 0, "SECONDS", "how long to watch that it stays down (default 3)", false },
	OPTION_ALSO_REDACT, OPTION_PSEUDONYMIZE, OPTION_END,
};
static const struct cli_option restore_options[] = { OPTION_DRY_RUN, OPTION_END };

static const struct cli_option stage_options[] = {
	{ "output", 'o', "DIR", "the directory that is made (default: ./NAME-staged)", false },
	{ "quadlet", 0, NULL, "a Quadlet instead of a unit", false },
	OPTION_OWNER, OPTION_END,
};
static const struct cli_option install_options[] = {
	OPTION_DRY_RUN,
	{ "quadlet", 0, NULL, "a Quadlet instead of a unit", false },
	{ "no-start", 0, NULL, "install and enable, and leave it down", false },
	{ "replace", 0, NULL, "overwrite what somebody edited since; the edited file is kept aside", false },
	OPTION_OWNER, OPTION_END,
};
static const struct cli_option change_options[] = { OPTION_DRY_RUN, OPTION_OWNER, OPTION_END };
static const struct cli_option uninstall_options[] = {
	OPTION_DRY_RUN,
	{ "quarantine", 0, NULL, "capture the evidence and quarantine it first", false },
	{ "purge", 0, NULL, "remove its history and provenance too", false },
	OPTION_OUTPUT, OPTION_FOR_CASE, OPTION_REASON, OPTION_OWNER, OPTION_SCOPE,
	{ "settle", 0, "SECONDS", "with --quarantine: how long to watch that it stays down (default 3)", false },
	OPTION_END,
};
static const struct cli_option list_options[] = { OPTION_OWNER, OPTION_ROOT, OPTION_END };
static const struct cli_option owner_options[] = { OPTION_OWNER, OPTION_END };
static const struct cli_option exec_options[] = {
	{ "declaration", 0, "FILE", "the file that declares it (default: as 'list' finds it)", false },
	{ "check", 0, NULL, "judge and count the start, and start nothing", false },
	{ "stop", 0, NULL, "stop its container instead", false },
	OPTION_END,
};

static const struct cli_option verify_options[] = { OPTION_TRUST_KEY, OPTION_SIGNATURE, OPTION_IDENTITY, OPTION_PASSPHRASE, OPTION_END };
static const struct cli_option bundle_options[] = { OPTION_TRUST_KEY, OPTION_SIGNATURE, OPTION_UNVERIFIED, OPTION_END };

#define OPTION_SARIF { "sarif", 0, NULL, "print SARIF 2.1.0 and nothing else", false }
#define OPTION_STRICT { "strict", 0, NULL, "a warning is a failure too", false }
static const struct cli_option examine_options[] = { OPTION_FROM, OPTION_INSECURE, OPTION_TRUST_KEY, OPTION_SIGNATURE, OPTION_SARIF, OPTION_STRICT, OPTION_OWNER,
	OPTION_SCOPE, OPTION_ROOT, OPTION_END };
static const struct cli_option status_options[] = { OPTION_FROM, OPTION_INSECURE, OPTION_TRUST_KEY, OPTION_SIGNATURE, OPTION_SARIF, OPTION_STRICT,
	OPTION_OWNER, OPTION_SCOPE, OPTION_ROOT, OPTION_END };
static const struct cli_option logs_options[] = {
	{ "lines", 'n', "N", "the last N lines (default 50; 0: all that were read)", false },
	{ "follow", 'f', NULL, "go on with what comes", false },
	{ "since", 0, "TIME", "from then on: 2026-11-24T06:50:03Z, or 30m, 2h, 1d ago", false },
	{ "source", 0, "app|journal|container|stderr", "only these; may be given several times", true },
	OPTION_FROM, OPTION_INSECURE, OPTION_TRUST_KEY, OPTION_SIGNATURE, OPTION_OWNER, OPTION_SCOPE, OPTION_ROOT, OPTION_END,
};
static const struct cli_option scan_options[] = {
	{ "fail-on", 0, "fail|warn|never", "from which verdict on the exit status is 1 (default fail)", false },
	OPTION_FROM, OPTION_INSECURE, OPTION_TRUST_KEY, OPTION_SIGNATURE, OPTION_SARIF, OPTION_STRICT, OPTION_ROOT, OPTION_END,
};
static const char status_help[] =
	"State, since when, process, restarts, last exit, container, image, credentials, logs and how many findings, of one\n"
	"agent or of all declared. Asks little and answers in milliseconds; 'doctor' asks everything.\n"
	"Exit status as of doctor, over the checks that status makes.";
static const char logs_help[] =
	"What an agent wrote, from its log files, the journal and its container, in the order of time. Redacted on the\n"
	"screen as in a bundle. The last MiB of each file is read, with -n 0 the last 64 MiB or million lines; what is\n"
	"missing of it is told.\n"
	"A line that tells no time counts as of the line before it; of a file where none does, as of its last change, so\n"
	"with --since all of it is shown, or nothing. Ctrl-C ends --follow.";
static const char scan_help[] =
	"Judges files without a host, for continuous integration: systemd units and drop-ins, Quadlets, timers, launchd\n"
	"property lists (XML and binary), wrapper scripts, declarations, autostart entries and Nix files, below the paths\n"
	"that are given. With --root the paths are the image's, with --from those of the bundle's host (without one: all of its\n"
	"files). A file that is named, and is none of these, is said on standard error.\n"
	"Exit status 1 when something fails, 3 when a file could not be read or nothing that was named could be judged, 0 else.";
static const struct cli_option help_options[] = { { "man", 0, NULL, "the manual page, as mdoc", false }, OPTION_END };
static const struct cli_option explain_options[] = { { "markdown", 0, NULL, "all of them as Markdown", false }, OPTION_END };

static const char preflight_help[] =
	"Judges whether an agent may be installed or started on this host: service manager, runtime, Podman and its\n"
	"machine, image, credentials, names, logs, definition. Asks only; runs nothing of the agent's and no credential helper.\n"
	"Exit status 0 when everything passes, 1 when a check fails, 3 when a verdict is unknown.";
static const char doctor_help[] =
	"Judges an agent as it is: its service, its container, its image, its credentials, its logs, how it restarts,\n"
	"and what else starts it. NAME may be a declared agent, a label, a unit, or the path of a definition.\n"
	"'doctor local-runtime' judges every declared agent, and looks for what nobody declared.\n"
	"Exit status 0 when nothing fails, 1 when a check fails, 3 when a verdict is unknown.";
#define OPTION_FORCE { "force", 0, NULL, "replace what is there", false }
#define OPTION_OUT_FILE(help) { "output", 'o', "FILE", help, false }
static const struct cli_option seal_options[] = {
	{ "recipient", 'r', "age1…", "who can open it; may be given several times", true },
	{ "recipients", 'R', "FILE", "a file of recipients, one a line", true },
	OPTION_PASSPHRASE, OPTION_OUT_FILE("the sealed file (default: FILE.age)"), OPTION_FORCE, OPTION_CASE, OPTION_NOTE,
	OPTION_TRUST_KEY, OPTION_SIGNATURE,
	{ "unverified", 0, NULL, "seal it although it does not verify; the sealed file is then not signed", false },
	OPTION_END,
};
static const struct cli_option open_options[] = {
	OPTION_IDENTITY, OPTION_PASSPHRASE, OPTION_OUT_FILE("the opened file (default: without .age)"), OPTION_FORCE, OPTION_CASE, OPTION_END,
};
static const struct cli_option custody_options[] = {
	{ "add", 0, "ACTION", "sign another line: received, collected, sealed, attached, opened or note", false },
	OPTION_CASE, OPTION_NOTE, OPTION_END,
};
static const struct cli_option attach_options[] = {
	{ "to", 0, "URL|PROFILE", "where: a URL to PUT to, or a profile's name or path", false },
	{ "ticket", 0, "ID", "the ticket", false },
	OPTION_DRY_RUN, OPTION_CASE, OPTION_NOTE, OPTION_TRUST_KEY, OPTION_SIGNATURE, OPTION_END,
};
static const struct cli_option summary_options[] = {
	{ "markdown", 0, NULL, "Markdown instead of plain text", false }, OPTION_UNVERIFIED, OPTION_TRUST_KEY, OPTION_END,
};
static const struct cli_option report_options[] = {
	OPTION_OUT_FILE("where to (default: report.html; - is standard output)"), OPTION_FORCE, OPTION_UNVERIFIED, OPTION_TRUST_KEY, OPTION_END,
};
static const struct cli_option tell_options[] = { OPTION_UNVERIFIED, OPTION_TRUST_KEY, OPTION_END };
static const struct cli_option redact_options[] = {
	{ "output", 'o', "OUT", "where to (default: standard output; for a folder it must be given)", false },
	{ "check", 0, NULL, "write nothing; exit status 1 when something would be redacted, and say where", false },
	OPTION_ALSO_REDACT, OPTION_PSEUDONYMIZE, OPTION_FORCE, OPTION_END,
};
static const struct cli_option reveal_options[] = {
	OPTION_OWNER, OPTION_SCOPE, OPTION_END,
};
static const struct cli_option translate_options[] = {
	{ "evidence", 0, "DIR", "an evidence directory that lies elsewhere; may be given several times", true },
	OPTION_OUT_FILE("where to (default: standard output)"), OPTION_FORCE, OPTION_END,
};
static const struct cli_option mark_options[] = {
	{ "since", 0, "TIME", "since when, as 2026-11-24 or with time and zone (default: now)", false },
	{ "note", 0, "TEXT", "why; verify says it", false },
	OPTION_END,
};

static const char collect_help[] =
	"Gathers the evidence of an agent, by its declared name, its label, its unit, or the path of its\n"
	"definition: state, definition, journal, logs, container, image and credentials, redacted, as a signed bundle.\n"
	"Changes nothing on the host. Exit status 3 when something could not be captured; the bundle says what.";
static const char quarantine_help[] =
	"Captures the evidence first, then stops the service and what starts it, disables it, takes its\n"
	"definition away to the evidence directory, watches that it stays down, and signs a bundle of it all.\n"
	"NAME is a declared agent, a label, a unit, or the path of a definition that nobody declared.\n"
	"Interrupted, the same command goes on; 'restore' undoes it.";
static const char restore_help[] =
	"Undoes a quarantine, given its evidence directory or the bundle beside it: every file with its bytes,\n"
	"mode and owner, and the enablement. Does not start the service.";
static const char stage_help[] =
	"Writes what install would write into a new directory, under the same paths, linted; touches nothing else.";
static const char install_help[] =
	"Makes the declared agent a service: writes wrapper and definition, enables, starts, and waits for its health. Nothing is\n"
	"written before the preflight passes (exit status 1 when it does not); a step that fails takes back those before it (5).\n"
	"What is installed already as declared is left alone; of what differs the difference is shown.";
static const char start_help[] =
	"Starts an installed agent and waits until its health check holds. A start by a person is not counted against\n"
	"maxRestartsPerHour. When it does not come up it says what the log said, and it is down as before.";
static const char stop_help[] =
	"Stops the service, and its container: asked, then killed, then removed by force. Done once both are read back as gone.";
static const char restart_help[] =
	"What could not start again is not stopped: the preflight comes first. When it does not come up, that is said (5).";
static const char uninstall_help[] =
	"Stops, disables and removes what install made. A file that somebody edited since is kept aside, and said.";
static const char image_help[] =
	"Loads the archive FILE, or pulls REF, as you would by hand (you may be asked for credentials), gives the image the local\n"
	"tag that the declaration names, and records where it is from. What runs never fetches anything by itself.";
static const char exec_help[] =
	"The launcher: what a generated service starts. Checks what a start cannot do without, keeps ambient credentials out,\n"
	"counts the start, and becomes the agent. Beyond maxRestartsPerHour, or when a check fails, it says so once and ends with\n"
	"exit status 78, after which systemd does not start it again (on macOS 0, after which launchd does not).";
static const char verify_help[] =
	"Says what the bundle lacks, whether every file is as its manifest says, and who signed it. FILE is a bundle\n"
	"with FILE.minisig beside it, or an evidence directory. Trusted are this host's key, those of 'key trust', and -p.\n"
	"Exit status 4 when anything does not hold; what and where is printed.";
static const char show_help[] =
	"NAME is a file of the bundle or the key of a record, as 'bundle list' prints them. Control characters are made\n"
	"harmless on a terminal; into a file or a pipe the bytes go as they are. Everything is checked before a byte is printed.";
static const char extract_help[] =
	"DIR is made, or is empty. Everything is checked before a byte is written; no link is followed, nothing overwritten.";
static const char seal_help[] =
	"Encrypts a bundle in the age format, to one or more recipients or to a passphrase: they open it with 'bundle open'\n"
	"or with age itself. The bundle is verified first, and the sealed file is signed: who seals vouches for what is inside.\n"
	"Send FILE.age with FILE.age.minisig (who sealed it), FILE.minisig (who made what is inside), and to who does not trust it\n"
	"yet the public key: host.pub, which 'key show' prints too. A failure, or a kill, leaves no output.";
static const char open_help[] =
	"Decrypts what 'bundle seal' or age made. What comes out is not verified yet: 'bundle verify' does that,\n"
	"or 'bundle verify FILE.age' with -i or --passphrase both layers at once, leaving no opened copy. FILE.minisig, the\n"
	"signature of what is inside, must have been sent along.";
static const char custody_help[] =
	"The hands that a bundle went through, from FILE.custody.jsonl: each line is signed by who added it and chained to the\n"
	"line before. 'seal', 'open' and 'attach' add theirs; --add signs one more, with this host's key.";
static const char attach_help[] =
	"Sends a bundle with its signature to a ticket (Request Tracker, Jira, Redmine), a WebDAV folder, an S3 bucket, or a URL.\n"
	"Only a bundle that verifies is sent. PROFILE is a file, or NAME for ~/.config/sourceos/attach.d/NAME.json or\n"
	"/etc/sourceos/attach.d/NAME.json; secrets come from a file or the environment, as it says. Certificates are always checked.";
static const char summary_help[] =
	"To paste into a ticket: what, where, when, root cause, what was done, what is missing, hash, signer, how to verify.\n"
	"At most 6000 bytes. Everything in it comes from the redacted bundle.";
static const char report_help[] =
	"One page of HTML that needs nothing else: verdict and root cause, findings, restarts over time, the layers, custody, gaps,\n"
	"redactions, every file with its hash. It runs no script and asks nothing of any network.";
static const char diff_help[] =
	"What changed between two bundles of one agent: keys of its unit, image, credential helpers, restart rate, findings. Times and\n"
	"counts, which differ in any two captures, are not compared; but the restart rate and the words of a finding tell theirs.";
static const char index_help[] =
	"JSON lines about many bundles: a row for each artifact, finding, restart, fact and gap, each with its bundle, agent and host;\n"
	"for DuckDB or any engine. A bundle that does not verify is left out, said on standard error, and makes the exit status 4.";
static const char mark_help[] =
	"KEY is a name, an id, a fingerprint or the text of a key; STATE is replaced, lost or leaked, or good to take the mark back.\n"
	"What a lost or leaked key signed since then no longer verifies; of older signatures verify says so.";
static const char rotate_help[] =
	"Makes a new host key. The old one stays trusted for what it signed, and signs the new one, so that those who trust\n"
	"it can tell; its secret half is wiped.";
static const char redact_help[] =
	"The redactor of the bundles, for any file, a folder (which keeps its tree and names), or - for a stream. Equal secrets get\n"
	"equal tokens on this host. OUT appears when it is whole; a file there is kept unless --force. Rules of your own:\n"
	"/etc/sourceos/redact.d/*.json and ~/.config/sourceos/redact.d/*.json.";
static const char reveal_help[] =
	"What a token stands for, on the host that made it and for who may read the key there. FILE is a bundle, its evidence\n"
	"directory, or an original that 'redact' cleaned. The value comes from the originals that were kept and from asking the\n"
	"host once more; it is printed and written nowhere.";
static const char translate_help[] =
	"Puts the names back into a reply about a bundle that --pseudonymize made: hosts, users and addresses, from the maps that\n"
	"stayed on this host. Secrets stay tokens. Exit status 3 when a pseudonym is not known here.";
static const char key_help[] =
	"The host's own key and the trusted ones: id, fingerprint to compare by telephone, and the text that\n"
	"'minisign -P' and our -p take.";
static const char trust_help[] = "KEY is the text of a minisign public key, or its file. Bundles that it signed then verify; NAME is what verify calls it.";

const struct verb verbs[] = {
	{ "list", "", 0, 0, "declared agents, and from which file each comes", NULL, VERB_READS, list_options, cmd_list },
	{ "preflight", "NAME", 0, 1, "may it be installed or started here?", preflight_help, VERB_READS, examine_options, cmd_preflight },
	{ "doctor", "NAME|local-runtime", 0, 1, "what is wrong with it, and what to do", doctor_help, VERB_READS, examine_options, cmd_doctor },
	{ "status", "[NAME]", 0, 1, "one glance at one agent, or at all", status_help, VERB_READS, status_options, cmd_status },
	{ "logs", "NAME", 0, 1, "what it wrote, in the order of time, redacted", logs_help, VERB_READS, logs_options, cmd_logs },
	{ "scan", "PATH…", 0, -1, "judge service files for CI; text, JSON or SARIF", scan_help, VERB_READS, scan_options, cmd_scan },
	{ "explain", "[CHECK-ID]", 0, 1, "what a check looks at, why it matters, how to fix it", NULL, VERB_READS, explain_options, cmd_explain },
	{ "collect", "NAME", 1, 1, "the evidence as a signed bundle; changes nothing", collect_help, VERB_READS, collect_options, cmd_collect },
	{ "quarantine", "NAME", 1, 1, "evidence first, then stop, disable, take away", quarantine_help, VERB_CHANGES, quarantine_options, cmd_quarantine },
	{ "restore", "DIR|FILE", 1, 1, "undo a quarantine", restore_help, VERB_CHANGES, restore_options, cmd_restore },
	{ "stage", "NAME", 1, 1, "write what install would write into a directory", stage_help, VERB_READS, stage_options, cmd_stage },
	{ "install", "NAME", 1, 1, "make it a service, enabled, up and well", install_help, VERB_CHANGES, install_options, cmd_install },
	{ "start", "NAME", 1, 1, "start it, and wait for its health", start_help, VERB_CHANGES, change_options, cmd_start },
	{ "stop", "NAME", 1, 1, "stop it, until it is gone", stop_help, VERB_CHANGES, change_options, cmd_stop },
	{ "restart", "NAME", 1, 1, "stop and start it, if it can start", restart_help, VERB_CHANGES, change_options, cmd_restart },
	{ "uninstall", "NAME", 1, 1, "remove what install made", uninstall_help, VERB_CHANGES, uninstall_options, cmd_uninstall },
	{ "history", "NAME", 1, 1, "every change that was made to it, and by whom", NULL, VERB_READS, owner_options, cmd_history },
	{ "image import", "NAME FILE|REF", 2, 2, "give an image the agent's local tag, with its provenance", image_help, VERB_CHANGES, owner_options,
		cmd_image_import },
	{ "machine start", "NAME", 1, 1, "start a Podman machine, and see that it runs", NULL, VERB_CHANGES, owner_options, cmd_machine_start },
	{ "exec", "NAME", 1, 1, "the launcher, which a generated service starts", exec_help, VERB_CHANGES, exec_options, cmd_exec },
	{ "bundle verify", "FILE|DIR", 1, 1, "gaps, every file's hash, who signed", verify_help, VERB_READS, verify_options, cmd_bundle_verify },
	{ "bundle list", "FILE|DIR", 1, 1, "what is in a bundle", NULL, VERB_READS, bundle_options, cmd_bundle_list },
	{ "bundle show", "FILE|DIR NAME", 2, 2, "one file or record of a bundle", show_help, VERB_READS, bundle_options, cmd_bundle_show },
	{ "bundle extract", "FILE|DIR DIR", 2, 2, "unpack a bundle into a new directory", extract_help, VERB_READS, bundle_options, cmd_bundle_extract },
	{ "bundle seal", "FILE", 1, 1, "encrypt a bundle for its readers", seal_help, VERB_READS, seal_options, cmd_bundle_seal },
	{ "bundle open", "FILE.age", 1, 1, "decrypt a sealed bundle", open_help, VERB_READS, open_options, cmd_bundle_open },
	{ "bundle attach", "FILE", 1, 1, "send a bundle to a ticket", attach_help, VERB_READS, attach_options, cmd_bundle_attach },
	{ "bundle custody", "FILE", 1, 1, "whose hands a bundle went through", custody_help, VERB_READS, custody_options, cmd_bundle_custody },
	{ "bundle summary", "FILE|DIR", 1, 1, "what a bundle says, for a ticket", summary_help, VERB_READS, summary_options, cmd_bundle_summary },
	{ "bundle report", "FILE|DIR", 1, 1, "what a bundle says, as a page", report_help, VERB_READS, report_options, cmd_bundle_report },
	{ "bundle diff", "FILE|DIR FILE|DIR", 2, 2, "what changed between two bundles of one agent", diff_help, VERB_READS, tell_options, cmd_bundle_diff },
	{ "bundle index", "FILE…", 1, -1, "JSON lines about many bundles", index_help, VERB_READS, tell_options, cmd_bundle_index },
	{ "redact", "FILE|DIR|-", 1, 1, "what is secret in files replaced by tokens", redact_help, VERB_READS, redact_options, cmd_redact },
	{ "reveal", "FILE TOKEN", 2, 2, "what a token stands for, on the host that made it", reveal_help, VERB_READS, reveal_options, cmd_reveal },
	{ "translate", "FILE|-", 1, 1, "pseudonyms back into names", translate_help, VERB_READS, translate_options, cmd_translate },
	{ "key list", "", 0, 0, "the same as key show", key_help, VERB_READS, NULL, cmd_key_show },
	{ "key untrust", "NAME", 1, 1, "no longer trust a key", NULL, VERB_READS, NULL, cmd_key_untrust },
	{ "key mark", "KEY STATE", 2, 2, "say that a key was replaced, lost or leaked", mark_help, VERB_READS, mark_options, cmd_key_mark },
	{ "key rotate", "", 0, 0, "a new key for this host", rotate_help, VERB_READS, NULL, cmd_key_rotate },
	{ "key show", "", 0, 0, "the host's key and the trusted ones", key_help, VERB_READS, NULL, cmd_key_show },
	{ "key generate", "", 0, 0, "make the host's key now rather than at the first bundle", NULL, VERB_READS, NULL, cmd_key_generate },
	{ "key trust", "NAME KEY|FILE", 2, 2, "trust bundles signed with a key", trust_help, VERB_READS, NULL, cmd_key_trust },
	{ "help", "[COMMAND]", 0, 2, "the commands, or one of them", NULL, VERB_READS, help_options, cmd_help },
	{ "version", "", 0, 0, "the version of this program", NULL, VERB_READS, NULL, cmd_version },
	{ NULL, NULL, 0, 0, NULL, NULL, 0, NULL, NULL },
};
