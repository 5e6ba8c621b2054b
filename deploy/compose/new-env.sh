#!/bin/sh
# Write .env with new secrets for compose.yaml: new-env.sh https://ADDRESS-OF-THE-API
set -eu

if [ $# -ne 1 ]; then
    echo "usage: new-env.sh https://ADDRESS-OF-THE-API" >&2
    exit 2
fi
# Over the secrets of data that are there, nothing else may be written.
if [ -e .env ]; then
    echo ".env is there already, and its secrets belong to the data; nothing was changed" >&2
    exit 1
fi

hex() { head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

umask 077
cat > .env <<END
PRACA_PUBLIC_URL=$1
PRACA_SECRET_KEY=$(hex 32)
PRACA_ENCRYPTION_KEYS=k$(date +%Y%m):$(head -c 32 /dev/urandom | base64)
PRACA_PIX_WEBHOOK_SECRET=$(hex 32)
PRACA_METRICS_TOKEN=$(hex 24)
POSTGRES_PASSWORD=$(hex 24)
OBJECTS_SECRET=$(hex 24)
GRAFANA_PASSWORD=$(hex 16)
END
echo "written: .env; keep a copy where the backups are not"
