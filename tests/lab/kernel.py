"""A Debian kernel with its modules, from Debian's package, unpacked into the cache folder: nothing is installed."""

import fcntl
import lzma
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

PACKAGE = "linux-image-amd64"

# What the guest needs: the machine's own devices, USB storage and FAT, and a USB host of the kernel's own making
# with gadgets plugged into it.
WANTED = """
    virtio_pci virtio_net virtio_console virtio_rng
    xhci_pci usb_storage sd_mod vfat nls_cp437 nls_ascii nls_iso8859_1 nls_utf8
    cdc_acm dummy_hcd libcomposite usb_f_acm
"""


def kernel(cache: Path) -> tuple[Path, list[Path]]:
    """The kernel, and the modules in the order in which they are loaded. Downloaded once for each version."""
    image = _version()
    folder = cache / "lab" / image
    stamp = folder / "whole"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != WANTED:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            with tempfile.TemporaryDirectory(dir=folder) as package:
                _fetch(image, folder, Path(package))
            stamp.write_text(WANTED)
    return folder / "vmlinux", sorted(folder.glob("*.ko"))


def _version() -> str:
    """The package behind the one that always depends on the newest kernel."""
    text = _output("apt-cache", "depends", PACKAGE)
    found = re.search(r"Depends: (linux-image-\S+)", text)
    if not found:
        raise SystemExit(f"apt knows no package behind {PACKAGE}: run `apt-get update`\n{text}")
    return found[1]


def _fetch(image: str, folder: Path, package: Path) -> None:
    # As root, apt would download as a user of its own, who may not write here; it says so and does without.
    _output("apt-get", "download", "--quiet", image, cwd=package)
    _output("dpkg-deb", "--extract", *map(str, package.glob("*.deb")), str(package))
    (packed,) = package.glob("boot/vmlinuz-*")
    # QEMU starts the kernel itself as well. Without hardware acceleration, unpacking it inside takes longest of all.
    (folder / "vmlinux").write_bytes(_unpacked(packed.read_bytes()))
    (modules,) = (package / "lib/modules").iterdir()
    _output("busybox", "depmod", "-b", str(package), modules.name)
    for number, path in enumerate(_order(modules)):
        shutil.copyfile(modules / path, folder / f"{number:03}-{Path(path).name}")


def _unpacked(image: bytes) -> bytes:
    start = image.find(b"\xfd7zXZ\0")
    if start < 0:
        raise SystemExit("the kernel is not packed with xz any more: tests/lab/kernel.py must learn its new format")
    return lzma.LZMADecompressor().decompress(image[start:])


def _order(modules: Path) -> list[str]:
    """The wanted modules' paths, each after those it needs."""
    needs = {}
    for line in (modules / "modules.dep").read_text().splitlines():
        path, _, rest = line.partition(":")
        needs[path] = rest.split()
    by_name = {Path(path).stem.replace("-", "_"): path for path in needs}
    built_in = {Path(path).stem.replace("-", "_") for path in (modules / "modules.builtin").read_text().split()}
    order: list[str] = []

    def add(path: str) -> None:
        for need in needs[path]:
            if need not in order:
                add(need)
        if path not in order:
            order.append(path)

    for name in WANTED.split():
        if name not in built_in:
            add(by_name[name])
    return order


def _output(*command: str, cwd: Path | None = None) -> str:
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed: {done.stderr}")
    return done.stdout
