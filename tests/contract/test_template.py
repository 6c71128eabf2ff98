"""The template: rights of each function, kept failures, retained data."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from loyalty.domain.patterns import compile_pattern
from loyalty.http.routes import ROUTE_SCOPES
from loyalty.store import keys, table
from tests.support import reach
from tests.support.rights import POLICIES, actions, leading_keys, rights, statements
from tests.support.template import PARAMETERS, RESOURCES, ROOT, TEMPLATE, Json


def of_type(name: str) -> dict[str, Json]:
    return {logical_id: item["Properties"] for logical_id, item in RESOURCES.items() if item["Type"] == name}


FUNCTIONS = of_type("AWS::Serverless::Function")
SOURCES = of_type("AWS::Lambda::EventSourceMapping")
QUEUES = of_type("AWS::SQS::Queue")
ALARMS = of_type("AWS::CloudWatch::Alarm")
TABLE = of_type("AWS::DynamoDB::Table")["Table"]

TABLE_ARN = {"Fn::GetAtt": ["Table", "Arn"]}
READS = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
WRITES = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem"}

# The files of the console are public. No other route answers without a key.
OPEN_ROUTES = {"GET /console", "GET /console/{file+}"}

# The right that each call of the product needs. A call through an index needs the right to that index.
RIGHTS = {
    "_table.get": "dynamodb:GetItem",
    "_table.batch_get": "dynamodb:BatchGetItem",
    "_table.query": "dynamodb:Query",
    **{f"_table.query/{index}": f"dynamodb:Query/{index}" for index in ("history", "due", "members")},
    "_table.add": "dynamodb:UpdateItem",
    "_table.upsert": "dynamodb:UpdateItem",
    "_client.get_queue_attributes": "sqs:GetQueueAttributes",
    "_client.send_message_batch": "sqs:SendMessage",
    "_failures.send_message": "sqs:SendMessage",
    "_client.put_events": "events:PutEvents",
}
WRITING = {"put": "dynamodb:PutItem", "update": "dynamodb:UpdateItem", "check": "dynamodb:ConditionCheckItem"}
# The calls of the table itself. Their rights are counted by the calls of the stores to the table.
OF_THE_TABLE = {
    f"_client.{call}" for call in ("get_item", "batch_get_item", "query", "transact_write_items", "update_item")
}
OF_THE_TABLE.add("_table.transact")
# Lambda polls queues and streams with the rights of the function that they feed.
POLLING = {
    "SettleQueue": {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"},
    "AwardQueue": {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"},
    "RecalculationQueue": {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"},
    "Table": {
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    },
}
# The definition in store.keys of each key that a role may name.
KEYS = {
    "PROJECT": "PROJECT",
    "WALLETS": "WALLETS",
    "CAMPAIGNS": "CAMPAIGNS",
    "CAMPAIGN#*": "campaign",
    "PROGRAMS": "PROGRAMS",
    "PROGRAM#*": "program",
    "TIERS#*": "tier_structure",
    "RECALCULATIONS": "RECALCULATIONS",
    "REWARDS": "REWARDS",
    "REWARD#*": "reward",
    "CODES#*": "codes",
    "LIVE": "LIVE",
    "POOL#*": "pool",
    "RUN#*": "run",
    "EVENTS": "EVENTS",
    "EXPRESSIONS": "EXPRESSIONS",
    "WALLET#*": "wallet",
    "CUSTOMER#*": "customer",
    "STATS#*": "stats",
    "COUPON#*": "coupon",
    "CODE#*": "code",
    "ORDER#*": "order",
    "REFERRAL#*": "referral",
    "SALT": "SALT",
    "APIKEY#*": "api_key",
    "APIKEYS": "APIKEYS",
}

# Counts, an index and a key's day of use are for people. No decision reads them: they are written outside transactions.
FOR_PEOPLE = ({"STATS#*"}, {"ORDER#*"}, {"APIKEY#*"})
# The items that each function may write. No other function writes, and no function deletes.
WRITERS = {
    "wallets": {"LIVE", "PROJECT", "WALLETS", "WALLET#*"},
    "wallet_builder": {"LIVE", "PROJECT", "WALLETS", "WALLET#*"},
    "project": {"PROJECT"},
    "authorize": {"APIKEY#*"},
    "keys": {"APIKEYS", "APIKEY#*"},
    "cards": {"CUSTOMER#*", "CODE#*"},
    "customers": {"CUSTOMER#*", "CODE#*", "POOL#*", "LIVE", "REFERRAL#*", "SALT"},
    "erase_customer": {"CUSTOMER#*"},
    "event_definitions": {"EVENTS", "LIVE"},
    "publish_events": {"STATS#*"},
    "index_orders": {"ORDER#*"},
    "campaigns": {"CAMPAIGNS", "CAMPAIGN#*", "LIVE", "POOL#*", "WALLETS", "WALLET#*", "COUPON#*"},
    "coupons": {"CUSTOMER#*", "CODE#*", "POOL#*", "LIVE", "COUPON#*"},
    "rewards": {"REWARDS", "REWARD#*", "POOL#*", "CODES#*", "WALLETS", "WALLET#*"},
    "redeem_rewards": {"CUSTOMER#*", "CODE#*", "POOL#*", "CODES#*"},
    "formulas": {"EXPRESSIONS"},
    "on_custom_event": {"CUSTOMER#*", "CODE#*", "POOL#*", "LIVE"},
    "on_tier_changed": {"CUSTOMER#*", "CODE#*", "POOL#*", "LIVE"},
    "adjust_points": {"CUSTOMER#*"},
    "pending_points": {"CUSTOMER#*"},
    "receive_events": {"CUSTOMER#*", "CODE#*", "POOL#*", "LIVE"},
    "credit_points": {"CUSTOMER#*", "CODE#*"},
    "debit_points": {"CUSTOMER#*"},
    "hold_points": {"CUSTOMER#*"},
    "transfer_points": {"CUSTOMER#*"},
    "pay_with_points": {"CUSTOMER#*"},
    "refund_points": {"CUSTOMER#*"},
    "settle_cards": {"CUSTOMER#*"},
    "run_campaigns": {"RUN#*", "CAMPAIGNS", "CAMPAIGN#*", "LIVE", "POOL#*", "WALLETS", "WALLET#*"},
    "programs": {"PROGRAMS", "PROGRAM#*", "TIERS#*", "RECALCULATIONS", "LIVE", "WALLETS", "WALLET#*"},
    "tiers": {"CUSTOMER#*"},
    "recalculate_tiers": {"RECALCULATIONS", "CUSTOMER#*"},
    "award_members": {"RUN#*", "CUSTOMER#*", "CODE#*", "POOL#*", "LIVE"},
}


def folder(function: Json) -> str:
    return Path(function["CodeUri"]).name


BY_FOLDER = {folder(function): function for function in FUNCTIONS.values()}
every_function = pytest.mark.parametrize("name", BY_FOLDER)


def named_policies(function: Json) -> list[str]:
    return [policy["Ref"] for policy in function.get("Policies", []) if "Ref" in policy]


def all_statements() -> list[tuple[str, Json]]:
    return [(folder(function), statement) for function in FUNCTIONS.values() for statement in statements(function)]


def own_variables(function: Json) -> set[str]:
    return set(function.get("Environment", {}).get("Variables", {}))


def events(kind: str) -> Iterator[tuple[str, Json]]:
    for logical_id, function in FUNCTIONS.items():
        for event in function.get("Events", {}).values():
            if event["Type"] == kind:
                yield logical_id, event["Properties"]


def as_deployed(value: Json, given: dict[str, str] | None = None) -> Json:  # noqa: PLR0911  # one for each function of templates
    """The value with the given parameters or their defaults."""
    values = {name: parameter.get("Default") for name, parameter in PARAMETERS.items()} | (given or {})
    values["AWS::NoValue"] = None
    match value:
        case {"Ref": name}:
            return values[name]
        case {"Fn::If": [condition, yes, no]}:
            return as_deployed(yes if as_deployed(TEMPLATE["Conditions"][condition], given) else no, given)
        case {"Fn::Equals": [left, right]}:
            return str(as_deployed(left, given)) == str(as_deployed(right, given))
        case {"Fn::Not": [condition]}:
            return not as_deployed(condition, given)
        case {"Fn::And": conditions}:
            return all(as_deployed(condition, given) for condition in conditions)
        case {"Fn::Or": conditions}:
            return any(as_deployed(condition, given) for condition in conditions)
        case {"Condition": str(name)}:
            return as_deployed(TEMPLATE["Conditions"][name], given)
    return value


def called(alias: Json) -> str:
    """The logical id of the function that the alias names."""
    return str(alias["Ref"]).removesuffix(".Alias")


def target(arn: Json) -> str:
    """The logical id of an ARN."""
    match arn:
        case {"Fn::GetAtt": [logical_id, "Arn" | "StreamArn"]}:
            return str(logical_id)
    raise ValueError(arn)


def test_every_function_folder_is_deployed_and_no_other() -> None:
    folders = [path.parent.name for path in (ROOT / "functions").glob("*/app.py")]
    assert sorted(map(folder, FUNCTIONS.values())) == sorted(folders)


def test_every_function_has_a_trigger() -> None:
    triggered = {logical_id for logical_id, function in FUNCTIONS.items() if function.get("Events")}
    triggered |= {called(source["FunctionName"]) for source in SOURCES.values()}
    authorizers = RESOURCES["Api"]["Properties"]["Auth"]["Authorizers"]
    triggered |= {called(authorizer["FunctionArn"]) for authorizer in authorizers.values()}
    assert triggered == set(FUNCTIONS)


@every_function
def test_a_release_of_a_function_is_one_version_of_its_code_layers_and_variables(name: str) -> None:
    assert TEMPLATE["Globals"]["Function"]["AutoPublishAlias"] == "live"
    assert BY_FOLDER[name]["AutoPublishAliasAllProperties"] is True
    assert BY_FOLDER[name].keys().isdisjoint({"AutoPublishAlias", "VersionDeletionPolicy"})


def test_a_changed_layer_publishes_a_version_of_every_function() -> None:
    # SAM renames a changed layer after it has named the versions of the functions.
    assert [layer["PublishLambdaVersion"] for layer in of_type("AWS::Serverless::LayerVersion").values()] == [True] * 2


def test_a_changed_parameter_publishes_versions() -> None:
    # SAM names a version after the text of the properties, so another transform must replace the references before.
    assert TEMPLATE["Transform"] == ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"]


def references(node: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each name that the node refers to, with the keys that lead to it."""
    match node:
        case {"Ref": str(name)}:
            yield path, name
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            yield path, f"{name}.{attribute}"
        case {"Fn::Sub": str(text)}:
            yield from ((path, name) for name in re.findall(r"\$\{([^}]+)\}", text))
        case dict():
            for key, value in node.items():
                yield from references(value, (*path, str(key)))
        case list():
            for value in node:
                yield from references(value, path)


def test_only_the_alias_of_a_function_is_called() -> None:
    named = {
        (path[-2:], name)
        for path, name in references(TEMPLATE["Resources"])
        if name.partition(".")[0] in FUNCTIONS and name != f"{name.partition('.')[0]}.Alias"
    }
    # The metrics of a function, also on the dashboard, count the calls of all its versions.
    assert {path for path, _ in named} == {("Dimensions", "Value"), ("Properties", "DashboardBody")}


def route_key(route: Json) -> str:
    return f"{route['Method']} {route['Path']}"


def test_the_api_has_exactly_the_open_routes_and_the_routes_that_have_a_scope() -> None:
    assert sorted(route_key(route) for _, route in events("HttpApi")) == sorted([*OPEN_ROUTES, *ROUTE_SCOPES])


def test_a_warning_about_the_api_does_not_stop_a_deployment() -> None:
    # SAM writes path parameters without a schema, and the import of the API warns of each.
    assert "FailOnWarnings" not in RESOURCES["Api"]["Properties"]


def test_every_route_uses_the_authorizer_except_the_open_routes() -> None:
    auth = RESOURCES["Api"]["Properties"]["Auth"]
    assert auth["DefaultAuthorizer"] in auth["Authorizers"]
    for _, route in events("HttpApi"):
        assert route["ApiId"] == {"Ref": "Api"}
        assert route.get("Auth") == ({"Authorizer": "NONE"} if route_key(route) in OPEN_ROUTES else None)


def test_the_function_of_the_console_has_no_rights_no_variables_and_no_layers() -> None:
    console = RESOURCES["ConsoleFunction"]
    assert {
        route_key(route) for logical_id, route in events("HttpApi") if logical_id == "ConsoleFunction"
    } == OPEN_ROUTES
    assert console["IgnoreGlobals"] == ["Layers", "Environment"]
    assert console["Properties"].keys().isdisjoint({"Layers", "Environment", "Policies", "Role"})


def test_an_answer_of_the_authorizer_is_cached_for_one_key() -> None:
    auth = RESOURCES["Api"]["Properties"]["Auth"]
    identity = auth["Authorizers"][auth["DefaultAuthorizer"]]["Identity"]
    assert identity == {"Headers": ["X-Api-Key"], "ReauthorizeEvery": 60}


def test_a_route_answers_before_the_timeout_of_the_gateway() -> None:
    default = TEMPLATE["Globals"]["Function"]["Timeout"]
    assert all(FUNCTIONS[logical_id].get("Timeout", default) < 30 for logical_id, _ in events("HttpApi"))


def test_rights_list_their_actions_and_resources_and_no_action_has_a_wildcard() -> None:
    for name, statement in all_statements():
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in actions(statement)), name
        assert set(statement) <= {"Effect", "Action", "Resource", "Condition"}, name
        match statement["Resource"]:
            case {"Fn::GetAtt": [logical_id, "Arn"]}:
                assert logical_id in RESOURCES
            case {"Fn::Sub": str(text)}:
                assert re.fullmatch(r"\$\{Table\.Arn\}/(index/(history|due|members)|stream/\*)", text), name
            case other:
                pytest.fail(f"{name} may use {other}")


def test_no_function_may_delete_scan_or_write_outside_a_transaction() -> None:
    for name, statement in all_statements():
        of_table = {action for action in actions(statement) if action.startswith("dynamodb:")}
        assert of_table <= READS | WRITES | POLLING["Table"], name
        if of_table & WRITES:
            assert of_table <= WRITES, f"{name} mixes reads and writes"
            if leading_keys(statement) in FOR_PEOPLE:
                continue
            enclosing = statement["Condition"]["ForAnyValue:StringEquals"]
            assert enclosing == {"dynamodb:EnclosingOperation": ["TransactWriteItems"]}, name


def test_every_right_to_items_lists_the_keys() -> None:
    for name, statement in all_statements():
        if statement["Resource"] == TABLE_ARN:
            # ForAllValues is true without a key, unless Null requires a key.
            assert statement["Condition"]["Null"] == {"dynamodb:LeadingKeys": "false"}, name
            assert leading_keys(statement), name
            assert not any(key.startswith("*") for key in leading_keys(statement)), name


def test_only_the_writers_write_and_only_their_items() -> None:
    written: dict[str, set[str]] = {}
    for name, statement in all_statements():
        if actions(statement) & WRITES:
            written.setdefault(name, set()).update(leading_keys(statement))
    assert written == WRITERS


@every_function
def test_a_role_grants_exactly_the_calls_that_its_function_makes(name: str) -> None:
    sent = {call for call in reach.calls(name) if call.startswith(("_table.", "_client.", "_failures."))}
    calls = {RIGHTS[call] for call in sent - OF_THE_TABLE}
    writes = {WRITING[kind] for kind in reach.names(name, table.__name__) & WRITING.keys()}
    sources = [source for source in SOURCES.values() if FUNCTIONS[called(source["FunctionName"])] is BY_FOLDER[name]]
    polled = [POLLING[target(source["EventSourceArn"])] for source in sources]
    # Lambda sends undeliverable records with the rights of the function that it could not feed.
    kept = {"sqs:SendMessage"} if any("DestinationConfig" in source for source in sources) else set[str]()
    granted = {right for statement in statements(BY_FOLDER[name]) for right in rights(statement)}
    assert granted == calls.union(writes, kept, *polled)


@every_function
def test_a_role_lists_only_keys_of_items_that_its_function_uses(name: str) -> None:
    of_table = [statement for statement in statements(BY_FOLDER[name]) if statement["Resource"] == TABLE_ARN]
    granted = {key for statement in of_table for key in leading_keys(statement)}
    assert {KEYS[key] for key in granted} <= reach.names(name, keys.__name__)


def test_a_named_policy_is_shared_by_several_functions() -> None:
    shared = Counter(policy for function in FUNCTIONS.values() for policy in named_policies(function))
    assert set(shared) == set(POLICIES)
    assert min(shared.values()) > 1


def test_only_policies_with_names_for_reading_have_read_rights_only() -> None:
    granted = {name: set[str]().union(*map(actions, p["PolicyDocument"]["Statement"])) for name, p in POLICIES.items()}
    assert {name for name in granted if granted[name] <= READS} == {name for name in granted if name.startswith("Read")}


def test_named_policies_have_no_physical_name_so_that_two_stacks_fit_an_account() -> None:
    # A physical name would be taken by the first stack, and a deployment would need CAPABILITY_NAMED_IAM.
    assert all(set(policy) == {"PolicyDocument"} for policy in POLICIES.values())


@every_function
def test_a_function_reads_all_its_own_variables_and_only_existing_ones(name: str) -> None:
    shared = set(TEMPLATE["Globals"]["Function"]["Environment"]["Variables"])
    own, read = own_variables(BY_FOLDER[name]), reach.variables(name)
    assert own <= read <= own | shared


def test_only_the_authorizer_and_the_routes_of_api_keys_read_api_keys_and_they_read_only_roles_beside() -> None:
    found: dict[str, set[str]] = {}
    for name, statement in all_statements():
        if statement["Resource"] == TABLE_ARN and actions(statement) <= READS:
            found.setdefault(name, set()).update(leading_keys(statement))
    readers = {name: read for name, read in found.items() if any(key.startswith("APIKEY") for key in read)}
    assert readers == {"authorize": {"APIKEY#*", "PROJECT"}, "keys": {"APIKEYS", "APIKEY#*", "PROJECT"}}


def test_a_right_to_an_index_is_a_right_to_query_only() -> None:
    indexes = {index["IndexName"] for index in TABLE["GlobalSecondaryIndexes"]}
    queried = set()
    for name, statement in all_statements():
        text = statement["Resource"].get("Fn::Sub", "")
        if "/index/" in text:
            queried.add(text.rpartition("/")[2])
            assert actions(statement) == {"dynamodb:Query"}, name
    assert queried == indexes


def test_events_are_published_only_with_the_source_of_the_product() -> None:
    publishers = [(name, s) for name, s in all_statements() if "events:PutEvents" in actions(s)]
    ((name, statement),) = publishers
    assert name == "publish_events"
    assert statement["Condition"] == {
        "Null": {"events:source": "false"},
        "ForAllValues:StringEquals": {"events:source": ["loyalty.wallets"]},
    }


@pytest.mark.parametrize("name", SOURCES)
def test_an_undeliverable_message_of_a_source_is_kept(name: str) -> None:
    source = SOURCES[name]
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    feeding = target(source["EventSourceArn"])
    if feeding in QUEUES:
        keeper = target(QUEUES[feeding]["RedrivePolicy"]["deadLetterTargetArn"])
    else:
        keeper = target(source["DestinationConfig"]["OnFailure"]["Destination"])
        function = FUNCTIONS[called(source["FunctionName"])]
        assert keeper in {target(s["Resource"]) for s in statements(function) if "sqs:SendMessage" in actions(s)}
    assert QUEUES[keeper]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_a_lost_or_failed_tick_is_kept() -> None:
    ticks = list(events("ScheduleV2"))
    folders = {folder(FUNCTIONS[logical_id]) for logical_id, _ in ticks}
    assert folders == {"activate_points", "expire_points", "run_campaigns"}
    for logical_id, tick in ticks:
        assert target(tick["DeadLetterConfig"]["Arn"]) == "Failures"
        # A fixed name would prevent a second stack in the account.
        assert tick["OmitName"] is True
        # A schedule invokes the function asynchronously, so the schedule's dead letters miss errors of the function.
        kept = FUNCTIONS[logical_id]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
        assert target(kept["Destination"]) == "Failures"


OF_STREAM = [name for name, source in SOURCES.items() if target(source["EventSourceArn"]) == "Table"]


def test_a_shard_of_the_stream_has_at_most_the_two_readers_that_aws_supports() -> None:
    assert len(OF_STREAM) <= 2


@pytest.mark.parametrize("name", OF_STREAM)
def test_the_stream_is_retried_for_hours_but_not_longer_than_its_retention(name: str) -> None:
    source = SOURCES[name]
    assert source["StartingPosition"] == "TRIM_HORIZON"
    assert source["BisectBatchOnFunctionError"] is True
    assert source["MaximumRetryAttempts"] == -1
    assert 12 * 3600 <= source["MaximumRecordAgeInSeconds"] <= 22 * 3600


@pytest.mark.parametrize(
    ("event_name", "sort_key", "passes"),
    [
        ("INSERT", "TXN#wal_1#-#K:order-1001", True),
        ("INSERT", "PROFILE#wal_1", True),
        ("INSERT", "VERSION#000001", True),
        ("INSERT", "RECEIPT#order.paid#=1001", True),
        ("MODIFY", "RECEIPT#order.paid#=1001", True),
        ("MODIFY", "RECEIPT#review.created#1001", False),
        ("INSERT", "REDEMPTION#rdm_1", True),
        ("MODIFY", "REDEMPTION#rdm_1", True),
        ("MODIFY", "PROFILE#wal_1", False),
        ("REMOVE", "TXN#wal_1#-#K:order-1001", False),
        ("INSERT", "CARD#wal_1", False),
        ("INSERT", "WALLET#wal_1", False),
        ("INSERT", "CODE", False),
        ("INSERT", "APIKEY", False),
    ],
)
def test_only_items_that_become_events_are_relayed(event_name: str, sort_key: str, *, passes: bool) -> None:
    item = {"pk": {"S": "CUSTOMER#ann"}, "sk": {"S": sort_key}, "aw": {"S": "[]"}, "rf": {"N": "100"}}
    assert is_relayed(event_name, item) is passes


@pytest.mark.parametrize(
    ("event_name", "status", "passes"),
    [("MODIFY", "COMPLETED", True), ("MODIFY", "RUNNING", False), ("INSERT", "STARTING", False)],
)
def test_a_run_is_relayed_when_it_is_completed(event_name: str, status: str, *, passes: bool) -> None:
    run = {"pk": {"S": "RUN#cmp_1"}, "sk": {"S": "2027-03-01"}, "st": {"S": status}}
    assert is_relayed(event_name, run) is passes


@pytest.mark.parametrize(
    ("event_name", "sort_key", "passes"),
    [
        ("INSERT", "TXN#wal_1#=1001#K:order-1001", True),
        ("MODIFY", "TXN#wal_1#=1001#K:order-1001", False),
        ("INSERT", "RECEIPT#order.paid#=1001", False),
    ],
)
def test_only_new_rows_reach_the_index_of_orders(event_name: str, sort_key: str, *, passes: bool) -> None:
    item = {"pk": {"S": "CUSTOMER#ann"}, "sk": {"S": sort_key}}
    assert is_relayed(event_name, item, "IndexOrdersSource") is passes


def is_relayed(event_name: str, item: Json, source: str = "PublishEventsSource") -> bool:
    """Whether the source passes the record of the item. Its filters are patterns like those of campaigns."""
    record = {
        "eventName": event_name,
        "dynamodb": {"Keys": {name: item[name] for name in ("pk", "sk")}, "NewImage": item},
    }
    filters = SOURCES[source]["FilterCriteria"]["Filters"]
    return any(compile_pattern(json.loads(one["Pattern"])).matches(record) for one in filters)


def test_a_message_stays_invisible_while_a_function_works_on_it() -> None:
    for source in SOURCES.values():
        feeding = target(source["EventSourceArn"])
        if feeding in QUEUES:
            timeout = FUNCTIONS[called(source["FunctionName"])]["Timeout"]
            assert QUEUES[feeding]["VisibilityTimeout"] >= 6 * timeout


def test_only_a_function_that_sends_to_its_own_queue_may_invoke_itself_without_end() -> None:
    own = {
        FUNCTIONS[called(source["FunctionName"])]["CodeUri"]
        for source in SOURCES.values()
        for statement in statements(FUNCTIONS[called(source["FunctionName"])])
        if "sqs:SendMessage" in actions(statement) and statement["Resource"] == source["EventSourceArn"]
    }
    assert own == {one["CodeUri"] for one in FUNCTIONS.values() if one.get("RecursiveLoop") == "Allow"}
    assert len(own) == 2


def test_a_tick_ends_before_the_next_tick() -> None:
    assert all(FUNCTIONS[logical_id]["Timeout"] < 60 for logical_id, _ in events("ScheduleV2"))


def test_all_functions_share_one_log_group_and_every_log_group_has_a_retention() -> None:
    groups = of_type("AWS::Logs::LogGroup")
    of_functions = TEMPLATE["Globals"]["Function"]["LoggingConfig"]["LogGroup"]["Ref"]
    of_api = target(RESOURCES["Api"]["Properties"]["AccessLogSettings"]["DestinationArn"])
    assert sorted(groups) == sorted([of_functions, of_api])
    assert not any("LoggingConfig" in function for function in FUNCTIONS.values())
    assert all(as_deployed(group["RetentionInDays"]) > 0 for group in groups.values())
    assert TEMPLATE["Outputs"]["FunctionLogGroup"]["Value"] == {"Ref": of_functions}


def test_the_access_log_is_json_without_keys_paths_or_addresses() -> None:
    written = RESOURCES["Api"]["Properties"]["AccessLogSettings"]["Format"]
    variables = set(json.loads(written).values())
    assert {"$context.requestId", "$context.routeKey", "$context.status"} <= variables
    # The id of a key is no secret, and gives figures for each key.
    of_authorizer = {variable for variable in variables if "authorizer" in variable}
    assert of_authorizer == {"$context.authorizer.keyId"}
    assert not any(secret in written.lower() for secret in ("$context.path", "identity", "api-key"))


def test_the_table_is_retained_and_protected_by_default() -> None:
    table = RESOURCES["Table"]

    def kept(given: dict[str, str] | None = None) -> list[Json]:
        return [
            as_deployed(table["DeletionPolicy"], given),
            as_deployed(table["UpdateReplacePolicy"], given),
            as_deployed(TABLE["DeletionProtectionEnabled"], given),
            as_deployed(TABLE["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], given),
        ]

    assert kept() == ["Retain", "Retain", True, True]
    dev = {"TableRetention": "Delete", "DeletionProtection": "false", "PointInTimeRecovery": "false"}
    assert kept(dev) == ["Delete", "Delete", False, False]


INDEXES = [index["IndexName"] for index in TABLE["GlobalSecondaryIndexes"]]


def test_a_table_is_billed_by_request_unless_its_capacity_is_provisioned() -> None:
    throughputs = [
        TABLE["ProvisionedThroughput"],
        *(i["ProvisionedThroughput"] for i in TABLE["GlobalSecondaryIndexes"]),
    ]
    assert as_deployed(TABLE["BillingMode"]) == "PAY_PER_REQUEST"
    assert [as_deployed(one) for one in throughputs] == [None] * len(throughputs)
    provisioned = {"BillingMode": "PROVISIONED", "WriteUnits": "70"}
    assert all(set(as_deployed(one, provisioned)) == {"ReadCapacityUnits", "WriteCapacityUnits"} for one in throughputs)


def test_provisioned_capacity_of_the_table_and_of_each_index_follows_the_load() -> None:
    targets = of_type("AWS::ApplicationAutoScaling::ScalableTarget")
    policies = of_type("AWS::ApplicationAutoScaling::ScalingPolicy")
    scaled = {(target["ResourceId"]["Fn::Sub"], target["ScalableDimension"]) for target in targets.values()}
    assert scaled == {
        *(("table/${Table}", f"dynamodb:table:{kind}CapacityUnits") for kind in ("Read", "Write")),
        *(
            (f"table/${{Table}}/index/{index}", f"dynamodb:index:{kind}CapacityUnits")
            for index in INDEXES
            for kind in ("Read", "Write")
        ),
    }
    assert sorted(policy["ScalingTargetId"]["Ref"] for policy in policies.values()) == sorted(targets)
    assert all(RESOURCES[name]["Condition"] == "IsProvisioned" for name in (*targets, *policies))


@pytest.mark.parametrize(
    ("given", "capped"),
    [
        ({}, None),
        ({"MaxWriteUnits": "500"}, {"MaxWriteRequestUnits": "500"}),
        ({"MaxWriteUnits": "500", "BillingMode": "PROVISIONED"}, None),
    ],
)
def test_an_on_demand_table_may_be_capped(given: dict[str, str], capped: dict[str, str] | None) -> None:
    throughput = as_deployed(TABLE["OnDemandThroughput"], given)
    found = {name: as_deployed(value, given) for name, value in throughput.items()} if throughput else None
    assert (found and {name: value for name, value in found.items() if value}) == capped


def test_a_changed_limit_of_the_authorizer_also_changes_its_version() -> None:
    # The limit belongs to the function, not to a version, and an unchanged function publishes no version.
    authorizer = BY_FOLDER["authorize"]
    limit = authorizer["ReservedConcurrentExecutions"]
    assert as_deployed(limit, {"AuthorizerConcurrency": "50"}) == "50"
    assert as_deployed(limit) is None
    assert "${AuthorizerConcurrency}" in authorizer["Description"]["Fn::Sub"]


def test_a_domain_points_to_the_api_and_is_the_address_of_the_outputs() -> None:
    (mapping,) = of_type("AWS::ApiGatewayV2::ApiMapping").values()
    assert mapping == {"ApiId": {"Ref": "Api"}, "DomainName": {"Ref": "ApiDomain"}, "Stage": {"Ref": "Api.Stage"}}
    given = {"DomainName": "points.example.com"}
    assert as_deployed(TEMPLATE["Outputs"]["ApiUrl"]["Value"], given) == {"Fn::Sub": "https://${DomainName}"}
    assert "execute-api" in as_deployed(TEMPLATE["Outputs"]["ApiUrl"]["Value"])["Fn::Sub"]


def test_the_default_endpoint_answers_unless_it_is_disabled() -> None:
    disabled = RESOURCES["Api"]["Properties"]["DisableExecuteApiEndpoint"]
    assert [as_deployed(disabled), as_deployed(disabled, {"DefaultEndpoint": "disabled"})] == [False, True]


def test_names_of_layers_contain_the_name_of_the_stack() -> None:
    layers = of_type("AWS::Serverless::LayerVersion").values()
    assert all(layer["LayerName"]["Fn::Sub"].startswith("${AWS::StackName}-") for layer in layers)


def test_only_events_of_the_account_and_of_the_product_start_functions() -> None:
    patterns = {name: rule["Pattern"] for name, rule in events("EventBridgeRule")}
    assert patterns["OnCustomEventFunction"]["account"] == [{"Ref": "AWS::AccountId"}]
    assert patterns["OnTierChangedFunction"]["source"] == ["loyalty.wallets"]
    assert len(patterns) == 2


def test_the_table_streams_new_images() -> None:
    assert TABLE["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}


def test_only_earlier_events_have_a_time_to_live() -> None:
    assert TABLE["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    stores = ROOT / "layers/loyalty/python/loyalty/store"
    assert [path.name for path in stores.glob("*.py") if '"ttl"' in path.read_text()] == ["earlier_events.py"]


def test_the_indexes_have_the_expected_keys_and_projections() -> None:
    def shape(index: Json) -> tuple[list[str], str, list[str]]:
        projection = index["Projection"]
        keys = [key["AttributeName"] for key in index["KeySchema"]]
        return keys, projection["ProjectionType"], projection.get("NonKeyAttributes", [])

    assert {index["IndexName"]: shape(index) for index in TABLE["GlobalSecondaryIndexes"]} == {
        "history": (["hp", "hs"], "INCLUDE", ["t", "so", "p", "c"]),
        "due": (["dp", "ds"], "KEYS_ONLY", []),
        "members": (["mp", "pk"], "KEYS_ONLY", []),
    }


def test_every_queue_is_encrypted() -> None:
    assert all(queue["SqsManagedSseEnabled"] is True for queue in QUEUES.values())


def test_every_queue_refuses_requests_without_tls() -> None:
    refusal = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policies = of_type("AWS::SQS::QueuePolicy").values()
    assert all(refusal in policy["PolicyDocument"]["Statement"] for policy in policies)
    # A queue has one policy.
    assert sorted(queue["Ref"] for policy in policies for queue in policy["Queues"]) == sorted(QUEUES)


def test_an_alarm_watches_every_queue_of_failures() -> None:
    watched = {
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in ALARMS.values()
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        for dimension in alarm["Dimensions"]
    }
    assert watched == {"Failures", "SettleDeadLetters", "AwardDeadLetters", "RecalculationDeadLetters"}


def test_a_function_publishes_every_metric_of_the_product_that_an_alarm_watches() -> None:
    watched = {alarm["MetricName"] for alarm in ALARMS.values() if alarm.get("Namespace") == "Loyalty"}
    code = "".join(path.read_text() for path in (ROOT / "functions").rglob("app.py"))
    assert watched == {name for name in watched if f'name="{name}"' in code}


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_notifies(name: str) -> None:
    alarm = ALARMS[name]
    for reaction in ("AlarmActions", "OKActions"):
        assert as_deployed(alarm[reaction], {"AlarmTopic": "arn:aws:sns:eu-central-1:1:t"}) == [{"Ref": "AlarmTopic"}]


@pytest.mark.parametrize("name", [name for name, alarm in ALARMS.items() if "Metrics" in alarm])
def test_an_expression_of_metrics_names_exactly_the_metrics_of_its_alarm(name: str) -> None:
    (expression,) = [metric["Expression"] for metric in ALARMS[name]["Metrics"] if "Expression" in metric]
    metrics = {metric["Id"]: metric for metric in ALARMS[name]["Metrics"] if "MetricStat" in metric}
    assert all(metric["ReturnData"] is False for metric in metrics.values())
    # The names of functions are in capitals.
    used = set(re.findall(r"\b[a-z]+\b", expression))
    assert used == set(metrics) or (expression == "SUM(METRICS())" and metrics)


@pytest.mark.parametrize("name", OF_STREAM)
def test_an_alarm_watches_whether_a_source_reads_the_stream(name: str) -> None:
    assert SOURCES[name]["MetricsConfig"] == {"Metrics": ["EventCount"]}
    watched = [found for alarm in ALARMS.values() for found in references(alarm) if found[1] == name]
    assert len(watched) == 1


def test_the_dashboard_is_json_of_widgets_that_do_not_overlap() -> None:
    (dashboard,) = of_type("AWS::CloudWatch::Dashboard").values()
    widgets = json.loads(dashboard["DashboardBody"]["Fn::Sub"])["widgets"]
    assert len({(widget["x"], widget["y"]) for widget in widgets}) == len(widgets) > 0
    assert all(widget["properties"]["metrics"] for widget in widgets)
    assert dashboard["DashboardName"] == {"Ref": "AWS::StackName"}


def test_metrics_of_two_stacks_in_an_account_are_separate() -> None:
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    own = [alarm for alarm in ALARMS.values() if alarm.get("Namespace") == variables["POWERTOOLS_METRICS_NAMESPACE"]]
    assert own
    for alarm in own:
        assert alarm["Dimensions"] == [{"Name": "service", "Value": variables["POWERTOOLS_SERVICE_NAME"]}]
    assert variables["POWERTOOLS_SERVICE_NAME"] == {"Ref": "AWS::StackName"}


def test_the_operations_document_states_the_number_of_routes() -> None:
    assert (
        f"the product's {len(ROUTE_SCOPES) + len(OPEN_ROUTES)} routes" in (ROOT / "docs" / "operations.md").read_text()
    )


def test_the_operations_document_lists_every_parameter_alarm_and_queue() -> None:
    mentioned = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "operations.md").read_text()))
    assert {*PARAMETERS, *ALARMS, *QUEUES} - mentioned == set()


@pytest.mark.parametrize("stage", ["default", "dev"])
def test_samconfig_has_only_parameters_and_values_that_the_template_accepts(stage: str) -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    overrides = config[stage]["deploy"]["parameters"].get("parameter_overrides", "")
    for name, value in (item.split("=", 1) for item in overrides.split()):
        parameter = PARAMETERS[name]
        assert value in [str(allowed) for allowed in parameter.get("AllowedValues", [value])]
        assert re.fullmatch(parameter.get("AllowedPattern", ".*"), value)


def test_every_parameter_of_the_stack_has_a_valid_default() -> None:
    for name, parameter in PARAMETERS.items():
        assert re.fullmatch(parameter.get("AllowedPattern", ".*"), str(parameter["Default"])), name
