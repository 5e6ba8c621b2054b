#!/usr/bin/env bash
# Makes the installed release the current one, starts it, and waits until it can answer
# everything. What already runs on it is left running.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# At once: there is no moment without a current release.
make_current() {
    ln -sfn "$1" "$current.new"
    mv -T "$current.new" "$current"
}

start() {
    is_running "$1" && return
    if [ "$supervisor" = systemd ]; then
        systemctl start "praca-$1"
        return
    fi
    # In a session of its own: it outlives this script, and its children can be found.
    (
        cd "$data"
        read_variables "$settings"
        if [ "$(id -un)" = "$user" ]; then
            exec setsid "$current/bin/python" -m praca "$1"
        fi
        exec setsid setpriv --reuid "$user" --regid "$user" --init-groups --no-new-privs -- \
            "$current/bin/python" -m praca "$1"
    ) >>"$logs/$1.log" 2>&1 </dev/null &
    echo "$!" >"$runs/$1.pid"
    # Until the process is what its command line says, it is this script's copy.
    local number=$!
    while kill -0 "$number" 2>/dev/null && ! number_of "$1" >/dev/null; do sleep 0.05; done
}

# roll FOLDER: SIGHUP, then waits until every process of the API is of that release. One that does
# not become ready replaces nobody: the old ones go on, and the link is put back.
roll() {
    local number deadline=$((SECONDS + 2 * start_s))
    if [ "$supervisor" = systemd ]; then
        number=$(systemctl show --property MainPID --value praca-api)
    else
        number=$(number_of api)
    fi
    kill -HUP "$number"
    until is_rolled "$number" "$1"; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            if [ -n "$before" ]; then make_current "$before"; fi
            give_up "the API did not become ready: ${before##*/} goes on"
        fi
        sleep 0.2
    done
}

# is_rolled NUMBER FOLDER: all children of the process were started from that release.
is_rolled() {
    local child children command is_there=no
    read -ra children < <(cat "/proc/$1/task/"*/children | tr '\n' ' ')
    for child in "${children[@]}"; do
        command=$(tr '\0' ' ' 2>/dev/null <"/proc/$child/cmdline") || continue
        case $command in
        "$2/"*) is_there=yes ;;
        "$home/releases/"*) return 1 ;;
        esac
    done
    [ "$is_there" = yes ]
}

# answers_ready: asks /api/v1/ready as the load balancer does, without a program of its own.
answers_ready() {
    (
        read_variables "$settings"
        "$current/bin/python" -I -S - 2>/dev/null <<'PYTHON'
import http.client, os

host = os.environ.get("PRACA_HOST") or "127.0.0.1"
host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
asked = http.client.HTTPConnection(host, int(os.environ.get("PRACA_PORT") or 8000), timeout=10)
asked.request("GET", "/api/v1/ready")
raise SystemExit(asked.getresponse().status != 200)
PYTHON
    )
}

wait_until_ready() {
    local deadline=$((SECONDS + start_s))
    until answers_ready; do
        is_running api || give_up "the API ended before it was ready"
        [ "$SECONDS" -lt "$deadline" ] || give_up "the API was not ready within $start_s s"
        sleep 0.2
    done
}

give_up() {
    if [ "$supervisor" = systemd ]; then
        journalctl --unit praca-api --lines 20 --no-pager >&2 || true
    else
        tail -n 20 "$logs/api.log" >&2 || true
    fi
    fail "$1"
}

# Folders of releases that nobody goes back to.
forget_old_releases() {
    local old
    find "$home/releases" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' | sort -rn |
        tail -n "+$((${DEPLOY_KEEP:-3} + 1))" | cut -d' ' -f2- |
        while IFS= read -r old; do
            [ "$old" = "$(readlink -f "$current")" ] || rm -rf "$old"
        done
}

release=$(release_of_bundle)
[ -e "$release/.installed" ] || fail "${release##*/} is not installed: run after_install.sh first"
before=$(readlink "$current" 2>/dev/null || true)
make_current "$release"
touch "$release"
if [ "$before" != "$release" ]; then
    others=()
    for part in "${parts[@]}"; do
        if [ "$part" = api ] && is_running api; then
            if [ "$DEPLOY_STOP" = roll ]; then roll "$release"; else others+=(api); fi
        elif is_running "$part"; then
            others+=("$part")
        fi
    done
    # What stop_application.sh did not stop: it would go on with the release before.
    if [ "${#others[@]}" -gt 0 ]; then stop_parts "${others[@]}"; fi
fi
for part in "${parts[@]}"; do start "$part"; done
if [[ " ${parts[*]} " == *" api "* ]]; then wait_until_ready; fi
for part in "${parts[@]}"; do is_running "$part" || fail "$part has ended again"; done
forget_old_releases
say "${release##*/} answers"
