"""`connector review`: what waits for a person, and deciding it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli import options
from connector.cli.attempt import command
from connector.domain.rule import Field, Side

if TYPE_CHECKING:
    from connector.domain.ledger import Review
    from connector.review.decide import Decision
    from connector.settings import Settings
    from connector.state.store import Store

app = typer.Typer(
    no_args_is_help=True,
    help="What waits for a person: outcomes, conflicts, ambiguous people. "
    "A decision is written to the platforms by the next run.",
)

Ids = Annotated[
    list[str] | None, typer.Argument(metavar="ID…", help="Ids as `connector review list` shows them.")
]
Reason = Annotated[
    str | None, typer.Option("--reason", metavar="WORD", help="Only questions for this reason.")
]
OnField = Annotated[Field | None, typer.Option("--field", help="Only questions about this field.")]
By = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who decides; default: your login name.")
]
Yes = Annotated[bool, typer.Option("--yes", help="With filters instead of ids: decide, do not only show.")]
Change = Annotated[
    bool, typer.Option("--change", help="Decide anew what was decided before and is not written yet.")
]


@dataclass(frozen=True)
class Wanted:
    """Which questions: by id, or all waiting ones that fit the filters."""

    ids: tuple[str, ...]
    rules: tuple[str, ...] = ()
    field: Field | None = None
    reason: str | None = None

    @property
    def by_filter(self) -> bool:
        return not self.ids


@command(app, "list", epilog="Example: connector review list --field outcome --rule whs-induction")
def list_reviews(
    config: options.Config = None,
    as_json: options.AsJson = False,
    rule: options.RuleIds = None,
    learner: options.Learner = None,
    field: OnField = None,
    reason: Reason = None,
    every: Annotated[
        bool, typer.Option("--all", help="Decided questions too, not only waiting ones.")
    ] = False,
) -> None:
    """What waits for a person, oldest first: both values, the evidence, and what approving would write."""
    from connector.cli.json_report import SCHEMA
    from connector.cli.review_text import review_json, show_reviews
    from connector.cli.screen import print_json
    from connector.cli.setup import full_settings, local_settings
    from connector.wiring import contact_of, jurisdictions_of, opened_store

    settings = local_settings(config)
    contact = contact_of(learner, lambda: full_settings(config)) if learner is not None else None
    with opened_store(settings) as store:
        found = list(store.decisions().values()) if every else store.waiting()
        chosen = [
            review
            for review in found
            if _fits(review, Wanted((), tuple(rule or ()), field, reason))
            and contact in (None, review.contact_id)
        ]
        now = store.now()
    if as_json:
        print_json({"schema": SCHEMA, "reviews": [review_json(review) for review in chosen]})
    else:
        show_reviews(chosen, jurisdictions_of(settings), now=now)


@command(
    app,
    "approve",
    epilog="Examples: connector review approve 3f2a91c0d4e5 · connector review approve 3f2a91c0d4e5 --date 2026-03-14 · "
    "connector review approve --rule whs-induction --reason approval_required --yes",
)
def approve(
    ids: Ids = None,
    take: Annotated[
        Side | None, typer.Option("--take", help="Whose value stands, where the question proposes none.")
    ] = None,
    date: Annotated[
        str | None,
        typer.Option("--date", metavar="YYYY-MM-DD", help="The day of completion, for a final outcome."),
    ] = None,
    by: By = None,
    rule: options.RuleIds = None,
    field: OnField = None,
    reason: Reason = None,
    yes: Yes = False,
    change: Change = False,
    config: options.Config = None,
    as_json: options.AsJson = False,
) -> None:
    """Approve questions; the next run writes what they propose, after looking once more that nothing has moved.

    Name ids, or filters ([bold]--rule --field --reason[/bold]): filters show what they find, and decide with [bold]--yes[/bold].
    """
    from connector.cli.setup import local_settings
    from connector.review.decide import approval
    from connector.wiring import opened_store

    settings = local_settings(config)
    wanted = Wanted(tuple(ids or ()), tuple(rule or ()), field, reason)
    with opened_store(settings) as store:
        today = store.now().astimezone(settings.zone).date() if date else store.now().date()
        chosen = _chosen(store, wanted)
        decisions = [
            approval(review, take=take, date=date, today=today, may_change=change) for review in chosen
        ]
        _carry_out(store, settings, decisions, wanted, by=by, yes=yes, as_json=as_json)


@command(
    app, "reject", epilog='Example: connector review reject 3f2a91c0d4e5 --reason "failed the practical part"'
)
def reject(
    ids: Annotated[
        list[str], typer.Argument(metavar="ID…", help="Ids as `connector review list` shows them.")
    ],
    why: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it stands in the journal.")],
    by: By = None,
    change: Change = False,
    config: options.Config = None,
    as_json: options.AsJson = False,
) -> None:
    """Reject questions: nothing is written, and they are not asked again until their evidence changes."""
    from connector.cli.setup import local_settings
    from connector.review.decide import rejection
    from connector.wiring import opened_store

    settings = local_settings(config)
    wanted = Wanted(tuple(ids))
    with opened_store(settings) as store:
        decisions = [rejection(review, why=why, may_change=change) for review in _chosen(store, wanted)]
        _carry_out(store, settings, decisions, wanted, by=by, yes=True, as_json=as_json)


def _chosen(store: Store, wanted: Wanted) -> list[Review]:
    """Raises UsageError for an unknown id, or when neither ids nor filters say which."""
    from connector.errors import UsageError

    if not wanted.by_filter:
        return [store.get(review_id) for review_id in dict.fromkeys(wanted.ids)]
    if not (wanted.rules or wanted.field or wanted.reason):
        raise UsageError("name the ids to decide (`connector review list` shows them), or a filter")
    return [review for review in store.waiting() if _fits(review, wanted)]


def _fits(review: Review, wanted: Wanted) -> bool:
    return (
        (not wanted.rules or review.rule in wanted.rules)
        and (wanted.field is None or review.field == wanted.field)
        and (wanted.reason is None or review.reason == wanted.reason)
    )


def _carry_out(
    store: Store,
    settings: Settings,
    decisions: list[Decision],
    wanted: Wanted,
    *,
    by: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Decide, or only show where filters chose and nobody said `--yes`."""
    from connector.cli.json_report import SCHEMA
    from connector.cli.review_text import review_json, show_reviews
    from connector.cli.screen import print_json, say
    from connector.cli.who import login_name
    from connector.review.decide import decide
    from connector.wiring import jurisdictions_of

    is_preview = wanted.by_filter and not yes
    if is_preview:
        reviews = [decision.review for decision in decisions]
    else:
        reviews = [decide(store, decision, by=by or login_name()) for decision in decisions]
    if as_json:
        shown = [review_json(review) for review in reviews]
        print_json({"schema": SCHEMA, "preview": is_preview, "reviews": shown})
        return
    if is_preview:
        show_reviews(reviews, jurisdictions_of(settings), now=store.now())
        say("Nothing was decided; add --yes to decide these.")
        return
    for review in reviews:
        say((review.id, "bold"), f"  {review.state.value} by {review.by}")
    say("The next run carries it out; `connector reconcile` does so now.")
