"""Verifies every card of a table against its whole ledger and reports each drift. Reads only; exits with 1 on any.

An audit of all wallets also compares the budget of each campaign with what the campaign gave, the uses of each coupon's
code with its redemptions, and the stock and the codes of each reward with the redemptions of the reward.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import cache

import boto3
from botocore.config import Config
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from loyalty.domain.audit.awards import CampaignOf, Given, budget_drifts, coupon_drifts
from loyalty.domain.audit.comparison import Drift
from loyalty.domain.audit.redemptions import stock_drifts
from loyalty.domain.catalogue.reward import Reward
from loyalty.domain.earning.campaign import Campaign
from loyalty.domain.earning.coupon import Coupon
from loyalty.domain.earning.pools import Shard
from loyalty.domain.earning.trigger import TriggerType
from loyalty.errors import LoyaltyError
from loyalty.store.keys import SHARDS
from loyalty.store.store import Store
from loyalty.usecases import audits
from loyalty.usecases.catalogue.stock import shards_of
from loyalty.usecases.reference_audit import drifts_of_references

MEMBERS_A_PAGE = 1_000
CODES_A_PAGE = 1_000


@dataclass
class Totals:
    """The totals of a wallet, or of a part of it."""

    cards: int = 0
    rows: int = 0
    active: int = 0
    pending: int = 0
    held: int = 0
    drifts: list[str] = field(default_factory=list)
    given: dict[str, Given] = field(default_factory=dict)
    """What campaigns gave, by campaign id."""
    redeemed: Counter[str] = field(default_factory=Counter)
    """How many times each code was redeemed."""
    stock_used: Counter[str] = field(default_factory=Counter)
    """What redemptions took of stocks and codes, by reward id."""

    def add(self, other: "Totals") -> None:
        self.give(other.given)
        self.redeemed.update(other.redeemed)
        self.stock_used.update(other.stock_used)
        for name in ("cards", "rows", "active", "pending", "held", "drifts"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def give(self, given: Mapping[str, Given]) -> None:
        for campaign_id, one in given.items():
            self.given[campaign_id] = self.given.get(campaign_id, Given()).add(one)


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make audit", description=__doc__)
    parser.add_argument("--wallet", action="append", metavar="ID", help="only this wallet; may be repeated")
    parser.add_argument("--parallel", type=int, default=16, help="how many shards to read at the same time (16)")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    given = arguments(words)
    if "LOYALTY_TABLE" not in os.environ:
        message = "Set LOYALTY_TABLE to the stack's TableName output (make audit does, for the local stack)."
        print(message, file=sys.stderr)
        return 1
    store = connect(given.parallel)
    known = [wallet.wallet_id for wallet in store.wallets.all(None)]
    wanted = given.wallet or known
    if unknown := set(wanted) - set(known):
        print(f"There is no wallet {', '.join(sorted(unknown))}.", file=sys.stderr)
        return 1
    console = Console()
    limited = [] if given.wallet else _limited_campaigns(store)
    before = [store.pools.shards(campaign) for campaign in limited]
    uses_before = {} if given.wallet else {coupon.code: coupon.uses for coupon in _coupons(store)}
    stocked = [] if given.wallet else [reward for reward in store.catalogue.all(None) if shards_of(reward)]
    stocks = [_stock(store, reward) for reward in stocked]
    found = audit(store, wanted, given.parallel, console)
    drifts = audit_budgets(store, limited, before, found, console)
    if not given.wallet:
        drifts += audit_coupons(store, uses_before, found, console) + audit_references(store, console)
    drifts += audit_stocks(store, stocked, stocks, found, console)
    return 1 if drifts or any(totals.drifts for totals in found.values()) else 0


def connect(parallel: int) -> Store:
    """Makes a store for long reads by many threads: it has longer timeouts than a movement may have."""
    config = Config(
        max_pool_connections=parallel, read_timeout=30, retries={"mode": "adaptive", "total_max_attempts": 10}
    )
    return Store(boto3.client("dynamodb", config=config), os.environ["LOYALTY_TABLE"])


def audit(store: Store, wallet_ids: Sequence[str], parallel: int, console: Console) -> dict[str, Totals]:
    """Returns the totals by wallet; each drift is printed when it is found."""
    found = {wallet_id: Totals() for wallet_id in wallet_ids}
    version_of, campaign_of = cache(store.wallets.version), audits.campaigns_of(store)
    counts = "shards, {task.fields[cards]:,} cards, {task.fields[drifts]:,} drifts"
    with _progress(console, counts) as progress, ThreadPoolExecutor(parallel) as threads:
        task = progress.add_task("Auditing", total=len(wallet_ids) * SHARDS, cards=0, drifts=0)
        parts = {
            threads.submit(_shard, store, wallet_id, shard, version_of, campaign_of): wallet_id
            for wallet_id in wallet_ids
            for shard in range(SHARDS)
        }
        for part in as_completed(parts):
            totals = part.result()
            found[parts[part]].add(totals)
            for drift in totals.drifts:
                progress.console.print(f"[red]{escape(drift)}[/]", soft_wrap=True)
            cards = sum(one.cards for one in found.values())
            drifts = sum(len(one.drifts) for one in found.values())
            progress.update(task, advance=1, cards=cards, drifts=drifts)
    console.print(_table(found))
    return found


def audit_budgets(
    store: Store,
    campaigns: Sequence[Campaign],
    before: Sequence[Sequence[Shard]],
    found: Mapping[str, Totals],
    console: Console,
) -> int:
    """Returns the number of drifts of the campaigns' budgets; each drift is printed when it is found.

    `before` are the shards of each campaign before the cards were read.
    """
    if not campaigns:
        return 0
    total = Totals()
    for totals in found.values():
        total.give(totals.given)
    table = Table("campaign", *(Column(name, justify="right") for name in ("awards", "points", "drifts")))
    count = 0
    with _progress(console, "budgets, {task.fields[drifts]:,} drifts") as progress:
        task = progress.add_task("Auditing", total=len(campaigns), drifts=0)
        for campaign, shards in zip(campaigns, before, strict=True):
            given = total.given.get(campaign.campaign_id, Given())
            drifts = list(budget_drifts(campaign.campaign_id, shards, store.pools.shards(campaign), given))
            for drift in drifts:
                progress.console.print(f"[red]{escape(_text(drift))}[/]", soft_wrap=True)
            count += len(drifts)
            table.add_row(campaign.campaign_id, f"{given.awards:,}", f"{given.points:,}", f"{len(drifts):,}")
            progress.update(task, advance=1, drifts=count)
    console.print(table)
    return count


def audit_coupons(store: Store, uses_before: Mapping[str, int], found: Mapping[str, Totals], console: Console) -> int:
    """Returns the number of drifts of the codes of coupons; each drift is printed when it is found.

    `uses_before` are the uses of each code before the cards were read.
    """
    redeemed: Counter[str] = Counter()
    for totals in found.values():
        redeemed.update(totals.redeemed)
    # A code that was made during the audit is missing before, and the index of codes may lag.
    coupons = {coupon.code: coupon for coupon in _coupons(store)}
    coupons |= {code: coupon for code in redeemed.keys() - coupons.keys() if (coupon := store.coupons.get(code))}
    drifts = [
        drift
        for code, coupon in coupons.items()
        for drift in coupon_drifts(coupon, uses_before.get(code, 0), redeemed[code])
    ]
    lines = [_text(drift) for drift in drifts]
    lines += [f"coupon: The code {code} was redeemed and does not exist." for code in redeemed.keys() - coupons.keys()]
    for line in lines:
        console.print(f"[red]{escape(line)}[/]", soft_wrap=True)
    if coupons:
        console.print(f"{len(coupons):,} codes, {sum(redeemed.values()):,} redemptions, {len(lines):,} drifts")
    return len(lines)


def _coupons(store: Store) -> Iterator[Coupon]:
    for campaign in store.campaigns.all(None):
        trigger = campaign.settings.trigger
        if trigger and trigger.type is TriggerType.COUPON:
            yield from store.coupons.of_campaign(campaign.campaign_id, CODES_A_PAGE)


def audit_references(store: Store, console: Console) -> int:
    """Returns the number of drifts of what wallets list and have of other definitions; each drift is printed."""
    drifts = drifts_of_references(store)
    for drift in drifts:
        console.print(f"[red]{escape(_text(drift))}[/]", soft_wrap=True)
    return len(drifts)


def audit_stocks(
    store: Store,
    rewards: Sequence[Reward],
    before: Sequence[Sequence[Shard]],
    found: Mapping[str, Totals],
    console: Console,
) -> int:
    """Returns the number of drifts of the rewards' stocks and codes; each drift is printed when it is found.

    `before` are the shards of each reward before the cards were read.
    """
    used: Counter[str] = Counter()
    for totals in found.values():
        used.update(totals.stock_used)
    count = 0
    for reward, shards in zip(rewards, before, strict=True):
        for drift in stock_drifts(reward, shards, _stock(store, reward), used[reward.reward_id]):
            console.print(f"[red]{escape(_text(drift))}[/]", soft_wrap=True)
            count += 1
    if rewards:
        console.print(f"{len(rewards):,} stocks, {count:,} drifts")
    return count


def _stock(store: Store, reward: Reward) -> list[Shard]:
    return store.pools.of_owner(reward.reward_id, range(shards_of(reward)))


def _limited_campaigns(store: Store) -> list[Campaign]:
    """Returns the campaigns whose budget has a pool."""
    return [campaign for campaign in store.campaigns.all(None) if campaign.shards]


def _progress(console: Console, counts: str) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn(counts))
    return Progress(*columns, TimeElapsedColumn(), console=console)


def _shard(store: Store, wallet_id: str, shard: int, version_of: audits.VersionOf, campaign_of: CampaignOf) -> Totals:
    totals = Totals()
    for customer_id in _members(store, wallet_id, shard):
        place = f"{wallet_id} {customer_id}"
        totals.cards += 1
        try:
            report = audits.verify(
                store, wallet_id, customer_id, rows_max=sys.maxsize, version_of=version_of, campaign_of=campaign_of
            )
        except LoyaltyError as refusal:
            totals.drifts.append(f"{place}: {refusal.detail}")
            continue
        totals.rows += report.rows
        totals.give(report.given)
        totals.redeemed.update(report.redeemed)
        totals.stock_used.update(report.stock_used)
        if report.card:
            totals.active += report.card.balance.active
            totals.pending += report.card.balance.pending
            totals.held += report.card.balance.held
        for drift in report.drifts:
            row = f" row {drift.seq}" if drift.seq else ""
            totals.drifts.append(f"{place}{row}: {_text(drift)}")
    return totals


def _text(drift: Drift) -> str:
    values = f" Expected {drift.expected}, found {drift.found}." if drift.expected or drift.found else ""
    return f"{drift.check}: {drift.message}{values}"


def _members(store: Store, wallet_id: str, shard: int) -> Iterator[str]:
    after = None
    while page := store.cards.members(wallet_id, shard, after, MEMBERS_A_PAGE):
        yield from page
        after = page[-1]


def _table(found: dict[str, Totals]) -> Table:
    numbers_of = ("cards", "rows", "active", "pending", "held", "drifts")
    table = Table("wallet", *(Column(name, justify="right") for name in numbers_of))
    for wallet_id, totals in found.items():
        numbers = (totals.cards, totals.rows, totals.active, totals.pending, totals.held, len(totals.drifts))
        table.add_row(wallet_id, *(f"{number:,}" for number in numbers))
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
