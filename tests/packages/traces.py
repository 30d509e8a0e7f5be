"""What is left of a package that was removed."""

import subprocess
from pathlib import Path

from root import PERSON, Root

# Where the system notes what was installed, and where it was fetched from.
BOOKS = ("var/log/", "var/cache/apt/", "var/lib/apt/", "var/lib/dpkg/", "var/lib/rpm/", "root/", "tmp/")
MOUNTED = ("dev", "proc", "sys")


def nothing_left(root: Root, package: str) -> str:
    of_a_person = root.path / f"home/{PERSON}"
    journal = list((of_a_person / ".local/share/fieldkey/journal").iterdir())
    assert journal, "the journal stays: it is the person's"
    elsewhere = [f"{root.path}/{name}" for name in (*MOUNTED, f"home/{PERSON}", "media", "site")]
    prune = [word for path in elsewhere for word in ("-path", path, "-prune", "-o")]
    named = lines("find", root.path, *prune, "-iname", "*fieldkey*", "-print")
    excluded = [f"--exclude-dir={name}" for name in (*MOUNTED, "home", "site", "media")]
    mentioned = lines("grep", "-rIli", "--devices=skip", *excluded, "-e", "fieldkey", root.path)
    mentioned += lines("grep", "-rli", "-a", "-e", "fieldkey", root.path / "usr/share/mime")
    # What man-db's timer does once a day: until then its index has pages that are gone.
    root.run("mandb", "--quiet")
    said = root.run("apropos", "--exact", "fieldkey", check=False)
    assert "nothing appropriate" in said, said
    found = {str(Path(path).relative_to(root.path)) for path in (*named, *mentioned)}
    left = sorted(path for path in found if not path.startswith(BOOKS))
    assert not left, f"left behind: {left}"
    return f"removed: nothing is left of {package} but the journal and the person's own settings"


def lines(*words: object) -> list[str]:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    # grep ends with 1 where it finds nothing.
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.splitlines()
