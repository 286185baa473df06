#!/bin/bash
# The service files as installed: systemd understands every line, each service's exposure is small (1.5 at most),
# each runs as a user of its own that sysusers makes, and what they share has the right owner and mode.
set -euo pipefail
place=$(mktemp -d /tmp/padriver-units-XXXXXX)
trap 'rm -rf "$place"' EXIT
failed=0

fault() {
    echo "FAULT: $*"
    failed=1
}

DESTDIR=$place cmake --install "$PADRIVER_BUILD" >/dev/null
units=$(dirname "$(find "$place" -name padriver.target)")
sed -i "s|^\(Exec[A-Za-z]*=+\?\)/|\1$place/|" "$units"/*.service
# What serves a socket's connections is a template; the target does not want it.
is_template() { [[ $1 = *@ ]]; }
export SYSTEMD_UNIT_PATH=$units:

verify() {
    systemd-analyze verify "$units"/*.service "$units"/*.target "$units"/*.socket 2>&1
}

said=$(verify) || true
[ -z "$said" ] || fault "systemd-analyze verify says: $said"
echo 'WatchdogSecond=1' >>"$units/padriver-.service.d/10-padriver.conf"
[ -n "$(verify)" ] || fault "an unknown key was not noticed: this test sees nothing"
sed -i '$d' "$units/padriver-.service.d/10-padriver.conf"

mkdir -p "$place/etc"
users=$(find "$place" -path '*sysusers.d/padriver.conf')
made=$(systemd-sysusers --root="$place" --dry-run "$users" 2>&1)
for unit in "$units"/*.service; do
    name=$(basename "$unit" .service)
    systemd-analyze security --offline=true --threshold=15 "$unit" >"$place/security" \
        || fault "$name is exposed: $(tail -1 "$place/security")"
    user=$(sed -n 's/^User=//p' "$unit")
    if [ "$name" = padriver-migrate ]; then
        continue
    fi
    [ "$user" = "${name%@}" ] || fault "$name runs as $user"
    [[ $made = *"Creating user '$user'"* ]] || fault "sysusers does not make $user"
    [[ $(grep -c "^padriver *$user *padriver_${user#padriver-}\$" "$PADRIVER_SOURCE/deploy/postgresql/pg_ident.conf") = 1 ]] \
        || fault "pg_ident.conf does not map $user"
    is_template "$name" || grep -q "^Wants=.*\b$name\.service" "$units/padriver.target" || fault "padriver.target does not want $name"
done
# shellcheck disable=SC2044 # names of ours
for daemon in $(find "$place" -path '*/libexec/padriver/*' -printf '%f '); do
    [ -e "$units/$daemon.service" ] || fault "$daemon has no unit"
done

cp "$(find "$place" -path '*/padriver/systemd/remote.conf')" "$units/padriver-broker.service.d"
said=$(verify) || true
[ -z "$said" ] || fault "with remote.conf systemd-analyze verify says: $said"
systemd-analyze security --offline=true --threshold=15 "$units/padriver-broker.service" >"$place/security" \
    || fault "padriver-broker with remote.conf is exposed: $(tail -1 "$place/security")"

if [ "$(id -u)" -eq 0 ]; then
    systemd-sysusers --root="$place" "$users" >/dev/null 2>&1
    systemd-tmpfiles --root="$place" --create "$(find "$place" -path '*tmpfiles.d/padriver.conf')"
    group=$(sed -n 's/^padriver:[^:]*:\([0-9]*\):.*/\1/p' "$place/etc/group")
    [ "$(stat -c '%a %u %g' "$place/run/padriver")" = "3770 0 $group" ] || fault "/run/padriver"
    [ "$(stat -c '%a %u %g' "$place/run/padriver/metrics")" = "3770 0 $group" ] || fault "/run/padriver/metrics"
    [ "$(stat -c '%a %u %g' "$place/var/lib/padriver")" = "2750 0 $group" ] || fault "/var/lib/padriver"
fi
exit "$failed"
