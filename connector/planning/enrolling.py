"""enrolment: who is enrolled in a rule's course, made, taken away, or found removed."""

from __future__ import annotations

from datetime import date

from connector.domain.enrolment import Enrolment, Status
from connector.domain.learner import UNKNOWN, CourseId, UserStatus
from connector.domain.memory import OF_ANOTHER_USER, EnrolmentMemory, Held
from connector.domain.plan import ENROLLED, WITHDRAWN, Act, NewUser, Rank
from connector.domain.plan import Target as Schedule
from connector.domain.rule import (
    Direction,
    Field,
    MissingLearner,
    OnConflict,
    OnUnenrolment,
    OnWithdrawal,
    Rule,
    Side,
)
from connector.planning.access import plan_access
from connector.planning.closing import (
    is_shut,
    plan_close,
    plan_restore,
    plan_while_closed,
    schedule_text,
    shut_schedule,
    source_text,
    weigh_access,
)
from connector.planning.dates import plan_dates
from connector.planning.draft import Draft, date_text
from connector.planning.locks import lock_of, wanted_lock
from connector.planning.standing import Record, Stand
from connector.planning.taking import plan_taken_access


def plan_course(draft: Draft, course: CourseId, behind: list[Record], governor: Record) -> None:
    """Decide everything but outcomes for one learner and one course, by the record that governs it."""
    for record in behind:
        if record.id != governor.id:
            draft.skip(
                record, "governed_by_other_record", f"{governor.key} of rule {governor.rule.id} governs"
            )
    if governor.stand is Stand.RESTS:
        draft.skip(governor, governor.why, REST_DETAILS.get(governor.why, governor.why), lasting=False)
        return
    live = draft.live(course)
    if not live:
        plan_missing(draft, course, behind, governor)
        return
    for extra in live[1:]:
        draft.skip(governor, "duplicate_enrolment", f"{extra.enrolment_id} beside {live[0].enrolment_id}")
    plan_present(draft, behind, governor, live)


REST_DETAILS = {
    "unknown_status": "the class enrolment has a status word that this program does not know",
    "unreadable_record": "the record could not be read",
    "listing_emptied": "the list of this class came back empty although enrolments are known in it",
    "title_moved": "the course has another title than the mapping says",
    "unknown_course": "iSpring Learn does not know the course that the mapping names",
    "contact_merged": "the contact was merged into another one",
    "not_proven_gone": "the record is missing from the list and nothing has proven that it is gone",
}


def plan_missing(draft: Draft, course: CourseId, behind: list[Record], record: Record) -> None:
    """No live enrolment in the LMS: make one, ask about one that was removed, or leave it.

    A locked module is an open target too: its enrolment is made closed, unless another open record behind it lets the learner in.
    """
    pair = draft.pair(record)
    known = pair.courses.get(course)
    shut = record.is_locked and _should_close(behind)
    lets_in = any(other.stand is Stand.OPEN for other in behind)
    if record.stand is not Stand.OPEN and not shut and not (record.is_locked and lets_in):
        if record.stand is Stand.WITHDRAWN:
            pair.courses.pop(course, None)
        return
    user = draft.person.user
    if user is None or user.status is not UserStatus.ACTIVE:
        detail = (
            "the linked user is not in iSpring Learn's list" if user is None else f"the user is {user.status}"
        )
        draft.skip(record, "user_inactive", detail, lasting=False)
        return
    if is_over(draft, record):
        draft.skip(record, "already_over", f"ended on {date_text(record.end)}", lasting=False)
        return
    if known is not None and known.enrolment_id != OF_ANOTHER_USER:
        _plan_removed(draft, course, record, known, shut=shut)
    elif record.rule.enrolment.create:
        plan_create(draft, course, record, "open_target", shut=shut)
    else:
        draft.skip(record, "create_off", "the rule creates no enrolments", field=Field.ENROLMENT)


def is_over(draft: Draft, record: Record) -> bool:
    return isinstance(record.end, date) and record.end < draft.around.today


def _plan_removed(draft: Draft, course: CourseId, record: Record, known: Held, *, shut: bool) -> None:
    """Somebody removed the LMS enrolment of a learner who is still enrolled in aXcelerate."""
    policy = record.rule.enrolment.on_unenrolment
    pair = draft.pair(record)
    if policy is OnUnenrolment.KEEP:
        draft.skip(record, "unenrolled", "the enrolment was removed in iSpring Learn", field=Field.ENROLMENT)
    elif policy is OnUnenrolment.RECREATE and course not in pair.recreated:
        plan_create(draft, course, record, "recreated", shut=shut)
    else:
        approved = draft.ask(
            record,
            Field.ENROLMENT,
            "unenrolled",
            ispring=None,
            axcelerate=ENROLLED,
            agreed=ENROLLED,
            proposed=ENROLLED,
            evidence={"course": course, "enrolment": known.enrolment_id},
        )
        if approved:
            plan_create(draft, course, record, "approved", review=approved.id, shut=shut)


def plan_create(
    draft: Draft,
    course: CourseId,
    record: Record,
    reason: str,
    *,
    review: str | None = None,
    new_user: NewUser | None = None,
    shut: bool = False,
) -> None:
    """Plan one new enrolment: aXcelerate's dates and access; with `off` the course's due date, and now as start.

    `shut`: access is closed in aXcelerate. The enrolment is made closed, and `expect` remembers the schedule that it will be given back.
    """
    rule = record.rule
    due_off = rule.due_date.direction is Direction.OFF or record.end is UNKNOWN
    start_off = rule.start_date.direction is Direction.OFF
    due = None if due_off or not isinstance(record.end, date) else record.end
    start = None if start_off or record.start is None else record.start.isoformat()
    target = Schedule(access=start, due=due, locks=wanted_lock(record), due_default=due_off)
    draft.change(
        record,
        Field.ENROLMENT,
        Side.ISPRING,
        record_kind="enrolment",
        record_id=None,
        before=None,
        after=ENROLLED,
        agreed=None,
        reason=reason,
        act=Act.ENROL,
        rank=Rank.CREATE,
        course_id=course,
        source=source_text(record, due=rule.due_date.direction is not Direction.OFF, start=not start_off),
        expect=_real_schedule(draft, target) if shut else None,
        target=shut_schedule(draft, record.start if start else None) if shut else target,
        new_user=new_user,
        lock_given=rule.lock_after,
        review=review,
        counts_created=1,
    )


def _real_schedule(draft: Draft, target: Schedule) -> str:
    """The schedule of an enrolment that is made closed, as it will be when the reason to close goes."""
    return f"{target.due}|{target.access or draft.around.today.isoformat()}|{int(target.locks)}"


def plan_unmatched(draft: Draft, records: list[Record], courses: dict[CourseId, Record]) -> None:
    """The contact has no LMS user: report it, or make one where a rule about them says so; then every rule has somebody to enrol."""
    wanting = {
        course: record
        for course, record in courses.items()
        if record.stand is Stand.OPEN and not is_over(draft, record)
    }
    departments = [d for record in wanting.values() if (d := _makes_users_in(record.rule))]
    said: set[str] = set()
    for course, record in wanting.items():
        why, detail = _why_unmatched(draft, wants_user=bool(departments))
        if not why and not record.rule.enrolment.create:
            why, detail = "create_off", "the rule creates no enrolments"
        if not why:
            plan_create(draft, course, record, "open_target", new_user=_new_user(draft, departments[0]))
        elif record.name not in said:
            said.add(record.name)
            if why == "ambiguous_person":
                _ask_who(draft, record)
            draft.skip(record, why, detail, lasting=False)


def _makes_users_in(rule: Rule) -> str | None:
    """The department in which the rule makes users; None where it makes none."""
    makes = rule.enrolment.missing_learner is MissingLearner.CREATE and rule.enrolment.create
    return rule.enrolment.department if makes else None


def _why_unmatched(draft: Draft, *, wants_user: bool) -> tuple[str, str]:
    """Why this contact has no user and gets none, with the detail; "" where one is made."""
    person = draft.person
    if person.identity:
        found = f"{len(person.candidates)} users could be this person"
        return person.identity, f"{found}; pin one with `connector links pin`"
    if not wants_user:
        return "no_ispring_user", "no user in iSpring Learn matches this contact"
    if not person.contact.email.strip():
        return "no_address", "the contact has no e-mail to make a user from"
    if person.sharing:
        found = f"the address is also that of {', '.join(person.sharing)}"
        return "ambiguous_person", f"{found}; no user is made for it"
    return "", ""


def _ask_who(draft: Draft, record: Record) -> None:
    """Several users could be this person, or one user (or address) several: one question a person, answered with `links pin`."""
    if any(question.field is Field.PERSON for question in draft.plan.questions):
        return
    users = ", ".join(sorted(draft.person.candidates))
    draft.ask(
        record,
        Field.PERSON,
        "ambiguous_person",
        ispring=users or None,
        axcelerate=str(draft.plan.contact_id),
        evidence={"candidates": users or ", ".join(draft.person.sharing)},
    )


def _new_user(draft: Draft, department: str) -> NewUser:
    contact = draft.person.contact
    address = contact.email.strip()
    return NewUser(
        login=address, email=address, given=contact.given, surname=contact.surname, department=department
    )


def plan_present(draft: Draft, behind: list[Record], record: Record, live: list[Enrolment]) -> None:
    """There is a live enrolment: bind the one that counts to its governing record, then close, restore, or compare field by field."""
    enrolment = live[0]
    memory, held = bind(draft, record, enrolment)
    memory.counted = max(memory.counted, enrolment.access_from.isoformat())
    if _should_close(behind):
        _plan_closing(draft, behind, record, live, held, memory)
    elif memory.closed is not None:
        plan_restore(draft, record, enrolment, memory.closed)
    elif not plan_taken_access(draft, record, enrolment, held, memory):
        kept_open = record.override is False and record.rule.access.direction.into_ispring
        if kept_open:
            draft.skip(
                record, "kept_open", "the module is locked; another record behind the place keeps it open"
            )
        # Access first: a due date set where none stood brings the lock that this very plan agrees on.
        plan_access(draft, record, enrolment, held, kept_open=kept_open)
        plan_dates(draft, record, enrolment, held)
        weigh_access(draft, enrolment)
    if not any(
        change.enrolment_id == enrolment.enrolment_id and change.field is not Field.OUTCOME
        for change in draft.plan.changes
    ):
        held.vet_gives = False


def bind(draft: Draft, record: Record, enrolment: Enrolment) -> tuple[EnrolmentMemory, Held]:
    """The memory of this enrolment and of what it and the record agree on; begun anew at a new meeting.

    Where another record governed before, or the record had another enrolment, aXcelerate gives the values of this meeting.
    """
    memory = draft.memory
    course = enrolment.course_id
    known = memory.enrolments.get(enrolment.enrolment_id)
    pair = draft.pair(record)
    held = pair.courses.get(course)
    if known and known.governed_by == record.name and held and held.enrolment_id == enrolment.enrolment_id:
        return known, held
    began = known is not None and record.id in draft.remembered
    met_before = _forget_course(draft, course) or held is not None or began
    known = known or EnrolmentMemory(course_id=course)
    known.governed_by, known.taken = record.name, False
    for other in [e for e, m in memory.enrolments.items() if m.course_id == course]:
        memory.enrolments.pop(other)
    memory.enrolments[enrolment.enrolment_id] = known
    held = Held(enrolment_id=enrolment.enrolment_id, vet_gives=met_before)
    pair.courses[course] = held
    return known, held


def _forget_course(draft: Draft, course: CourseId) -> bool:
    """Drop what other records of this person agreed with an enrolment in this course; True when there was something."""
    found = False
    for records in draft.memory.pairs.values():
        for pair in records.values():
            found = pair.courses.pop(course, None) is not None or found
    return found


def _should_close(behind: list[Record]) -> bool:
    """Every record behind the enrolment, in all rules, says that access ends."""
    return all(_says_close(record) for record in behind)


def _says_close(record: Record) -> bool:
    if record.stand is Stand.WITHDRAWN:
        return record.rule.enrolment.on_withdrawal is not OnWithdrawal.KEEP
    return record.stand is Stand.CLOSING and record.rule.access.direction.into_ispring


def _plan_closing(
    draft: Draft,
    behind: list[Record],
    record: Record,
    live: list[Enrolment],
    held: Held,
    memory: EnrolmentMemory,
) -> None:
    enrolment = live[0]
    withdrawal = record.stand is Stand.WITHDRAWN
    if withdrawal and _may_unenrol(behind):
        if _never_started(draft, enrolment):
            _plan_unenrol(draft, record, enrolment, held)
            _leave_duplicates(draft, record, live[1:])
            return
        reason = "has_results"
    else:
        reason = "withdrawn" if withdrawal else "access_closed"
    if memory.closed is not None:
        plan_while_closed(draft, record, enrolment, held, memory)
        return
    if not withdrawal and record.why == "override":
        if memory.taken:  # a person took access in the LMS, which stays as it was set
            plan_taken_access(draft, record, enrolment, held, memory)
            return
        if _ispring_gives(record, enrolment, held):
            plan_access(draft, record, enrolment, held)
            plan_dates(draft, record, enrolment, held)
            return
    plan_close(draft, record, enrolment, held, withdrawal=withdrawal, reason=reason)


def _leave_duplicates(draft: Draft, record: Record, others: list[Enrolment]) -> None:
    """When the enrolment that counts is deleted, the next one counts: the learner has left that one too."""
    for other in others:
        held = Held(enrolment_id=other.enrolment_id)
        if not _never_started(draft, other):
            plan_close(draft, record, other, held, withdrawal=True, reason="has_results")
            return
        _plan_unenrol(draft, record, other, held)


def _ispring_gives(record: Record, enrolment: Enrolment, held: Held) -> bool:
    """At a conflict or at first sight the rule does not let the locked override decide: the LMS gives, or a person is asked."""
    choice = record.rule.access
    if choice.direction is not Direction.BOTH or choice.on_conflict is OnConflict.AXCELERATE:
        return False
    if held.access is None:
        return not held.vet_gives
    return held.access[1] is not False and lock_of(enrolment, held) != held.access[0]


def _may_unenrol(behind: list[Record]) -> bool:
    """Every record behind it says so, in all rules."""
    return all(
        other.stand is Stand.WITHDRAWN and other.rule.enrolment.on_withdrawal is OnWithdrawal.UNENROL
        for other in behind
    )


def _never_started(draft: Draft, enrolment: Enrolment) -> bool:
    """Nothing was ever begun and nothing was earned; where results were not read, that is not known."""
    completion = draft.person.completions.get(enrolment.enrolment_id)
    if completion is None and not draft.person.results_read:
        draft.plan.unread[enrolment.enrolment_id] = enrolment.course_id
        return False
    if completion is None:
        return not enrolment.has_certificate
    return completion.status is Status.NOT_STARTED and not enrolment.has_certificate


def _plan_unenrol(draft: Draft, record: Record, enrolment: Enrolment, held: Held) -> None:
    draft.change(
        record,
        Field.ENROLMENT,
        Side.ISPRING,
        record_kind="enrolment",
        record_id=enrolment.enrolment_id,
        before=ENROLLED,
        after=WITHDRAWN,
        agreed=ENROLLED if draft.has_history(record) else None,
        reason="withdrawn",
        act=Act.UNENROL,
        rank=Rank.REMOVE,
        course_id=enrolment.course_id,
        enrolment_id=enrolment.enrolment_id,
        expect=schedule_text(enrolment),
        counts_removed=not is_shut(enrolment.due, enrolment.locks, draft.around.today),
    )
