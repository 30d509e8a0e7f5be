#!/usr/bin/env python3
"""Prints the list that windows look for a newer version in: a release's packages that renew themselves, with their
signatures, in the form of Tauri's updater.

    update_list.py FOLDER VERSION KEY URL NOTES
        FOLDER   has the packages, and beside each its signature, as `tauri signer sign --app-version VERSION` makes it
        KEY      the public key that the programs were built with (FIELDKEY_UPDATES_KEY)
        URL      where the packages will be, such as https://…/releases/download/v1.0.0
        NOTES    a file with what is new
"""

import base64
import binascii
import json
import sys
from datetime import datetime, timezone
from pathlib import Path

# Of each kind of computer, the package that a person without an administrator can renew. The programs know these names
# (src-tauri/src/updates/package.rs).
PACKAGES = {
    "linux-x86_64": "Fieldkey_{}_amd64.AppImage",
    "linux-aarch64": "Fieldkey_{}_aarch64.AppImage",
    "windows-x86_64": "Fieldkey_{}_x64-setup.exe",
    "darwin-x86_64": "Fieldkey.app.tar.gz",
    "darwin-aarch64": "Fieldkey.app.tar.gz",
}


def key_id(text: str) -> bytes:
    """Which key it is, or is by: in minisign's form, whose second line begins with two letters for how, and 8 bytes."""
    try:
        return base64.b64decode(base64.b64decode(text, validate=True).splitlines()[1], validate=True)[2:10]
    except (binascii.Error, IndexError) as error:
        raise ValueError("this is nothing that `tauri signer` writes") from error


def signature(package: Path, version: str, key: str) -> str:
    """What is beside the package, if a program with this key would take it as this version."""
    file = package.with_name(package.name + ".sig")
    if not package.is_file() or not file.is_file():
        raise ValueError(f"{package.name} is not there, or its signature is not")
    text = file.read_text().strip()
    if key_id(text) != key_id(key):
        raise ValueError(f"{package.name} is signed with another key than the programs trust")
    # The third line is signed by the fourth.
    said = (base64.b64decode(text).decode().splitlines() + [""] * 2)[2].removeprefix("trusted comment: ").split("\t")
    if f"version:{version}" not in said or f"file:{package.name}" not in said:
        raise ValueError(f"{package.name} is not signed as itself, version {version}")
    return text


def update_list(folder: Path, version: str, key: str, url: str, notes: str) -> dict:
    platforms = {}
    for platform, name in PACKAGES.items():
        package = folder / name.format(version)
        platforms[platform] = {"url": f"{url}/{package.name}", "signature": signature(package, version, key)}
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"version": version, "pub_date": now, "notes": notes, "platforms": platforms}


def main() -> None:
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    folder, version, key, url, notes = sys.argv[1:]
    try:
        made = update_list(Path(folder), version, key.strip(), url, Path(notes).read_text(encoding="utf-8"))
    except ValueError as error:
        sys.exit(str(error))
    print(json.dumps(made, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
