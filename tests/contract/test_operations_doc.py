"""docs/operations.md agrees with the template and the code: alarms, parameters, log lines."""

import re

import pytest

from tests.support.template import PARAMETERS, RESOURCES, ROOT, Json

TEXT = (ROOT / "docs" / "operations.md").read_text()
ALARMS = {name: one["Properties"] for name, one in RESOURCES.items() if one["Type"] == "AWS::CloudWatch::Alarm"}
COMPARISONS = {"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": "≥"}


def rows(heading: str) -> list[list[str]]:
    table = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def condition_of(alarm: Json) -> str:
    """When the alarm fires, in the words of the document."""
    of_metrics = [one["MetricStat"]["Period"] for one in alarm.get("Metrics", []) if "MetricStat" in one]
    (period,) = {alarm["Period"]} if "Period" in alarm else set(of_metrics)
    expressions = [one["Expression"] for one in alarm.get("Metrics", []) if "Expression" in one]
    (value,) = expressions or [alarm["MetricName"]]
    minutes, times = f"{period // 60} min", alarm["EvaluationPeriods"]
    periods = f"each of {times} periods of {minutes}" if times > 1 else minutes
    comparison = f"{COMPARISONS[alarm['ComparisonOperator']]} {alarm['Threshold']:,}"
    missing = ", or no data" if alarm["TreatMissingData"] == "breaching" else ""
    statistic = f" {alarm['ExtendedStatistic']}" if "ExtendedStatistic" in alarm else ""
    return f"`{value}`{statistic} {comparison} in {periods}{missing}"


def test_the_alarms_are_those_of_the_template_in_the_same_order() -> None:
    assert [row[0] for row in rows("Alarms")] == [f"`{name}`" for name in ALARMS]


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_has_the_condition_of_the_template(name: str) -> None:
    (condition,) = [row[1] for row in rows("Alarms") if row[0] == f"`{name}`"]
    assert condition == condition_of(ALARMS[name])


def test_every_parameter_is_documented_with_its_default_and_no_other() -> None:
    documented = {name: row[1] for row in rows("Parameters") for name in re.findall(r"`(\w+)`", row[0])}
    assert documented.keys() == PARAMETERS.keys()
    for name, parameter in PARAMETERS.items():
        default = str(parameter["Default"]) or "(none)"
        assert default in documented[name].split(", ") or default == documented[name], name


def test_the_named_log_lines_are_written() -> None:
    code = "".join(
        path.read_text() for folder in ("layers/loyalty", "functions") for path in (ROOT / folder).rglob("*.py")
    )
    lines = TEXT.partition("### Find a request by its id")[2].partition("\n## ")[0]
    messages = [
        name for cell in re.findall(r"^\| (`.*?) \|", lines, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)
    ]
    assert len(messages) == 4
    assert [message for message in messages if f'"{message}"' not in code] == []


def test_a_command_for_the_table_of_a_stack_names_the_region_as_python_reads_it() -> None:
    commands = [line for line in TEXT.splitlines() if line.startswith("LOYALTY_TABLE=")]
    assert commands
    assert all(" AWS_DEFAULT_REGION=" in command for command in commands)


def test_functions_with_memory_of_their_own_are_named_at_the_parameter_of_the_memory() -> None:
    functions = [one["Properties"] for one in RESOURCES.values() if one["Type"] == "AWS::Serverless::Function"]
    (text,) = [row[2] for row in rows("Parameters") if row[0] == "`MemorySize`"]
    own = {one["CodeUri"].rstrip("/").rpartition("/")[2] for one in functions if "MemorySize" in one}
    assert set(re.findall(r"`(\w+)`", text)) == own


def test_a_record_is_given_to_the_live_version_of_a_function() -> None:
    commands = [line for line in TEXT.splitlines() if line.startswith("aws lambda invoke")]
    assert commands
    assert all("--qualifier live" in command for command in commands)
