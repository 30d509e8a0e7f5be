#!/usr/bin/env python3
"""Stands for the authenticator app on an operator's telephone (RFC 6238), and for the page where they registered it.

    authenticator.py register     signs in as EMAIL with FIELDKEY_PASSWORD at SITE and has codes demanded from
                                  now on; prints the app's secret
    authenticator.py code SECRET  prints the code of the moment
"""

import base64
import hmac
import json
import os
import struct
import sys
import time


def code(secret, at):
    mac = hmac.digest(base64.b32decode(secret + "=" * (-len(secret) % 8)), struct.pack(">Q", int(at) // 30), "sha1")
    offset = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def register():
    import boto3
    from botocore import UNSIGNED
    from botocore.config import Config
    from pycognito import AWSSRP

    with open(os.environ["SITE"], encoding="utf-8") as file:
        site = json.load(file)
    idp = boto3.client("cognito-idp", region_name=site["region"], endpoint_url=site["endpoints"]["cognitoIdp"],
                       config=Config(signature_version=UNSIGNED))
    srp = AWSSRP(username=os.environ["EMAIL"], password=os.environ["FIELDKEY_PASSWORD"], pool_id=site["userPoolId"],
                 client_id=site["userPoolClientId"], client=idp)
    token = srp.authenticate_user()["AuthenticationResult"]["AccessToken"]
    secret = idp.associate_software_token(AccessToken=token)["SecretCode"]
    idp.verify_software_token(AccessToken=token, UserCode=code(secret, time.time()))
    idp.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True})
    return secret


match sys.argv[1:]:
    case ["register"]:
        print(register())
    case ["code", secret]:
        print(code(secret, time.time()))
    case _:
        sys.exit(__doc__)
