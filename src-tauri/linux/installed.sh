#!/bin/sh
# The folder for an organisation's sites and policy, which no package owns: what one owns, it would take along. One that
# is there stays as it is, and so does an administrator's link, wherever it leads.
set -e
umask 022
if [ ! -L /etc/fieldkey ] && [ ! -L /etc/fieldkey/sites ]; then
    mkdir -p /etc/fieldkey/sites
fi
# The rules for serial ports came: devices that are plugged in already are looked at once more.
if [ -S /run/udev/control ]; then
    udevadm control --reload || true
    udevadm trigger --action=change --subsystem-match=tty || true
fi
