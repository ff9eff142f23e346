# SPDX-License-Identifier: MIT
"""wild.py: secrets as they stand in real files, commands and logs, and what only looks like them.

Written from what tools print and people type, not from the rules. One template a line: {v} the secret, {u} a user, {h} a host,
{x} something harmless. Of the rest of a template every word that does not touch the secret must come through.
"""
import base64, json, os, re, string

# class, context, template[, payload]; a trailing * on the context: canonical
TEMPLATES = [
    # environment: files, shells, containers
    ("environment", "dotenv*", "NODE_ENV=production\nDB_HOST={h}\nDB_PASSWORD={v}\nPORT=3000\n", "env"),
    ("environment", "dotenv-text*", "NODE_ENV=production\nDB_HOST={h}\nDB_PASSWORD={v}\nPORT=3000\n"),
    ("environment", "dotenv-spaces", "APP_NAME=shop\nAPI_SECRET = {v}\nDEBUG=false\n", "env"),
    ("environment", "dotenv-comment", "SMTP_PASS=\"{v}\" # rotated in May\nSMTP_USER={u}\n", "env"),
    ("environment", "dotenv-laravel", "APP_NAME=Laravel\nAPP_KEY=base64:{b32}\nAPP_DEBUG=true\n", "env"),
    ("environment", "compose-map*", "services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_USER: {u}\n      POSTGRES_PASSWORD: {v}\n      POSTGRES_DB: app\n"),
    ("environment", "compose-list*", "    environment:\n      - MYSQL_ROOT_PASSWORD={v}\n      - MYSQL_DATABASE=app\n    ports:\n      - \"3306:3306\"\n"),
    ("environment", "compose-quoted", "    environment:\n      - \"JWT_SECRET={v}\"\n      - TZ=Europe/Berlin\n"),
    ("environment", "dockerfile-env", "FROM debian:12\nENV DB_PASSWORD={v}\nENV LANG=C.UTF-8\nRUN make\n"),
    ("environment", "dockerfile-env-space", "FROM debian:12\nENV DB_PASSWORD {v}\nENV LANG C.UTF-8\n"),
    ("environment", "dockerfile-arg", "ARG NPM_TOKEN={v}\nARG VERSION=1.2.3\n"),
    ("environment", "build-arg", "docker build --build-arg NPM_TOKEN={v} --build-arg VERSION=1.2 -t app:1 .\n"),
    ("environment", "prefix", "PGPASSWORD={v} psql -h {h} -U {u} app\n"),
    ("environment", "env-command", "env -i HOME=/root SECRET_KEY={v} /usr/bin/app --listen :80\n"),
    ("environment", "fish", "set -gx GITHUB_TOKEN {v}\nset -gx EDITOR vim\n"),
    ("environment", "csh", "setenv AWS_SECRET_ACCESS_KEY {v}\nsetenv EDITOR vim\n"),
    ("environment", "powershell", "$env:DB_PASSWORD = \"{v}\"\n$env:MODE = \"x\"\n"),
    ("environment", "cmd-set", "set DB_PASSWORD={v}\r\nset MODE=x\r\n"),
    ("environment", "declare-x", "declare -x DB_PASSWORD=\"{v}\"\ndeclare -x HOME=\"/root\"\n"),
    ("environment", "xtrace", "+ export DB_PASSWORD={v}\n+ DB_PASSWORD={v}\n+ echo done\n"),
    ("environment", "systemd-env-line", "systemd[1]: app.service: Setting environment DB_PASSWORD={v} for {u}\n"),
    ("environment", "unit-env-multi*", "[Service]\nEnvironment=\"DB_PASSWORD={v}\" \"MODE=x y\"\nEnvironment=PORT=80\n", "unit"),
    ("environment", "unit-env-exec", "[Service]\nExecStart=/usr/bin/env API_TOKEN={v} /usr/bin/app --port 80\n", "unit"),
    ("environment", "unit-podman-e", "[Service]\nExecStart=/usr/bin/podman run -e API_TOKEN={v} -e MODE=x --name app quay.io/a/b:1\n", "unit"),
    ("environment", "quadlet-secret-env", "[Container]\nImage=quay.io/a/b:1\nEnvironment=API_TOKEN={v} MODE=x\nPublishPort=80:80\n", "unit"),
    ("environment", "set-environment", "systemctl --user set-environment API_TOKEN={v} MODE=x\n"),
    ("environment", "launchctl-setenv", "launchctl setenv API_TOKEN {v}\n"),
    ("environment", "k8s-literal", "kubectl create secret generic db --from-literal=password={v} --from-literal=user={u} -n prod\n"),
    ("environment", "helm-set", "helm upgrade app ./chart --set db.password={v} --set replicas=3\n"),
    ("environment", "terraform-var", "terraform apply -var 'db_password={v}' -var region=eu\n"),
    ("environment", "ansible-e", "ansible-playbook site.yml -e ansible_become_pass={v} -l web\n"),
    ("environment", "procfs", "HOME=/root\0DB_PASSWORD={v}\0LANG=C\0", "env"),
    ("environment", "inspect-args", '[{{"Args": ["--db-password", "{v}", "--port", "80"], "Path": "/app"}}]', "podman"),
    ("environment", "inspect-cmd-shell", '[{{"Config": {{"Cmd": ["sh", "-c", "API_TOKEN={v} exec app --port 80"]}}}}]', "podman"),
    # configuration files
    ("dotfile", "npmrc*", "registry=https://{h}/\n//{h}/:_authToken={v}\nalways-auth=true\n"),
    ("dotfile", "npmrc-password", "//{h}/:username={u}\n//{h}/:_password={b18}\nemail=a@b.c\n"),
    ("dotfile", "yarnrc", "npmRegistryServer: \"https://{h}\"\nnpmAuthToken: \"{v}\"\nnodeLinker: node-modules\n"),
    ("dotfile", "yarnrc-ident", "npmAuthIdent: \"{u}:{v}\"\nnodeLinker: node-modules\n"),
    ("dotfile", "pip.conf", "[global]\nindex-url = https://{u}:{v}@{h}/simple\ntimeout = 60\n"),
    ("dotfile", "pypirc", "[pypi]\nrepository = https://{h}/\nusername = {u}\npassword = {v}\n"),
    ("dotfile", "poetry", "poetry config http-basic.corp {u} {v}\n"),
    ("dotfile", "maven", "<server><id>corp</id><username>{u}</username><password>{v}</password></server>\n"),
    ("dotfile", "gradle", "mavenUser={u}\nmavenPassword={v}\norg.gradle.jvmargs=-Xmx2g\n"),
    ("dotfile", "gradle-signing", "signing.keyId=24875D73\nsigning.password={v}\n"),
    ("dotfile", "nuget", "<add key=\"Username\" value=\"{u}\" />\n<add key=\"ClearTextPassword\" value=\"{v}\" />\n"),
    ("dotfile", "cargo", "[registries.corp]\nindex = \"https://{h}/git\"\ntoken = \"{v}\"\n"),
    ("dotfile", "composer", '{{"http-basic": {{"{h}": {{"username": "{u}", "password": "{v}"}}}}}}', "json"),
    ("dotfile", "bundler", "BUNDLE_GEMS__CORP__COM: \"{u}:{v}\"\nBUNDLE_PATH: \"vendor\"\n"),
    ("dotfile", "git-credentials*", "https://{u}:{v}@{h}\n"),
    ("dotfile", "gitconfig-header", "[http \"https://{h}/\"]\n\textraheader = AUTHORIZATION: basic {b18}\n"),
    ("dotfile", "hub", "{h}:\n- user: {u}\n  oauth_token: {v}\n  protocol: https\n"),
    ("dotfile", "s3cfg", "[default]\nhost_base = {x}\nsecret_key = {v}\nbucket_location = US\n"),
    ("dotfile", "aws-json*", '{{"Credentials": {{"AccessKeyId": "ASIA{up16}", "SecretAccessKey": "{b30}", "SessionToken": "{b120}", "Expiration": "2026-11-24T08:00:00Z"}}}}', "json"),
    ("dotfile", "aws-configure", "aws configure set aws_secret_access_key {v}\naws s3 ls s3://bucket/\n"),
    ("dotfile", "azure-sp", "az login --service-principal -u {x} -p {v} --tenant corp\n"),
    ("dotfile", "azure-json", '{{"clientId": "{uuid}", "clientSecret": "{v}", "tenantId": "{uuid2}"}}', "json"),
    ("dotfile", "msal", '{{"AccessToken": {{"k": {{"secret": "{v}", "client_id": "{uuid}", "realm": "common"}}}}}}', "json"),
    ("dotfile", "cosmos", "AccountEndpoint=https://x.documents.azure.com:443/;AccountKey={b64};\n"),
    ("dotfile", "redis-azure", "x.redis.cache.windows.net:6380,password={v},ssl=True,abortConnect=False\n"),
    ("dotfile", "kubeconfig-exec", "users:\n- name: {u}\n  user:\n    token: {v}\nclusters:\n- cluster:\n    server: https://{h}\n"),
    ("dotfile", "docker-config-text", '{{\n\t"auths": {{\n\t\t"{h}": {{\n\t\t\t"auth": "{b24}"\n\t\t}}\n\t}}\n}}\n'),
    ("dotfile", "docker-auth-identity", '{{"auths": {{"{h}": {{"identitytoken": "{v}"}}}}, "credsStore": "desktop"}}', "auth"),
    ("dotfile", "my.cnf-quoted", "[client]\nuser = {u}\npassword = \"{v}\"\nssl-mode = REQUIRED\n"),
    ("dotfile", "pgpass-port", "{h}:6432:app:{u}:{v}\n"),
    ("dotfile", "pgpass-star", "{h}:*:*:{u}:{v}\n"),
    ("dotfile", "pg_service", "[prod]\nhost={h}\nport=5432\nuser={u}\npassword={v}\n"),
    ("dotfile", "netrc-macdef", "machine {h}\n\tlogin {u}\n\tpassword {v}\n\tmacdef init\n"),
    ("dotfile", "netrc-account", "machine {h} login {u} account x password {v}\n"),
    ("dotfile", "netrc-default", "default login {u} password {v}\n"),
    ("dotfile", "msmtprc", "account corp\nhost {h}\nuser {u}\npassword {v}\n"),
    ("dotfile", "mutt", "set imap_user = \"{u}\"\nset imap_pass = \"{v}\"\nset sort = threads\n"),
    ("dotfile", "wpa", "network={{\n\tssid=\"corp\"\n\tpsk=\"{v}\"\n\tkey_mgmt=WPA-PSK\n}}\n"),
    ("dotfile", "hostapd", "ssid=corp\nwpa_passphrase={v}\nchannel=6\n"),
    ("dotfile", "nmconnection", "[wifi-security]\nkey-mgmt=wpa-psk\npsk={v}\n[ipv4]\nmethod=auto\n", "unit"),
    ("dotfile", "ipsec", "{h} : PSK \"{v}\"\n"),
    ("dotfile", "bind", "key \"rndc-key\" {{\n\talgorithm hmac-sha256;\n\tsecret \"{b32}\";\n}};\n"),
    ("dotfile", "radius", "client corp {{\n\tipaddr = 10.0.0.1\n\tsecret = {v}\n}}\n"),
    ("dotfile", "grafana-ini", "[security]\nadmin_user = {u}\nadmin_password = {v}\nsecret_key = {v}\n"),
    ("dotfile", "filezilla", "<Host>{h}</Host><User>{u}</User><Pass encoding=\"base64\">{b18}</Pass>\n"),
    ("dotfile", "jenkins-xml", "<username>{u}</username>\n<password>{{{b30}}}</password>\n"),
    ("dotfile", "rails", "production:\n  secret_key_base: {hex64}\n  host: {h}\n"),
    ("dotfile", "django", "DEBUG = False\nSECRET_KEY = 'django-insecure-{v}'\nALLOWED_HOSTS = ['{h}']\n"),
    ("dotfile", "wordpress", "define( 'DB_USER', '{u}' );\ndefine( 'DB_PASSWORD', '{v}' );\ndefine( 'DB_HOST', '{h}' );\n"),
    ("dotfile", "wordpress-key", "define('AUTH_KEY', '{v}');\ndefine('WP_DEBUG', false);\n"),
    ("dotfile", "php", "$db['default']['username'] = '{u}';\n$db['default']['password'] = '{v}';\n"),
    ("dotfile", "php-array", "return ['username' => '{u}', 'password' => '{v}', 'charset' => 'utf8'];\n"),
    ("dotfile", "hcl", "provider \"x\" {{\n  username = \"{u}\"\n  password = \"{v}\"\n}}\n"),
    ("dotfile", "tfvars", "db_password = \"{v}\"\nregion      = \"eu\"\n"),
    ("dotfile", "nix", "services.app = {{ enable = true; password = \"{v}\"; port = 80; }};\n"),
    ("dotfile", "ansible", "ansible_user: {u}\nansible_password: {v}\nansible_host: {h}\n"),
    ("dotfile", "cloud-init", "#cloud-config\nuser: {u}\npassword: {v}\nssh_pwauth: true\n"),
    ("dotfile", "chpasswd-list", "chpasswd:\n  list: |\n    {u}:{v}\n  expire: false\n"),
    ("dotfile", "kickstart", "rootpw --plaintext {v}\ntimezone UTC\n"),
    ("dotfile", "preseed", "d-i passwd/user-password password {v}\nd-i time/zone string UTC\n"),
    ("dotfile", "spring-yaml", "spring:\n  datasource:\n    url: jdbc:postgresql://{h}/app\n    username: {u}\n    password: {v}\n"),
    ("dotfile", "appsettings", '{{"ConnectionStrings": {{"Default": "Server={h};User Id={u};Password={v};Encrypt=True"}}, "Logging": "Debug"}}', "json"),
    ("dotfile", "web.config", "<add name=\"Db\" connectionString=\"Server={h};uid={u};pwd={v};Encrypt=true\" />\n"),
    ("dotfile", "tomcat", "<Resource name=\"jdbc/x\" username=\"{u}\" password=\"{v}\" maxActive=\"20\"/>\n"),
    ("dotfile", "rabbit", "default_user = {u}\ndefault_pass = {v}\nloopback_users = none\n"),
    ("dotfile", "redis.conf", "port 6379\nrequirepass {v}\nappendonly yes\n"),
    ("dotfile", "redis-masterauth", "replicaof {h} 6379\nmasterauth {v}\nappendonly yes\n"),
    ("dotfile", "redis-acl", "user {u} on >{v} ~* +@all\n"),
    ("dotfile", "mongo-conf", "security:\n  keyFile: /etc/mongo/key\nclusterPassword: {v}\n"),
    ("dotfile", "elasticsearch", "xpack.security.http.ssl.keystore.secure_password: {v}\ncluster.name: corp\n"),
    ("dotfile", "logstash", "output {{ elasticsearch {{ hosts => [\"{h}\"] user => \"{u}\" password => \"{v}\" }} }}\n"),
    ("dotfile", "fluentd", "<match **>\n  user {u}\n  password {v}\n  host {h}\n</match>\n"),
    ("dotfile", "nginx-header", "proxy_set_header Authorization \"Basic {b24}\";\nproxy_set_header Host $host;\n"),
    ("dotfile", "haproxy", "userlist x\n  user {u} insecure-password {v}\n"),
    ("dotfile", "prometheus", "basic_auth:\n  username: {u}\n  password: {v}\n"),
    ("dotfile", "alertmanager", "slack_api_url: https://hooks.slack.com/services/T{up8}/B{up8}/{a24}\nchannel: '#ops'\n"),
    ("dotfile", "gitlab-ci", "variables:\n  DEPLOY_TOKEN: \"{v}\"\n  GIT_DEPTH: 1\n"),
    ("dotfile", "github-actions", "      env:\n        NPM_TOKEN: {v}\n        CI: true\n"),
    ("dotfile", "vault-agent", "{{\"auth\": {{\"client_token\": \"{v}\", \"lease_duration\": 3600, \"renewable\": true}}}}", "json"),
    ("dotfile", "consul", "acl {{\n  tokens {{\n    agent = \"{uuid}\"\n    default_token = \"{v}\"\n  }}\n}}\n"),
    ("dotfile", "rclone-ini", "[s3]\ntype = s3\nendpoint = {x}\nsecret_access_key = {v}\nregion = eu\n"),
    ("dotfile", "restic", "RESTIC_REPOSITORY=s3:https://{h}/b\nRESTIC_PASSWORD={v}\n"),
    ("dotfile", "borg", "export BORG_PASSPHRASE='{v}'\nexport BORG_REPO={h}:b\n"),
    ("dotfile", "dbt", "outputs:\n  prod:\n    type: postgres\n    user: {u}\n    pass: {v}\n    threads: 4\n"),
    ("dotfile", "jupyter", "[I 2026-11-24] http://127.0.0.1:8888/lab?token={hex48}\n"),
    ("dotfile", "vnc", "xfreerdp /v:{h} /u:{u} /p:{v} /cert:ignore\n"),
    # YAML
    ("keyed", "yaml-block", "db:\n  user: {u}\n  password: |\n    {v}\n  host: {h}\n"),
    ("keyed", "yaml-block-strip", "token: >-\n  {v}\nhost: {h}\n"),
    ("keyed", "yaml-anchor", "password: &pw {v}\nhost: {h}\n"),
    ("keyed", "yaml-tag", "password: !!str {v}\nhost: {h}\n"),
    ("keyed", "yaml-flow", "db: {{user: {u}, password: {v}, host: {h}}}\n"),
    ("keyed", "yaml-single", "password: '{v}'\nhost: {h}\n"),
    ("keyed", "yaml-list-of-maps", "users:\n  - name: {u}\n    password: {v}\n    uid: 7\n"),
    ("keyed", "k8s-stringData", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  username: {u}9x\n  url: {v}\ntype: Opaque\n"),
    ("keyed", "k8s-list", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  data:\n    anything: {b24}\n  kind: Secret\n  metadata:\n    name: db\n"),
    ("keyed", "k8s-json-pretty", '{{\n  "apiVersion": "v1",\n  "data": {{\n    "anything": "{b24}"\n  }},\n  "kind": "Secret",\n  "type": "Opaque"\n}}\n', "json"),
    ("keyed", "k8s-json-text", '{{\n  "apiVersion": "v1",\n  "data": {{\n    "anything": "{b24}"\n  }},\n  "kind": "Secret",\n  "type": "Opaque"\n}}\n'),
    ("keyed", "k8s-dockerconfigjson", "apiVersion: v1\nkind: Secret\ndata:\n  .dockerconfigjson: {dockerb64}\ntype: kubernetes.io/dockerconfigjson\n"),
    ("keyed", "k8s-last-applied", "    kubectl.kubernetes.io/last-applied-configuration: |\n      {{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"stringData\":{{\"password\":\"{v}\"}}}}\n"),
    # met by somebody who had not seen the rules
    ("environment", "json-name-element", "<property><name>JWT_SECRET</name><value>{v}</value></property>\n"),
    ("environment", "show-quoted", "Id=a.service\nEnvironment=A=1 \"API_TOKEN={v} of two words\" B=2\nUMask=0022\n"),
    ("environment", "go-proxy", "https_proxy={u}:{v}@proxy.example.com:3128\nNO_PROXY=localhost\n", "env"),
    ("url", "without-scheme", "connecting to {u}:{v}7q@{h}:5432/main now\n"),
    ("keyed", "insert-many", "INSERT INTO users (id, name, password, made) VALUES (1, '{u}', '{v}', now()), (2, '{x}', '{a24}', NULL);\n"),
    ("keyed", "xml-words", "<cfg>\n<password>{v} of two words</password>\n<host>{h}</host></cfg>\n"),
    ("keyed", "xml-cdata-words", "<password><![CDATA[{v} of two words]]></password><host>{h}</host>\n"),
    ("keyed", "form-data-words", "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n{v} of two words\r\n--b--\r\n"),
    ("keyed", "php-define-token", "define('BOT_TOKEN', '{v}');\n"),
    ("keyed", "colour-key", "\x1b[36mmasterKey\x1b[0m={v} \x1b[36mn\x1b[0m=1\n"),
    ("keyed", "wide-table", "|  SecretAccessKey |  {v}  |\n|  Region          |  eu-west-1  |\n"),
    ("keyed", "not-utf16", "\xff\xfe\xfa bad \xc3( password={v} and more text behind it\n"),
    ("keyed", "tfstate-sensitive", '{{"outputs": {{"blob": {{"value": "{v}", "type": "string", "sensitive": true}}, "plain": {{"value": "{x}", "type": "string"}}}}}}', "json"),
    ("keyed", "vault-unseal", "Unseal Key 1: {b32}\nUnseal Key 2: {b32b}\n\nInitial Root Token: {v}\n"),
    ("keyed", "vault-unseal-json", '{{"unseal_keys_b64": ["{b32}"], "unseal_keys_hex": ["{hex64}"], "root_token": "{v}"}}', "json"),
    ("keyed", "monitor", "1700000000.123456 [0 127.0.0.1:5000] \"AUTH\" \"{v}\"\n"),
    ("keyed", "config-set", "CONFIG SET requirepass {v}\n"),
    ("keyed", "pop3-trace", "C: PASS {a24}\n"),
    ("keyed", "erlang-cookie", "erl -setcookie {v} -name a@b\nRABBITMQ_ERLANG_COOKIE={v}\n"),
    ("argv", "cmdline", "app\0--admin-password\0{v}\0--port\0x80\0", "env"),
    ("argv", "cmdline-short", "mysql\0-uroot\0-p{v}\0-h\0{h}\0", "env"),
    ("argv", "cmdline-text", "mysql\0-uroot\0-p{v}\0-h\0{h}\0"),
    ("argv", "by-lines", "curl\n-u\n{u}:{v}\nhttps://x.example.com/\n"),
    ("argv", "chpasswd-heredoc", "chpasswd <<EOF\n{u}:{v}\n{x}:{a24}\nEOF\n"),
    ("argv", "container-then-curl", '[{{"Config": {{"CreateCommand": ["podman", "run", "--user", "1000:1000", "img", "curl", "--user", "{u}:{v}"]}}}}]', "podman"),
    ("argv", "health-shell", '[{{"Config": {{"Healthcheck": {{"Test": ["CMD-SHELL", "API_TOKEN={v} check -h {h} || exit 1"]}}}}}}]', "podman"),
    ("keyed", "yaml-items", "tokens:\n  - {a24}7q1Z\n  - {a22}7q1Z\nports:\n  - 80\n"),
    ("keyed", "toml-triple", "[credentials]\npassword = \"\"\"{v}\"\"\"\nport = 80\n"),
    ("keyed", "xml-namespace-line", "<s:E><wsse:Username>bob</wsse:Username><wsse:Password Type=\"T\">{v}</wsse:Password><n>x1</n></s:E>\n"),
    ("keyed", "xml-entry", "<map><entry><key>secretKey</key><value>{v}</value></entry><entry key=\"n\">x1</entry></map>\n"),
    ("keyed", "meta-content", "<meta name=\"csrf-token\" content=\"{b36}\"/>\n"),
    ("keyed", "chat-bold", "*password:* `{v}`\nand the rest\n"),
    ("keyed", "powershell-secure", "$c = ConvertTo-SecureString \"{v}\" -AsPlainText -Force\n"),
    ("keyed", "smtp-login", "S: 334 UGFzc3dvcmQ6\r\nC: {b18}\r\nS: 235 ok\r\n"),
    ("http", "pair-bytes", "headers=[(b'x-api-key', b'{v}'), (b'host', b'h')]\n"),
    ("environment", "json-two-pairs", '{{"environment": ["API_KEY={v}", "MODE=x"]}}', "json"),
    ("argv", "snmp-v3", "snmpget -v3 -u {u} -l authPriv -a SHA -A {v} -x AES {h} sysUpTime\n"),
    ("argv", "cargo-login", "cargo login {v}\n"),
    ("argv", "cryptsetup", "echo -n {v} | cryptsetup open /dev/sda1 x -\n"),
    ("http", "pair-any-name", '[["X-Vault-Token", "{v}"], ["Accept", "x/y"]]'),
    ("http", "pair-any-name-json", '{{"headers": [["DD-API-KEY", "{v}"], ["Accept", "x/y"]]}}', "json"),
    ("http", "percent-header", "hdr=Authorization%3A%20Token%20{a24}&h={h}\n"),
    ("http", "nginx-token", "proxy_set_header Authorization \"Token {a24}\";\nproxy_set_header Host $host;\n"),
    ("dotfile", "composer-oauth", '{{"github-oauth": {{"github.com": "{v}"}}, "config": {{"sort": "{x}"}}}}', "json"),
    ("dotfile", "docker-headers", '{{"auths": {{"{h}": {{"registrytoken": "{v}"}}}}, "HttpHeaders": {{"X-Meta": "{a24}"}}, "plugins": {{"scan": {{"thing": "{a22}"}}}}, "credsStore": "osxkeychain"}}', "json"),
    ("dotfile", "s3fs", "AKIA{up16}:{a40}\n"),
    ("dotfile", "eap", "{u} : EAP \"{v}\"\n"),
    ("dotfile", "sssd", "ldap_default_authtok = {v}\nldap_uri = ldaps://{h}\n"),
    ("hash", "escaped", "HASH=\\$6\\$saltsalt\\${a86}\n"),
    ("hash", "phpass", "bob:$P$B{a30}\n"),
    ("hash", "ldap", "userPassword: {{SSHA}}{b24}\n"),
    ("hash", "scrypt", "bob:$scrypt$ln=16,r=8,p=1${a22}${a43}\n"),
    ("key-file", "jwk-ec", '{{"kty":"EC","crv":"P-256","x":"xPublic","d":"{a43}","kid":"e1"}}', "json"),
    ("key-file", "jwk-log", "loaded {{\"kty\": \"OKP\", \"d\": \"{a43}\", \"x\": \"xPublic\"}} ok\n"),
    ("key-file", "pem-colours", "\x1b[31m-----BEGIN PRIVATE KEY-----\x1b[0m\n\x1b[31m{a86}\x1b[0m\n\x1b[31m-----END PRIVATE KEY-----\x1b[0m\nafter it\n"),
    ("key-file", "pem-entities", "<a k=\"-----BEGIN PRIVATE KEY-----&#10;{a86}&#10;-----END PRIVATE KEY-----&#10;\" n=\"x1\"/>\n"),
    ("key-file", "pem-json-lines", '{{"log":"-----BEGIN PRIVATE KEY-----\\n","n":"a1"}}\n{{"log":"{a86}\\n","n":"a2"}}\n{{"log":"-----END PRIVATE KEY-----\\n","n":"a3"}}\n{{"log":"after","n":"a4"}}\n', "jsonl"),
    ("key-file", "pem-folded", "k: \"-----BEGIN PRIVATE KEY-----\\n\\\n    {a86}\\n\\\n    -----END PRIVATE KEY-----\\n\"\nport: x80\n"),
    ("key-file", "openvpn-static", "-----BEGIN OpenVPN Static key V1-----\n{hex32}\n{hex32b}\n-----END OpenVPN Static key V1-----\n"),
    # what programs print of their data
    ("keyed", "dataclass", "Config(user='{u}', password='{v}', host='{h}')\n"),
    ("keyed", "rust-debug", "Config {{ user: \"{u}\", password: \"{v}\", port: 80 }}\n"),
    ("keyed", "rust-some", "Config {{ user: \"{u}\", password: Some(\"{v}\"), port: 80 }}\n"),
    ("keyed", "rust-pretty", "Config {{\n    user: \"{u}\",\n    password: Some(\n        \"{v}\",\n    ),\n    port: 80,\n}}\n"),
    ("keyed", "go-map", "map[host:{h} password:{v} port:80]\n"),
    ("keyed", "go-plus-v", "{{Host:{h} Port:80 Password:{v} Debug:false}}\n"),
    ("keyed", "go-sharp-v", "main.Config{{Host:\"{h}\", Password:\"{v}\", Debug:false}}\n"),
    ("keyed", "print_r", "Array\n(\n    [user] => {u}\n    [password] => {v}\n    [host] => {h}\n)\n"),
    ("keyed", "var_dump", "array(2) {{\n  [\"password\"]=>\n  string(20) \"{v}\"\n  [\"host\"]=>\n  string(4) \"{h}\"\n}}\n"),
    ("keyed", "perl-dumper", "$VAR1 = {{\n  'password' => '{v}',\n  'host' => '{h}'\n}};\n"),
    ("keyed", "ruby-symbols", "{{:user=>\"{u}\", :password=>\"{v}\", :port=>80}}\n"),
    ("keyed", "ruby-new", "{{user: \"{u}\", password: \"{v}\", port: 80}}\n"),
    ("keyed", "elixir", "%{{user: \"{u}\", password: \"{v}\", port: 80}}\n"),
    ("keyed", "erlang", "[{{user,<<\"{u}\">>}},{{password,<<\"{v}\">>}},{{port,80}}]\n"),
    ("keyed", "java-map", "{{user={u}, password={v}, port=80}}\n"),
    ("keyed", "js-inspect", "{{ user: '{u}', password: '{v}', port: 80 }}\n"),
    ("keyed", "c-assign", "cfg->password = \"{v}\";\ncfg->port = 80;\n"),
    ("keyed", "call-keyword", "psycopg2.connect(host='{h}', user='{u}', password='{v}', port=5432)\n"),
    ("keyed", "setter", "ds.setPassword(\"{v}\"); ds.setUser(\"{u}\");\n"),
    ("keyed", "const", "const apiKey = \"{v}\";\nconst port = 80;\n"),
    ("keyed", "typed-const", "private static final String API_KEY = \"{v}\";\n"),
    ("keyed", "ts-typed", "const password: string = '{v}';\n"),
    ("keyed", "protobuf-text", "db {{\n  user: \"{u}\"\n  password: \"{v}\"\n}}\n"),
    ("keyed", "ini-spaces", "[db]\nuser     = {u}\npassword = {v}\nhost     = {h}\n"),
    ("keyed", "properties-colon", "db.user: {u}\ndb.password: {v}\ndb.host: {h}\n"),
    ("keyed", "xml-value", "<Password><Value>{v}</Value><PlainText>true</PlainText></Password>\n"),
    ("keyed", "xml-cdata", "<password><![CDATA[{v}]]></password><host>{h}</host>\n"),
    ("keyed", "xml-ns", "<wsse:Password Type=\"PasswordText\">{v}</wsse:Password>\n"),
    ("keyed", "xml-setting", "<setting name=\"SmtpPassword\" serializeAs=\"String\"><value>{v}</value></setting>\n"),
    ("keyed", "soap-token", "<sessionToken>{v}</sessionToken><n>1</n>\n"),
    ("keyed", "json-name-value", '{{"params": [{{"name": "password", "value": "{v}"}}, {{"name": "mode", "value": "x"}}]}}', "json"),
    ("keyed", "json-key-value-text", '{{"Key": "DB_PASSWORD", "Value": "{v}"}}\n'),
    ("keyed", "json-array-value", '{{"authorization": ["Bearer {v}"], "accept": ["x/y"]}}', "json"),
    ("keyed", "json-nested", '{{"password": {{"value": "{v}", "type": "plain"}}, "n": 1}}', "json"),
    ("keyed", "json-log", '{{"level":30,"time":1700000000,"msg":"login","req":{{"body":{{"username":"{u}","password":"{v}"}}}}}}\n', "jsonl"),
    ("keyed", "json-log-text", '{{"level":30,"time":1700000000,"msg":"login","req":{{"body":{{"username":"{u}","password":"{v}"}}}}}}\n'),
    ("keyed", "json-log-escaped", '{{"msg":"request failed","body":"{{\\"username\\":\\"{u}\\",\\"password\\":\\"{v}\\"}}"}}\n', "jsonl"),
    ("keyed", "json-msg-logfmt", '{{"log":"user={u} password={v} ok\\n","stream":"stdout","time":"2026-11-24T06:50:03Z"}}\n', "jsonl"),
    ("keyed", "journal-export", "MESSAGE=login user={u} password={v} ok\n_PID=812\nPRIORITY=6\n"),
    ("keyed", "logfmt-quoted", "level=info msg=\"login ok\" user={u} password=\"{v}\" took=3ms\n"),
    ("keyed", "gelf", '{{"short_message":"x","_db_password":"{v}","_user":"{u}"}}\n'),
    ("keyed", "otel", "http.request.header.authorization=[\"Bearer {v}\"] http.method=GET\n"),
    ("keyed", "csv-kv", "2026-11-24,login,user={u},password={v},ok\n"),
    ("keyed", "pipe-kv", "ts=1|user={u}|password={v}|ok=1\n"),
    ("keyed", "tab-kv", "user:{u}\tpassword:{v}\thost:{h}\n"),
    ("keyed", "table", "| user     | {u} |\n| password | {v} |\n| host     | {h} |\n"),
    ("keyed", "markdown", "- **Password:** {v}\n- **User:** {u}\n"),
    ("keyed", "query-fragment", "GET /cb#access_token={v}&token_type=bearer&expires_in=3600\n"),
    ("keyed", "access-log", "10.0.0.1 - - [24/Nov/2026:06:50:03 +0000] \"GET /api?api_key={v}&page=2 HTTP/1.1\" 200 12\n"),
    ("keyed", "referer", "\"https://{h}/reset?token={v}\" \"Mozilla/5.0\"\n"),
    ("keyed", "double-encoded", "next=https%253A%252F%252F{h}%252F%253Fpassword%253D{v}%2526page%253D2 done\n"),
    ("keyed", "oauth-response", '{{"access_token":"{v}","token_type":"Bearer","expires_in":3600,"scope":"read"}}\n'),
    ("keyed", "oauth-request", "grant_type=client_credentials&client_id=app&client_secret={v}&scope=read\n"),
    ("keyed", "refresh-request", "grant_type=refresh_token&refresh_token={v}&client_id=app\n"),
    ("keyed", "code-request", "grant_type=authorization_code&code={v}&redirect_uri=https://{h}/cb\n"),
    # sentences
    ("keyed", "mysql-temporary", "[Note] A temporary password is generated for root@localhost: {v}\n"),
    ("keyed", "temporary", "Temporary password: {v}\n"),
    ("keyed", "initial-admin", "Initial admin password: {v}\n"),
    ("keyed", "password-is", "the password is {v} for {u}\n"),
    ("keyed", "password-is-colon", "Your password is: {v}\n"),
    ("keyed", "password-quoted", "login as {u} with password '{v}' failed\n"),
    ("keyed", "password-quoted-double", "trying password \"{v}\" for {u}\n"),
    ("keyed", "token-quoted", "rejected token \"{v}\": expired\n"),
    ("keyed", "api-key-is", "Your API key is {v}\n"),
    ("keyed", "password-for", "Password for {u}: {v}\n"),
    ("keyed", "generated", "Generated password for user {u}: {v}\n"),
    ("keyed", "secret-set-to", "root password set to {v}\n"),
    ("keyed", "arrow", "password -> {v}\n"),
    ("keyed", "equals-spaces", "password == '{v}'\n"),
    ("keyed", "sql-role", "ALTER ROLE {u} WITH LOGIN PASSWORD '{v}' VALID UNTIL 'infinity';\n"),
    ("keyed", "sql-encrypted", "CREATE USER {u} ENCRYPTED PASSWORD '{v}';\n"),
    ("keyed", "sql-mysql", "SET PASSWORD FOR '{u}'@'%' = PASSWORD('{v}');\n"),
    ("keyed", "sql-plugin", "CREATE USER '{u}'@'%' IDENTIFIED WITH mysql_native_password BY '{v}';\n"),
    ("keyed", "sql-mssql", "CREATE LOGIN {u} WITH PASSWORD = N'{v}', CHECK_POLICY = OFF;\n"),
    ("keyed", "sql-insert", "INSERT INTO users (name, password) VALUES ('{u}', '{v}');\n"),
    ("keyed", "mongo-createuser", "db.createUser({{user: \"{u}\", pwd: \"{v}\", roles: []}})\n"),
    ("keyed", "redis-auth", "redis: AUTH {v}\n"),
    ("keyed", "smtp-auth", "AUTH PLAIN {b24}\n"),
    ("keyed", "imap-login", "a1 LOGIN {u} \"{v}\"\n"),
    ("keyed", "pop-pass", "USER {u}\nPASS {v}\nLIST\n"),
    # command lines
    ("argv", "history-zsh", ": 1700000000:0;mysql -u {u} -p{v} -h {h} app\n"),
    ("argv", "history-bash", "  812  2026-11-24 06:50:03 mysql -u{u} -p'{v}' app\n"),
    ("argv", "mysql-long*", "mysql --user={u} --password={v} --host={h} app\n"),
    ("argv", "mysqldump", "mysqldump -h {h} -u {u} -p{v} --single-transaction app\n"),
    ("argv", "mysqladmin", "mysqladmin -u {u} -p{v} ping\n"),
    ("argv", "sshpass-quoted", "sshpass -p '{v}' scp x {u}@{h}:/y\n"),
    ("argv", "sudo-S", "echo '{v}' | sudo -S systemctl restart x\n"),
    ("argv", "sudo-here", "sudo -S whoami <<< '{v}'\n"),
    ("argv", "chpasswd", "echo '{u}:{v}' | chpasswd\n"),
    ("argv", "chpasswd-here", "chpasswd <<< \"{u}:{v}\"\n"),
    ("argv", "passwd-stdin", "echo {v} | passwd --stdin {u}\n"),
    ("argv", "login-stdin", "echo {v} | docker login -u {u} --password-stdin {h}\n"),
    ("argv", "htpasswd-b", "htpasswd -bc /etc/nginx/htpasswd {u} {v}\n"),
    ("argv", "openssl-pass", "openssl enc -aes-256-cbc -pass pass:{v} -in a -out b\n"),
    ("argv", "openssl-passin", "openssl rsa -in k.pem -passin pass:{v} -out u.pem\n"),
    ("argv", "openssl-k", "openssl enc -d -aes-256-cbc -k {v} -in a\n"),
    ("argv", "gpg", "gpg --batch --passphrase {v} -c file.txt\n"),
    ("argv", "7z", "7z a -p{v} -mhe=on out.7z dir\n"),
    ("argv", "zip", "zip -P {v} -r out.zip dir\n"),
    ("argv", "unzip", "unzip -P {v} out.zip -d dir\n"),
    ("argv", "curl-attached", "curl -u{u}:{v} https://{h}/x\n"),
    ("argv", "curl-user-eq", "curl --user={u}:{v} https://{h}/x\n"),
    ("argv", "curl-proxy-user", "curl --proxy-user {u}:{v} -x http://{h}:3128 https://x/\n"),
    ("argv", "curl-data-json", "curl -X POST -d '{{\"user\":\"{u}\",\"password\":\"{v}\"}}' https://{h}/login\n"),
    ("argv", "curl-data-form", "curl -d 'user={u}&password={v}' https://{h}/login\n"),
    ("argv", "curl-cookie", "curl -b 'session={v}' https://{h}/x\n"),
    ("argv", "curl-cookie-long", "curl --cookie \"PHPSESSID={v}\" https://{h}/x\n"),
    ("argv", "curl-bearer", "curl --oauth2-bearer {v} https://{h}/x\n"),
    ("argv", "curl-H-double", "curl -sS -H \"PRIVATE-TOKEN: {v}\" https://{h}/api/v4/projects\n"),
    ("argv", "curl-H-attached", "curl -H'Authorization: token {v}' https://{h}/user\n"),
    ("argv", "curl-flags-u", "curl -sSLu {u}:{v} https://{h}/x\n"),
    ("argv", "wget-header", "wget --header='X-Auth-Token: {v}' https://{h}/x\n"),
    ("argv", "wget-password", "wget --http-user={u} --http-password={v} https://{h}/x\n"),
    ("argv", "httpie", "http -a {u}:{v} GET https://{h}/x\n"),
    ("argv", "psql-url", "psql \"postgresql://{u}:{v}@{h}/app?sslmode=require\" -c 'select 1'\n"),
    ("argv", "psql-conninfo", "psql \"host={h} user={u} password={v} dbname=app\" -c 'select 1'\n"),
    ("argv", "mongo-p", "mongodump --host {h} -u {u} -p {v} --db app\n"),
    ("argv", "mongo-uri", "mongodump --uri=\"mongodb+srv://{u}:{v}@{h}/app\" --gzip\n"),
    ("argv", "redis-pass", "redis-cli -h {h} --pass {v} ping\n"),
    ("argv", "redis-url", "redis-cli -u redis://default:{v}@{h}:6379 ping\n"),
    ("argv", "ldapsearch", "ldapsearch -x -H ldap://{h} -D cn={u},dc=x -w {v} -b dc=x\n"),
    ("argv", "smbclient", "smbclient //{h}/share -U {u}%{v} -c ls\n"),
    ("argv", "mount-cifs", "mount -t cifs //{h}/s /mnt -o username={u},password={v},vers=3.0\n"),
    ("argv", "sqlcmd", "sqlcmd -S {h} -U {u} -P {v} -Q 'select 1'\n"),
    ("argv", "sqlplus", "sqlplus {u}/{v}@{h}:1521/XE @x.sql\n"),
    ("argv", "mosquitto", "mosquitto_pub -h {h} -u {u} -P {v} -t x -m y\n"),
    ("argv", "ipmitool", "ipmitool -I lanplus -H {h} -U {u} -P {v} power status\n"),
    ("argv", "nmcli", "nmcli device wifi connect corp password {v}\n"),
    ("argv", "lftp", "lftp -u {u},{v} {h}\n"),
    ("argv", "keytool", "keytool -list -keystore k.jks -storepass {v} -alias x\n"),
    ("argv", "keychain-unlock", "security unlock-keychain -p {v} login.keychain\n"),
    ("argv", "keychain-add", "security add-generic-password -a {u} -s svc -w {v}\n"),
    ("argv", "vault-login", "vault login {v}\n"),
    ("argv", "vault-kv", "vault kv put secret/app password={v} user={u}\n"),
    ("argv", "etcdctl", "etcdctl --endpoints={h} --user root:{v} get x\n"),
    ("argv", "rabbitmqctl", "rabbitmqctl add_user {u} {v}\n"),
    ("argv", "mc-alias", "mc alias set prod https://{h} {x} {v}\n"),
    ("argv", "kubectl-token", "kubectl --token={v} get pods -n prod\n"),
    ("argv", "kubectl-token-space", "kubectl --token {v} get pods -n prod\n"),
    ("argv", "helm-login", "helm registry login {h} -u {u} -p {v}\n"),
    ("argv", "twine", "twine upload -u {u} -p {v} dist/x.whl\n"),
    ("argv", "npm-set", "npm config set //{h}/:_authToken {v}\n"),
    ("argv", "npm-set-eq", "npm config set //{h}/:_authToken={v}\n"),
    ("argv", "git-clone", "git clone https://oauth2:{v}@{h}/a/b.git\n"),
    ("argv", "git-header", "git -c http.extraheader='AUTHORIZATION: bearer {v}' fetch origin\n"),
    ("argv", "java-D", "java -Dspring.datasource.password={v} -Xmx1g -jar app.jar\n"),
    ("argv", "java-trust", "java -Djavax.net.ssl.trustStorePassword={v} -jar app.jar\n"),
    ("argv", "influx", "influx -host {h} -username {u} -password {v} -database x\n"),
    ("argv", "rclone-flag", "rclone copy a b --sftp-pass {v} --transfers 4\n"),
    ("argv", "duplicity", "PASSPHRASE={v} duplicity /a file:///b\n"),
    ("argv", "net-user", "net user {u} {v} /add\n"),
    ("argv", "cmdkey", "cmdkey /add:{h} /user:{u} /pass:{v}\n"),
    ("argv", "expect", "expect \"assword:\"\nsend \"{v}\\r\"\ninteract\n"),
    ("argv", "ssh-proxy", "ssh {u}@{h} 'mysql -u root -p{v} -e \"show tables\"'\n"),
    ("argv", "podman-exec", "podman exec -it db mysql -uroot -p{v} app\n"),
    ("argv", "podman-secret-pipe", "printf '{v}' | podman secret create db_pw -\n"),
    ("argv", "ps-mysql", "mysql     812  0.1 mysqld --defaults-file=x\nroot      900  0.0 mysql -u root -p{v} app\n"),
    ("argv", "json-healthcheck", '[{{"Config": {{"Healthcheck": {{"Test": ["CMD", "mysqladmin", "ping", "-uroot", "-p{v}"]}}}}}}]', "podman"),
    ("argv", "json-cmd-mysql", '[{{"Config": {{"Cmd": ["mysql", "-h", "{h}", "-p{v}"]}}}}]', "podman"),
    ("argv", "json-createcommand", '[{{"Config": {{"CreateCommand": ["podman", "run", "--env", "PW_TOKEN={v}", "-d", "img"]}}}}]', "podman"),
    ("argv", "plist-args", "<key>ProgramArguments</key>\n<array>\n<string>/bin/x</string>\n<string>--password</string>\n<string>{v}</string>\n<string>--port</string>\n</array>\n"),
    ("argv", "crontab", "*/5 * * * * {u} curl -fsS -u {u}:{v} https://{h}/ping\n"),
    ("argv", "audit-execve", "type=EXECVE msg=audit(1700000000.1:7): argc=4 a0=\"mysql\" a1=\"-uroot\" a2=\"-p{v}\" a3=\"app\"\n"),
    ("argv", "sudo-log", "sudo: {u} : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/usr/bin/mysql -p{v} app\n"),
    # HTTP
    ("http", "aws-sigv4", "Authorization: AWS4-HMAC-SHA256 Credential=AKIA{up16}/20261124/eu/s3/aws4_request, SignedHeaders=host, Signature={hex64}\r\n"),
    ("http", "amz-token", "x-amz-security-token: {b120}\r\nhost: {h}\r\n"),
    ("http", "presigned", "https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=300&X-Amz-Signature={hex64}\n"),
    ("http", "gcs-signed", "https://storage.googleapis.com/b/k?GoogleAccessId=x&Expires=1700000000&Signature={b64url}\n"),
    ("http", "cookie-many", "cookie: _ga=GA1.2.{v}; sessionid={v}; csrftoken={v}\r\naccept: x/y\r\n"),
    ("http", "set-cookie-json", '{{"headers": {{"set-cookie": ["sid={v}; Path=/; HttpOnly"], "server": "nginx"}}}}', "json"),
    ("http", "set-cookie-lower", "< set-cookie: JSESSIONID={v}; Path=/; Secure; HttpOnly\n< server: nginx\n"),
    ("http", "raw-headers", '{{"rawHeaders": ["Host", "{h}", "Authorization", "Bearer {v}", "Accept", "x/y"]}}', "json"),
    ("http", "har", '{{"request": {{"headers": [{{"name": "Authorization", "value": "Bearer {v}"}}, {{"name": "Accept", "value": "x/y"}}]}}}}', "json"),
    ("http", "axios", "headers: {{ Authorization: 'Bearer {v}', Accept: 'x/y' }}\n"),
    ("http", "requests", "headers={{'X-API-KEY': '{v}', 'Accept': 'x/y'}}\n"),
    ("http", "grpc", "metadata: authorization=Bearer {v} grpc-timeout=1S\n"),
    ("http", "authorization-bare", "Authorization: {v}\r\nAccept: x/y\r\n"),
    ("http", "authorization-quoted", "authorization=\"Bearer {v}\" path=/x status=200\n"),
    ("http", "proxy-auth", "Proxy-Authorization: Basic {b24}\r\nHost: {h}\r\n"),
    ("http", "www-basic", "CONNECT {h}:443 HTTP/1.1\r\nProxy-Authorization: basic {b24}\r\n\r\n"),
    ("http", "websocket", "Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.{jwt}, v4.channel.k8s.io\r\n"),
    ("http", "jwt-cookie", "Cookie: auth={jwt}\r\nAccept: x/y\r\n"),
    ("http", "jwt-log", "verified {jwt} for {u}\n"),
    ("http", "jwt-query", "GET /x?jwt={jwt}&n=1 HTTP/1.1\n"),
    ("http", "gitlab-token", "X-Gitlab-Token: {v}\r\nAccept: x/y\r\n"),
    ("http", "apikey-header", "apikey: {v}\r\nAccept: x/y\r\n"),
    # URLs
    ("url", "ipv6", "redis://:{v}@[fe80::1]:6379/0\n"),
    ("url", "amqp", "amqps://{u}:{v}@{h}:5671/%2f?heartbeat=30\n"),
    ("url", "smtp", "smtp://{u}%40corp.com:{v}@{h}:587\n"),
    ("url", "sentry", "https://{hex32}:{v}@{h}/7\n"),
    ("url", "ldap", "ldap://cn=admin,dc=x:{v}@{h}\n"),
    ("url", "sqlalchemy", "postgresql+psycopg2://{u}:{v}@{h}/app\n"),
    ("url", "git-push", "To https://{u}:{v}@{h}/a/b.git\n   a1b2c3d..e4f5a6b  main -> main\n"),
    ("url", "slack-hook", "posting to https://hooks.slack.com/services/T{up8}/B{up8}/{a24} now\n"),
    ("url", "discord-hook", "https://discord.com/api/webhooks/{d18}/{a68}\n"),
    ("url", "telegram-api", "https://api.telegram.org/bot{d10}:AA{a33}/sendMessage\n"),
    ("url", "go-dsn-params", "{u}:{v}@tcp({h}:3306)/app?parseTime=true&loc=UTC\n"),
    ("url", "go-dsn-plain", "dsn: {u}:{v}@/app?charset=utf8\n"),
    ("url", "jdbc-mysql", "jdbc:mysql://{h}:3306/app?user={u}&password={v}&useSSL=true\n"),
    ("url", "jdbc-sqlserver", "jdbc:sqlserver://{h}:1433;databaseName=app;user={u};password={v};encrypt=true\n"),
    ("url", "odbc", "Driver={{ODBC Driver 18}};Server={h};UID={u};PWD={v};Encrypt=yes\n"),
    ("url", "proxy-apt", "Acquire::http::Proxy \"http://{u}:{v}@{h}:3128/\";\n"),
    ("url", "wget-log", "--2026-11-24 06:50:03--  https://{u}:*password*@{h}/x\nproxy http://{u}:{v}@{h}:3128\n"),
    ("url", "otpauth", "otpauth://totp/Corp:{u}?secret={b32up}&issuer=Corp\n"),
    ("url", "x-token-auth", "https://x-token-auth:{v}@bitbucket.org/a/b.git\n"),
    # encoded
    ("encoded", "basic-in-log", "upstream sent authorization Basic {b24} to {h}\n"),
    ("encoded", "base64-env", "config={envb64} loaded\n"),
    ("encoded", "base64-yaml", "data:\n  config.yaml: {yamlb64}\n"),
    ("encoded", "base64-wrapped", "content: |\n{envb64wrapped}\nnext: 1\n"),
    ("encoded", "html-entities", "&lt;password&gt;{v}&lt;/password&gt; &lt;host&gt;\n"),
    ("encoded", "json-unicode", '{{"m": "\\u003cpassword\\u003e{v}\\u003c/password\\u003e"}}\n', "jsonl"),
    ("encoded", "ansi-json", "\x1b[34m\"password\"\x1b[0m: \x1b[32m\"{v}\"\x1b[0m, \x1b[34m\"n\"\x1b[0m: 1\n"),
    ("encoded", "ansi-escaped", "\\u001b[33mpassword\\u001b[0m={v} n=1\n"),
    ("encoded", "journal-hex", "level=info msg=\"Authorization: Bearer {v}\" n=1\n"),
    # keys and hashes
    ("hash", "passwd-p", "useradd -m -p '$6$saltsalt${a86}' {u}\n"),
    ("hash", "ansible-hash", "password: \"$6$rounds=656000$saltsalt${a86}\"\nuser: {u}\n"),
    ("hash", "mysql-native", "IDENTIFIED WITH 'mysql_native_password' AS '*{HEX40}'\n"),
    ("hash", "scram", "SCRAM-SHA-256$4096:{b16}${b32}:{b32b}\n"),
    ("hash", "django-pbkdf2", "pbkdf2_sha256$260000${a22}${b32}\n"),
    ("hash", "bcrypt-json", '{{"user": "{u}", "hash": "$2b$12${a53}"}}', "json"),
    ("key-file", "wg-preshared", "wg set wg0 peer x preshared-key /etc/wg/psk\nPresharedKey = {b32}\n"),
    ("key-file", "ssh-keyfile-log", "debug1: -----BEGIN OPENSSH PRIVATE KEY-----\\n{b120}\\n-----END OPENSSH PRIVATE KEY-----\n"),
    ("key-file", "age-file", "# created: 2026-11-24T06:50:03Z\n# public key: age1{l58}\nAGE-SECRET-KEY-1{b32up58}\n"),
    ("key-file", "nix-secret", "cache.example.org-1:{b64}\n"),
    ("key-file", "jwk", '{{"kty":"oct","kid":"1","k":"{v}","alg":"HS256"}}', "json"),
    ("key-file", "jwk-rsa", '{{"kty":"RSA","n":"{b64url}","e":"AQAB","d":"{b120url}"}}', "json"),
    ("key-file", "putty", "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: {u}\nPrivate-Lines: 1\n{b36}\nPrivate-MAC: {hex64}\n"),
    ("seed", "mnemonic", "mnemonic: legal winner thank year wave sausage worth useful legal winner thank {word}\n"),
    ("seed", "totp-uri-encoded", "img=otpauth%3A%2F%2Ftotp%2FCorp%3A{u}%3Fsecret%3D{b32up}%26issuer%3DCorp\n"),
]

BENIGN = [
    "password:  16 bytes", "token:     1024 bytes", "      + password = (sensitive value)", "      + arn      = (known after apply)", "secrets:\n  - db_password\n  - app-db-credentials-prod",
    # met by somebody who had not seen the rules
    "PW=\"${PW:?it is missing}\"", "-v /run/secrets:/run/secrets:ro --mount type=secret,id=npm", "usage: app [--password PASSWORD] [--token TOKEN] [-p PORT]", "  --password VALUE   the password to use",
    "--- PASS: TestPassword/empty_secret (0.01s)", "PASS src/app1.test.js", "at com.x.PasswordEncoder.encode(PasswordEncoder.java:33)", "SET password_encryption = 'scram-sha-256';",
    "expected \"-----BEGIN PRIVATE KEY-----\" but found nothing", "app:v1-2@sha256:0123 npm:string-width2@4.2.0", "alias npm:foo-bar2@1.2.3", "mailto:ops2@example.org", "INSERT INTO t (id, name) VALUES (1, 'Zk3LmN0p');",
    "AUTH LOGIN CRAM-MD5", "250-AUTH PLAIN LOGIN SCRAM-SHA-256", "a1 LOGIN failed for bob2", "send \"show version 12\\r\"", "click on >next2", "BUNDLE_PATH: \"vendor/bundle\"", "BUNDLE_BUILD__NOKOGIRI: \"--use-system-libraries\"",
    "Access-Control-Allow-Headers: Authorization, X-Api-Key, Cookie", "[\"Authorization\", \"X-Api-Key\", \"Cookie\"]", "{\"d\": \"M10 10h5v5z10v20\", \"p\": \"1\", \"q\": \"search for words\", \"k\": \"v\"}",
    "region eu-us1 zone us-east-1", "chpasswd: list of users", "Private-Lines: none",
    # ids and digests
    "sha256:{hex64}", "{hex64}  ./file.tar.gz", "{hex40} refs/heads/main", "index {hex7}..{hex7b} 100644", "Id: {uuid}", "machine-id {hex32}", "boot_id={uuid}",
    "_BOOT_ID={hex32} _MACHINE_ID={hex32b} _PID=812", "__CURSOR=s={hex32};i=1a2b;b={hex32b};m=3f2a1b;t=6051f2e3a4b5c;x=1122334455667788", "INVOCATION_ID={hex32}",
    "container={hex64} image={hex64b} name=app", "Container {hex12} started", "conmon {hex20} <nwarn>: x", "overlay/{hex64}/merged", "libpod-{hex64}.scope: Deactivated successfully.",
    "/var/lib/containers/storage/overlay-containers/{hex64}/userdata", "quay.io/a/b@sha256:{hex64}", "localhost/app:1.2.3-rc1", "Digest: sha256:{hex64}", "etag: W/\"{hex32}\"",
    "/nix/store/{nix}-openssl-3.0.14/lib/libssl.so.3", "/nix/store/{nix}-app.drv", "sha256-{b32}", "narHash = \"sha256-{b32}\";", "\"integrity\": \"sha512-{b64}\",", "cargo checksum = \"{hex64}\"",
    "h1:{b32}", "github.com/a/b v1.2.3/go.mod h1:{b32}", "go.sum: golang.org/x/crypto v0.17.0 h1:{b32}", "trace_id={hex32} span_id={hex16}", "traceparent: 00-{hex32}-{hex16}-01", "x-request-id={uuid}",
    "correlation-id: {uuid}", "job {uuid} finished", "MAC 52:54:00:12:34:56", "link/ether 0a:1b:2c:3d:4e:5f brd ff:ff:ff:ff:ff:ff", "inet6 fe80::5054:ff:fe12:3456/64", "fingerprint SHA256:{b32nopad}", "MD5:aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99",
    "ssh-rsa {b120} {u}@{h}", "ecdsa-sha2-nistp256 {b64} {u}@{h}", "serial number: {hex32}", "Subject Key Identifier: {hex40}", "X509v3 Authority Key Identifier", "RWQ{b40} is a minisign public key",
    "age1{l58}", "PublicKey = {b32}", "peer: {b32}", "public_key: {b32}", "keyid={hex16}", "gpg: key {HEX16}: public key imported", "gpg: using RSA key {HEX40}", "uid=1000({u}) gid=1000({u}) groups=27(sudo)",
    # words that sound like it
    "password authentication failed for user \"{u}\"", "Failed password for {u} from 10.0.0.1 port 4711 ssh2", "Accepted password for {u} from 10.0.0.1 port 4711 ssh2", "Invalid password for user {u}", "password expired for {u}", "password changed for {u}",
    "password: required", "password required for {u}", "no password supplied", "enter your password:", "Password:", "password must contain at least 12 characters", "password=", "password: \"\"", "password: null", "password: ~", "PASSWORD=<none>", "password: ********", "password=[REDACTED]",
    "password: ${DB_PASSWORD}", "password: {{{{ vault_db_password }}}}", "password: $(cat /run/secrets/db)", "password = var.db_password", "password = config.get(\"db\")", "password: !vault |", "password: env(DB_PASSWORD)", "PASSWORD_FILE=/run/secrets/db", "passwordFile = /run/keys/db",
    "_apt:*:20228:0:99999:7:::", "podman run -it --rm -v $PWD:/src -w /src img", "podman run --user 2003:2003 img", "docker run --user=app:app img", "--user=root:root", "the passphrase: they open it with age", "The Token= setting gained a value", "new option `--passwd` which uses it", "def f(token=None, password=None):", "removed from the 'passwd:' and 'group:' lines", "ConditionCredential=boot", "never the secret: env:NAME", "PASSWDLINE=$(getent passwd x)",
    "password_hash_algorithm=bcrypt", "PASSWORD_MIN_LENGTH=12", "passwordPolicy: strict", "password_reset_url=https://{h}/reset", "passwd: files systemd", "/etc/passwd", "passwd.service", "session-password: false", "hasPassword=true", "password_changed=2026-11-24",
    "token expired", "token type bearer", "invalid token", "token: invalid", "unexpected token < in JSON at position 0", "SyntaxError: Unexpected token '}}'", "tokens=4096 max_tokens=8192", "prompt_tokens: 12", "token_count=42", "tokenizer: cl100k_base", "token_endpoint=https://{h}/token", "csrf token missing", "token bucket size=100", "refresh token rotated", "access token expired for {u}", "token_ttl=3600", "nextToken: null",
    "secret \"db\" not found", "secret/db created", "secrets: [db, tls]", "secretName: tls-cert", "secretRef: db-credentials", "Secret=db,type=env", "podman secret ls", "--secret id=npm,src=.npmrc", "no secrets found", "secret key not available", "imagePullSecrets: [regcred]", "secretKeyRef: {{name: db, key: password}}", "kind: SecretStore", "secret_manager=vault", "the secrets directory is empty",
    "key=value", "key: value", "primary key (id)", "foreign key constraint fails", "key \"name\" not found", "duplicate key value violates unique constraint \"users_pkey\"", "KeyError: 'user'", "keyboard interrupt", "key_len=32", "cache_key=user:42", "partition_key=eu", "sort key: name", "host key verification failed.", "no matching host key type found", "ssh-add: key loaded", "public key: {b32}", "trusted-public-keys = a-1:{b32}", "api key missing", "apiKey: required", "apiKey is not set", "unique key idx_user", "{{\"key\": \"user-{d10}\", \"ts\": 1}}", "{{\"key\": \"systemd/user/show/x.service\"}}", "\"keys\": [\"a\", \"b\"]", "\"key\":\"com.apple.launchd.{a10}\"", "\"key\": \"file/etc/passwd\"",
    "auth: none", "auth=ok", "authentication failure; logname= uid=0 euid=0", "auth_method=password", "authenticator: PasswordAuthenticator", "authorization: denied", "Authorization failed for {u}", "author: {u}", "authorized_keys", "PAM: auth could not identify password", "auth.provider=ldap", "oauth_callback=https://{h}/cb", "authfile=/run/auth.json", "AuthMode=none", "auth_type=Basic",
    "cookie consent banner", "cookies enabled", "Set-Cookie header missing", "MIT-MAGIC-COOKIE", "cookie_domain={h}", "magic cookie mismatch", "session opened for user {u}", "session closed", "session timeout=30", "Session c1 of user {u}", "session-12.scope", "sessions=42", "session_id is required",
    "credential helper: osxkeychain", "credsStore: desktop", "credHelpers: {{gcr.io: gcloud}}", "LoadCredential=db:/etc/creds/db", "credentials not found", "no credentials provided", "ImportCredential=tty.*", "credential expired", "CREDENTIALS_DIRECTORY=/run/credentials/x.service", "GOOGLE_APPLICATION_CREDENTIALS=/etc/gcp/key.json",
    "pass=42 fail=0", "pass: 12, fail: 3", "tests passed: 42", "1 pass, 0 fail", "bypass=true", "pass through", "compass heading=270", "passes=3", "first pass done", "pass 2 of 3", "# pass 12", "PASS src/app.test.js", "bandpass=1", "Mountpoint: /mnt/pass",
    "pin: 17", "gpio pin=4", "pinned=true", "spinlock", "salt=true", "salt-minion started", "seed=42", "random seed: 1337", "seeds: [a, b]", "signature verified", "signature: valid", "sig=SIGTERM", "signal=9", "signing key: {HEX16}", "hash=md5", "hash table size=1024", "hash: {hex32}", "nonce: 17", "code=78", "code: 200", "exit code=1", "code=exited, status=78/CONFIG", "statusCode: 503", "error code: ECONNREFUSED", "csrf_enabled=true", "sid=S-1-5-21-1004336348-1177238915-682003330-512", "sid=42", "dsn=prod", "sas=false", "otp=disabled", "mnemonic=mov", "jwt: disabled", "psk: false", "pw: none",
    # URLs and paths
    "https://{h}/a/b?x=1&y=2", "https://{h}:8443/path@v1.2.3", "http://[::1]:8080/", "git@github.com:a/b.git", "ssh://git@{h}:22/a/b", "ftp://anonymous@{h}/pub", "file:///etc/passwd", "unix:///run/podman/podman.sock", "mailto:{u}@{h}", "pkg:npm/%40scope/pkg@1.2.3", "docker://quay.io/a/b:1", "oci:/var/lib/x:latest", "https://registry.npmjs.org/@types/node/-/node-20.1.0.tgz", "s3://bucket/key", "gs://bucket/key", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf", "https://sts.amazonaws.com/", "https://{h}/oauth/authorize?response_type=code&client_id=app&redirect_uri=https%3A%2F%2F{h}%2Fcb&scope=read", "image: ghcr.io/a/b:sha-{hex7}", "http://10.0.0.1:9090/metrics", "postgres://{h}:5432/app", "redis://{h}:6379/0", "amqp://guest@{h}", "/home/{u}/.ssh/id_ed25519", "/run/user/1000/podman/podman.sock", "/etc/ssl/private/key.pem", "C:\\\\Users\\\\{u}\\\\AppData", "~/.docker/config.json", "tcp://127.0.0.1:2375", "nats://{h}:4222", "user@1000.service", "getty@tty1.service", "dev-disk-by\\\\x2duuid-{uuid}.device", "app@2.1.0", "npm warn deprecated request@2.88.2",
    # times, numbers, versions, journal
    "2026-11-24T06:50:03.123456789Z", "Nov 24 06:50:03 {h} app[812]: started", "1700000000.123456", "took 1.234567s", "v20.11.1+incompatible", "6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1", "podman version 4.3.1", "192.168.1.17:443 -> 10.0.0.2:51234", "0x7ffd3c5a1b20", "pid=812 tid=140737353971456", "rss=183604KiB", "Memory: 12.3M (peak: 45.6M)", "CPU: 1.234s", "NRestarts=22138", "ExecMainStatus=78", "OOMScoreAdjust=200", "LimitNOFILE=1048576", "ActiveEnterTimestampMonotonic=8123456789", "Main PID: 812 (code=exited, status=78)", "oci runtime error: container_linux.go:380: starting container process caused: exec: \"app\": executable file not found in $PATH",
    "level=error msg=\"Error: unable to pull quay.io/a/b:1: 401 unauthorized\"", "Error: initializing source docker://quay.io/a/b:1: reading manifest 1 in quay.io/a/b: unauthorized: access to the requested resource is not authorized", "error getting credentials - err: exec: \"docker-credential-gcloud\": executable file not found in $PATH, out: ``", "WARN[0000] failed to find cred helper osxkeychain", "Trying to pull quay.io/a/b:1...", "Getting image source signatures", "Copying blob {hex12} done", "Storing signatures", "time=\"2026-11-24T06:50:03Z\" level=warning msg=\"x\"", "launchd[1]: Service exited with abnormal code: 78", "last exit code = 78: EX_CONFIG", "gui/501/org.example.app = {{", "spawn type = daemon (3)", "properties = keepalive | runatload | inferred program", "kernel: audit: type=1400 audit(1700000000.123:45): apparmor=\"DENIED\" operation=\"open\"", "traps: app[812] general protection fault ip:7f1a2b3c4d5e sp:7ffd0a1b2c3d error:0",
    "data:image/png;base64,{b120}", "url(data:font/woff2;base64,{b120})", "Content-Security-Policy: script-src 'nonce-{b16}'", "sourceMappingURL=data:application/json;base64,{mapb64}", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"", "Basic auth is off", "basic types: int, str", "bearer token required", "Bearer realm=\"x\",service=\"y\",scope=\"repository:a/b:pull\"", "WWW-Authenticate: Basic realm=\"corp\"", "Www-Authenticate: Bearer realm=\"https://{h}/v2/auth\",service=\"{h}\"",
    "sk-learn", "sk_live", "xoxb", "ghp_", "AKIA", "SKU: SK1234", "hf_transfer enabled", "npm_lifecycle_event=start", "npm_package_version=1.2.3", "glpat is a prefix", "dop_v1", "pypi-server", "key-value store", "key-exchange: curve25519", "SG.1", "r8_block", "rk_number=3", "pk_users_id", "lin_api", "ATTACH", "EAAC", "ya29", "s.connect()", "b.sort()", "hvs", "AIzawa",
    "ExecStart={{ path=/usr/bin/podman ; argv[]=/usr/bin/podman run -p 8080:80 --name app img ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }}", "podman run -d -p 127.0.0.1:8080:80 -v /a:/b:Z -u 1000:1000 img", "docker run -u 1000:1000 -p 80:80 img", "ssh -p 2222 -i ~/.ssh/id {u}@{h}", "rsync -avzP a/ {h}:b/", "cp -p a b", "mkdir -p /a/b/c", "psql -U {u} -p 5432 app", "mysql -u {u} -p app", "ps -p 812 -o pid,cmd", "nc -u {h} 514", "curl -u {u} https://{h}/", "curl -o out -L https://{h}/x", "tar -cpf x.tar dir", "sort -u -k2 file", "git push -u origin main", "pip install -U pip", "python -u app.py", "journalctl -u app.service -p err", "date -u", "id -u {u}", "nft -a list ruleset", "redis-cli -p 6379 -h {h} ping", "zip -r out.zip dir", "kubectl apply -k overlays/prod", "openssl x509 -in c.pem -noout -subject", "openssl enc -aes-256-cbc -pass file:/run/k -in a", "gpg --passphrase-file /run/k -d x.gpg", "ansible-playbook --ask-become-pass site.yml", "vault login -method=oidc", "echo done | tee log", "echo hello | sudo tee /etc/x", "net user", "mc alias list", "login: {u}", "last login: Tue Nov 24", "user {u} logged in", "unable to login to {h}", "login failed for {u}", "podman login quay.io", "echo -n x | sha256sum", "mount -o rw,noatime /dev/sda1 /mnt", "set -euo pipefail", "set -o vi", "ENV LANG C.UTF-8", "send \"hello\\\\r\"",
]

ALNUM = string.ascii_letters + string.digits
NIX = "0123456789abcdfghijklmnpqrsvwxyz"
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def b64(r, n, url=False):
    s = (base64.urlsafe_b64encode if url else base64.b64encode)(r.randbytes(n)).decode()
    return s.rstrip("=") if url else s


def secret(r, simple):
    """What people and machines choose: always with something of its own in it, so that finding it is no chance."""
    kinds = [lambda: simple(), lambda: r.choice(["Sommer", "dragon", "Passw0rd", "winter"]) + str(r.randrange(100, 99999)) + r.choice("!_.-x"),
             lambda: "".join(r.choice("0123456789abcdef") for _ in range(r.choice([32, 40]))), lambda: "-".join("".join(r.choice("0123456789abcdef") for _ in range(k)) for k in (8, 4, 4, 4, 12)),
             lambda: "".join(r.choice(ALNUM + "!#*+-._~^") for _ in range(16)) + "k9"]
    return r.choice(kinds)()


def values(r, simple, jwt):
    hexs = lambda n: "".join(r.choice("0123456789abcdef") for _ in range(n))
    al = lambda n: "".join(r.choice(ALNUM) for _ in range(n))
    up = lambda n: "".join(r.choice(string.ascii_uppercase + "234567") for _ in range(n))
    uuid = lambda: "-".join(hexs(k) for k in (8, 4, 4, 4, 12))
    v = secret(r, simple)
    env = "A=1\nDB_PASSWORD=%s\nMODE=production\nHOME=/root\n" % v
    e = base64.b64encode(env.encode()).decode()
    d = {
        "v": v, "u": r.choice(["alice", "deploy", "svc-node", "app_rw"]), "h": r.choice(["db.example.com", "git.corp.example", "registry.example.net"]), "x": "node-" + str(r.randrange(10, 99)),
        "b16": b64(r, 16), "b18": b64(r, 18), "b24": base64.b64encode(("deploy:" + v).encode()).decode(), "b30": b64(r, 30), "b32": b64(r, 32), "b32b": b64(r, 32), "b32nopad": b64(r, 32).rstrip("="),
        "b36": b64(r, 36), "b40": b64(r, 42), "b64": b64(r, 64), "b120": b64(r, 120), "b64url": b64(r, 64, True), "b120url": b64(r, 120, True), "up8": up(8), "up16": up(16), "b32up": "".join(r.choice(BASE32) for _ in range(32)),
        "b32up58": "".join(r.choice("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L") for _ in range(58)), "l58": "".join(r.choice("qpzry9x8gf2tvdw0s3jn54khce6mua7l") for _ in range(58)),
        "a10": al(10), "a22": al(22), "a24": al(24), "a33": al(33), "a30": al(30), "a40": al(40), "a43": al(43), "a53": al(53), "a68": al(68), "a86": al(86), "d10": str(r.randrange(10**9, 10**10)), "d18": str(r.randrange(10**17, 10**18)),
        "hex7": hexs(7), "hex7b": hexs(7), "hex12": hexs(12), "hex16": hexs(16), "hex20": hexs(20), "hex32": hexs(32), "hex32b": hexs(32), "hex40": hexs(40), "hex48": hexs(48), "hex64": hexs(64), "hex64b": hexs(64),
        "HEX16": hexs(16).upper(), "HEX40": hexs(40).upper(), "uuid": uuid(), "uuid2": uuid(), "nix": "".join(r.choice(NIX) for _ in range(32)), "jwt": jwt(), "word": r.choice(["yellow", "zebra"]),
        "dockerb64": base64.b64encode(json.dumps({"auths": {"quay.io": {"auth": base64.b64encode(("deploy:" + v).encode()).decode()}}}).encode()).decode(),
        "envb64": e, "envb64wrapped": "\n".join("  " + e[i:i + 60] for i in range(0, len(e), 60)), "yamlb64": base64.b64encode(("db:\n  password: %s\n  port: 80\n" % v).encode()).decode(),
        "mapb64": base64.b64encode(b'{"version":3,"sources":["a.js"],"names":[],"mappings":"AAAA,SAAS"}').decode(),
    }
    return d


SECRET = re.compile(r"\{(v|b\w+|jwt|hex\w+|HEX\w+|a\d+|envb64\w*|yamlb64|dockerb64|word|uuid\w*)\}")
# in which templates what is not {v} is the secret
OPAQUE = ("b16", "b18", "b24", "b30", "b32", "b32up", "b32up58", "b36", "b64", "b64url", "b120", "b120url", "jwt", "hex32", "hex48", "hex64", "HEX40", "a22", "a24", "a33", "a30", "a40", "a43", "b32b", "hex32b", "a53", "a68", "a86", "dockerb64", "envb64", "envb64wrapped", "yamlb64", "word")
# of these fields only some are secrets, where several stand together
NOT_SECRET = {"sentry": ("hex32",), "jwk-rsa": ("b64url",), "putty": (), "vault-agent": (), "mnemonic": (), "azure-json": (), "scram": ("b16",), "django-pbkdf2": ("a22",)}


def fill(template, d):
    """{name} for the names of d; {{ and }} are braces; everything else stands for itself."""
    return re.sub(r"\{\{|\}\}|\{(\w+)\}", lambda m: m[0][0] if m[0] in ("{{", "}}") else d.get(m[1], m[0]), template)


# where the secret is more than {v}: a key's armour, a URL of seeds, a header's parameters, a manifest of kind Secret
WHOLE = ("show-quoted", "xml-words", "xml-cdata-words", "form-data-words", "pem-colours", "pem-entities", "pem-json-lines", "pem-folded", "openvpn-static",
         "mnemonic", "wget-log", "otpauth", "totp-uri-encoded", "ssh-keyfile-log", "aws-sigv4", "k8s-stringData", "yarnrc-ident", "set-cookie-json")


def cases(r, simple, jwt, case):
    for row in TEMPLATES:
        cls, ctx, template = row[:3]
        payload = row[3] if len(row) > 3 else "text"
        canonical, ctx = ctx.endswith("*"), ctx.rstrip("*")
        d = values(r, simple, jwt)
        if payload in ("json", "podman", "jsonl") and '"' in d["v"]:
            continue
        text = fill(template, d)
        names = [n for n in SECRET.findall(template) if n == "v" or (n in OPAQUE and n not in NOT_SECRET.get(ctx, ()))]
        secrets = [d[n] for n in dict.fromkeys(names)]
        if ctx == "base64-wrapped":
            secrets = [l for l in d["envb64wrapped"].replace(" ", "").split("\n") if len(l) > 8]
        if ctx == "mnemonic":
            secrets = ["winner thank year wave"]
        # words that do not touch a secret, and the harmless values
        keep = []
        pieces = re.split(r"\{(\w+)\}", template)
        for i in range(0, len(pieces), 2):
            words = pieces[i].replace("{{", "{").replace("}}", "}").split(" ")
            lo = 1 if i else 0
            hi = len(words) - (1 if i + 1 < len(pieces) else 0)
            keep += [w.strip("\n") for w in words[lo:hi] if len(w.strip("\n")) > 2 and "\n" not in w.strip("\n")]
        keep += [d[n] for n in ("u", "h", "x") if "{%s}" % n in template]
        js = payload in ("json", "jsonl", "podman")
        case("wild-" + cls, ctx, text, secrets, [] if ctx in WHOLE else keep, payload=payload, canonical=canonical, js=js,
             lines=ctx not in ("putty", "yaml-block"))


def benign(r, simple, jwt, case):
    for t in BENIGN:
        text = fill(t, values(r, simple, jwt)) + "\n"
        case("wild-benign", t[:28], text, [], [text])
    # and in the places where such lines stand
    for t in r.sample(BENIGN, 60):
        text = fill(t, values(r, simple, jwt))
        line = json.dumps({"MESSAGE": text, "PRIORITY": "6", "_PID": "812"}) + "\n"
        case("wild-benign-json", t[:28], line, [], [line], payload="jsonl", js=True)
        line = "Nov 24 06:50:03 host app[812]: " + text + "\n"
        case("wild-benign-syslog", t[:28], line, [], [line])


def samples(case):
    """What real hosts printed, as text and as what it is: nothing in it is secret, so every byte stays."""
    top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "samples")
    for where, _, names in sorted(os.walk(top)):
        for name in sorted(names):
            data = open(os.path.join(where, name), "rb").read()
            folder = os.path.basename(where)
            js = name.endswith(".json")
            payloads = {"launchd": "launchctl", "podman": "podman" if js else "text", "generated": "plist" if name.endswith(".plist") else "script" if name == "run" else "unit"}
            for payload in {"text", payloads.get(folder, "text")}:
                case("sample-" + folder, name, data, [], [data], payload=payload, js=js and payload == "podman")
