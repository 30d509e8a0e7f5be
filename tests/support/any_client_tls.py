"""TLS as AWS IoT's endpoints speak it: a name must be asked for, and any client certificate will do.

The handshake proves that the client has the certificate's key. Whether the certificate is good for
anything the registry decides afterwards: so certificates that no authority issued work once registered.
"""

import contextlib
import datetime
import select
import socket
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

HANDSHAKE_WITHIN = 10


class Authority:
    """A certificate authority made on the spot, and the server certificate it issued for localhost."""

    def __init__(self, folder: Path):
        key = ec.generate_private_key(ec.SECP256R1())
        self.key = ec.generate_private_key(ec.SECP256R1())
        name, server = _name("Doubles of AWS IoT"), _name("localhost")
        ca = (
            _certificate(name, name, key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.certificate = (
            _certificate(server, name, self.key)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(key, hashes.SHA256())
        )
        self.file = folder / "ca.pem"
        self.file.write_bytes(ca.public_bytes(Encoding.PEM))

    def context(self, protocol: bytes = b"") -> SSL.Context:
        """With a protocol, only clients that offer it by ALPN are served."""
        context = SSL.Context(SSL.TLS_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.use_certificate(self.certificate)
        context.use_privatekey(self.key)
        context.set_session_id(b"fieldkey")
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        if protocol:
            def choose(_connection, offered):
                if protocol not in offered:
                    raise ConnectionRefusedError("no protocol in common")
                return protocol

            context.set_alpn_select_callback(choose)
        return context


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _certificate(subject: x509.Name, issuer: x509.Name, key) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    return (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + 30 * day)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(**wanted) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: wanted.get(name, False) for name in names})


class Listener:
    """A port of loopback. Each client gets a thread, in which `serve` is called with its Stream."""

    def __init__(self, port: int, authority: Authority, serve, protocol: bytes = b""):
        self.context, self.serve, self.protocol = authority.context(protocol), serve, protocol
        self.hangs = False
        self.socket = self._bound(port)
        self.port = self.socket.getsockname()[1]
        self._listen()

    @staticmethod
    def _bound(port: int) -> socket.socket:
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
        return bound

    def _listen(self) -> None:
        self.socket.listen()
        threading.Thread(target=self._accept, args=(self.socket,), daemon=True).start()

    def block(self) -> None:
        """From now on connections are refused. The port stays ours: bound, but not listening."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.socket = self._bound(self.port)

    def unblock(self) -> None:
        self._listen()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._welcome, args=(client,), daemon=True).start()

    def _welcome(self, client: socket.socket) -> None:
        with client:
            try:
                # As behind a firewall that swallows everything: connected, then silence.
                while self.hangs and client.recv(65536):
                    pass
                if self.hangs:
                    return
                stream = Stream(self.context, client)
                if stream.protocol == self.protocol:
                    self.serve(stream)
                stream.close()
            except (SSL.Error, OSError):
                pass  # a client that hangs up, or trusts nobody, is its own affair


class Stream:
    """One client, after the handshake."""

    def __init__(self, context: SSL.Context, client: socket.socket):
        self.socket = client
        client.setblocking(False)
        self.tls = SSL.Connection(context, client)
        self.tls.set_accept_state()
        self._wait_for(self.tls.do_handshake, HANDSHAKE_WITHIN)
        self.certificate = self.tls.get_peer_certificate(as_cryptography=True)
        self.der = self.certificate.public_bytes(Encoding.DER)
        # An address is no server name, though some clients send one.
        name = (self.tls.get_servername() or b"").decode(errors="replace")
        self.server_name = "" if not name or name.replace(".", "").isdigit() or ":" in name else name
        self.protocol = self.tls.get_alpn_proto_negotiated()

    def _wait_for(self, job, seconds=None):
        while True:
            try:
                return job()
            except SSL.WantReadError:
                ready = select.select([self.socket], [], [], seconds)[0]
            except SSL.WantWriteError:
                ready = select.select([], [self.socket], [], seconds)[1]
            if not ready:
                raise TimeoutError

    def read(self, seconds=None) -> bytes:
        """What has come, at least one byte; nothing at the end."""
        try:
            return self._wait_for(lambda: self.tls.recv(65536), seconds)
        except (SSL.ZeroReturnError, SSL.SysCallError):
            return b""

    def read_now(self):
        """What has come already; None if nothing has, nothing at the end."""
        try:
            return self.tls.recv(65536)
        except SSL.WantReadError:
            return None
        except (SSL.ZeroReturnError, SSL.SysCallError):
            return b""

    def write(self, data: bytes) -> None:
        while data:
            sent = self._wait_for(lambda: self.tls.send(data))
            data = data[sent:]

    def cut(self) -> None:
        """Gone without a word. From any thread."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with contextlib.suppress(SSL.Error):
            self.tls.shutdown()
