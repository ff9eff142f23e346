/* SPDX-License-Identifier: MIT */
/*
 * exec: the launcher, which a generated definition starts. It checks what a start cannot do without, counts
 * the start, and becomes the agent; or it says once why not. Short, because every start waits for it: no
 * session, no evidence, one file read.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect/agents.h"
#include "collect/env.h"
#include "collect/job.h"
#include "collect/platform.h"
#include "formats/authfile.h"
#include "formats/text.h"
#include "lifecycle/commands.h"
#include "lifecycle/launch.h"
#include "lifecycle/ledger.h"

#define AUTHFILE_MAX (1u << 20)

struct launcher {
	const struct cli *cli;
	struct source *source;
	struct user self;
	enum platform platform;
	struct agent *agent;
	struct install_paths paths;
	struct launch launch;
};

static void launcher_close(struct launcher *l)
{
	agent_free(l->agent);
	user_free(&l->self);
	install_paths_free(&l->paths);
	launch_free(&l->launch);
	source_close(l->source);
}
#define _cleanup_launcher_ CLEANUP(launcher_close)

/* ---- which agent ---- */

static int pick(struct agent **list, const char *name, struct agent **ret)
{
	for (struct agent **a = list; a && *a; a++)
		if (strcmp((*a)->name, name) == 0) {
			*ret = agent_copy(*a);
			return 0;
		}
	return -1;
}

static int load_file(struct launcher *l, const char *path, const char *name, struct err *err)
{
	_cleanup_probe_ struct probe *p = probe_file(path, PAYLOAD_JSON);
	_cleanup_answer_ struct answer a = { 0 };
	_cleanup_agents_ struct agent **list = NULL;

	p->flags |= PROBE_FOLLOW;
	p->limits.max_bytes = DECLARATION_MAX;
	int r = source_get(l->source, p, &a, err);
	if (r)
		return r;
	if (a.rec.outcome != OUTCOME_OK)
		return err_set(err, ERR_USAGE, "the declaration %s: %s", path, a.rec.reason ? a.rec.reason : outcome_name(a.rec.outcome));
	r = declaration_parse(path, buf_str(&a.out), a.out.len, &list, NULL, err);
	if (r)
		return r;
	return pick(list, name, &l->agent) ? err_set(err, ERR_USAGE, "%s no longer declares %s", path, name) : 0;
}

static int load_declared(struct launcher *l, const char *name, struct err *err)
{
	struct agents agents = { 0 };
	struct host host = { 0 };
	int r = host_get(l->source, &host, err);

	if (r == 0)
		r = agents_load(l->source, &host, &l->self.id, &agents, err);
	if (r == 0 && pick(agents.list, name, &l->agent))
		r = err_set(err, ERR_USAGE, "no agent \"%s\" is declared", name);
	agents_close(&agents);
	host_free(&host);
	return r;
}

static int load(struct launcher *l, struct err *err)
{
	const char *name = l->cli->args[0], *file = cli_get(l->cli, "declaration");

	l->source = source_live(NULL, err);
	if (!l->source)
		return -err->code;
	_cleanup_free_ char *uid = mem_printf("%u", (unsigned)geteuid());
	int r = user_get(l->source, uid, &l->self, err);
	if (r == 0)
		r = file ? load_file(l, file, name, err) : load_declared(l, name, err);
	if (r)
		return r;
	if (l->agent->scope == SCOPE_SYSTEM && l->self.id.uid != 0)
		return err_set(err, ERR_DENIED, "the agent is declared with scope system; only root may start it");
	declaration_expand(l->agent, l->self.id.home);
	l->platform = strcmp(platform_ours(), "darwin") == 0 ? PLATFORM_DARWIN : PLATFORM_LINUX;
	install_paths_make(l->agent, &l->self, l->platform, install_form_of(l->agent, l->platform), &l->paths);
	return 0;
}

/* ---- what a start cannot do without ---- */

static int read_auth(const char *path, bool private, struct authfile **ret, struct err *err)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_free_ char *text = NULL;
	struct stat st;
	ssize_t n = 0;

	if (fd < 0 || fstat(fd, &st))
		return err_errno(err, errno, "%s", path);
	if (!S_ISREG(st.st_mode) || st.st_size > AUTHFILE_MAX)
		return err_set(err, ERR_USAGE, "%s is no auth file", path);
	if (private && ((st.st_mode & 077) || (st.st_uid != geteuid() && st.st_uid != 0))) {
		_cleanup_free_ char *command = text_shell_printf("chmod 600 %s", path);
		return err_set(err, ERR_USAGE, "%s may be read by others (mode %04o); run: %s", path, (unsigned)st.st_mode & 07777, command);
	}
	text = mem_alloc((size_t)st.st_size + 1);
	n = read(fd, text, (size_t)st.st_size);
	if (n < 0)
		return err_errno(err, errno, "%s", path);
	return authfile_parse(path, text, (size_t)n, ret, err);
}

static int check_authfile(const struct launcher *l, struct err *err)
{
	const char *path = launch_authfile(l->agent, &l->paths);
	_cleanup_authfile_ struct authfile *f = NULL;

	if (!path)
		return 0;
	int r = read_auth(path, true, &f, err);
	if (r == -ERR_ABSENT)
		return err_set(err, ERR_USAGE, "the auth file %s is not there; run: sourceos-agent install %s", path, l->agent->name);
	if (r)
		return r;
	if (l->agent->auth.mode == AUTH_SERVICE_ACCOUNT)
		return authfile_has_secret(f) ? 0 : err_set(err, ERR_USAGE, "%s holds no credential, and mode service-account is declared", path);
	return authfile_is_empty(f) ? 0 : err_set(err, ERR_USAGE, "%s names registries or helpers, and %s is declared", path,
						  auth_mode_name(l->agent->auth.mode));
}

static int check_docker_config(const struct launcher *l, struct err *err)
{
	_cleanup_authfile_ struct authfile *f = NULL;

	if (l->agent->auth.allow_ambient_docker_config)
		return 0;
	int r = read_auth(l->paths.docker_config, true, &f, err);
	if (r == -ERR_ABSENT)
		return err_set(err, ERR_USAGE, "%s is not there; run: sourceos-agent install %s", l->paths.docker_config, l->agent->name);
	if (r)
		return r;
	return authfile_is_empty(f) ? 0 : err_set(err, ERR_USAGE, "%s names registries or helpers, and must be {\"auths\":{}}", l->paths.docker_config);
}

/* forbidden-ambient: not only kept out, but not there. */
static int check_no_ambient(const struct launcher *l, struct err *err)
{
	const struct identity *id = &l->self.id;
	char *places[] = { mem_printf("%s/.docker/config.json", id->home), mem_printf("%s/.config/containers/auth.json", id->home),
		mem_printf("%s/.dockercfg", id->home), id->runtime_dir ? mem_printf("%s/containers/auth.json", id->runtime_dir) : NULL };
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		_cleanup_authfile_ struct authfile *f = NULL;
		if (r == 0 && places[i]) {
			r = read_auth(places[i], false, &f, err);
			r = r == -ERR_ABSENT ? 0 : r;
		}
		if (r == 0 && f && (f->n_helpers || f->creds_store || authfile_has_secret(f)))
			r = err_set(err, ERR_USAGE, "%s holds credentials or helpers, and ambient ones are forbidden", places[i]);
		free(places[i]);
	}
	return r;
}

static int check(const struct launcher *l, struct err *err)
{
	if (access(l->paths.dir, F_OK))
		return err_set(err, ERR_USAGE, "it is not installed; run: sourceos-agent install %s", l->agent->name);
	if (l->agent->runtime != RUNTIME_PODMAN)
		return 0;
	int r = check_authfile(l, err);
	if (r == 0)
		r = check_docker_config(l, err);
	if (r == 0 && l->agent->auth.mode == AUTH_FORBIDDEN_AMBIENT)
		r = check_no_ambient(l, err);
	return r;
}

/* ---- starting ---- */

/* What a service manager hands to a service, and how it speaks; the rest of our environment stays behind. */
static char **own_env(const struct launcher *l)
{
	static const char *const passed[] = { "LANG", "LC_ALL", "TZ", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID",
		"LISTEN_FDNAMES", "INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID", "PODMAN_SYSTEMD_UNIT", "CREDENTIALS_DIRECTORY" };
	_cleanup_strv_ char **built = env_build(&l->self.id, NULL);
	char **env = NULL;

	for (char **v = built; v && *v; v++)
		if (!text_starts(*v, "LC_ALL=") && !text_starts(*v, "TZ="))
			env = strv_add(env, *v);
	for (size_t i = 0; i < ARRAY_LEN(passed); i++) {
		const char *value = getenv(passed[i]);
		if (value)
			env = strv_take(env, mem_printf("%s=%s", passed[i], value));
	}
	return env;
}

static int become(struct launcher *l, struct err *err)
{
	_cleanup_free_ char *program = env_find_program(l->launch.argv[0], env_get(l->launch.env, "PATH"));

	if (!program)
		return err_errno(err, errno, "%s", l->launch.argv[0]);
	/* ignored signals stay ignored over exec, and that choice was ours alone */
	signal(SIGPIPE, SIG_DFL);
	execve(program, l->launch.argv, l->launch.env);
	return err_errno(err, errno, "%s", program);
}

/* 0: counted; 1: refused and said before; negative: refused. */
static int count(const struct launcher *l, struct err *err)
{
	uint32_t limit = launch_starts_per_hour(l->agent);
	struct ledger_verdict v = { 0 };
	int r = ledger_start(l->paths.ledger, clock_wall_us(), limit, &v, err);

	if (r)
		return r;
	/* systemd's own limit is the same number, and it would refuse the next start without a word in this log */
	if (v.allowed && v.count.starts && v.count.starts + 1 == limit)
		fprintf(stderr, "%s: %s: start %u of the %u that an hour may see (maxRestartsPerHour); should it end as well, it stays down until: sourceos-agent start %s\n",
			l->cli->program, l->agent->name, limit, limit, l->agent->name);
	if (v.allowed)
		return 0;
	if (v.count.refused_already)
		return 1;
	return err_set(err, ERR_LIMIT, "started %u times within the last hour, and maxRestartsPerHour is %u; once the cause is gone, run: sourceos-agent start %s",
		v.count.starts, limit, l->agent->name);
}

int cmd_exec(struct cli *cli, struct err *err)
{
	_cleanup_launcher_ struct launcher l = { .cli = cli };
	int r = load(&l, err);

	if (r == 0 && cli_has(cli, "stop")) {
		_cleanup_strv_ char **env = own_env(&l);
		if (l.agent->runtime != RUNTIME_PODMAN)
			return EXIT_OK;
		launch_stop(l.agent, &l.paths, l.platform, env, &l.launch);
		r = become(&l, err);
		return r;
	}
	if (r == 0)
		r = check(&l, err);
	if (r == 0)
		r = count(&l, err);
	if (r == 0 && cli_has(cli, "check"))
		return EXIT_OK;
	if (r == 0) {
		_cleanup_strv_ char **env = own_env(&l);
		launch_start(l.agent, &l.paths, l.platform, env, &l.launch);
		r = become(&l, err);
	}
	if (r < 0)
		fprintf(stderr, "%s: %s is not started: %s\n", cli->program, cli->args[0], err->msg);
	/* before the platform is known it is a service manager's that takes 78 */
	return cli_has(cli, "check") ? EXIT_CONFIG : launch_refusal_status(l.platform);
}
