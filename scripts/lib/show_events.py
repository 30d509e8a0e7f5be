"""Shows the events of `fieldkey … --json` to people: each step that is done with its time, then how it ended."""

import json
import signal
import sys


def line(milliseconds, words: str) -> None:
    took = "" if milliseconds is None else f"{milliseconds} ms"
    print(f"{took:>12}  {words}", flush=True)


# A Ctrl-C is for Fieldkey, which says last how that ended.
signal.signal(signal.SIGINT, signal.SIG_IGN)
for text in sys.stdin:
    event = json.loads(text)
    kind = event["event"]
    if kind == "step" and event["status"] == "done":
        line(event.get("ms"), event["step"])
    elif kind == "finished":
        result = event["result"]
        line(None, f"{result['thingName']}, claim {result['certificateId'][:10]}… until {result['expires']}")
        for file in result["files"]:
            line(None, f"  {file['name']}  {file['bytes']} bytes")
    elif kind == "failed":
        line(None, f"failed at {event['step']}: {event['code']}: {event['message']}")
        line(None, event.get("help") or "")
