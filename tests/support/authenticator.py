#!/usr/bin/env python3
"""Stands for the authenticator app on an operator's telephone (RFC 6238), and for the page where they registered it.

    authenticator.py register     signs in as EMAIL with FIELDKEY_PASSWORD at SITE and has codes demanded from
                                  now on; prints the app's secret
    authenticator.py code SECRET  prints the code of the moment
"""

import base64
import hmac
import struct
import sys
import time


def code(secret, at):
    mac = hmac.digest(base64.b32decode(secret + "=" * (-len(secret) % 8)), struct.pack(">Q", int(at) // 30), "sha1")
    offset = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def register():
    # Slow to load, and a code is wanted at once.
    import operator_session

    site = operator_session.site()
    idp, token = operator_session.user_pools(site), operator_session.sign_in(site)["AccessToken"]
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
