"""Releases of a deployed stack: deploys one and checks it, or returns to the one before.

The alias `live` of each function is the version that the API, the schedules and the queues call. The alias `previous`
is the version that was live before the last release. Versions without an alias are deleted after each deployment.
"""

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from loyalty.http.routes import ROUTE_SCOPES

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.type_defs import FunctionConfigurationTypeDef

ROOT = Path(__file__).parents[1]
SAM = ROOT / ".envs" / "sam" / "bin" / "sam"
LIVE, PREVIOUS = "live", "previous"
SETTINGS = ("CodeSha256", "Environment", "Layers", "LoggingConfig", "MemorySize", "Timeout")
"""What a version has of its function, as far as the template changes it."""
# The files of the console are public, so these routes have no scope.
ROUTES = frozenset({*ROUTE_SCOPES, "GET /console", "GET /console/{file+}"})

Versions = Mapping[str, str]
"""The version of each function, by the function's name."""


class ReleaseError(Exception):
    """The stack is not as the release needs it; the text is for people."""


def released(formation: "CloudFormationClient", stack: str) -> Versions:
    """Returns the versions that the last deployment of the stack published; none before the first deployment.

    The list may also have versions that the stack has given up, such as those of a failed deployment.
    """
    pages = formation.get_paginator("list_stack_resources").paginate(StackName=stack)
    try:
        resources = [one for page in pages for one in page["StackResourceSummaries"]]
    except ClientError as error:
        if "does not exist" in error.response["Error"].get("Message", ""):
            return {}
        raise
    # A version that could not be made has no ARN.
    present = [one for one in resources if re.fullmatch("(?!DELETE).+_COMPLETE", one["ResourceStatus"])]
    # arn:aws:lambda:<region>:<account>:function:<name>:<version>
    arns = [one["PhysicalResourceId"] for one in present if one["ResourceType"] == "AWS::Lambda::Version"]
    return {name: version for _, name, version in (arn.rsplit(":", 2) for arn in arns)}


def versions_at(client: "LambdaClient", alias: str, names: Iterable[str]) -> Versions:
    """Returns the versions that the alias names, without the functions that do not have the alias."""
    found = {}
    for name in names:
        try:
            found[name] = client.get_alias(FunctionName=name, Name=alias)["FunctionVersion"]
        except client.exceptions.ResourceNotFoundException:
            continue
    return found


def point(client: "LambdaClient", alias: str, versions: Versions) -> Versions:
    """Points the alias of each function to its version, and returns the versions that it did not name before."""
    present = versions_at(client, alias, versions)
    moved = {name: version for name, version in versions.items() if present.get(name) != version}
    for name, version in moved.items():
        put = client.update_alias if name in present else client.create_alias
        put(FunctionName=name, Name=alias, FunctionVersion=version)
    return moved


def complete(client: "LambdaClient", before: Versions, after: Versions) -> None:
    """Makes the published versions live, and those of before previous if they differ; deletes all other versions.

    A deployment moves no alias whose version it did not change. After a rollback, functions of two releases would run
    together.
    """
    point(client, LIVE, after)
    kept = {name: version for name, version in before.items() if name in after}
    if any(after[name] != version for name, version in kept.items()):
        point(client, PREVIOUS, kept)
    delete_unused(client, after, versions_at(client, PREVIOUS, after))


def restore(client: "LambdaClient", before: Versions, published: Versions) -> None:
    """Makes those versions live that were live before a deployment which failed, and deletes the versions of its own.

    CloudFormation returns an alias to the version of its earlier template, also if that was rolled back. It keeps the
    new versions, and the next deployment of the same code would fail: Lambda publishes no version twice.
    """
    point(client, LIVE, before)
    delete_unused(client, published, before, versions_at(client, PREVIOUS, published))


def delete_unused(client: "LambdaClient", *releases: Versions) -> None:
    """Deletes the versions of the first release's functions that are in none of the releases."""
    for name in releases[0]:
        kept = {"$LATEST", *(release.get(name) for release in releases)}
        for unused in {one["Version"] for one in all_versions(client, name)} - kept:
            client.delete_function(FunctionName=name, Qualifier=unused)


def all_versions(client: "LambdaClient", name: str) -> "list[FunctionConfigurationTypeDef]":
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
    return [one for page in pages for one in page["Versions"]]


def require_settings(client: "LambdaClient", live: Versions) -> None:
    """Raises a ReleaseError that names the functions whose live version lacks a change of the deployment.

    A version is published if its name in the template changes. A changed parameter changes this name only because the
    transform AWS::LanguageExtensions replaces references to parameters.
    """
    behind = []
    for name, version in live.items():
        by_version = {one["Version"]: one for one in all_versions(client, name)}
        latest, own = by_version["$LATEST"], by_version[version]
        if any(latest.get(setting) != own.get(setting) for setting in SETTINGS):
            behind.append(name)
    if behind:
        raise ReleaseError(
            "\n".join(["These functions run with the code or the settings of an earlier release:", *behind])
        )


def rollback(client: "LambdaClient", names: Iterable[str]) -> Versions:
    """Makes the previous versions live, and returns those that were not live before.

    A function that the last release added has no previous version and stays as it is. An interrupted rollback is
    completed by another one.
    """
    return point(client, LIVE, versions_at(client, PREVIOUS, names))


def require_routes(gateway: "ApiGatewayV2Client", api_id: str) -> None:
    """Raises a ReleaseError that names the routes which the API should have and does not have, or the reverse."""
    pages = gateway.get_paginator("get_routes").paginate(ApiId=api_id)
    present = {route["RouteKey"] for page in pages for route in page["Items"]}
    differences = {"missing": ROUTES - present, "unexpected": present - ROUTES}
    lines = [f"{kind}: {route}" for kind, routes in differences.items() for route in sorted(routes)]
    if lines:
        raise ReleaseError("\n".join([f"The API has {len(present)} routes, not {len(ROUTES)}:", *lines]))


def settings(file: Path, environment: str) -> dict[str, Any]:
    """Returns what `sam deploy` takes from the configuration file, such as the stack's name, region and profile."""
    sections = tomllib.loads(file.read_text()).get(environment, {})
    parts = [sections.get(command, {}).get("parameters", {}) for command in ("global", "deploy")]
    return {name: value for part in parts for name, value in part.items()}


def target(known: argparse.Namespace) -> tuple[str, boto3.Session]:
    """Returns the name of the stack, and a session of its account and region.

    Raises a ReleaseError without a name, or without a region: `sam` would take one of its own.
    """
    configured = settings(ROOT / "samconfig.toml", known.config_env)
    session = boto3.Session(
        region_name=known.region or configured.get("region"), profile_name=known.profile or configured.get("profile")
    )
    if not session.region_name:
        raise ReleaseError("Set the region by --region, AWS_DEFAULT_REGION, the profile or samconfig.toml.")
    name = known.stack_name or configured.get("stack_name")
    if not name:
        raise ReleaseError(f"Set the stack's name by --stack-name, or in samconfig.toml for {known.config_env}.")
    return name, session


def arguments(words: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Returns the options of this command, and those that it hands on to `sam deploy`."""
    parser = argparse.ArgumentParser(prog="python -m scripts.release", description=__doc__)
    parser.add_argument("--rollback", action="store_true", help="return to the release before, instead of deploying")
    parser.add_argument("--config-env", default="default", help="the part of samconfig.toml")
    parser.add_argument("--stack-name", help="another stack than that of samconfig.toml")
    parser.add_argument("--region")
    parser.add_argument("--profile", help="the part of AWS's own configuration that has the credentials")
    parser.add_argument("--undo", action="store_true", help="return to the release that was rolled back")
    return parser.parse_known_args(words)


def main(words: Sequence[str]) -> int:
    """Runs the command; exit code 0, or 1 if the deployment failed or is not complete."""
    known, others = arguments(words)
    try:
        return roll_back(known) if known.rollback else deploy(known, others)
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1


def roll_back(known: argparse.Namespace) -> int:
    """Returns the exit code: 1 if there is no version to return to."""
    stack, session = target(known)
    client, published = session.client("lambda"), released(session.client("cloudformation"), stack)
    moved = point(client, LIVE, published) if known.undo else rollback(client, published)
    print("\n".join(f"{name} is at version {version}" for name, version in moved.items()) or "no version to return to")
    return 0 if moved else 1


def deploy(known: argparse.Namespace, others: Sequence[str]) -> int:
    """Returns the exit code: 1 if the deployment failed. Raises a ReleaseError if it is not complete."""
    stack, session = target(known)
    formation, client = session.client("cloudformation"), session.client("lambda")
    published = released(formation, stack)
    before = versions_at(client, LIVE, published)
    options = ["--config-env", known.config_env, "--stack-name", stack, "--region", session.region_name]
    options += ["--profile", known.profile] if known.profile else []
    if subprocess.run([SAM, "deploy", *options, *others], cwd=ROOT, check=False).returncode:  # noqa: S603
        if published and status(formation, stack) == "UPDATE_ROLLBACK_COMPLETE":
            restore(client, before, published)
        return 1

    # A guided deployment stores the name and the region that were chosen.
    stack, session = target(known)
    formation, client = session.client("cloudformation"), session.client("lambda")
    after = released(formation, stack)
    complete(client, before, after)
    (deployed,) = formation.describe_stacks(StackName=stack)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in deployed["Outputs"]}
    require_routes(session.client("apigatewayv2"), outputs["ApiId"])
    require_settings(client, after)
    print(f"{stack} has its {len(ROUTES)} routes")
    return 0


def status(formation: "CloudFormationClient", stack: str) -> str:
    (present,) = formation.describe_stacks(StackName=stack)["Stacks"]
    return present["StackStatus"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
