/* SPDX-License-Identifier: MIT */
/* redact: the bundle's redactor for any file, folder or stream; --check for CI and hooks. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/localkey.h"
#include "bundle/newfile.h"
#include "formats/text.h"
#include "lifecycle/cleaning.h"
#include "lifecycle/commands.h"
#include "lifecycle/operation.h"
#include "lifecycle/redaction.h"

struct work {
	const struct cli *cli;
	struct session session;
	struct cleaning clean;
	struct pseudonyms names;
	char *names_path;
	const char *in;	 /* as it was given */
	const char *out; /* NULL: standard output */
};

static void work_free(struct work *w)
{
	cleaning_free(&w->clean);
	redactor_free(w->clean.redactor);
	pseudonyms_free(&w->names);
	free(w->names_path);
	session_close(&w->session);
}

/* Equal secrets get equal tokens on this host, from one run to the next: so a difference between two clean files is one. */
static int open_redactor(struct work *w, struct err *err)
{
	uint8_t key[LOCAL_KEY_BYTES];
	int r = local_key(w->session.keys_dir, "redact", key, err);

	if (r == 0 && !(w->clean.redactor = redactor_new(key, err)))
		r = -err->code;
	mem_wipe(key, sizeof(key));
	if (r == 0)
		r = redaction_rules(&w->session, w->clean.redactor, err);
	if (r == 0)
		r = redaction_words(w->cli, w->clean.redactor, NULL, err);
	if (r || !cli_has(w->cli, "pseudonymize"))
		return r;
	w->names_path = mem_printf("%s/" PSEUDONYMS_NAME, w->session.state_dir);
	r = redaction_pseudonymize(&w->session, w->clean.redactor, err);
	if (r == 0)
		r = pseudonyms_load(&w->names, w->names_path, err);
	if (r == 0)
		pseudonyms_watch(&w->names, w->clean.redactor);
	return r;
}

static int save_names(struct work *w, struct err *err)
{
	return w->names_path && !w->clean.check ? pseudonyms_save(&w->names, w->names_path, err) : 0;
}

/* ---- one file, or a stream ---- */

static unsigned out_mode(int in)
{
	struct stat st;
	mode_t mask = umask(0);

	umask(mask);
	return fstat(in, &st) == 0 && S_ISREG(st.st_mode) ? st.st_mode & 0777 : 0666 & ~mask;
}

static int redact_fd(struct work *w, int in, const char *name, struct err *err)
{
	_cleanup_newfile_ struct newfile f = { .fd = -1 };
	_cleanup_free_ char *shown = text_safe(w->in);
	int r = 0;

	if (w->clean.check)
		return clean_fd(&w->clean, in, name, shown, -1, err);
	if (!w->out) {
		r = clean_fd(&w->clean, in, name, shown, STDOUT_FILENO, err);
		return r ? r : save_names(w, err);
	}
	r = newfile_open(&f, w->out, out_mode(in), cli_has(w->cli, "force"), err);
	if (r == 0)
		r = clean_fd(&w->clean, in, name, shown, f.fd, err);
	if (r == 0)
		r = save_names(w, err);
	return r ? r : newfile_commit(&f, err);
}

/* ---- a folder ---- */

/* A clean copy inside of what is copied would be copied too. */
static int check_place(const struct work *w, const char *parent, struct err *err)
{
	_cleanup_free_ char *in = realpath(w->in, NULL), *to = realpath(parent, NULL);
	size_t n = in ? strlen(in) : 0;

	if (!in || !to)
		return err_errno(err, errno, "%s", in ? parent : w->in);
	if (strncmp(to, in, n) == 0 && (to[n] == '/' || to[n] == '\0' || n == 1))
		return err_set(err, ERR_USAGE, "%s lies inside of %s: give a place beside it", w->out, w->in);
	return 0;
}

static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !slash ? mem_strdup(".") : slash == path ? mem_strdup("/") : mem_strndup(path, (size_t)(slash - path));
}

/* The final name is taken by an empty folder first, so that nothing that is there is replaced. */
static int name_tree(const char *temp, const char *out, struct err *err)
{
	if (mkdir(out, 0700))
		return errno == EEXIST ? err_set(err, ERR_USAGE, "%s: is already there; give another name or remove it", out)
				       : err_errno(err, errno, "cannot make %s", out);
	if (rename(temp, out) == 0)
		return 0;
	int e = errno;
	rmdir(out);
	return err_errno(err, e, "cannot make %s", out);
}

static int redact_tree(struct work *w, int in, struct err *err)
{
	struct stat st;

	if (w->clean.check)
		return clean_tree(&w->clean, in, -1, err);
	if (!w->out)
		return err_set(err, ERR_USAGE, "%s is a folder: say where its clean copy goes, with -o", w->in);
	if (cli_has(w->cli, "force"))
		return err_set(err, ERR_USAGE, "--force replaces a file, never a folder");
	_cleanup_free_ char *out = mem_strndup(w->out, strlen(w->out) - (text_ends(w->out, "/") && w->out[1] ? 1 : 0));
	_cleanup_free_ char *parent = parent_of(out), *temp = mem_printf("%s/.sourceos-redact-%ld.tmp", parent, (long)getpid());
	int r = check_place(w, parent, err);
	if (r == 0 && lstat(out, &st) == 0)
		r = err_set(err, ERR_USAGE, "%s: is already there; give another name or remove it", out);
	if (r)
		return r;
	tree_remove(temp, NULL); /* of a process of this number that was killed */
	if (mkdir(temp, 0700))
		return err_errno(err, errno, "cannot write in %s", parent);
	_cleanup_fd_ int to = open(temp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = to < 0 || fstat(in, &st) ? err_errno(err, errno, "cannot write in %s", parent) : clean_tree(&w->clean, in, to, err);
	if (r == 0 && fchmod(to, st.st_mode & 0777))
		r = err_errno(err, errno, "cannot set the mode of %s", out);
	if (r == 0)
		r = save_names(w, err);
	if (r == 0)
		r = name_tree(temp, out, err);
	if (r)
		tree_remove(temp, NULL);
	return r;
}

/* ---- what is told ---- */

static void print_counts(FILE *to, const json_t *counts)
{
	const char *class, *comma = "";
	json_t *n;

	json_object_foreach((json_t *)(uintptr_t)counts, class, n) {
		fprintf(to, "%s%s %" JSON_INTEGER_FORMAT, comma, class, json_integer_value(n));
		comma = ", ";
	}
}

static void print_json(const struct work *w, bool found)
{
	json_t *left = json_array();

	for (char **p = w->clean.left_out; p && *p; p++)
		json_array_append_new(left, json_string(*p));
	json_t *doc = json_pack("{s:s, s:s*, s:b, s:i, s:O, s:O, s:o}", "input", w->in, "output", w->out, "clean", (int)!found, "filesRead",
		(int)w->clean.seen, "totals", w->clean.totals, "files", w->clean.files, "leftOut", left);
	cli_print_json(doc);
}

static void print_report(const struct work *w, bool found)
{
	/* standard output is the clean text's, unless that has a file of its own */
	FILE *to = w->clean.check || w->out ? stdout : stderr;
	size_t i;
	json_t *file;

	if (w->cli->json) {
		print_json(w, found);
		return;
	}
	for (char **p = w->clean.left_out; p && *p; p++)
		fprintf(stderr, "%s: left out, it is no file or cannot be read: %s\n", w->cli->program, *p);
	json_array_foreach(w->clean.files, i, file) {
		const char *path = json_string_value(json_object_get(file, "path"));
		const json_t *replaced = json_object_get(file, "replaced");
		if (json_is_true(json_object_get(file, "withheld")))
			fprintf(stderr, "%s: withheld whole, since it could not be judged: %s\n", w->cli->program, path);
		if (json_object_get(replaced, "fileName") && !w->clean.check)
			fprintf(stderr, "%s: the name itself holds a secret and is kept: %s\n", w->cli->program, path);
		if (!w->clean.check && !w->cli->verbose)
			continue;
		fprintf(to, "%s: ", path);
		print_counts(to, replaced);
		fputc('\n', to);
	}
	if (w->cli->quiet || (w->clean.check && found))
		return;
	if (!w->clean.check && found && (w->out || w->cli->verbose)) {
		fputs("replaced: ", to);
		print_counts(to, w->clean.totals);
		fputc('\n', to);
	} else if (!found && (w->out || w->clean.check)) {
		fputs("nothing to redact\n", to);
	}
}

static int redact_input(struct work *w, struct err *err)
{
	struct stat st;

	if (strcmp(w->in, "-") == 0)
		return redact_fd(w, STDIN_FILENO, NULL, err);
	_cleanup_fd_ int in = open(w->in, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (in < 0 || fstat(in, &st))
		return err_errno(err, errno, "cannot open %s", w->in);
	return S_ISDIR(st.st_mode) ? redact_tree(w, in, err) : redact_fd(w, in, w->in, err);
}

int cmd_redact(struct cli *cli, struct err *err)
{
	CLEANUP(work_free) struct work w = { .cli = cli, .in = cli->args[0] };
	const char *out = cli_get(cli, "output");

	w.clean = (struct cleaning){ .cli = cli, .files = json_array(), .totals = json_object(), .check = cli_has(cli, "check") };
	w.out = out && strcmp(out, "-") != 0 ? out : NULL;
	if (out && w.clean.check)
		return err_set(err, ERR_USAGE, "--check writes nothing: -o has no place beside it");
	if (cli->json && !w.clean.check && !w.out)
		return err_set(err, ERR_USAGE, "--json needs standard output for itself: give -o FILE, or --check");
	int r = session_open(cli, &w.session, err);
	if (r == 0)
		r = open_redactor(&w, err);
	if (r == 0)
		r = redact_input(&w, err);
	if (r)
		return r;
	bool found = json_array_size(w.clean.files) > 0;
	print_report(&w, found);
	if (w.clean.check && found)
		return EXIT_FINDINGS;
	return w.clean.left_out ? EXIT_INCOMPLETE : EXIT_OK;
}
