#!/bin/sh
# The folder for an organisation's sites and policy is removed if there is nothing in it, but not in an upgrade. What an
# administrator's link leads to is theirs.
set -e
case $1 in
remove | purge)
    [ -L /etc/fieldkey ] || rmdir /etc/fieldkey/sites /etc/fieldkey 2>/dev/null || true
    ;;
esac
# The rules for serial ports went, or others came in an upgrade.
if [ -S /run/udev/control ]; then
    udevadm control --reload || true
    udevadm trigger --action=change --subsystem-match=tty || true
fi
