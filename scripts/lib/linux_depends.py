#!/usr/bin/env python3
"""What the built programs in a folder need of the system, as settings for Tauri's bundler.

Debian's packages with their versions come from dpkg-shlibdeps, rpm's from elfdeps, each as its own packages have it.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAMS = ("fieldkey-window", "fieldkey")
# The bundler names these two by itself, and would name them twice.
BY_TAURI = re.compile(r"libwebkit2gtk-4\.1|libgtk-3[.-]")


def main() -> None:
    built = Path(sys.argv[1]).resolve()
    programs = [built / name for name in PROGRAMS]
    linux = {kind: {"depends": of(programs)} for kind, of in (("deb", debian), ("rpm", rpm))}
    json.dump({"bundle": {"linux": linux}}, sys.stdout, indent=2)


def debian(programs: list[Path]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        control = Path(folder) / "debian/control"
        control.parent.mkdir()
        control.write_text("Source: fieldkey\n\nPackage: fieldkey\nArchitecture: any\n")
        words = ["dpkg-shlibdeps", "-O", *(f"-e{program}" for program in programs)]
        said = subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True).stdout
    return without_tauri_s(said.removeprefix("shlibs:Depends=").strip().split(", "))


def rpm(programs: list[Path]) -> list[str]:
    names = "".join(f"{program}\n" for program in programs)
    said = subprocess.run(
        ["/usr/lib/rpm/elfdeps", "--requires"], input=names, check=True, capture_output=True, text=True
    ).stdout
    return without_tauri_s(sorted(set(said.split("\n")) - {""}))


def without_tauri_s(names: list[str]) -> list[str]:
    return [name for name in names if not BY_TAURI.match(name)]


if __name__ == "__main__":
    main()
