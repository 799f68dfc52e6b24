#!/usr/bin/env bash
# Two replicas on one PostgreSQL and one Redis behind a real HAProxy: both are restarted under load, one after the other,
# and every request must be answered with 200, every answered record must be in the database, every exit code must be 0.
#
#   scripts/test-rolling-restart.sh target/release/switchboard                 restart
#   scripts/test-rolling-restart.sh old/switchboard new/switchboard            upgrade from old to new
#   WORKERS=32 SETTLE_SECONDS=10 scripts/test-rolling-restart.sh BINARY
#
# Needs haproxy, PostgreSQL's programs, python3, curl and jq; Redis where it is installed. Everything runs on loopback, in
# a temporary directory that is removed at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
old=$(realpath "${1:?usage: $0 BINARY [NEW_BINARY]}")
new=$(realpath "${2:-$1}")
workers=${WORKERS:-16}
# Load before the first restart and after the last.
settle=${SETTLE_SECONDS:-5}
PATH=$PATH:/usr/sbin
# Debian's place before others: a wrapper elsewhere may come without psql.
for postgres in /usr/lib/postgresql/*/bin "$(dirname "$(command -v initdb || true)")"; do
  [[ -x $postgres/initdb && -x $postgres/psql ]] && break
  postgres=""
done
[[ -n $postgres ]] || { echo "PostgreSQL is not installed" >&2; exit 2; }

work=$(mktemp -d)
chmod 755 "$work"
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  if [[ -d $work/pg ]]; then as_postgres "$postgres/pg_ctl" -D "$work/pg/data" -m immediate stop >/dev/null 2>&1 || true; fi
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

# PostgreSQL refuses to run as root.
as_postgres() {
  if [[ $(id -u) -eq 0 ]]; then setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else "$@"; fi
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
read -r port_pg port_redis port_lb port_a port_b < <(for _ in 1 2 3 4 5; do free_port; done | xargs)

mkdir "$work/pg" && { [[ $(id -u) -ne 0 ]] || chown postgres "$work/pg"; }
(cd "$work/pg" && as_postgres "$postgres/initdb" --pgdata="$work/pg/data" --username=postgres --auth=trust >"$work/initdb.log")
(cd "$work/pg" && as_postgres "$postgres/pg_ctl" -D "$work/pg/data" -w -l "$work/pg/log" \
  -o "-p $port_pg -k $work/pg -c listen_addresses=127.0.0.1" start >/dev/null)
psql() { "$postgres/psql" -h 127.0.0.1 -p "$port_pg" -U postgres -Atq "$@"; }
psql -c 'CREATE DATABASE switchboard' postgres

redis=()
if command -v redis-server >/dev/null; then
  redis-server --port "$port_redis" --bind 127.0.0.1 --save '' --dir "$work" >"$work/redis.log" 2>&1 &
  pids+=($!)
  redis=(REDIS_URL="redis://127.0.0.1:$port_redis")
fi

key=$(head -c 32 /dev/urandom | base64)
start() { # start NAME PORT BINARY: leaves the process id in $started
  local name=$1 port=$2 binary=$3
  env -i PATH="$PATH" DATABASE_URL="postgres://postgres@127.0.0.1:$port_pg/switchboard" "${redis[@]}" \
    SWITCHBOARD_DATA_KEY="$key" SWITCHBOARD__STORE__DATA_DIR="$work/$name" SWITCHBOARD__SERVER__PORT="$port" \
    SWITCHBOARD__SERVER__TRUSTED_PROXY_HOPS=1 SWITCHBOARD__MANAGEMENT__ENABLED=false SWITCHBOARD__RATE_LIMIT__ENABLED=false \
    SWITCHBOARD__LOG__FORMAT=json RUST_LOG=warn "$binary" serve >>"$work/$name.log" 2>&1 &
  started=$!
  pids+=("$started")
}
ready() { curl -s -o /dev/null --max-time 2 -w '%{http_code}' "http://127.0.0.1:$1/api/v1/ready"; }
wait_ready() { # wait_ready PORT PID
  for _ in $(seq 300); do
    [[ $(ready "$1") == 200 ]] && return
    kill -0 "$2" 2>/dev/null || { echo "it ended:"; tail -n 5 "$work"/*.log; exit 1; }
    sleep 0.1
  done
  echo "not ready in 30 s" && tail -n 5 "$work"/*.log && exit 1
}

start a "$port_a" "$old"; pid_a=$started
start b "$port_b" "$old"; pid_b=$started
wait_ready "$port_a" "$pid_a"
wait_ready "$port_b" "$pid_b"
BIND=127.0.0.1:$port_lb REPLICA_A=127.0.0.1:$port_a REPLICA_B=127.0.0.1:$port_b haproxy -f deploy/haproxy.cfg >"$work/haproxy.log" 2>&1 &
pids+=($!)
for _ in $(seq 100); do [[ $(ready "$port_lb") == 200 ]] && break; sleep 0.1; done

# Every third message makes a record; one in two carries an Idempotency-Key, so that both kinds of retry policy are met.
cat >"$work/load.py" <<'PYTHON'
import collections, http.client, json, os, sys, threading, time, uuid

port, workers, stop = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
TEXTS = ["What are your opening hours on Saturdays?", "Please cancel order 12345", "I have a rash since I took the new tablets"]
counts, references, slowest, lock = collections.Counter(), set(), [0.0], threading.Lock()


def work(number):
    connection, turn = None, number
    while not os.path.exists(stop):
        turn += 1
        headers = {"Content-Type": "application/json"}
        if turn % 2:
            headers["Idempotency-Key"] = str(uuid.uuid4())
        begin = time.monotonic()
        try:
            connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("POST", "/api/v1/classify", json.dumps({"message": TEXTS[turn % 3]}), headers)
            response = connection.getresponse()
            body, outcome = response.read(), str(response.status)
            reference = json.loads(body)["next_step"]["reference"] if outcome == "200" else None
            if response.will_close:
                connection.close()
                connection = None
        except Exception as error:  # whatever it was, this request was not answered
            outcome, reference = type(error).__name__, None
            connection = None
        with lock:
            counts[outcome] += 1
            slowest[0] = max(slowest[0], time.monotonic() - begin)
            if reference:
                references.add(reference)


threads = [threading.Thread(target=work, args=(number,)) for number in range(workers)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps({"outcomes": counts, "references": sorted(references), "slowest_ms": round(slowest[0] * 1000)}))
PYTHON
python3 "$work/load.py" "$port_lb" "$workers" "$work/stop" >"$work/load.json" &
load=$!
pids+=("$load")

restart() { # restart NAME PORT PID: leaves the new process id in $started
  local name=$1 port=$2 pid=$3 code=0 begin
  begin=$(date +%s%N)
  kill -TERM "$pid"
  wait "$pid" || code=$?
  echo "$name: SIGTERM, exit $code after $((($(date +%s%N) - begin) / 1000000)) ms"
  [[ $code -eq 0 ]] || exits_bad=1
  begin=$(date +%s%N)
  start "$name" "$port" "$new"
  wait_ready "$port" "$started"
  echo "$name: started again, ready after $((($(date +%s%N) - begin) / 1000000)) ms"
  # The load balancer needs two good checks before it sends anything here; only then may the other one go.
  sleep 2
}
exits_bad=0
sleep "$settle"
restart a "$port_a" "$pid_a"; pid_a=$started
restart b "$port_b" "$pid_b"; pid_b=$started
sleep "$settle"
touch "$work/stop"
wait "$load"

total=$(jq '[.outcomes[]] | add' "$work/load.json")
answered=$(jq '.outcomes["200"] // 0' "$work/load.json")
promised=$(jq '.references | length' "$work/load.json")
kept=$(jq -r '.references[]' "$work/load.json" | sort | comm -12 - <(psql -c 'SELECT reference FROM records' switchboard | sort) | wc -l)
echo "requests: $total sent, $answered answered with 200; outcomes $(jq -c .outcomes "$work/load.json"), slowest $(jq .slowest_ms "$work/load.json") ms"
echo "records:  $promised promised in answers, $kept of them in the database"
if [[ $total -eq $answered && $promised -eq $kept && $promised -gt 0 && $exits_bad -eq 0 ]]; then
  echo "rolling restart: every request answered"
else
  grep -hE ' (5[0-9][0-9]|-1) ' "$work/haproxy.log" | tail -n 5
  tail -n 5 "$work"/[ab].log
  echo "rolling restart: FAILED"
  exit 1
fi
