#!/usr/bin/env bash
# Installs the bundle's wheel into a virtual environment of its own, writes settings where there
# are none, and migrates the database. What runs goes on running, on the release it was started
# with: migrations are such that both can work (docs/howto/upgrade.md).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# install_release FOLDER: all of it or nothing; what an earlier run left half-made is made anew.
install_release() {
    local release=$1 python=${DEPLOY_PYTHON:-python3} wheel more=() pins=()
    if [ -e "$release/.installed" ]; then
        say "${release##*/} is installed"
        return
    fi
    rm -rf "$release"
    wheel=$(wheel_of_bundle)
    read -ra more <<<"${DEPLOY_PIP_OPTIONS-}"
    # The versions that were tested, if the bundle brings them: uv export --no-emit-project.
    if [ -f "$bundle/requirements.txt" ]; then pins=(--constraint "$bundle/requirements.txt"); fi
    if command -v uv >/dev/null; then
        uv venv --quiet --no-config --python "$python" "$release"
        uv pip install --quiet --no-config --python "$release/bin/python" "${more[@]}" \
            "${pins[@]}" "$wheel"
    else
        "$python" -m venv "$release"
        "$release/bin/python" -m pip install --quiet "${more[@]}" "${pins[@]}" "$wheel"
    fi
    touch "$release/.installed"
    say "installed ${release##*/}"
}

# The first time only: secrets that nobody else has. Whoever has a server of his own for the
# database or the files adds its address here; nothing of this file is ever overwritten.
write_settings() {
    [ -e "$settings" ] && return
    local draft=$settings.draft
    (
        umask 077
        # No traceback, should it fail, and no secret among the arguments of a process.
        "$1/bin/python" - "$data" >"$draft" <<'PYTHON'
import base64, os, secrets, sys

print("# Settings of Praça: NAME=value, without quotes; docs/reference/settings.md explains each.")
print("# Keep a copy elsewhere: without these keys nobody reads the documents again.")
print("PRACA_ENV=production")
print(f"PRACA_DATA_DIR={sys.argv[1]}")
print("PRACA_HOST=127.0.0.1")
print("PRACA_PORT=8000")
print(f"PRACA_SECRET_KEY={secrets.token_urlsafe(48)}")
print(f"PRACA_ENCRYPTION_KEYS=k1:{base64.b64encode(os.urandom(32)).decode()}")
PYTHON
    )
    chgrp "$(id -gn "$user")" "$draft"
    chmod 640 "$draft"
    mv "$draft" "$settings"
    say "wrote $settings: keep a copy of it elsewhere"
}

# install_units: what systemd is to run, on the folders that this machine uses.
install_units() {
    [ "$supervisor" = systemd ] || return 0
    local unit
    install -d "$units"
    for unit in "${parts[@]}"; do
        sed -e "s|@home@|$home|g; s|@etc@|$etc|g; s|@data@|$data|g; s|@user@|$user|g" \
            "$bundle/systemd/praca-$unit.service" >"$units/praca-$unit.service"
    done
    systemctl daemon-reload
    systemctl enable --quiet "${parts[@]/#/praca-}"
}

# migrate FOLDER: with the new release, before it takes a request.
migrate() {
    read_variables "$settings"
    if (cd "$data" && as_user "$1/bin/python" -m praca migrate); then
        touch "$1/.migrated"
    elif [ -e "$1/.migrated" ]; then
        # Back to a release that ran here before: the database is newer than it knows, and it was
        # written to go on working. Whether it does, start_application.sh finds out.
        say "the database is newer than ${1##*/}, which has run here before: left as it is"
    else
        fail "the migration failed; what runs was left alone"
    fi
}

release=$(release_of_bundle)
install_release "$release"
write_settings "$release"
install_units
migrate "$release"
