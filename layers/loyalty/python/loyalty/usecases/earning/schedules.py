"""Scheduled campaigns: a tick starts the runs that are due, and each run gives points to its members page by page.

Ticks and pages may run twice and in parallel: a date has one run, a member gets the points of a date once, and a shard
counts once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from loyalty.domain.dates import instant, local_day
from loyalty.domain.earning.campaign import Campaign
from loyalty.domain.earning.run import SCHEDULED, Run, RunStatus
from loyalty.domain.earning.schedule import birthdays_on
from loyalty.domain.earning.trigger import TriggerType
from loyalty.domain.zones import zone_of
from loyalty.messaging.award_queue import AwardQueue, MemberPage
from loyalty.retry import retry
from loyalty.store.keys import BIRTHDAY_SHARDS, SHARDS
from loyalty.store.store import Store
from loyalty.telemetry import log_failure
from loyalty.usecases.earning import campaigns
from loyalty.usecases.earning.awards import award
from loyalty.usecases.earning.engine import Sender
from loyalty.usecases.earning.registry import current_registry, forget_registry
from loyalty.usecases.member_pages import FAILURES_MAX, OVERDUE_SECONDS, for_each_member
from loyalty.usecases.project import current_project

CATCH_UP_SECONDS = 7 * 86_400
"""How long after its instant a run may start: a shorter outage loses no date."""
LATE_SECONDS = 48 * 3_600
"""How long after its end a campaign stays ACTIVE, for events that arrive late."""
PAGE = 100
"""The members of a page."""
RESOURCE = "the run"


@dataclass(frozen=True, slots=True)
class Tick:
    """What a tick did. Overdue runs started more than six hours ago and are not completed."""

    started: int = 0
    ended: int = 0
    overdue: int = 0


class TickFailed(Exception):
    """Some campaigns could not be advanced. The log has the causes, and the next tick repeats the work."""


def advance(store: Store, queue: AwardQueue, at: datetime) -> Tick:
    """Starts the runs that are due, and ends the campaigns that have been over for 48 hours.

    Raises `TickFailed` if the work failed for some campaigns. The work for the others is done.
    """
    zone = zone_of(current_project(store).time_zone)
    ticks, failures = [], 0
    for campaign, is_exhausted in store.campaigns.active():
        try:
            ticks.append(_advance(store, queue, campaign, at, zone, starts=not is_exhausted))
        except Exception as error:  # noqa: BLE001  # whatever is wrong with one campaign must not stop the others
            log_failure("campaign not advanced", error, campaign_id=campaign.campaign_id)
            failures += 1
    if failures:
        raise TickFailed(f"{failures} campaigns were not advanced")
    return Tick(
        started=sum(one.started for one in ticks),
        ended=sum(one.ended for one in ticks),
        overdue=sum(one.overdue for one in ticks),
    )


def award_page(store: Store, queue: AwardQueue, page: MemberPage, at: datetime, *, is_last_try: bool) -> None:
    """Gives the members of the page the run's points, and sends the rest of the shard to the queue.

    Raises the error of a member's award after the awards of the others. At the last try, such members become messages
    of their own, so that the rest of the shard continues.
    """
    run = store.runs.get(page.campaign_id, page.day)
    if run is None:
        return
    # The campaign may have become ACTIVE a moment ago.
    forget_registry(store)
    if page.only is not None:
        _award(store, run, [page.only], at, failures_max=0)
        return
    if page.shard not in run.finished:
        members = _members(store, run, page)
        points, failures = _award(store, run, members, at, failures_max=FAILURES_MAX if is_last_try else 0)
        page = replace(page, awards=page.awards + len(points), points=page.points + sum(points))
        queue.send([replace(page, only=customer_id) for customer_id in failures])
        if len(members) == PAGE:
            queue.send([replace(page, after=members[-1])])
            return
        retry(partial(store.runs.finish_shard, run, page.shard, page.awards, page.points), RESOURCE)
    latest = store.runs.get(page.campaign_id, page.day)
    if latest and latest.is_finished:
        retry(partial(store.runs.complete, latest, instant(at)), RESOURCE)


def _advance(
    store: Store, queue: AwardQueue, campaign: Campaign, at: datetime, zone: ZoneInfo, *, starts: bool
) -> Tick:
    now, campaign_id = instant(at), campaign.campaign_id
    oldest = local_day(now - CATCH_UP_SECONDS, zone)
    known = store.runs.since(campaign_id, oldest) if campaign.settings.schedule else []
    days = {run.day for run in known}
    new = [_new_run(campaign, day, now, zone) for day in _due_dates(campaign, now, zone) if starts and day not in days]
    for run in new:
        retry(partial(store.runs.start, run), RESOURCE)
    unfinished = [run for run in (*known, *new) if run.status is not RunStatus.COMPLETED]
    for run in unfinished:
        # A tick that died before it recorded the sending is repeated by the next one.
        if run.status is RunStatus.STARTING:
            queue.send([MemberPage(campaign_id=campaign_id, day=run.day, shard=shard) for shard in range(run.shards)])
            retry(partial(store.runs.set_running, run), RESOURCE)
    ends = not unfinished and campaign.is_over(now - LATE_SECONDS)
    return Tick(
        started=len(new),
        ended=int(ends and campaigns.end_when_over(store, campaign_id, now - LATE_SECONDS, at, SCHEDULED)),
        overdue=sum(now - run.started_at > OVERDUE_SECONDS for run in unfinished),
    )


def _due_dates(campaign: Campaign, now: int, zone: ZoneInfo) -> list[date]:
    """Returns the dates whose runs may have started by now, oldest first.

    Dates before the campaign was ACTIVE with its present trigger are not due: a pause loses its dates.
    """
    trigger, ends_at = campaign.settings.trigger, campaign.settings.ends_at
    if trigger is None or trigger.type is not TriggerType.SCHEDULE or trigger.schedule is None:
        return []
    first = max(now - CATCH_UP_SECONDS, campaign.active_since, campaign.starts_at)
    last = now if ends_at is None else min(now, ends_at - 1)
    return trigger.schedule.dates_between(first - 1, last, zone)


def _new_run(campaign: Campaign, day: date, now: int, zone: ZoneInfo) -> Run:
    schedule = campaign.settings.schedule
    assert schedule is not None, "the date is one of the schedule"
    assert schedule.wallet_id is not None, "an ACTIVE campaign has a complete schedule"
    birthday = schedule.birthday_of(day)
    return Run(
        campaign_id=campaign.campaign_id,
        day=day,
        scheduled_at=schedule.instant_of(day, zone),
        wallet_id=schedule.wallet_id,
        birthday=birthday,
        shards=len(birthdays_on(birthday)) * BIRTHDAY_SHARDS if birthday else SHARDS,
        started_at=now,
    )


def _members(store: Store, run: Run, page: MemberPage) -> list[str]:
    """Returns the customers of the page: members of the wallet, or customers with the birthday."""
    if run.birthday is None:
        return store.cards.members(run.wallet_id, page.shard, page.after, PAGE)
    return store.runs.with_birthday(run, page.shard, page.after, PAGE)


def _award(
    store: Store, run: Run, customer_ids: Sequence[str], at: datetime, *, failures_max: int
) -> tuple[list[int], list[str]]:
    """Gives the run's points to those of the customers who have a right to them.

    Returns the points of each customer who has got some, now or by an earlier delivery of the page, and the customers
    whose awards failed. Raises the error if more awards fail than `failures_max`.
    """
    receipts = store.receipts.of_customers(customer_ids, SCHEDULED, run.key)
    points = [sum(award.points for award in receipt.awards) for receipt in receipts.values()]
    if run.campaign_id not in current_registry(store, instant(at)).scheduled:
        return points, []

    def give(customer_id: str) -> None:
        event = run.event_of(customer_id)
        outcome = award(store, event, Sender(SCHEDULED, run.key, event.own_fingerprint), at)
        if outcome.awards:
            points.append(sum(one.row.points for one in outcome.awards))

    members = store.runs.members_among(run, [one for one in customer_ids if one not in receipts])
    failures = for_each_member(
        members, give, "member not awarded", failures_max=failures_max, campaign_id=run.campaign_id
    )
    return points, failures
