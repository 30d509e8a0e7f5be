"""The rpm: its contents and what it requires, and that rpm itself installs and erases it."""

import re
import subprocess
from pathlib import Path
from typing import Iterator

import organisation
from root import Root

DATABASE = "/var/lib/rpm"
PROGRAMS = ("usr/bin/fieldkey", "usr/bin/fieldkey-window")
MUST_HAVE = (
    "/usr/bin/fieldkey", "/usr/bin/fieldkey-window", "/usr/share/applications/Fieldkey.desktop",
    "/usr/lib/udev/rules.d/70-fieldkey.rules", "/usr/share/mime/packages/fieldkey.xml",
    "/usr/share/metainfo/dev.fieldkey.window.metainfo.xml", "/usr/share/man/man1/fieldkey.1.gz",
    "/usr/share/man/ja/man1/fieldkey.1.gz", "/usr/share/bash-completion/completions/fieldkey",
    "/usr/share/zsh/site-functions/_fieldkey", "/usr/share/fish/vendor_completions.d/fieldkey.fish",
    "/usr/share/fieldkey/completions/fieldkey.ps1", "/usr/share/fieldkey/drivers/README",
    "/usr/share/doc/fieldkey/copyright", "/usr/share/doc/fieldkey/licences.txt.gz",
)


def check(root: Root, package: Path) -> Iterator[str]:
    files = ask("-qp", "--list", package)
    missing = [path for path in MUST_HAVE if path not in files]
    assert not missing, f"not in the rpm: {missing}"
    outside = [path for path in files if not path.startswith("/usr/")]
    assert not outside, f"outside of /usr: {outside}"
    # Fedora's libraries are not here, so rpm cannot find them; what it would look for is held against the programs.
    of_ours = ["--root", str(root.path), "--dbpath", DATABASE]
    ask(*of_ours, "--install", "--nodeps", package)
    required = ask("-qp", "--requires", package)
    for program in PROGRAMS:
        for library in needed(root.path / program):
            assert any(entry.startswith(library + "(") for entry in required), f"{program} needs {library}: {required}"
    changed = ask(*of_ours, "--verify", "--nodeps", "fieldkey")
    assert not changed, changed
    said = root.run("/usr/bin/fieldkey", "--version")
    assert said.startswith("fieldkey "), said
    yield organisation.made(root)
    organisation.fill(root)
    yield organisation.holds(root)
    ask(*of_ours, "--erase", "--nodeps", "fieldkey")
    yield organisation.outlasts(root)
    # Again, over the folder that is there now; and gone for good.
    ask(*of_ours, "--install", "--nodeps", package)
    yield organisation.made(root)
    ask(*of_ours, "--erase", "--nodeps", "fieldkey")
    install, erase = (*of_ours, "--install", "--nodeps", package), (*of_ours, "--erase", "--nodeps", "fieldkey")
    yield organisation.stays_linked(root, lambda: ask(*install), lambda: ask(*erase))
    yield f"rpm: {len(files)} files, requires what its programs need ({len(required)} entries); installed, verified, erased"


def needed(program: Path) -> list[str]:
    said = subprocess.run(["readelf", "--dynamic", program], check=True, capture_output=True, text=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.+)\]", said)


def ask(*words: object) -> list[str]:
    done = subprocess.run(["rpm", *map(str, words)], capture_output=True, text=True)
    assert done.returncode == 0, f"rpm {words}: {done.stdout}{done.stderr}"
    return done.stdout.split("\n")[:-1]
