#!/usr/bin/env python3
"""Stands for an AWS account in which Fieldkey's stack is deployed: MiniStack, on this machine only.

Every command prints one JSON object on standard output; what people should read goes to standard error.
DIR holds one cloud: its site file, its CA, its log, its data.
"""

import argparse
import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import environments

REGION = "ap-northeast-1"
HTTP_PORT, MQTT_PORT = 4566, 8883
READY_WITHIN = 60
ENDED_WITHIN = 10


def main() -> None:
    arguments = parse()
    state = arguments.state.resolve()
    environments.enter("cloud")
    # The local account has its own keys and no proxy stands before it: whatever the caller's
    # environment says about AWS and about proxies is not for here.
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            del os.environ[name]
    print(json.dumps(arguments.job(state, arguments)))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name, job, says):
        one = commands.add_parser(name, help=says, description=says)
        one.add_argument("--state", type=Path, required=True, metavar="DIR", help="the cloud's folder")
        one.set_defaults(job=job)
        return one

    def parameters(one):
        one.add_argument("--parameter", action="append", default=[], metavar="KEY=VALUE",
                         help="a parameter of the stack")

    one = command("up", up, "starts the cloud and deploys the stack onto it")
    one.add_argument("--port", type=int, help="of HTTP; 0 takes free ports for HTTP and MQTT. "
                                              "Default: 4566 and 8883, free ones where these are taken")
    one.add_argument("--owner", type=int, metavar="PID", help="the cloud ends when this process does")
    parameters(one)

    one = command("site", site, "deploys the stack once more, beside the first")
    one.add_argument("--name", required=True, help="of the stack and of its site file in DIR")
    parameters(one)

    one = command("operator", operator, "invites an operator; the password is FIELDKEY_PASSWORD or random")
    one.add_argument("--email", required=True)
    one.add_argument("--permanent", action="store_true", help="the password need not be changed")
    one.add_argument("--site", default="site", metavar="NAME", help="of the site, where it is not the first")
    one.add_argument("--group", action="append", metavar="NAME", help="may be repeated. Default: installers")
    one.add_argument("--no-group", action="store_true", help="in no group at all")

    one = command("registry", registry, "what the registry holds about a thing")
    one.add_argument("--thing", required=True, metavar="NAME")

    one = command("mail", mail, "the newest mail to somebody")
    one.add_argument("--email", required=True)

    one = command("call", call, "any call as the account's administrator; its parameters are JSON on standard input")
    one.add_argument("service")
    one.add_argument("operation")

    command("down", down, "ends the cloud and removes its data")
    return parser.parse_args()


# ---- The commands ----


def up(state: Path, arguments) -> dict:
    state.mkdir(parents=True, exist_ok=True)
    state.chmod(0o700)
    if is_running(state):
        raise SystemExit(f"a cloud is running in {state} already")
    cloud = start(state, arguments.port, arguments.owner)
    try:
        with urllib.request.urlopen(f"{cloud['endpoint']}/_ministack/iot/ca.pem", timeout=30) as answer:
            write(state / "ca.pem", answer.read().decode())
        write(state / "cloud.json", json.dumps(cloud, indent=2))
        deploy(state, cloud, "fieldkey", state / "site.json", arguments.parameter)
    except BaseException:
        end(state, cloud["pid"])
        raise
    return cloud


def site(state: Path, arguments) -> dict:
    file = state / f"{arguments.name}.json"
    return deploy(state, running(state), arguments.name, file, arguments.parameter)


def operator(state: Path, arguments) -> dict:
    from account import Account, new_password

    password = os.environ.get("FIELDKEY_PASSWORD") or new_password()
    pool = json.loads((state / f"{arguments.site}.json").read_text())["userPoolId"]
    groups = [] if arguments.no_group else arguments.group or ["installers"]
    Account(running(state)).invite(pool, arguments.email, password, arguments.permanent, groups)
    return {"email": arguments.email, "password" if arguments.permanent else "temporaryPassword": password}


def registry(state: Path, arguments) -> dict:
    from account import Account

    return Account(running(state)).registered(arguments.thing)


def mail(state: Path, arguments) -> dict:
    with urllib.request.urlopen(f"{running(state)['endpoint']}/_ministack/ses/messages", timeout=30) as answer:
        of_accounts = json.load(answer)["messages"].values()
    mails = [one for messages in of_accounts for one in messages if arguments.email in one["To"]]
    if not mails:
        raise SystemExit(f"nobody wrote to {arguments.email}")
    return {"count": len(mails), "subject": mails[-1]["Subject"], "text": mails[-1]["BodyText"]}


def call(state: Path, arguments) -> dict:
    from account import Account

    parameters = json.loads(sys.stdin.read() or "{}")
    return Account(running(state)).call(arguments.service, arguments.operation, parameters)


def down(state: Path, _arguments) -> dict:
    ended = is_running(state)
    if ended:
        end(state, running(state)["pid"])
    shutil.rmtree(state / "data", ignore_errors=True)
    return {"ended": ended}


# ---- The process ----


def start(state: Path, port, owner) -> dict:
    """Starts MiniStack and waits until it answers on both of its ports."""
    # One cloud at a time looks for free ports and takes them: an answer on a port is then its own.
    taking_ports = open(environments.cache_folder() / "ports.lock", "w")
    fcntl.flock(taking_ports, fcntl.LOCK_EX)
    # Other programs do not know that lock, and may be quicker to take a port: then once more.
    for _attempt in range(3):
        http = free_port(HTTP_PORT if port is None else port)
        mqtt = free_port(0 if port == 0 else MQTT_PORT, but=http)
        process = spawn(state, http, mqtt, owner)
        endpoint = f"http://127.0.0.1:{http}"
        if wait_until_ready(process, endpoint):
            taking_ports.close()
            return {
                "pid": process.pid,
                "endpoint": endpoint,
                "port": http,
                "mqttPort": mqtt,
                "region": REGION,
                "adminAccessKeyId": "test",
                "adminSecretAccessKey": "test",
                "site": str(state / "site.json"),
                "ca": str(state / "ca.pem"),
                "log": str(state / "cloud.log"),
            }
        end(state, process.pid)
    raise SystemExit(f"the local cloud did not start, see {state / 'cloud.log'}")


def spawn(state: Path, http: int, mqtt: int, owner) -> subprocess.Popen:
    data = state / "data"
    data.mkdir(exist_ok=True)
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment |= {
        "AUTH": "true",
        "MINISTACK_REGION": REGION,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(http),
        "IOT_MTLS_PORT": str(mqtt),
        "SFTP_ENABLED": "0",
        "TMPDIR": str(data),
        "STATE_DIR": str(data / "state"),
        "S3_DATA_DIR": str(data / "s3"),
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        # AWS has its SDK in every Lambda of Node. Without it all but the certificate API works.
        "NODE_PATH": str(Path(__file__).with_name("npm-clients") / "node_modules"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, str(Path(__file__).with_name("loopback_cloud.py")), str(lock_file(state))]
    with open(state / "cloud.log", "a") as log:
        # In a session of its own, so that it outlives this command and a Ctrl-C in its terminal.
        return subprocess.Popen(
            command + ([str(owner)] if owner else []),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def wait_until_ready(process: subprocess.Popen, endpoint: str) -> bool:
    deadline = time.monotonic() + READY_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            with urllib.request.urlopen(f"{endpoint}/_ministack/ready", timeout=5) as answer:
                # It is ready without MQTT too, where another process was quicker to take that port.
                return json.load(answer).get("iot_mtls") == "listening"
        time.sleep(0.05)
    return False


def end(state: Path, pid: int) -> None:
    """Ends the process group of the cloud and returns when it has ended."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, sent)
        deadline = time.monotonic() + ENDED_WITHIN
        while is_running(state) and time.monotonic() < deadline:
            time.sleep(0.02)
        if not is_running(state):
            return


def lock_file(state: Path) -> Path:
    return state / "cloud.lock"


def is_running(state: Path) -> bool:
    """Whether the cloud of this folder lives: it holds the lock, whatever its pid says."""
    if not lock_file(state).exists():
        return False
    with open(lock_file(state)) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def running(state: Path) -> dict:
    if not is_running(state):
        raise SystemExit(f"no cloud is running in {state}")
    return json.loads((state / "cloud.json").read_text())


def free_port(wanted: int, but: int = 0) -> int:
    """The port wanted, or any free one if it is taken."""
    for port in (wanted, 0):
        with contextlib.suppress(OSError), socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            if listener.getsockname()[1] != but:
                return listener.getsockname()[1]
    return free_port(0, but)


# ---- The stack and its site file ----


def deploy(state: Path, cloud: dict, stack: str, file: Path, parameters: list) -> dict:
    from account import Account

    account = Account(cloud)
    outputs = account.deploy(stack, dict(parameter.split("=", 1) for parameter in parameters))
    written = account.site("Local cloud" if stack == "fieldkey" else stack, outputs)
    write(file, json.dumps(written, indent=2))
    return written


def write(file: Path, text: str) -> None:
    file.write_text(text if text.endswith("\n") else text + "\n")


if __name__ == "__main__":
    main()
