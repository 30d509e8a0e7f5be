#!/usr/bin/env python3
"""Stands for a device with an identity: connects with AWS's IoT Device SDK, publishes thrice and hears itself."""

import argparse
import sys
import threading
from concurrent.futures import TimeoutError

from awscrt import mqtt
from awscrt.exceptions import AwsCrtError
from awsiot import mqtt_connection_builder

parser = argparse.ArgumentParser()
for name in ("endpoint", "thing", "certificate", "private-key", "ca"):
    parser.add_argument(f"--{name}", required=True)
parser.add_argument("--port", type=int, required=True)
arguments = parser.parse_args()

topic = f"dt/{arguments.thing}/peer"
heard, all_heard = [], threading.Event()


def receive(topic, payload, **_):
    heard.append(payload.decode())
    if len(heard) == 3:
        all_heard.set()


connection = mqtt_connection_builder.mtls_from_path(
    endpoint=arguments.endpoint,
    port=arguments.port,
    cert_filepath=arguments.certificate,
    pri_key_filepath=arguments.private_key,
    ca_filepath=arguments.ca,
    client_id=arguments.thing,
    clean_session=True,
)
try:
    connection.connect().result(timeout=10)
    connection.subscribe(topic, mqtt.QoS.AT_LEAST_ONCE, receive)[0].result(timeout=10)
    for counter in range(3):
        connection.publish(topic, str(counter), mqtt.QoS.AT_LEAST_ONCE)[0].result(timeout=10)
except (AwsCrtError, TimeoutError) as error:
    sys.exit(f"refused: {error}")
if not all_heard.wait(10):
    sys.exit(f"published three, heard {heard}")
connection.disconnect().result(timeout=10)
