#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""corpus.py CLEAN [--seed N] [--rounds N] [--show N] [--floor]

A seeded corpus of secrets in their contexts, made from the table of what counts as a secret, and the score of
a redactor on it. CLEAN is the program that cleans cases (tests/corpus/clean.c). A case is a text with the
secret in it, its payload class, and the words around it that must stay. Scores: recall (no case of which the
secret, or half of it, is still there), survival (cases of which every other word came through), structure
(JSON stays JSON, lines keep their count), idempotence. --floor exits 1 below the floors at the end of this file.
"""
import argparse, base64, json, plistlib, random, re, string, subprocess, sys, urllib.parse
import xml.sax.saxutils as sax

sys.dont_write_bytecode = True
import wild

R = random.Random()
ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
UP32 = string.ascii_uppercase + "234567"


def rnd(chars, n):
    return "".join(R.choice(chars) for _ in range(n))


# ---- values -------------------------------------------------------------------------------------------------
def password():
    kind = R.randrange(6)
    if kind == 0:
        return R.choice(["hunter", "dragon", "sommer", "tr0ub4dor", "letme1n"]) + str(R.randrange(10, 9999))
    if kind == 1:
        return rnd(ALNUM, R.randrange(10, 24))
    if kind == 2:
        return rnd(ALNUM + "!#%*+-.:=?@^_~", R.randrange(12, 24)).strip(".:=?,!-") + "x9"
    if kind == 3:
        return rnd(HEX, R.choice([32, 40, 64]))
    if kind == 4:
        return "-".join(rnd(HEX, k) for k in (8, 4, 4, 4, 12))
    return base64.b64encode(R.randbytes(R.randrange(18, 33))).decode()


def simple():
    return rnd(ALNUM, R.randrange(14, 24)) + "7q"


PROVIDERS = {
    "github": lambda: R.choice(["ghp_", "gho_", "ghu_", "ghs_", "ghr_"]) + rnd(ALNUM, R.choice([36, 40, 76])),
    "github-fine": lambda: "github_pat_" + rnd(ALNUM, 22) + "_" + rnd(ALNUM, 59),
    "gitlab": lambda: "glpat-" + rnd(ALNUM + "_-", 19) + "x",
    "slack": lambda: "xoxb-" + rnd(string.digits, 12) + "-" + rnd(string.digits, 13) + "-" + rnd(ALNUM, 24),
    "slack-user": lambda: "xoxp-" + "-".join(rnd(string.digits, 12) for _ in range(3)) + "-" + rnd(HEX, 32),
    "slack-app": lambda: "xapp-1-A" + rnd(string.digits, 10) + "-" + rnd(string.digits, 13) + "-" + rnd(HEX, 64),
    "stripe": lambda: R.choice(["sk_live_", "rk_live_", "sk_test_"]) + rnd(ALNUM, R.choice([24, 99])),
    "npm": lambda: "npm_" + rnd(ALNUM, 36),
    "pypi": lambda: "pypi-AgEIcHlwaS5vcmc" + rnd(ALNUM + "_-", 70) + "x",
    "docker": lambda: "dckr_pat_" + rnd(ALNUM + "_-", 26) + "x",
    "openai": lambda: "sk-" + rnd(ALNUM, 20) + "T3BlbkFJ" + rnd(ALNUM, 20),
    "openai-project": lambda: "sk-proj-" + rnd(ALNUM, 60) + "9T3BlbkFJ" + rnd(ALNUM, 40),
    "anthropic": lambda: "sk-ant-api03-" + rnd(ALNUM + "_-", 90) + "AA",
    "huggingface": lambda: "hf_" + rnd(string.ascii_letters, 34),
    "tailscale": lambda: "tskey-auth-k" + rnd(ALNUM, 8) + "1CNTRL-" + rnd(ALNUM, 32),
    "digitalocean": lambda: "dop_v1_" + rnd(HEX, 64),
    "vault": lambda: "hvs." + rnd(ALNUM + "_-", 90) + "x",
    "telegram": lambda: rnd(string.digits[1:], 10) + ":AA" + rnd(ALNUM + "_-", 32) + "x",
    "sendgrid": lambda: "SG." + rnd(ALNUM, 22) + "." + rnd(ALNUM, 43),
    "twilio": lambda: "SK" + rnd(HEX, 32),
    "aws-id": lambda: R.choice(["AKIA", "ASIA"]) + rnd(string.ascii_uppercase + "234567", 16),
    "google-api": lambda: "AIza" + rnd(ALNUM + "_-", 34) + "x",
    "google-access": lambda: "ya29." + rnd(ALNUM + "_-", 60) + "x",
    "google-client": lambda: "GOCSPX-" + rnd(ALNUM + "_-", 27) + "x",
    "age": lambda: "AGE-SECRET-KEY-1" + rnd("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
    "shopify": lambda: "shpat_" + rnd(HEX, 32),
    "grafana": lambda: "glsa_" + rnd(ALNUM, 32) + "_" + rnd(HEX, 8),
    "linear": lambda: "lin_api_" + rnd(ALNUM, 40),
    "newrelic": lambda: "NRAK-" + rnd(string.ascii_uppercase + string.digits, 27),
    "databricks": lambda: "dapi" + rnd(HEX, 32),
    "mailgun": lambda: "key-" + rnd(HEX, 32),
    "supabase": lambda: "sbp_" + rnd(HEX, 40),
    "sentry": lambda: "sntryu_" + rnd(HEX, 64),
    "postman": lambda: "PMAK-" + rnd(HEX, 24) + "-" + rnd(HEX, 34),
    "rubygems": lambda: "rubygems_" + rnd(HEX, 48),
    "replicate": lambda: "r8_" + rnd(ALNUM, 37),
    "groq": lambda: "gsk_" + rnd(ALNUM, 52),
    "doppler": lambda: "dp.pt." + rnd(ALNUM, 43),
    "dynatrace": lambda: "dt0c01." + rnd(UP32, 24) + "." + rnd(UP32, 64),
    "buildkite": lambda: "bkua_" + rnd(HEX, 40),
    "circleci": lambda: "CCIPAT_" + rnd(ALNUM, 22) + "_" + rnd(HEX, 40),
    "supabase-secret": lambda: "sb_secret_" + rnd(ALNUM + "_-", 29) + "7x",
    "adafruit": lambda: "aio_" + rnd(ALNUM, 26) + "7Qq",
    "contentful": lambda: "CFPAT-" + rnd(ALNUM + "_-", 42) + "x",
    "figma": lambda: "figd_" + rnd(ALNUM + "_-", 39) + "x",
    "sonar": lambda: R.choice(["squ_", "sqp_", "sqa_"]) + rnd(HEX, 40),
    "nuget": lambda: "oy2" + rnd("abcdefghijklmnopqrstuvwxyz234567", 43),
    "easypost": lambda: "EZAK" + rnd(ALNUM, 54),
    "langsmith": lambda: "lsv2_pt_" + rnd(HEX, 31) + "7_" + rnd(HEX, 10),
    "nvidia": lambda: "nvapi-" + rnd(ALNUM + "_-", 63) + "x",
    "mapbox": lambda: "sk.eyJ1Ijoi" + rnd(ALNUM, 60) + "." + rnd(ALNUM + "_-", 21) + "x",
    "clojars": lambda: "CLOJARS_" + rnd(HEX, 60),
    "readme": lambda: "rdme_" + rnd(HEX, 70),
    "prefect": lambda: "pnu_" + rnd(HEX, 35) + "7",
    "brevo": lambda: "xkeysib-" + rnd(HEX, 64) + "-" + rnd(ALNUM, 16),
    "posthog": lambda: "phx_" + rnd(ALNUM, 43),
    "render": lambda: "rnd_" + rnd(ALNUM, 26) + "7Q",
    "cratesio": lambda: "cio" + rnd(ALNUM, 28) + "77Qq",
    "notion-legacy": lambda: "secret_" + rnd(ALNUM, 39) + "77Qq",
    "grafana-legacy": lambda: "eyJrIjoi" + rnd(ALNUM, 72) + "==",
    "artifactory": lambda: "AKCp" + rnd(ALNUM, 69),
    "flutterwave": lambda: "FLWSECK_TEST-" + rnd(HEX, 31) + "7-X",
    "dropbox": lambda: "sl." + rnd(ALNUM, 20) + "77Qq" + rnd(ALNUM + "_-", 112) + "x",
    "mailchimp": lambda: rnd(HEX, 32) + "-us" + str(R.randrange(1, 22)),
    "jwt": lambda: jwt(),
}


def b64url(s):
    return base64.urlsafe_b64encode(s if isinstance(s, bytes) else s.encode()).decode().rstrip("=")


def jwt():
    return ".".join([b64url('{"alg":"HS256","typ":"JWT"}'), b64url('{"sub":"%s","iat":1516239022}' % rnd(HEX, 12)), b64url(R.randbytes(32))])


def pem(kind=None):
    kind = kind or R.choice(["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY",
                             "PGP PRIVATE KEY BLOCK"])
    body = base64.b64encode(R.randbytes(R.choice([48, 121, 600, 1200]))).decode()
    width = 70 if "OPENSSH" in kind else 64
    lines = [body[i:i + width] for i in range(0, len(body), width)]
    head = [""] if "PGP" in kind else []
    if kind == "RSA PRIVATE KEY" and R.random() < 0.3:
        head = ["Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC," + rnd(HEX.upper(), 32), ""]
    return ["-----BEGIN %s-----" % kind] + head + lines + ["-----END %s-----" % kind], lines


# ---- cases --------------------------------------------------------------------------------------------------
class Case:
    def __init__(self, cls, ctx, text, secrets, keep=(), payload="text", canonical=False, js=False, lines=True):
        self.cls, self.ctx, self.payload, self.canonical, self.js, self.lines = cls, ctx, payload, canonical, js, lines
        self.text = text if isinstance(text, bytes) else text.encode()
        self.secrets = [s if isinstance(s, bytes) else s.encode() for s in secrets]
        self.keep = [s if isinstance(s, bytes) else s.encode() for s in keep]


CASES = []


def case(*a, **k):
    CASES.append(Case(*a, **k))


TS = "2026-11-24T06:50:03Z host app[812]: "
KEYS = ["password", "DB_PASSWORD", "db_passwd", "secret", "client_secret", "clientSecret", "api_key", "apiKey", "API_KEY", "access_token",
        "refresh_token", "auth_token", "SECRET_KEY_BASE", "AWS_SECRET_ACCESS_KEY", "private_token", "encryption_key", "signing_key",
        "passphrase", "PGPASSWORD", "REDIS_PASSWORD", "MYSQL_ROOT_PASSWORD", "smtp_password", "admin.password", "x-api-key",
        "spring.datasource.password", "webhook_secret", "JWT_SECRET", "session_token", "bot_token", "DB_PASS", "userPassword"]
USERS = ["alice", "deploy", "app_rw", "svc-node"]
HOSTS = ["db.internal.example.com", "10.88.0.12", "registry.example.com:5000", "localhost"]


def keyed():
    k, v, u, h = R.choice(KEYS), password(), R.choice(USERS), R.choice(HOSTS)
    s = simple()
    c = "keyed"
    case(c, "logfmt", TS + f"level=info msg=connect user={u} {k}={s} host={h} took=12ms\n", [s], [u, h, "took=12ms", k], canonical=True)
    case(c, "env", f"{k.upper().replace('-', '_').replace('.', '_')}={v}\nPATH=/usr/bin\n", [v], ["PATH=/usr/bin"], payload="env", canonical=True)
    case(c, "export", f"export {k.upper().replace('-', '_').replace('.', '_')}='{v}'\necho done\n", [v], ["echo done"], payload=R.choice(["text", "script"]))
    j = {"user": u, k: v, "host": h, "n": 3}
    case(c, "json", json.dumps(j) + "\n", [v], [u, h, '"n": 3'], payload="json", canonical=True, js=True)
    case(c, "json-text", TS + json.dumps(j) + "\n", [v], [u, h, '"n": 3'], canonical=True)
    case(c, "json-indent", json.dumps(j, indent=2) + "\n", [v], [u, h], payload=R.choice(["json", "text", "podman"]), js=True)
    case(c, "jsonl", json.dumps({"MESSAGE": f"connect {k}={s} ok", "_PID": "812"}) + "\n", [s], ["812", " ok"], payload="jsonl", js=True)
    case(c, "json-in-json", json.dumps({"MESSAGE": json.dumps(j), "PRIORITY": "6"}) + "\n", [json.dumps(json.dumps(v))[3:-3]], [u, h, '"6"'],
         payload=R.choice(["jsonl", "text"]), js=True)
    case(c, "json-in-json-in-json", json.dumps({"a": json.dumps({"b": json.dumps({k: s})})}) + "\n", [s], payload=R.choice(["jsonl", "text"]), js=True)
    case(c, "python-repr", TS + repr(j) + "\n", [v], [u, h])
    case(c, "ruby-hash", TS + '{"user"=>"%s", "%s"=>"%s", :host=>"%s"}\n' % (u, k, s, h), [s], [u, h])
    case(c, "java-tostring", TS + f"Config{{user={u}, {k}={s}, host={h}}}\n", [s], [u, h])
    case(c, "go-struct", TS + f"{{User:{u} {k.title().replace('_', '').replace('-', '')}:{s} Host:{h}}}\n", [s], [u])
    case(c, "yaml", f"user: {u}\n{k}: {s}\nhost: {h}\n", [s], [u, h], canonical=True)
    case(c, "yaml-quoted", f"db:\n  user: {u}\n  {k}: \"{s}\"\n  host: {h}\n", [s], [u, h])
    case(c, "toml", f"user = \"{u}\"\n{k} = \"{s}\"\n", [s], [u])
    case(c, "ini", f"[client]\nuser={u}\n{k}={v}\n", [v] if " " not in v else [], [u])
    case(c, "properties", f"a.b.{k}={s}\na.b.user={u}\n", [s], [u])
    case(c, "xml-element", f"<c><user>{u}</user><{k}>{sax.escape(v)}</{k}></c>\n", [sax.escape(v)], [u, f"</{k}>"])
    case(c, "xml-attribute", f'<db user="{u}" {k}={sax.quoteattr(v)} host="{h}"/>\n', [sax.escape(v)], [u, h])
    case(c, "xml-property", f'<property name="{k}" value="{s}"/><property name="user" value="{u}"/>\n', [s], [u])
    case(c, "plist-text", f"<dict><key>{k}</key>\n\t<string>{s}</string><key>U</key><string>{u}</string></dict>\n", [s], [u])
    case(c, "query", TS + f"GET /x?user={u}&{k}={s}&page=2 HTTP/1.1\n", [s], [u, "page=2", "HTTP/1.1"], canonical=True)
    q = urllib.parse.quote(f"user={u}&{k}={v}&page=2", safe="")
    case(c, "query-encoded", TS + f"redirect=https://x/?next={q} 302\n", [urllib.parse.quote(urllib.parse.quote(v, safe=""), safe="") if 0 else urllib.parse.quote(v, safe="")], [u, " 302"])
    qj = urllib.parse.quote(json.dumps({"user": u, k: s}), safe="")
    case(c, "json-encoded", TS + f"body={qj} 200\n", [s], [u, " 200"])
    case(c, "form", f"user={u}&{k}={urllib.parse.quote_plus(v)}&go=1", [urllib.parse.quote_plus(v)], [u, "go=1"])
    case(c, "multipart", f'Content-Disposition: form-data; name="{k}"\r\n\r\n{s}\r\n--x--\r\n', [s])
    case(c, "sql-set", TS + f"ALTER USER {u} WITH PASSWORD '{s}';\n", [s], [u])
    case(c, "sql-identified", TS + f"CREATE USER '{u}'@'%' IDENTIFIED BY '{s}';\n", [s], [u])
    case(c, "sql-assign", TS + f"UPDATE u SET {k.replace('-', '_').replace('.', '_')} = '{s}' WHERE name = '{u}'\n", [s], [u])
    case(c, "crlf", f"user={u}\r\n{k}={s}\r\nhost={h}\r\n", [s], [u, h, "\r\n"])
    case(c, "ansi-before", TS + f"{k}=\x1b[31m{s}\x1b[0m host={h}\n", [s], [h])
    case(c, "ansi-key", TS + f"\x1b[36m{k}\x1b[0m=\x1b[33m{s}\x1b[0m \x1b[36mhost\x1b[0m={h}\n", [s], [h])
    case(c, "ansi-inside", TS + f"{k}={s[:5]}\x1b[1m{s[5:]}\x1b[0m host={h}\n", [s[5:]], [h])
    case(c, "invalid-utf8", TS.encode() + b"\xff\xfe bad \xc3( " + f"{k}={s} x\n".encode(), [s], [" x\n"])
    case(c, "long-line", "x" * R.randrange(1000, 40000) + f" {k}={s} " + "y" * 3000 + "\n", [s], ["yyyy"])
    case(c, "byte-array", json.dumps({"MESSAGE": list(f"\x1b[1m{k}={s}\x1b[0m end".encode())}) + "\n", [",".join(str(b) for b in s.encode()), ", ".join(str(b) for b in s.encode())],
         payload="jsonl", js=True)
    case(c, "byte-array-text", json.dumps({"MESSAGE": list(f"{k}={s} end".encode())}, separators=(",", ":")) + "\n", [",".join(str(b) for b in s.encode())], js=True)
    case(c, "base64", TS + "payload=" + base64.b64encode(f"user={u} {k}={s}".encode()).decode() + " ok\n",
         [base64.b64encode(f"user={u} {k}={s}".encode()).decode()], [" ok"])
    case(c, "base64-json", TS + "payload " + base64.b64encode(json.dumps(j).encode()).decode() + " ok\n",
         [base64.b64encode(json.dumps(j).encode()).decode()], [" ok"])
    case(c, "source", f"os.environ['{k}'] = '{s}'\nprint('{u}')\n", [s], [u])
    case(c, "unicode-escape", '{"user":"%s","%s":"%s"}\n' % (u, "\\u%04x" % ord(k[0]) + k[1:], s), [s], [u], payload=R.choice(["json", "jsonl"]), js=True)
    case(c, "amp-escape", TS + f'{{"url":"https://x/?user={u}\\u0026{k}={s}\\u0026page=2"}}\n', [s], [u, "page=2"])
    case(c, "html-quote", TS + f"&quot;{k}&quot;:&quot;{s}&quot;,&quot;u&quot;:&quot;{u}&quot;\n", [s], [u])
    case(c, "utf16", ("\ufeff" + f"user={u}\r\n{k}={s}\r\nhost={h}\r\n").encode("utf-16-le"), [s.encode("utf-16-le")], [u.encode("utf-16-le"), h.encode("utf-16-le")], lines=False)
    case(c, "utf16-be", ("\ufeff" + f"user={u}\r\n{k}={s}\r\n").encode("utf-16-be"), [s.encode("utf-16-be")], [u.encode("utf-16-be")], lines=False)


def argv():
    v, u, h = simple(), R.choice(USERS), R.choice(HOSTS)
    c = "argv"
    o = R.choice(["--password", "--token", "--api-key", "--client-secret", "--db-password", "--secret-key", "--auth-token"])
    case(c, "space", TS + f"exec: tool --user {u} {o} {v} --host {h}\n", [v], [u, h], canonical=True)
    case(c, "equals", TS + f"exec: tool --user={u} {o}={v} --host={h}\n", [v], [u, h], canonical=True)
    case(c, "json-array", json.dumps(["tool", "--user", u, o, v, "--host", h]) + "\n", [v], [u, h], payload=R.choice(["json", "podman", "text"]), js=True, canonical=True)
    case(c, "json-create", json.dumps([{"Config": {"CreateCommand": ["podman", "run", "-d", o, v, "--name", u, "img"]}, "Args": [o + "=" + v, h]}], indent=1), [v],
         [u, h, '"img"'], payload="podman", js=True, canonical=True)
    case(c, "python-list", TS + repr(["tool", o, v, h]) + "\n", [v], [h])
    case(c, "yaml-list", f"args:\n  - --user\n  - {u}\n  - {o}\n  - {v}\n  - --host\n", [v], [u, "--host"])
    case(c, "continued", f"tool \\\n  --user {u} \\\n  {o} \\\n  {v} \\\n  --host {h}\n", [v], [u, h])
    case(c, "curl-u", TS + f"curl -fsS -u {u}:{v} https://{h}/x\n", [v], [u, h], canonical=True)
    case(c, "curl-user", TS + f"curl --user '{u}:{v}' https://{h}/x\n", [v], [u, h])
    case(c, "curl-header", f"curl -H 'Authorization: Bearer {v}' -H 'X-Api-Key: {v}k' https://{h}/x\n", [v], [h], payload=R.choice(["text", "script"]))
    case(c, "sshpass", TS + f"sshpass -p {v} ssh {u}@{h}\n", [v], [u, h], canonical=True)
    case(c, "sshpass-attached", TS + f"sshpass -p{v} ssh {u}@{h}\n", [v], [u, h])
    case(c, "mysql-p", TS + f"mysql -u{u} -p{v} -h{h} db\n", [v], [h], canonical=True)
    case(c, "java-d", TS + f"java -Xmx1g -Djavax.net.ssl.keyStorePassword={v} -jar {u}.jar\n", [v], [u, "-Xmx1g"], canonical=True)
    case(c, "docker-e", TS + f"docker run -e DB_PASSWORD={v} -e MODE=x --name {u} img\n", [v], [u, "MODE=x"], canonical=True)
    case(c, "login", TS + f"podman login -u {u} -p {v} {h}\n", [v], [u, h])
    case(c, "redis", TS + f"redis-cli -h {h} -a {v} PING\n", [v], [h, "PING"])
    case(c, "creds", TS + f"skopeo copy --src-creds {u}:{v} docker://x/y dir:z\n", [v], [u, "docker://x/y"])
    case(c, "ps", f"root  812  0.0 /usr/bin/tool --listen :8080 {o} {v}\nalice 813 sh\n", [v], [":8080", "alice 813 sh"])
    case(c, "execstart", f"[Service]\nExecStart=/usr/bin/podman run --rm {o} {v} -e API_KEY={v}2 \\\n  --name {u} img\nRestart=always\n", [v], [u, "Restart=always"], payload="unit", canonical=True)
    case(c, "show-execstart", f"Id=x.service\nExecStart={{ path=/usr/bin/t ; argv[]=/usr/bin/t {o} {v} --name {u} ; ignore_errors=no ; pid=0 }}\nNRestarts=3\n", [v], [u, "NRestarts=3"], payload="show", canonical=True)


def env():
    v, p, u = simple(), password().replace('"', "").replace("%", "z"), R.choice(USERS)
    c = "environment"
    k = R.choice([x for x in KEYS if "-" not in x and "." not in x]).upper()
    case(c, "unit", f"[Service]\nEnvironment=A=1 \"{k}={p}\" 'B={u} c'\nExecStart=/bin/true\n", [p], [u, "A=1"], payload="unit", canonical=True)
    case(c, "unit-continued", f"[Service]\nEnvironment=A=1 \\\n  {k}={v} \\\n  B={u}\n", [v], [u], payload="unit")
    case(c, "unit-quadlet", f"[Container]\nImage=localhost/x:1\nEnvironment={k}={v}\nPodmanArgs=--env={k}2={v}b\n", [v], ["localhost/x:1"], payload="unit")
    case(c, "unit-credential", f"[Service]\nSetCredential=pw:{v}\nLoadCredential=tls:/etc/tls/key.pem\n", [v], ["LoadCredential=tls:/etc/tls/key.pem"], payload="unit", canonical=True)
    case(c, "unit-as-text", f"# /etc/systemd/system/x.service\n[Service]\nEnvironment=A=1 {k}={v}\nExecStart=/bin/true {u}\n", [v], [u])
    case(c, "show", f"Id=x\nEnvironment=A=1 {k}={v} \"B={u} c\"\nRestart=no\n", [v], [u, "Restart=no"], payload="show", canonical=True)
    case(c, "inspect", json.dumps([{"Id": rnd(HEX, 64), "Config": {"Env": ["PATH=/bin", f"{k}={v}", f"HOME=/home/{u}"]}}]), [v], [u, "PATH=/bin"], payload="podman", js=True, canonical=True)
    case(c, "inspect-text", json.dumps([{"Config": {"Env": ["PATH=/bin", f"{k}={v}"]}}], indent=4), [v], ["PATH=/bin"], js=True)
    case(c, "inspect-labels", json.dumps([{"Config": {"Labels": {"io.x.password": v, "version": "1.2"}, "Healthcheck": {"Test": ["CMD-SHELL", f"curl -u {u}:{v} http://localhost/"]}}}]), [v], [u, "1.2"], payload="podman", js=True, canonical=True)
    case(c, "environ-nul", f"PATH=/bin\0{k}={v}\0HOME=/home/{u}\0".encode(), [v], [u], payload=R.choice(["env", "text"]), canonical=True)
    case(c, "env-file-quoted", f"# x\nA=1\n{k}=\"{p}\"\nB={u}\n", [p], [u, "A=1"], payload="env")
    case(c, "k8s-json", json.dumps({"env": [{"name": "A", "value": u}, {"name": k, "value": v}]}), [v], [u], payload=R.choice(["json", "text"]), js=True, canonical=True)
    case(c, "k8s-json-reversed", json.dumps({"env": [{"value": u, "name": "A"}, {"value": v, "name": k}]}), [v], [u], payload=R.choice(["json", "text"]), js=True)
    case(c, "k8s-yaml", f"env:\n- name: A\n  value: {u}\n- name: {k}\n  value: {v}\n- name: C\n  value: x\n", [v], [u], canonical=True)
    case(c, "k8s-yaml-reversed", f"env:\n- value: {u}\n  name: A\n- value: {v}\n  name: {k}\n", [v], [u])
    case(c, "launchctl", f"gui/501/x = {{\n\tstate = running\n\tenvironment = {{\n\t\tPATH => /bin\n\t\t{k} => {p}\n\t}}\n\targuments = {{\n\t\t/bin/x\n\t\t--token\n\t\t{v}\n\t}}\n\truns = 9\n}}\n", [p, v], ["runs = 9", "PATH => /bin"], payload="launchctl", canonical=True)
    case(c, "launchctl-text", f"\tenvironment = {{\n\t\t{k} => {v}\n\t}}\n", [v])
    pl = {"Label": "x", "EnvironmentVariables": {k: p, "A": u}, "ProgramArguments": ["/bin/x", "--password", v]}
    case(c, "plist", plistlib.dumps(pl), [sax.escape(p), v], [u], payload="plist", canonical=True)
    case(c, "plist-binary", plistlib.dumps(pl, fmt=plistlib.FMT_BINARY), [p, v], [u], payload="plist", lines=False)
    case(c, "docker-auth-config", "DOCKER_AUTH_CONFIG=" + json.dumps({"auths": {"quay.io": {"auth": base64.b64encode(f"{u}:{v}".encode()).decode()}}}) + "\n",
         [base64.b64encode(f"{u}:{v}".encode()).decode()], ["quay.io"], payload=R.choice(["env", "text"]))
    case(c, "shell-script", f"#!/bin/sh\nset -e\n{k}={v} exec podman run -e {k} -e X={u} img\n", [v], [u], payload="script")


def auth():
    u, v, reg = R.choice(USERS), simple(), R.choice(["quay.io", "gcr.io", "https://index.docker.io/v1/"])
    a = base64.b64encode(f"{u}:{v}".encode()).decode()
    c = "registry-auth"
    field = R.choice(["auth", "password", "identitytoken", "registrytoken", "Auth", "identityToken", "IDENTITYTOKEN"])
    val = a if field.lower() == "auth" else v
    doc = {"auths": {reg: {field: val}}, "credHelpers": {"gcr.io": "gcloud"}, "credsStore": "desktop"}
    case(c, "auth-json", json.dumps(doc, indent=R.choice([None, 2])), [val], [reg, "gcloud", "desktop"], payload="auth", js=True, canonical=True)
    case(c, "dockercfg", json.dumps({reg: {"auth": a, "email": "a@b.c"}}), [a], [reg], payload="auth", js=True, canonical=True)
    case(c, "http-headers", json.dumps({"auths": {}, "HttpHeaders": {"X-Meta": v, "User-Agent": v + "2"}}), [v], ["X-Meta"], payload="auth", js=True, canonical=True)
    case(c, "plugins", json.dumps({"auths": {}, "plugins": {"p": {"k": v}}}), [v], ['"p"'], payload="auth", js=True, canonical=True)
    case(c, "broken", '{"auths": {"%s": {"auth": "%s"' % (reg, a), [a], payload="auth", canonical=True, lines=False)
    case(c, "as-json", json.dumps(doc), [val], [reg, "gcloud"], payload="json", js=True)
    case(c, "as-text", json.dumps(doc, indent="\t") + "\n", [val], [reg, "gcloud"], js=True)
    case(c, "npmrc", f"//registry.npmjs.org/:_authToken={v}\n_auth={a}\n//r.x/:_password={a}\nregistry=https://r.x/\n", [v, a], ["registry=https://r.x/"], canonical=True)


def urls():
    u, v, h = R.choice(USERS), simple(), R.choice(HOSTS)
    c = "url"
    scheme = R.choice(["https", "postgres", "postgresql", "mysql", "redis", "amqp", "mongodb+srv", "ftp", "ssh", "git+https", "socks5"])
    case(c, "plain", TS + f"connect {scheme}://{u}:{v}@{h}/x?y=1 failed\n", [v], [u, h, "y=1", " failed"], canonical=True)
    case(c, "empty-user", TS + f"redis://:{v}@{h}/0\n", [v], [h], canonical=True)
    case(c, "raw-at", TS + f"{scheme}://{u}:{v[:6]}@{v[6:]}@{h}/x\n", [v[6:]], [u, h])
    case(c, "raw-slash", TS + f"{scheme}://{u}:{v[:6]}/{v[6:]}@{h}/x\n", [v[6:]], [u, h])
    case(c, "percent", TS + f"{scheme}://{u}:{v}%40%3A@{h}/x\n", [v], [u, h])
    case(c, "unit-percent", f"[Service]\nEnvironment=DATABASE_URL={scheme}://{u}:{v}%%40@{h}/x\n", [v], [u, h], payload="unit")
    case(c, "quoted", TS + f"error=\"dial {scheme}://{u}:{v}@{h}: refused\"\n", [v], [u, h, ": refused"])
    case(c, "json", json.dumps({"url": f"{scheme}://{u}:{v}@{h}/x"}), [v], [u, h], payload=R.choice(["json", "text"]), js=True, canonical=True)
    case(c, "json-slashes", json.dumps({"url": f"{scheme}://{u}:{v}@{h}/x"}).replace("/", "\\/"), [v], [u], payload=R.choice(["json", "text"]), js=True)
    case(c, "encoded", TS + f"u={urllib.parse.quote(f'{scheme}://{u}:{v}@{h}/x', safe='')} 200\n", [v], [u, " 200"])
    case(c, "go-dsn", TS + f"dsn={u}:{v}@tcp({h})/db?parseTime=true\n", [v], [u, "parseTime=true"], canonical=True)
    case(c, "jdbc", TS + f"jdbc:postgresql://{h}/db?user={u}&password={v}&ssl=true\n", [v], [u, h, "ssl=true"], canonical=True)
    case(c, "ado", TS + f"Server={h};Database=x;User Id={u};Password={v};Encrypt=true\n", [v], [u, h, "Encrypt=true"], canonical=True)
    case(c, "libpq", TS + f"host=db user={u} password='{v}' dbname=x\n", [v], [u, "dbname=x"], canonical=True)
    case(c, "proxy", f"HTTPS_PROXY=http://{u}:{v}@{h}/\nNO_PROXY=localhost\n", [v], [u, h, "NO_PROXY=localhost"], payload=R.choice(["env", "text"]), canonical=True)
    case(c, "git", TS + f"fatal: unable to access 'https://{u}:{v}@git.example.com/x.git/': 403\n", [v], [u, "/x.git/"])
    case(c, "token-user", TS + f"cloning https://{v}:x-oauth-basic@github.com/a/b\n", [v], ["github.com/a/b"])
    case(c, "azure", TS + f"AccountName=x;AccountKey={base64.b64encode(R.randbytes(64)).decode()};EndpointSuffix=core.windows.net\n", [], ["EndpointSuffix=core.windows.net"])
    k = base64.b64encode(R.randbytes(64)).decode()
    case("cloud", "azure-connection", TS + f"DefaultEndpointsProtocol=https;AccountName={u};AccountKey={k};EndpointSuffix=core.windows.net\n", [k], [u, "EndpointSuffix=core.windows.net"], canonical=True)
    sas = urllib.parse.quote(base64.b64encode(R.randbytes(32)).decode(), safe="")
    case("cloud", "azure-sas", TS + f"https://{u}.blob.core.windows.net/c?sv=2021-06-08&ss=b&sig={sas}&se=2027\n", [sas], ["sv=2021-06-08"], canonical=True)
    case("cloud", "azure-servicebus", TS + f"Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey={k}\n", [k], ["SharedAccessKeyName=Root"])
    aws = rnd(ALNUM + "/+", 40)
    case("cloud", "aws-secret", f"[default]\naws_access_key_id = AKIA{rnd(string.ascii_uppercase, 16)}\naws_secret_access_key = {aws}\nregion = eu-west-1\n", [aws], ["eu-west-1"], canonical=True)
    case("cloud", "aws-session", TS + f'{{"SessionToken": "{k}", "RequestId": "{rnd(HEX, 8)}"}}\n', [k], ["RequestId"], canonical=True)
    case("cloud", "gcp-sa", json.dumps({"type": "service_account", "project_id": u, "private_key_id": rnd(HEX, 40), "private_key": "\n".join(pem("PRIVATE KEY")[0]) + "\n", "token_uri": "https://oauth2.googleapis.com/token"}, indent=2),
         pem("PRIVATE KEY")[1][:0], [u, "https://oauth2.googleapis.com/token", "service_account"], payload=R.choice(["json", "text"]), js=True)
    case("cloud", "gcp-adc", json.dumps({"client_id": "764086051850-x.apps.googleusercontent.com", "client_secret": v, "refresh_token": "1//0" + rnd(ALNUM, 60), "type": "authorized_user"}), [v],
         ["764086051850-x.apps.googleusercontent.com"], payload=R.choice(["json", "text"]), js=True, canonical=True)


def keys():
    lines, body = pem()
    c = "private-key"
    whole = [b for b in body if len(b) >= 8]
    cls = [b[:24] for b in whole]
    case(c, "plain", "before\n" + "\n".join(lines) + "\nafter\n", cls, ["before", "after"], canonical=True)
    case(c, "crlf", "before\r\n" + "\r\n".join(lines) + "\r\nafter\r\n", cls, ["before", "after"])
    case(c, "indented", "k: |\n" + "\n".join("    " + l for l in lines) + "\nnext: 1\n", cls, ["next: 1"])
    case(c, "syslog", "\n".join(TS + l for l in lines) + "\n" + TS + "done\n", cls, ["done", TS])
    rest = R.randrange(max(1, len(body) - 2))
    cut = body[rest:] + (["=" + rnd(ALNUM, 4)] if "PGP" in lines[0] else []) + lines[-1:]
    cut_cls = [b[:24] for b in body[rest:] if len(b) >= 8]
    if len("".join(body[rest:])) >= 16:
        case(c, "no-begin", "\n".join(cut) + "\nafter\n", cut_cls, ["after"])
        case(c, "no-begin-syslog", "".join(TS + l + "\n" for l in cut + ["done"]), cut_cls, ["done", TS])
        case(c, "no-begin-jsonl", "".join(json.dumps({"log": l + "\n", "stream": "stdout"}) + "\n" for l in cut + ["done"]), cut_cls, ["done"], payload="jsonl", js=True)
    case(c, "no-end", "before\n" + "\n".join(lines[:-1]) + "\nafter the key\n", cls, ["before", "after the key"])
    for ctx, br in (("escaped", "\\n"), ("escaped-twice", "\\\\n"), ("escaped-crlf", "\\r\\n")):
        case(c, ctx, TS + 'key="' + br.join(lines) + br + '" user=alice\n', cls, ["user=alice"], canonical=ctx == "escaped")
    case(c, "json", json.dumps({"a": "\n".join(lines) + "\n", "b": 1}), cls, ['"b": 1'], payload=R.choice(["json", "text"]), js=True, canonical=True)
    case(c, "json-in-json", json.dumps({"m": json.dumps({"a": "\n".join(lines)}), "b": 1}), cls, ['"b": 1'], payload=R.choice(["jsonl", "text"]), js=True)
    case(c, "source", "\n".join('  "%s\\n" +' % l for l in lines) + "\nend\n", cls, ["end"])
    case(c, "base64", TS + "key " + base64.b64encode("\n".join(lines).encode()).decode() + " ok\n", [base64.b64encode("\n".join(lines).encode()).decode()[40:90]], [" ok"])
    case(c, "env", "TLS_KEY=\"" + "\n".join(lines) + "\"\nA=1\n", cls, ["A=1"], payload=R.choice(["env", "text"]), lines=False)


def tokens():
    name = R.choice(list(PROVIDERS))
    t = PROVIDERS[name]()
    c = "provider:" + name
    case(c, "bare", f"{t}\n", [t], canonical=True)
    case(c, "log", TS + f"using {t} for alice\n", [t], ["for alice"], canonical=True)
    case(c, "quoted", TS + f'msg="got {t}" user=alice\n', [t], ["user=alice"], canonical=True)
    case(c, "sentence", TS + f"The value is {t}, and {t}.\n", [t])
    case(c, "ansi", TS + f"\x1b[31m{t}\x1b[0m alice\n", [t], ["alice"])
    case(c, "ansi-inside", TS + f"{t[:9]}\x1b[4m{t[9:]}\x1b[0m alice\n" if len(t) > 30 else TS + f"{t} alice\n", [t[9:] if len(t) > 30 else t], ["alice"])
    case(c, "json", json.dumps({"x": t, "y": [t, 1]}), [t], payload=R.choice(["json", "text", "jsonl", "podman"]), js=True, canonical=True)
    case(c, "path", TS + f"GET /bot{t}/x\n" if name == "telegram" else TS + f"GET /api/{t}/x 200\n", [t])
    case(c, "query", TS + f"GET /x?id={t}&n=1\n", [t], ["n=1"])
    case(c, "encoded", TS + f"x=a%3D{t}%26n%3D1\n", [t])
    case(c, "escaped-newline", TS + f"a\\n{t}\\nb\n", [t])
    case(c, "xml", f"<v>{t}</v>\n", [t], ["</v>"])
    case(c, "url-user", TS + f"https://{t}@example.com/x\n", [t], ["example.com/x"])
    case(c, "base64", TS + base64.b64encode(f"some text then {t} end".encode()).decode() + " ok\n", [base64.b64encode(f"some text then {t} end".encode()).decode()[24:]], [" ok"])
    case(c, "bearer", TS + f"Authorization: Bearer {t}\n", [t], canonical=True)
    case(c, "utf16", ("\ufeffa " + t + " b\r\n").encode("utf-16-le"), [t.encode("utf-16-le")], lines=False)
    case(c, "key-file", f"[x]\ntoken: {t}\n", [t], canonical=True)


def http():
    v, u = simple(), R.choice(USERS)
    b = base64.b64encode(f"{u}:{v}".encode()).decode()
    c = "http"
    scheme, val = R.choice([("Bearer", v), ("Basic", b), ("Token", v), ("ApiKey", v), ("Negotiate", base64.b64encode(R.randbytes(60)).decode()), ("GenieKey", v)])
    name = R.choice(["Authorization", "authorization", "AUTHORIZATION", "Proxy-Authorization"])
    case(c, "header", f"GET / HTTP/1.1\r\nHost: x\r\n{name}: {scheme} {val}\r\nAccept: */*\r\n", [val], ["Accept: */*", "Host: x"], canonical=scheme != "GenieKey")
    case(c, "header-json", json.dumps({name: f"{scheme} {val}", "Accept": "*/*"}), [val], ["*/*"], payload=R.choice(["json", "text"]), js=True, canonical=True)
    case(c, "header-list", json.dumps([[name, f"{scheme} {val}"], ["Accept", "x/y"]]), [val], ["x/y"], payload=R.choice(["json", "text"]), js=True)
    case(c, "header-objects", json.dumps([{"name": name, "value": f"{scheme} {val}"}, {"name": "Accept", "value": "x/y"}]), [val], ["x/y"], payload=R.choice(["json", "text"]), js=True)
    case(c, "header-python", TS + repr({name: f"{scheme} {val}", "Accept": "x/y"}) + "\n", [val], ["x/y"])
    case(c, "header-go", TS + f"map[Accept:[x/y] {name}:[{scheme} {val}] Host:[h]]\n", [val], ["x/y", "Host:[h]"])
    case(c, "curl-v", f"> GET / HTTP/2\n> {name.lower()}: {scheme} {val}\n> accept: */*\n", [val], ["accept: */*"], canonical=True)
    case(c, "digest", f'Authorization: Digest username="{u}", realm="r", nonce="{rnd(HEX, 16)}", response="{v}"\r\n', [v])
    case(c, "cookie", f"Cookie: sid={v}; theme=x{v}\r\nAccept: x/y\r\n", [v], ["Accept: x/y"], canonical=True)
    case(c, "set-cookie", f"Set-Cookie: sid={v}; Path=/; HttpOnly; Secure\r\nAccept: x/y\r\n", [v], ["Path=/", "HttpOnly", "Accept: x/y"], canonical=True)
    case(c, "cookie-json", json.dumps({"headers": {"cookie": f"sid={v}", "accept": "x/y"}}), [v], ["x/y"], payload=R.choice(["json", "text"]), js=True)
    k = R.choice(["X-Api-Key", "x-api-key", "Api-Key", "X-Auth-Token", "X-Vault-Token", "PRIVATE-TOKEN", "X-Amz-Security-Token", "X-Goog-Api-Key", "X-CSRF-Token", "Ocp-Apim-Subscription-Key"])
    case(c, "api-key", f"{k}: {v}\r\nAccept: x/y\r\n", [v], ["Accept: x/y"], canonical=True)
    case(c, "api-key-json", json.dumps({k: v, "n": 1}), [v], ['"n": 1'], payload=R.choice(["json", "text"]), js=True, canonical=True)
    case(c, "bare-bearer", TS + f"sending Bearer {v} to {u}\n", [v], [f"to {u}"])


def dotfiles():
    u, v, h = R.choice(USERS), simple(), "db.internal.example.com"
    c = "dotfile"
    case(c, "netrc", f"machine {h} login {u} password {v}\n", [v], [u, h], canonical=True)
    case(c, "netrc-lines", f"machine {h}\nlogin {u}\npassword {v}\n\nmachine x\n", [v], [u, h], canonical=True)
    case(c, "netrc-next-line", f"machine {h}\n  login {u}\n  password\n    {v}\n", [v], [u, h])
    case(c, "pgpass", f"{h}:5432:app:{u}:{v}\n", [v], [u, h], canonical=True)
    case(c, "pgpass-any", f"*:*:*:{u}:{v}\n", [v], [u])
    case(c, "my.cnf", f"[client]\nuser={u}\npassword={v}\nhost={h}\n", [v], [u, h], canonical=True)
    case(c, "rclone", f"[r]\ntype = sftp\nuser = {u}\npass = {v}\ntoken = {{\"access_token\":\"{v}2\",\"token_type\":\"Bearer\"}}\n", [v], [u, "Bearer"], canonical=True)
    case(c, "gh", f"github.com:\n    user: {u}\n    oauth_token: {v}\n    git_protocol: ssh\n", [v], [u, "git_protocol: ssh"], canonical=True)
    kd = base64.b64encode(R.randbytes(200)).decode()
    case(c, "kubeconfig", f"users:\n- name: {u}\n  user:\n    client-key-data: {kd}\n    token: {v}\n    password: {v}3\ncurrent-context: {h}\n", [v, kd], [u, h], canonical=True)
    case(c, "tfstate", json.dumps({"resources": [{"instances": [{"attributes": {"username": u, "password": v, "id": h}}]}]}, indent=2), [v], [u, h], payload=R.choice(["json", "text"]), js=True, canonical=True)
    wg = base64.b64encode(R.randbytes(32)).decode()
    case("key-file", "wireguard", f"[Interface]\nPrivateKey = {wg}\nAddress = 10.0.0.1/24\n[Peer]\nPublicKey = {base64.b64encode(R.randbytes(32)).decode()}\nPresharedKey = {wg}\n", [wg], ["10.0.0.1/24", "PublicKey"], payload=R.choice(["text", "unit"]), canonical=True)
    nix = base64.b64encode(R.randbytes(64)).decode()
    case("key-file", "nix", f"cache.example.com-1:{nix}\n", [nix], ["cache.example.com-1"], canonical=True)
    ms = "RWRTY0Iy" + base64.b64encode(R.randbytes(152)).decode()
    case("key-file", "minisign", f"untrusted comment: minisign encrypted secret key\n{ms}\n", [ms], ["untrusted comment"], canonical=True)
    sec = base64.b64encode(v.encode()).decode()
    case("key-file", "k8s-yaml", f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: {u}\ndata:\n  foo: {sec}\n  bar: {sec}\ntype: Opaque\n", [sec], [u, "Opaque"], canonical=True)
    case("key-file", "k8s-yaml-after", f"apiVersion: v1\ndata:\n  foo: {sec}\nkind: Secret\nmetadata:\n  name: {u}\n", [sec], [u])
    case("key-file", "k8s-json", json.dumps({"kind": "Secret", "metadata": {"name": u}, "data": {"foo": sec}, "stringData": {"x": v}}), [sec, v], [u], payload="json", js=True, canonical=True)
    case("key-file", "set-credential", f"SetCredential=db:{v}\nLoadCredential=x:/etc/{u}\n", [v], [f"/etc/{u}"], payload=R.choice(["unit", "text"]), canonical=True)
    hs = R.choice(["$6$" + rnd(ALNUM, 16) + "$" + rnd(ALNUM + "./", 86), "$y$j9T$" + rnd(ALNUM + "./", 22) + "$" + rnd(ALNUM + "./", 43), "$2y$05$" + rnd(ALNUM + "./", 53),
                   "$apr1$" + rnd(ALNUM, 8) + "$" + rnd(ALNUM + "./", 22), "$argon2id$v=19$m=65536,t=3,p=4$" + rnd(ALNUM, 22) + "$" + rnd(ALNUM, 43)])
    case("hash", "shadow", f"{u}:{hs}:19000:0:99999:7:::\n", [hs], [u, ":19000:0"], canonical=True)
    case("hash", "htpasswd", f"{u}:{hs}\n", [hs], [u], canonical=True)
    case("hash", "json", json.dumps({"user": u, "h": hs}), [hs], [u], payload=R.choice(["json", "text"]), js=True)
    seed = rnd("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32)
    case("seed", "otpauth", TS + f"otpauth://totp/ACME:{u}?secret={seed}&issuer=ACME\n", [seed], canonical=True)
    case("seed", "totp", TS + f"totp_secret={seed} user={u}\n", [seed], [u], canonical=True)


# ---- what must stay -----------------------------------------------------------------------------------------
def benign():
    h64, u = rnd(HEX, 64), "-".join(rnd(HEX, k) for k in (8, 4, 4, 4, 12))
    nix = rnd("0123456789abcdfghijklmnpqrsvwxyz", 32)
    sri = base64.b64encode(R.randbytes(32)).decode()
    texts = [
        f"Pulling registry.example.com:5000/team/app@sha256:{h64}", f"docker://quay.io/a/b@sha256:{h64}", f"image=localhost/bb:1 id={h64}",
        f"/nix/store/{nix}-podman-4.3.1/bin/podman run", f"sha256-{sri}", f'integrity="sha512-{base64.b64encode(R.randbytes(64)).decode()}"', f"request_id={u}", f"trace {u} done",
        "contact mailto:alice@example.com or alice@example.com", "pass=42 fail=0 skip=3", "primary_key=id foreign_key=user_id", "FATAL: password authentication failed for user \"app\"",
        "GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568", "MAX_TOKENS=4096", "max_tokens: 4096, prompt_tokens=12 completion_tokens=99", "SSH_AUTH_SOCK=/run/user/1000/keyring/ssh",
        "POSTGRES_PASSWORD_FILE=/run/secrets/pg", f"PYTHON_SHA256={h64}", "DB_PASSWORD=${DB_PASSWORD}", "password=$PASSWORD", "--secret db,type=env,target=DB", "token_type=Bearer expires_in=3600",
        "LoadCredential=tls:/etc/tls/key.pem", f"trusted-public-keys = cache.nixos.org-1:{base64.b64encode(R.randbytes(32)).decode()}", f"commit {rnd(HEX, 40)}", "2026-11-24T06:50:03.123456Z level=info",
        f"container {h64} died", f"SHA256:{sri[:-1]}", f"ssh-ed25519 {base64.b64encode(R.randbytes(51)).decode()} alice@host", "authfile=/etc/sourceos/empty-auth.json", "credHelpers gcr.io gcloud", "credsStore: desktop",
        "arn:aws:iam::123456789012:role/deploy", "https://oauth2.googleapis.com/token", "client_id=764086051850-x.apps.googleusercontent.com", "project_id: sourceos-prod", "REGISTRY_AUTH_FILE=/etc/containers/auth.json",
        "podman run -p 8080:80 -v /a:/b --name x img", "ssh -p 2222 alice@host", "systemctl --user restart node-commander.service", "Restart=always", "StartLimitBurst=5", "uid=1000 gid=1000",
        "the secret service is not running", "token bucket is full", "no password set", "cookie consent", "session opened for user root(uid=0) by (uid=0)", "keyboard layout us", "monkey business",
        "Started Session 12 of User alice.", "authentication failure; logname= uid=0", "pam_unix(sshd:auth): authentication failure", "key not found: user", "cache key=user:42 hit", "sort_key=name", "partition key: region",
        "public key: SHA256:abc", "password: required", "auth: {\"mode\":\"none\"}", "author=alice", "authority=example.com", "tokenizer=bpe vocab=50257", "passthrough=true", "compass=north bypass=1", "secretary=alice",
        f"data:image/png;base64,{base64.b64encode(R.randbytes(120)).decode()}", f"nar hash sha256:{nix}{nix[:20]}", "http://localhost:8080/path/@scope/pkg", "https://registry.npmjs.org/@scope/pkg/-/pkg-1.0.tgz",
        "git@github.com:org/repo.git", "ssh://git@github.com/org/repo", "user=alice@example.com", "12:34:56 AA:BB:CC:DD:EE:FF", "fe80::1%eth0", "x-request-id: " + u, "ETag: \"" + rnd(HEX, 32) + "\"",
        "sk-learn-based-pipelines-are-nice-to-have", "npm_config_registry=https://registry.npmjs.org/", "hf_hub_download", "AKIA", "eyJ is how JSON starts in base64", "SG.example.com", "hvs.example", "xoxo",
        "basic authentication is deprecated", "bearer of bad news", "-----BEGIN CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----", "KeepAlive=true", "last exit code = 78: EX_CONFIG", "runs = 22138",
        f"digest: sha256:{h64}", f"ImageDigest sha256:{h64}", "100% [====>] 12/12", "a=b c=d e=f", "SELECT id FROM users WHERE pass_count = 3", "keypair created", "key=value pairs", "enter key to continue",
    ]
    for t in texts:
        case("benign", t[:24], t + "\n", [], [t + "\n"])
    cert = base64.b64encode(R.randbytes(600)).decode()
    crt = "-----BEGIN CERTIFICATE-----\n" + "\n".join(cert[i:i + 64] for i in range(0, len(cert), 64)) + "\n-----END CERTIFICATE-----\n"
    case("benign", "certificate", crt, [], [crt])
    doc = json.dumps([{"Id": h64, "Digest": "sha256:" + h64, "RepoDigests": ["localhost/bb@sha256:" + h64], "Created": "2026-11-23T23:24:10.546115286Z", "Config": {"Env": ["PATH=/usr/bin", "container=podman", "GPG_KEY=" + rnd(HEX.upper(), 40)],
                      "Cmd": ["sleep", "100000"], "Labels": {"org.opencontainers.image.revision": rnd(HEX, 40)}}, "RestartCount": 0, "Secrets": None, "ConmonPidFile": f"/run/{h64}/conmon.pid", "CreateCommand": ["podman", "run", "-d", "-p", "8080:80", "--secret", "db", "img"]}], indent=4)
    case("benign", "inspect", doc, [], [doc], payload="podman", js=True)
    case("benign", "inspect-as-text", doc, [], [doc], js=True)
    empty = json.dumps({"auths": {}, "credHelpers": {"gcr.io": "gcloud", "us.gcr.io": "gcloud"}, "credsStore": "osxkeychain"}, indent=8)
    case("benign", "auth-empty", empty, [], [empty], payload="auth", js=True)
    unit = f"[Unit]\nDescription=x\nStartLimitBurst=3\n[Service]\nEnvironment=A=1 \"B=c d\" GPG_KEY={rnd(HEX.upper(), 40)}\nEnvironmentFile=-/etc/x.env\nExecStart=/usr/bin/podman run --rm --name x --authfile=/etc/a.json localhost/x@sha256:{h64}\nLoadCredential=k:/etc/k\nRestart=on-failure\n[Install]\nWantedBy=default.target\n"
    case("benign", "unit", unit, [], [unit], payload="unit")
    case("benign", "unit-as-text", unit, [], [unit])


# ---- the score ----------------------------------------------------------------------------------------------
TOKEN = re.compile(rb"REDACTED_[A-Za-z]+_[0-9a-f]{8}")


def ask(p, c, text=None):
    text = c.text if text is None else text
    p.stdin.write(b"%s %d\n" % (c.payload.encode(), len(text)) + text)
    p.stdin.flush()
    n = int(p.stdout.readline())
    return p.stdout.read(n)


def leaks(out, secret):
    if secret in out:
        return True
    # half of it is a leak too
    half = max(8, len(secret) // 2)
    return len(secret) > half and any(secret[i:i + half] in out for i in range(0, len(secret) - half + 1, max(1, half // 8)))


def judge(p, c):
    bad = []
    out = ask(p, c)
    if any(leaks(out, s) for s in c.secrets):
        bad.append("leak")
    if not all(k in out for k in c.keep):
        bad.append("lost")
    if c.js:
        try:
            for l in (out.splitlines() if c.payload == "jsonl" else [out]):
                json.loads(l)
        except ValueError:
            bad.append("json")
    if c.lines and c.payload != "plist" and out.count(b"\n") != c.text.count(b"\n"):
        bad.append("lines")
    if ask(p, c, out) != out and not (c.payload == "auth" and b"withheld" in out):
        bad.append("twice")
    return bad, out


def main():
    a = argparse.ArgumentParser()
    a.add_argument("clean")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--rounds", type=int, default=12)
    a.add_argument("--show", type=int, default=0)
    a.add_argument("--floor", action="store_true")
    a.add_argument("--wild", action="store_true", help="only the cases of wild.py")
    o = a.parse_args()
    R.seed(o.seed)
    for _ in range(o.rounds):
        for make in () if o.wild else (keyed, argv, env, auth, urls, keys, http, dotfiles):
            make()
        for _ in range(0 if o.wild else len(PROVIDERS) // 4):
            tokens()
        wild.cases(R, simple, jwt, case)
    wild.samples(case)
    for _ in range(max(1, o.rounds // 4)):
        wild.benign(R, simple, jwt, case)
        if not o.wild:
            benign()
    p = subprocess.Popen([o.clean], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    shown, by = {}, {}
    total = {"recall": [0, 0], "canonical": [0, 0], "survival": [0, 0], "structure": [0, 0], "twice": [0, 0]}
    for c in CASES:
        bad, out = judge(p, c)
        if c.secrets:
            total["recall"][0] += "leak" not in bad
            total["recall"][1] += 1
            if c.canonical:
                total["canonical"][0] += "leak" not in bad
                total["canonical"][1] += 1
        if c.keep:
            total["survival"][0] += "lost" not in bad
            total["survival"][1] += 1
        total["structure"][0] += "json" not in bad and "lines" not in bad
        total["structure"][1] += 1
        total["twice"][0] += "twice" not in bad
        total["twice"][1] += 1
        for b in bad:
            k = (c.cls.split(":")[0], c.ctx, b) if c.cls.startswith("provider") and b != "leak" else (c.cls, c.ctx, b)
            by[k] = by.get(k, 0) + 1
            if shown.get(k, 0) < 1 and len(shown) < o.show:
                shown[k] = 1
                print("%s/%s %s [%s]\n  in:  %r\n  out: %r\n  secrets %r keep %r" % (c.cls, c.ctx, b, c.payload, c.text[:700], out[:700], c.secrets[:2], c.keep[:4]))
    if o.show:
        for k, n in sorted(by.items(), key=lambda x: -x[1]):
            print("%5d %s/%s %s" % (n, *k))
    low = []
    for name, (ok, n) in total.items():
        share = 100.0 * ok / max(1, n)
        print("%-10s %6.2f %% of %d (floor %.1f)" % (name, share, n, FLOOR[name]))
        if share < FLOOR[name]:
            low.append(name)
    if o.floor and low:
        sys.exit("corpus: below the floor: " + ", ".join(low))


FLOOR = {"recall": 99.5, "canonical": 100.0, "survival": 99.9, "structure": 100.0, "twice": 99.9}

if __name__ == "__main__":
    main()
