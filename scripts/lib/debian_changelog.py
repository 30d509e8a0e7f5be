#!/usr/bin/env python3
"""CHANGELOG.md on standard input, as Debian writes changelogs on standard output: VERSION MAINTAINER SECONDS.

What is not released yet counts as VERSION's, made at SECONDS of the Unix epoch."""

import email.utils
import re
import sys
import textwrap
from datetime import datetime, timezone


def main() -> None:
    version, maintainer, seconds = sys.argv[1:]
    at = datetime.fromtimestamp(int(seconds), timezone.utc)
    parts = re.split(r"^## \[(.+?)\](?: - (\S+))?\s*$", sys.stdin.read(), flags=re.MULTILINE)[1:]
    for name, day, text in zip(parts[::3], parts[1::3], parts[2::3]):
        entries = re.findall(r"^- (.+)$", text, flags=re.MULTILINE)
        if not entries:
            continue
        made = datetime.fromisoformat(day).replace(tzinfo=timezone.utc) if day else at
        print(f"fieldkey ({version if name == 'Unreleased' else name}) unstable; urgency=medium\n")
        for entry in entries:
            plain = re.sub(r"\[(.+?)\]\(.+?\)", r"\1", entry)
            print(textwrap.fill(plain, 78, initial_indent="  * ", subsequent_indent="    ", break_on_hyphens=False))
        print(f"\n -- {maintainer}  {email.utils.format_datetime(made)}\n")


if __name__ == "__main__":
    main()
