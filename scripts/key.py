"""API keys of a deployed stack: `create`, `list`, `revoke`. A new key is shown once; only its SHA-256 is stored."""

import argparse
import os
import sys
from datetime import UTC, datetime

from loyalty.domain import access
from loyalty.domain.dates import datetime_of, instant
from loyalty.store.store import connected_store
from loyalty.usecases import api_keys


def main() -> int:
    """Runs the command; exit code 0, or 1 if the request is not valid."""
    parser = argparse.ArgumentParser(prog="make key", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="make a key; the last line printed is the key")
    create.add_argument("--name", required=True, help="who or what will use it")
    create.add_argument(
        "--scopes", required=True, help=f"comma-separated, or *; known: {', '.join(sorted(access.SCOPES))}"
    )
    commands.add_parser("list", help="list all keys, revoked keys too")
    revoke = commands.add_parser(
        "revoke", help="revoke a key; it is refused within a minute, when cached permissions end"
    )
    revoke.add_argument("--id", required=True, dest="key_id")
    arguments = parser.parse_args()
    if "LOYALTY_TABLE" not in os.environ:
        print(
            "Set LOYALTY_TABLE to the stack's TableName output (make key does, for the local stack).", file=sys.stderr
        )
        return 1

    store, now = connected_store(), datetime.now(UTC)
    if arguments.command == "create":
        try:
            key, entry = api_keys.create_key(store, arguments.name, arguments.scopes.split(","), now)
        except ValueError as error:
            print(f"{error}", file=sys.stderr)
            return 1
        print(f"{entry.key_id} ({entry.name}) may {', '.join(sorted(entry.scopes))}. The key, shown only once:")
        print(key)
    elif arguments.command == "list":
        for entry in sorted(store.api_keys.all(), key=lambda entry: entry.created_at):
            state = f"revoked {datetime_of(entry.revoked_at):%Y-%m-%d}" if entry.revoked_at else "valid"
            scopes = ", ".join(sorted(entry.scopes))
            print(f"{entry.key_id}  {datetime_of(entry.created_at):%Y-%m-%d}  {state:18}  {entry.name}: {scopes}")
    else:
        found = next((entry for entry in store.api_keys.all() if entry.key_id == arguments.key_id), None)
        if found is None:
            print(f"There is no key {arguments.key_id}.", file=sys.stderr)
            return 1
        if not found.revoked_at:
            store.api_keys.revoke(found, instant(now))
        print(f"{found.key_id} is revoked.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
