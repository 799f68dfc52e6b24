#!/usr/bin/env bash
# The smoke script passes against a service that works and fails against each of these that does not. The services are
# stand-ins that answer as the contract says, but for one fault each. Needs python3, curl and jq; takes seconds.
#
#   scripts/test-smoke.sh        against the stand-ins
#   scripts/test-smoke.sh URL    and against a real service at URL, which must pass
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
work=$(mktemp -d)
stub=""
cleanup() {
  [[ -n $stub ]] && kill "$stub" 2>/dev/null
  rm -rf "$work"
}
trap cleanup EXIT

cat >"$work/stub.py" <<'PYTHON'
import http.server, json, sys

fault = sys.argv[1]
steps = {"informational": "answer", "service_action": "open_ticket", "safety_compliance": "escalate"}


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json"):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Content-Type-Options", "nosniff")
        if fault != "no-time-header":
            self.send_header("X-Process-Time-Ms", "1.250")
        request_id = self.headers.get("X-Request-ID", "made-here")
        self.send_header("X-Request-ID", "made-here" if fault == "forgets-request-id" else request_id)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.path == "/api/v1/health":
            self.answer(200, {"status": "healthy"})
        elif self.path == "/api/v1/ready":
            ready = fault != "not-ready"
            self.answer(200 if ready else 503, {"status": "ready" if ready else "unavailable", "checks": []})
        elif self.path == "/metrics" and fault == "public-metrics":
            self.answer(200, {})
        else:
            self.answer(404, {"error": "not_found", "status": 404, "request_id": "x"}, "application/problem+json")

    def do_POST(self):
        if self.path == "/api/v1/records/CMP-1/resolve":
            resolved = self.headers["Authorization"] == "Bearer operator" and fault != "keeps-records"
            return self.answer(200 if resolved else 403, {})
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["message"]
        if not message.strip():
            status = 500 if fault == "bare-500" else 400
            body = {"error": "validation", "status": status, "request_id": "x"}
            return self.answer(status, body, "application/json" if fault == "bare-500" else "application/problem+json")
        category = "safety_compliance" if "seal" in message else "service_action" if "cancel" in message else "informational"
        safety = category == "safety_compliance"
        if fault == "misses-safety" and safety:
            category = "informational"
        if fault == "loses-record":
            reference = None
        else:
            reference = "CMP-1" if safety else None
        self.answer(200, {
            "category": category, "confidence": 0.9, "decision_path": "local", "prompt_version": "1", "model": "local",
            "next_step": {"action": steps[category], "requires_human_review": safety, "reference": reference,
                          "due_at": "2026-01-01T00:00:00Z" if safety else None},
        })


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
print(server.server_address[1], flush=True)
server.serve_forever()
PYTHON

passed=0
failed=0

# expect NAME URL [CHECK]: with CHECK, the smoke script must fail and name that check; without, it must pass.
expect() {
  local name=$1 url=$2 wanted=${3-} verdict=""
  if scripts/smoke.sh "$url" >"$work/output" 2>&1; then
    [[ -n $wanted ]] && verdict="smoke passes, and should not"
  elif [[ -z $wanted ]]; then
    verdict="smoke fails, and should not"
  elif ! grep -qF -- "$wanted" "$work/output"; then
    verdict="smoke fails, but not for: $wanted"
  fi
  if [[ -z $verdict ]]; then
    echo "ok    $name: smoke ${wanted:+fails: }${wanted:-passes}"
    passed=$((passed + 1))
  else
    echo "FAIL  $name: $verdict"
    sed 's/^/      /' "$work/output"
    failed=$((failed + 1))
  fi
}

# says TEXT, says_not TEXT: of the last run.
says() {
  if grep -qF -- "$1" "$work/output"; then passed=$((passed + 1)); else
    echo "FAIL  smoke does not say: $1"
    failed=$((failed + 1))
  fi
}
says_not() {
  if grep -qF -- "$1" "$work/output"; then
    echo "FAIL  smoke says: $1"
    failed=$((failed + 1))
  else passed=$((passed + 1)); fi
}

# with_stub FAULT [CHECK]
with_stub() {
  local port
  coproc STUB { exec python3 "$work/stub.py" "$1"; }
  stub=$STUB_PID
  read -r port <&"${STUB[0]}"
  expect "$1" "http://127.0.0.1:$port" "${2-}"
  kill "$stub"
  wait "$stub" 2>/dev/null
  stub=""
}

with_stub no-fault
says "CMP-1 stays open (no SWITCHBOARD_OPERATOR_KEY"
export SWITCHBOARD_API_KEY=client SWITCHBOARD_OPERATOR_KEY=operator
with_stub resolves-records
says_not "stays open"
with_stub keeps-records
says "CMP-1 stays open (the operator's key was answered 403)"
unset SWITCHBOARD_API_KEY SWITCHBOARD_OPERATOR_KEY
with_stub not-ready "FAIL  ready answers 200"
with_stub misses-safety "FAIL  safety_compliance: is what the message is"
with_stub loses-record "FAIL  safety_compliance: has a record and a due time"
with_stub forgets-request-id "FAIL  informational: keeps the caller's request id"
with_stub no-time-header "FAIL  informational: says how long it took"
with_stub bare-500 "FAIL  an empty message is refused with 400"
with_stub public-metrics "FAIL  metrics are not public"
expect nothing-listens "http://127.0.0.1:9" "FAIL  health answers 200"
expect not-a-url "switchboard.example.com" "usage:"
[[ $# -gt 0 ]] && expect "the service at $1" "$1"

echo "test-smoke: $passed passed, $failed failed"
[[ $failed -eq 0 ]]
