"""Whoever started a process that is to end with them."""

import contextlib
import os
import select


def wait_until_gone(owner: int) -> None:
    """Returns when the process with this ID has ended, killed ones included."""
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "pidfd_open"):
            select.select([os.pidfd_open(owner)], [], [])
        else:
            ends = select.kevent(owner, select.KQ_FILTER_PROC, select.KQ_EV_ADD, select.KQ_NOTE_EXIT)
            select.kqueue().control([ends], 1)
