"""Every key string of the table. docs/reference/data-model.md lists the items under each key.

Ids never contain `#`, and texts that callers choose freely (order ids, idempotency keys) are percent-encoded: keys are
injective.
"""

from datetime import date
from hashlib import sha256
from urllib.parse import unquote

PROJECT = "PROJECT"
WALLETS = "WALLETS"
CAMPAIGNS = "CAMPAIGNS"
PROGRAMS = "PROGRAMS"
"""The partition of programs and tier structures."""
RECALCULATIONS = "RECALCULATIONS"
REWARDS = "REWARDS"
LIVE = "LIVE"
"""The partition of what events are evaluated with: the live campaigns, and the generation."""
GENERATION = "GENERATION"
"""The sort key under `LIVE` of the number that rises with every change of these definitions."""
CODE = "CODE"
APIKEY = "APIKEY"
APIKEYS = "APIKEYS"
EVENTS = "EVENTS"
EXPRESSIONS = "EXPRESSIONS"
CARD, PROFILE, TXN, VERSION, RECEIPT = "CARD", "PROFILE", "TXN", "VERSION", "RECEIPT"
"""The first parts of the sort keys, by which the stream distinguishes items."""
REDEMPTION = "REDEMPTION"
"""The first part of the sort key of a redemption, by which the stream distinguishes redemptions."""
RUN = "RUN"
"""The first part of the partition key of a run, by which the stream distinguishes runs."""
USED_BY = "USEDBY#"
"""The prefix, under a wallet, of the entries of the definitions that use the wallet."""
USE, ONCE = "USE", "ONCE"
BY_REFERRER = "#R"
"""The end of the sort key of what a customer got as a referrer."""
SHARDS = 64
BIRTHDAY_SHARDS = 4
CONTACT = "CONTACT"
"""The sort key of how a customer can be reached."""
REFERRAL = "REFERRAL"
COUPON = "COUPON"
COUPON_SHARDS = 8
SALT = "SALT"
CUSTOMER = "CUSTOMER"
"""The sort key of a customer's own item."""
POOL = "POOL"
"""The sort key of a shard of a pool."""
VALUE_MAX = 128
"""The longest value of an event in a key. A longer one is replaced by its hash."""


def wallet(wallet_id: str) -> str:
    """Returns the sort key of a current wallet under `WALLETS`, which is the partition key of its versions."""
    return f"WALLET#{wallet_id}"


def version(version: int) -> str:
    return f"VERSION#{version:06d}"


def wallet_name(name: str) -> str:
    """Returns the sort key of a name. Case, outer spaces and repeated spaces do not make a name different."""
    return f"NAME#{sha256(' '.join(name.casefold().split()).encode()).hexdigest()}"


def campaign(campaign_id: str) -> str:
    """Returns the sort key of a campaign under `CAMPAIGNS` and `LIVE`: the partition key of its versions."""
    return f"CAMPAIGN#{campaign_id}"


def program(program_id: str) -> str:
    """Returns the sort key of a program under `PROGRAMS`, which is the partition key of its versions."""
    return f"PROGRAM#{program_id}"


def tier_structure(structure_id: str) -> str:
    """Returns the sort key of a tier structure under `PROGRAMS`, which is the partition key of its versions."""
    return f"TIERS#{structure_id}"


def recalculations(program_id: str) -> str:
    """Returns the prefix of the sort keys of a program's recalculations."""
    return f"RECALCULATION#{program_id}#"


def recalculation(program_id: str, started_at: int, wallet_id: str, wallet_version: int) -> str:
    return f"{recalculations(program_id)}{started_at:012d}#{wallet_id}#{wallet_version:06d}"


def parse_recalculation(sort_key: str) -> tuple[str, int, str, int]:
    """Returns program id, start, wallet id and wallet version of a recalculation's sort key."""
    _, program_id, started_at, wallet_id, wallet_version = sort_key.split("#")
    return program_id, int(started_at), wallet_id, int(wallet_version)


def reward(reward_id: str) -> str:
    """Returns the sort key of a reward under `REWARDS`: the partition key of its versions."""
    return f"REWARD#{reward_id}"


def codes(reward_id: str, shard: int) -> str:
    """Returns the partition key of the codes in one shard of a reward."""
    return f"CODES#{reward_id}#{shard:02d}"


def code_number(number: int) -> str:
    """Returns the sort key of a code by its place in its shard, from 0."""
    return f"{number:09d}"


def code_mark(reward_code: str) -> str:
    """Returns the sort key of the mark that the shard has the code."""
    return f"HAS#{reward_code}"


def redemption(redemption_id: str) -> str:
    """Returns the sort key of a redemption of a customer."""
    return f"{REDEMPTION}#{redemption_id}"


def pool(owner_id: str, shard: int) -> str:
    """Returns the partition key of a shard of the pool of a campaign or a reward."""
    return f"POOL#{owner_id}#{shard:02d}"


def run(campaign_id: str) -> str:
    """Returns the partition key of a scheduled campaign's runs. Their sort keys are dates, as `2027-03-01`."""
    return f"{RUN}#{campaign_id}"


def stats(campaign_id: str) -> str:
    """Returns the partition key of what a campaign gave on each day."""
    return f"STATS#{campaign_id}"


def day(day: date) -> str:
    """Returns the sort key of a day."""
    return f"DAY#{day.isoformat()}"


def date_of_day(sort_key: str) -> date:
    """Returns the day of a sort key."""
    return date.fromisoformat(after_first_hash(sort_key))


def used_by(kind: str, user_id: str) -> str:
    """Returns the sort key, under a wallet, of the entry that a definition of the kind uses the wallet."""
    return f"{USED_BY}{kind}#{user_id}"


def event_definition(name: str) -> str:
    return f"EVENT#{name}"


def expression(name: str) -> str:
    return f"EXPRESSION#{name}"


def customer(customer_id: str) -> str:
    return f"CUSTOMER#{customer_id}"


def card(wallet_id: str) -> str:
    return f"CARD#{wallet_id}"


def profile(wallet_id: str) -> str:
    return f"PROFILE#{wallet_id}"


def code(card_code: str) -> str:
    return f"CODE#{card_code}"


def referral(referral_code: str) -> str:
    return f"REFERRAL#{referral_code}"


def coupon(code: str) -> str:
    return f"COUPON#{code}"


def coupons(campaign_id: str, code: str) -> str:
    """Returns the place of a code in the history index, among the codes of its campaign."""
    return coupons_of_shard(campaign_id, sha256(code.encode()).digest()[0] % COUPON_SHARDS)


def coupons_of_shard(campaign_id: str, shard: int) -> str:
    """Returns the partition of the history index with a part of the campaign's codes."""
    return f"COUPONS#{campaign_id}#{shard}"


def codes_request(key: str) -> str:
    """Returns the sort key, under a campaign, of the request with this idempotency key that made codes."""
    return f"CODES#{_encode(key)}"


def order(order_id: str) -> str:
    """Returns the partition key of the customers who have transactions of an order. Their sort keys are `customer`."""
    return f"ORDER#{_encode(order_id)}"


def api_key(hash_: str) -> str:
    return f"APIKEY#{hash_}"


def row(wallet_id: str, order_id: str | None, origin: str) -> str:
    return f"{order_rows(wallet_id, order_id)}{origin}"


def rows(wallet_id: str) -> str:
    """Returns the prefix of all rows of a customer's card."""
    return f"{TXN}#{wallet_id}#"


def order_rows(wallet_id: str, order_id: str | None) -> str:
    """Returns the prefix of an order's rows.

    The closing `#` keeps rows of `A#B` (which is `A%23B`) out of order `A`.
    """
    return f"{rows(wallet_id)}{'-' if order_id is None else '=' + _encode(order_id)}#"


def key_origin(key: str) -> str:
    """Returns the origin of the last row of a caller's command, which its answer shows."""
    return f"K:{_encode(key)}"


def event_origin(event_id: str) -> str:
    """Returns the origin of the row that a custom event wrote on a card."""
    return f"E:{_encode(event_id)}"


def cancellation_origin() -> str:
    """Returns the origin of the last row of a canceled order's refund on a card: an order is canceled once."""
    return "O:canceled"


def refund_event_origin(event_id: str) -> str:
    """Returns the origin of the last row that a refund event wrote on a card.

    It differs from the origin of the row by which the same event activated points or moved sliding expiries.
    """
    return f"O:refunded:{_encode(event_id)}"


def manual_origin(seq: int) -> str:
    """Returns the origin of the row that activated or canceled by hand the rest of the credit with this seq.

    There is at most one such row.
    """
    return f"M:{seq:012d}"


def award_origin(campaign_id: str, reward_no: int, event: tuple[str, str, str]) -> str:
    """Returns the origin of the row by which a campaign's reward rule gave points for an event.

    The event is its customer, name and key. A hash distinguishes events of different customers and names that have the
    same key: a referrer's card gets points for events of several customers.
    """
    customer_id, name, key = event
    digest = sha256(f"{customer_id}\n{name}".encode()).hexdigest()[:12]
    return f"C:{campaign_id}:{reward_no}:{digest}:{_encode(key)}"


def event_key(origin: str) -> str:
    """Returns the key of the event from the origin of an award's row."""
    return unquote(origin.split(":", 4)[4])


def receipt(name: str, key: str) -> str:
    """Returns the sort key of the receipt of a customer's event."""
    return f"{RECEIPT}#{name}#{_encode(key)}"


def after_all_receipts() -> str:
    """Returns a sort key after those of all receipts of a customer, and before those of the rows."""
    return f"{RECEIPT}$"


def decoded_key(text: str) -> str:
    """Returns the key of an event as it was sent, from the sort key of its receipt."""
    return unquote(text)


def use(owner_id: str) -> str:
    """Returns the sort key of what a customer got from a campaign or a reward."""
    return f"{USE}#{owner_id}"


def use_by_referrer(campaign_id: str) -> str:
    """Returns the sort key of what a customer got from a campaign as a referrer."""
    return f"{use(campaign_id)}{BY_REFERRER}"


def once(campaign_id: str, value: str) -> str:
    """Returns the sort key of a value that gives a customer points once."""
    return f"{ONCE}#{campaign_id}#{_short(value)}"


def earlier_event(name: str, path: str | None, value: str) -> str:
    """Returns the sort key of a customer's events with the name that have the value at the path."""
    return f"SEEN#{name}#{'-' if path is None else _encode(path)}#{_short(value)}"


def event_of_order(name: str, order_id: str) -> str:
    """Returns the sort key of an order's event that came before the order's points."""
    return f"NOTED#{name}#{_encode(order_id)}"


def transfer_origin(transaction_id: str) -> str:
    """Returns the origin of the recipient's row of a transfer, which has the id of the sender's row."""
    return f"T:{transaction_id}"


def reversal_origin(seq: int) -> str:
    """Returns the origin of the row that undid the row with this seq: there is at most one."""
    return f"R:{seq:012d}"


def once_origins() -> tuple[str, str]:
    """Returns the first and the last origin of rows that undo a row, or end a credit's pending points by hand."""
    return manual_origin(0), reversal_origin(10**12 - 1)


def row_origin(origin: str, later: int) -> str:
    """Returns the origin of a command's row before `later` rows of the command: the last row has `origin` itself."""
    return f"{origin}#{later + 1}" if later else origin


def later_rows(origin: str) -> int:
    """Returns the number of the command's rows after the row with this origin."""
    _, _, number = origin.partition("#")
    return int(number) - 1 if number else 0


def settlement_origin(seq: int) -> str:
    return f"S:{seq:012d}"


def parse_row_key(sort_key: str) -> tuple[str, str | None, str | None]:
    """Returns wallet id, order id and origin of a row's sort key; no origin if time wrote the row."""
    _, wallet_id, order, origin = sort_key.split("#", 3)
    return wallet_id, None if order == "-" else unquote(order[1:]), None if origin.startswith("S:") else origin


def after_first_hash(key: str) -> str:
    """Returns the id after the first `#` of a key."""
    return key.split("#", 1)[1]


def birthday(day: str, shard: int) -> str:
    """Returns the place in the due index of the customers of one shard whose birthday is on the day, as `MM-DD`."""
    return f"B{day.replace('-', '')}#{shard}"


def due(kind: str, shard: int) -> str:
    return f"{kind}#{shard:02d}"


def members(wallet_id: str, shard: int) -> str:
    return f"{wallet_id}#{shard:02d}"


def customers_between(prefix: str, after: str | None) -> tuple[str, str]:
    """Returns bounds of the partition keys of the customers after `after` whose ids begin with the prefix.

    `!` sorts before every character that an id may have, DEL after.
    """
    return customer(prefix if after is None else f"{after}!"), customer(f"{prefix}\x7f")


def _short(value: str) -> str:
    return _encode(value if len(value) <= VALUE_MAX else sha256(value.encode()).hexdigest())


def _encode(text: str) -> str:
    # Encodes only what the key's form needs: 128 encoded characters could exceed DynamoDB's 1,024 bytes.
    return text.replace("%", "%25").replace("#", "%23")
