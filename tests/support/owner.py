"""Whoever started a process that is to end with them."""

import contextlib
import os
import select
import time


def wait_until_gone(owner: int) -> None:
    """Returns when the process with this ID has ended, killed ones included."""
    with contextlib.suppress(ProcessLookupError):
        if not hasattr(os, "pidfd_open"):
            ends = select.kevent(owner, select.KQ_FILTER_PROC, select.KQ_EV_ADD, select.KQ_NOTE_EXIT)
            select.kqueue().control([ends], 1)
            return
        try:
            ends = os.pidfd_open(owner)
        except ProcessLookupError:
            raise
        except OSError:
            # An old kernel, or a container whose rules do not know the call.
            poll_until_gone(owner)
        else:
            select.select([ends], [], [])


def poll_until_gone(owner: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        while True:
            os.kill(owner, 0)
            time.sleep(0.1)
