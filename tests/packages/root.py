"""Clean Debian systems, each in a folder: what `debootstrap` makes, once a suite, and copies of it to spoil."""

import os
import shutil
import subprocess
from pathlib import Path

MIRROR = "http://deb.debian.org/debian"
PERSON = "mori"
# What a program must have beside its files. Everything is undone with the mount namespace that the tests run in.
BOUND = ("/dev", "/dev/pts", "/dev/shm", "/proc", "/sys")


class Failed(Exception):
    """A command did, or said, something else than it should."""


class Root:
    """A system of its own, on this computer's kernel and network."""

    def __init__(self, suite: str, cache: Path, folder: Path):
        self.suite, self.path = suite, folder / suite
        archive = cache / "roots" / f"{suite}.tar"
        if not archive.exists():
            _make(suite, archive, folder)
        self.path.mkdir()
        subprocess.run(["tar", "-xf", archive, "-C", self.path], check=True)
        for folder_of_this_computer in BOUND:
            inside = self.path / folder_of_this_computer.lstrip("/")
            inside.mkdir(exist_ok=True)
            subprocess.run(["mount", "--bind", folder_of_this_computer, inside], check=True)
        # What apt fetched once need not be fetched for the next copy.
        kept = cache / "roots" / f"{suite}-archives"
        (kept / "partial").mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "--bind", kept, self.path / "var/cache/apt/archives"], check=True)
        shutil.copy("/etc/resolv.conf", self.path / "etc/resolv.conf")
        (self.path / "etc/dpkg/dpkg.cfg.d/unsynced").write_text("force-unsafe-io\n")
        self.run("useradd", "--create-home", "--shell", "/bin/bash", PERSON)
        self.run("apt-get", "--quiet", "update")

    def run(self, *words: str, by: str = "root", check: bool = True, env: dict[str, str] | None = None) -> str:
        """What a command there said, on both of its outputs."""
        done = subprocess.run(
            self.words(*words, by=by, env=env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=900,
        )
        if check and done.returncode:
            raise Failed(f"{' '.join(words)} ended with {done.returncode}: {done.stdout}")
        return done.stdout

    def words(self, *words: str, by: str = "root", env: dict[str, str] | None = None) -> list[str]:
        """A command there, as this computer calls it, with nothing of the caller's environment."""
        home = "/root" if by == "root" else f"/home/{by}"
        there = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": home, "LANG": "C.UTF-8", "USER": by,
            "DEBIAN_FRONTEND": "noninteractive", **(env or {}),
        }
        listed = [f"{name}={value}" for name, value in there.items()]
        return ["env", "-i", *listed, "chroot", f"--userspec={by}:{by}", str(self.path), *words]

    def install(self, *packages: str) -> None:
        options = ["--yes", "--quiet", "--no-install-recommends", "-oAPT::Keep-Downloaded-Packages=true"]
        self.run("apt-get", "install", *options, *packages)

    def put(self, file: Path, path: str, by: str = "root") -> str:
        """Copies a file into the system; returns its path there."""
        inside = self.path / path.lstrip("/")
        inside.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, inside)
        self.run("chown", by, path)
        return path


def _make(suite: str, archive: Path, folder: Path) -> None:
    made = folder / f"{suite}-made"
    subprocess.run(
        ["debootstrap", "--variant=minbase", suite, made, MIRROR], check=True, stdout=subprocess.DEVNULL
    )
    archive.parent.mkdir(parents=True, exist_ok=True)
    unfinished = archive.with_suffix(".part")
    subprocess.run(["tar", "-cf", unfinished, "-C", made, "--exclude=./var/cache/apt/archives/*.deb", "."], check=True)
    os.replace(unfinished, archive)
