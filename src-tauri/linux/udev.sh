#!/bin/sh
# The rules for serial ports came or went: devices that are plugged in already are looked at once more.
set -e
if [ -S /run/udev/control ]; then
    udevadm control --reload || true
    udevadm trigger --action=change --subsystem-match=tty || true
fi
