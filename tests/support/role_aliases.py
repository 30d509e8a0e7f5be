"""AWS IoT's role aliases, which MiniStack lacks: its CloudFormation makes them, the credentials endpoint reads them."""

import json
import os
from pathlib import Path


def of_cloud(state: Path) -> dict:
    """The properties of each role alias, by its name."""
    try:
        return json.loads((state / "data" / "role-aliases.json").read_text())
    except FileNotFoundError:
        return {}


def teach_cloudformation() -> None:
    """Called in MiniStack's own process, whose folder for temporary files is the cloud's `data`."""
    from ministack.services import iot
    from ministack.services.cloudformation import provisioners

    state = Path(os.environ["TMPDIR"]).parent

    def keep(aliases: dict) -> None:
        file = state / "data" / "role-aliases.json"
        new = file.with_suffix(".new")
        new.write_text(json.dumps(aliases))
        new.replace(file)

    def create(_logical_id, properties, _stack):
        name = properties["RoleAlias"]
        if name in of_cloud(state):
            raise ValueError(f"Role alias {name} already exists")
        keep(of_cloud(state) | {name: properties})
        arn = iot._policy_arn(name).replace(":policy/", ":rolealias/")
        return name, {"RoleAliasArn": arn}

    def delete(name, _properties):
        keep({other: properties for other, properties in of_cloud(state).items() if other != name})

    provisioners._RESOURCE_HANDLERS["AWS::IoT::RoleAlias"] = {"create": create, "delete": delete}
