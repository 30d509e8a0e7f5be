#!/usr/bin/env python3
"""The Python environments of the demo and the tests, each made once and kept in the cache folder.

    environments.py NAME…   makes what is missing, prints each environment's Python

`cloud` is MiniStack, `clients` are the independent clients of the cloud, `nordic` is the chip maker's own
client of its modems, `micropython` the client of boards, `workflows` reads the workflows and the shell scripts.
What is in them is pinned in the files of the same name beside this one; when such a file changes, its
environment is made again.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 10)


def cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fieldkey"


def python_of(name: str) -> Path:
    return cache_folder() / name / "bin" / "python"


def ensure(name: str) -> Path:
    """The environment's Python, after making the environment if it is missing or out of date."""
    if sys.version_info < OLDEST_PYTHON:
        sys.exit("Python {}.{} or newer is needed, this is {}.{}".format(*OLDEST_PYTHON, *sys.version_info))
    requirements = Path(__file__).with_name(f"{name}.txt")
    folder = cache_folder() / name
    stamp = folder / "stamp"
    wanted = _stamp(requirements)
    if _read(stamp) == wanted:
        return python_of(name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Tests run side by side: the first one makes it, the others wait for the lock and find it made.
    with open(folder.parent / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _read(stamp) != wanted:
            _make(name, folder, requirements)
            # Last, so that an environment half made is not taken for a whole one.
            stamp.write_text(wanted)
    return python_of(name)


def enter(name: str) -> None:
    """Goes on in the environment's own Python: returns only there."""
    python = ensure(name)
    if Path(sys.prefix).resolve() != python.parent.parent.resolve():
        os.execv(python, [str(python), *sys.argv])


def _stamp(requirements: Path) -> str:
    made_of = requirements.read_bytes() + repr((sys.version_info[:2], os.uname().machine)).encode()
    return hashlib.sha256(made_of).hexdigest()


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except FileNotFoundError:
        return ""


def _make(name: str, folder: Path, requirements: Path) -> None:
    print(f"making the Python environment `{name}` in {folder}", file=sys.stderr)
    # Standard output belongs to whoever called; all that is said here goes to standard error.
    said = {"stdout": sys.stderr, "check": True}
    # Not this Python if it is itself in an environment, which may be the one to be made anew.
    base = getattr(sys, "_base_executable", sys.executable)
    subprocess.run([base, "-m", "venv", "--clear", str(folder)], **said)
    pip = [str(python_of(name)), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    subprocess.run([*pip, "--requirement", str(requirements)], **said)


if __name__ == "__main__":
    known = {file.stem for file in Path(__file__).parent.glob("*.txt")}
    if not sys.argv[1:] or not set(sys.argv[1:]) <= known:
        sys.exit(__doc__)
    for wanted_name in sys.argv[1:]:
        print(ensure(wanted_name))
