#!/usr/bin/env python3
"""The packages, as an IT department would try them before it rolls them out: `scripts/test --packages`.

For each Debian that the deb is for, in a clean system: an older version is installed and worked with, the newer one
upgrades it, everything in it is tried, and it is removed again. Then the rpm's turn. Needs root, and namespaces of its
own for mounts and processes, with which everything ends. Nothing is deleted here: this computer's own devices are
mounted in the clean systems. Whoever made the folder removes it, once the namespace is gone.
"""

import argparse
import os
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lab"))

import contents
import deb
import desk
import flows
import organisation
import rpm
from cloud import Cloud
from root import Root
from traces import nothing_left

since = time.monotonic()
# Oldest first. What was built on one of them runs on it and on the later ones.
SUITES = {"12": "bookworm", "13": "trixie"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deb", type=Path, required=True)
    parser.add_argument("--rpm", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="an empty one, for the systems and the local cloud")
    parser.add_argument("--cache", type=Path, required=True, help="where clean systems are kept")
    parser.add_argument("--suite", action="append", help="a Debian; may be repeated. Default: this one and later ones")
    arguments = parser.parse_args()
    # The person in there reads what root writes.
    os.umask(0o022)
    say(deb.clean(arguments.deb))
    state = arguments.folder / "cloud"
    state.mkdir()
    cloud = Cloud(state)
    try:
        for suite in arguments.suite or suites():
            one(suite, arguments, cloud)
    finally:
        cloud.end()


def one(suite: str, arguments: argparse.Namespace, cloud: Cloud) -> None:
    print(f"{suite}:", flush=True)
    root = Root(suite, arguments.cache, arguments.folder)
    older = deb.older(arguments.deb, arguments.folder)
    say(deb.installed(root, older))
    say(organisation.made(root))
    root.install(*contents.TOOLS, *desk.TOOLS)
    at = desk.Desk(root)
    try:
        say(flows.practise(at))
        say(flows.work(root, at, cloud))
        organisation.fill(root)
        say(deb.upgraded(root, arguments.deb))
        say(flows.kept(root, at))
        say(organisation.holds(root))
        for found in contents.check(root):
            say(found)
    except BaseException:
        print(at.said(), file=sys.stderr)
        raise
    finally:
        at.end()
    root.run("apt-get", "remove", "--yes", "--quiet", "fieldkey")
    say(organisation.outlasts(root))
    root.run("apt-get", "purge", "--yes", "--quiet", "fieldkey")
    install, purge = ("dpkg", "--install", f"/root/{arguments.deb.name}"), ("dpkg", "--purge", "fieldkey")
    say(organisation.stays_linked(root, lambda: root.run(*install), lambda: root.run(*purge)))
    say(nothing_left(root, "the deb"))
    for found in rpm.check(root, arguments.rpm):
        say(found)
    say(nothing_left(root, "the rpm"))


def suites() -> list[str]:
    facts = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    here = facts.get("VERSION_ID", "").strip('"')
    return [suite for version, suite in SUITES.items() if not here.isdigit() or int(version) >= int(here)]


def say(found: str) -> None:
    global since
    now = time.monotonic()
    print(f"  {found} ({now - since:.0f} s)", flush=True)
    since = now


if __name__ == "__main__":
    main()
