"""Is what a package put into a system in order, by the programs that will read it?"""

import re
from pathlib import Path
from typing import Iterator

from root import PERSON, Failed, Root

TOOLS = (
    "man-db", "bash-completion", "zsh", "fish", "desktop-file-utils", "appstream", "udev", "shared-mime-info",
    "xdg-utils", "file",
)
# A long word in a narrow column; and what groff 1.23 says of every page in Japanese.
NOT_OURS = ("cannot adjust line", "macro 'an*section1' not defined")
SITE_FILE = "application/vnd.fieldkey.site+json"


def check(root: Root) -> Iterator[str]:
    yield manual(root)
    yield completions(root)
    yield desktop(root)
    yield rules(root)


def manual(root: Root) -> str:
    pages = root.run("dpkg", "-L", "fieldkey").split()
    pages = [page for page in pages if "/man/" in page and page.endswith(".gz")]
    for page in pages:
        said = root.run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", page, by=PERSON, env={"MANWIDTH": "100"})
        # What is bold is printed twice, over itself.
        said = re.sub(".\b", "", said)
        warned = [line for line in said.splitlines() if ": warning" in line and not any(of in line for of in NOT_OURS)]
        assert not warned, f"{page}: {warned}"
        assert "NAME" in said or "名前" in said, f"{page}: {said[:400]}"
    english = {Path(page).name for page in pages if "/ja/" not in page}
    assert english == {Path(page).name for page in pages if "/ja/" in page}, "a page has no other language"
    for name in commands(root):
        assert f"fieldkey-{name}.1.gz" in english, f"`fieldkey {name}` has no page"
    assert root.run("man", "--path", "fieldkey").strip() == "/usr/share/man/man1/fieldkey.1.gz"
    page = root.run("man", "-L", "ja_JP.UTF-8", "fieldkey-provision", by=PERSON)
    assert "オプション" in page, page
    return f"manual: {len(english)} pages in each language, no warning"


def commands(root: Root) -> list[str]:
    """The jobs that the command's own help lists."""
    said = root.run("fieldkey", "--help")
    listed = said.split("Commands:")[1].split("Options:")[0]
    return [name for name in re.findall(r"^  ([a-z-]+)", listed, flags=re.MULTILINE) if name != "help"]


def offered(root: Root, *words: str) -> dict[str, set[str]]:
    """What a shell offers behind these words."""
    typed = ["fieldkey", *words]
    bash = (
        ". /usr/share/bash-completion/bash_completion; _completion_loader fieldkey; "
        f'COMP_WORDS=({" ".join(typed)} ""); COMP_CWORD={len(typed)}; '
        f'$(complete -p fieldkey | sed "s/.*-F \\([^ ]*\\).*/\\1/") fieldkey "" {typed[-1]}; '
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    fish = root.run("fish", "-c", f"complete -C '{' '.join(typed)} '", by=PERSON).splitlines()
    return {
        "bash": set(root.run("bash", "-c", bash, by=PERSON).split()),
        "fish": {line.split("\t")[0] for line in fish},
    }


def completions(root: Root) -> str:
    jobs = sorted(commands(root))
    for shell, words in offered(root).items():
        assert set(jobs) <= words, f"{shell} offers {words}"
    for shell, words in offered(root, "provision", "--driver").items():
        assert {"drive", "greengrass", "nrf91", "micropython"} <= words, f"{shell} offers drivers: {words}"
        assert not any("/" in word or "." in word for word in words), f"{shell} offers files as drivers: {words}"
    zsh = (
        "autoload -U compinit; compinit -u; print -r -- $_comps[fieldkey]; "
        "autoload -U +X _fieldkey && functions _fieldkey"
    )
    said = root.run("zsh", "-f", "-c", zsh, by=PERSON)
    assert said.startswith("_fieldkey\n"), f"zsh knows of no completion: {said[:200]}"
    assert all(job in said for job in jobs), "zsh's completion lacks a job"
    assert ":DRIVER:(drive greengrass " in said, "zsh's completion lacks the drivers"
    powershell = (root.path / "usr/share/fieldkey/completions/fieldkey.ps1").read_text()
    assert "Register-ArgumentCompleter" in powershell and all(f"'{job}'" in powershell for job in jobs)
    known = f"completions: bash, zsh and fish know {len(jobs)} commands"
    return f"{known}; PowerShell's file names them (there is no PowerShell here)"


def desktop(root: Root) -> str:
    root.run("desktop-file-validate", "/usr/share/applications/Fieldkey.desktop")
    metainfo = "/usr/share/metainfo/dev.fieldkey.window.metainfo.xml"
    said = root.run("appstreamcli", "validate", "--no-net", "--no-color", metainfo, check=False).splitlines()
    # There is no homepage to name.
    wrong = [line for line in said if line[:2] in ("E:", "W:") and "url-homepage-missing" not in line]
    assert said and not wrong, said
    root.run("sh", "-c", "echo '{}' > /tmp/東京.fieldkey")
    kind = root.run("gio", "info", "-a", "standard::content-type", "/tmp/東京.fieldkey")
    assert SITE_FILE in kind, kind
    for opened in (SITE_FILE, "x-scheme-handler/fieldkey"):
        said = root.run("gio", "mime", opened)
        assert "Fieldkey.desktop" in said, f"{opened}: {said}"
    for size in ("32x32", "128x128", "scalable"):
        icons = list((root.path / "usr/share/icons/hicolor" / size / "apps").glob("fieldkey-window.*"))
        assert icons, f"no icon of {size}"
    return "desktop: entry and metainfo are valid, site files and links open in Fieldkey"


def rules(root: Root) -> str:
    path = "/usr/lib/udev/rules.d/70-fieldkey.rules"
    assert (root.path / path.lstrip("/")).exists()
    try:
        root.run("udevadm", "verify", "--help")
    except Failed:
        return f"udev: its version in {root.suite} cannot verify rules"
    root.run("udevadm", "verify", path)
    return "udev: its own check finds nothing"
