"""The product's audit of a whole table, computed from its items without a request."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from loyalty.domain.audit.awards import AwardRow, Given, budget_drifts, coupon_drifts, customer_drifts, missing_rows
from loyalty.domain.audit.comparison import Drift
from loyalty.domain.audit.redemptions import CodeKey, GivenCode, code_keys, stock_drifts
from loyalty.domain.audit.references import attachment_drifts, reference_drifts
from loyalty.domain.earning.campaign import Campaign
from loyalty.domain.wallets.wallet import Wallet, WalletUser
from loyalty.store import keys
from loyalty.store.attributes import Item
from loyalty.store.award_records import StoredAwards, award_rows, awards_from_items
from loyalty.store.campaign_items import campaign_from
from loyalty.store.catalogue_items import reward_from
from loyalty.store.coupons import coupon_from
from loyalty.store.ledgers import StoredLedger, ledger_from_items
from loyalty.store.pools import EMPTY_STOCK, shard_from
from loyalty.store.program_items import program_from, structure_version_from
from loyalty.store.redemption_records import StoredRedemptions, code_from, code_key, redemptions_from_items
from loyalty.store.wallet_items import wallet_from
from loyalty.store.wallet_users import user_from
from loyalty.usecases import audits
from loyalty.usecases.catalogue.stock import shards_of
from loyalty.usecases.reference_audit import users_of_wallets


class TableAudit:
    """A table, its items by partition."""

    def __init__(self, items: Iterable[Item]) -> None:
        self.partitions: dict[str, dict[str, Item]] = defaultdict(dict)
        for item in items:
            self.partitions[item["pk"]["S"]][item["sk"]["S"]] = item
        customers = [pk for pk in self.partitions if pk.startswith("CUSTOMER#")]
        self.awards: dict[str, StoredAwards] = {}
        self.redemptions: dict[str, StoredRedemptions] = {}
        self.ledgers: list[StoredLedger] = []
        for pk in customers:
            customer_id = keys.after_first_hash(pk)
            self.awards[customer_id] = awards_from_items(customer_id, self.partitions[pk].values())
            self.redemptions[customer_id] = redemptions_from_items(self.partitions[pk].values())
            cards = [sk for sk in self.partitions[pk] if sk.startswith("CARD#")]
            self.ledgers += [self._ledger(pk, keys.after_first_hash(sk)) for sk in cards]
        self.coupons = [coupon_from(own[keys.COUPON]) for own in self.partitions.values() if keys.COUPON in own]
        self.receipts = {one.event: one for stored in self.awards.values() for one in stored.awards.receipts}
        self.rows: list[AwardRow] = [one for ledger in self.ledgers for one in award_rows(ledger.rows)]

    def drifts(self) -> list[Drift]:
        """All drifts of all cards, customers, budgets, codes of coupons, and references to wallets."""
        found: list[Drift] = []
        given: dict[str, Given] = defaultdict(Given)
        redeemed: Counter[str] = Counter()
        used: Counter[str] = Counter()
        for ledger in self.ledgers:
            report = audits.with_awards(
                audits.report_of(ledger, self._wallet),
                ledger,
                self.awards[ledger.card.customer_id],
                self._campaign,
                self._paid,
                receipts_of_others=self.receipts,
                rows_of_others=self.rows,
                version=ledger.card.version,
            )
            own_redemptions = self.redemptions[ledger.card.customer_id]
            report = audits.with_redemptions(
                report, ledger, own_redemptions, self._codes(own_redemptions), version=ledger.card.version
            )
            used.update(report.stock_used)
            found += report.drifts
            for campaign_id, one in report.given.items():
                given[campaign_id] = given[campaign_id].add(one)
            redeemed.update(report.redeemed)
        for coupon in self.coupons:
            found += coupon_drifts(coupon, coupon.uses, redeemed[coupon.code])
        assert redeemed.keys() <= {coupon.code for coupon in self.coupons}
        for stored in self.awards.values():
            own = stored.awards
            recorded = [(receipt, award) for receipt in own.receipts for award in receipt.awards]
            found += customer_drifts(own, self._campaign)
            found += missing_rows(recorded, {one.award_key for one in self.rows})
        for campaign in map(campaign_from, self.partitions["CAMPAIGNS"].values()):
            places = range(campaign.shards)
            shards = [shard_from(self.partitions[keys.pool(campaign.campaign_id, one)][keys.POOL]) for one in places]
            found += budget_drifts(campaign.campaign_id, shards, shards, given[campaign.campaign_id])
        for reward in map(reward_from, self.partitions[keys.REWARDS].values()):
            pools = (self.partitions.get(keys.pool(reward.reward_id, one), {}) for one in range(shards_of(reward)))
            shards = [shard_from(pool[keys.POOL]) if pool else EMPTY_STOCK for pool in pools]
            found += stock_drifts(reward, shards, shards, used[reward.reward_id])
        return [*found, *self._reference_drifts()]

    def _reference_drifts(self) -> Iterator[Drift]:
        wallets = [wallet_from(item) for sk, item in self.partitions[keys.WALLETS].items() if sk.startswith("WALLET#")]
        definitions = self.partitions[keys.PROGRAMS].values()
        programs = [program_from(item) for item in definitions if "pr" in item]
        structures = [structure_version_from(item) for item in definitions if "ts" in item]
        entries = {wallet.wallet_id: self._users(wallet.wallet_id) for wallet in wallets}
        campaigns = map(campaign_from, self.partitions[keys.CAMPAIGNS].values())
        rewards = map(reward_from, self.partitions[keys.REWARDS].values())
        yield from reference_drifts(entries, users_of_wallets(campaigns, programs, rewards))
        yield from attachment_drifts(wallets, programs, {one.structure_id: one for one in structures})

    def _users(self, wallet_id: str) -> list[WalletUser]:
        entries = self.partitions[keys.wallet(wallet_id)].items()
        return [user for sk, item in entries if sk.startswith(keys.USED_BY) and (user := user_from(item))]

    def _codes(self, stored: StoredRedemptions) -> dict[CodeKey, GivenCode]:
        places = {one: code_key(*one) for one in code_keys(stored.redemptions)}
        return {one: code_from(self.partitions[pk][sk]) for one, (pk, sk) in places.items()}

    def _ledger(self, pk: str, wallet_id: str) -> StoredLedger:
        own = self.partitions[pk]
        rows = [item for sk, item in own.items() if sk.startswith(keys.rows(wallet_id))]
        profile = own.get(keys.profile(wallet_id))
        code = self.partitions[keys.code(profile["code"]["S"])].get(keys.CODE) if profile else None
        ledger = ledger_from_items(own[keys.card(wallet_id)], rows, profile, code)
        assert isinstance(ledger, StoredLedger), ledger
        return ledger

    def _wallet(self, wallet_id: str, version: int) -> Wallet | None:
        item = self.partitions[keys.wallet(wallet_id)].get(keys.version(version))
        return wallet_from(item) if item else None

    def _campaign(self, campaign_id: str, version: int) -> Campaign | None:
        item = self.partitions[keys.campaign(campaign_id)].get(keys.version(version))
        current = self.partitions["CAMPAIGNS"].get(keys.campaign(campaign_id))
        return campaign_from({**item, "sd": current["sd"]}) if item and current else None

    def _paid(self, customer_id: str, order_id: str, at: int) -> tuple[int, int]:
        own = [one for one in self.ledgers if one.card.customer_id == customer_id]
        return audits.paid_before((row for one in own for row in one.rows if row.context.order_id == order_id), at)
