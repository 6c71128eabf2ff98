"""The local stack's changes of templates before the emulator gets them."""

import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scripts.local_stack import environments, localize, project
from scripts.local_stack.console import StackError
from scripts.local_stack.openapi_body import HttpApi, Resolver, Route, read
from scripts.local_stack.stack import Facts, Stack

URI = "arn:${AWS::Partition}:lambda:path/functions/${Wallets.Arn}/invocations"
VALUES = {"AWS::Partition": "aws", "Wallets": "stack-Wallets-1", "Origins": "https://a.example,https://b.example"}


def resolver(conditions: dict[str, Any] | None = None) -> Resolver:
    return Resolver(VALUES, lambda name: f"arn:aws:lambda:here:1:function:{name}", conditions or {})


def operation(**more: object) -> dict[str, object]:
    return {"x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": "U", "payloadFormatVersion": "2.0"}, **more}


def body(paths: Mapping[str, object], **more: object) -> dict[str, object]:
    authorizer = {
        "type": "request",
        "authorizerUri": "A",
        "identitySource": ["$request.header.X-Api-Key", "$context.routeKey"],
        "authorizerPayloadFormatVersion": "2.0",
        "authorizerResultTtlInSeconds": 60,
        "enableSimpleResponses": True,
    }
    schemes = {"Keys": {"type": "apiKey", "x-amazon-apigateway-authorizer": authorizer}}
    return {"paths": paths, "components": {"securitySchemes": schemes}, **more}


def test_a_route_has_its_function_and_its_authorizer() -> None:
    api = read(body({"/v1/wallets/{id}": {"get": operation(security=[{"Keys": []}]), "parameters": []}}))
    assert api.routes == (Route("GET /v1/wallets/{id}", "U", "2.0", "Keys"),)


def test_a_route_without_security_or_with_none_is_open() -> None:
    api = read(body({"/a": {"get": operation()}, "/b": {"get": operation(security=[{"NONE": []}])}}))
    assert [route.authorizer for route in api.routes] == [None, None]


def test_any_method_and_the_default_route_have_their_own_keys() -> None:
    paths = {path: {"x-amazon-apigateway-any-method": operation()} for path in ("/a", "/$default")}
    assert [route.key for route in read(body(paths)).routes] == ["ANY /a", "$default"]


def test_the_authorizer_gets_every_identity_source() -> None:
    authorizer = read(body({})).authorizers["Keys"]
    assert authorizer["IdentitySource"] == ["$request.header.X-Api-Key", "$context.routeKey"]
    assert authorizer["EnableSimpleResponses"] is True
    assert authorizer["AuthorizerResultTtlInSeconds"] == 60


def test_an_integration_without_a_function_is_refused() -> None:
    proxy = {"x-amazon-apigateway-integration": {"type": "http_proxy", "uri": "U"}}
    with pytest.raises(ValueError, match="only Lambda integrations"):
        read(body({"/a": {"get": proxy}}))


def test_a_body_without_cors_gives_an_api_without_cors() -> None:
    assert read(body({})) == HttpApi((), read(body({})).authorizers, {})


def test_sub_resolves_parameters_resources_and_arns() -> None:
    assert (
        resolver().resolve({"Fn::Sub": URI})
        == "arn:aws:lambda:path/functions/arn:aws:lambda:here:1:function:stack-Wallets-1/invocations"
    )


def test_sub_uses_its_own_variables_first() -> None:
    node = {"Fn::Sub": ["${Wallets}/${!Literal}/${Own}", {"Own": {"Ref": "Wallets"}, "Wallets": "mine"}]}
    assert resolver().resolve(node) == "mine/${Literal}/stack-Wallets-1"


@pytest.mark.parametrize(
    ("origins", "cors"),
    [("none", {}), ("https://a.example", {"allowOrigins": ["https://a.example", "https://b.example"]})],
)
def test_a_condition_decides_about_cors(origins: str, cors: dict[str, object]) -> None:
    conditions = {"HasCors": {"Fn::Not": [{"Fn::Equals": [origins, "none"]}]}}
    choice = [
        "HasCors",
        {"allowOrigins": {"Fn::Split": [",", {"Ref": "Origins"}]}},
        {"Ref": "AWS::NoValue"},
    ]
    resolved = resolver(conditions).resolve({"x-amazon-apigateway-cors": {"Fn::If": choice}})
    assert read(resolved).cors == cors


@pytest.mark.parametrize(
    "node", [{"Fn::FindInMap": ["a", "b", "c"]}, {"Ref": "Unknown"}, {"Fn::GetAtt": ["Wallets", "X"]}]
)
def test_a_node_that_cannot_be_resolved_is_refused(node: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"not supported here|no parameter or resource"):
        resolver().resolve(node)


def test_parameter_values_become_defaults_and_replace_references() -> None:
    template = {
        "Globals": {"Function": {"Most": {"Ref": "Concurrency"}}},
        "Parameters": {
            "Rate": {"Type": "String", "Default": "rate(5 minutes)"},
            "Concurrency": {"Type": "Number", "Default": 20},
        },
        "Resources": {"Source": {"Properties": {"Rate": {"Ref": "Rate"}, "Most": [{"Ref": "Concurrency"}]}}},
    }
    fitted = localize.with_values(template, {"Rate": "rate(1 minute)", "Concurrency": "3"})
    assert fitted["Parameters"]["Rate"]["Default"] == "rate(1 minute)"
    assert fitted["Resources"]["Source"]["Properties"] == {"Rate": "rate(1 minute)", "Most": [3]}
    assert fitted["Globals"] == {"Function": {"Most": 3}}


def test_a_number_is_a_text_in_the_variables_of_a_function() -> None:
    template = {
        "Parameters": {"Concurrency": {"Type": "Number", "Default": 20}},
        "Globals": {"Function": {"Environment": {"Variables": {"MOST": {"Ref": "Concurrency"}, "LEAST": 1}}}},
    }
    fitted = localize.with_values(template, {})
    assert fitted["Globals"]["Function"]["Environment"]["Variables"] == {"MOST": "20", "LEAST": "1"}


def test_functions_get_more_time_than_on_aws_and_never_less() -> None:
    own: dict[str, Any] = {"Short": {"Timeout": 29}, "Long": {"Timeout": 600}, "Usual": {}}
    functions = {
        name: {"Type": "AWS::Serverless::Function", "Properties": properties} for name, properties in own.items()
    }
    fitted = localize.with_patience({"Globals": {"Function": {"Timeout": 10}}, "Resources": functions})
    timeouts = {name: one["Properties"]["Timeout"] for name, one in fitted["Resources"].items()}
    assert timeouts == {"Short": 300, "Long": 600, "Usual": 300}
    variables = [one["Properties"]["Environment"]["Variables"] for one in fitted["Resources"].values()]
    assert variables == [{"LOYALTY_READ_SECONDS": "60"}] * 3


def test_alarms_on_expressions_of_metrics_are_left_out() -> None:
    alarms = {
        name: {"Type": "AWS::CloudWatch::Alarm", "Properties": {name: "any"}} for name in ("Metrics", "MetricName")
    }
    assert localize.without_metric_math({"Resources": alarms})["Resources"].keys() == {"MetricName"}


def test_policies_keep_the_conditions_that_the_emulator_supports() -> None:
    statement = {
        "Effect": "Allow",
        "Action": "dynamodb:PutItem",
        "Condition": {
            "Null": {"dynamodb:LeadingKeys": "false"},
            "ForAnyValue:StringEquals": {"dynamodb:EnclosingOperation": ["TransactWriteItems"]},
        },
    }
    (fitted,) = localize.with_known_permissions([statement])
    assert fitted["Condition"] == {"ForAnyValue:StringEquals": {"dynamodb:EnclosingOperation": ["TransactWriteItems"]}}


def test_a_statement_that_requires_tls_is_left_out() -> None:
    refusal = {"Effect": "Deny", "Action": "sqs:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    named_condition = {"Condition": "IsProvisioned"}
    assert localize.with_known_permissions([refusal, named_condition]) == [named_condition]


def test_permission_to_send_includes_permission_to_send_batches() -> None:
    fitted = localize.with_known_permissions(
        {"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:GetQueueAttributes"]}
    )
    assert fitted["Action"] == ["sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:SendMessageBatch"]


def test_a_layer_changes_only_with_its_content_and_omits_caches(tmp_path: Path) -> None:
    content, layers = tmp_path / "content", tmp_path / "layers"
    module = content / "python" / "thing.py"
    (content / "python" / "__pycache__").mkdir(parents=True)
    module.write_text("x = 1\n")
    first = localize.linked_layer(content, layers)
    (content / "python" / "__pycache__" / "thing.pyc").write_text("of a test run")
    assert localize.linked_layer(content, layers) == first
    module.write_text("x = 2\n")
    second = localize.linked_layer(content, layers)
    assert second != first
    (pointer,) = [file for file in second.rglob("*") if file.is_file()]
    assert str(second.with_suffix("") / "python") in pointer.read_text()
    assert (second.with_suffix("") / "python" / "thing.py").read_text() == "x = 2\n"


LONDON = {"timeZone": "Europe/London", "currency": "GBP"}


@pytest.mark.parametrize(
    ("stored", "refusal"),
    [
        ({"version": 0, "fixed": False}, None),
        ({"version": 1, "fixed": False}, "PUT /v1/project"),
        ({"version": 1, "fixed": True}, "make stop, then make run"),
    ],
)
def test_another_zone_needs_a_project_that_is_not_stored(stored: dict[str, Any], refusal: str | None) -> None:
    has = {**LONDON, **stored}
    project.require_same(has, {"TimeZone": "Europe/London", "ThrottleRate": "1"})
    if refusal is None:
        project.require_same(has, {"TimeZone": "Europe/Paris"})
    else:
        with pytest.raises(StackError, match=refusal):
            project.require_same(has, {"TimeZone": "Europe/Paris"})


def test_a_currency_that_the_product_would_refuse_is_refused_before_the_start() -> None:
    project.require_valid({"Currency": "EUR"})
    with pytest.raises(StackError, match="'euro' is not a currency"):
        project.require_valid({"Currency": "euro"})


@pytest.mark.parametrize("keep_log", [False, True])
def test_a_stopped_stack_leaves_no_file_except_a_log_that_is_wanted(tmp_path: Path, keep_log: bool) -> None:
    stack = Stack(tmp_path / "stack")
    with stack.command():
        stack.remember(Facts(api_key="key"))
        stack.open_alive_lock().close()
        stack.write_env_file({"LOYALTY_API_KEY": "key"})
        for folder in (stack.temporary, stack.layers, stack.build):
            folder.mkdir(parents=True)
        stack.log.write_text("the emulator's last words")
        stack.remove(keep_log=keep_log)
    assert list(stack.directory.rglob("*")) == ([stack.log] if keep_log else [])
    assert stack.directory.exists() is keep_log


def test_a_python_of_pyenv_is_found_without_being_activated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = ".".join(platform.python_version_tuple()[:2])
    own = Path(sys.executable).resolve()
    folder = tmp_path / "versions" / platform.python_version() / "bin"
    folder.mkdir(parents=True)
    (folder / f"python{version}").symlink_to(own)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    environments.found.cache_clear()
    assert environments.found(version) == own
    assert environments.found("3.999") is None


def test_the_suites_run_on_the_python_of_the_deployed_functions_or_on_the_oldest_one() -> None:
    running = Path(sys.executable).resolve()
    assert running in (environments.DEV.interpreter, environments.OLDEST.interpreter)
