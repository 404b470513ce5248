#!/usr/bin/env bash
# Installs the official packages, in the versions of the lock file, into a folder
# of their own outside of the checkout, and says where. The tests look there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
sum=$(sha256sum "$here/package-lock.json" | cut -c1-16)
to=${WIRELAB_INTEROP:-${XDG_CACHE_HOME:-$HOME/.cache}/wirelab/interop-$sum}
if [ ! -d "$to/node_modules/socket.io" ]; then
	mkdir -p "$to"
	cp "$here/package.json" "$here/package-lock.json" "$to/"
	(cd "$to" && npm ci --silent --no-audit --no-fund --ignore-scripts)
fi
echo "$to"
