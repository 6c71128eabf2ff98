"""API keys of a deployed stack: `create`, `list`, `revoke`. A new key is shown once; only its SHA-256 is stored."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from loyalty.domain import access
from loyalty.domain.dates import datetime_of
from loyalty.errors import LoyaltyError
from loyalty.store.store import Store, connected_store
from loyalty.usecases import api_keys


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make key", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="make a key; the last line printed is the key")
    create.add_argument("--name", required=True, help="who or what will use it")
    grants = create.add_mutually_exclusive_group(required=True)
    grants.add_argument("--scopes", help=f"comma-separated, or *; known: {', '.join(sorted(access.SCOPES))}")
    grants.add_argument("--role", help=f"built in: {', '.join(access.BUILT_IN_ROLES)}; the project may have others")
    commands.add_parser("list", help="list all keys, revoked keys too")
    revoke = commands.add_parser(
        "revoke", help="revoke a key; it is refused within a minute, when cached permissions end"
    )
    revoke.add_argument("--id", required=True, dest="key_id")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    """Runs the command; exit code 0, or 1 if the request is not valid."""
    wanted = arguments(words)
    if "LOYALTY_TABLE" not in os.environ:
        print(
            "Set LOYALTY_TABLE to the stack's TableName output (make key does, for the local stack).", file=sys.stderr
        )
        return 1

    store, now = connected_store(), datetime.now(UTC)
    try:
        if wanted.command == "create":
            _create(store, wanted.name, wanted.role, wanted.scopes, now)
        elif wanted.command == "list":
            _list(store)
        else:
            api_keys.revoke(store, wanted.key_id, now)
            print(f"{wanted.key_id} is revoked.")
    except LoyaltyError as error:
        print(error.detail, file=sys.stderr)
        return 1
    return 0


def _create(store: Store, name: str, role: str | None, scopes: str | None, now: datetime) -> None:
    new = api_keys.NewKey(name=name, role=role, scopes=frozenset(scopes.split(",") if scopes else ()))
    created = api_keys.create(store, new, access.Rights(frozenset({access.ALL})), now)
    entry, may = created.entry, ", ".join(sorted(created.rights.scopes))
    print(f"{entry.key_id} ({entry.name}) may {may}. The key, shown only once:")
    print(created.secret)


def _list(store: Store) -> None:
    for entry in sorted(store.api_keys.all(), key=lambda entry: entry.created_at):
        state = f"revoked {datetime_of(entry.revoked_at):%Y-%m-%d}" if entry.revoked_at else "valid"
        rights = f"role {entry.role}" if entry.role else ", ".join(sorted(entry.scopes))
        print(f"{entry.key_id}  {datetime_of(entry.created_at):%Y-%m-%d}  {state:18}  {entry.name}: {rights}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
