#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bundle attach to a real Redmine 5 with SQLite: a copy of Debian's, with a port, a database and files of its own.
load helper

setup_file() {
	[ -e /var/lib/redmine/Gemfile.lock ] || { echo "Redmine is missing or not configured: make check-attach-deps" >&2; return 1; }
	make_bundle
	make_big 4000000
	export PORT=$(free_port) RAILS_ENV=production REDMINE_INSTANCE=default REDMINE_LANG=en SCHEMA=/dev/null
	cp -r /usr/share/redmine "$T/redmine"
	cd "$T/redmine"
	rm -f instances Gemfile.lock config/database.yml
	mkdir -p instances/default/{config,files,log,public,tmp}
	openssl rand -hex 32 >instances/default/config/secret_key.txt
	printf 'production:\n  adapter: sqlite3\n  database: %s/redmine.db\n' "$T" >instances/default/config/database.yml
	echo "gem 'webrick'" >>Gemfile
	cat >seed.rb <<-'EOF'
	Setting.rest_api_enabled = 1
	Setting.attachment_max_size = 1024
	admin = User.find_by_login('admin')
	admin.must_change_passwd = false
	admin.save!
	ops = Project.create!(name: 'ops', identifier: 'ops', is_public: false, trackers: Tracker.all, enabled_module_names: %w[issue_tracking])
	Issue.create!(project: ops, tracker: Tracker.first, author: admin, subject: 'node-commander storms', priority: IssuePriority.first, status: IssueStatus.first)
	puts admin.api_key
	EOF
	{ bundle install --local && bundle exec rake db:migrate && bundle exec rake redmine:load_default_data; } >"$T/redmine.out" 2>&1 || { tail "$T/redmine.out"; return 1; }
	bundle exec rails runner seed.rb >"$T/secret" 2>"$T/redmine.out" || { head -5 "$T/redmine.out"; return 1; }
	bundle exec rails server -u webrick -b 127.0.0.1 -p "$PORT" -e production >"$T/redmine.out" 2>&1 3>&- &
	echo $! >"$T/pid"
	cd "$ROOT"
	wait_for "http://127.0.0.1:$PORT/" $! || { tail "$T/redmine.out"; return 1; }
	chmod 644 "$T/secret"
	profile secret
}

teardown_file() { end_server; }

profile() {
	cat >"$T/p.json" <<-EOF
	{"schema": "sourceos.attach-profile.v1", "type": "redmine", "url": "http://127.0.0.1:$PORT", "retries": 0,
	 "auth": {"type": "header", "user": "X-Redmine-API-Key", "secret": "file:$T/$1"}}
	EOF
	chmod 644 "$T/p.json"
}

issue() { curl -sf -H "X-Redmine-API-Key: $(cat "$T/secret")" "http://127.0.0.1:$PORT/issues/1.json?include=attachments,journals"; }

@test "Redmine: attached to the ticket with its signature and a comment, and read back by hash; not twice" {
	run -0 agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket 1 --note "see runbook"
	[[ $output == *"/attachments/download/"*"the same SHA-256"* && $output != *"$(cat "$T/secret")"* ]]
	issue >"$T/issue"
	jq -e --arg n "${BUNDLE##*/}" '[.issue.attachments[].filename] == [$n, $n + ".minisig"]' "$T/issue"
	jq -e '.issue.journals[0].notes == "see runbook" and (.issue.journals[1].notes | startswith("Signature of "))' "$T/issue"
	curl -sf -H "X-Redmine-API-Key: $(cat "$T/secret")" "$(jq -r '.issue.attachments[0].content_url' "$T/issue")" | cmp - "$BUNDLE"
	run -0 agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket 1
	[[ $output == *"was there already"* ]]
	[ "$(issue | jq --arg n "${BUNDLE##*/}" '[.issue.attachments[] | select(.filename == $n)] | length')" = 1 ]
}

@test "Redmine: a ticket that does not exist, a file larger than it takes, a key that is not right" {
	run ! agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket 99
	[[ $output == *"no ticket 99"* ]]
	run ! agent bundle attach "$BIG" --to "$T/p.json" --ticket 1
	[[ $output == *"422"*"attachment limit"* ]]
	printf 'deadbeef\n' >"$T/wrong"; chmod 644 "$T/wrong"
	profile wrong
	run ! agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket 1
	[[ $output == *"401"* && $output != *deadbeef* ]]
}
