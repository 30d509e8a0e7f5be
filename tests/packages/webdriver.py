"""A window driven through WebDriver, by its own words and nothing else."""

import json
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# Long enough for a slow machine; everything is awaited.
PATIENCE = 60
# Asked 50 times a second, WebKitWebDriver loses the window now and then.
PAUSE = 0.1


class Window:
    """A session with WebKitWebDriver, which starts the program."""

    def __init__(self, port: int, program: str, words: list[str]):
        self._at = f"http://127.0.0.1:{port}"
        self._until(lambda: self._call("GET", "/status")["ready"], "the driver")
        options = {"webkitgtk:browserOptions": {"binary": program, "args": words}}
        self.began = time.monotonic()
        capabilities = {"capabilities": {"alwaysMatch": options}}
        self._at += "/session/" + self._call("POST", "/session", capabilities)["sessionId"]

    def find(self, css: str) -> str:
        return self._until(lambda: self._element("css selector", css), css)

    def click(self, css: str) -> None:
        self._press(self.find(css))

    def choose(self, label: str) -> None:
        xpath = f"//label[contains(@class, 'choice')][.//*[text()='{label}']]"
        self._press(self._until(lambda: self._element("xpath", xpath), label))

    def fill(self, css: str, text: str) -> None:
        self._call("POST", f"/element/{self.find(css)}/value", {"text": text})

    def text(self, css: str) -> str:
        return self._call("GET", f"/element/{self.find(css)}/text")

    def screen(self, name: str) -> None:
        self.find(f'main[data-screen="{name}"]')

    def close(self) -> None:
        self._call("DELETE", "")

    def _press(self, element: str) -> None:
        # Out from under the bar with the primary action.
        script = "arguments[0].scrollIntoView({block: 'center'})"
        self._call("POST", "/execute/sync", {"script": script, "args": [{ELEMENT: element}]})
        self._call("POST", f"/element/{element}/click", {})

    def _element(self, using: str, value: str) -> str:
        return self._call("POST", "/element", {"using": using, "value": value})[ELEMENT]

    def _until(self, work, what: str):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return work()
            except (urllib.error.URLError, ConnectionError) as error:
                if time.monotonic() > end:
                    raise AssertionError(f"{what} did not come; the window shows: {self._shown()}") from error
            time.sleep(PAUSE)

    def _shown(self) -> str:
        try:
            return self._call("POST", "/execute/sync", {"script": "return document.body.innerText", "args": []})
        except urllib.error.HTTPError as error:
            return error.read().decode()
        except (urllib.error.URLError, ConnectionError):
            return "nothing"

    def _call(self, method: str, path: str, body: dict | None = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._at + path, data, {"Content-Type": "application/json"}, method=method)
        # No proxy stands before this computer.
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
            return json.load(answer)["value"]
