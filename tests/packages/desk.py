"""A person's desktop in a clean system: a screen, a session bus, and a driver for the window."""

import os
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from root import PERSON, Root
from webdriver import Window

TOOLS = ("xvfb", "webkit2gtk-driver", "dbus", "libglib2.0-bin", "fonts-cantarell", "fonts-noto-cjk")
# Without a GPU the web view draws in memory.
DRAWING = {"GDK_BACKEND": "x11", "WEBKIT_DISABLE_DMABUF_RENDERER": "1", "LIBGL_ALWAYS_SOFTWARE": "1"}
AUTOMATION = {"TAURI_AUTOMATION": "true", "TAURI_WEBVIEW_AUTOMATION": "true"}


def is_running(pid: str) -> bool:
    """And not only waiting for somebody to ask how it ended."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


class Desk:
    """Ends with the namespace that the tests run in, or by `end`."""

    def __init__(self, root: Root):
        self._root, self._running = root, []
        self._said = tempfile.TemporaryFile()
        display, said = os.pipe()
        screen = ["Xvfb", "-displayfd", str(said), "-screen", "0", "1280x1024x24"]
        screen += ["-nolisten", "tcp", "-nolisten", "local"]
        self._start(screen, {}, (said,))
        # Else the end of a screen that did not start would be waited for.
        os.close(said)
        with os.fdopen(display) as line:
            # The whole line: the screen ends if nobody takes it.
            number = line.readline().strip()
        assert number, f"no screen: {self.said()}"
        bus = f"unix:path=/tmp/session-bus-{number}"
        socket_file = root.path / bus.removeprefix("unix:path=/")
        # One that a desktop left behind would be taken for this one's.
        socket_file.unlink(missing_ok=True)
        daemon = self._start(["dbus-daemon", "--session", "--nofork", f"--address={bus}"], {})
        self.env = {
            "DISPLAY": f":{number}", "DBUS_SESSION_BUS_ADDRESS": bus, "FIELDKEY_KEYCHAIN": "off", "NO_AT_BRIDGE": "1",
            **DRAWING, **AUTOMATION,
        }
        while not socket_file.exists():
            assert daemon.poll() is None, f"no session bus: {self.said()}"
            time.sleep(0.02)

    def run(self, *words: str) -> str:
        """A command of the person's, on this desktop."""
        return self._root.run(*words, by=PERSON, env=self.env)

    @contextmanager
    def window(self, *words: str, program: str = "/usr/bin/fieldkey-window") -> Iterator[Window]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        driver = self._start(["WebKitWebDriver", f"--port={port}", "--host=127.0.0.1"], self.env)
        window = Window(port, program, list(words))
        programs = Path(f"/proc/{driver.pid}/task/{driver.pid}/children").read_text().split()
        try:
            yield window
            window.close()
            # While it is there, another start would hand over to it and end.
            while any(is_running(pid) for pid in programs):
                time.sleep(0.02)
        finally:
            driver.kill()
            driver.wait()

    def said(self) -> str:
        """What the window and the programs around it wrote to their outputs."""
        self._said.seek(0)
        return self._said.read().decode(errors="replace")

    def end(self) -> None:
        for process in self._running:
            process.kill()
            process.wait()

    def _start(self, words: list[str], env: dict[str, str], kept: tuple[int, ...] = ()) -> subprocess.Popen:
        process = subprocess.Popen(
            self._root.words(*words, by=PERSON, env=env), stdin=subprocess.DEVNULL, stdout=self._said,
            stderr=self._said, pass_fds=kept,
        )
        self._running.append(process)
        return process
