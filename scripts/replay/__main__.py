"""python -m scripts.replay FILE: see docs/guides/replay.md."""

import argparse
import shlex
import signal
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from threading import Event
from types import FrameType

from rich.console import Console
from rich.markup import escape

from scripts.replay import events, files, orders, refunds, run, screen, settings
from scripts.replay.api import Api, Failed
from scripts.replay.by_credits import ByCredits
from scripts.replay.by_events import ByEvents
from scripts.replay.modes import Mode
from scripts.replay.orders import Order, OrderFile
from scripts.replay.refunds import Refunded, Settled
from scripts.replay.run import Compared, Credited, Posted, Wallet
from scripts.replay.sales import Refund, Refunds
from scripts.replay.settings import Settings

AS_EXPECTED, DIFFERENT, NOT_STARTED, INTERRUPTED = 0, 1, 2, 130
CONCURRENCY_MAX = 64
STRAY_SECONDS = 3


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.replay", description=run.__doc__)
    parser.add_argument("file", type=Path, help="CSV of order lines or JSON Lines of orders, plain or gzip")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--by-events", action="store_true", help="post events of orders, to which campaigns give points")
    way.add_argument("--wallet", metavar="ID", help="an existing wallet (default: one made for replays)")
    parser.add_argument(
        "--wallet-number", type=whole, default=1, metavar="N", help="number of the wallet made for replays (1)"
    )
    parser.add_argument("--concurrency", type=whole, default=8, metavar="N", help="requests at a time (8)")
    parser.add_argument("--attempts", type=whole, default=8, metavar="N", help="attempts for each request (8)")
    parser.add_argument("--deep", action="store_true", help="compare the histories too, order by order")
    parser.add_argument("--events", action=argparse.BooleanOptionalAction, default=True, help="wait for the events")
    parser.add_argument(
        "--events-wait", type=whole, default=60, metavar="SECONDS", help="stop after so long without a new event (60)"
    )
    parser.add_argument("--stack-env", type=Path, default=Path(".local/stack.env"), metavar="FILE")
    parser.add_argument("--state", type=Path, default=Path(".local/replay"), metavar="FOLDER")
    return parser.parse_args(words)


def whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def main(words: Sequence[str]) -> int:
    wanted = arguments(words)
    console = Console(highlight=False)
    try:
        file, file_refunds = files.load(wanted.file)
        stack = settings.load(wanted.stack_env)
    except (orders.OrdersUnreadable, settings.NotConfigured) as error:
        console.print(f"[red]{escape(str(error))}[/]", soft_wrap=True)
        return NOT_STARTED
    listing = wanted.state / "refunds.csv"
    mode: Mode = (
        ByEvents(file.currency, wanted.wallet_number)
        if wanted.by_events
        else ByCredits(wanted.wallet_number, wanted.wallet)
    )
    file, file_refunds = mode.expect(file, file_refunds)
    file_refunds.write(listing)
    screen.show_file(console, wanted.file, file, file_refunds, listing, mode.rule)
    posted, settled = Posted(), Settled()
    try:
        return Replay(wanted, mode, stack, file, file_refunds, posted, settled, console).run()
    except Failed as failed:
        console.print(f"[red]The wallet cannot be used: {escape(str(failed))}[/]", soft_wrap=True)
    except events.EventsUnavailable as unavailable:
        console.print(f"[red]No order was posted: {escape(str(unavailable))}[/]", soft_wrap=True)
        console.print("To run without events: --no-events")
    except run.Hopeless:
        console.print("[red]Every order so far failed, so the rest was not posted.[/]")
        screen.show_posted(console, posted, len(file.orders), 0)
        return DIFFERENT
    except KeyboardInterrupt:
        again = shlex.join(["python", "-m", "scripts.replay", *words])
        console.print(
            f"\nInterrupted after {posted.answered:,} of {len(file.orders):,} orders "
            f"and {settled.answered:,} of {len(file_refunds.posted):,} refunds. "
            f"The same command continues; no order is lost or counted twice:\n  {escape(again)}",
            soft_wrap=True,
        )
        return INTERRUPTED
    return NOT_STARTED


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Stops once. The clean-up that follows is protected from a second Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


class Replay:
    """One run over one file."""

    def __init__(
        self,
        wanted: argparse.Namespace,
        mode: Mode,
        stack: Settings,
        file: OrderFile,
        refunds: Refunds,
        posted: Posted,
        settled: Settled,
        console: Console,
    ) -> None:
        self.wanted = wanted
        self.mode = mode
        self.stack = stack
        self.file = file
        self.refunds = refunds
        self.posted = posted
        self.settled = settled
        self.console = console
        self.stop = Event()
        self.workers = min(wanted.concurrency, CONCURRENCY_MAX)
        self.client = Api(
            stack,
            connections=self.workers,
            attempts_max=wanted.attempts,
            stop=self.stop,
        )

    def run(self) -> int:
        try:
            wallet = self.mode.open(self.client, self.console.print)
            self.console.print(f"wallet {wallet.wallet_id}, {'existing' if wallet.is_replay else 'new'}")
            all_seen = self.post_and_watch(wallet)
            self.refund(wallet)
            compared = self.compare(wallet)
        finally:
            self.client.close()
        screen.show_compared(self.console, compared)
        is_settled = not self.settled.failures and self.settled.amount == self.refunds.amount
        if self.posted.failures or not is_settled or not all_seen or not all(one.is_equal for one in compared):
            return DIFFERENT
        self.console.print("[green]All as expected.[/]")
        return AS_EXPECTED

    def post_and_watch(self, wallet: Wallet) -> bool:
        """Posts the orders; returns whether every new credit was seen as an event, if events are watched."""
        if not self.wanted.events or not self.stack.bus:
            self.post(wallet)
            self.console.print("events: not watched")
            return True
        self.console.print(f"subscribing to the bus {self.stack.bus} …")
        seen = events.Seen()
        try:
            with events.watch(self.stack.bus, wallet.wallet_id, seen, self.stop):
                self.post(wallet)
                self.await_events(seen)
        finally:
            if seen.trouble:
                self.console.print(f"[yellow]{escape(seen.trouble)}[/]")
        return self.show_events(seen)

    def post(self, wallet: Wallet) -> None:
        began = time.monotonic()
        with screen.progress(self.console) as bar:
            task = bar.add_task("posting", total=len(self.file.orders))

            def settle(sequence: Sequence[Order], outcomes: Sequence[Credited | Failed]) -> None:
                bar.advance(task, len(outcomes))
                for order, outcome in zip(sequence, outcomes, strict=True):
                    self.posted.add(order, outcome)

            post = partial(self.mode.post, self.client, wallet)
            run.in_parallel(
                partial(run.post_in_sequence, post),
                self.mode.sequences(self.file),
                settle,
                workers=self.workers,
                stop=self.stop,
            )
        screen.show_posted(self.console, self.posted, len(self.file.orders), time.monotonic() - began)

    def refund(self, wallet: Wallet) -> None:
        began = time.monotonic()
        with screen.progress(self.console) as bar:
            task = bar.add_task("refunding", total=len(self.refunds.posted))

            def settle(its_refunds: tuple[Refund, ...], outcomes: list[Refunded | Failed]) -> None:
                bar.advance(task, len(outcomes))
                for refund, outcome in zip(its_refunds, outcomes, strict=True):
                    self.settled.add(refund, outcome)

            post = partial(self.mode.refund, self.client, wallet)
            run.in_parallel(
                lambda its_refunds: refunds.refund_all(post, its_refunds, self.posted.incomplete),
                list(self.refunds.by_customer().values()),
                settle,
                workers=self.workers,
                stop=self.stop,
            )
        screen.show_settled(self.console, self.settled, self.refunds, self.file.currency, time.monotonic() - began)

    def await_events(self, seen: events.Seen) -> None:
        created = self.posted.created
        if not created:
            self.stop.wait(STRAY_SECONDS)
            return
        seen.last_new = time.monotonic()
        with screen.progress(self.console) as bar:
            task = bar.add_task("events", total=len(created))
            while missing := seen.missing(created):
                bar.update(task, completed=len(created) - len(missing))
                if time.monotonic() - seen.last_new > self.wanted.events_wait:
                    return
                self.stop.wait(0.2)
            bar.update(task, completed=len(created))

    def show_events(self, seen: events.Seen) -> bool:
        created = self.posted.created
        missing = seen.missing(created)
        wrong = seen.wrong(created)
        notes = [f"events: {len(created) - len(missing):,} of {len(created):,}"]
        if not created:
            notes.append(f"no new credit, and {len(seen.points):,} arrived within {STRAY_SECONDS} s")
        elif others := seen.others(created):
            notes.append(f"{others:,} for credits that this run did not make")
        if seen.repeated:
            notes.append(f"{seen.repeated:,} delivered again")
        self.console.print("; ".join(notes))
        screen.show_list(self.console, [f"{event_id}: no event" for event_id in missing])
        screen.show_list(self.console, [f"{event_id}: the event has other points" for event_id in wrong])
        return not missing and not wrong

    def compare(self, wallet: Wallet) -> list[Compared]:
        compared: list[Compared] = []
        customers = self.file.orders_by_customer()
        revoked = self.refunds.points_by_customer()
        with screen.progress(self.console) as bar:
            task = bar.add_task("comparing balances", total=len(customers))

            def settle(_customer: tuple[str, tuple[Order, ...]], outcome: Compared) -> None:
                bar.advance(task)
                compared.append(outcome)

            run.in_parallel(
                lambda customer: run.compare(
                    self.client, wallet, *customer, revoked=revoked[customer[0]], deep=self.wanted.deep
                ),
                list(customers.items()),
                settle,
                workers=self.workers,
                stop=self.stop,
            )
        return compared


if __name__ == "__main__":
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    sys.exit(main(sys.argv[1:]))
