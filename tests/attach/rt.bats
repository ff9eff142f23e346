#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bundle attach to a real Request Tracker 5 with SQLite, on a port and a database of its own.
load helper

setup_file() {
	command -v rt-setup-database-5 >/dev/null || { echo "Request Tracker is missing: apt-get install request-tracker5 rt5-db-sqlite rt5-standalone" >&2; return 1; }
	make_bundle
	export PORT=$(free_port) RT_SITE_CONFIG=$T/RT_SiteConfig.pm RT_SITE_CONFIG_DIR=$T/rt.d
	mkdir "$T/rt.d"
	cat >"$RT_SITE_CONFIG" <<-EOF
	Set(\$rtname, 'test'); Set(\$Organization, 'test'); Set(\$WebDomain, '127.0.0.1'); Set(\$WebPort, $PORT); Set(\$WebPath, '');
	Set(\$WebBaseURL, 'http://127.0.0.1:$PORT'); Set(\$DatabaseType, 'SQLite'); Set(\$DatabaseName, '$T/rtdb');
	Set(\$DatabaseHost, ''); Set(\$DatabaseUser, ''); Set(\$DatabasePassword, ''); Set(\$LogToSyslog, undef);
	Set(\$LogToSTDERR, 'warning'); Set(\$MailCommand, 'testfile');
	1;
	EOF
	rt-setup-database-5 --action init --skip-create --dba '' --dba-password '' >"$T/rt.out" 2>&1 || { cat "$T/rt.out"; return 1; }
	/usr/share/request-tracker5/libexec/rt-server --port "$PORT" >"$T/rt.out" 2>&1 3>&- &
	echo $! >"$T/pid"
	wait_for "http://127.0.0.1:$PORT/REST/2.0/rt" $! || { cat "$T/rt.out"; return 1; }
	curl -sf -u root:password -H 'Content-Type: application/json' -d '{"Queue": "General", "Subject": "node-commander storms"}' \
		"http://127.0.0.1:$PORT/REST/2.0/ticket" >"$T/ticket.out"
	printf 'password\n' >"$T/secret"; chmod 644 "$T/secret"
	cat >"$T/p.json" <<-EOF
	{"schema": "sourceos.attach-profile.v1", "type": "rt", "url": "http://127.0.0.1:$PORT", "auth": {"type": "basic", "user": "root", "secret": "file:$T/secret"}}
	EOF
	chmod 644 "$T/p.json"
}

teardown_file() { end_server; }

@test "Request Tracker: attached to the ticket, with its signature, and what is there has its size and bytes" {
	run -0 agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket 1 --note "see runbook"
	[[ $output == *"the same size"* ]]
	list=$(curl -sf -u root:password "http://127.0.0.1:$PORT/REST/2.0/ticket/1/attachments?fields=Filename&per_page=50")
	id=$(jq -r --arg n "${BUNDLE##*/}" '.items[] | select(.Filename == $n) | .id' <<<"$list")
	curl -sf -u root:password "http://127.0.0.1:$PORT/REST/2.0/attachment/$id" | jq -r .Content | base64 -d | cmp - "$BUNDLE"
	jq -e --arg n "${BUNDLE##*/}.minisig" '.items | any(.Filename == $n)' <<<"$list"
}

@test "Request Tracker: a ticket that does not exist, a password that is not right" {
	run ! agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket 99
	[[ $output == *"no ticket 99"* ]]
	printf 'wrong\n' >"$T/secret"
	run ! agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket 1
	[[ $output == *"401"* && $output != *wrong* ]]
}
