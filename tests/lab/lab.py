#!/usr/bin/env python3
"""The lab: the real `fieldkey` on a real kernel in a virtual machine, and devices that are pulled out. See README.md."""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from itertools import chain
from pathlib import Path

sys.dont_write_bytecode = True

import initramfs
from cloud import Cloud
from drives import Drives
from kernel import kernel
from machine import Hung, Machine
from serial_ports import SerialPorts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fieldkey", type=Path, required=True, help="the command, as cargo built it")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the moments. Default: another each time")
    parser.add_argument("--only", choices=("drives", "ports"), help="one half of it")
    arguments = parser.parse_args()
    # Whoever ends the lab, it cleans up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(f"seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        lab(Path(folder), arguments.fieldkey, arguments.seed, arguments.only)


def lab(folder: Path, fieldkey: Path, seed: int, only: str | None) -> None:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fieldkey"
    since = time.monotonic()
    image, modules = kernel(cache)
    state = folder / "cloud"
    state.mkdir()
    cloud = Cloud(state)
    try:
        initramfs.build(folder / "initramfs", modules, fieldkey, cloud.files())
        with Machine(folder, image, folder / "initramfs", cloud.ports) as machine:
            print(f"{machine.run('uname -sr')}, up after {time.monotonic() - since:.0f} s", flush=True)
            try:
                halves = {"drives": Drives(machine, cloud, folder, seed), "ports": SerialPorts(machine, cloud, seed)}
                for says in chain.from_iterable(half.all() for name, half in halves.items() if only in (None, name)):
                    print(says, flush=True)
            except (AssertionError, Hung):
                print(machine.console(), file=sys.stderr)
                raise
    finally:
        cloud.end()
    print(f"the lab took {time.monotonic() - since:.0f} s")


if __name__ == "__main__":
    main()
