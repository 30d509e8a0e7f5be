"""The list of updates names packages that the programs will take, and no others."""

import base64
import tempfile
import unittest
from pathlib import Path

import update_list

# What minisign's files look like; nothing here is checked beyond which key it is.
def written(by: bytes, *more: str) -> str:
    lines = ["untrusted comment: a test's", base64.b64encode(b"Ed" + by + bytes(32)).decode(), *more]
    return base64.b64encode("\n".join(lines).encode()).decode()


OURS, ANOTHER = bytes(range(8)), bytes(range(8, 16))
KEY = written(OURS)
URL = "https://example.com/download/v1.2.3"


class UpdateList(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for name in set(update_list.PACKAGES.values()):
            self.sign(name.format("1.2.3"))

    def sign(self, name: str, by: bytes = OURS, version: str = "1.2.3", as_file: str = ""):
        (self.folder / name).write_text("a package")
        said = f"trusted comment: timestamp:1\tfile:{as_file or name}\tversion:{version}"
        (self.folder / f"{name}.sig").write_text(written(by, said, "global"))

    def made(self):
        return update_list.update_list(self.folder, "1.2.3", KEY, URL, "What is new")

    def test_each_kind_of_computer_has_its_package_and_signature(self):
        made = self.made()
        self.assertEqual((made["version"], made["notes"]), ("1.2.3", "What is new"))
        self.assertEqual(set(made["platforms"]), set(update_list.PACKAGES))
        linux = made["platforms"]["linux-x86_64"]
        self.assertEqual(linux["url"], f"{URL}/Fieldkey_1.2.3_amd64.AppImage")
        self.assertEqual(linux["signature"], (self.folder / "Fieldkey_1.2.3_amd64.AppImage.sig").read_text())

    def test_a_package_that_programs_would_refuse_makes_no_list(self):
        name = "Fieldkey_1.2.3_x64-setup.exe"
        for refused, why in [
            (lambda: self.sign(name, by=ANOTHER), "another key"),
            (lambda: self.sign(name, version="1.2.2"), "not signed as itself, version 1.2.3"),
            (lambda: self.sign(name, as_file="Fieldkey_1.2.3_amd64.deb"), "not signed as itself"),
            (lambda: (self.folder / f"{name}.sig").write_text(written(OURS)), "not signed as itself"),
            (lambda: (self.folder / f"{name}.sig").write_text("half"), "nothing that `tauri signer` writes"),
            (lambda: (self.folder / f"{name}.sig").unlink(), "not there"),
        ]:
            self.sign(name)
            refused()
            with self.assertRaisesRegex(ValueError, why):
                self.made()


if __name__ == "__main__":
    unittest.main()
