#!/usr/bin/env python3
"""Stands for an operator who calls the certificate API: signs in with pycognito, then sends what it is told to.

Reads SITE (the site file), EMAIL and FIELDKEY_PASSWORD; standard input is a JSON list of [method, path, body],
with the path behind the API's address and `null` for no body; prints a JSON list of [status, body].
TOKEN says what goes with them: `id` (the default), `access`, or `none`.
"""

import json
import os
import sys

import operator_session
import urllib3

site = operator_session.site()
tokens = operator_session.sign_in(site)
token = {"id": tokens["IdToken"], "access": tokens["AccessToken"], "none": None}[os.environ.get("TOKEN", "id")]
headers = {"content-type": "application/json"}
if token:
    headers["authorization"] = f"Bearer {token}"

http = urllib3.PoolManager(retries=False, timeout=60)
answers = []
for method, path, body in json.load(sys.stdin):
    sent = None if body is None else json.dumps(body)
    answer = http.request(method, site["certificateApiUrl"] + path, body=sent, headers=headers)
    answers.append([answer.status, json.loads(answer.data) if answer.data else None])
print(json.dumps(answers))
