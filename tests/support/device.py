#!/usr/bin/env python3
"""Stands for a device in the field: AWS's IoT Device SDK for Python, given the drive that Fieldkey wrote.

It waits for provisioning.json on its drive, registers itself with the claim it finds there, keeps its
permanent identity in its own flash, proves it by connecting with it, and says each step in a line.
It ends with status 0 when it is registered; otherwise with 1 and AWS's words.
"""

import argparse
import hashlib
import json
import math
import os
import sys
import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path

import environments

CONNECT_WITHIN = 10
ANSWER_WITHIN = 30
LOOK_EVERY = 0.05


class Refused(Exception):
    """Why this device could not register, in words for whoever holds it."""


class Drive:
    """The device's side of the layout `drive`."""

    def __init__(self, folder: Path):
        self.folder = folder

    def wait_for_claim(self, other_than: str, deadline: float) -> dict:
        """The manifest is written last, so where it is the rest is whole."""
        while time.monotonic() < deadline:
            if os.getppid() != STARTED_BY:
                raise SystemExit("whoever started this device is gone")
            try:
                manifest = json.loads((self.folder / "provisioning.json").read_bytes())
            except FileNotFoundError:
                manifest = None
            if manifest and manifest.get("certificateId") != other_than:
                return manifest
            time.sleep(LOOK_EVERY)
        raise Refused(f"no claim came onto {self.folder} in time")

    def read(self, manifest: dict) -> dict:
        """The files the manifest names, each as its SHA-256 promises."""
        if manifest["version"] != 1:
            raise Refused(f"provisioning.json is of version {manifest['version']}, this device reads 1")
        contents = {}
        for role in ("certificate", "privateKey", "ca"):
            name = manifest["files"][role]
            if Path(name).name != name:
                raise Refused(f"{name} is not the name of a file on the drive")
            contents[role] = (self.folder / name).read_bytes()
            if hashlib.sha256(contents[role]).hexdigest() != manifest["sha256"][name].lower():
                raise Refused(f"{name} is not what provisioning.json says it is")
        return contents


class Connection:
    """One MQTT 5 connection with mutual TLS."""

    def __init__(self, manifest: dict, client_id: str, ca: bytes, certificate: bytes, private_key: bytes):
        from awsiot import mqtt5_client_builder

        self.where = f"{manifest['endpoint']}:{manifest['port']}"
        self.connected = Future()
        self.last_failure = "no answer"
        self.stopped = threading.Event()
        self.heard = Future()
        self.client = mqtt5_client_builder.mtls_from_bytes(
            cert_bytes=certificate,
            pri_key_bytes=private_key,
            ca_bytes=ca,
            endpoint=manifest["endpoint"],
            port=manifest["port"],
            client_id=client_id,
            min_reconnect_delay_ms=250,
            max_reconnect_delay_ms=1000,
            on_lifecycle_connection_success=lambda _: self.connected.done() or self.connected.set_result(None),
            on_lifecycle_connection_failure=self._failed,
            on_lifecycle_stopped=lambda _: self.stopped.set(),
            on_publish_received=lambda received: self.heard.done()
            or self.heard.set_result(received.publish_packet.payload),
        )

    def __enter__(self):
        self.client.start()
        try:
            self.connected.result(CONNECT_WITHIN)
        except FutureTimeout:
            self.__exit__()
            raise Refused(f"cannot connect to {self.where}: {self.last_failure}") from None
        return self

    def __exit__(self, *_):
        self.client.stop()
        self.stopped.wait(CONNECT_WITHIN)

    def _failed(self, failure):
        connack = failure.connack_packet
        self.last_failure = f"refused, {connack.reason_code}" if connack else str(failure.exception)

    def register(self, manifest: dict):
        """CreateKeysAndCertificate, then RegisterThing: (created, registered)."""
        from awscrt.mqtt_request_response import ClientOptions
        from awsiot import iotidentity

        limits = ClientOptions(max_request_response_subscriptions=4, max_streaming_subscriptions=1)
        identity = iotidentity.IotIdentityClientV2(self.client, limits)
        created = answer(
            identity.create_keys_and_certificate(iotidentity.CreateKeysAndCertificateRequest())
        )
        say(f"received certificate {created.certificate_id[:10]}… of its own")
        registered = answer(
            identity.register_thing(
                iotidentity.RegisterThingRequest(
                    template_name=manifest["templateName"],
                    certificate_ownership_token=created.certificate_ownership_token,
                    parameters=manifest["parameters"],
                )
            )
        )
        return created, registered

    def hear_itself(self, topic: str) -> None:
        from awscrt import mqtt5

        at_least_once = mqtt5.QoS.AT_LEAST_ONCE
        subscription = mqtt5.Subscription(topic_filter=topic, qos=at_least_once)
        subscribed = self.client.subscribe(mqtt5.SubscribePacket(subscriptions=[subscription]))
        reason = subscribed.result(ANSWER_WITHIN).reason_codes[0]
        if reason >= 128:
            raise Refused(f"may not subscribe to {topic}: {reason!r}")
        self.client.publish(mqtt5.PublishPacket(topic=topic, payload=b"hello", qos=at_least_once))
        self.heard.result(ANSWER_WITHIN)


def answer(future):
    """AWS's answer to a request, or its refusal in its own words."""
    from awsiot import V2ServiceException

    try:
        return future.result(ANSWER_WITHIN)
    except V2ServiceException as refusal:
        error = refusal.modeled_error
        if error is None:
            raise Refused(f"{refusal.message} {refusal.inner_error or ''}".strip()) from None
        raise Refused(f"{error.status_code} {error.error_code}: {error.error_message}") from None
    except FutureTimeout:
        raise Refused("AWS IoT did not answer") from None


def register_itself(drive: Drive, manifest: dict, flash: Path) -> None:
    claim = drive.read(manifest)
    serial_number = manifest["parameters"]["SerialNumber"]
    say(f"found a claim for serial number {serial_number}")
    with Connection(
        manifest, manifest["thingName"], claim["ca"], claim["certificate"], claim["privateKey"]
    ) as connection:
        say(f"connected to {connection.where} with the claim")
        created, registered = connection.register(manifest)
    thing_name = registered.thing_name
    say(f"registered as thing {thing_name}")
    if thing_name != manifest["thingName"]:
        raise Refused(f"the drive says the thing is {manifest['thingName']}")

    keep(flash, manifest, created, thing_name, claim["ca"])
    say(f"stored its identity in {flash}")
    with Connection(
        manifest,
        thing_name,
        (flash / "ca.pem").read_bytes(),
        (flash / "certificate.pem").read_bytes(),
        (flash / "private.key").read_bytes(),
    ) as connection:
        connection.hear_itself(f"dt/{thing_name}/hello")
    say("connected with its identity, published and heard itself")


def keep(flash: Path, manifest: dict, created, thing_name: str, ca: bytes) -> None:
    identity = {
        "thingName": thing_name,
        "certificateId": created.certificate_id,
        "endpoint": manifest["endpoint"],
        "port": manifest["port"],
    }
    flash.mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("private.key", created.private_key.encode()),
        ("certificate.pem", created.certificate_pem.encode()),
        ("ca.pem", ca),
        ("identity.json", json.dumps(identity, indent=2).encode()),
    ):
        readable_by_it_alone = os.open(flash / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(readable_by_it_alone, "wb") as file:
            file.write(content)


STARTED = time.monotonic()
STARTED_BY = os.getppid()


def say(words: str) -> None:
    print(f"device {time.monotonic() - STARTED:7.2f} s  {words}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--drive", type=Path, required=True, help="the folder that Fieldkey writes to")
    parser.add_argument("--flash", type=Path, required=True, help="the device's own memory")
    parser.add_argument("--timeout", type=float, default=300, metavar="S", help="how long it waits for a claim")
    parser.add_argument("--repeat", action="store_true", help="then be the next device on the same drive")
    arguments = parser.parse_args()
    environments.enter("clients")

    drive = Drive(arguments.drive)
    last = ""
    while True:
        try:
            say(f"waits for a claim on {arguments.drive}")
            patience = math.inf if arguments.repeat else arguments.timeout
            manifest = drive.wait_for_claim(last, time.monotonic() + patience)
            last = manifest["certificateId"]
            register_itself(drive, manifest, arguments.flash)
        except Refused as refusal:
            say(f"not registered: {refusal}")
            if not arguments.repeat:
                return 1
        else:
            if not arguments.repeat:
                return 0


if __name__ == "__main__":
    sys.exit(main())
