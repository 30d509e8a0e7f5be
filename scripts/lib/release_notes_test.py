"""The notes of a release are those of its version, whole, and no other's."""

import tempfile
import unittest
from pathlib import Path

import release_notes

CHANGELOG = """# Changelog

## [Unreleased]

### Added

- Not out yet.

## [1.2.0] - 2026-11-22

### Added

- [Drivers](docs/drivers.md) as files; see [the format](https://example.com) and [below](#fixed).

### Fixed

- A line
  that goes on.

## [1.20] - 2026-10-01

- Another one.

## [1.1.0] - 2026-09-01

[1.1.0]: https://example.com/1.1.0
"""


class ReleaseNotes(unittest.TestCase):
    def test_a_section_ends_where_the_next_version_begins(self):
        text = release_notes.section(CHANGELOG, "1.2.0")
        self.assertTrue(text.startswith("### Added\n\n- [Drivers]"), text)
        self.assertTrue(text.endswith("- A line\n  that goes on."), text)

    def test_a_version_is_not_taken_for_one_that_begins_like_it(self):
        self.assertEqual(release_notes.section(CHANGELOG, "1.20"), "- Another one.")
        with self.assertRaisesRegex(ValueError, "no section"):
            release_notes.section(CHANGELOG, "1.2")
        with self.assertRaisesRegex(ValueError, "no section"):
            release_notes.section(CHANGELOG, "1x2.0")

    def test_a_version_of_which_nothing_is_said_is_not_released(self):
        with self.assertRaisesRegex(ValueError, "says nothing"):
            release_notes.section(CHANGELOG, "1.1.0")

    def test_links_into_the_repository_are_made_whole_and_others_kept(self):
        text = release_notes.linked(release_notes.section(CHANGELOG, "1.2.0"), "https://host/blob/v1.2.0/")
        self.assertIn("[Drivers](https://host/blob/v1.2.0/docs/drivers.md)", text)
        self.assertIn("[the format](https://example.com)", text)
        self.assertIn("[below](#fixed)", text)

    def test_what_comes_before_a_version_is_none(self):
        self.assertTrue(release_notes.is_final("1.20.3"))
        for version in ("1.2.3-rc.1", "1.2", "v1.2.3", "1.2.3+5", ""):
            self.assertFalse(release_notes.is_final(version), version)

    def test_all_files_that_name_a_version_are_looked_at(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "Cargo.toml").write_text('[workspace.package]\nversion = "1.0.0"\n[x]\nversion = "9"\n')
            (root / "package.json").write_text('{"version": "2.0.0"}')
            (root / "tauri.conf.json").write_text('{"version": "3.0.0"}')
            found = release_notes.versions(root)
        self.assertEqual(found, {"Cargo.toml": "1.0.0", "package.json": "2.0.0", "tauri.conf.json": "3.0.0"})

    def test_this_repository_is_of_one_version(self):
        self.assertEqual(len(set(release_notes.versions(release_notes.ROOT).values())), 1)


if __name__ == "__main__":
    unittest.main()
