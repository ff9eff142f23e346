/* SPDX-License-Identifier: MIT */
/*
 * image import: the one moment at which an image is fetched, by a person, who may be asked for credentials.
 * What runs afterwards is the local tag, and provenance.json says where it is from.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "formats/imageref.h"
#include "formats/podman.h"
#include "formats/provenance.h"
#include "formats/text.h"
#include "lifecycle/commands.h"
#include "lifecycle/operation.h"

#define SAID_MAX (64u << 10)

extern char **environ;

static char **podman_words(const struct operation *o)
{
	bool remote = agent_is_remote(o->agent, o->service.platform);
	char **v = strv_new("podman", NULL);

	if (remote && o->agent->podman.connection)
		v = strv_take(v, mem_printf("--connection=%s", o->agent->podman.connection));
	else if (remote && o->service.platform != PLATFORM_DARWIN)
		v = strv_add(v, "--remote");
	return v;
}

static void read_said(int fd, struct buf *said)
{
	char chunk[4096];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && said->len < SAID_MAX)
			buf_add(said, chunk, (size_t)n);
}

/* Runs it on the person's terminal, with their environment: credential helpers may ask. Its stdout is kept. */
static int run_here(char *const *argv, struct buf *said, struct err *err)
{
	posix_spawn_file_actions_t actions;
	int pipe_fd[2], status = 0;
	pid_t pid;

	if (pipe(pipe_fd))
		return err_errno(err, errno, "pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipe_fd[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, pipe_fd[0]);
	posix_spawn_file_actions_addclose(&actions, pipe_fd[1]);
	int failed = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(pipe_fd[1]);
	if (failed == 0)
		read_said(pipe_fd[0], said);
	close(pipe_fd[0]);
	if (failed)
		return err_errno(err, failed, "%s", argv[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	_cleanup_free_ char *line = text_shell_join(argv);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return err_set(err, ERR_CHANGE, "'%s' failed (%s %d)", line, WIFEXITED(status) ? "exit" : "signal",
			WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return 0;
}

/* `podman load` says "Loaded image: NAME" (4: also "Loaded image(s): A,B"); `podman pull` the id. The last line counts. */
static char *image_said(const struct buf *said)
{
	const char *line = buf_str(said), *found = "";

	for (const char *p = line; *p; p += strcspn(p, "\n"), p += *p == '\n')
		if (*p != '\n')
			found = p;
	if (text_starts(found, "Loaded image"))
		found = strchr(found, ':') ? strchr(found, ':') + 1 : "";
	found += strspn(found, " ");
	size_t n = strcspn(found, ",\n ");
	return n ? mem_strndup(found, n) : NULL;
}

static int fetch(const struct operation *o, const char *from, bool file, char **ret, struct err *err)
{
	_cleanup_strv_ char **argv = podman_words(o);
	_cleanup_buf_ struct buf said = { 0 };

	argv = strv_add(argv, file ? "load" : "pull");
	if (file)
		argv = strv_add(argv, "--input");
	argv = strv_add(argv, from);
	int r = run_here(argv, &said, err);
	if (r)
		return r;
	*ret = image_said(&said);
	return *ret ? 0 : err_set(err, ERR_CHANGE, "podman did not say which image it made of %s", from);
}

static struct probe *podman(const struct operation *o, const char *key, const char *a, const char *b, const char *c, const char *d)
{
	_cleanup_strv_ char **argv = podman_words(o);
	const char *const words[] = { a, b, c, d };

	for (size_t i = 0; i < ARRAY_LEN(words) && words[i]; i++)
		argv = strv_add(argv, words[i]);
	struct probe *p = probe_cmd(key, argv, o->owner, PAYLOAD_PODMAN);
	p->limits.timeout_ms = 60000;
	return p;
}

static int inspect(const struct operation *o, const char *ref, struct podman_image **ret, struct err *err)
{
	_cleanup_probe_ struct probe *p = podman(o, "image-inspect", "image", "inspect", "--", ref);
	_cleanup_answer_ struct answer a = { 0 };
	int r = source_get(o->session.source, p, &a, err);

	if (r)
		return r;
	if (!record_answered(&a.rec) || a.rec.status)
		return err_set(err, ERR_CHANGE, "podman does not find %s after it was imported", ref);
	return podman_image_parse("podman image inspect", buf_str(&a.out), a.out.len, ret, err);
}

/* An archive may bring the tag itself, and podman load moves it then. It is moved back, so that the plan moves it: journaled, and
 * taken back when a later step fails. */
static int tag_back(const struct operation *o, const struct podman_image *before, const struct podman_image *made, struct err *err)
{
	if (before && strcmp(before->id, made->id) == 0)
		return 0;
	_cleanup_probe_ struct probe *p = before ? podman(o, "tag-back", "tag", before->id, o->agent->image, NULL)
						 : podman(o, "tag-back", "untag", made->id, o->agent->image, NULL);
	_cleanup_answer_ struct answer a = { 0 };
	int r = source_get(o->session.source, p, &a, err);

	/* untag of a name that it does not have fails, and is as good */
	return r || !before || (record_answered(&a.rec) && !a.rec.status)
		       ? r
		       : err_set(err, ERR_CHANGE, "%s cannot be given back to %.12s: %s", o->agent->image, before->id, buf_str(&a.err));
}

/* The tag moves to the new image; taken back it names what it named before. */
static void plan_tag(struct operation *o, const char *from, const struct podman_image *made, const char *before)
{
	const char *id = text_starts(made->id, "sha256:") ? made->id + strlen("sha256:") : made->id;
	struct step *s = plan_add(o->plan, "tag", STEP_RUN, "tag %s as %s", from, o->agent->image);

	s->cmd = podman(o, "tag", "tag", id, o->agent->image, NULL);
	s->holds = (struct expect){ .kind = EXPECT_WORD, .words = strv_new(id, NULL),
		.probe = podman(o, "tagged", "image", "inspect", "--format={{.Id}}", o->agent->image) };
	if (before) {
		s->undo_title = mem_printf("tag %.12s as %s again", before, o->agent->image);
		s->undo_cmd = podman(o, "retag", "tag", before, o->agent->image, NULL);
	} else {
		s->undo_title = mem_printf("remove the tag %s", o->agent->image);
		s->undo_cmd = podman(o, "untag", "untag", o->agent->image, NULL, NULL);
	}
}

static void plan_record(struct operation *o, const char *from, bool file, const struct podman_image *made)
{
	const char *id = text_starts(made->id, "sha256:") ? made->id + strlen("sha256:") : made->id;
	_cleanup_buf_ struct buf text = { 0 };
	_cleanup_free_ char *path = file ? realpath(from, NULL) : NULL;
	struct provenance p = {
		.runtime_image = o->agent->image,
		.source_image = mem_strdup(file ? o->agent->source_image : from),
		.source_file = path,
		.image_id = mem_strdup(id),
		.digest = made->digest,
		.pulled_us = source_now_us(o->session.source),
		.runtime_auth = mem_strdup(auth_mode_name(o->agent->auth.mode)),
		.pull_auth = mem_strdup(file ? "none" : "ambient"),
		.by = o->actor,
	};

	provenance_write(&p, &text);
	plan_add_write(o->plan, "provenance", "provenance", o->paths.provenance, buf_str(&text), 0600, access(o->paths.provenance, F_OK) ? NULL : "provenance");
	free(p.source_image);
	free(p.image_id);
	free(p.runtime_auth);
	free(p.pull_auth);
}

static int check_arguments(const struct operation *o, const char *from, bool file, struct err *err)
{
	_cleanup_imageref_ struct imageref ref = { 0 }, source = { 0 };

	if (o->agent->runtime != RUNTIME_PODMAN || !o->agent->image)
		return err_set(err, ERR_USAGE, "%s runs no image (runtime %s)", o->agent->name, agent_runtime_name(o->agent->runtime));
	if (imageref_is_id(o->agent->image) || imageref_parse(o->agent->image, &ref, err) || !imageref_is_localhost(&ref))
		return err_set(err, ERR_USAGE, "the declared image %s is no local tag (localhost/…), so none can be given", o->agent->image);
	if (!file && (from[0] == '-' || imageref_parse(from, &source, NULL)))
		return err_set(err, ERR_USAGE, "%s is neither a file that can be read nor an image reference", from);
	return 0;
}

static int import(struct operation *o, struct err *err)
{
	const char *from = o->cli->args[1];
	bool file = access(from, R_OK) == 0;
	CLEANUP(podman_image_freep) struct podman_image *made = NULL, *before = NULL;
	_cleanup_free_ char *ref = NULL;
	int r = check_arguments(o, from, file, err);

	if (r)
		return r;
	inspect(o, o->agent->image, &before, NULL);
	r = fetch(o, from, file, &ref, err);
	if (r == 0)
		r = inspect(o, ref, &made, err);
	if (r == 0)
		r = tag_back(o, before, made, err);
	if (r)
		return r;
	o->plan = plan_new("image-import", o->agent->name);
	plan_tag(o, ref, made, before ? before->id : NULL);
	plan_record(o, from, file, made);
	r = operation_run(o, true, err);
	_cleanup_free_ char *detail = mem_printf("%s is %.12s from %s", o->agent->image, made->id, from);
	if (r == 0)
		r = operation_end(o, detail, err);
	if (r == 0)
		operation_report(o, "imported", "%s%s", detail, o->service.was_active ? "; what runs is the old one until a restart" : "");
	return r;
}

int cmd_image_import(struct cli *cli, struct err *err)
{
	_cleanup_operation_ struct operation o;
	int r = operation_open(cli, "image import", false, &o, err);

	return r ? r : import(&o, err);
}
