/* SPDX-License-Identifier: MIT */
/* help --man: the manual page, from the verb table. docs/man/sourceos-agent.1 is its output; a test holds the two together. */
#include "lifecycle/commands.h"

#include <string.h>

/* Text for roff: what begins a request or an escape is neutralised. */
static void put_roff(const char *s)
{
	bool start = true;

	for (; *s; s++) {
		if (start && (*s == '.' || *s == '\''))
			fputs("\\&", stdout);
		if (*s == '\\')
			fputs("\\e", stdout);
		else if (*s == '-')
			fputs("\\-", stdout);
		else
			putchar(*s);
		start = *s == '\n';
	}
}

static void put_options(const struct cli_option *list)
{
	for (const struct cli_option *o = list; o && o->name; o++) {
		fputs(".It ", stdout);
		if (o->letter)
			printf("Fl %c , ", o->letter);
		printf("Fl \\-%s", o->name);
		if (o->arg)
			printf(" Ar %s", o->arg);
		putchar('\n');
		put_roff(o->help);
		putchar('\n');
	}
}

static void put_verb(const struct verb *v)
{
	printf(".It Nm %s Cm %s", "sourceos\\-agent", v->name);
	if (*v->synopsis)
		printf(" Ar %s", v->synopsis);
	putchar('\n');
	put_roff(v->help ? v->help : v->summary);
	putchar('\n');
	if (!v->options || !v->options->name)
		return;
	puts(".Bl -tag -width Ds -compact");
	put_options(v->options);
	puts(".El");
}

void print_man_page(void)
{
	puts(".\\\" SPDX-License-Identifier: MIT\n"
	     ".\\\" Made by `sourceos-agent help --man` from the verb table; `make man` writes it anew.\n"
	     ".Dd November 24, 2026\n.Dt SOURCEOS\\-AGENT 1\n.Os\n.Sh NAME\n.Nm sourceos\\-agent , sourceos\n"
	     ".Nd evidence, checks, quarantine and lifecycle of local agents\n.Sh SYNOPSIS\n.Nm sourceos\\-agent\n.Ar command\n"
	     ".Op Ar argument ...\n.Op Ar option ...\n.Sh DESCRIPTION\n"
	     "Looks at the local agents of a host, services that run in the background under systemd or launchd and most often start a\n"
	     "container: says what is wrong with one, collects its evidence, redacted and signed, takes it out of service in a way that\n"
	     "can be undone, and installs it so that it cannot storm.\n.Pp\n"
	     "Options may stand anywhere;\n.Fl \\-\nends them. These all commands know:\n.Bl -tag -width Ds");
	put_options(common_options);
	puts(".El\n.Sh COMMANDS\n.Bl -tag -width Ds");
	for (const struct verb *v = verbs; v->name; v++)
		if (!(v->flags & VERB_HIDDEN))
			put_verb(v);
	puts(".El\n.Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n.It 0\nfine\n.It 1\nfindings that fail\n.It 2\nusage or declaration error\n"
	     ".It 3\nevidence incomplete, verdict unknown\n.It 4\nsignature, hash or trust failure\n.It 5\na change failed; it was rolled back, or "
	     "says what is left\n.It 78\nthe launcher refuses to start; a service manager must not retry\n.El\n.Sh ENVIRONMENT\n"
	     ".Bl -tag -width Ds -compact\n.It Ev SOURCEOS_AGENTS_PATH\ndirectories and files with declarations, before the usual places\n"
	     ".It Ev XDG_STATE_HOME\nwhere a user's evidence, keys and installed agents are kept\n.It Ev NO_COLOR\nno colour, also on a terminal\n.El\n"
	     ".Sh FILES\n.Bl -tag -width Ds -compact\n.It Pa ~/.config/sourceos/agents.d , /etc/sourceos/agents.d , PREFIX/share/sourceos/agents.d\n"
	     "declarations\n.It Pa /var/lib/sourceos\\-agent , ~/.local/state/sourceos\\-agent\nstate: evidence/, keys/, agents/\n.El\n"
	     ".Sh SEE ALSO\n.Xr minisign 1 ,\n.Xr podman 1 ,\n.Xr systemctl 1 ,\n.Xr zstd 1");
}
