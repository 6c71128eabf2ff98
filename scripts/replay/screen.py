"""The output of a run: the file, a progress bar, and the result."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from scripts.replay import money
from scripts.replay.orders import OrderFile
from scripts.replay.refunds import Settled
from scripts.replay.run import Compared, Posted
from scripts.replay.sales import Refunds

SHOWN_MAX = 50


class Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "-/s")


def progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<18}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
    )


def plain_table(*columns: str) -> Table:
    table = Table(box=None, show_header=bool(columns), pad_edge=False)
    for number, column in enumerate(columns or ("", "", "")):
        table.add_column(column, justify="right" if number == 1 else "left")
    return table


def show_file(console: Console, name: Path, file: OrderFile, refunds: Refunds, listing: Path, rule: str) -> None:
    table = plain_table()
    one = money.shown(money.unit(file.currency), file.currency)
    rows: list[tuple[str, int, str]] = [
        *((count.label, count.number, count.meaning) for count in file.counts),
        ("to post", len(file.orders), f"{file.points:,} points: {rule}"),
        ("too small", len(file.too_small), f"below {one}: earn nothing, not posted"),
        ("without items", file.orders_without_items, "too many items: posted with the amount alone"),
        ("refunds", len(refunds.outcomes), f"all listed in {listing}"),
        ("to refund", len(refunds.posted), f"{refunds.points:,} points, {money.shown(refunds.amount, file.currency)}"),
        *(("not refunded", count, reason) for reason, count in refunds.reasons.most_common()),
    ]
    for label, count, meaning in rows:
        table.add_row(label, f"{count:,}", escape(meaning))
    console.print(f"[bold]{escape(str(name))}[/]")
    console.print(table)


def show_posted(console: Console, posted: Posted, orders: int, seconds: float) -> None:
    table = plain_table()
    table.add_row("orders", f"{orders:,}", f"{posted.answered / seconds:,.0f} a second" if seconds else "")
    table.add_row("created", f"{posted.made:,}", f"{posted.points_created:,} points")
    table.add_row("replayed", f"{posted.replayed:,}", f"{posted.points_replayed:,} points, from an earlier run")
    table.add_row("failed", f"{len(posted.failures):,}")
    console.print(table)
    show_list(console, [f"{order.order_id} of {order.customer_id}: {text}" for order, text in posted.failures])


def show_settled(console: Console, settled: Settled, refunds: Refunds, currency: str, seconds: float) -> None:
    table = plain_table()
    rate = f"{settled.answered / seconds:,.0f} a second" if seconds else ""
    table.add_row("refunds", f"{len(refunds.posted):,}", rate)
    table.add_row("made", f"{settled.made:,}")
    table.add_row("replayed", f"{settled.replayed:,}", "from an earlier run, or after a lost answer")
    table.add_row("failed", f"{len(settled.failures):,}")
    table.add_row("not refunded", f"{refunds.reasons.total():,}", "listed with their reasons")
    console.print(table)
    console.print(
        f"refunded: {settled.points:,} points of {refunds.points:,} revoked; "
        f"{money.shown(settled.amount, currency)} of {money.shown(refunds.amount, currency)} to pay back"
    )
    show_list(
        console,
        [f"{refund.wanted.label}, of order {refund.order.order_id}: {text}" for refund, text in settled.failures],
    )


def show_compared(console: Console, compared: Sequence[Compared]) -> None:
    different = sorted((one for one in compared if not one.is_equal), key=lambda one: one.customer_id)
    total = sum(one.active or 0 for one in compared)
    console.print(
        f"balances: {len(compared) - len(different):,} of {len(compared):,} customers agree with the file; "
        f"{total:,} points of {sum(one.expected for one in compared):,}"
    )
    show_list(console, [difference(one) for one in different])


def difference(one: Compared) -> str:
    active = "no card or no answer" if one.active is None else f"{one.active:,}"
    text = f"{one.customer_id}: {one.expected:,} points in the file, {active} in the wallet"
    return f"{text}; {one.trouble}" if one.trouble else text


def show_list(console: Console, lines: Sequence[str]) -> None:
    for line in lines[:SHOWN_MAX]:
        console.print(f"  [red]✗[/] {escape(line)}", soft_wrap=True)
    if len(lines) > SHOWN_MAX:
        console.print(f"  … and {len(lines) - SHOWN_MAX:,} more")
