#!/usr/bin/env python3
"""Stands for AWS IoT's MQTT endpoint with fleet provisioning from a CSR, which the local cloud lacks.

mosquitto is the broker. Before it ends TLS: mqtt_front.py lets in whom the local cloud's registry knows,
and holds each client to its policies, a claim to the topics of its template. fleet_provisioning.py
answers; each test has a broker of its own, so unlike at AWS everybody subscribed hears the answers.

    broker.py --state DIR       → {"port": 8883's, "alpnPort": 443's, "ca": file, "pid": …}

Commands, as lines of JSON on standard input:
    {"do": WHAT, "on": part of a topic, or "connect", "times": 1}     one fault more, of these:
        cut         the connection is closed when the client publishes, as AWS does without permission
        ignore      the request is never answered, nothing is done
        mute        the registry does it, the answer never comes
        lose        the registry does it, then the connection is closed
        reject      answered with "payload" on …/rejected, nothing is done
        delay       answered after so many "seconds"
        deactivate  the certificate in question is INACTIVE before the answer comes
    {"do": "block", "how": "refuse" or "hang"} and {"do": "unblock"}: port 8883's new connections
    {"do": "mqtt5", "speaks": false}: as a broker older than MQTT 5
    {"do": "seen"}: what clients did so far   {"do": "clear"}: no faults any more
"""

import atexit
import getpass
import json
import os
import shutil
import subprocess
import threading
import time

import doubles

FAULTS = ("cut", "ignore", "mute", "lose", "reject", "delay", "deactivate")
READY_WITHIN = 10
# AWS IoT's own limits; without aliases every PUBLISH names its topic.
SETTINGS = """\
user {user}
listener 0 {socket}
allow_anonymous true
persistence false
max_qos 1
max_topic_alias 0
max_packet_size 149504
log_dest stderr
log_type error
"""


class Broker:
    def __init__(self, arguments):
        from any_client_tls import Authority, Listener
        from fleet_provisioning import FleetProvisioning
        from iot_registry import Registry

        self.registry = Registry(arguments.state, arguments.cloud)
        self.provisioning = FleetProvisioning(self.registry)
        self.template = arguments.template
        self.faults, self.speaks_mqtt5 = doubles.Faults(FAULTS), True
        self.noted, self.lock = [], threading.Lock()
        folder = doubles.folder_of_its_own("broker")
        self.socket_path = folder / "mqtt"
        self.mosquitto = self._start_mosquitto(folder)
        authority = Authority(folder)
        self.main = Listener(arguments.port, authority, lambda stream: self.serve(stream, "8883"))
        alpn = b"x-amzn-mqtt-ca"
        self.other = Listener(0, authority, lambda stream: self.serve(stream, "443"), alpn)
        self.ready = {
            "port": self.main.port,
            "alpnPort": self.other.port,
            "ca": authority.file,
            "pid": os.getpid(),
        }

    def _start_mosquitto(self, folder) -> subprocess.Popen:
        settings = folder / "mosquitto.conf"
        settings.write_text(SETTINGS.format(user=getpass.getuser(), socket=self.socket_path))
        path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
        program = shutil.which("mosquitto", path=path)
        if not program:
            raise SystemExit("mosquitto is not installed")
        log = folder / "mosquitto.log"
        with open(log, "w") as said:
            process = subprocess.Popen(
                [program, "-c", str(settings)], stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                preexec_fn=doubles.end_with_parent,
            )
        atexit.register(process.terminate)
        deadline = time.monotonic() + READY_WITHIN
        while not self.socket_path.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"mosquitto did not start: {log.read_text()}")
            time.sleep(0.01)
        return process

    def serve(self, stream, where: str) -> None:
        from mqtt_front import Session

        Session(stream, self, where).run()

    def note(self, **what) -> None:
        with self.lock:
            self.noted.append(what)

    def answer(self, session, topic: str, payload: bytes) -> None:
        """Answers a request of fleet provisioning, or does what was asked for instead."""
        fault = self.faults.take(topic, FAULTS[1:])
        if fault["do"] == "ignore":
            return
        if fault["do"] == "delay":
            time.sleep(fault["seconds"])
        if fault["do"] == "reject":
            return self._publish(f"{topic}/rejected", fault["payload"])
        claim_id = session.identity.certificate_id
        suffix, said, certificate_id = self.provisioning.answer(topic, payload, claim_id, session.client_id)
        if fault["do"] == "deactivate" and certificate_id:
            self.registry.iot.update_certificate(certificateId=certificate_id, newStatus="INACTIVE")
        if fault["do"] == "lose":
            session.stream.cut()
        elif fault["do"] != "mute":
            self._publish(f"{topic}/{suffix}", said)

    def _publish(self, topic: str, said: dict) -> None:
        # On standard input: there may be a private key in it.
        words = ["mosquitto_pub", "--unix", str(self.socket_path), "-q", "1", "-t", topic, "-s"]
        subprocess.run(words, input=json.dumps(said).encode(), check=True)

    def obey(self, command: dict):
        what = command["do"]
        if what == "block":
            if command.get("how") == "hang":
                self.main.hangs = True
            else:
                self.main.block()
        elif what == "unblock":
            if self.main.hangs:
                self.main.hangs = False
            else:
                self.main.unblock()
        elif what == "mqtt5":
            self.speaks_mqtt5 = command["speaks"]
        elif what == "seen":
            with self.lock:
                return {"seen": list(self.noted)}
        elif what == "clear":
            self.faults.clear()
        else:
            self.faults.add(command)
        return None


def main() -> None:
    def more(parser):
        parser.add_argument("--template", default="fieldkey", help="the one that claims are for")

    arguments = doubles.parse(__doc__, more)
    broker = Broker(arguments)
    doubles.serve(broker.ready, broker.obey, arguments.owner)


if __name__ == "__main__":
    main()
