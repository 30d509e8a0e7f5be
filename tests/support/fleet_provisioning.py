"""AWS IoT's answers to fleet provisioning by MQTT: a certificate for a request, a thing for a certificate."""

import json
import re
import secrets
import time

from botocore.exceptions import ClientError

TOKEN_LIVES = 3600
CREATE = "$aws/certificates/create/json"
CREATE_FROM_CSR = "$aws/certificates/create-from-csr/json"
PROVISION = re.compile(r"\$aws/provisioning-templates/([^/]+)/provision/json")
CERTIFICATE_ID = "AWS::IoT::Certificate::Id"


class Rejected(Exception):
    def __init__(self, code: str, message: str, status: int = 400):
        super().__init__(message)
        self.payload = {"statusCode": status, "errorCode": code, "errorMessage": message}


def is_request(topic: str) -> bool:
    return topic in (CREATE, CREATE_FROM_CSR) or PROVISION.fullmatch(topic) is not None


class FleetProvisioning:
    def __init__(self, registry):
        self.registry, self.iot = registry, registry.iot
        self.tokens = {}

    def answer(self, topic: str, payload: bytes, claim_id: str, client_id: str):
        """(`accepted` or `rejected`, what to say, the certificate it is about)"""
        about = None
        try:
            request = _read(payload)
            if topic == CREATE:
                created = self.iot.create_keys_and_certificate(setAsActive=False)
                said = self._created(created) | {"privateKey": created["keyPair"]["PrivateKey"]}
                about = said["certificateId"]
            elif topic == CREATE_FROM_CSR:
                said = self._from_csr(request)
                about = said["certificateId"]
            else:
                template = PROVISION.fullmatch(topic)[1]
                said, about = self._provision(template, request, claim_id, client_id)
        except Rejected as rejected:
            return "rejected", rejected.payload, about
        return "accepted", said, about

    def _from_csr(self, request: dict) -> dict:
        csr = request.get("certificateSigningRequest")
        if not isinstance(csr, str):
            raise Rejected("InvalidCertificateSigningRequest", "Certificate signing request cannot be empty.")
        try:
            return self._created(self.iot.create_certificate_from_csr(certificateSigningRequest=csr))
        except ClientError as error:
            # AWS documents no code for this case.
            raise Rejected("InvalidCertificateSigningRequest", error.response["Error"]["Message"]) from None

    def _created(self, created: dict) -> dict:
        certificate_id = created["certificateId"]
        self.iot.update_certificate(certificateId=certificate_id, newStatus="PENDING_ACTIVATION")
        token = secrets.token_urlsafe(48)
        self.tokens[token] = (certificate_id, time.monotonic() + TOKEN_LIVES)
        return {
            "certificateId": certificate_id,
            "certificatePem": created["certificatePem"],
            "certificateOwnershipToken": token,
        }

    def _provision(self, template_name: str, request: dict, claim_id: str, client_id: str):
        try:
            template = self.iot.describe_provisioning_template(templateName=template_name)
        except self.iot.exceptions.ResourceNotFoundException:
            raise Rejected("InvalidTemplate", f"Template with name {template_name} does not exist.") from None
        if not template["enabled"]:
            raise Rejected("InvalidTemplate", f"Template {template_name} is not enabled.")
        certificate = self._owned(request.get("certificateOwnershipToken"))
        parameters = request.get("parameters") or {}
        if "preProvisioningHook" in template:
            parameters = parameters | self._ask_hook(template, {
                "claimCertificateId": claim_id,
                "certificateId": certificate["certificateId"],
                "certificatePem": certificate["certificatePem"],
                "templateArn": template["templateArn"],
                "clientId": client_id,
                "parameters": parameters,
            })
        body = json.loads(template["templateBody"])
        defaults = {name: one["Default"] for name, one in body.get("Parameters", {}).items() if "Default" in one}
        values = defaults | parameters | {CERTIFICATE_ID: certificate["certificateId"]}
        resources = _resolve(list(body["Resources"].values()), values, template_name)
        try:
            thing_name = self._register(resources, certificate)
        except ClientError as error:
            raise Rejected("ProvisioningFailed", error.response["Error"]["Message"]) from None
        configuration = _resolve(body.get("DeviceConfiguration", {}), values, template_name)
        return {"deviceConfiguration": configuration, "thingName": thing_name}, certificate["certificateId"]

    def _owned(self, token) -> dict:
        if not token:
            raise Rejected("InvalidCertificateOwnershipToken", "Certificate ownership token cannot be empty.")
        certificate_id, expires = self.tokens.get(token, ("", 0))
        try:
            if time.monotonic() < expires:
                return self.iot.describe_certificate(certificateId=certificate_id)["certificateDescription"]
        except self.iot.exceptions.ResourceNotFoundException:
            pass
        raise Rejected("InvalidCertificateOwnershipToken", "Certificate ownership token is invalid.")

    def _ask_hook(self, template: dict, event: dict) -> dict:
        """The parameters that the hook overrides."""
        hook = template["preProvisioningHook"]["targetArn"]
        try:
            answer = self.registry.functions.invoke(FunctionName=hook, Payload=json.dumps(event))
        except ClientError:
            raise Rejected("InvocationError", "Access denied while invoking Lambda function") from None
        if "FunctionError" in answer:
            raise Rejected("InvocationError", "The provisioning hook was not executed successfully.")
        said = json.loads(answer["Payload"].read() or "null")
        if not isinstance(said, dict) or not isinstance(said.get("allowProvisioning"), bool):
            raise Rejected("InvalidResult", "Provisioning hook result is in an invalid format.")
        if not said["allowProvisioning"]:
            raise Rejected("AccessDenied", "Access Denied", 403)
        return said.get("parameterOverrides") or {}

    def _register(self, resources: list, certificate: dict) -> str:
        arn, thing_name, status = certificate["certificateArn"], None, "ACTIVE"
        for resource in resources:
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::IoT::Thing":
                thing_name = properties["ThingName"]
                attributes = {"attributes": properties.get("AttributePayload", {})}
                try:
                    self.iot.create_thing(thingName=thing_name, attributePayload=attributes)
                except self.iot.exceptions.ResourceAlreadyExistsException:
                    # Only MERGE of a template's OverrideSettings.
                    self.iot.update_thing(thingName=thing_name, attributePayload=attributes | {"merge": True})
                self.iot.attach_thing_principal(thingName=thing_name, principal=arn)
            elif resource["Type"] == "AWS::IoT::Policy":
                self.iot.attach_policy(policyName=properties["PolicyName"], target=arn)
            elif resource["Type"] == "AWS::IoT::Certificate":
                status = properties.get("Status", "Active").upper()
        self.iot.update_certificate(certificateId=certificate["certificateId"], newStatus=status)
        return thing_name


def _read(payload: bytes) -> dict:
    try:
        request = json.loads(payload or b"{}")
    except ValueError:
        request = None
    if not isinstance(request, dict):
        raise Rejected("InvalidPayload", "Message cannot be parsed")
    return request


def _resolve(value, values: dict, template_name: str):
    """With Ref and Fn::Join replaced, the two functions that our template uses."""
    if isinstance(value, list):
        return [_resolve(one, values, template_name) for one in value]
    if not isinstance(value, dict):
        return value
    if "Ref" in value:
        if values.get(value["Ref"]) is None:
            raise Rejected("InvalidParameters", f"Cannot resolve reference value: {value['Ref']}")
        return values[value["Ref"]]
    if "Fn::Join" in value:
        separator, parts = _resolve(value["Fn::Join"], values, template_name)
        return separator.join(parts)
    for name in value:
        if name.startswith("Fn::"):
            raise Rejected("InvalidTemplate", f"Template {template_name} has an invalid {name}.")
    return {name: _resolve(one, values, template_name) for name, one in value.items()}
