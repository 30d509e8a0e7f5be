"""The deb: held against lintian, installed with what it asks for and nothing else, upgraded."""

import subprocess
from pathlib import Path

from root import Failed, Root

PROGRAMS = ("/usr/bin/fieldkey", "/usr/bin/fieldkey-window")
OLDER = "0.0.1~repacked"


def clean(package: Path) -> str:
    words = ["lintian", "--allow-root", "--show-overrides", "--display-info", "--tag-display-limit", "0", package]
    # Words that are run together in a program's text are no spelling of ours.
    words += ["--suppress-tags", "spelling-error-in-binary,binary-has-unneeded-section"]
    done = subprocess.run(words, capture_output=True, text=True)
    said = [line for line in done.stdout.splitlines() if not line.startswith("N:")]
    excepted = [line for line in said if line.startswith("O:")]
    if len(said) > len(excepted) or done.stderr:
        raise Failed(f"lintian: {done.stdout}{done.stderr}")
    return f"lintian: nothing but {len(excepted)} exceptions, which are named with their reasons"


def field(package: Path, name: str) -> str:
    return subprocess.run(["dpkg-deb", "-f", package, name], check=True, capture_output=True, text=True).stdout.strip()


def older(package: Path, folder: Path) -> Path:
    """The same package under an older version: what there is before there is a release to upgrade from."""
    tree, made = folder / "older", folder / f"fieldkey_{OLDER}_repacked.deb"
    if not made.exists():
        subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
        control = tree / "DEBIAN/control"
        text = control.read_text()
        control.write_text(text.replace(f"Version: {field(package, 'Version')}\n", f"Version: {OLDER}\n"))
        build = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree, made]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    return made


def installed(root: Root, package: Path) -> str:
    """Nothing that it recommends and no tool of ours is there yet: what is missing here is missing in its Depends."""
    root.install(root.put(package, f"/root/{package.name}"))
    for program in PROGRAMS:
        missing = [line.strip() for line in root.run("ldd", program).splitlines() if "not found" in line]
        assert not missing, f"{program}: {missing}"
    said = root.run("fieldkey", "--version")
    assert said.startswith("fieldkey "), said
    assert not root.run("dpkg", "--verify", "fieldkey"), "a file is not as its sum says"
    assert not root.run("dpkg", "--audit")
    return f"installed with its dependencies alone: {said.strip()}"


def upgraded(root: Root, package: Path) -> str:
    root.install(root.put(package, f"/root/{package.name}"))
    version = root.run("dpkg-query", "-W", "-f", "${Version} ${db:Status-Status}", "fieldkey")
    assert version == f"{field(package, 'Version')} installed", version
    return f"upgraded from {OLDER}: {version}"
