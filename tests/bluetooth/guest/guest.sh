#!/bin/sh
# The guest's first program: D-Bus, then the test, named on the kernel's command line; then power off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/run TMPDIR=/run PYTHONDONTWRITEBYTECODE=1
argument() { sed -n "s/.*$1=\([^ ]*\).*/\1/p" /proc/cmdline; }
ip link set lo up 2>/dev/null
mkdir -p /run/dbus && dbus-daemon --system --fork
cd "$(argument folder)" && "$(argument python)" "$(argument script)"
echo "GUEST exit $?"
echo o >/proc/sysrq-trigger
sleep 20
