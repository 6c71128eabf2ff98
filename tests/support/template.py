"""The template as Python values, for tests that compare code and documents with it."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]

# A part of a template may be any YAML value.
Json = Any


class Loader(yaml.CSafeLoader):
    """Reads YAML with CloudFormation's short forms as long forms."""


def long_form(loader: Loader, tag: str, node: yaml.Node) -> dict[str, Json]:
    match node:
        case yaml.ScalarNode():
            value: Json = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case _:
            raise ValueError(f"!{tag} of a mapping")
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


Loader.add_multi_constructor("!", long_form)

# The loader is a safe one.
TEMPLATE: Json = yaml.load((ROOT / "template.yaml").read_text(), Loader)  # noqa: S506
RESOURCES: dict[str, Json] = TEMPLATE["Resources"]
PARAMETERS: dict[str, Json] = TEMPLATE["Parameters"]
