# shellcheck shell=bash
# shellcheck disable=SC2034  # its variables are for the scripts that read it
# What the four scripts share: where things are, who runs them, and how to see a process.
#
# Everything can be said by DEPLOY_* variables, or by lines NAME=value in etc/praca/deploy.env
# (the environment wins; CodeDeploy's agent sets none of them):
#   DEPLOY_ROOT        folder in which all of this happens; empty: the machine itself
#   DEPLOY_USER        who runs Praça; made if absent (praca)
#   DEPLOY_SUPERVISOR  systemd, or process: started here, found again by a file with its number
#   DEPLOY_UNITS       what runs on this machine ("api worker")
#   DEPLOY_STOP        drain: stop_application.sh stops, and waits for what is in flight
#                      roll: it leaves everything running, and start_application.sh has the API
#                      take up the new release one process after the other (SIGHUP)
#   DEPLOY_STOP_S      seconds that stopping may take before it is forced (120)
#   DEPLOY_START_S     seconds until /api/v1/ready must answer 200 (120)
#   DEPLOY_PYTHON      interpreter of the virtual environments (python3)
#   DEPLOY_PIP_OPTIONS more words for the installation, e.g. "--no-index --find-links wheels"
#   DEPLOY_KEEP        releases that stay on the disk (3)

say() { printf '%s: %s\n' "${0##*/}" "$*"; }

fail() {
    say "error: $*" >&2
    exit 1
}

# read_variables FILE [keep]: exports its lines NAME=value; with "keep" only what is not set yet.
# Nothing is evaluated, as systemd's EnvironmentFile evaluates nothing. No value is ever printed.
read_variables() {
    local line name number=0
    while IFS= read -r line || [ -n "$line" ]; do
        number=$((number + 1))
        case $line in '' | '#'*) continue ;; esac
        name=${line%%=*}
        [[ $line == *=* && $name =~ ^[A-Z][A-Z0-9_]*$ ]] || fail "$1: line $number is not NAME=value"
        if [ "${2-}" = keep ] && [ -n "${!name+set}" ]; then continue; fi
        export "${line?}"
    done <"$1"
}

DEPLOY_ROOT=${DEPLOY_ROOT-}
etc=$DEPLOY_ROOT/etc/praca
home=$DEPLOY_ROOT/opt/praca
data=$DEPLOY_ROOT/var/lib/praca
logs=$DEPLOY_ROOT/var/log/praca
runs=$DEPLOY_ROOT/run/praca
units=$DEPLOY_ROOT/etc/systemd/system
settings=$etc/praca.env
current=$home/current
bundle=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

if [ -f "$etc/deploy.env" ]; then read_variables "$etc/deploy.env" keep; fi
user=${DEPLOY_USER:-praca}
stop_s=${DEPLOY_STOP_S:-120}
start_s=${DEPLOY_START_S:-120}
read -ra parts <<<"${DEPLOY_UNITS:-api worker}"

if [ -n "${DEPLOY_SUPERVISOR-}" ]; then
    supervisor=$DEPLOY_SUPERVISOR
elif [ -d /run/systemd/system ]; then
    supervisor=systemd
else
    supervisor=process
fi
case $supervisor in systemd | process) ;; *) fail "DEPLOY_SUPERVISOR is systemd or process" ;; esac
case ${DEPLOY_STOP:=drain} in drain | roll) ;; *) fail "DEPLOY_STOP is drain or roll" ;; esac

# as_user COMMAND...: runs it as the user of Praça, in this environment.
as_user() {
    if [ "$(id -un)" = "$user" ]; then
        "$@"
    else
        setpriv --reuid "$user" --regid "$user" --init-groups --no-new-privs -- "$@"
    fi
}

# The one wheel of the bundle, and the folder of its release: its name and what is in it.
wheel_of_bundle() {
    local found=("$bundle"/wheels/praca-*.whl)
    [ "${#found[@]}" = 1 ] && [ -f "${found[0]}" ] || fail "one wheel is needed: wheels/praca-*.whl"
    printf '%s\n' "${found[0]}"
}

release_of_bundle() {
    local wheel name sum
    wheel=$(wheel_of_bundle)
    name=${wheel##*/praca-}
    sum=$(sha256sum "$wheel")
    printf '%s/releases/%s-%s\n' "$home" "${name%%-*}" "${sum:0:12}"
}

# number_of PART: prints the number of its process, if it runs.
number_of() {
    local number
    number=$(cat "$runs/$1.pid" 2>/dev/null) || return 1
    # The number may have been given to another process since.
    tr '\0' ' ' 2>/dev/null <"/proc/$number/cmdline" | grep -q -- "-m praca $1 " || return 1
    # One that has ended and was not collected has no command line; one that ends still has.
    printf '%s\n' "$number"
}

is_running() {
    if [ "$supervisor" = systemd ]; then
        systemctl is-active --quiet "praca-$1"
    else
        number_of "$1" >/dev/null
    fi
}

# stop_parts PART...: SIGTERM to all, then waits; each finishes what it has in hand.
stop_parts() {
    local part number known=() deadline=$((SECONDS + stop_s))
    if [ "$supervisor" = systemd ]; then
        for part in "$@"; do
            # Before the first installation there is no unit, and nothing to stop.
            if systemctl cat "praca-$part" >/dev/null 2>&1; then known+=("praca-$part"); fi
        done
        [ "${#known[@]}" = 0 ] || systemctl stop "${known[@]}" # waits for TimeoutStopSec
        return
    fi
    for part in "$@"; do
        if number=$(number_of "$part"); then kill -TERM "$number" 2>/dev/null || true; fi
    done
    for part in "$@"; do
        while number=$(number_of "$part"); do
            if [ "$SECONDS" -ge "$deadline" ]; then
                say "$part did not end within ${stop_s} s: killed" >&2
                kill -KILL -- "-$number" 2>/dev/null || true
            fi
            sleep 0.1
        done
        rm -f "$runs/$part.pid"
    done
}
