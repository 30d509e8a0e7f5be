#!/usr/bin/env python3
"""What Fieldkey's deb costs beside that of an empty Tauri app: `scripts/bench-packages` runs this."""

import argparse
import getpass
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True

import deb
from desk import Desk

STARTS = 7
PROGRAMS = {"empty": ("empty-window", "main h1"), "fieldkey": ("fieldkey-window", "#choose-site")}


class Here:
    """This computer itself, with a home that goes away again."""

    def __init__(self, home: Path):
        self.path, self._home = Path("/"), home

    def words(self, *words: str, by: str, env: dict[str, str]) -> list[str]:
        there = {"PATH": "/usr/bin:/bin", "HOME": str(self._home), "LANG": "C.UTF-8", "USER": getpass.getuser(), **env}
        return ["env", "-i", *(f"{name}={value}" for name, value in there.items()), *words]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fieldkey", type=Path, required=True, help="its deb")
    parser.add_argument("--empty", type=Path, required=True, help="the empty app's")
    debs = vars(parser.parse_args())
    with tempfile.TemporaryDirectory() as folder:
        trees = {name: Path(folder) / name for name in debs}
        for name, package in debs.items():
            subprocess.run(["dpkg-deb", "--extract", package, trees[name]], check=True)
        starts = measured(trees, Path(folder))
        print("| | empty | Fieldkey | ratio |\n|---|---|---|---|")
        row("installed, KiB", *(int(deb.field(debs[name], "Installed-Size")) for name in ("empty", "fieldkey")))
        row("the deb itself, KiB", *(debs[name].stat().st_size // 1024 for name in ("empty", "fieldkey")))
        row("the window's program, KiB", *(size(trees[name] / "usr/bin" / PROGRAMS[name][0]) for name in PROGRAMS))
        print(f"| the command's program, KiB | | {size(trees['fieldkey'] / 'usr/bin/fieldkey')} | |")
        row(f"start to the first usable screen, median of {STARTS}, ms", *(starts[name] for name in PROGRAMS))
        quick = command(trees["fieldkey"] / "usr/bin/fieldkey")
        print(f"| `fieldkey --version`, median of {STARTS}, ms | | {quick} | |")


def measured(trees: dict[str, Path], folder: Path) -> dict[str, int]:
    """By turns, so that neither has the quieter machine. The screen and the driver are there already."""
    times = {name: [] for name in PROGRAMS}
    home = folder / "home"
    home.mkdir()
    desk = Desk(Here(home))
    try:
        for _ in range(STARTS):
            for name, (program, screen) in PROGRAMS.items():
                with desk.window(program=str(trees[name] / "usr/bin" / program)) as window:
                    window.find(screen)
                    times[name].append(time.monotonic() - window.began)
    finally:
        desk.end()
    return {name: round(statistics.median(taken) * 1000) for name, taken in times.items()}


def command(program: Path) -> int:
    times = []
    for _ in range(STARTS):
        since = time.monotonic()
        subprocess.run([program, "--version"], check=True, capture_output=True)
        times.append(time.monotonic() - since)
    return round(statistics.median(times) * 1000)


def size(program: Path) -> int:
    return program.stat().st_size // 1024


def row(what: str, empty: int, ours: int) -> None:
    print(f"| {what} | {empty} | {ours} | {ours / empty:.2f} |")


if __name__ == "__main__":
    main()
