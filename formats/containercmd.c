/* SPDX-License-Identifier: MIT */
/* What an argv says about containers: see shellscan.h. */
#include <string.h>

#include "formats/containercmd.h"
#include "formats/shellenv.h"
#include "formats/shellscan.h"
#include "formats/text.h"

static bool in_list(const char *s, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(s, *list) == 0)
			return true;
	return false;
}

/*
 * Programs that run the program among their arguments: which of their short options take a value, and
 * how many words of their own stand between options and program.
 */
static const struct wrapper {
	const char *name;
	const char *valued; /* letters */
	const char *const long_valued[8];
	size_t own;
	bool assignments; /* NAME=value words stand before the program */
} wrappers[] = {
	{ "exec", "a", { NULL }, 0, false },
	{ "command", "", { NULL }, 0, false },
	{ "nohup", "", { NULL }, 0, false },
	{ "setsid", "", { NULL }, 0, false },
	{ "time", "fo", { NULL }, 0, false },
	{ "env", "uC", { "--unset", "--chdir", NULL }, 0, true },
	{ "nice", "n", { "--adjustment", NULL }, 0, false },
	{ "ionice", "cn", { "--class", "--classdata", NULL }, 0, false },
	{ "timeout", "ks", { "--kill-after", "--signal", NULL }, 1, false },
	{ "stdbuf", "ioe", { NULL }, 0, false },
	{ "sudo", "ugCDhpRrTtU", { "--user", "--group", "--chdir", "--host", "--prompt", NULL }, 0, true },
	{ "doas", "uC", { NULL }, 0, false },
	{ "runuser", "ugG", { "--user", "--group", NULL }, 0, false },
	{ "setpriv", "", { "--reuid", "--regid", "--groups", NULL }, 0, false },
	{ "systemd-cat", "tp", { "--identifier", "--priority", NULL }, 0, false },
	{ "flock", "wE", { "--wait", "--timeout", NULL }, 1, false },
	{ "caffeinate", "tw", { NULL }, 0, false },
	{ "wait4path", "", { NULL }, 1, false },
};

static const struct wrapper *wrapper_find(const char *name)
{
	for (size_t k = 0; k < ARRAY_LEN(wrappers); k++)
		if (wrappers[k].name[0] == name[0] && strcmp(wrappers[k].name, name) == 0)
			return &wrappers[k];
	return NULL;
}

/* Words that an option takes at argv[0]: 1, or 2 with a value in the word of its own. */
static size_t option_words(const char *s, const char *valued, const char *const *long_valued)
{
	if (s[1] == '-')
		return !strchr(s, '=') && in_list(s, long_valued) ? 2 : 1;
	for (const char *p = s + 1; *p; p++)
		if (strchr(valued, *p))
			return p[1] ? 1 : 2;
	return 1;
}

/* `su - agent -c '…'`, `runuser -l agent -c '…'`: the text that is handed to a shell; NULL when there is none. */
static const char *su_script(char *const *argv)
{
	static const char *const shells[] = { "su", "runuser", NULL }, *const names[] = { "--command", "--session-command", NULL };

	if (!in_list(text_base_name(argv[0]), shells))
		return NULL;
	for (size_t i = 1; argv[i] && strcmp(argv[i], "--") != 0; i++) {
		const char *s = argv[i];
		for (const char *const *n = names; *n; n++)
			if (text_starts(s, *n) && s[strlen(*n)] == '=')
				return s + strlen(*n) + 1;
		if (in_list(s, names) || (s[0] == '-' && s[1] != '-' && text_ends(s, "c")))
			return argv[i + 1];
	}
	return NULL;
}

static size_t skip_wrapper(char *const *argv, size_t i, size_t n, const struct wrapper *w)
{
	for (i++; i < n && argv[i][0] == '-' && argv[i][1];) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		/* `command -v podman` looks for it and runs nothing */
		if (strcmp(w->name, "command") == 0 && strpbrk(argv[i], "vV"))
			return n;
		i += option_words(argv[i], w->valued, w->long_valued);
	}
	for (; w->assignments && i < n && text_is_assignment(argv[i]); i++)
		;
	return i + w->own;
}

size_t argv_unwrap(char *const *argv, bool *ret_exec)
{
	size_t n = strv_len(argv), i = 0;

	*ret_exec = false;
	while (i < n) {
		if (text_is_assignment(argv[i])) {
			i++;
			continue;
		}
		const struct wrapper *w = wrapper_find(text_base_name(argv[i]));
		if (!w || su_script(argv + i))
			return i;
		*ret_exec |= strcmp(w->name, "exec") == 0;
		i = skip_wrapper(argv, i, n, w);
	}
	return n;
}

static bool is_shell(const char *word)
{
	static const char *const shells[] = { "sh", "bash", "dash", "zsh", "ksh", "ash", "fish", NULL };

	return in_list(text_base_name(word), shells);
}

/* Behind a shell's options: the text of -c, or the file; NULL when there is neither. */
static const char *shell_operand(char *const *argv, bool *ret_text)
{
	static const char *const valued[] = { "--rcfile", "--init-file", "-o", "+o", "-O", "+O", NULL };
	size_t i = 1;

	*ret_text = false;
	for (; argv[i] && (argv[i][0] == '-' || argv[i][0] == '+'); i++) {
		if (in_list(argv[i], valued) && argv[i + 1]) {
			i++;
			continue;
		}
		if (argv[i][1] == '-' && argv[i][2])
			continue;
		/* -c may stand in a cluster (-lc); the script is the first word that is no option */
		*ret_text |= argv[i][0] == '-' && strchr(argv[i], 'c');
	}
	return argv[i];
}

const char *argv_script(char *const *argv)
{
	bool exec, text;
	size_t i = argv_unwrap(argv, &exec);

	if (!argv || !argv[i])
		return NULL;
	const char *s = is_shell(argv[i]) ? shell_operand(argv + i, &text) : NULL;
	return s ? (text ? s : NULL) : su_script(argv + i);
}

const char *argv_program(char *const *argv)
{
	bool exec, text;
	size_t i = argv_unwrap(argv, &exec);

	if (!argv || !argv[i])
		return NULL;
	const char *s = is_shell(argv[i]) ? shell_operand(argv + i, &text) : NULL;
	return s && !text ? s : argv[i];
}

bool container_program(const char *word)
{
	static const char *const names[] = { "podman", "podman-remote", "docker", "nerdctl", "podman-compose", "docker-compose", NULL };

	return in_list(text_base_name(word), names);
}

/* Options before the verb that take a value, of Podman and Docker. */
static const char *const global_valued[] = { "--connection", "--url", "--identity", "--log-level", "--root", "--runroot", "--storage-driver",
	"--storage-opt", "--cgroup-manager", "--conmon", "--config", "--context", "--events-backend", "--hooks-dir", "--host", "--imagestore",
	"--module", "--namespace", "--network-cmd-path", "--network-config-dir", "--out", "--runtime", "--runtime-flag", "--ssh", "--tmpdir",
	"--transient-store", "--volumepath", "--registries-conf", "--default-mounts-file", "--tlscacert", "--tlscert", "--tlskey", "--file",
	"--project-name", "--address", NULL };

/* Options of run, create and pull that take no value of their own word; every other long one does. */
static const char *const run_flags[] = { "--detach", "--interactive", "--tty", "--rm", "--rmi", "--privileged", "--read-only", "--init",
	"--replace", "--no-healthcheck", "--no-hosts", "--no-hostname", "--publish-all", "--quiet", "--sig-proxy", "--tls-verify", "--http-proxy",
	"--oom-kill-disable", "--passwd", "--read-only-tmpfs", "--disable-content-trust", "--env-host", "--help", "--all-tags",
	"--unsetenv-all", "--no-trunc", "--latest", "--attach-stdin", NULL };
#define RUN_SHORT_FLAGS "ditPq"

static size_t run_option_words(const char *s)
{
	if (s[1] == '-')
		return strchr(s, '=') || in_list(s, run_flags) ? 1 : 2;
	for (const char *p = s + 1; *p; p++)
		if (!strchr(RUN_SHORT_FLAGS, *p))
			return p[1] ? 1 : 2;
	return 1;
}

/* Index of the first word behind options from i on; n when there is none. */
static size_t skip_options(char *const *argv, size_t n, size_t i, bool compose)
{
	static const char *const compose_valued[] = { "--file", "--project-name", "--env-file", "--profile", "--project-directory", "--ansi",
		"--progress", "--parallel", "--host", "--context", "--podman-path", "--podman-args", "--podman-run-args", NULL };

	/* podman: -c connection, -r remote; docker: -H host, -l level, -c context; nerdctl: -n namespace, -a address */
	while (i < n && argv[i][0] == '-' && argv[i][1])
		i += compose ? option_words(argv[i], "fpcH", compose_valued) : option_words(argv[i], "cHlna", global_valued);
	return i < n ? i : n;
}

/* Index of the verb ("container run" is at "run"); n when there is none. */
static size_t find_verb(char *const *argv, size_t n)
{
	static const char *const groups[] = { "container", "image", NULL };
	size_t i = n ? skip_options(argv, n, 1, text_ends(argv[0], "-compose")) : 0;

	if (i + 1 < n && in_list(argv[i], groups))
		i++;
	return i < n ? i : n;
}

static bool has_image(const char *verb)
{
	static const char *const verbs[] = { "run", "create", "pull", NULL };

	return in_list(verb, verbs);
}

/* Index of the first word after the verb that is no option; n when there is none. */
static size_t find_operand(char *const *argv, size_t n, size_t verb)
{
	size_t i = verb + 1;

	while (i < n && argv[i][0] == '-' && argv[i][1]) {
		if (strcmp(argv[i], "--") == 0)
			return i + 1 < n ? i + 1 : n;
		i += run_option_words(argv[i]);
	}
	return i < n ? i : n;
}

/* What the verb at that place starts; "compose up" and "kube play" have a second word. */
static enum container_start what_starts(char *const *argv, size_t n, size_t verb)
{
	static const char *const compose[] = { "up", "run", "start", "create", NULL };
	const char *s = argv[verb];

	if (text_ends(argv[0], "-compose"))
		return in_list(s, compose) ? STARTS_COMPOSE : STARTS_NONE;
	if (strcmp(s, "run") == 0 || strcmp(s, "create") == 0)
		return STARTS_NEW;
	if (strcmp(s, "start") == 0)
		return STARTS_OLD;
	size_t next = skip_options(argv, n, verb + 1, true);
	if (next >= n)
		return STARTS_NONE;
	if (strcmp(s, "compose") == 0 && in_list(argv[next], compose))
		return STARTS_COMPOSE;
	bool play = (strcmp(s, "kube") == 0 && strcmp(argv[next], "play") == 0) || (strcmp(s, "play") == 0 && strcmp(argv[next], "kube") == 0);
	return play && !strv_has(argv, "--down") ? STARTS_KUBE : STARTS_NONE;
}

bool argv_container_command(char *const *argv, struct shell_command *ret)
{
	struct shell_command c = { 0 };
	size_t at = argv_unwrap(argv, &c.exec);

	if (!argv || !argv[at] || !container_program(argv[at]))
		return false;
	c.argv = strv_dup(argv + at);
	c.program = mem_strdup(text_base_name(argv[at]));
	c.env = shell_env_of_words(argv, at);
	size_t n = strv_len(c.argv), verb = find_verb(c.argv, n);
	if (verb < n && c.argv[verb][0] != '-')
		c.verb = mem_strdup(c.argv[verb]);
	c.starts = c.verb ? what_starts(c.argv, n, verb) : STARTS_NONE;
	if (c.verb && has_image(c.verb)) {
		size_t image = find_operand(c.argv, n, verb);
		c.image = image < n ? mem_strdup(c.argv[image]) : NULL;
	}
	for (size_t i = 0; i < n; i++)
		c.variable |= strpbrk(c.argv[i], "$`") != NULL;
	*ret = c;
	return true;
}

void shell_command_free(struct shell_command *c)
{
	strv_free(c->argv);
	strv_free(c->env);
	free(c->program);
	free(c->verb);
	free(c->image);
	*c = (struct shell_command){ 0 };
}

struct shell_command shell_command_copy(const struct shell_command *c)
{
	return (struct shell_command){ .line = c->line, .argv = strv_dup(c->argv), .program = mem_strdup(c->program), .verb = mem_strdup(c->verb),
		.starts = c->starts, .image = mem_strdup(c->image), .env = strv_dup(c->env), .exec = c->exec, .variable = c->variable };
}

void shell_command_started_by(struct shell_command *c, char *const *argv)
{
	bool exec;
	char **env = shell_env_of_words(argv, argv_unwrap(argv, &exec));

	for (char **v = c->env; v && *v; v++)
		env = strv_add(env, *v);
	strv_free(c->env);
	c->env = env;
}

/* As cmd/podman/registry/remote.go tells it, from the options before the verb. */
bool shell_command_is_remote(const struct shell_command *c)
{
	static const char *const implying[] = { "--connection", "--url", "--host", NULL };
	size_t n = strv_len(c->argv), verb = n ? find_verb(c->argv, n) : 0;
	bool remote = text_eq(c->program, "podman-remote");

	for (char **v = c->env; v && *v; v++)
		if (text_starts(*v, "CONTAINER_HOST") || text_starts(*v, "CONTAINER_CONNECTION"))
			remote = remote || strchr(*v, '=');
	for (size_t i = 1; i < verb; i++) {
		const char *s = c->argv[i];
		_cleanup_free_ char *name = mem_strndup(s, strcspn(s, "="));
		if (s[0] != '-')
			continue;
		if (text_eq(name, "--remote"))
			remote = !text_ends(s, "=false");
		else
			remote = remote || in_list(name, implying) || (s[1] != '-' && strpbrk(s, "cr"));
	}
	return remote && (text_eq(c->program, "podman") || text_eq(c->program, "podman-remote"));
}

const char *argv_option(char *const *argv, const char *option)
{
	bool exec;
	size_t n = strv_len(argv), at = argv_unwrap(argv, &exec);
	size_t verb = at < n ? at + find_verb(argv + at, n - at) : n;
	size_t end = verb < n && has_image(argv[verb]) ? find_operand(argv, n, verb) : n;
	size_t len = strlen(option);

	for (size_t i = at; i < end; i++) {
		if (strncmp(argv[i], option, len) != 0)
			continue;
		if (argv[i][len] == '=')
			return argv[i] + len + 1;
		if (!argv[i][len])
			return i + 1 < end && !in_list(option, run_flags) ? argv[i + 1] : "";
	}
	return NULL;
}
