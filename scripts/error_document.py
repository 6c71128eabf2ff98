"""The document of all refusals, from the classes in errors.py."""

import json
from collections.abc import Iterator

from loyalty import errors
from loyalty.http.problems import problem_document

INTRODUCTION = """\
# Refusals

Generated from `layers/loyalty/python/loyalty/errors.py`. A refusal writes nothing and uses no idempotency key. Its body
is a problem document (RFC 9457) with the content type `application/problem+json`:

```json
{example}
```

* Programs read `code`, which is stable. `title` describes the code, and `detail` this refusal. Both are for people, and
  their words may change.
* `errors` names the fields that decide, with a [code for each field](#codes-of-fields).
* Some codes have additional members, such as `available`. A refusal of a movement also has `walletId` if the request
  moves points in several wallets.
* With 503, the header `Retry-After` has the seconds to wait.
* `requestId` finds the request in the logs.

The gateway's own answers have the body `{"message": ...}`: 401 without a key, 403 for an unknown or revoked key, 404
for an unknown route, 413, 429, 500 and 503.

## Order of checks

A request is checked from top to bottom: if several refusals apply, the first one answers.
"""
INTERNAL_ERROR = """\
### `internal_error`

500: An internal error occurred

* **When:** The product has a fault, or a part of it failed. The log has the cause for `requestId`.
* **What to do:** Send a movement again with the same `Idempotency-Key`. Inform the operator if the error stays.
"""
FIELDS = """\
## Codes of fields

`errors` of a refusal and `actionRequired` of settings name fields. Each has a `code` for programs and a `message` for
people, which describes what is allowed. A field that alone causes a refusal has the code of the refusal.

| code | meaning |
| --- | --- |
"""


def error_document() -> str:
    """Returns the document: the order of checks, and each code with its reasons and its members."""
    refusals = errors.LoyaltyError.__subclasses__()
    rows = [f"| [`{one.code}`](#{one.code}) | {int(one.status)} | {one.title} |" for one in refusals]
    rows.append("| [`internal_error`](#internal_error) | 500 | An internal error occurred |")
    table = "\n".join(["| code | status | title |", "| --- | --- | --- |", *rows])
    sections = "\n".join("\n".join(_section(one)) for one in refusals)
    fields = "\n".join(f"| `{code}` | {meaning} |" for code, meaning in sorted(errors.FIELD_CODES.items()))
    introduction = INTRODUCTION.replace("{example}", _example())
    return f"{introduction}\n{table}\n\n## Codes\n\n{sections}\n{INTERNAL_ERROR}\n{FIELDS}{fields}\n"


def _section(refusal: type[errors.LoyaltyError]) -> Iterator[str]:
    yield f"### `{refusal.code}`\n"
    yield f"{int(refusal.status)}: {refusal.title}\n"
    yield f"* **When:** {' '.join((refusal.__doc__ or '').split())}"
    yield f"* **What to do:** {refusal.advice}"
    for member in refusal.members:
        yield f"* `{member.name}` ({'integer' if member.type is int else 'text'}): {member.meaning}"
    yield ""


def _example() -> str:
    refusal = errors.HoldTooSmall.of_field(
        "body.points", "The capture needs 500 points, and 300 are held.", required=500, held=300
    )
    return json.dumps({**problem_document(refusal), "requestId": "JKJaXmPLvHcESHA="}, indent=2)
