#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bundle attach to a real WebDAV server: nginx with its dav module, over TLS, with a password.
load helper

setup_file() {
	command -v nginx >/dev/null || { echo "nginx is missing: apt-get install nginx-light" >&2; return 1; }
	make_bundle
	export PORT=$(free_port)
	mkdir "$T/www" "$T/www/small" "$T/tmp"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=here -addext subjectAltName=IP:127.0.0.1 \
		-keyout "$T/key.pem" -out "$T/cert.pem" 2>/dev/null
	printf 'alice:%s\n' "$(openssl passwd -apr1 pa55)" >"$T/passwd"
	cat >"$T/nginx.conf" <<-EOF
	daemon off; pid $T/nginx.pid; error_log $T/error.log;
	events {}
	http {
		access_log $T/access.log; client_body_temp_path $T/tmp; proxy_temp_path $T/tmp; fastcgi_temp_path $T/tmp;
		uwsgi_temp_path $T/tmp; scgi_temp_path $T/tmp;
		server {
			listen 127.0.0.1:$PORT ssl; ssl_certificate $T/cert.pem; ssl_certificate_key $T/key.pem;
			root $T/www; auth_basic here; auth_basic_user_file $T/passwd;
			client_max_body_size 100m;
			dav_methods PUT DELETE MKCOL; create_full_put_path off;
			location /small/ { client_max_body_size 100; dav_methods PUT; }
		}
	}
	EOF
	chmod -R a+rwX "$T/www" "$T/tmp"
	nginx -p "$T" -c "$T/nginx.conf" >"$T/nginx.out" 2>&1 3>&- &
	echo $! >"$T/pid"
	wait_for "http://127.0.0.1:$PORT/" $! || { cat "$T/nginx.out"; return 1; }
	printf 'pa55\n' >"$T/secret"
	chmod 644 "$T/secret" "$T/cert.pem"
}

teardown_file() { end_server; }

profile() {
	cat >"$T/p.json" <<-EOF
	{"schema": "sourceos.attach-profile.v1", "type": "webdav", "url": "https://127.0.0.1:$PORT/$1", "prefix": "cases/{ticket}",
	 "auth": {"type": "basic", "user": "${2-alice}", "secret": "file:$T/secret"}, "caFile": "${3-$T/cert.pem}"}
	EOF
	chmod 644 "$T/p.json"
}

@test "WebDAV: folders are made, bundle and signature put, the hash read back" {
	profile ""
	run -0 agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket INC-7
	[[ $output == *"/cases/INC-7/"*"the same SHA-256"* && $output != *pa55* ]]
	cmp "$BUNDLE" "$T/www/cases/INC-7/${BUNDLE##*/}"
	cmp "$BUNDLE.minisig" "$T/www/cases/INC-7/${BUNDLE##*/}.minisig"
	run -0 agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket INC-7
	[[ $output == *"was there already"* ]]
	echo other >"$T/www/cases/INC-7/${BUNDLE##*/}"
	run ! agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket INC-7
	[[ $output == *"not replaced"* ]]
	[ "$(cat "$T/www/cases/INC-7/${BUNDLE##*/}")" = other ]
}

@test "WebDAV: wrong user, too large, wrong authority, each named" {
	profile "" mallory
	run ! agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket INC-8
	[[ $output == *401* ]]
	profile "small/"
	run ! agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket INC-8
	profile "" alice /etc/ssl/certs/ca-certificates.crt
	run -4 agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket INC-8
	[[ $output == *"certificate does not hold"* ]]
	[ ! -e "$T/www/cases/INC-8" ]
}

@test "PUT to a place with a small limit is 413, and is said so" {
	cat >"$T/put.json" <<-EOF
	{"schema": "sourceos.attach-profile.v1", "type": "put", "url": "https://127.0.0.1:$PORT/small/",
	 "auth": {"type": "basic", "user": "alice", "secret": "file:$T/secret"}, "caFile": "$T/cert.pem"}
	EOF
	chmod 644 "$T/put.json"
	run ! agent bundle attach "$BUNDLE" --to "$T/put.json"
	[[ $output == *"413 (larger than the server takes)"* ]]
	[ -z "$(ls "$T/www/small")" ]
}
