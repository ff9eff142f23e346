#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# redact, reveal, translate, and the operator's own rules.
bats_require_minimum_version 1.5.0

SECRET=hunter2-Tr0ub4dor

setup() {
	AGENT=${AGENT_BIN:-$PWD/build/sourceos-agent}
	# not below bats' own directory, which is root's alone
	T=$(mktemp -d); chmod 755 "$T"; cd "$T"
	mkdir -p config/sourceos/redact.d state
	printf 'user=bob password=%s ok\n' $SECRET >a.log
	printf '{"password":"%s","n":1}\n' $SECRET >b.json
	chmod -R a+rwX .
	as=
	# root reads what nobody may: these tests are a user's
	[ "$(id -u)" -ne 0 ] || as="setpriv --reuid=65534 --regid=65534 --clear-groups"
	[ -z "$as" ] || chown -R 65534:65534 .
}

teardown() { cd /; rm -rf "$T"; }

agent() { $as env -i PATH=/usr/bin:/bin HOME="$PWD" XDG_CONFIG_HOME="$PWD/config" XDG_STATE_HOME="$PWD/state" "$AGENT" "$@"; }
rules() { cat >"config/sourceos/redact.d/$1.json"; [ -z "$as" ] || chown 65534 "config/sourceos/redact.d/$1.json"; chmod 644 "config/sourceos/redact.d/$1.json"; }

@test "redact: a file to standard output, a stream, and one token for one secret" {
	run -0 --separate-stderr agent redact a.log
	[[ $output =~ ^user=bob\ password=(REDACTED_[A-Za-z]+_[0-9a-f]{8})\ ok$ ]]
	token=${BASH_REMATCH[1]}
	run -0 --separate-stderr agent redact - <b.json
	[ "$output" = "{\"password\":\"$token\",\"n\":1}" ]
}

@test "redact -o: whole or not at all, and nothing that is there is lost" {
	run -0 agent redact b.json -o out.json
	[ "$(jq -r .n out.json)" = 1 ]
	run ! grep -q "$SECRET" out.json
	chmod 640 a.log
	echo mine >there
	run -2 agent redact a.log -o there
	[[ $output == *"is already there"* ]]
	[ "$(cat there)" = mine ]
	run -0 agent redact a.log -o there --force
	[ "$(stat -c %a there)" = 640 ]
	# a file that was redacted holds nothing more to redact
	run -0 agent redact --check out.json
	cmp <(agent redact out.json) out.json
}

@test "redact: a full disk, an unwritable place and a missing input say so and leave nothing" {
	run -3 bash -c "$(declare -f agent); as='$as' AGENT='$AGENT'; agent redact a.log >/dev/full"
	[[ $output == *"No space left"* ]]
	run -3 agent redact a.log -o nowhere/out
	[[ $output == *nowhere/out* ]]
	run -3 agent redact missing.log
	[[ $output == *missing.log* ]]
	# the process is ended by the file size limit: no temporary file is left
	head -c 3000000 /dev/zero | tr '\0' a >big
	run bash -c "$(declare -f agent); as='$as' AGENT='$AGENT'; ulimit -f 100; agent redact big -o out"
	[ "$status" -ne 0 ]
	[ ! -e out ]
	[ -z "$(ls -A | grep -F .tmp)" ]
}

@test "redact DIR: tree, names, modes, times and links stay; what is no file is said" {
	mkdir -p d/sub/deep d/empty
	cp a.log d/; cp b.json d/sub/deep/; ln -s sub/deep/b.json d/link; chmod 600 d/a.log; touch -d @1000000000 d/a.log; mkfifo d/pipe
	[ -z "$as" ] || chown -R 65534 d
	run -3 agent redact d -o e
	[[ $output == *pipe* ]]
	[ "$(cd e && find . | sort)" = "$(cd d && find . ! -name pipe | sort)" ]
	[ "$(readlink e/link)" = sub/deep/b.json ]
	[ "$(stat -c %a.%Y e/a.log)" = 600.1000000000 ]
	run ! grep -rq "$SECRET" e
	run -2 agent redact d -o e
	[[ $output == *"is already there"* ]]
	run -2 agent redact d -o d/inside
	[[ $output == *"lies inside of"* ]]
	[ ! -e d/inside ]
	run -2 agent redact d
	[[ $output == *"-o"* ]]
}

@test "redact DIR: a file that cannot be read leaves no half copy" {
	[ "$(id -u)" -ne 0 ] || [ -n "$as" ]
	mkdir d; cp a.log d/a; cp a.log d/b; chmod 000 d/b
	[ -z "$as" ] || chown -R 65534 d
	run -3 agent redact d -o e
	[[ $output == *"cannot read b"* ]]
	[ ! -e e ]
	[ -z "$(ls -A | grep -F .tmp)" ]
	# --check goes on, and does not say that all is well
	rm d/a
	run -3 agent redact --check d
}

@test "redact DIR: a name that tells a secret is kept, said, and printed without it" {
	mkdir d; echo x >"d/token=Zk3LmN0pQrXyz12.txt"
	run -0 agent redact d -o e
	[ -e "e/token=Zk3LmN0pQrXyz12.txt" ]
	[[ $output == *"the name itself holds a secret"* && $output != *Zk3LmN0pQrXyz12* ]]
	run -1 agent redact --check d
	[[ $output == *"fileName 1"* && $output != *Zk3LmN0pQrXyz12* ]]
}

@test "redact --check: 1 with file and class and no value, 0 when nothing is found; writes nothing" {
	mkdir d; cp a.log b.json d/
	run -1 agent redact --check d
	[[ $output == *"a.log: keyed 1"* && $output == *"b.json: keyed 1"* && $output != *"$SECRET"* ]]
	run -1 --separate-stderr agent redact --check --json d
	[ "$(jq -r '.totals.keyed, .clean, .files[0].path' <<<"$output" | tr '\n' ' ')" = "2 false a.log " ]
	echo fine >fine.log
	run -0 agent redact --check fine.log
	run -2 agent redact --check a.log -o x
	run -2 agent redact --json a.log
	[ ! -e x ]
}

@test "redact: a document of more than is judged whole goes through as text, an auth file does not" {
	{ printf '{"a":"'; head -c 17000000 /dev/zero | tr '\0' a; printf '","password":"%s"}\n' $SECRET; } >big.json
	run -0 agent redact big.json -o out.json
	run ! grep -q "$SECRET" out.json
	[ "$(stat -c %s out.json)" -gt 17000000 ]
	cp big.json auth.json
	run -0 agent redact auth.json -o out
	[[ $output == *"withheld whole"* ]]
	[ "$(stat -c %s out)" -lt 100 ]
}

@test "redact.d: an operator's rules, and what is wrong with them is told by file" {
	rules a <<<'{"rules":[{"class":"acme","pattern":"acme_[a-z0-9]{8,}","matches":["acme_0123456789"]},{"class":"acme","key":"SHOE_SIZE"}]}'
	run -0 agent redact - <<<'x acme_0123456789 SHOE_SIZE=fortytwo y'
	[[ $output =~ ^x\ REDACTED_acme_[0-9a-f]{8}\ SHOE_SIZE=REDACTED_[a-zA-Z]+_[0-9a-f]{8}\ y$ ]]
	rules b <<<'{"rules":[{"class":"acme","pattern":"acme_["}]}'
	run -2 agent redact - <<<x
	[[ $output == *redact.d/b.json* ]]
	rules b <<<'{"rules":[{"class":"acme","pattern":"a","matches":["zzz"]}]}'
	run -2 agent redact - <<<x
	[[ $output == *redact.d/b.json*"should be redacted"* ]]
	rules b <<<'{"rules":[{"class":"acme","patern":"a"}]}'
	run -2 agent redact - <<<x
	[[ $output == *'unknown key "patern"'* ]]
	rules b <<<'not json'
	run -2 agent redact - <<<x
	[[ $output == *redact.d/b.json:1* ]]
	rules b <<<'{"rules":[]}'
	chmod 666 config/sourceos/redact.d/b.json
	run -4 agent redact - <<<x
	[[ $output == *"others could change"* ]]
	rm config/sourceos/redact.d/b.json
	run -0 agent redact - <<<x
}

@test "redact.d: the example of the documents does what they say" {
	rules a <"$BATS_TEST_DIRNAME/../../docs/formats/examples/redact-rules/acme.json"
	printf 'key acme_0123456789abcdefghij pin\nACME_PIN=4711 acme_name\n' >c.log; chmod 644 c.log
	run -0 --separate-stderr agent redact c.log
	[[ $output == "key REDACTED_acme_"????????" pin"$'\n'"ACME_PIN=REDACTED_secret_"????????" acme_name" ]]
}

@test "--also-redact: words in any letter case; an empty line is no word" {
	printf 'HushHush\n\n   \n# a comment\n' >words
	run -0 agent redact --also-redact words - <<<'a hushhush b comment c'
	[[ $output =~ ^a\ REDACTED_operatorWord_[0-9a-f]{8}\ b\ comment\ c$ ]]
	printf 'ab\n' >words
	run -2 agent redact --also-redact words - <<<x
	[[ $output == *"fewer than three"* ]]
	run -3 agent redact --also-redact missing - <<<x
	[[ $output == *missing* ]]
}

@test "--pseudonymize: consistent tokens, a map of mode 0600, and translate turns a reply back" {
	line='10.1.2.3 as nobody from 10.1.2.3 and 52:54:00:12:34:56'
	[ -n "$as" ] || line="10.1.2.3 as $(id -un) from 10.1.2.3 and 52:54:00:12:34:56"
	agent redact --pseudonymize - <<<"$line" >out
	run ! grep -q -e 10.1.2.3 -e 52:54 out
	[ "$(grep -o 'REDACTED_address_[0-9a-f]*' out | sort -u | wc -l)" = 2 ]
	[ "$(stat -c %a state/sourceos-agent/pseudonyms.jsonl)" = 600 ]
	run -0 agent translate out
	[ "$output" = "$line" ]
	# a person retyped it, and one was never ours
	token=$(grep -o 'REDACTED_address_[0-9a-f]*' out | head -1)
	run -3 --separate-stderr agent translate - <<<"look at ${token^^} and REDACTED_host_00000000"
	[ "$output" = "look at 10.1.2.3 and REDACTED_host_00000000" ]
	# secrets stay tokens
	agent redact a.log >s
	run -0 agent translate s
	[ "$output" = "$(cat s)" ]
	# off by default
	run -0 --separate-stderr agent redact - <<<"$line"
	[ "$output" = "$line" ]
}

@test "reveal: the original and the key of this host tell the value; another host, another user, a wrong token do not" {
	token=$(agent redact a.log | grep -o 'REDACTED_[A-Za-z]*_[0-9a-f]*')
	run -0 --separate-stderr agent reveal a.log "$token"
	[ "$output" = $SECRET ]
	run -0 --separate-stderr agent reveal a.log "$token" --json
	[ "$(jq -r .value <<<"$output")" = $SECRET ]
	run -3 agent reveal a.log REDACTED_secret_00000000
	run -2 agent reveal a.log nonsense
	[[ $output == *"no token"* ]]
	rm -r state; mkdir state; chmod a+rwx state; [ -z "$as" ] || chown 65534 state
	run -3 agent reveal a.log "$token"
	[[ $output != *"$SECRET"* ]]
	# nothing that was kept tells it
	run ! grep -rq "$SECRET" state
}

@test "redact: what holds no secret comes through byte for byte" {
	cp -r "$BATS_TEST_DIRNAME/../samples" samples; chmod -R a+rX samples
	run -0 agent redact --check samples
	run -0 agent redact samples -o same
	diff -r --no-dereference samples same
}
