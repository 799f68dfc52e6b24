#!/usr/bin/env bash
# Is the service at this address the one we meant to ship, and does it work from outside?
#
#   scripts/smoke.sh http://127.0.0.1:8000
#   SWITCHBOARD_API_KEY=... SWITCHBOARD_OPERATOR_KEY=... scripts/smoke.sh https://switchboard.example.com
#
# Asks for health and readiness, has one message of each category classified, and checks the headers, the form of a
# refusal, and that metrics are not public. Prints one line a check; exits 0 when all pass, 1 when one fails, 2 on wrong
# use. Needs curl and jq. It makes one ticket and one safety record, marked customer_id "smoke-test"; repeated with the
# same SMOKE_ID, none anew. Both are real: with an operator's key they are resolved at once; without one it says which
# somebody has to acknowledge before their time is over and the alarms ring. (The report is one that may wait a day.)
set -uo pipefail

if [[ $# -ne 1 || ! $1 =~ ^https?://[^/]+/?$ ]]; then
  echo "usage: $0 URL   (for example http://127.0.0.1:8000)" >&2
  exit 2
fi
for tool in curl jq; do
  command -v "$tool" >/dev/null || { echo "$0: needs $tool" >&2; exit 2; }
done

readonly url=${1%/}
readonly smoke_id=${SMOKE_ID:-smoke-$$-$RANDOM-$(date +%s)}
readonly attempts=${SMOKE_ATTEMPTS:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

passed=0
failed=0

# check NAME CONDITION...: one line, counted. CONDITION is a command; its failure is the check's.
check() {
  local name=$1
  shift
  if "$@"; then
    echo "ok    $name"
    passed=$((passed + 1))
  else
    echo "FAIL  $name"
    failed=$((failed + 1))
  fi
}

# ask METHOD PATH [JSON] [HEADER...]: leaves status, head and body in $work; 000 when nothing answers in time.
ask() {
  local method=$1 path=$2 body=${3-}
  shift $(($# < 3 ? $# : 3))
  local arguments=(--silent --show-error --max-time 15 --connect-timeout 5 --request "$method"
    --dump-header "$work/head" --output "$work/body" --write-out '%{http_code}')
  [[ -s $key ]] && arguments+=(--header @"$key")
  [[ -n $body ]] && arguments+=(--header 'Content-Type: application/json' --data "$body")
  for header in "$@"; do arguments+=(--header "$header"); done
  : >"$work/head"
  : >"$work/body"
  status=$(curl "${arguments[@]}" "$url$path" 2>"$work/error")
}

# Keys go to curl through files: arguments are visible to every user of this machine.
bearer() { (umask 077 && printf '%s' "${2:+Authorization: Bearer $2}" >"$work/$1"); }
bearer client "${SWITCHBOARD_API_KEY:-}"
bearer operator "${SWITCHBOARD_OPERATOR_KEY:-}"
key=$work/client

is() { [[ $status == "$1" ]]; }
refused() { [[ $status =~ ^(401|403|404)$ ]]; }
body() { jq --exit-status "$1" "$work/body" >/dev/null 2>&1; }
header() { grep -qiE "^$1: *$2"$'\r?$' "$work/head"; }

# A target that was just registered may need a moment; everything after the first answer gets one try.
for ((attempt = 1; attempt <= attempts; attempt++)); do
  ask GET /api/v1/health
  [[ $status == 200 ]] && break
  [[ $attempt -lt $attempts ]] && sleep 2
done

check "health answers 200" is 200
check "health says healthy" body '.status == "healthy"'

ask GET /api/v1/ready
check "ready answers 200" is 200
check "ready says ready or degraded" body '.status == "ready" or .status == "degraded"'
body '.status == "degraded"' && echo "note  the service is degraded: $(jq -c '.checks' "$work/body" 2>/dev/null)"

# classify CATEGORY TEXT: a message whose category nobody doubts.
classify() {
  local category=$1 text=$2 request
  request=$(jq -nc --arg text "$text" '{message: $text, channel: "api", metadata: {customer_id: "smoke-test"}}')
  ask POST /api/v1/classify "$request" "X-Request-ID: $smoke_id-$category" "Idempotency-Key: $smoke_id-$category"
  check "$category: answers 200" is 200
  check "$category: is what the message is" body ".category == \"$category\""
  check "$category: has a next step" body '.next_step.action | type == "string" and length > 0'
  check "$category: confidence is a probability" body '.confidence | type == "number" and . >= 0 and . <= 1'
  check "$category: says how it was decided" body '(.decision_path | length > 0) and (.prompt_version | length > 0) and (.model | length > 0)'
  check "$category: keeps the caller's request id" header x-request-id "$smoke_id-$category"
  check "$category: says how long it took" header x-process-time-ms '[0-9]+(\.[0-9]+)?'
}

# settle: resolves the record that the last message made, or says that nobody did.
settle() {
  local reference due why="no SWITCHBOARD_OPERATOR_KEY was given"
  reference=$(jq -r '.next_step.reference // empty' "$work/body")
  due=$(jq -r '.next_step.due_at // empty' "$work/body")
  [[ -n $reference ]] || return 0
  if [[ -s $work/operator ]]; then
    key=$work/operator
    ask POST "/api/v1/records/$reference/resolve" '{"note": "smoke test"}' "If-Match: *"
    key=$work/client
    is 200 && return
    why="the operator's key was answered $status"
  fi
  # No fault of what is deployed, and so no reason to roll it back.
  echo "note  $reference stays open ($why): acknowledge it before ${due:-it is due}"
}

classify informational "What are your opening hours on Saturdays?"
classify service_action "Please cancel my order 12345."
settle
classify safety_compliance "The seal of the vitamin bottle was broken and the tablets are discoloured."
check "safety_compliance: a person reviews it" body '.next_step.requires_human_review == true'
check "safety_compliance: has a record and a due time" body '(.next_step.reference | type == "string") and (.next_step.due_at | type == "string")'
settle

ask POST /api/v1/classify '{"message": "  "}'
check "an empty message is refused with 400" is 400
check "a refusal is a problem document" header content-type 'application/problem\+json.*'
check "a refusal carries its code and the request id" body '(.error | length > 0) and (.request_id | length > 0) and .status == 400'
check "content types are not sniffed" header x-content-type-options nosniff

ask GET /metrics
check "metrics are not public" refused

echo "smoke: $passed passed, $failed failed ($url)"
[[ $failed -eq 0 ]]
