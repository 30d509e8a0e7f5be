"""What an administrator does in the local AWS account: deploying the stack, inviting operators, looking things up."""

import json
import secrets
import string
from pathlib import Path
from urllib.parse import urlsplit

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

STACK = Path(__file__).resolve().parents[2] / "stack" / "fieldkey.yaml"


class Account:
    def __init__(self, cloud: dict):
        self.cloud = cloud

    def client(self, service: str):
        return botocore.session.get_session().create_client(
            service,
            region_name=self.cloud["region"],
            endpoint_url=self.cloud["endpoint"],
            aws_access_key_id=self.cloud["adminAccessKeyId"],
            aws_secret_access_key=self.cloud["adminSecretAccessKey"],
            config=Config(proxies={}, retries={"total_max_attempts": 1}),
        )

    def deploy(self, stack_name: str, parameters: dict) -> dict:
        """Deploys stack/fieldkey.yaml with the calls that deploy it to AWS; answers its outputs."""
        formation = self.client("cloudformation")
        formation.create_stack(
            StackName=stack_name,
            TemplateBody=STACK.read_text(),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
        )
        try:
            waiter = formation.get_waiter("stack_create_complete")
            waiter.wait(StackName=stack_name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600})
        except Exception as error:
            events = formation.describe_stack_events(StackName=stack_name)["StackEvents"]
            failed = [
                f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
                for event in events
                if event["ResourceStatus"].endswith("FAILED")
            ]
            raise SystemExit("\n".join([f"the stack was not deployed: {error}", *failed])) from error
        outputs = formation.describe_stacks(StackName=stack_name)["Stacks"][0]["Outputs"]
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def site(self, name: str, outputs: dict) -> dict:
        """The site file for a stack of this account; its CA file lies beside it."""
        endpoint = self.cloud["endpoint"]
        # The API's own address is a name below localhost, which not every system resolves.
        api = urlsplit(outputs["CertificateApiUrl"]).hostname.split(".")[0]
        return {
            "name": name,
            # The policy is for engineers to name; operators have it from the API.
            **{key[0].lower() + key[1:]: value for key, value in outputs.items() if key != "DevicePolicyName"},
            "certificateApiUrl": f"{endpoint}/_aws/execute-api/{api}",
            "dataEndpoint": "localhost",
            "caFile": "ca.pem",
            "endpoints": {
                "cognitoIdp": endpoint,
                "cognitoIdentity": endpoint,
                "iot": endpoint,
                "sts": endpoint,
                "s3": endpoint,
                "mqttPort": self.cloud["mqttPort"],
            },
        }

    def invite(self, user_pool: str, email: str, password: str, permanent: bool, groups: list) -> None:
        cognito = self.client("cognito-idp")
        cognito.admin_create_user(
            UserPoolId=user_pool,
            Username=email,
            TemporaryPassword=password,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
        )
        if permanent:
            cognito.admin_set_user_password(
                UserPoolId=user_pool, Username=email, Password=password, Permanent=True
            )
        for group in groups:
            cognito.admin_add_user_to_group(UserPoolId=user_pool, Username=email, GroupName=group)

    def registered(self, thing_name: str) -> dict:
        """What the registry holds about a thing."""
        iot = self.client("iot")
        try:
            thing = iot.describe_thing(thingName=thing_name)
            principals = iot.list_thing_principals(thingName=thing_name)["principals"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return {"thing": None, "certificates": []}
        return {
            "thing": {key: thing[key] for key in ("thingName", "thingArn", "attributes") if key in thing},
            "certificates": [_certificate(iot, arn) for arn in principals],
        }

    def call(self, service: str, operation: str, parameters: dict) -> dict:
        """Any other call, named as in the AWS command line: cognito-idp admin-disable-user."""
        client = self.client(service)
        answer = getattr(client, operation.replace("-", "_"))(**parameters)
        answer.pop("ResponseMetadata", None)
        return json.loads(json.dumps(answer, default=str))


def new_password() -> str:
    """One that meets the user pool's policy."""
    letters = string.ascii_letters + string.digits
    return "Aa1" + "".join(secrets.choice(letters) for _ in range(17))


def _certificate(iot, arn: str) -> dict:
    certificate_id = arn.rpartition("/")[2]
    described = iot.describe_certificate(certificateId=certificate_id)["certificateDescription"]
    policies = iot.list_attached_policies(target=arn)["policies"]
    return {
        "id": certificate_id,
        "status": described["status"],
        "policies": [policy["policyName"] for policy in policies],
    }
