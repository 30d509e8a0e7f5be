"""The folder for an organisation's sites and policy: made by a package, filled by others, and theirs once it is filled."""

import json
import shutil
import stat
from typing import Callable

from root import PERSON, Root

FOLDER = "etc/fieldkey"
SITE = f"{FOLDER}/sites/tokyo.json"
POLICY = '{ "practise": false }\n'


def made(root: Root) -> str:
    for path in (FOLDER, f"{FOLDER}/sites"):
        found = (root.path / path).lstat()
        assert stat.filemode(found.st_mode) == "drwxr-xr-x", f"{path} is {stat.filemode(found.st_mode)}"
        assert (found.st_uid, found.st_gid) == (0, 0), f"{path} belongs to {found.st_uid}:{found.st_gid}"
        assert not [*(root.path / path).glob("*.*")], f"a file of nobody's in {path}"
    return "organisation: /etc/fieldkey is there, root's alone to write"


def fill(root: Root) -> None:
    """What an administrator copies there, with the rights that come by themselves: the site of a day's work."""
    (root.path / FOLDER / "policy.json").write_text(POLICY)
    shutil.copy(root.path / "site/site.json", root.path / SITE)
    shutil.copy(root.path / "site/ca.pem", (root.path / SITE).with_name("ca.pem"))


def holds(root: Root) -> str:
    said = root.run("fieldkey", "site", "list", "--json", by=PERSON).splitlines()
    listed = [json.loads(line) for line in said]
    assert [(site["path"], site["failure"]) for site in listed] == [(f"/{SITE}", None)], said
    root.run("fieldkey", "policy", "check", by=PERSON)
    policy = json.loads(root.run("fieldkey", "policy", "show", "--json", by=PERSON))
    assert policy["allowed"]["practise"] is False, policy
    return "organisation: its site is everybody's, its policy holds"


def outlasts(root: Root) -> str:
    """After the package went. What is left is cleared away."""
    assert (root.path / FOLDER / "policy.json").read_text() == POLICY, "the policy went with the package"
    assert (root.path / SITE).exists(), "a site went with the package"
    for file in (root.path / FOLDER).glob("**/*.*"):
        file.unlink()
    return "organisation: its files stay when the package goes"


def stays_linked(root: Root, install: Callable[[], object], remove: Callable[[], object]) -> str:
    """An administrator's link in the folder's place, and what it leads to, while a package comes and goes. Neither link
    nor folder is there before, or after."""
    link, elsewhere = root.path / FOLDER, root.path / "srv/organisation"
    sites = elsewhere / "sites"
    for there in (True, False):
        if there:
            sites.mkdir(parents=True)
        link.symlink_to("/srv/organisation")
        install()
        assert link.is_symlink() and elsewhere.exists() == there, "a package that came changed a link"
        remove()
        assert link.is_symlink() and sites.exists() == there, "a package that went changed a link, or what it leads to"
        link.unlink()
        if there:
            sites.rmdir()
            elsewhere.rmdir()
    return "organisation: a link in its folder's place stays, wherever it leads"
