A=1 env -i B=2 podman run img; sudo -u x -- podman start nc &
if ! podman container exists nc; then docker pull q.io/a; fi
f() { case "$1" in run|x) podman run y ;; esac; }
cat <<-'E F'
	podman run y
	E F
id=$(podman run -d x) `docker run y` "${P:-podman}" run z
bash -lc 'podman run x'; eval "podman run y" >/dev/null 2>&1
