"""What wallets, campaigns, rewards, programs and tier structures share.

A key creates one of them once. A change names the version that its caller read. Settings are checked before they are
saved.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from loyalty.domain.patterns import compile_pattern
from loyalty.errors import ActionRequired, FieldProblem, InvalidPattern, KeyReused, PreconditionFailed

BYTES_MAX = 8 * 1_024
"""The most bytes of settings as compact JSON."""


def new_id(prefix: str, key: str | None) -> str:
    """Returns an id that follows from the idempotency key, or a random id without a key."""
    return prefix + (sha256(key.encode()).hexdigest()[:20] if key else secrets.token_hex(10))


def require_same_request(noun: str, first: bytes, fingerprint: bytes) -> None:
    """Raises `KeyReused` if another request than the first one created the definition with the idempotency key."""
    if first != fingerprint:
        detail = f"The idempotency key created a {noun} with other settings. Use a new key."
        raise KeyReused.of_field("header.idempotency-key", detail)


def require_version(noun: str, version: int, read: int) -> None:
    """Raises `PreconditionFailed` if the version is not the one that the caller read."""
    if version != read:
        raise PreconditionFailed(f"The {noun} has version {version}, you read {read}. Read the {noun} again.")


def changed_meanwhile(noun: str) -> PreconditionFailed:
    """Returns the refusal of a change that lost the race with another change."""
    return PreconditionFailed(f"The {noun} changed after you read it. Read the {noun} again.")


def require_no_action(noun: str, problems: Sequence[FieldProblem]) -> None:
    """Raises `ActionRequired` if the settings do not meet activation rules."""
    if problems:
        raise ActionRequired(f"Correct the fields listed in errors, or save the {noun} as a DRAFT.", errors=problems)


def size_problems(noun: str, settings: Mapping[str, Any]) -> list[FieldProblem]:
    """Returns the problem of settings with more than `BYTES_MAX` bytes."""
    text = json.dumps(settings, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) <= BYTES_MAX:
        return []
    message = f"A {noun} has at most {BYTES_MAX} bytes as JSON."
    return [FieldProblem("body", "too_large", message)]


def require_pattern(pattern: Mapping[str, Any], field: str) -> None:
    """Raises `InvalidPattern` for the field of the request that has the pattern."""
    try:
        compile_pattern(pattern)
    except InvalidPattern as refusal:
        problems = [
            replace(problem, field=f"{field}.{problem.field}" if problem.field else field) for problem in refusal.errors
        ]
        raise InvalidPattern(refusal.detail, errors=problems) from refusal
