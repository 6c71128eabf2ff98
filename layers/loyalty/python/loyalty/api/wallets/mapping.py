"""Maps another system's definition to wallet settings, with a report of each field.

A definition is read field by field, and the model of `POST /v1/wallets` validates the result. A mapping therefore
accepts exactly what the builder accepts. Fields that the builder refuses are reported with the builder's reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from loyalty.api.field_problems import code_and_message
from loyalty.api.wallets.wallets import WalletCreateRequest
from loyalty.errors import FieldProblem, InvalidRequest

UNMAPPED_MAX = 200
"""Fields that an report names: a definition of thousands of unknown ones must not make an answer of megabytes."""
SHOWN_MAX = 100


@dataclass(frozen=True, slots=True)
class Mapped:
    source: str
    target: str
    value: Any


@dataclass(frozen=True, slots=True)
class Unmapped:
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class WalletMapping:
    """The settings as `POST /v1/wallets` accepts them, and the report of each field of the definition."""

    document: dict[str, Any]
    mapped: list[Mapped]
    unmapped: list[Unmapped]


@dataclass(slots=True)
class MappingReport:
    mapped: list[Mapped] = field(default_factory=list)
    unmapped: list[Unmapped] = field(default_factory=list)

    def map(self, source: str, target: str, value: Any) -> None:
        self.mapped.append(Mapped(source, target, value))

    def skip(self, source: str, reason: str) -> None:
        self.unmapped.append(Unmapped(_short(source), reason))


@dataclass(slots=True)
class Section:
    """One object of the definition. Fields that are not read are reported as unknown."""

    path: str
    left: dict[str, Any]
    report: MappingReport

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def value(self, name: str) -> Any:
        """Removes a field and returns its value; None if the field is absent or null."""
        return self.left.pop(name, None)

    def copy(self, name: str, target: str) -> None:
        """Maps a field that has the same meaning under another name."""
        value = self.value(name)
        if value is not None:
            self.report.map(self.at(name), target, value)

    def section(self, name: str) -> "Section | None":
        """Returns an object within this object."""
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.report.skip(self.at(name), "The value is not an object.")
            return None
        return Section(self.at(name), dict(value), self.report)

    def sections(self, name: str) -> list["Section"]:
        """Returns the objects of a list within this object."""
        value = self.value(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.report.skip(self.at(name), "The value is not a list.")
            return []
        found = []
        for place, item in enumerate(value):
            path = f"{self.at(name)}[{place}]"
            if isinstance(item, dict):
                found.append(Section(path, dict(item), self.report))
            else:
                self.report.skip(path, "The value is not an object.")
        return found

    def kind(self, *known: str) -> str | None:
        """Returns the `type`, which decides how the rest is read; None for an unknown type."""
        value = self.value("type")
        if isinstance(value, str) and value in known:
            return value
        if self.left or value is not None:
            self.report.skip(self.at("type"), f"The type is not one of {', '.join(known)}.")
        self.left.clear()
        return None

    def report_unknown(self, reason: str = "A card definition has no such field.") -> None:
        for name, value in self.left.items():
            if value is not None:
                self.report.skip(self.at(name), reason)
        self.left.clear()


def validate_mapping(report: MappingReport) -> WalletMapping:
    """Validates the mapped fields. Fields that the builder refuses become unmapped, with the builder's reason.

    Raises `InvalidRequest` for a name that a wallet cannot have, because a wallet needs a name.
    """
    while True:
        try:
            settings = WalletCreateRequest.model_validate(_document(report.mapped))
            return WalletMapping(settings.document(), report.mapped, _bound(report.unmapped))
        except ValidationError as refusal:
            refused = dict(_refusals(report.mapped, refusal))
        kept = [mapping for mapping in report.mapped if mapping.target not in refused]
        if "name" in refused or len(kept) == len(report.mapped):
            problem = FieldProblem("body.name", "invalid_value", refused.get("name", "Send this field."))
            raise InvalidRequest("The definition has no valid name for a wallet.", errors=[problem])
        for mapping in report.mapped:
            if mapping.target in refused:
                report.skip(mapping.source, refused[mapping.target])
        report.mapped = kept


def _refusals(mapped: list[Mapped], refusal: ValidationError) -> Iterator[tuple[str, str]]:
    """Yields the targets that the builder refuses, with the reasons."""
    for error in refusal.errors(include_url=False):
        path = ".".join(str(step) for step in error["loc"])
        _, reason = code_and_message(error)
        targets = [mapping.target for mapping in mapped]
        found = [target for target in targets if f"{path}.".startswith(f"{target}.")]
        if not found:
            # A field is missing, and the other fields of its group have no meaning without it.
            group = path.rpartition(".")[0]
            found = [target for target in targets if group and target.startswith(f"{group}.")]
            reason = f"{path}: {reason}"
        for target in found:
            yield target, reason


def _document(mapped: list[Mapped]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for mapping in mapped:
        *groups, name = mapping.target.split(".")
        place = document
        for group in groups:
            place = place.setdefault(group, {})
        place[name] = mapping.value
    return document


def _bound(unmapped: list[Unmapped]) -> list[Unmapped]:
    if len(unmapped) <= UNMAPPED_MAX:
        return unmapped
    more = len(unmapped) - UNMAPPED_MAX + 1
    return [*unmapped[: UNMAPPED_MAX - 1], Unmapped("…", f"And {more:,} more.")]


def _short(source: str) -> str:
    return source if len(source) <= SHOWN_MAX else f"{source[:SHOWN_MAX]}…"
