"""One run of `fieldkey` in the guest, as its events tell it."""

import json
from collections.abc import Iterator

from machine import Job

# A run ends by itself within this time, whatever happens to the device.
ENDS_WITHIN = 90


class Run:
    def __init__(self, job: Job):
        self.job = job
        self.events: list[dict] = []

    def follow(self, within: float = ENDS_WITHIN) -> Iterator[dict]:
        for line in self.job.lines(within):
            if line.startswith("{"):
                event = json.loads(line)
                self.events.append(event)
                yield event

    def until(self, step: str, status: str) -> dict:
        """Waits for this event."""
        for event in self.follow():
            if event.get("step") == step and event.get("status") == status:
                return event
        raise AssertionError(f"the run never came to `{step}` {status}: {self.told()}")

    def finish(self) -> dict:
        """Waits for the end; the last event."""
        for _ in self.follow():
            pass
        last = self.events[-1] if self.events else {}
        if [event["event"] in ("finished", "failed") for event in self.events].count(True) != 1:
            raise AssertionError(f"a run has one end: {self.told()}")
        if (last["event"] == "finished") != (self.job.status == 0):
            raise AssertionError(f"status {self.job.status}, and yet: {last}")
        return last

    def result(self) -> dict:
        """Waits for the end, which must be a good one."""
        last = self.finish()
        if last["event"] != "finished":
            raise AssertionError(self.told())
        return last["result"]

    def step(self, name: str) -> dict | None:
        """What is told of a step that is done."""
        done = (event for event in self.events if event.get("step") == name and event.get("status") == "done")
        return next((event["detail"] for event in done), None)

    def took(self, name: str) -> int:
        """Milliseconds of a step that is done."""
        return next(event["ms"] for event in self.events if event.get("step") == name and event.get("status") == "done")

    def told(self) -> str:
        return "\n".join(self.job.said[-8:])
