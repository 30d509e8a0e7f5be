#!/bin/sh
# The rpm owns its files and not their folders: those that are empty now are removed here, but not in an upgrade.
set -e
if [ "$1" = 0 ]; then
    for folder in doc/fieldkey/examples/drivers doc/fieldkey/examples doc/fieldkey fieldkey/completions fieldkey/drivers fieldkey; do
        rmdir "/usr/share/$folder" 2>/dev/null || true
    done
    # What an administrator's link leads to is theirs.
    [ -L /etc/fieldkey ] || rmdir /etc/fieldkey/sites /etc/fieldkey 2>/dev/null || true
fi
if [ -S /run/udev/control ]; then
    udevadm control --reload || true
    udevadm trigger --action=change --subsystem-match=tty || true
fi
