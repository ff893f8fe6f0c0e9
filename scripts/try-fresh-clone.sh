#!/usr/bin/env bash
# Starts Switchboard as somebody does who has just cloned it, in every place that has been a trap: prints the seconds
# from `npm start` until it serves, and fails where it does not serve, or leaves a Postgres behind.
#
#   scripts/try-fresh-clone.sh [commit]     what is committed, not what lies in this folder
set -uo pipefail

if [ "${1:-}" = --help ]; then sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0; fi
source_folder=$(cd "$(dirname "$0")/.." && pwd)
commit=$(git -C "$source_folder" rev-parse "${1:-HEAD}")
work=$(mktemp -d)
chmod 755 "$work"
# What this machine has set for itself must not configure the server.
unset PORT HOST DATABASE_URL DATA_DIR NODE_ENV JWT_SECRET
failures=0
leader=
leaders=
folder=
owner=

clone() { # <folder>
  git clone --quiet "$source_folder" "$1" && git -C "$1" checkout --quiet "$commit"
}

as_owner() { # <command…>, in a process group of its own, as a terminal starts it
  if [ -n "$owner" ]; then
    exec setsid setpriv --reuid "$owner" --regid "$owner" --clear-groups env HOME="$(dirname "$folder")" "$@"
  else
    exec setsid "$@"
  fi
}

postgres_pids() {
  local cluster; cluster=$(readlink -f "$folder/.data/postgres" 2>/dev/null) || return 0
  local pid
  for pid in $(pgrep -x postgres); do
    [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$cluster" ] && echo "$pid"
  done
  return 0
}

seconds_since() { awk -v from="$1" -v to="$(date +%s.%N)" 'BEGIN { printf "%.1f", to - from }'; }
report() { printf '%-5s %-62s %s\n' "$1" "$2" "$3"; }
wrong() { report FAIL "$1" "$2"; failures=$((failures + 1)); tail -15 "$folder/../start.log" | sed 's/^/        /'; }

# Starts it and waits until it serves: start <title> [variable=value…]
start() {
  local title=$1 from port deadline; shift
  from=$(date +%s.%N)
  ( cd "$folder" && as_owner env "$@" npm start ) >"$folder/../start.log" 2>&1 &
  leader=$! leaders="$leaders $!"
  deadline=$((SECONDS + 120))
  while [ $SECONDS -lt $deadline ] && kill -0 "$leader" 2>/dev/null; do
    port=$(sed -nE 's#.*Health +http://[^ ]+:([0-9]+)/readyz.*#\1#p' "$folder/../start.log")
    if [ -n "$port" ] && curl -sf "http://127.0.0.1:$port/readyz" >/dev/null; then
      report ok "$title" "$(seconds_since "$from") s to ready"
      return 0
    fi
    sleep 0.1
  done
  wrong "$title" 'it does not serve'
  end_by_force
  return 1
}

# Ends it: finish <title> <how>, how being npm (SIGTERM to npm), group (Ctrl-C) or crash (kill -9 of everything)
finish() {
  local title=$1 how=$2 from; from=$(date +%s.%N)
  case $how in
    npm) kill -TERM "$leader" ;;
    group) kill -INT -- "-$leader" ;;
    crash) end_by_force ;;
  esac
  # npm may be gone before the server that it started.
  local deadline=$((SECONDS + 10))
  while { pgrep -g "$leader" >/dev/null || [ -n "$(postgres_pids)" ]; } && [ $SECONDS -lt $deadline ]; do sleep 0.1; done
  wait "$leader" 2>/dev/null
  local took; took=$(seconds_since "$from")
  if pgrep -g "$leader" >/dev/null || [ -n "$(postgres_pids)" ]; then
    wrong "$title" "something is left after $took s"
    end_by_force
  elif awk -v took="$took" 'BEGIN { exit took <= 5 }'; then wrong "$title" "it took $took s"
  else report ok "$title" "$took s to the end"; fi
}

# What would stand in the way of the next start.
end_by_force() {
  kill -KILL -- "-$leader" 2>/dev/null
  for pid in $(postgres_pids); do kill -KILL "$pid" 2>/dev/null; done
}

ask() { # <GraphQL>, printed as it comes
  local port; port=$(sed -nE 's#.*Health +http://[^ ]+:([0-9]+)/readyz.*#\1#p' "$folder/../start.log")
  curl -s "http://127.0.0.1:$port/graphql" -H 'content-type: application/json' -d "{\"query\":\"$1\"}"
}

install() { # <title>
  local from; from=$(date +%s.%N)
  if ( cd "$folder" && as_owner npm ci --no-audit --no-fund ) >"$folder/../start.log" 2>&1; then report ok "$1" "$(seconds_since "$from") s"
  else wrong "$1" 'npm ci failed'; fi
}

tidy() {
  for leader in $leaders; do kill -KILL -- "-$leader" 2>/dev/null; done
  for folder in "$work"/*/switchboard; do
    for pid in $(postgres_pids); do kill -KILL "$pid" 2>/dev/null; done
    # Under root the database of a closed home lies elsewhere.
    cluster=$(readlink -f "$folder/.data/postgres" 2>/dev/null) && rm -rf "$cluster" "$cluster.lock"
  done
  [ -n "${taken:-}" ] && kill "$taken" 2>/dev/null
  rm -rf "$work"
}
trap tidy EXIT

who=$(id -un)
mkdir "$work/open" && folder=$work/open/switchboard && clone "$folder" || exit 1
install "npm ci, as $who"
# Whoever has them already has taken them too.
node -e '
  const { createServer } = require("node:net");
  for (const port of [4000, 5432]) createServer().on("error", () => undefined).listen(port, "127.0.0.1");
  setInterval(() => undefined, 1e6)' & taken=$!
start "npm start, as $who, with 4000 and 5432 taken" && {
  ask 'mutation { register(input: { username: \"ana\", password: \"correct horse\" }) { user { id } } }' | grep -q '"id"' || wrong 'registering' 'was refused'
  finish 'SIGTERM to npm' npm
}
kill "$taken"; taken=
start 'npm start, a second time' && {
  ask 'mutation { login(input: { username: \"ana\", password: \"correct horse\" }) { user { id } } }' | grep -q '"id"' || wrong 'the account' 'is gone'
  finish 'Ctrl-C' group
}
start 'npm start, a third time' && finish 'kill -9 of everything' crash
start 'npm start, after kill -9 of everything' && {
  ask 'mutation { login(input: { username: \"ana\", password: \"correct horse\" }) { user { id } } }' | grep -q '"id"' || wrong 'the account' 'is gone'
  url=postgres://switchboard:$(cat "$folder/.data/postgres/switchboard-password")@127.0.0.1:$(sed -n 4p "$folder/.data/postgres/postmaster.pid")/switchboard
  first=$leader
  mkdir "$work/beside" && cp -al "$folder" "$work/beside/switchboard" && rm -rf "$work"/beside/switchboard/{.data,dist}
  folder=$work/beside/switchboard
  start 'npm start, with a DATABASE_URL' "DATABASE_URL=$url" && finish 'SIGTERM to npm' npm
  folder=$work/open/switchboard leader=$first
  finish 'Ctrl-C' group
}

if [ "$(id -u)" = 0 ]; then
  mkdir -m 700 "$work/closed" && folder=$work/closed/switchboard && clone "$folder" || exit 1
  install 'npm ci, as root, in a home of mode 0700'
  start 'npm start, as root, in a home of mode 0700' && finish 'SIGTERM to npm' npm

  owner=$(id -u nobody)
  mkdir -m 700 "$work/nobody" && folder=$work/nobody/switchboard && clone "$folder" || exit 1
  chown -R "$owner:$(id -g nobody)" "$work/nobody"
  install 'npm ci, as nobody, in a home of mode 0700'
  start 'npm start, as nobody, in a home of mode 0700' && finish 'SIGTERM to npm' npm
  start 'npm start, as nobody, a second time' && finish 'Ctrl-C' group
fi

[ "$failures" = 0 ] || echo "$failures failed"
exit "$((failures > 0))"
