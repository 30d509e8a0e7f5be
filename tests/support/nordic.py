#!/usr/bin/env python3
"""Nordic's own client, driving a device on a pty: writes, lists and deletes credentials, has keys made.

    nordic.py at|tls PORT FOLDER TERMINATOR
    nordic.py cloud PORT FOLDER TERMINATOR
    nordic.py write-at|write-tls PORT FOLDER TERMINATOR
    nordic.py install PORT FOLDER CMD_TYPE

`at` runs `nrfcredstore` as people do (it finds an AT shell by itself), `tls` and `cloud` use its classes for the
two shells, `write-at` and `write-tls` write and list and do nothing else,
`install` runs `device_credentials_installer`. FOLDER holds `ca.pem`, `cert.pem` and `key.pem`; what is
made is written there.
"""

import sys
from pathlib import Path

import environments

if __name__ == "__main__":
    environments.enter("nordic")

import base64
import io
from contextlib import redirect_stdout

from cryptography import x509
from nrfcredstore import cli, comms
from nrfcredstore.command_interface import NrfCloudCredShellInterface, TLSCredShellInterface
from serial.tools.list_ports_common import ListPortInfo

TAG = 42


def credstore(port: str, *words: str) -> str:
    said = io.StringIO()
    with redirect_stdout(said):
        cli.run(["nrfcredstore", port, *words])
    return said.getvalue()


def write_at(port: str, folder: Path) -> None:
    kinds = {"ROOT_CA_CERT": "ca.pem", "CLIENT_CERT": "cert.pem", "CLIENT_KEY": "key.pem"}
    for kind, name in kinds.items():
        credstore(port, "write", str(TAG), kind, str(folder / name))
    listed = credstore(port, "list", "--tag", str(TAG))
    assert all(kind in listed for kind in kinds), listed


def at(port: str, folder: Path) -> None:
    write_at(port, folder)
    credstore(port, "generate", str(TAG + 1), str(folder / "made.csr"), "--attributes", "CN=SN-1,O=Example")
    credstore(port, "delete", str(TAG), "CLIENT_CERT")
    listed = credstore(port, "list", "--tag", str(TAG))
    assert "CLIENT_CERT" not in listed and "CLIENT_KEY" in listed, listed
    assert "352656100367872" in credstore(port, "imei")


def write_tls(port: str, folder: Path) -> TLSCredShellInterface:
    shell = TLSCredShellInterface(comms.Comms(port=port))
    for number, name in enumerate(["ca.pem", "cert.pem", "key.pem"]):
        text = (folder / name).read_text()
        assert shell.write_credential(TAG, number, text), name
        present, digest = shell.check_credential_exists(TAG, number)
        assert present and digest == shell.calculate_expected_hash(text), name
    return shell


def tls(port: str, folder: Path) -> None:
    shell = write_tls(port, folder)
    assert shell.delete_credential(TAG, 1)
    assert not shell.check_credential_exists(TAG, 1)[0]
    assert not shell.delete_credential(TAG, 1), "it is gone already"


def cloud(port: str, folder: Path) -> None:
    shell = NrfCloudCredShellInterface(comms.Comms(port=port))
    request = base64.b64decode(shell.get_csr(TAG, "CN=SN-1"))
    (folder / "made.csr").write_bytes(request)
    point = x509.load_der_x509_csr(request).public_key().public_numbers()
    public = b"\x04" + point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
    assert shell.get_pubkey(TAG) == public
    shell.get_csr(TAG + 1)
    assert shell.delete_credential(TAG + 1, 2)


def install(port: str, folder: Path, kind: str) -> None:
    from nrfcloud_utils import create_ca_cert, device_credentials_installer

    create_ca_cert.main(["-c", "JP", "--cn", "Test", "-p", str(folder), "-f", "own_"])
    authority = next(path for path in folder.iterdir() if path.name.endswith("_ca.pem"))
    key = next(path for path in folder.iterdir() if path.name.endswith("_prv.pem"))
    local = [] if kind == "nrf_cloud_cred_shell" else ["--local-cert"]
    device_credentials_installer.main([
        "--port", port, "--cmd-type", kind, "--ca", str(authority), "--ca-key", str(key), "--csv", "", "--id-str", "SN-1",
        "--sectag", str(TAG), "--verify", *local,
    ])


def main() -> None:
    job, port, folder, last = sys.argv[1:]
    # Only real ports are found, and a pty is none.
    comms.get_comports_fixed_ordering = lambda: [ListPortInfo(port)]
    if job == "install":
        return install(port, Path(folder), last)
    line_ending = comms.CMD_TERM_DICT[last]
    ready = comms.Comms.__init__
    comms.Comms.__init__ = lambda self, **given: ready(self, **{**given, "line_ending": line_ending})
    jobs = {"at": at, "tls": tls, "cloud": cloud, "write-at": write_at, "write-tls": write_tls}
    jobs[job](port, Path(folder))


if __name__ == "__main__":
    main()
