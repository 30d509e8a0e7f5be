#!/usr/bin/env python3
"""Stands for AWS IoT's credentials endpoint, which the local cloud names but lacks.

A device comes with its certificate, the local cloud's registry says what that is worth, and the local
cloud's STS gives out the credentials of the role behind the role alias, for a session named after the
certificate. What it says when it refuses, and in which order it looks, is as measured on AWS by others.

    credentials_endpoint.py --state DIR [--alias NAME=ROLE_ARN[=SECONDS]]…    → {"port", "url", "ca", "pid"}

Commands, as lines of JSON on standard input:
    {"do": "alias", "name": …, "roleArn": …, "seconds": 3600}     a role alias besides those of deployed stacks
    {"do": "answer", "status": 503, "body": {…}, "times": 1}      the next requests are answered so
    {"do": "cut", "times": 1} or {"do": "hang", "times": 1}       the next are not answered
    {"do": "as", "endpoint": "data" or "credentials"}             "data": the wrong one of an account's endpoints
    {"do": "seen"}                                                the requests so far
"""

import datetime
import http.client
import io
import json
import os
import re
import uuid

import doubles
import role_aliases

FAULTS = ("answer", "cut", "hang")
PATH = re.compile(r"/role-aliases/([\w=,@-]{1,128})/credentials")
SERVICE = "credentials.iot.amazonaws.com"
READ_WITHIN = 10
HANGS_FOR = 120


class Refused(Exception):
    def __init__(self, status: int, message: str, kind: str = "AccessDeniedException", **more):
        super().__init__(message)
        self.status, self.kind, self.body = status, kind, {"message": message, **more}


class Endpoint:
    def __init__(self, arguments):
        from any_client_tls import Authority, Listener
        from iot_registry import Registry

        self.registry = Registry(arguments.state, arguments.cloud)
        self.state, self.aliases = arguments.state, {}
        for words in arguments.alias:
            name, role_arn, *seconds = words.split("=")
            self.aliases[name] = (role_arn, int(seconds[0]) if seconds else 3600)
        self.faults, self.is_data, self.seen = doubles.Faults(FAULTS), arguments.data_endpoint, []
        authority = Authority(doubles.folder_of_its_own("credentials"))
        listener = Listener(arguments.port, authority, self.serve)
        url = f"https://localhost:{listener.port}"
        self.ready = {"port": listener.port, "url": url, "ca": authority.file, "pid": os.getpid()}

    def serve(self, stream) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            more = stream.read(READ_WITHIN)
            if not more:
                return
            head += more
        request, _, rest = head.partition(b"\r\n")
        headers = http.client.parse_headers(io.BytesIO(rest))
        method, path, _version = request.decode().split(" ")
        thing = headers.get("x-amzn-iot-thingname", "")
        self.seen.append({"method": method, "path": path, "thing": thing})
        fault = self.faults.take(path, FAULTS)
        if fault["do"] == "hang":
            stream.read(HANGS_FOR)
        if fault["do"] in ("hang", "cut"):
            stream.cut()
        elif fault["do"] == "answer":
            _answer(stream, fault["status"], fault["body"])
        else:
            try:
                _answer(stream, 200, self.credentials(stream, method, path, thing))
            except Refused as refused:
                _answer(stream, refused.status, refused.body, refused.kind)

    def credentials(self, stream, method: str, path: str, thing: str) -> dict:
        named = PATH.fullmatch(path)
        if self.is_data or method != "GET" or not named:
            raise Refused(404, "Not Found", "ResourceNotFoundException", traceId=str(uuid.uuid4()))
        if not stream.server_name:
            raise Refused(403, "Certificate is invalid on this endpoint")
        identity = self.registry.identify(stream.certificate, stream.der)
        if identity is None or identity.is_claim or identity.status != "ACTIVE":
            raise Refused(403, "Access Denied")
        variables = self.registry.variables(identity, thing)
        if thing and variables["iot:Connection.Thing.IsAttached"] == "false":
            raise Refused(403, "Invalid thing name passed")
        alias = named[1]
        if not self.registry.allows(identity, "iot:AssumeRoleWithCertificate", f"rolealias/{alias}", variables):
            raise Refused(403, "Access Denied")
        role_arn, seconds = self._role_of(alias)
        given = self._assume(alias, role_arn, seconds, identity.certificate_id)
        return {
            "credentials": {
                "accessKeyId": given["AccessKeyId"],
                "secretAccessKey": given["SecretAccessKey"],
                "sessionToken": given["SessionToken"],
                "expiration": given["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
        }

    def _role_of(self, alias: str):
        if alias in self.aliases:
            return self.aliases[alias]
        deployed = role_aliases.of_cloud(self.state).get(alias)
        if deployed is None:
            raise Refused(404, "Role alias does not exist", "ResourceNotFoundException")
        return deployed["RoleArn"], int(deployed.get("CredentialDurationSeconds", 3600))

    def _assume(self, alias: str, role_arn: str, seconds: int, session: str) -> dict:
        no_role = "Unable to assume the role, or the role to assume does not exist"
        too_long = "The requested CredentialDurationSeconds exceeds the MaxSessionDuration set for the role"
        try:
            with self.registry.role(role_arn.rpartition("/")[2]) as role:
                if not self.registry.trusts(role, SERVICE, f"rolealias/{alias}"):
                    raise Refused(400, no_role, "InvalidRequestException")
                if seconds > role["MaxSessionDuration"]:
                    raise Refused(400, too_long, "InvalidRequestException")
                return self.registry.assume(role, session, seconds)
        except self.registry.iam.exceptions.NoSuchEntityException:
            raise Refused(400, no_role, "InvalidRequestException") from None

    def obey(self, command: dict):
        what = command["do"]
        if what == "alias":
            self.aliases[command["name"]] = (command["roleArn"], command.get("seconds", 3600))
        elif what == "as":
            self.is_data = command["endpoint"] == "data"
        elif what == "seen":
            return {"seen": list(self.seen)}
        else:
            self.faults.add(command)
        return None


def _answer(stream, status: int, body: dict, kind: str = "") -> None:
    text = json.dumps(body, separators=(",", ":")).encode()
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")
    head = [f"HTTP/1.1 {status} {http.client.responses.get(status, '')}", "content-type: application/json",
            f"content-length: {len(text)}", f"date: {now}", f"x-amzn-RequestId: {uuid.uuid4()}", "connection: close"]
    if kind:
        head.append(f"x-amzn-ErrorType: {kind}")
    stream.write("\r\n".join([*head, "", ""]).encode() + text)


def main() -> None:
    def more(parser):
        parser.add_argument("--alias", action="append", default=[], metavar="NAME=ROLE_ARN[=SECONDS]")
        parser.add_argument("--data-endpoint", action="store_true", help="be the wrong endpoint of the account")

    arguments = doubles.parse(__doc__, more)
    endpoint = Endpoint(arguments)
    doubles.serve(endpoint.ready, endpoint.obey, arguments.owner)


if __name__ == "__main__":
    main()
