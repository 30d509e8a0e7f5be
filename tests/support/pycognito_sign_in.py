#!/usr/bin/env python3
"""Stands for another Cognito client, pycognito: it signs in with the password that Fieldkey set.

POOL, CLIENT, ENDPOINT, EMAIL and FIELDKEY_PASSWORD come from the environment; of the tokens it prints
only whose they are.
"""

import json
import os
import sys

import environments

environments.enter("clients")

import boto3
import jwt
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from pycognito.aws_srp import AWSSRP
from pycognito.exceptions import ForceChangePasswordException


def main() -> None:
    pool = os.environ["POOL"]
    cognito = boto3.client(
        "cognito-idp",
        region_name=pool.partition("_")[0],
        endpoint_url=os.environ["ENDPOINT"],
        # Signing in is not signed, and what AWS credentials lie around is nobody's business here.
        config=Config(signature_version=UNSIGNED, proxies={}),
    )
    srp = AWSSRP(
        username=os.environ["EMAIL"],
        password=os.environ["FIELDKEY_PASSWORD"],
        pool_id=pool,
        client_id=os.environ["CLIENT"],
        client=cognito,
    )
    try:
        tokens = srp.authenticate_user()["AuthenticationResult"]
    except ForceChangePasswordException:
        sys.exit("the password is temporary")
    except ClientError as error:
        sys.exit(str(error))
    # Whose the token is, not whether it is genuine: it came straight from the pool.
    claims = jwt.decode(tokens["IdToken"], options={"verify_signature": False})
    print(json.dumps({"email": claims["email"], "sub": claims["sub"]}))


if __name__ == "__main__":
    main()
