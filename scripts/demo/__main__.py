"""python -m scripts.demo: fills the running stack with a believable shop. A second run changes nothing."""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from threading import Event

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scripts.demo import story
from scripts.demo.catalogue import Offer, define_rewards, redemptions
from scripts.demo.club import define_club
from scripts.demo.definitions import Definitions, Maker, OtherShop, define, personal_codes
from scripts.demo.sending import Results, send
from scripts.demo.story import Customer, Kind, Request
from scripts.replay import api, screen, settings
from scripts.replay.__main__ import AS_EXPECTED, DIFFERENT, INTERRUPTED, NOT_STARTED, interrupt, whole
from scripts.replay.api import Api, Failed
from scripts.replay.by_events import EFFECT_SECONDS
from scripts.replay.run import Hopeless

DEFINITIONS = 21
CUSTOMERS_MAX = 999


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--customers", type=whole, default=200, metavar="N", help="how many customers (200)")
    parser.add_argument("--seed", type=whole, default=1, metavar="N", help="another seed makes another shop (1)")
    # More would be slower: the local stack starts a process for each function and sender.
    parser.add_argument("--senders", type=whole, default=6, metavar="N", help="requests at a time (6)")
    parser.add_argument("--stack-env", type=Path, default=Path(".local/stack.env"), metavar="FILE")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    wanted = arguments(words)
    console = Console(highlight=False)
    try:
        stack = settings.load(wanted.stack_env)
    except settings.NotConfigured as error:
        console.print(f"[red]{escape(str(error))}[/]", soft_wrap=True)
        return NOT_STARTED
    stop, results = Event(), Results()
    client = Api(stack, connections=wanted.senders, attempts_max=8, stop=stop)
    try:
        return Demo(wanted, client, stop, results, console).run()
    except OtherShop:
        console.print("[red]This stack has a shop with another number of customers or another seed.[/]")
        console.print("An empty stack takes a new shop: make stop, then make run.")
    except Failed as failed:
        console.print(f"[red]The shop cannot be made: {escape(str(failed))}[/]", soft_wrap=True)
    except Hopeless:
        console.print("[red]Every request so far failed, so the rest was not sent.[/]")
        show_failures(console, results)
        return DIFFERENT
    except KeyboardInterrupt:
        console.print("\nInterrupted. The same command continues, and makes nothing twice.")
        return INTERRUPTED
    finally:
        client.close()
    return NOT_STARTED


class Demo:
    """One run."""

    def __init__(
        self, wanted: argparse.Namespace, client: Api, stop: Event, results: Results, console: Console
    ) -> None:
        self.wanted, self.client, self.stop, self.results, self.console = wanted, client, stop, results, console

    def run(self) -> int:
        began = time.monotonic()
        with screen.progress(self.console) as bar:
            task = bar.add_task("definitions", total=DEFINITIONS)
            maker = Maker(self.client, lambda: bar.advance(task))
            definitions = define(maker, self.wanted.seed, self.wanted.customers)
            define_club(maker, definitions.shop)
            offers = define_rewards(maker, definitions.shop, definitions.credit)
            customers = story.customers_of(definitions.shop, min(self.wanted.customers, CUSTOMERS_MAX))
            codes = personal_codes(maker, definitions, customers)
            bar.update(task, total=maker.made + maker.found)
        self.send("the past year", past_of(definitions, customers))
        self.await_effect(definitions)
        self.send("the last weeks", present_of(definitions, customers, codes, offers))
        show(self.console, self.results, maker, time.monotonic() - began)
        if self.results.failures:
            show_failures(self.console, self.results)
            return DIFFERENT
        show_places(self.console, definitions, customers)
        return AS_EXPECTED

    def send(self, name: str, stories: Sequence[Sequence[Request]]) -> None:
        with screen.progress(self.console) as bar:
            task = bar.add_task(name, total=sum(map(len, stories)))
            send(
                self.client,
                stories,
                self.results,
                lambda count: bar.advance(task, count),
                senders=self.wanted.senders,
                stop=self.stop,
            )

    def await_effect(self, definitions: Definitions) -> None:
        """Waits until the campaigns have an effect: an order that is decided without them never gets their points."""
        now = self.client.get(api.path("project")).answered_at
        seconds = (definitions.activated_at + timedelta(seconds=EFFECT_SECONDS) - now).total_seconds()
        if seconds > 0:
            self.console.print(f"the campaigns have an effect in {seconds:.0f} seconds …")
            self.client.pause(seconds)


def past_of(definitions: Definitions, customers: Sequence[Customer]) -> list[list[Request]]:
    """Returns the stories of the customers who came without a referrer, until the campaigns begin."""
    shop, referrers = definitions.shop, {one.referrer.customer_id for one in customers if one.referrer}
    return [
        [
            story.profile(shop, one),
            *([story.referral_code(one)] if one.customer_id in referrers else []),
            *story.past(shop, one),
        ]
        for one in customers
        if not one.referrer
    ]


def present_of(
    definitions: Definitions, customers: Sequence[Customer], codes: dict[str, str], offers: Sequence[Offer]
) -> list[list[Request]]:
    """Returns the stories of the last weeks. A friend's profile names the referrer, who has a code by now."""
    shop = definitions.shop
    return [
        [
            *([story.profile(shop, one)] if one.referrer else []),
            *story.present(shop, one, codes.get(one.customer_id)),
            *redemptions(shop, one, offers),
        ]
        for one in customers
    ]


def show(console: Console, results: Results, maker: Maker, seconds: float) -> None:
    table = Table("", *("new", "known", "points"), box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    table.add_row("definitions", f"{maker.made:,}", f"{maker.found:,}", "")
    for kind in Kind:
        points = results.points[kind]
        table.add_row(kind, f"{results.new[kind]:,}", f"{results.known[kind]:,}", f"{points:,}" if points else "")
    console.print(table)
    requests = results.new.total() + results.known.total()
    rate = f", {requests / seconds:,.0f} a second" if seconds else ""
    console.print(f"{requests:,} requests{rate}. Known: made by an earlier run, or without effect.")


def show_failures(console: Console, results: Results) -> None:
    console.print(f"[red]{len(results.failures):,} requests failed:[/]")
    screen.show_list(console, [f"{one.kind}, {one.path}: {text}" for one, text in results.failures])


def show_places(console: Console, definitions: Definitions, customers: Sequence[Customer]) -> None:
    """Names what to look at, in the short form of curl of docs/start.md."""
    wallet = definitions.shop.points
    customer = max(customers, key=lambda one: len(one.recent(definitions.shop)) + len(one.orders) / 100).customer_id
    places = (
        (f"api /wallets/{wallet}/cards/{customer}", "a card with its lots and next dates"),
        (f"api /wallets/{wallet}/cards/{customer}/transactions", "its transactions"),
        (f"api /customers/{customer}", "the customer"),
        (f"api /customers/{customer}/tiers", "the customer's tier, with what keeps it and what is missing to the next"),
        ("api /campaigns", "the campaigns, with phases"),
        (f"api '/rewards?customerId={customer}'", "the rewards catalogue, with what the customer can afford"),
        (f"api /campaigns/{definitions.presents}/codes", "the codes of coupons, with uses"),
        ("make audit", "the proof that the books are right"),
    )
    console.print("\nWhere to look (api: docs/start.md):")
    for command, meaning in places:
        # A command is never wrapped or cut: it is there to be copied.
        console.print(f"  {meaning}\n      {command}", soft_wrap=True, highlight=False, markup=False)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, interrupt)
    sys.exit(main(sys.argv[1:]))
