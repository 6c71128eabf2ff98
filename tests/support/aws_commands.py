"""Commands of the AWS CLI as a document shows them, sent to the emulator by the SDK."""

import json
import re
from string import Template
from typing import Any, cast

import boto3
import jmespath  # type: ignore[import-untyped]  # without types
from botocore import xform_name
from botocore.model import Shape

from tests.support.documents import commands_of

KEPT = re.compile(r"(\w+)=\$\((aws .*)\)", re.DOTALL)


def is_aws(block: str) -> bool:
    return block.startswith("aws ") or KEPT.fullmatch(block) is not None


def run_aws(block: str, variables: dict[str, str]) -> Any:
    """Sends the commands of the block, keeps what the block keeps in a variable, and returns the last answer."""
    kept = KEPT.fullmatch(block)
    answer: Any = None
    for words in commands_of(kept[2] if kept else block):
        answer = _sent([Template(word).substitute(variables) for word in words[1:]])
    if kept:
        variables[kept[1]] = answer
    return answer


def _sent(words: list[str]) -> Any:
    service, command, *rest = words
    client = boto3.client(cast("Any", service))
    name = command.replace("-", "_")
    members = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[name]).input_shape.members
    shapes = {f"--{xform_name(member, '-')}": (member, shape) for member, shape in members.items()}
    values: dict[str, list[str]] = {}
    for word in rest:
        if word.startswith("--"):
            values[word] = []
        else:
            list(values.values())[-1].append(word)
    query = values.pop("--query", ["@"])[0]
    values.pop("--output", None)
    answer = getattr(client, name)(
        **{shapes[option][0]: _value(shapes[option][1], of) for option, of in values.items()}
    )
    return jmespath.search(query, answer)


def _value(shape: Shape, words: list[str]) -> Any:
    if words[0].startswith(("[", "{")) and shape.type_name != "string":
        return json.loads(words[0])
    if shape.type_name == "list":
        return words
    return int(words[0]) if shape.type_name == "integer" else words[0]
