"""Releases of a deployed stack: which versions are live, to which a rollback returns, and which are deleted."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from scripts import release
from scripts.release import LIVE, PREVIOUS, ROUTES, Versions, complete, point, require_routes, rollback, versions_at

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

NAMES = ("credit", "debit")


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    """One for all tests: botocore takes long to read the models of services."""
    return boto3.Session()


@pytest.fixture
def client(session: boto3.Session) -> Iterator["LambdaClient"]:
    """Two functions, each with the versions 1 to 3."""
    with mock_aws(config={"lambda": {"use_docker": False}}):
        roles = session.client("iam")
        role = roles.create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        client = session.client("lambda")
        for name in NAMES:
            client.create_function(
                FunctionName=name, Runtime="python3.13", Role=role, Handler="app.handler", Code={"ZipFile": code()}
            )
            for number in range(3):
                client.update_function_configuration(FunctionName=name, Description=str(number))
                client.publish_version(FunctionName=name)
        yield client


def code() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", "")
    return archive.getvalue()


def both(version: str) -> Versions:
    return dict.fromkeys(NAMES, version)


def present(client: "LambdaClient", name: str) -> set[str]:
    return {one["Version"] for one in client.list_versions_by_function(FunctionName=name)["Versions"]} - {"$LATEST"}


def test_a_rollback_returns_every_function_to_the_release_before(client: "LambdaClient") -> None:
    point(client, LIVE, both("3"))
    complete(client, both("2"), both("3"))
    assert rollback(client, NAMES) == both("2")
    assert versions_at(client, LIVE, NAMES) == both("2")


def test_a_function_that_the_release_did_not_change_stays_at_its_version(client: "LambdaClient") -> None:
    after = {"credit": "3", "debit": "2"}
    point(client, LIVE, after)
    complete(client, both("2"), after)
    assert rollback(client, NAMES) == {"credit": "2"}
    assert versions_at(client, LIVE, NAMES) == both("2")


def test_a_rollback_of_the_first_release_moves_nothing(client: "LambdaClient") -> None:
    point(client, LIVE, both("1"))
    complete(client, {}, both("1"))
    assert rollback(client, NAMES) == {}
    assert versions_at(client, LIVE, NAMES) == both("1")


def test_a_second_rollback_moves_nothing(client: "LambdaClient") -> None:
    point(client, LIVE, both("3"))
    complete(client, both("2"), both("3"))
    rollback(client, NAMES)
    assert rollback(client, NAMES) == {}


def test_a_deployment_that_changes_nothing_keeps_the_release_before(client: "LambdaClient") -> None:
    point(client, LIVE, both("3"))
    complete(client, both("2"), both("3"))
    complete(client, both("3"), both("3"))
    assert rollback(client, NAMES) == both("2")


def test_a_function_that_the_release_added_stays_live_after_a_rollback(client: "LambdaClient") -> None:
    point(client, LIVE, {"credit": "2", "debit": "1"})
    complete(client, {"credit": "1"}, {"credit": "2", "debit": "1"})
    assert rollback(client, NAMES) == {"credit": "1"}
    assert versions_at(client, LIVE, NAMES) == both("1")


def test_a_deployment_after_a_rollback_makes_the_whole_release_live(client: "LambdaClient") -> None:
    point(client, LIVE, both("1"))
    # The deployment changed one function, and moved the alias of this function alone.
    after = {"credit": "3", "debit": "2"}
    point(client, LIVE, {"credit": "3"})
    complete(client, both("1"), after)
    assert versions_at(client, LIVE, NAMES) == after
    assert versions_at(client, PREVIOUS, NAMES) == both("1")


def test_versions_that_are_neither_live_nor_previous_are_deleted(client: "LambdaClient") -> None:
    point(client, LIVE, both("3"))
    complete(client, both("1"), both("3"))
    assert [present(client, name) for name in NAMES] == [{"1", "3"}] * 2


def test_after_a_deployment_that_failed_the_release_before_is_live_and_its_versions_are_deleted(
    client: "LambdaClient",
) -> None:
    point(client, LIVE, both("1"))
    # After a rollback to 1, the deployment of 3 failed: CloudFormation returned one alias to its own version, 2.
    point(client, LIVE, {"credit": "2"})
    release.restore(client, both("1"), both("2"))
    assert versions_at(client, LIVE, NAMES) == both("1")
    assert [present(client, name) for name in NAMES] == [{"1", "2"}] * 2


def test_a_live_version_without_a_changed_setting_is_refused_with_the_name_of_its_function(
    client: "LambdaClient",
) -> None:
    release.require_settings(client, both("3"))
    client.update_function_configuration(FunctionName="debit", MemorySize=1024)
    with pytest.raises(release.ReleaseError, match=r"release:\ndebit$"):
        release.require_settings(client, both("3"))


@pytest.mark.parametrize(
    ("words", "region"), [(["--profile", "shop"], "eu-west-1"), (["--profile", "shop", "--region", "x"], "x")]
)
def test_the_stack_is_in_the_region_of_the_profile_unless_another_is_given(
    words: list[str], region: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[profile shop]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    known, others = release.arguments([*words, "--guided"])
    stack, session = release.target(known)
    assert (stack, session.region_name, others) == ("loyalty-wallets", region, ["--guided"])


def test_the_name_of_the_stack_is_that_of_its_part_of_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    names = [release.target(release.arguments(words)[0])[0] for words in ([], ["--config-env", "dev"])]
    assert names == ["loyalty-wallets", "loyalty-wallets-dev"]
    named = release.arguments(["--config-env", "new", "--stack-name", "other"])[0]
    assert release.target(named)[0] == "other"
    with pytest.raises(release.ReleaseError, match="new"):
        release.target(release.arguments(["--config-env", "new"])[0])


def test_a_release_without_a_region_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(release.ReleaseError, match="region"):
        release.target(release.arguments([])[0])


def test_the_published_versions_are_those_of_the_stack() -> None:
    formation = boto3.client("cloudformation")
    arn = "arn:aws:lambda:us-east-1:123456789012:function"
    resources = [
        ("AWS::Lambda::Function", "credit", "UPDATE_COMPLETE"),
        ("AWS::Lambda::Version", f"{arn}:credit:12", "CREATE_COMPLETE"),
        ("AWS::Lambda::Version", f"{arn}:credit:11", "DELETE_SKIPPED"),
        ("AWS::Lambda::Version", f"{arn}:credit:10", "DELETE_COMPLETE"),
        ("AWS::Lambda::Version", "loyal-Credi-1", "CREATE_FAILED"),
        ("AWS::Lambda::Alias", f"{arn}:credit:live", "UPDATE_COMPLETE"),
    ]
    with Stubber(formation) as aws:
        for token, (kind, physical_id, status) in enumerate(resources):
            summary = {
                "LogicalResourceId": "any",
                "PhysicalResourceId": physical_id,
                "ResourceType": kind,
                "LastUpdatedTimestamp": "2027-03-01T12:00:00Z",
                "ResourceStatus": status,
            }
            more = {"NextToken": str(token)} if token < len(resources) - 1 else {}
            aws.add_response("list_stack_resources", {"StackResourceSummaries": [summary], **more})
        assert release.released(formation, "loyalty-wallets") == {"credit": "12"}


def test_a_stack_that_does_not_exist_has_published_no_versions() -> None:
    formation = boto3.client("cloudformation")
    with Stubber(formation) as aws:
        text = "Stack with id loyalty-wallets does not exist"
        aws.add_client_error("list_stack_resources", "ValidationError", text)
        assert release.released(formation, "loyalty-wallets") == {}


def check(routes: list[str]) -> None:
    gateway = boto3.client("apigatewayv2")
    with Stubber(gateway) as aws:
        for start in range(0, len(routes), 100):
            more = {"NextToken": str(start)} if start + 100 < len(routes) else {}
            items = [{"RouteKey": route} for route in routes[start : start + 100]]
            aws.add_response("get_routes", {"Items": items, **more})
        require_routes(gateway, "api")


def test_an_api_with_all_routes_on_several_pages_is_complete() -> None:
    assert len(ROUTES) > 100
    check(sorted(ROUTES))


def test_an_api_without_a_route_is_refused_with_the_name_of_the_route() -> None:
    with pytest.raises(release.ReleaseError, match=r"missing: GET /v1/wallets$"):
        check(sorted(ROUTES - {"GET /v1/wallets"}))


def test_an_api_with_another_route_is_refused_with_the_name_of_the_route() -> None:
    with pytest.raises(release.ReleaseError, match=r"unexpected: GET /v1/else$"):
        check([*sorted(ROUTES), "GET /v1/else"])
