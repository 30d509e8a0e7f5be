#!/usr/bin/env python3
"""Prints what CHANGELOG.md says of a version, for its release's notes. Without such a section there is no release, nor
if Cargo.toml, package.json or tauri.conf.json are of another version.

    release_notes.py VERSION [LINKS]     LINKS: where the changelog's own links begin, such as https://…/blob/v1.0.0/
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def is_final(version: str) -> bool:
    """Packages have nothing that comes before a version: for dpkg 1.2.3-rc.1 is newer than 1.2.3, rpm has no hyphen."""
    return bool(re.fullmatch(r"\d+\.\d+\.\d+", version))


def section(changelog: str, version: str) -> str:
    """The text below the version's heading, up to the next one."""
    heading = re.compile(rf"^## \[{re.escape(version)}\](?: - \d{{4}}-\d\d-\d\d)?\n", re.MULTILINE)
    found = heading.search(changelog)
    if not found:
        raise ValueError(f"CHANGELOG.md has no section `## [{version}] - YEAR-MONTH-DAY`")
    rest = changelog[found.end() :]
    # The next version, or the links at the end.
    end = re.search(r"^(?:## |\[[^]]+\]: )", rest, re.MULTILINE)
    text = rest[: end.start() if end else None].strip()
    if not text:
        raise ValueError(f"CHANGELOG.md says nothing of {version}")
    return text


def linked(text: str, links: str) -> str:
    """With links that lead somewhere from a page that is not in the repository."""
    return re.sub(r"\]\((?![a-z]+:|#)", f"]({links}", text)


def versions(root: Path) -> dict[str, str]:
    """Where the version is written down, and which it is."""
    cargo = re.search(r'^\[workspace\.package\]\nversion = "([^"]+)"', (root / "Cargo.toml").read_text(), re.MULTILINE)
    found = {"Cargo.toml": cargo.group(1) if cargo else "none"}
    for name in ("package.json", "tauri.conf.json"):
        found[name] = json.loads((root / name).read_text())["version"]
    return found


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    version = sys.argv[1]
    if not is_final(version):
        sys.exit(f"`{version}` is no version that packages could be renewed from: take MAJOR.MINOR.PATCH")
    others = [f"{name} is of {other}" for name, other in versions(ROOT).items() if other != version]
    if others:
        sys.exit(f"this is to be {version}, but {', '.join(others)}")
    try:
        text = section((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version)
    except ValueError as error:
        sys.exit(str(error))
    print(linked(text, sys.argv[2]) if len(sys.argv) == 3 else text)


if __name__ == "__main__":
    main()
