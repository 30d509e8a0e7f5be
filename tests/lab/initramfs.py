"""The guest's whole file system, in memory: busybox, the kernel's modules, `fieldkey` and `rz` with their libraries."""

import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent


class Archive:
    """A cpio archive as the kernel unpacks it, written without being root."""

    def __init__(self, file):
        self.file, self.folders, self.count = file, {""}, 0

    def add(self, name: str, content: bytes, mode: int = 0o100644) -> None:
        for parent in reversed(Path(name).parents):
            folder = "" if parent == Path(".") else str(parent)
            if folder not in self.folders:
                self.folders.add(folder)
                self._entry(folder, b"", 0o040755)
        self._entry(name, content, mode)

    def close(self) -> None:
        self._entry("TRAILER!!!", b"", 0)

    def _entry(self, name: str, content: bytes, mode: int) -> None:
        self.count += 1
        encoded = name.encode() + b"\0"
        fields = [self.count, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(encoded), 0]
        self._padded(b"070701" + b"".join(b"%08x" % field for field in fields) + encoded)
        self._padded(content)

    def _padded(self, content: bytes) -> None:
        self.file.write(content + b"\0" * (-len(content) % 4))


def build(path: Path, modules: list[Path], fieldkey: Path, files: dict[str, bytes]) -> None:
    """`files`: further ones, by their names in the guest."""
    busybox = Path(shutil.which("busybox") or "/bin/busybox")
    with open(path, "wb") as file:
        archive = Archive(file)
        archive.add("bin/busybox", busybox.read_bytes(), 0o100755)
        for applet in subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split():
            if applet != "busybox":
                archive.add(f"bin/{applet}", b"busybox", 0o120777)
        for module in modules:
            archive.add(f"modules/{module.name}", module.read_bytes())
        archive.add("bin/fieldkey", _without_symbols(fieldkey, path.parent), 0o100755)
        rz = Path(shutil.which("rz") or "/usr/bin/rz")
        # In a folder of its own: not every device has it.
        archive.add("zmodem/lrzsz/rz", rz.read_bytes(), 0o100755)
        archive.add("zmodem/rz", (HERE / "guest" / "rz").read_bytes(), 0o100755)
        for library in sorted({*_libraries(fieldkey), *_libraries(rz)}):
            archive.add(library.lstrip("/"), Path(library).read_bytes(), 0o100755)
        archive.add("init", (HERE / "guest" / "init").read_bytes(), 0o100755)
        for name in ("drive", "gadget", "shell"):
            archive.add(f"bin/{name}", (HERE / "guest" / name).read_bytes(), 0o100755)
        for name, content in files.items():
            archive.add(name, content)
        archive.close()


def _without_symbols(binary: Path, folder: Path) -> bytes:
    """A debug build is twice as large with them, and the guest keeps it in memory."""
    stripped = folder / "stripped"
    subprocess.run(["strip", "-o", stripped, binary], check=True)
    content = stripped.read_bytes()
    stripped.unlink()
    return content


def _libraries(binary: Path) -> list[str]:
    said = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    return re.findall(r"(?:=> )?(/\S+) \(0x", said)
