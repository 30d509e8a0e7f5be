"""What the doubles of AWS IoT's endpoints have in common: how they are started, told things, and ended.

A double prints one JSON line when it is ready. Then each line of JSON on its standard input is a
command, answered by one line. It ends when its standard input does; with --owner, when that process does.
"""

import argparse
import atexit
import ctypes
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import environments
from owner import wait_until_gone


def parse(description: str, more=lambda parser: None):
    """The double's words; returns in the Python environment of the local cloud, which it belongs to."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="of the running local cloud")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--owner", type=int, metavar="PID", help="it ends when this process does")
    more(parser)
    arguments = parser.parse_args()
    environments.enter("cloud")
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            del os.environ[name]
    arguments.cloud = json.loads((arguments.state / "cloud.json").read_text())
    return arguments


def folder_of_its_own(name: str) -> Path:
    """Private, and gone with this process."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def say(words: dict) -> None:
    print(json.dumps(words, default=str), flush=True)


def serve(ready: dict, obey, owner) -> None:
    # SystemExit lets what was registered with atexit run.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    if owner:
        threading.Thread(target=_end_with, args=(owner,), daemon=True).start()
    say(ready)
    for line in sys.stdin:
        try:
            said = obey(json.loads(line))
        except Exception as error:  # whoever gave the command is to hear of it, and the double goes on
            said = {"error": f"{type(error).__name__}: {error}"}
        say(said or {})
    while owner:
        time.sleep(3600)


def _end_with(owner: int) -> None:
    wait_until_gone(owner)
    os.kill(os.getpid(), signal.SIGTERM)


def end_with_parent() -> None:
    """For a child about to start: on Linux it ends even if this process is killed without warning."""
    if sys.platform == "linux":
        of_parent_death = 1
        ctypes.CDLL(None).prctl(of_parent_death, signal.SIGTERM)


class Faults:
    """What is to go wrong, each so many times: {"on": part of a name, "do": what, "times": 1, …}."""

    def __init__(self, known: tuple):
        self.known = known
        self.pending = []
        self.lock = threading.Lock()

    def add(self, fault: dict) -> None:
        if fault["do"] not in self.known:
            raise ValueError(f"no such fault: {fault['do']}; there are {', '.join(self.known)}")
        with self.lock:
            self.pending.append({"on": "", "times": 1, **fault})

    def clear(self) -> None:
        with self.lock:
            self.pending.clear()

    def take(self, name: str, among: tuple) -> dict:
        """The next fault of these kinds for this name, or an empty one."""
        with self.lock:
            for fault in self.pending:
                if fault["times"] > 0 and fault["do"] in among and fault["on"] in name:
                    fault["times"] -= 1
                    return fault
        return {"do": None}
