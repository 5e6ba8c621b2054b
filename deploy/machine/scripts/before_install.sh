#!/usr/bin/env bash
# Before a release is installed: the user, the folders, and whether this machine can take it.
# Stops nothing, and may be run as often as one likes.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

oldest_python=11    # Python 3.11
needed_kib=$((2 * 1024 * 1024))

if ! id "$user" >/dev/null 2>&1; then
    useradd --system --home-dir "$data" --shell /usr/sbin/nologin --user-group "$user"
    say "made the user $user"
fi
group=$(id -gn "$user")

install -d -m 755 "$home" "$home/releases"
install -d -m 750 -g "$group" "$etc"
install -d -m 700 -o "$user" -g "$group" "$data"
install -d -m 750 -o "$user" -g "$group" "$logs"
install -d -m 755 "$runs"

python=${DEPLOY_PYTHON:-python3}
command -v "$python" >/dev/null || fail "no $python on this machine (DEPLOY_PYTHON)"
"$python" -c "import sys; sys.exit(sys.version_info < (3, $oldest_python))" ||
    fail "$python is too old: 3.$oldest_python at least"
wheel=$(wheel_of_bundle)
free_kib=$(df --output=avail -k "$home" | tail -n 1)
[ "$free_kib" -ge "${DEPLOY_NEEDED_KIB:-$needed_kib}" ] ||
    fail "$home has $((free_kib / 1024)) MB left: $((needed_kib / 1024)) MB at least"
say "ready to install ${wheel##*/}"
