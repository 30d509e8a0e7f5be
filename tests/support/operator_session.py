"""An operator's session at a site, by pycognito: what clients that stand for an operator begin with.

Reads SITE (the site file), EMAIL and FIELDKEY_PASSWORD.
"""

import json
import os

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from pycognito import AWSSRP

UNSIGNED_CALLS = Config(signature_version=UNSIGNED)


def site():
    with open(os.environ["SITE"], encoding="utf-8") as file:
        return json.load(file)


def user_pools(site):
    return boto3.client("cognito-idp", region_name=site["region"], endpoint_url=site["endpoints"]["cognitoIdp"],
                        config=UNSIGNED_CALLS)


def sign_in(site):
    """The tokens: AccessToken, IdToken, RefreshToken."""
    srp = AWSSRP(username=os.environ["EMAIL"], password=os.environ["FIELDKEY_PASSWORD"], pool_id=site["userPoolId"],
                 client_id=site["userPoolClientId"], client=user_pools(site))
    return srp.authenticate_user()["AuthenticationResult"]
