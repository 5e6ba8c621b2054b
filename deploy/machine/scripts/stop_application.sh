#!/usr/bin/env bash
# Stops what runs on this machine, and loses nothing by it: on SIGTERM the API goes on serving for
# PRACA_DRAIN_S, so that load balancers look elsewhere, takes no more connections, and finishes what
# is in flight within PRACA_SHUTDOWN_GRACE_S; the worker finishes its tasks, and whatever it cannot
# finish is taken up by the next one. With nothing running it does nothing.
#
# With DEPLOY_STOP=roll it leaves everything running: start_application.sh replaces the processes
# one after the other.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

if [ "$DEPLOY_STOP" = roll ] && [ "${1-}" != --now ]; then
    say "left running: the new release replaces one process after the other"
    exit 0
fi
running=()
for part in "${parts[@]}"; do
    if is_running "$part"; then running+=("$part"); fi
done
# All of them: what has ended by itself has left its number behind.
stop_parts "${parts[@]}"
if [ "${#running[@]}" = 0 ]; then say "nothing runs"; else say "stopped: ${running[*]}"; fi
