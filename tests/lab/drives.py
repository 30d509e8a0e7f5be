"""Pulls of a USB drive with FAT. Two drives at a time: what is meant for one must not come onto the other."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import image
from cloud import Cloud
from machine import SLOW, Machine
from run import Run

PULLS = 20
AT_ONCE = 2
# After a pull, a run is over within this time.
ENDS_AFTER_PULL = 40


@dataclass(frozen=True)
class Job:
    """A job that writes to a drive."""

    name: str
    words: tuple[str, ...]
    # A claim's old settings go before the new ones come: an earlier claim is over in minutes. An identity is never
    # without its record.
    may_be_neither: bool


CLAIM = Job("provision", (), True)
IDENTITY = Job("enroll", ("--via", "claim", "--key", "aws"), False)


@dataclass
class Drives:
    machine: Machine
    cloud: Cloud
    folder: Path
    seed: int

    def all(self) -> Iterator[str]:
        """Everything; what was seen, in a line each."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            after = sum(self._at_once(threads, self.pulled_when_safe))
            yield f"{after} pulls right after \"safe to unplug\": all complete, each file system clean"
            for job in (CLAIM, IDENTITY):
                ends = sum(self._at_once(threads, partial(self.pulled_in_between, job)), Counter())
                ends = ", ".join(f"{count} × {end}" for end, count in sorted(ends.items()))
                yield f"{PULLS} pulls in the middle of `{job.name}`: {ends}"

    def _at_once(self, threads: ThreadPoolExecutor, work: Callable) -> list:
        try:
            return list(threads.map(work, range(AT_ONCE)))
        except BaseException:
            # What failed on one drive is not waited for on the other.
            self.machine.end()
            raise

    def pulled_when_safe(self, which: int) -> int:
        """Every other time there is something to replace."""
        stick = Stick(self, f"safe-{which}")
        for number in range(PULLS // AT_ONCE):
            if number % 2 == 0:
                image.empty(stick.image)
            run = stick.start(CLAIM)
            released = run.until("release", "done")
            stick.pull()
            assert released["detail"]["release"] == "ejected", released
            result, found = run.result(), stick.content()
            stick.complete(found, result)
            assert found.clean, f"after it was ejected: {found.complaints}"
        return PULLS // AT_ONCE

    def pulled_in_between(self, job: Job, which: int) -> Counter:
        """At moments spread over all writes that the run does from its first credential on. Each drive is then plugged
        in again, as the pull left it, and written to once more."""
        stick = Stick(self, f"{job.name}-{which}")
        image.empty(stick.image)
        _, before = stick.undisturbed(job)
        template = image.copy(stick.image, self.folder / f"{stick.name}.old")
        assert stick.written >= 10, f"{stick.name}: {stick.written} writes are too few to be pulled in between"
        dice = random.Random(f"{self.seed} {stick.name}")
        ends = Counter()
        for place in range(which, PULLS, AT_ONCE):
            image.copy(template, stick.image)
            moment = (place + dice.random()) * stick.written / PULLS
            try:
                end, found = self._pulled_at(job, stick, moment, before.credentials())
                ends[f"{end}, then {stick.once_more(job, found)}"] += 1
            except AssertionError as error:
                when = f"{stick.name} (seed {self.seed}), pulled after {moment:.2f} of {stick.written} writes"
                raise AssertionError(f"{when}: {error}") from error
        return ends

    def _pulled_at(self, job: Job, stick: "Stick", moment: float, old: dict | None) -> tuple[str, image.Content]:
        """How it ended, and what is there."""
        run, took = stick.pulled_after(job, moment)
        last, found = run.finish(), stick.content()
        now = found.credentials()
        state = "the old one" if now == old else "the new one" if now else "none"
        assert now or job.may_be_neither, f"no whole bundle: {found.sizes()}"
        thing = found.record()["thingName"] if now else stick.serial_number
        assert thing.endswith(stick.serial_number), f"{thing} is another's"
        end = last["code"] if last["event"] == "failed" else "success"
        assert end in ("target-gone", "success"), run.told()
        assert end != "success" or state == "the new one", f"success was said, and there is {state}"
        assert took < ENDS_AFTER_PULL, f"the run took {took:.0f} s to end"
        return f"{end} with {state}", found


class Stick:
    """One USB drive."""

    def __init__(self, drives: Drives, name: str):
        self.machine, self.cloud, self.name = drives.machine, drives.cloud, name
        self.serial_number = f"SN-{name}"
        self.image = drives.folder / f"{name}.img"
        self.written = 0

    def start(self, job: Job, slow: bool = False) -> Run:
        self.machine.plug(self.name, self.image, slow)
        self.machine.run(f"drive mount {self.name}")
        target = f"drive:/media/{self.name}"
        call = self.cloud.call(job.name, self.serial_number, target, "--replace", *job.words)
        return Run(self.machine.job(call))

    def pull(self) -> None:
        self.machine.pull(self.name)

    def content(self) -> image.Content:
        """What is there, after a pull."""
        self.machine.close_image(self.name)
        self.machine.run(f"drive let-go {self.name}")
        return image.content(self.image)

    def undisturbed(self, job: Job) -> tuple[dict, image.Content]:
        """A run to its end."""
        run = self.start(job)
        run.until("write", "running")
        before = self.machine.writes(self.name)
        run.until("release", "done")
        self.written = self.machine.writes(self.name) - before
        result = run.result()
        self.pull()
        return result, self.content()

    def pulled_after(self, job: Job, moment: float) -> tuple[Run, float]:
        """A run that is pulled after so many writes to the drive, and how long it went on."""
        run = self.start(job, slow=True)
        run.until("write", "running")
        before = self.machine.writes(self.name)
        deadline = time.monotonic() + ENDS_AFTER_PULL
        while self.machine.writes(self.name) - before < int(moment) and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(moment % 1 / SLOW)
        self.pull()
        pulled = time.monotonic()
        run.finish()
        return run, time.monotonic() - pulled

    def once_more(self, job: Job, left: image.Content) -> str:
        """A run on what a pull has left: complete, or refused until the file system is repaired."""
        last, found = self.again(job)
        if last["event"] == "finished":
            self.complete(found, last["result"])
            assert not found.damage, f"success was said at the next try, and the file system is damaged: {found.damage}"
            return "success"
        assert last["code"] == "target-damaged", f"at the next try: {last}"
        assert left.damage, f"at the next try, with nothing to repair: {last}, {left.complaints}"
        assert found.credentials() == left.credentials(), "what is refused is not touched"
        image.repair(self.image)
        last, found = self.again(job)
        assert last["event"] == "finished", f"after the repair: {last}"
        self.complete(found, last["result"], repaired=True)
        assert found.clean, f"after the repair: {found.complaints}"
        return "target-damaged, and success after a repair"

    def again(self, job: Job) -> tuple[dict, image.Content]:
        """A run to its end, whatever that is."""
        last = self.start(job).finish()
        self.pull()
        return last, self.content()

    def complete(self, found: image.Content, result: dict, repaired: bool = False) -> None:
        """All that the run said is there, and nothing half done. Beside it may lie what a repair has made of files."""
        bundle = found.credentials()
        assert bundle is not None, f"{self.name}: success was said, and there is no bundle: {found.sizes()}"
        said, there = {file["name"]: file["bytes"] for file in result["files"]}, found.sizes()
        if repaired:
            there = {name: size for name, size in there.items() if name in said}
        assert said == there, f"{self.name}: {said} was said, {found.sizes()} is there"
        record = found.record()
        assert record["thingName"] == result["thingName"], f"{self.name}: {record['thingName']}"
        assert record["certificateId"] == result["certificateId"], f"{self.name}: {record['certificateId']}"
