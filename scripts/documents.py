"""Generates documents from the code: the OpenAPI document, the schemas of events and the table of problems.

`write` writes the documents to docs/. `check` exits with 1 if docs/ differs from the code.
"""

import argparse
import json
import sys
from pathlib import Path

from loyalty.messaging.detail_types import DETAILS
from loyalty.messaging.events import SOURCE
from scripts import openapi
from scripts.error_document import error_document

ROOT = Path(__file__).parents[1]


def documents() -> dict[Path, str]:
    """Returns every generated document by its path below the root."""
    made = {Path("docs/openapi.json"): _json(openapi.document()), Path("docs/errors.md"): error_document()}
    for name, model in DETAILS.items():
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **model.model_json_schema(mode="serialization"),
        }
        document = {**schema, "title": name, "x-source": SOURCE, "x-detail-type": name}
        made[Path("docs/events") / f"{name.lower().replace(' ', '-')}.json"] = _json(document)
    return made


def main() -> int:
    """Returns exit code 1 if a check finds a difference."""
    parser = argparse.ArgumentParser(prog="documents", description=__doc__)
    parser.add_argument("command", choices=("write", "check"))
    made = documents()
    if parser.parse_args().command == "write":
        for path, text in made.items():
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(text)
        print(f"wrote {len(made)} documents")
        return 0
    stale = [path for path, text in made.items() if not (ROOT / path).exists() or (ROOT / path).read_text() != text]
    stale += [path for path in (ROOT / "docs" / "events").glob("*.json") if path.relative_to(ROOT) not in made]
    for path in stale:
        print(f"{path} differs from the code: run `make openapi`")
    return 1 if stale else 0


def _json(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
