"""The local account's registry, asked as AWS IoT's endpoints ask it when somebody knocks with a certificate."""

import contextlib
import datetime
import fcntl
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from account import Account

# A claim lives for five minutes, what AWS IoT issues for good lives for decades.
LONGEST_CLAIM = datetime.timedelta(minutes=10)


@dataclass
class Identity:
    certificate_id: str
    arn: str
    status: str
    is_claim: bool = False


class Registry:
    def __init__(self, state: Path, cloud: dict):
        account = Account(cloud)
        # Made here, at the start: making clients is not safe in threads, using them is.
        self.iot, self.iam, self.sts = (account.client(name) for name in ("iot", "iam", "sts"))
        self.functions = account.client("lambda")
        self.account_id = self.sts.get_caller_identity()["Account"]
        self.prefix = f"arn:aws:iot:{cloud['region']}:{self.account_id}:"
        self.ca = x509.load_pem_x509_certificate((state / "ca.pem").read_bytes())
        self.trust_lock = state / "trust.lock"

    def identify(self, certificate: x509.Certificate, der: bytes):
        """Whom the certificate stands for, by its SHA-256 as AWS does; None for a stranger's."""
        certificate_id = hashlib.sha256(der).hexdigest()
        try:
            found = self.iot.describe_certificate(certificateId=certificate_id)["certificateDescription"]
        except self.iot.exceptions.ResourceNotFoundException:
            # Claims are not in the registry: their issuer, and how soon they end, tell them.
            is_claim = self._is_claim(certificate)
            return Identity(certificate_id, f"{self.prefix}cert/{certificate_id}", "ACTIVE", True) if is_claim else None
        return Identity(certificate_id, found["certificateArn"], found["status"])

    def _is_claim(self, certificate: x509.Certificate) -> bool:
        try:
            certificate.verify_directly_issued_by(self.ca)
        except Exception:
            return False
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        return end - begin < LONGEST_CLAIM and begin <= datetime.datetime.now(datetime.timezone.utc) < end

    def things_of(self, identity: Identity) -> list:
        return [] if identity.is_claim else self.iot.list_principal_things(principal=identity.arn)["things"]

    def variables(self, identity: Identity, thing: str, client_id: str = "") -> dict:
        """What policies may ask of a connection: the thing counts if the certificate is attached to it."""
        attached = thing in self.things_of(identity)
        known = {"iot:ClientId": client_id, "iot:Connection.Thing.IsAttached": str(attached).lower()}
        return known | ({"iot:Connection.Thing.ThingName": thing} if attached else {})

    def allows(self, identity: Identity, action: str, resource: str, variables: dict) -> bool:
        """Whether the policies attached to the certificate, and none of them denies."""
        allowed = False
        for statement in self._statements(identity):
            if not (
                _matches(action, statement["Action"], variables)
                and _matches(self.prefix + resource, statement["Resource"], variables)
                and _holds(statement.get("Condition", {}), variables)
            ):
                continue
            if statement["Effect"] == "Deny":
                return False
            allowed = True
        return allowed

    def trusts(self, role: dict, service: str, source: str) -> bool:
        """Whether the role lets a service of AWS take it on, for this resource of AWS IoT."""
        known = {"aws:SourceAccount": self.account_id, "aws:SourceArn": self.prefix + source}
        return any(
            statement["Effect"] == "Allow"
            and service in _list(statement.get("Principal", {}).get("Service", []))
            and "sts:AssumeRole" in _list(statement["Action"])
            and _holds(statement.get("Condition", {}), known)
            for statement in _list(role["AssumeRolePolicyDocument"]["Statement"])
        )

    @contextlib.contextmanager
    def role(self, name: str):
        """The role, which nobody else takes on meanwhile: `assume` changes it for a moment."""
        with open(self.trust_lock, "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.iam.get_role(RoleName=name)["Role"]

    def assume(self, role: dict, session: str, seconds: int) -> dict:
        """Credentials for a service of AWS that the role trusts."""
        name, trust = role["RoleName"], role["AssumeRolePolicyDocument"]
        # The local STS knows no calling service, so no condition on one ever holds there: `trusts` judged
        # them, and for the length of this call they are off.
        bare = [{key: value for key, value in one.items() if key != "Condition"} for one in _list(trust["Statement"])]
        self.iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps({**trust, "Statement": bare}))
        try:
            wanted = {"RoleArn": role["Arn"], "RoleSessionName": session, "DurationSeconds": seconds}
            return self.sts.assume_role(**wanted)["Credentials"]
        finally:
            self.iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))

    def _statements(self, identity: Identity):
        for policy in self.iot.list_attached_policies(target=identity.arn)["policies"]:
            document = json.loads(self.iot.get_policy(policyName=policy["policyName"])["policyDocument"])
            yield from _list(document["Statement"])


def _list(one_or_many) -> list:
    return one_or_many if isinstance(one_or_many, list) else [one_or_many]


def _matches(value: str, patterns, variables: dict) -> bool:
    return any(_like(value, pattern, variables) for pattern in _list(patterns))


def _like(value: str, pattern: str, variables: dict) -> bool:
    expression = ""
    for part in re.split(r"(\*|\?|\$\{[^}]*\})", pattern):
        if part.startswith("${"):
            if part[2:-1] not in variables:
                return False
            expression += re.escape(variables[part[2:-1]])
        else:
            expression += {"*": ".*", "?": "."}.get(part) or re.escape(part)
    return re.fullmatch(expression, value, re.DOTALL) is not None


def _holds(conditions: dict, variables: dict) -> bool:
    """The operators a device's policy is likely to use; any other holds for nobody."""
    for operator, keys in conditions.items():
        for key, wanted in keys.items():
            value, wanted = variables.get(key, ""), [str(one) for one in _list(wanted)]
            if operator == "Bool" and value in [one.lower() for one in wanted]:
                continue
            if operator == "StringEquals" and value in wanted:
                continue
            if operator in ("StringLike", "ArnLike", "ArnEquals") and _matches(value, wanted, variables):
                continue
            return False
    return True
