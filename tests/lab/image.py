"""A USB drive's image with a FAT file system, and what is on it: read by mtools and fsck, not by the kernel that
wrote it."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SIZE = 32 * 1024 * 1024
# Lines of fsck's.
HARMLESS = re.compile(
    r"fsck\.fat [\d.]+ \(.*\)"
    r"|(0x\w+: )?Dirty bit is set\. Fs was not properly unmounted and some data may be corrupt\."
    r"|Automatically removing dirty bit\."
    r"|Reclaimed \d+ unused clusters? \(\d+ bytes\).*"
    r"|Free cluster summary .*|Auto-(correcting|setting)\."
    r"|Leaving filesystem unchanged\."
    r"|.*: \d+ files, \d+/\d+ clusters"
)


def empty(path: Path) -> Path:
    with open(path, "wb") as file:
        file.truncate(SIZE)
    _tool("mkfs.vfat", "-n", "STICK", str(path))
    return path


def copy(source: Path, to: Path) -> Path:
    shutil.copyfile(source, to)
    return to


@dataclass
class Content:
    """What lies on a drive. `clean`: fsck has nothing to say, and the file system was unmounted."""

    # `None`: the file system names it, and cannot give it.
    files: dict[str, bytes | None]
    clean: bool
    complaints: str

    @property
    def damage(self) -> list[str]:
        """What fsck says beyond what any pull leaves, and what harms nobody: the mark of a drive that was not
        unmounted, and clusters that nothing names."""
        return [line for line in self.complaints.splitlines() if line.strip() and not HARMLESS.fullmatch(line.strip())]

    def credentials(self) -> dict[str, bytes] | None:
        """The whole bundle that a device would take: what a record says is there, and fits it. `None`: no record."""
        record_name = next((name for name in ("identity.json", "provisioning.json") if name in self.files), None)
        if record_name is None:
            return None
        try:
            record = json.loads(self.files[record_name] or b"")
        except ValueError:
            raise AssertionError(f"{record_name} is there, and broken: {self.sizes()}\n{self.complaints}") from None
        bundle = {record_name: self.files[record_name]}
        for name, digest in record["sha256"].items():
            content = self.files.get(name)
            if content is None or hashlib.sha256(content).hexdigest() != digest:
                why = f"{record_name} is there, but {name} is not what it says: {self.sizes()}"
                raise AssertionError(f"{why}\n{self.complaints}")
            bundle[name] = content
        named = record["files"]
        if set(named.values()) != set(record["sha256"]):
            raise AssertionError(f"{record_name} names {named}, and digests of {list(record['sha256'])}")
        if _public_key(bundle[named["certificate"]], "x509") != _public_key(bundle[named["privateKey"]], "pkey"):
            raise AssertionError("the private key is not the certificate's")
        return bundle

    def record(self) -> dict:
        """What the bundle says of itself."""
        return json.loads(self.files.get("identity.json") or self.files["provisioning.json"])

    def sizes(self) -> dict[str, int | None]:
        return {name: None if content is None else len(content) for name, content in self.files.items()}


def content(path: Path) -> Content:
    files: dict[str, bytes | None] = {}
    for listed in _tool("mdir", "-b", "-a", "-i", str(path), "::/").decode().splitlines():
        name = listed.removeprefix("::/")
        try:
            files[name] = _tool("mtype", "-i", str(path), listed)
        except AssertionError:
            files[name] = None
    checked = subprocess.run(["fsck.vfat", "-n", path], capture_output=True, text=True, timeout=60)
    return Content(files, checked.returncode == 0, checked.stdout)


def repair(path: Path) -> None:
    """As the failure's help says."""
    done = subprocess.run(["fsck.vfat", "-a", path], capture_output=True, text=True, timeout=60)
    # 1: it has corrected something.
    assert done.returncode in (0, 1), f"fsck.vfat -a: {done.stdout}{done.stderr}"


def _public_key(pem: bytes, kind: str) -> bytes:
    words = ["-noout", "-pubkey"] if kind == "x509" else ["-pubout"]
    done = subprocess.run(["openssl", kind, *words], input=pem, capture_output=True, timeout=60)
    if done.returncode:
        raise AssertionError(f"openssl {kind} cannot read it: {done.stderr.decode()}")
    return done.stdout


def _tool(*command: str) -> bytes:
    # mtools would look for drives in the user's own settings.
    environment = os.environ | {"MTOOLSRC": os.devnull, "MTOOLS_SKIP_CHECK": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, timeout=60)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}: {done.stderr.decode(errors='replace')}")
    return done.stdout
