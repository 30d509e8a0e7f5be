"""What people do with what is installed: a first try, a day's work, and the same after an upgrade."""

import json

from cloud import Cloud
from desk import Desk
from root import PERSON, Root

SITE = f"/home/{PERSON}/東京 plant.fieldkey"
SERIAL_NUMBER = "PACKAGE-1"
JOURNAL = {"FIELDKEY_KEYCHAIN": "off"}


def practise(desk: Desk) -> str:
    with desk.window() as window:
        window.click("#practise")
        window.screen("provision")
        window.choose("PRACTISE 01")
        window.fill("#serial-number", "PRACTISE-1")
        window.click("#provision")
        window.screen("done")
        window.find("#registered")
    return "window: a device of the practise site is provisioned, and registers itself"


def work(root: Root, desk: Desk, cloud: Cloud) -> str:
    """A real run by the command, into the journal, and a site file that is opened by a double-click."""
    for name, content in cloud.files().items():
        if name.startswith("site/"):
            (root.path / name).parent.mkdir(exist_ok=True)
            (root.path / name).write_bytes(content)
    copies = f"cp /site/ca.pem /home/{PERSON}; cp /site/site.json '{SITE}'; mkdir /media/x"
    root.run("sh", "-c", f"{copies}; chown -R {PERSON} /home/{PERSON} /media/x")
    said = root.run("sh", "-c", cloud.call("provision", SERIAL_NUMBER, "drive:/media/x"), by=PERSON)
    last = json.loads(said.splitlines()[-1])
    assert last["event"] == "finished", last
    assert (root.path / "media/x/provisioning.json").exists()
    name = json.loads((root.path / "site/site.json").read_text())["name"]
    with desk.window() as window:
        window.screen("welcome")
        desk.run("gio", "open", SITE)
        window.screen("sign-in")
        assert name in window.text("body"), "it is this site that was opened"
    return "work: the command provisions at the local cloud; a double-clicked site file opens in the window that is there"


def kept(root: Root, desk: Desk) -> str:
    runs = root.run("fieldkey", "history", "--json", by=PERSON, env=JOURNAL).splitlines()
    assert [json.loads(run)["serialNumber"] for run in runs] == [SERIAL_NUMBER], runs
    root.run("fieldkey", "history", "--check", by=PERSON, env=JOURNAL)
    name = json.loads((root.path / "site/site.json").read_text())["name"]
    with desk.window() as window:
        window.screen("sign-in")
        assert name in window.text("body"), "the site that was opened last is there again"
    return "after the upgrade: the journal is whole and has its run, the window has its site"
