#!/usr/bin/env python3
"""Removes a folder when its owner has ended, killed ones included: leave_nothing.py FOLDER OWNER_PID

A local cloud in the folder, or in one right below it, has the same owner: it is waited for, as it would go on writing.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import sys
from pathlib import Path

from owner import wait_until_gone

ENDED_WITHIN = 10


def main() -> None:
    folder, owner = Path(sys.argv[1]), int(sys.argv[2])
    # A Ctrl-C in the owner's terminal is for the owner.
    with contextlib.suppress(PermissionError):
        os.setsid()
    signal.signal(signal.SIGALRM, give_up)
    wait_until_gone(owner)
    try:
        for lock in [folder / "cloud.lock", *folder.glob("*/cloud.lock")]:
            # No JSON: its cloud.json was not written to its end.
            with contextlib.suppress(FileNotFoundError, ProcessLookupError, json.JSONDecodeError):
                wait_for_cloud(lock)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wait_for_cloud(lock: Path) -> None:
    """Its lock is free when it has ended. One that does not end by itself is killed."""
    for kill in (False, True):
        with open(lock) as held, contextlib.suppress(TimeoutError):
            if kill:
                cloud = json.loads(lock.with_name("cloud.json").read_text())
                os.killpg(cloud["pid"], signal.SIGKILL)
            signal.alarm(ENDED_WITHIN)
            fcntl.flock(held, fcntl.LOCK_SH)
            signal.alarm(0)
            return


def give_up(*_) -> None:
    raise TimeoutError


if __name__ == "__main__":
    main()
