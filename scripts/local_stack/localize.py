"""Fits a built template to the emulator: `python -m scripts.local_stack.localize TEMPLATE LAYERS_FOLDER NAME=VALUE...`.

Runs in the emulator's environment: it has PyYAML, and its interpreter is the one that functions run on.
"""

import compileall
import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

# Templates are trees of JSON.
Json = Any

# The emulator never sets these keys, so a condition on one would refuse every request.
UNKNOWN_CONDITION_KEYS = {"dynamodb:LeadingKeys", "events:source"}
# On AWS, the right to the single operation is the right to the batch; the emulator needs the batch's own name.
BATCHES = {f"sqs:{verb}": f"sqs:{verb}Batch" for verb in ("SendMessage", "DeleteMessage", "ChangeMessageVisibility")}
# A burst starts a process for each request, and all of them share this machine. The emulator ends a process at its
# function's timeout, and the next request would start another one.
TIMEOUT_SECONDS_MIN = 300
# The authorizer has no caller that sends the request again after a 503: the gateway answers 500 in its place.
READ_SECONDS = "60"


def main() -> None:
    file, layers = Path(sys.argv[1]), Path(sys.argv[2])
    values = dict(assignment.split("=", 1) for assignment in sys.argv[3:])
    template = yaml.safe_load(file.read_text())
    unknown = values.keys() - template.get("Parameters", {}).keys()
    if unknown:
        sys.exit(f"template.yaml has no parameter {', '.join(sorted(unknown))}.")
    template = without_metric_math(with_patience(with_known_permissions(with_values(template, values))))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            properties = resource["Properties"]
            properties["ContentUri"] = str(linked_layer(file.parent / properties["ContentUri"], layers))
    file.write_text(yaml.safe_dump(template, sort_keys=False))


def with_values(template: Json, values: dict[str, str]) -> Json:
    """Makes the values the parameters' defaults, and replaces references to parameters by these values.

    On AWS, the transform AWS::LanguageExtensions replaces the references. The names of the functions' versions depend
    on it: a version is published if a value changes. AWS also converts a value to a number where a property needs one.
    """
    literals = {}
    for name, parameter in template.get("Parameters", {}).items():
        if name in values:
            parameter["Default"] = values[name]
        if "Default" in parameter:
            value = str(parameter["Default"])
            literals[name] = json.loads(value) if parameter["Type"] == "Number" else value

    def literal(node: Json) -> Json:
        if isinstance(node, dict):
            if len(node) == 1 and node.get("Ref") in literals:
                return literals[node["Ref"]]
            return {key: texts(value) if key == "Variables" else literal(value) for key, value in node.items()}
        return [literal(item) for item in node] if isinstance(node, list) else node

    def texts(variables: Json) -> Json:
        """Returns the variables of a function. Their values are texts, also those of numbers."""
        values = literal(variables)
        return {name: str(value) if isinstance(value, int) else value for name, value in values.items()}

    parts = {part: literal(template[part]) for part in ("Globals", "Resources") if part in template}
    return template | parts


def with_patience(template: Json) -> Json:
    """Gives every function at least the time of the minimum, and the table more time: this machine may be slower."""
    usual = template.get("Globals", {}).get("Function", {}).get("Timeout", 0)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            properties = resource["Properties"]
            properties["Timeout"] = max(properties.get("Timeout", usual), TIMEOUT_SECONDS_MIN)
            variables = properties.setdefault("Environment", {}).setdefault("Variables", {})
            variables["LOYALTY_READ_SECONDS"] = READ_SECONDS
    return template


def without_metric_math(template: Json) -> Json:
    """Leaves out the alarms on expressions of metrics: the emulator refuses a stack with such an alarm."""
    resources = template["Resources"]
    kept = {name: resource for name, resource in resources.items() if "Metrics" not in resource.get("Properties", {})}
    return template | {"Resources": kept}


def with_known_permissions(node: Json) -> Json:
    """Returns the policies in the terms that the emulator checks; the emulator enforces what it can check."""
    if isinstance(node, list):
        return [with_known_permissions(item) for item in node if not _needs_tls(item)]
    if not isinstance(node, dict):
        return node
    known = {key: with_known_permissions(value) for key, value in node.items()}
    if "Effect" in known and "Action" in known:
        actions = [known["Action"]] if isinstance(known["Action"], str) else known["Action"]
        known["Action"] = actions + [BATCHES[action] for action in actions if action in BATCHES]
        stripped = {
            operator: {key: value for key, value in keys.items() if key not in UNKNOWN_CONDITION_KEYS}
            for operator, keys in known.get("Condition", {}).items()
        }
        known["Condition"] = {operator: keys for operator, keys in stripped.items() if keys}
    return known


def _needs_tls(statement: Json) -> bool:
    """Whether the statement refuses requests without TLS. The emulator's own address has no TLS."""
    match statement:
        case {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": _}}}:
            return True
    return False


def linked_layer(content: Path, layers: Path) -> Path:
    """Makes a layer that only points to its content, which is compiled in the folder for layers.

    The emulator unpacks every layer again for each worker: 30 MB of files without bytecode. A burst of 32 requests
    would therefore wait 20 s for its cold starts. The name is a digest of the content: other content is another layer.
    """
    files = sorted(file for file in content.rglob("*") if file.is_file() and _is_content(file))
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"\0{file.relative_to(content)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    target = layers.resolve() / digest.hexdigest()[:16]
    link = target.with_suffix(".layer")
    if not link.exists():
        shutil.rmtree(target, ignore_errors=True)
        for file in files:
            copy = target / file.relative_to(content)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, copy)
        compileall.compile_dir(target, quiet=1, workers=0)
        # Only .pth files in site folders of a layer are read. The path comes first, as a layer's path does.
        site = link / "python" / "lib" / "python" / "site-packages"
        site.mkdir(parents=True)
        (site / "layer.pth").write_text(f"import sys; sys.path.insert(0, {str(target / 'python')!r})\n")
    return link


def _is_content(file: Path) -> bool:
    return not any(part == "__pycache__" or part.endswith(".egg-info") for part in file.parts)


if __name__ == "__main__":
    main()
