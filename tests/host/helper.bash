# SPDX-License-Identifier: MIT
# For bats files in this folder: one disposable host a file, with the program under test installed in it.
#
#	setup_file() { host_up; plant --local; }
#	teardown_file() { host_down; }
#
# The host's clock, users and services are real; agent, root and via_sudo below run a command in it as whom they say.
bats_require_minimum_version 1.5.0

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$HERE/../.." && pwd)
TESTHOST=$HERE/testhost
UNIT=org.socioprophet.node-commander.service
EV=/var/tmp/evidence # where tests ask for evidence, in the host
export TESTHOST UNIT EV

# not COMMAND…: `! COMMAND` fails no test, unless it is its last line
not() { ! "$@"; }

# fd 3 is bats' own: what outlives a test must not hold it
host_up() {
	[ "$(id -u)" = 0 ] || skip "needs root: it boots a host in namespaces"
	export HOST=$BATS_FILE_TMPDIR/host
	"$TESTHOST" up "$HOST" 3>&- 4>&- || return 1
	HOST_ROOT=$("$TESTHOST" root "$HOST"); export HOST_ROOT
	less_dpkg
	# podman info asks rpm too where there is one, and Debian's makes a database in the home of whoever asks
	[ ! -e "$HOST_ROOT/usr/bin/rpm" ] || mv "$HOST_ROOT/usr/bin/rpm" "$HOST_ROOT/usr/bin/rpm.kept"
	local bin=${AGENT_BIN:-$TOP/build/sourceos-agent}
	install -D -m 755 "$bin" "$HOST_ROOT/usr/local/bin/sourceos-agent"
	ln -sf sourceos-agent "$HOST_ROOT/usr/local/bin/sourceos"
	install -D -m 644 -t "$HOST_ROOT/usr/local/share/sourceos/agents.d" "$TOP"/share/sourceos/agents.d/*.json
}
# podman info asks dpkg about each of its helpers, which reads the lists of a thousand packages each time: 1.3 s of CPU. Out of its sight
# are all but those that the tests are about: packages with units, crontabs and autostart entries.
less_dpkg() {
	# shellcheck disable=SC2016
	root sh -c 'cd /var/lib/dpkg/info || exit 0
		mkdir /run/dpkg-info
		grep -lE "^(/usr)?/lib/systemd/.|^/etc/(systemd|cron[^/]*|xdg/autostart)/." ./*.list | sed "s/list$//" | while read -r p; do echo "$p"*; done | xargs cp -pt /run/dpkg-info
		mount --bind /run/dpkg-info .'
}
host_down() { [ -z "${HOST:-}" ] || "$TESTHOST" down "$HOST"; }
plant() { "$HERE/plant-incident" "$HOST" "$@" 3>&- 4>&-; }

agent() { "$TESTHOST" as "$HOST" "$@" 3>&- 4>&-; }
root() { "$TESTHOST" run "$HOST" "$@" 3>&- 4>&-; }
via_sudo() { "$TESTHOST" sudo "$HOST" "$@" 3>&- 4>&-; }

# Who owns the service of this file: agent (the default) or root; and his manager, his Podman, his unit file.
OWNER=agent
as_owner() { $OWNER "$@"; }
manager() { if [ $OWNER = agent ]; then agent systemctl --user "$@"; else root systemctl "$@"; fi; }
unit_dir() { if [ $OWNER = agent ]; then echo /home/agent/.config/systemd/user; else echo /etc/systemd/system; fi; }
wants_link() {
	if [ $OWNER = agent ]; then echo "$(unit_dir)/default.target.wants/$UNIT"; else echo "$(unit_dir)/multi-user.target.wants/$UNIT"; fi
}

# until_true SECONDS CMD…: waits for something that systemd or Podman does by itself
until_true() {
	local end=$((SECONDS + $1)); shift
	until "$@"; do
		[ $SECONDS -lt $end ] || { echo "not within time: $*"; return 1; }
		command sleep 0.1
	done
}

# The service as a person would compare it: bytes, mode, owner, times of every file of its definition, and what systemd says of it.
definition() {
	# shellcheck disable=SC2016
	root sh -c 'cd "$1" && for f in "$2" "$2.d"/* ./*.wants/"$2"; do
		[ -e "$f" ] || [ -L "$f" ] || continue
		if [ -L "$f" ]; then stat -c "%n %F %u:%g %N" "$f"; else stat -c "%n %F %a %u:%g %y" "$f"; sha256sum "$f"; fi
	done; stat -c "%n %a %u:%g" . "$2.d" 2>/dev/null' definition "$(unit_dir)" "$UNIT"
	manager show -p UnitFileState,FragmentPath,DropInPaths,LoadState "$UNIT"
}

# All that a command that changes nothing must leave alone: every file's kind, mode, owner, size, time and content; services; containers.
# The host is an overlay: what was changed since it booted is in the overlay's upper directory, so that this is complete and quick.
# Not in it: Podman's own book-keeping, the journal, caches of systemd, and the evidence that a test asked for.
snapshot() {
	# shellcheck disable=SC2016
	root sh -c 'cd /run/testhost/changed && set -- \( -path ./home/agent/.local/share/containers -o -path ./home/agent/.cache -o -path ./home/agent/.config/cni -o -path ./home/agent/.config/containers \
			-o -path ./var/log -o -path ./var/lib/systemd -o -path "./var/tmp/systemd-private-*" -o -path "./var/tmp/evidence*" -o -path ./var/cache \) -prune
		find . "$@" -o -type f -printf "%p f %m %u:%g %s %T@\n" -o -printf "%p %y %m %u:%g %l\n" | sort
		find . "$@" -o -type f -print0 | sort -z | xargs -0 sha256sum
		cd /tmp && find . -path "*storage-run*" -prune -o -path "./systemd-private-*" -prune -o -printf "/tmp/%p %y %m %u:%g %s %l\n" | sort'
	# each Podman command leaves a scope behind for a moment
	root systemctl list-unit-files --no-legend --no-pager | grep -v 'podman-.*scope' | sort
	agent systemctl --user list-unit-files --no-legend --no-pager | grep -v 'podman-.*scope' | sort
	manager show -p ActiveState,SubState,UnitFileState,FragmentPath,DropInPaths,NRestarts,MainPID,InvocationID "$UNIT"
	root podman ps -a --format '{{.ID}} {{.Names}} {{.Exited}}'
	agent podman ps -a --format '{{.ID}} {{.Names}} {{.Exited}}'
}

# What the program printed with --json, kept by a test as $BATS_FILE_TMPDIR/NAME.json
json() { jq -r "$2" "$BATS_FILE_TMPDIR/$1.json"; }
# The path, outside, of a path in the host
outside() { echo "$HOST_ROOT$1"; }

# No planted secret, raw or in base64, in any file under DIR (in the host) nor inside the bundle FILE
no_secrets_in() {
	local dir=$1 tarball=$2 s out=$BATS_TEST_TMPDIR/unpacked
	mkdir -p "$out"
	zstd -dqc "$HOST_ROOT$tarball" | tar -C "$out" -xf - || return 1
	while read -r s; do
		for t in "$s" "$(printf %s "$s" | base64 -w0 | tr -d =)"; do
			if grep -rFl -- "$t" "$out"; then echo "in the bundle: $s"; return 1; fi
			if grep -rFl --exclude-dir=private -- "$t" "$HOST_ROOT$dir"; then echo "in the directory: $s"; return 1; fi
		done
	done <"$HOST/secrets"
}

# ---- what every quarantine must have done; CALLER is the function that called it (agent, root, via_sudo) ----

# quarantine_as CALLER [ARG…]: keeps what it printed as q.json, and what was there before
quarantine_as() {
	local caller=$1; shift
	definition >"$BATS_FILE_TMPDIR/definition"
	$caller sourceos-agent quarantine --output $EV --json "$@" >"$BATS_FILE_TMPDIR/q.json"
}

# Q-01 Q-02 Q-03: nothing runs, nothing is enabled, nothing of the definition is where a manager looks; read back by the test itself
is_quarantined() {
	local name=${1:-node-commander} dir; dir=$(outside "$(unit_dir)")
	[ "$(manager is-active "$UNIT" || true)" = inactive ] || { manager status "$UNIT"; return 1; }
	[ "$(manager is-enabled "$UNIT" 2>/dev/null || true)" != enabled ]
	[ ! -e "$dir/$UNIT" ]
	[ -z "$(ls "$dir/$UNIT.d" 2>/dev/null)" ]
	[ ! -L "$(outside "$(wants_link)")" ]
	not as_owner podman container exists "$name"
}

# The evidence of CONTRACT by its names. The container's only where one ran.
evidence_is_there() {
	local d f; d=$(outside "$(json q .directory)")
	for f in manifest.json service.unit.disabled podman-info.json image-inspect.json auth-redacted.json remediation.md \
		diagnostics-bundle.json custody.jsonl SHA256SUMS "$@"; do
		[ -f "$d/$f" ] || { echo "no $f"; ls -la "$d"; return 1; }
	done
}

# The log of /tmp, wherever the evidence keeps it
log_in_evidence() { find "$(outside "$(json q .directory)")" -name private -prune -o -name '*node-commander.log' -print | head -1; }

# Stock tools only: signature, archive, hashes, schema.
bundle_is_sound() {
	local caller=$1 b s t=$BATS_TEST_TMPDIR/stock
	b=$(outside "$(json q .bundle)"); s=$(outside "$(json q .signature)")
	mkdir -p "$t"
	cp "$(outside "$($caller sourceos-agent key show --json | jq -r '.keys[0].path')")" "$t/host.pub"
	minisign -V -m "$b" -x "$s" -p "$t/host.pub"
	zstd -dqc "$b" | tar -C "$t" -xf -
	cd "$t"/*/ && sha256sum --quiet --strict -c SHA256SUMS
	"$TOP/tests/schema/run" "$TOP/tests/schema/upstream/DiagnosticsBundle.json" diagnostics-bundle.json
}

# A container that was not --rm is kept: renamed, not running, its file system as it was
container_is_kept() { as_owner podman ps -a --format '{{.Names}}' | grep -qx 'node-commander-quarantined-[0-9-]*'; }

# restore_as CALLER: undoes the quarantine of q.json; everything is as it was before
restore_as() {
	$1 sourceos-agent restore "$(json q .directory)"
	definition >"$BATS_FILE_TMPDIR/restored"
	diff -u "$BATS_FILE_TMPDIR/definition" "$BATS_FILE_TMPDIR/restored"
}

# ---- the guard of the design: findings(live) == findings(bundle) ----

# same_from_bundle CALLER NAME: doctor and preflight say of the host's bundle what they say of the host, finding by finding. Where they do
# not, the host is looked at once more: what two looks at it do not agree on (a count of restarts, the size of a log) the moment changes,
# and of these findings the numbers are not compared. A state that flips meanwhile is looked at again; a difference that stays is one.
same_from_bundle() {
	local _
	for _ in 1 2 3 4; do
		! _same_from_bundle "$@" >"$BATS_TEST_TMPDIR/same.diff" || return 0
	done
	cat "$BATS_TEST_TMPDIR/same.diff"
	return 1
}
# same_undeclared_from_bundle CALLER NAME: what nobody declared, and is the caller's or the system's, is found in a bundle about NAME too; there
# without what packages installed, and unknown where only the package manager could tell whose it is
same_undeclared_from_bundle() {
	local t=$BATS_TEST_TMPDIR/undeclared bundle doc
	mkdir -p "$t"
	$1 sourceos doctor local-runtime --json >"$t/live" || [ $? -le 3 ]
	$1 sourceos-agent collect "$2" --output $EV.undeclared --json >"$t/collect" || [ $? -eq 3 ]
	bundle=$(jq -r .bundle "$t/collect")
	$1 sourceos doctor local-runtime --from "$bundle" --json >"$t/bundle" || [ $? -le 3 ]
	root rm -rf $EV.undeclared
	for doc in live bundle; do
		jq -cS --arg name "$2" '.findings[] | select((.check | test("^PP")) and (.verdict == "fail" or .verdict == "warn" or .verdict == "unknown") and .subject != $name
			and (.location.file // "" | startswith("/usr/lib") | not)) | [.check, .subject, .message, .detail, .location]' "$t/$doc" | sort >"$t/$doc.rows"
	done
	[ -s "$t/live.rows" ] && diff "$t/live.rows" "$t/bundle.rows"
}
# _look OUT CALLER VERB ARG…: the findings, one a line, of a document that is valid
_look() {
	local out=$1 caller=$2; shift 2
	$caller sourceos-agent "$@" --json >"$out.json" || [ $? -lt 4 ] || { cat "$out.json"; return 1; }
	"$TOP/tests/schema/run" "$TOP/docs/formats/findings.schema.json" "$out.json" || return 1
	jq -cS '.findings[]' "$out.json" >"$out"
	[ -s "$out" ] || { echo "$*: no finding"; return 1; }
}
_same_from_bundle() {
	local caller=$1 name=$2 t=$BATS_TEST_TMPDIR/same verb bundle
	rm -rf "$t"; mkdir -p "$t"
	for verb in doctor preflight; do _look "$t/$verb.live" "$caller" $verb "$name" || return 1; done
	$caller sourceos-agent collect "$name" --output $EV.guard --json >"$t/collect" || [ $? -eq 3 ] || return 1
	bundle=$(jq -r .bundle "$t/collect")
	for verb in doctor preflight; do
		_look "$t/$verb.bundle" "$caller" $verb --from "$bundle" || return 1
		! cmp -s "$t/$verb.live" "$t/$verb.bundle" || continue
		_look "$t/$verb.again" "$caller" $verb "$name" || return 1
		/usr/bin/python3 - "$t/$verb" <<-'END' || return 1
			import difflib, re, sys
			live, again, bundle = (open(f"{sys.argv[1]}.{n}").read().splitlines() for n in ("live", "again", "bundle"))
			blur = lambda line: re.sub(r"[0-9]+([.,][0-9]+)?( [KMG]iB| min| s| h)?", "#", line)
			moving = {blur(line) for line in live if line not in again}
			norm = lambda lines: [blur(l) if blur(l) in moving else l for l in lines]
			diff = list(difflib.unified_diff(norm(live), norm(bundle), "host", "bundle", lineterm="", n=0))
			print("\n".join(diff)); sys.exit(bool(diff))
		END
	done
	root rm -rf $EV.guard
}
