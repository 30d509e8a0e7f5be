"""Between a client's TLS and mosquitto: reads what the client sends, and allows what AWS IoT would allow."""

import select
import socket
import threading

import fleet_provisioning

CONNECT, PUBLISH, SUBSCRIBE = 1, 3, 8
NOT_AUTHORIZED = 0x87
CONNECT_WITHIN = 10


class Session:
    """One connection of one client."""

    def __init__(self, stream, broker, where: str):
        self.stream, self.broker, self.where = stream, broker, where
        self.client_id, self.version, self.identity = "", 4, None
        self.buffer = b""

    def run(self) -> None:
        packet = self._first_packet()
        if packet is None or packet[0] >> 4 != CONNECT:
            return
        self._read_connect(_body(packet))
        fault = self.broker.faults.take("connect", ("cut",))
        self.identity = self.broker.registry.identify(self.stream.certificate, self.stream.der)
        self.broker.note(connect=self.client_id, version=self.version, where=self.where,
                         certificateId=self.identity and self.identity.certificate_id)
        if self.version == 5 and not self.broker.speaks_mqtt5:
            # What brokers older than MQTT 5 say: unacceptable protocol version, in their own form.
            self.stream.write(bytes([0x20, 2, 0, 1]))
            return
        # AWS closes without a CONNACK, for a stranger and for a certificate that is not active alike.
        if fault["do"] or not self.stream.server_name or not self.identity or self.identity.status != "ACTIVE":
            return
        self.variables = self.broker.registry.variables(self.identity, self.client_id, self.client_id)
        if not self._may("iot:Connect", f"client/{self.client_id}"):
            if self.version == 5:
                self.stream.write(bytes([0x20, 3, 0, NOT_AUTHORIZED, 0]))
            return
        with socket.socket(socket.AF_UNIX) as self.mosquitto:
            self.mosquitto.connect(str(self.broker.socket_path))
            self.mosquitto.sendall(packet)
            self._pass_on()

    def _first_packet(self):
        while True:
            packet, self.buffer = _split(self.buffer)
            if packet is not None:
                return packet
            more = self.stream.read(CONNECT_WITHIN)
            if not more:
                return None
            self.buffer += more

    def _read_connect(self, body: bytes) -> None:
        _protocol, at = _text(body, 0)
        self.version = body[at]
        at += 4
        if self.version == 5:
            length, at = _number(body, at)
            at += length
        self.client_id, _ = _text(body, at)

    def _pass_on(self) -> None:
        if not self._packets():
            return
        while True:
            select.select([self.stream.socket, self.mosquitto], [], [])
            if select.select([self.mosquitto], [], [], 0)[0]:
                data = self.mosquitto.recv(65536)
                if not data:
                    return
                self.stream.write(data)
            # TLS may hold more than the socket shows, so it is asked until it has nothing left.
            while (data := self.stream.read_now()) is not None:
                self.buffer += data
                if not data or not self._packets():
                    return

    def _packets(self) -> bool:
        """Handles the packets that are whole; false where the connection is to end."""
        while True:
            packet, self.buffer = _split(self.buffer)
            if packet is None:
                return True
            kind, body = packet[0] >> 4, _body(packet)
            if kind == PUBLISH:
                goes_on = self._publish(packet, body)
            elif kind == SUBSCRIBE:
                goes_on = self._subscribe(packet, body)
            else:
                self.mosquitto.sendall(packet)
                goes_on = True
            if not goes_on:
                return False

    def _publish(self, packet: bytes, body: bytes) -> bool:
        topic, at = _text(body, 0)
        at_least_once = packet[0] & 0b0110
        packet_id = body[at:at + 2] if at_least_once else b""
        at += len(packet_id)
        if self.version == 5:
            length, at = _number(body, at)
            at += length
        self.broker.note(publish=topic, payload=body[at:].decode(errors="replace"), clientId=self.client_id)
        if self.broker.faults.take(topic, ("cut",))["do"]:
            return False
        if not self._may("iot:Publish", f"topic/{topic}"):
            if self.version != 5:
                return False
            if not at_least_once:
                self.stream.write(bytes([0xE0, 1, NOT_AUTHORIZED]))
                return False
            self.stream.write(bytes([0x40, 3]) + packet_id + bytes([NOT_AUTHORIZED]))
            return True
        self.mosquitto.sendall(packet)
        if fleet_provisioning.is_request(topic):
            arguments = (self, topic, body[at:])
            threading.Thread(target=self.broker.answer, args=arguments, daemon=True).start()
        return True

    def _subscribe(self, packet: bytes, body: bytes) -> bool:
        packet_id, at, filters = body[:2], 2, []
        if self.version == 5:
            length, at = _number(body, at)
            at += length
        while at < len(body):
            topic_filter, at = _text(body, at)
            filters.append(topic_filter)
            at += 1
        if all(self._may("iot:Subscribe", f"topicfilter/{one}") for one in filters):
            self.broker.note(subscribe=filters, clientId=self.client_id)
            self.mosquitto.sendall(packet)
            return True
        if self.version != 5:
            return False
        # AWS refuses each filter on its own; here one refuses those asked for together with it.
        refusals = bytes([NOT_AUTHORIZED]) * len(filters)
        self.stream.write(bytes([0x90, 3 + len(filters)]) + packet_id + b"\0" + refusals)
        return True

    def _may(self, action: str, resource: str) -> bool:
        if not self.identity.is_claim:
            return self.broker.registry.allows(self.identity, action, resource, self.variables)
        topic = resource.partition("/")[2]
        for answer in ("/accepted", "/rejected"):
            topic = topic.removesuffix(answer) if action == "iot:Subscribe" else topic
        own_template = f"$aws/provisioning-templates/{self.broker.template}/provision/json"
        requests = (fleet_provisioning.CREATE, fleet_provisioning.CREATE_FROM_CSR, own_template)
        return action == "iot:Connect" or topic in requests


def _split(buffer: bytes):
    """(the first packet, the rest), or (None, all of it) while the packet is not whole."""
    length, at = 0, 1
    for shift in range(0, 28, 7):
        if at >= len(buffer):
            return None, buffer
        length |= (buffer[at] & 0x7F) << shift
        at += 1
        if not buffer[at - 1] & 0x80:
            break
    end = at + length
    return (buffer[:end], buffer[end:]) if len(buffer) >= end else (None, buffer)


def _body(packet: bytes) -> bytes:
    _length, at = _number(packet, 1)
    return packet[at:]


def _number(data: bytes, at: int):
    """One of variable length, and where it ends."""
    value, shift = 0, 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at


def _text(data: bytes, at: int):
    end = at + 2 + int.from_bytes(data[at:at + 2], "big")
    return data[at + 2:end].decode(errors="replace"), end
