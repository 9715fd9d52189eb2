"""For every reason of the closed lists a small story that ends in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from connector.sandbox.people import World
from tests.story.provider import (
    ALL_RULES,
    APRIL_10,
    DAY,
    ETHICS,
    FEB_2,
    LEARNERS,
    MAY_1,
    MAY_15,
    MIA,
    MODULE_RULE,
    NIGHT,
    NOAH,
    SAFETY_COURSE,
    TODAY,
    UNIT_RULE,
    WELCOME_COURSE,
    WHS,
    WHS_COURSE,
    module_of,
    provider,
    rules,
    user_of,
)
from tests.story.world import Account, settle

USER = user_of(MIA)
PASSED_AT = datetime(2026, 2, 20, 1, tzinfo=UTC)
BOTH_CLASSES = UNIT_RULE.replace(f"classes: [{DAY}]", f"classes: [{DAY}, {NIGHT}]")


@dataclass(frozen=True)
class Scenario:
    """What led to a reason. `story` plays it; `kind` is the list that the reason stands in; `field` and `rule` say where it shows."""

    kind: str
    reason: str
    field: str
    story: Callable[[Account], None]
    rule: str = "whs"
    rules: str = ALL_RULES
    contact: int = MIA
    world: Callable[[], World] = field(default=lambda: provider(MIA, NOAH))
    axcelerate: dict[str, Any] = field(default_factory=dict)
    ispring: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


# -- changes ------------------------------------------------------------------------------------------------------------


def moved_in_axcelerate(account: Account) -> None:
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_15)


def moved_in_ispring(account: Account) -> None:
    settle(account)
    _edit(account, due=MAY_15)


def met_with_another_date(account: Account) -> None:
    account.ispring.person.enrol(USER, WHS_COURSE, access=FEB_2, due=MAY_1, lock=True)


def nothing_yet(account: Account) -> None:
    """Enrolled in aXcelerate only."""


def removed(account: Account) -> None:
    settle(account)
    account.ispring.person.unenrol(_place(account))


def left(account: Account) -> None:
    settle(account)
    account.axcelerate.person.set_class_enrolment(MIA, DAY, status="Cancelled")


def left_after_starting(account: Account) -> None:
    settle(account)
    account.ispring.person.start(_place(account))
    account.axcelerate.person.set_class_enrolment(MIA, DAY, status="Cancelled")


def suspended(account: Account) -> None:
    settle(account)
    account.axcelerate.person.set_class_enrolment(MIA, DAY, status="Suspended")


def suspended_and_back(account: Account) -> None:
    suspended(account)
    settle(account)
    account.axcelerate.person.set_class_enrolment(MIA, DAY, status="In Progress")


def lock_edited_in_the_mapping(account: Account) -> None:
    settle(account)
    account.rules_text = ALL_RULES.replace("lock_after: true", "lock_after: false")
    account.use(account.rules_text)


def passed(account: Account) -> None:
    settle(account)
    account.ispring.person.complete(_place(account), at=PASSED_AT)


def granted_and_taken_back(account: Account) -> None:
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, outcome="51")
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, outcome="70")


def approved(account: Account) -> None:
    passed(account)
    account.approve(_asked(account, "approval_required"))


# -- reviews ------------------------------------------------------------------------------------------------------------


def moved_on_both_sides(account: Account) -> None:
    moved_in_axcelerate(account)
    _edit(account, due=MAY_1)


def with_a_namesake(account: Account) -> None:
    account.ispring.person.add_user("mia2", "mia@example.org", "Mia", "Second")


def address_given_to_another(account: Account) -> None:
    passed(account)
    account.ispring.person.set_user(USER, email="old-mia@example.org", login="old-mia")
    account.ispring.person.add_user("mia2", "mia@example.org", "Mia", "Second")


def merged(account: Account) -> None:
    settle(account)
    account.axcelerate.person.merge_contacts(MIA, NOAH)


def due_in_the_past(account: Account) -> None:
    settle(account)
    _edit(account, due=TODAY - timedelta(days=3), lock=False)


def due_before_the_start(account: Account) -> None:
    account.axcelerate.person.set_unit(MIA, DAY, WHS, start=APRIL_10, end=MAY_15)
    settle(account)
    _edit(account, due=TODAY + timedelta(days=10))


def passed_without_a_date(account: Account) -> None:
    settle(account)
    account.ispring.person.set_progress(_place(account), "passed", 100.0)


def passed_before_the_start(account: Account) -> None:
    settle(account)
    account.ispring.person.complete(_place(account), at=datetime(2026, 1, 10, 1, tzinfo=UTC))


def not_started(account: Account) -> None:
    settle(account)


# -- left alone ---------------------------------------------------------------------------------------------------------


def a_place_without_a_record(account: Account) -> None:
    settle(account)
    account.ispring.person.enrol(USER, SAFETY_COURSE, access=FEB_2, due=MAY_1)


def blocked(account: Account) -> None:
    account.ispring.person.block_user(USER)


def over(account: Account) -> None:
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=date(2026, 2, 20))


def also_in_the_night_class(account: Account) -> None:
    later = datetime(2026, 2, 1, tzinfo=UTC)
    account.axcelerate.person.set_class_enrolment(MIA, NIGHT, enrolled_at=later)
    account.axcelerate.person.add_unit_enrolment(MIA, NIGHT, WHS, outcome="70", start=FEB_2, end=APRIL_10)


def two_places(account: Account) -> None:
    settle(account)
    account.ispring.person.enrol(USER, WHS_COURSE, access=date(2026, 1, 5), due=APRIL_10, lock=True)


def on_holiday(account: Account) -> None:
    settle(account)
    account.axcelerate.person.set_class_enrolment(MIA, DAY, status="On holiday")


def without_units(account: Account) -> None:
    settle(account)
    for code in (WHS, ETHICS):
        account.axcelerate.person.remove_unit(MIA, DAY, code)


def everybody_gone(account: Account) -> None:
    settle(account)
    for contact in (MIA, NOAH):
        account.axcelerate.person.delete_enrolment(contact, DAY)


def course_renamed(account: Account) -> None:
    settle(account)
    account.ispring.person.rename_course(WHS_COURSE, "WHS online, second edition")


def start_moved_in_ispring(account: Account) -> None:
    settle(account)
    _edit(account, access=date(2026, 2, 10))


def due_cleared(account: Account) -> None:
    settle(account)
    _edit(account, due=None)


def settled(account: Account) -> None:
    settle(account)


def unlocked(account: Account) -> None:
    settle(account)
    _edit(account, lock=False)


def judged_and_taken_back(account: Account) -> None:
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, outcome="20", end=date(2026, 2, 20))
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, outcome="70")


def due_moved_after_the_final_code(account: Account) -> None:
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, outcome="20", end=date(2026, 2, 20))
    settle(account)
    _edit(account, due=date(2026, 5, 1))


def enrolled_again_and_suspended(account: Account) -> None:
    also_in_the_night_class(account)
    account.axcelerate.person.set_class_enrolment(MIA, NIGHT, status="Suspended")
    passed(account)


def assessed_at_night(account: Account) -> None:
    person = account.axcelerate.person
    person.add_unit_enrolment(MIA, NIGHT, WHS, outcome="20", start=FEB_2, end=date(2026, 2, 20))
    passed(account)


def failed_on_paper(account: Account) -> None:
    passed(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, outcome="30", end=date(2026, 2, 20))


def status_still_changing(account: Account) -> None:
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, outcome="60")
    account.ispring.switches.task_end = "never"
    account.reconcile()


def rejected(account: Account) -> None:
    passed(account)
    account.reject(_asked(account, "approval_required"))


def locked_beside_an_open_unit(account: Account) -> None:
    settle(account)
    account.axcelerate.person.set_module(module_of(MIA), override=False)


# -- building -----------------------------------------------------------------------------------------------------------


def _place(account: Account) -> str:
    return str(account.enrollment(USER, WHS_COURSE)["enrollment_id"])


def _edit(account: Account, **values: Any) -> None:
    account.ispring.person.edit_enrollment(_place(account), **values)


def _asked(account: Account, reason: str) -> str:
    account.reconcile()
    (review,) = [one for one in account.store.waiting() if one.reason == reason]
    return review.id


def _without_user() -> World:
    world = provider(MIA, NOAH)
    world.users = world.users[1:]
    return world


def _without_address() -> World:
    world = _without_user()
    world.contacts[0].email = ""
    return world


def _without_module() -> World:
    world = provider(MIA, NOAH)
    world.class_enrolments[1].modules = []
    return world


def _unit_rule(**edits: str) -> str:
    """The unit rule alone, with parts of its text replaced or added."""
    text = UNIT_RULE
    for old, new in edits.items():
        text = text.replace(_PARTS[old], new)
    return rules(text)


_PARTS = {
    "match": "learner: {match: [email]}\n",
    "due": "direction: both, on_conflict: axcelerate, lock_after: true",
    "outcome": "outcome:\n",
    "status_map": "{passed: 20, complete: 20, accepted: 20, in_progress: 70}",
    "courses": f"[{{id: {WHS_COURSE}, title: WHS online}}]",
}


def _enrolment(text: str) -> str:
    return _unit_rule(match=f"learner: {{match: [email]}}\n    enrolment: {{{text}}}\n")


SCENARIOS = [
    Scenario("change", "changed_in_axcelerate", "due_date", moved_in_axcelerate),
    Scenario("change", "changed_in_ispring", "due_date", moved_in_ispring),
    Scenario("change", "first_sight", "due_date", met_with_another_date),
    Scenario("change", "open_target", "enrolment", nothing_yet),
    Scenario("change", "recreated", "enrolment", removed, rules=_enrolment("on_unenrolment: recreate")),
    Scenario("change", "withdrawn", "enrolment", left),
    Scenario("change", "has_results", "enrolment", left_after_starting, rules=_enrolment("on_withdrawal: unenrol")),
    Scenario("change", "access_closed", "access", suspended),
    Scenario("change", "access_restored", "access", suspended_and_back),
    Scenario("change", "mapping_changed", "access", lock_edited_in_the_mapping),
    Scenario("change", "completion", "outcome", passed, rules=_unit_rule(outcome="outcome:\n      approval: automatic\n")),
    Scenario("change", "code_taken_back", "outcome", granted_and_taken_back),
    Scenario("change", "approved", "outcome", approved),
    Scenario("review", "approval_required", "outcome", passed),
    Scenario("review", "conflict", "due_date", moved_on_both_sides, rules=_unit_rule(due="direction: both, on_conflict: review, lock_after: true")),
    Scenario("review", "unenrolled", "enrolment", removed),
    Scenario("review", "ambiguous_person", "enrolment", with_a_namesake),
    Scenario("review", "link_contradicted", "outcome", address_given_to_another),
    Scenario("review", "contact_merged", "enrolment", merged),
    Scenario("review", "avetmiss_interim_past_end", "due_date", due_in_the_past),
    Scenario("review", "end_before_start", "due_date", due_before_the_start),
    Scenario("review", "no_completion_date", "outcome", passed_without_a_date),
    Scenario("review", "completion_date_implausible", "outcome", passed_before_the_start),
    Scenario("review", "not_started_after_start", "outcome", not_started, rules=_unit_rule(status_map="{not_started: 85, passed: 20}")),
    Scenario("review", "withdrawn_without_engagement", "outcome", not_started, rules=_unit_rule(status_map="{not_started: 40, passed: 20}")),
    Scenario("review", "superseded_by_later_enrolment", "outcome", enrolled_again_and_suspended, rules=rules(BOTH_CLASSES)),
    Scenario("skipped", "no_ispring_user", "enrolment", nothing_yet, world=_without_user),
    Scenario("skipped", "ambiguous_person", "enrolment", with_a_namesake),
    Scenario("skipped", "no_axcelerate_record", "enrolment", a_place_without_a_record, rule="safety", world=_without_module),
    Scenario("skipped", "no_address", "enrolment", nothing_yet, world=_without_address, rules=_enrolment(f"missing_learner: create, department: {LEARNERS}")),
    Scenario("skipped", "user_inactive", "enrolment", blocked),
    Scenario("skipped", "already_over", "enrolment", over),
    Scenario("skipped", "create_off", "enrolment", nothing_yet, rules=_enrolment("create: false")),
    Scenario("skipped", "unenrolled", "enrolment", removed, rules=_enrolment("on_unenrolment: keep")),
    Scenario("skipped", "governed_by_other_record", "due_date", also_in_the_night_class, rules=rules(BOTH_CLASSES)),
    Scenario("skipped", "duplicate_enrolment", "enrolment", two_places),
    Scenario("skipped", "unknown_status", "enrolment", on_holiday),
    Scenario("skipped", "unreadable_record", "enrolment", without_units),
    Scenario("skipped", "listing_emptied", "enrolment", everybody_gone),
    Scenario("skipped", "title_moved", "enrolment", course_renamed),
    Scenario("skipped", "unknown_course", "enrolment", nothing_yet, rules=_unit_rule(courses=f"[{{id: {WELCOME_COURSE[:-4]}ffff, title: Gone}}]")),
    Scenario("skipped", "contact_merged", "enrolment", merged),
    Scenario("skipped", "one_way", "start_date", start_moved_in_ispring),
    Scenario("skipped", "cannot_clear", "due_date", due_cleared),
    Scenario("skipped", "end_date_not_shown", "due_date", settled, axcelerate={"unit_finishdate": "null_until_final"}),
    Scenario("skipped", "override_not_shown", "access", settled, rule="safety", axcelerate={"override_column": "absent"}),
    Scenario("skipped", "no_override", "access", unlocked),
    Scenario("skipped", "completion_date_left", "due_date", judged_and_taken_back),
    Scenario("skipped", "dates_rest", "due_date", due_moved_after_the_final_code),
    Scenario("skipped", "already_assessed", "outcome", assessed_at_night, rules=rules(BOTH_CLASSES)),
    Scenario("skipped", "outcome_conflict", "outcome", failed_on_paper, rules=_unit_rule(outcome="outcome:\n      on_conflict: axcelerate\n")),
    Scenario("skipped", "status_running", "outcome", status_still_changing),
    Scenario("skipped", "rejected", "outcome", rejected),
    Scenario("skipped", "kept_open", "access", locked_beside_an_open_unit, rule="safety", rules=rules(UNIT_RULE.replace(WHS_COURSE, SAFETY_COURSE).replace(", title: WHS online", ""), MODULE_RULE)),
]  # fmt: skip
