"""The virtual machine: QEMU without hardware acceleration, which CI machines do not have."""

import ctypes
import itertools
import json
import os
import queue
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

BOOTED_WITHIN = 180
ANSWERS_WITHIN = 30
# So many writes a second does a slow drive do: slow enough to pull it after any one of them.
SLOW = 50


class Hung(Exception):
    """Something did not end in time."""


class Job:
    """A command in the guest. Its lines come as it says them."""

    def __init__(self, machine: "Machine", command: str):
        self.machine, self.command = machine, command
        self.said: list[str] = []
        self.status: int | None = None
        self._lines: queue.Queue[str] = queue.Queue()
        self._number = machine.start(command, self._lines)

    def lines(self, within: float):
        """The lines up to the end of the command."""
        deadline = time.monotonic() + within
        while self.status is None:
            try:
                line = self._lines.get(timeout=1)
            except queue.Empty:
                if self.machine.ended():
                    raise Hung("the machine has ended") from None
                if time.monotonic() < deadline:
                    continue
                said = "\n".join(self.said[-20:])
                raise Hung(f"`{self.command}` did not end within {within} s; it said:\n{said}") from None
            if line.startswith("="):
                self.status = int(line[1:])
                self.machine.forget(self._number)
            else:
                self.said.append(line)
                yield line

    def wait(self, within: float = ANSWERS_WITHIN) -> "Job":
        for _ in self.lines(within):
            pass
        return self


class Machine:
    def __init__(self, folder: Path, kernel: Path, initramfs: Path, ports: list[int]):
        """`ports`: those of this computer's loopback that the guest has on its own. It reaches nothing else."""
        self.folder = folder
        self._jobs: dict[int, queue.Queue[str]] = {}
        self._numbers = itertools.count(1)
        self._ready = threading.Event()
        self._asking = threading.Lock()
        forward = ",".join(f"guestfwd=tcp:10.0.2.100:{port}-cmd:busybox nc 127.0.0.1 {port}" for port in ports)
        # fmt: off
        command = [
            "qemu-system-x86_64", "-machine", "q35", "-cpu", "max", "-accel", "tcg,thread=multi", "-smp", "2",
            "-m", "1024", "-nodefaults", "-display", "none", "-no-reboot",
            "-kernel", str(kernel), "-initrd", str(initramfs),
            "-append", f"console=ttyS0 quiet panic=-1 mitigations=off fieldkey_ports={','.join(map(str, ports))}",
            "-serial", f"file:{folder / 'console.log'}",
            "-qmp", f"unix:{folder / 'qmp'},server=on,wait=off",
            "-chardev", f"socket,id=lab,path={folder / 'lab'},server=on,wait=off",
            "-device", "virtio-serial-pci", "-device", "virtserialport,chardev=lab,name=lab",
            "-netdev", f"user,id=net,restrict=on,{forward}", "-device", "virtio-net-pci,netdev=net,romfile=",
            "-device", "virtio-rng-pci",
            "-device", "qemu-xhci,id=usb",
        ]
        # fmt: on
        with open(folder / "qemu.log", "w") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=_end_with_parent
            )
        try:
            self._qmp = self._connect("qmp").makefile("rw")
            json.loads(self._qmp.readline())
            self.qmp("qmp_capabilities")
            self._channel = self._connect("lab")
            threading.Thread(target=self._read, daemon=True).start()
            if not self._ready.wait(BOOTED_WITHIN):
                raise Hung(f"the guest was not up within {BOOTED_WITHIN} s\n{self.console()}")
        except BaseException:
            self.end()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self) -> None:
        self._process.kill()
        self._process.wait()

    def ended(self) -> bool:
        return self._process.poll() is not None

    def console(self) -> str:
        """The last of what the guest's kernel said, and QEMU."""
        logs = [self.folder / "qemu.log", self.folder / "console.log"]
        texts = [log.read_text(errors="replace")[-3000:] for log in logs if log.exists()]
        return "\n".join(texts)

    # ---- Commands in the guest ----

    def job(self, command: str) -> Job:
        return Job(self, command)

    def run(self, command: str, within: float = ANSWERS_WITHIN) -> str:
        """What a command says, which must succeed."""
        job = self.job(command).wait(within)
        said = "\n".join(job.said)
        if job.status:
            raise AssertionError(f"`{command}` ended with {job.status} in the guest: {said}")
        return said

    def start(self, command: str, lines: queue.Queue) -> int:
        with self._asking:
            number = next(self._numbers)
            self._jobs[number] = lines
            self._channel.sendall(f"{number} {command}\n".encode())
        return number

    def forget(self, number: int) -> None:
        del self._jobs[number]

    def _read(self) -> None:
        for line in self._channel.makefile("r", encoding="utf-8", errors="replace"):
            if line == "ready\n":
                self._ready.set()
                continue
            number, _, said = line.rstrip("\n").partition(" ")
            if number.isdecimal() and int(number) in self._jobs:
                self._jobs[int(number)].put(said)

    def _connect(self, name: str) -> socket.socket:
        deadline = time.monotonic() + ANSWERS_WITHIN
        connection = socket.socket(socket.AF_UNIX)
        while True:
            try:
                connection.connect(str(self.folder / name))
                return connection
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"QEMU did not start: {self.console()}") from None
                time.sleep(0.05)

    # ---- USB drives ----

    def plug(self, name: str, image: Path, slow: bool = False) -> None:
        """Plugs a USB drive in that is this image; its serial number is its name."""
        medium = {"driver": "raw", "node-name": name, "file": {"driver": "file", "filename": str(image)}}
        if slow:
            limits = {"iops-write": SLOW}
            self.qmp("object-add", {"qom-type": "throttle-group", "id": f"slow-{name}", "limits": limits})
            medium = {
                "driver": "throttle", "node-name": name, "throttle-group": f"slow-{name}",
                "file": {"driver": "raw", "file": medium["file"]},
            }  # fmt: skip
        self.qmp("blockdev-add", medium)
        stick = {"driver": "usb-storage", "bus": "usb.0", "removable": True}
        self.qmp("device_add", stick | {"id": f"stick-{name}", "drive": name, "serial": name})

    def pull(self, name: str) -> None:
        """Pulls it out, at once and whatever is under way."""
        self.qmp("device_del", {"id": f"stick-{name}"})

    def close_image(self, name: str) -> None:
        """After a pull: from here on the image is what reached the drive, and nothing else."""
        deadline = time.monotonic() + ANSWERS_WITHIN
        while True:
            try:
                self.qmp("blockdev-del", {"node-name": name})
                break
            except AssertionError:
                # What was under way comes to its end first.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        if any(one["name"] == f"slow-{name}" for one in self.qmp("qom-list", {"path": "/objects"})):
            self.qmp("object-del", {"id": f"slow-{name}"})

    def writes(self, name: str) -> int:
        """How many writes the drive has done since it was plugged in."""
        for one in self.qmp("query-blockstats"):
            if f"/stick-{name}/" in one.get("qdev", ""):
                return one["stats"]["wr_operations"]
        return 0

    def qmp(self, command: str, arguments: dict | None = None):
        with self._asking:
            self._qmp.write(json.dumps({"execute": command, "arguments": arguments or {}}) + "\n")
            self._qmp.flush()
            while True:
                answer = json.loads(self._qmp.readline())
                if "error" in answer:
                    raise AssertionError(f"{command}: {answer['error']['desc']}")
                if "return" in answer:
                    return answer["return"]


def _end_with_parent() -> None:
    """Whatever becomes of the lab, no virtual machine is left behind."""
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGKILL)
    if os.getppid() == 1:
        os._exit(1)
