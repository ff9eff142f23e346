#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Where the image is from: image import from an archive and from a real registry, what doctor says of it then; and machine start.
load lifecycle

REGISTRY=127.0.0.1:5000
ARCHIVE=/home/agent/image.tar

setup_file() {
	host_up
	"$TESTHOST" image "$HOST"
	"$TESTHOST" helper "$HOST"
	declare_agent local "{\"sourceImage\":\"$REGISTRY/node-commander:1\"}"
	# two images that are not each other, one as an archive without a name, and one on the registry
	agent sh -c "cd && podman run --name make $IMAGE /bin/sh -c 'echo 1 >/one' && podman commit -q --change 'CMD /bin/sleep infinity' make >id && podman rm make >/dev/null && podman save -q -o $ARCHIVE \$(cat id)"
	agent podman save -q -o /home/agent/tagged.tar "$IMAGE"
	registry
}
teardown_file() { host_down; }

# A registry in as many lines as it takes to serve one image: blobs and a manifest, as `podman push` would have put them there
registry() {
	agent sh -c "mkdir -p ~/r && podman save -q --format oci-dir -o ~/r/image $IMAGE"
	root sh -c 'cat >/usr/local/bin/registry' <<-'END'
		import http.server, json, os
		top = "/home/agent/r/image"
		manifest = json.load(open(f"{top}/index.json"))["manifests"][0]
		class Handler(http.server.BaseHTTPRequestHandler):
		    def do_GET(self):
		        name = self.path.rsplit("/", 1)[-1]
		        kind, digest = "application/json", None
		        if "/manifests/" in self.path:
		            kind, digest = manifest["mediaType"], manifest["digest"]
		        elif "/blobs/" in self.path:
		            kind, digest = "application/octet-stream", name
		        elif self.path != "/v2/":
		            return self.send_error(404)
		        body = open(f"{top}/blobs/{digest.replace(':', '/')}", "rb").read() if digest else b"{}"
		        self.send_response(200)
		        self.send_header("Content-Type", kind)
		        self.send_header("Content-Length", str(len(body)))
		        self.end_headers()
		        if self.command == "GET":
		            self.wfile.write(body)
		    do_HEAD = do_GET
		http.server.HTTPServer(("127.0.0.1", 5000), Handler).serve_forever()
	END
	agent sh -c "mkdir -p ~/.config/containers && printf '[[registry]]\nlocation = \"$REGISTRY\"\ninsecure = true\n' >~/.config/containers/registries.conf"
	root systemd-run --quiet --unit=registry /usr/bin/python3 /usr/local/bin/registry
	until_true 20 root sh -c "python3 -c 'import urllib.request; urllib.request.urlopen(\"http://$REGISTRY/v2/\")'"
}

image_id() { agent podman image inspect --format '{{.Id}}' "$1"; }
recorded() { jq -r "$1" "$(outside "$STATE/provenance.json")"; }

@test "image import from a registry: tagged, recorded, and said by doctor with where it is from" {
	agent podman untag "$IMAGE" "$IMAGE"
	run -0 agent sourceos-agent image import local "$REGISTRY/node-commander:1"
	[[ $output == *"$IMAGE is "*" from $REGISTRY/node-commander:1"* ]]
	[ "$(recorded .runtimeImage)" = "$IMAGE" ]
	[ "$(recorded .sourceImage)" = "$REGISTRY/node-commander:1" ]
	[ "$(recorded .imageId)" = "$(image_id "$IMAGE")" ]
	[[ $(recorded .digest) == sha256:* ]]
	[ "$(recorded .runtimeAuth) $(recorded .pullAuth)" = "empty-authfile ambient" ]
	agent sourceos-agent install local
	run agent sourceos-agent doctor local -v
	[[ $output == *"from $REGISTRY/node-commander:1, pull auth ambient"* ]]
	# a start asks no registry and no helper
	root systemctl stop registry
	agent sourceos-agent restart local
	container_runs
	[ "$(helper_runs)" -eq 0 ]
}

@test "an image that changed under the tag is a finding, on the host as in the bundle" {
	before=$(image_id "$IMAGE")
	agent sh -c "podman tag \$(cat id) $IMAGE"
	[ "$(image_id "$IMAGE")" != "$before" ]
	run -1 agent sourceos-agent doctor local
	[[ $output == *DR-07*"names another image than was imported under that name"*"imported  ${before:0:12}"* ]]
	same_from_bundle agent local
}

@test "image import from an archive: the tag moves, the history tells, doctor is content" {
	run -0 agent sourceos-agent image import local $ARCHIVE
	[[ $output == *"what runs is the old one until a restart"* ]]
	[ "$(image_id "$IMAGE")" = "$(agent cat id)" ]
	[ "$(recorded .sourceFile)" = $ARCHIVE ]
	[ "$(recorded .pullAuth)" = none ]
	agent sourceos-agent restart local
	run agent sourceos-agent doctor local
	[[ $output != *"another image"* ]]
	agent sourceos-agent history local | grep -q "$IMAGE is .* from $ARCHIVE"
}

@test "what is no archive, no reference, or not there leaves tag and record as they were" {
	before="$(image_id "$IMAGE") $(recorded .imageId)"
	agent sh -c 'echo no image >~/nonsense'
	run -5 agent sourceos-agent image import local /home/agent/nonsense
	[[ $output == *"podman load"*failed* ]]
	run -5 agent sourceos-agent image import local "$REGISTRY/nothing:1"
	[[ $output == *"podman pull"*failed* ]]
	run -2 agent sourceos-agent image import local 'no:such:thing'
	[ "$(image_id "$IMAGE") $(recorded .imageId)" = "$before" ]
}

@test "a record that cannot be written: the tag, which the archive brought itself, is moved back" {
	before="$(image_id "$IMAGE") $(recorded .imageId)"
	root chattr +i "$STATE/provenance.json" 2>/dev/null || root mount --bind -o ro "$STATE/provenance.json" "$STATE/provenance.json"
	run -5 agent sourceos-agent image import local /home/agent/tagged.tar
	[[ $output == *"tag ${before:0:12} as $IMAGE again"* ]]
	[ "$(image_id "$IMAGE") $(recorded .imageId)" = "$before" ]
}

@test "machine start: the one command that preflight names; what is not there, and what Podman says when it fails" {
	run -2 agent sourceos-agent machine start podman-machine-default
	[[ $output == *"agent has no Podman machine; run: podman machine init podman-machine-default"* ]]
	"$TESTHOST" machine "$HOST"
	run -2 agent sourceos-agent machine start local
	[[ $output == *"agent has no Podman machine local, but: podman-machine-default"* ]]
	run -2 root sourceos-agent machine start podman-machine-default
	[[ $output == *"root has no Podman machines"* ]]
	# there is no virtual machine to boot here, and what Podman says of that is passed on
	run -5 agent sourceos-agent machine start podman-machine-default
	[[ $output == *"the machine podman-machine-default did not start: "?* ]]
	"$TESTHOST" running "$HOST"
	run -0 agent sourceos-agent machine start podman-machine-default
	[ "$output" = "the machine podman-machine-default runs already" ]
}
