#!/usr/bin/env bash
# Prints the Secrets that the manifests mount, one a daemon, from the lines of `leadctl secrets env`:
#   bin/leadctl secrets env > leadctl.env
#   deploy/kubernetes/secrets.sh leadctl.env db.example:5432/leadctl | kubectl apply -f -
# DATABASE_OWNER_URL in the environment names the owner's login, for migrate alone; LIMITS_URL and JOBS_URL there
# or in the file name other stores of counters and of jobs than PostgreSQL.
set -euo pipefail
[ $# = 2 ] || { echo "Usage: $0 ENV_FILE HOST:PORT/DATABASE" >&2; exit 2; }
ENV_FILE=$1 AT=$2

value() { sed -n "s/^$1=//p" "$ENV_FILE" | head -1; }
entry() { printf '  %s: %s\n' "$1" "$(printf %s "$2" | base64 | tr -d '\n')"; }
secret() { printf -- '---\napiVersion: v1\nkind: Secret\nmetadata: { name: leadctl-%s, namespace: leadctl }\ndata:\n' "$1"; }
own() { for name in "$@"; do entry "$name" "$(value "$name")"; done; }

secret migrate
entry DATABASE_URL "${DATABASE_OWNER_URL:-postgres://leadctl:$(value POSTGRES_PASSWORD)@$AT}"
own DATABASE_LOGIN_SECRET

for service in gateway auth client user lead product integration webhook permission hierarchy worker; do
  name=$(printf %s "$service" | tr a-z A-Z)
  secret "$service"
  entry DATABASE_URL "postgres://leadctl_$service:$(value "DATABASE_PASSWORD_$name")@$AT"
  case $service in
    gateway) own INTERNAL_SECRET JWT_SECRETS OPERATIONS_TOKEN ;;
    *) entry INTERNAL_KEY "$(value "INTERNAL_KEY_$name")" ;;
  esac
  case $service in
    auth) own JWT_SECRETS FERNET_KEYS ;;
    integration | worker) own FERNET_KEYS META_APP_SECRET ;;
    webhook) own FERNET_KEYS META_APP_SECRET META_VERIFY_TOKEN ;;
  esac
done

# Two of their own, since the services that read them go without where they are not there.
LIMITS_URL=${LIMITS_URL:-$(value LIMITS_URL)} JOBS_URL=${JOBS_URL:-$(value JOBS_URL)}
[ -z "$LIMITS_URL" ] || { secret limits; entry LIMITS_URL "$LIMITS_URL"; }
[ -z "$JOBS_URL" ] || { secret jobs; entry JOBS_URL "$JOBS_URL"; }
