"""The local cloud that the guest provisions against, and how `fieldkey` is called there."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPERATOR = "operator@example.com"


class Cloud:
    """Ends with this process."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._started = self._ask("up", "--port", "0", "--owner", str(os.getpid()))
        self._password = self._ask("operator", "--email", OPERATOR, "--permanent")["password"]

    @property
    def ports(self) -> list[int]:
        return [self._started["port"], self._started["mqttPort"]]

    def files(self) -> dict[str, bytes]:
        """What the guest needs for it. It has no CA certificates but these."""
        return {
            "site/site.json": (self.folder / "site.json").read_bytes(),
            "site/ca.pem": (self.folder / "ca.pem").read_bytes(),
            "etc/hosts": b"127.0.0.1 localhost\n",
        }

    def call(self, job: str, serial_number: str, target: str, *words: str) -> str:
        """The guest's command line for a job at a device."""
        environment = ["FIELDKEY_KEYCHAIN=off", f"FIELDKEY_PASSWORD={self._password}"]
        command = ["fieldkey", job, "--json", "--site", "/site/site.json", "--user", OPERATOR]
        command += ["--serial-number", serial_number, "--target", target, *words]
        return shlex.join(["env", *environment, *command])

    def end(self) -> None:
        self._ask("down")

    def _ask(self, *words: str) -> dict:
        script = ROOT / "tests/support/local_cloud.py"
        command = [sys.executable, script, words[0], "--state", self.folder, *words[1:]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise SystemExit(f"the local cloud failed: {done.stderr}")
        return json.loads(done.stdout)
