#!/usr/bin/env python3
"""Stands for an operator who tries more than Fieldkey does: signs in with pycognito, then calls AWS with boto3.

Reads SITE (the site file), EMAIL and FIELDKEY_PASSWORD; standard input is a JSON list of
[service, operation, parameters]; prints a JSON list with `null` for each call that was allowed and the
error's code for each that was not.
"""

import json
import sys

import boto3
import operator_session
from botocore.exceptions import ClientError

site = operator_session.site()
region, endpoints = site["region"], site["endpoints"]


def client(service, endpoint, **more):
    return boto3.client(service, region_name=region, endpoint_url=endpoints[endpoint], **more)


tokens = operator_session.sign_in(site)
logins = {f"cognito-idp.{region}.amazonaws.com/{site['userPoolId']}": tokens["IdToken"]}
identity = client("cognito-identity", "cognitoIdentity", config=operator_session.UNSIGNED_CALLS)
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
