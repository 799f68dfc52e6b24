#!/usr/bin/env bash
# Is this image what we say it is? Looks at it, runs it as hardened as production does, smokes it, and stops it.
#
#   scripts/test-image.sh switchboard:ci
#   ENGINE="podman --runtime runc" ENGINE_OPTIONS="--network none" NETNS=1 scripts/test-image.sh localhost/switchboard
#
# ENGINE runs containers (default docker); ENGINE_OPTIONS are added to its run. With NETNS=1 the service is reached inside
# the container's network namespace (needs root) instead of through a published port. Needs curl and jq.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
image=${1:?usage: scripts/test-image.sh IMAGE}
read -ra engine <<<"${ENGINE:-docker}"
read -ra options <<<"${ENGINE_OPTIONS:-}"
readonly limit_bytes=40000000
container=switchboard-test-$$
volume=switchboard-test-$$
passed=0
failed=0

cleanup() {
  "${engine[@]}" rm --force "$container" "$container-again" >/dev/null 2>&1
  "${engine[@]}" volume rm "$volume" >/dev/null 2>&1
}
trap cleanup EXIT

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

inspect() { "${engine[@]}" inspect --format "$1" "${2:-$container}"; }
equal() { [[ "$1" == "$2" ]] || { echo "      is: $1"; false; }; }

# --- what it is

size=$(inspect '{{.Size}}' "$image") || exit 2
echo "note  $image is $size bytes"
check "at most $limit_bytes bytes" test "$size" -le "$limit_bytes"
check "runs as 65532, not root" equal "$(inspect '{{.Config.User}}' "$image")" 65532:65532
check "is told to stop by SIGTERM" equal "$(inspect '{{.Config.StopSignal}}' "$image")" SIGTERM
# Docker and podman keep the health check in different places.
described=$("${engine[@]}" inspect "$image")
describes() { jq --exit-status ".[0] | $1" <<<"$described" >/dev/null; }
check "checks its own health" describes '(.Config.Healthcheck // .Healthcheck // .HealthCheck).Test == ["CMD", "/switchboard", "health"]'
for label in title version revision licenses base.name; do
  check "carries the label $label" describes ".Config.Labels[\"org.opencontainers.image.$label\"] | length > 0"
done
has_no_shell() { ! "${engine[@]}" run --rm "${options[@]}" --entrypoint /bin/sh "$image" -c true >/dev/null 2>&1; }
check "has no shell" has_no_shell

# --- what it does when nobody said who may call

refuses_to_start() {
  local output
  output=$("${engine[@]}" run --name "$container-again" "${options[@]}" "$image" 2>&1)
  [[ $? -eq 64 && $output == *auth.mode* ]] || { echo "      said: $output"; false; }
}
check "refuses to start open to the network, with exit 64" refuses_to_start

# --- what it does, hardened: nothing writable but its volume, no capability, no way to gain one

publish=(--publish 127.0.0.1::8000)
[[ ${NETNS:-0} == 1 ]] && publish=()
"${engine[@]}" run --detach --name "$container" "${options[@]}" "${publish[@]}" \
  --read-only --cap-drop ALL --security-opt no-new-privileges --memory 512m --pids-limit 256 \
  --volume "$volume:/data" --env SWITCHBOARD__AUTH__MODE=off --env SWITCHBOARD__LOG__FORMAT=json "$image" >/dev/null ||
  exit 2
pid=$(inspect '{{.State.Pid}}')

reach=()
if [[ ${NETNS:-0} == 1 ]]; then
  reach=(nsenter --target "$pid" --net)
  url=http://127.0.0.1:8000
else
  url=http://$("${engine[@]}" port "$container" 8000/tcp | head -n 1)
fi
check "smoke test" env SMOKE_ATTEMPTS=30 "${reach[@]}" scripts/smoke.sh "$url"
check "switchboard health says so too" "${engine[@]}" exec "$container" /switchboard health
status_field() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$pid/status"; }
check "the process runs as 65532" equal "$(status_field Uid | cut -f 1)" 65532
check "the process holds no capability" equal "$(status_field CapEff)" 0000000000000000
check "the process can gain no privilege" equal "$(status_field NoNewPrivs)" 1
check "the root file system is read-only" equal "$(inspect '{{.HostConfig.ReadonlyRootfs}}')" true

begin=$(date +%s%N)
"${engine[@]}" stop --time 30 "$container" >/dev/null
took=$((($(date +%s%N) - begin) / 1000000))
check "SIGTERM ends it with exit 0 (${took} ms)" equal "$(inspect '{{.State.ExitCode}}')" 0
logs=$("${engine[@]}" logs "$container" 2>&1)
not_in_logs() { [[ $logs != *"trouble breathing"* && $logs != *"order 12345"* ]]; }
check "the log holds no customer's words" not_in_logs
[[ $failed -gt 0 ]] && printf '%s\n' "--- log of the container" "$logs" | tail -n 40

echo "test-image: $passed passed, $failed failed ($image)"
[[ $failed -eq 0 ]]
