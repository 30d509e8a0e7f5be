"""Pulls of USB serial ports: gadgets that the guest's kernel plugs into a USB host of its own. A real tty, a real
hang-up; at the other end is a shell of the guest's, with a file system of its own. Two devices at a time: one takes
files as base64, the other by ZMODEM."""

import base64
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import image
from cloud import Cloud
from machine import Machine
from run import Run

PULLS = 20
# After a pull, a run is over within this time.
ENDS_AFTER_PULL = 40
USB_ID = "1209:0001"
# Where the driver puts files if nobody says where.
FOLDER = "etc/fieldkey"


@dataclass
class Device:
    """A gadget with a shell. Where it is plugged in does not change what it is."""

    machine: Machine
    cloud: Cloud
    name: str
    serial_number: str
    udc: str
    # Where its shell finds programs.
    path: str = "/bin"

    def make(self) -> None:
        port = self.machine.run(f"gadget make {self.name} {self.serial_number}")
        self.machine.run(f"shell {self.name} /dev/ttyGS{port} {self.path} >/dev/null 2>&1 &")

    def plug(self) -> str:
        """Returns the name that the system gives its port."""
        self.machine.run(f"gadget plug {self.name} {self.udc}")
        return self.machine.run(f"gadget port {self.serial_number}")

    def pull(self) -> None:
        self.machine.run(f"gadget pull {self.name}")

    def provision(self, target: str | None = None) -> Run:
        """By its identity, wherever it is, if no other target is named."""
        target = f"serial:{target or f'{USB_ID}:{self.serial_number}'}"
        call = self.cloud.call("provision", self.serial_number, target, "--driver", "console", "--replace")
        return Run(self.machine.job(call))

    def content(self) -> image.Content:
        """What the device has."""
        folder = f"/device/{self.name}/{FOLDER}"
        each = "for f in $(ls -A); do echo $f $(base64 -w0 $f); done"
        listed = self.machine.run(f"mkdir -p {folder}; cd {folder}; {each}")
        files: dict[str, bytes | None] = {}
        for line in listed.splitlines():
            name, _, encoded = line.partition(" ")
            files[name] = base64.b64decode(encoded)
        return image.Content(files, True, "")

    def complete(self, run: Run) -> None:
        """The run succeeds, and the device has exactly what it says."""
        result, found = run.result(), self.content()
        credentials = found.credentials()
        assert credentials is not None, f"{self.name}: success was said, and there is: {found.sizes()}"
        assert credentials.keys() == found.files.keys(), f"{self.name} keeps more than that: {found.sizes()}"
        record = found.record()
        assert record["certificateId"] == result["certificateId"], f"{self.name} has another claim: {record}"
        assert record["thingName"].endswith(self.serial_number), f"{self.name} has another's: {record['thingName']}"


@dataclass
class SerialPorts:
    machine: Machine
    cloud: Cloud
    seed: int

    def all(self) -> Iterator[str]:
        """Everything; what was seen, in a line each."""
        device = Device(self.machine, self.cloud, "a", "SN-0042", "dummy_udc.0")
        other = Device(self.machine, self.cloud, "b", "SN-0043", "dummy_udc.1", "/zmodem:/bin")
        stranger = Device(self.machine, self.cloud, "c", "SN-0044", "dummy_udc.0")
        for one in (device, other, stranger):
            one.make()
        first = device.plug()
        device.complete(device.provision())
        device.pull()
        other.plug()
        second = device.plug()
        assert first != second, f"it should have got another name than {first}"
        for one, run in [(one, one.provision()) for one in (device, other)]:
            one.complete(run)
            by_zmodem = self.machine.run(f"ls /device/{one.name}").split().count("came-by-zmodem") > 0
            assert by_zmodem == (one is other), f"{one.name} got its files {'' if by_zmodem else 'not '}by ZMODEM"
        found = f"two devices at once, found by {USB_ID} and serial number: each has its own"
        yield f"a device on {first} is plugged in again as {second}; {found}"
        yield self._exchanged(device, stranger)
        with ThreadPoolExecutor(2) as threads:
            ends = sum(threads.map(self._pulled_in_between, (device, other)), Counter())
        ends = ", ".join(f"{count} × {end}" for end, count in sorted(ends.items()))
        yield f"{PULLS} pulls of ports in the middle of `provision`, and each next one succeeds: {ends}"

    def _exchanged(self, device: Device, stranger: Device) -> str:
        """Another device comes to the port, before a run and during one. It gets nothing."""
        old = device.content().files
        device.pull()
        port = stranger.plug()
        self._gone(device.provision(), "its port has another device")
        stranger.pull()
        assert device.plug() == port, "both should have had the same name"
        run = device.provision(port)
        run.until("write", "running")
        device.pull()
        stranger.plug()
        self._gone(run, "its port was given to another device")
        stranger.pull()
        assert not stranger.content().files, f"it got what was meant for another: {stranger.content().sizes()}"
        device.plug()
        assert device.content().credentials() in (None, old), "it was pulled too early for anything new"
        device.complete(device.provision())
        return f"another device on {port}, before a run and during one: target-gone, and it gets nothing"

    def _gone(self, run: Run, when: str) -> None:
        assert run.finish().get("code") == "target-gone", f"{when}: {run.told()}"

    def _pulled_in_between(self, device: Device) -> Counter:
        run = device.provision()
        device.complete(run)
        dice, ends = random.Random(f"{self.seed} {device.serial_number}"), Counter()
        for _ in range(PULLS // 2):
            # Of the last one that was not pulled: how fast the machine is changes all the time.
            lasts = (run.took("write") + run.took("verify")) / 1000
            ends[self._pulled(device, dice.random() * lasts, lasts)] += 1
            device.plug()
            run = device.provision()
            device.complete(run)
        return ends

    def _pulled(self, device: Device, moment: float, lasts: float) -> str:
        """How it ended."""
        when = f"seed {self.seed}, {device.name} pulled {moment:.2f} s into a write of {lasts:.2f} s"
        old = device.content().credentials()
        run = device.provision()
        run.until("write", "running")
        time.sleep(moment)
        pulled = time.monotonic()
        device.pull()
        last = run.finish()
        took = time.monotonic() - pulled
        now = device.content().credentials()
        end = last["code"] if last["event"] == "failed" else "success"
        assert end in ("target-gone", "success"), f"{when}: {run.told()}"
        assert end != "success" or (now and now != old), f"{when}: success was said, and there is none"
        assert took < ENDS_AFTER_PULL, f"{when}: the run took {took:.0f} s to end"
        return f"{end} with " + ("none" if now is None else f"the {'old' if now == old else 'new'} one whole")
