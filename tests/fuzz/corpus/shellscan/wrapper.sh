#! /nix/store/abc-bash-5.2/bin/bash -e
export PATH='/nix/store/x/bin'${PATH:+':'}$PATH
exec -a "$0" /nix/store/9z-podman-4.9/bin/podman \
  run --rm --name node-commander -e FOO="a b" -it --pull always \
  us-docker.pkg.dev/p/r/node-commander:dev-boot "$@"
