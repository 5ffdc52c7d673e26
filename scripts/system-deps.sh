#!/usr/bin/env bash
# Installs the Debian packages that the system tests need, when one of them is missing.
set -euo pipefail

packages=(
  mbpoll socat openssl curl chromium iproute2 rsyslog rsyslog-gnutls
  gcc libc6-dev libmodbus-dev libssl-dev
  python3 python3-pymodbus python3-serial python3-serial-asyncio
)
missing=()
for package in "${packages[@]}"; do
  # Several of them bring no command, so dpkg is asked.
  state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
if [ "${#missing[@]}" -eq 0 ]; then
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  as_root=(sudo)
fi
echo "installing ${missing[*]}" >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
