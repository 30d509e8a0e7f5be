"""MiniStack as one process that nobody but this machine reaches, and that ends with its owner.

Started by local_cloud.py in MiniStack's own environment: loopback_cloud.py LOCK [OWNER_PID]
"""

import asyncio
import fcntl
import json
import os
import signal
import sys
import threading

import role_aliases
from owner import wait_until_gone


def hold(lock_path: str) -> object:
    """Holds the lock as long as this process lives; so others know it, and when it has ended."""
    lock = open(lock_path, "a")
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return lock


def bind_to_loopback_only() -> None:
    """MiniStack's MQTT listener has no setting for its address and takes every interface."""
    create_server = asyncio.BaseEventLoop.create_server

    async def on_loopback(loop, factory, host=None, *more, **options):
        if options.get("sock") is None:
            host = "127.0.0.1"
        return await create_server(loop, factory, host, *more, **options)

    asyncio.BaseEventLoop.create_server = on_loopback


def decide_about_certificates() -> None:
    """IAM decides on these calls by the certificate they name; MiniStack by the thing, or by no resource at all."""
    from ministack.core import iam_actions

    resource_of = iam_actions.extract_resource_arn

    def certificate_of(service, method, path, headers, body, *more):
        if service == "iot" and path.startswith("/target-policies/"):
            return json.loads(body)["target"]
        if service == "iot" and path.endswith("/principals") and method in ("PUT", "DELETE"):
            return headers["x-amzn-principal"]
        return resource_of(service, method, path, headers, body, *more)

    iam_actions.extract_resource_arn = certificate_of


def protect_user_pools() -> None:
    """CloudFormation does not delete a user pool with deletion protection; MiniStack's does."""
    from ministack.services import cognito
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS["AWS::Cognito::UserPool"]
    unprotected = handlers["delete"]

    def delete(pool_id, properties):
        if cognito._user_pools.get(pool_id, {}).get("DeletionProtection") == "ACTIVE":
            raise ValueError(f"User pool {pool_id} is protected from deletion")
        return unprotected(pool_id, properties)

    handlers["delete"] = delete


def end_with(owner: int) -> None:
    """Ends when the owner does, killed ones included."""
    def wait():
        wait_until_gone(owner)
        os.killpg(0, signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    held = hold(sys.argv[1])
    if len(sys.argv) > 2:
        end_with(int(sys.argv[2]))
    bind_to_loopback_only()
    decide_about_certificates()
    protect_user_pools()
    role_aliases.teach_cloudformation()
    sys.argv[1:] = []
    from ministack.app import main

    main()
