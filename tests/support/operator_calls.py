#!/usr/bin/env python3
"""Stands for an operator who tries more than Fieldkey does: signs in with pycognito, then calls AWS with boto3.

Reads SITE (the site file), EMAIL and FIELDKEY_PASSWORD; standard input is a JSON list of
[service, operation, parameters]; prints a JSON list with `null` for each call that was allowed and the
error's code for each that was not.
"""

import json
import os
import sys

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from pycognito import AWSSRP

with open(os.environ["SITE"], encoding="utf-8") as file:
    site = json.load(file)
region, endpoints = site["region"], site["endpoints"]
unsigned = Config(signature_version=UNSIGNED)


def client(service, endpoint, **more):
    return boto3.client(service, region_name=region, endpoint_url=endpoints[endpoint], **more)


idp = client("cognito-idp", "cognitoIdp", config=unsigned)
srp = AWSSRP(username=os.environ["EMAIL"], password=os.environ["FIELDKEY_PASSWORD"], pool_id=site["userPoolId"],
             client_id=site["userPoolClientId"], client=idp)
tokens = srp.authenticate_user()["AuthenticationResult"]
logins = {f"cognito-idp.{region}.amazonaws.com/{site['userPoolId']}": tokens["IdToken"]}
identity = client("cognito-identity", "cognitoIdentity", config=unsigned)
identity_id = identity.get_id(IdentityPoolId=site["identityPoolId"], Logins=logins)["IdentityId"]
keys = identity.get_credentials_for_identity(IdentityId=identity_id, Logins=logins)["Credentials"]

answers = []
for service, operation, parameters in json.load(sys.stdin):
    aws = client(service, "iot", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretKey"],
                 aws_session_token=keys["SessionToken"])
    try:
        getattr(aws, operation)(**parameters)
        answers.append(None)
    except ClientError as error:
        answers.append(error.response["Error"]["Code"])
print(json.dumps(answers))
