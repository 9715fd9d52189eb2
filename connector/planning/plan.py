"""One person's plan, from everything read about them and what is remembered."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from datetime import date

from connector.domain.enrolment import ClassEnrolment, ClassStatus
from connector.domain.learner import NO_CLASS, ClassId, ContactId, CourseId
from connector.domain.memory import Memory, PairMemory
from connector.domain.outcome import Role, role_of
from connector.domain.plan import Note, PersonPlan
from connector.domain.rule import Field, Rule, Side, Target
from connector.planning.courses import plan_courses
from connector.planning.dates import completion_date_left
from connector.planning.draft import Draft
from connector.planning.enrolling import plan_unmatched
from connector.planning.outcome import plan_outcomes, plan_statuses_of_new
from connector.planning.person import Circumstances, Person
from connector.planning.standing import Record, Stand, covers, governing, newest_rows, records_of


def plan_person(person: Person, memory: Memory, around: Circumstances) -> PersonPlan:
    """Decide everything about one person. `memory` is not changed; the plan carries the new one."""
    memory = deepcopy(memory)
    draft = Draft(person, memory, around)
    _forget_unnamed(draft)
    draft.look_back()
    records = decided_records(draft)
    draft.plan.resting = {record.id for record in records if record.stand is Stand.RESTS}
    courses = by_course(records)
    if draft.plan.user_id is None:
        governors = {course: record for course, behind in courses.items() if (record := governing(behind))}
        plan_unmatched(draft, records, governors)
        plan_statuses_of_new(draft, records)
        _count_unmatched(draft, records)
        return draft.finish(records)
    is_known = _is_known(draft, records)
    if is_known:
        plan_outcomes(draft, records)
    plan_courses(draft, by_course(_as_if_assessed(draft, records)))
    if is_known:
        plan_statuses_of_new(draft, records)
    _say_strays(draft, courses)
    for record in records:
        _bookkeep(draft, record)
        draft.count(record, matched=_is_matched(draft, record), history=draft.has_history(record))
    return draft.finish(records)


def _as_if_assessed(draft: Draft, records: list[Record]) -> list[Record]:
    """The records as the outcomes of this plan leave them: a unit that gets a final code is finished, its dates rest.

    Only codes that end nothing: access is removed for what a reading has shown (law 9), never for what we are about to write.
    """
    given = {
        change.record: change.after or ""
        for change in draft.plan.changes
        if change.field is Field.OUTCOME and change.platform is Side.AXCELERATE
    }

    def assessed(record: Record) -> Record:
        role = role_of(given[record.key], record.rule.jurisdiction) if record.key in given else None
        if role is None or role is Role.INTERIM:
            return record
        if role is not Role.FINAL:
            return replace(record, role=role)
        return replace(record, role=role, stand=Stand.FINISHED, why="final_code")

    return [assessed(record) for record in records]


def decided_records(draft: Draft) -> list[Record]:
    """Every record that is decided about, in the order of the rules: read, proven gone, or remembered and not proven gone."""
    person, memory, around = draft.person, draft.memory, draft.around
    records = [_rested(record, person, around) for record in records_of(person, memory, around)]
    records += _unproven(draft, records)
    return sorted(records, key=lambda record: (record.rule.position, record.key))


def by_course(records: Iterable[Record]) -> dict[CourseId, list[Record]]:
    """The records behind each course of their rules."""
    found: dict[CourseId, list[Record]] = {}
    for record in records:
        for course in record.rule.course_ids:
            found.setdefault(course, []).append(record)
    return found


def _rested(record: Record, person: Person, around: Circumstances) -> Record:
    """A record whose rule rests, whose contact was merged away or whose LMS enrolment cannot be read decides nothing."""
    why = around.rested_rules.get(record.rule.id)
    if why is None and record.stand is Stand.WITHDRAWN and record.why == "gone" and person.merged_into:
        why = "contact_merged"
    unreadable = person.unreadable_courses
    if why is None and ("" in unreadable or unreadable.intersection(record.rule.course_ids)):
        why = "unreadable_record"
    return replace(record, stand=Stand.RESTS, why=why) if why else record


def missing_records(person: Person, memory: Memory, around: Circumstances) -> list[tuple[str, str, ClassId]]:
    """Remembered records (rule, key, class) that this reading does not show and that nothing has proven gone yet.

    Records that no rule names any more are not among them: they are forgotten, not missing.
    """
    if not memory.pairs:
        return []
    shown = {record.id for record in records_of(replace(person, gone=frozenset()), memory, around)}
    rules = around.by_id
    return [
        (rule_id, key, ClassId(pair.class_id))
        for rule_id, pairs in memory.pairs.items()
        for key, pair in pairs.items()
        if not pair.gone
        and rule_id in rules
        and (rule_id, key) not in shown
        and _still_named(rules[rule_id], key, pair, person)
    ]


def _unproven(draft: Draft, records: list[Record]) -> list[Record]:
    """Remembered records that are neither shown nor proven gone: they rest, and nothing takes their place."""
    person, memory, around = draft.person, draft.memory, draft.around
    rules = around.by_id
    known = {record.id for record in records}
    found = []
    for rule_id, key, class_id in missing_records(person, memory, around):
        pair = memory.pair(rule_id, key)
        if (rule_id, key) in known or pair is None:
            continue
        set_aside = not person.unreadable.isdisjoint((class_id, NO_CLASS))
        why = "unreadable_record" if set_aside else "not_proven_gone"
        why = "listing_emptied" if class_id in around.rested_classes else why
        found.append(
            Record(
                rule=rules[rule_id],
                key=key,
                stand=Stand.FINISHED if pair.finished else Stand.RESTS,
                why="contact_merged" if person.merged_into else why,
                class_id=class_id,
                enrol_id=pair.enrol_id,
                enrolled_at=pair.enrolled_at,
                start=None,
                end=None,
            )
        )
    return found


def _still_named(rule: Rule, key: str, pair: PairMemory, person: Person) -> bool:
    """Whether the rule, as the file stands now, is about this remembered record."""
    kind, _, identity = key.partition(":")
    if kind != rule.target:
        return False
    if rule.target is Target.UNIT and identity.partition("/")[2] != (rule.unit or "").upper():
        return False
    shown = next((m for m in person.modules if str(m.module_enrolment_id) == identity), None)
    if rule.target is Target.MODULE and shown is not None:
        return shown.name.strip().casefold() == (rule.module or "").strip().casefold()
    row = newest_rows(person.classes).get(ClassId(pair.class_id))
    # A row that does not show its qualification is still of the one that is remembered.
    return covers(rule, row) if row and row.qualification else covers(rule, _remembered_row(pair))


def _remembered_row(pair: PairMemory) -> ClassEnrolment:
    return ClassEnrolment(
        contact_id=ContactId(0),
        class_id=ClassId(pair.class_id),
        enrol_id=pair.enrol_id,
        template_id=0,
        qualification=pair.qualification,
        status=ClassStatus.UNKNOWN,
        status_word="",
        enrolled_at=None,
        start=None,
        finish=None,
        email="",
        given="",
        surname="",
        unit_count=0,
    )


def _forget_unnamed(draft: Draft) -> None:
    """What no rule names any more is forgotten with a line in the journal; a renamed rule keeps its history."""
    memory, around = draft.memory, draft.around
    rules = around.by_id
    for rule in around.rules.rules:
        if rule.was and rule.was not in rules and rule.was in memory.pairs:
            moved = memory.pairs.pop(rule.was)
            memory.pairs.setdefault(rule.id, {}).update(moved)
            for known in memory.enrolments.values():
                if known.governed_by and known.governed_by.startswith(f"{rule.was}|"):
                    known.governed_by = f"{rule.id}|{known.governed_by.partition('|')[2]}"
                if known.status_set and known.status_set.rule == rule.was:
                    known.status_set.rule = rule.id
    for rule_id in list(memory.pairs):
        for key in list(memory.pairs[rule_id]):
            _forget_pair(draft, rules.get(rule_id), rule_id, key)
        if not memory.pairs[rule_id]:
            del memory.pairs[rule_id]
    named = {f"{rule_id}|{key}" for rule_id, pairs in memory.pairs.items() for key in pairs}
    for known in memory.enrolments.values():
        if known.governed_by not in named:
            known.governed_by = None
    for identity in [e for e, known in memory.enrolments.items() if known.course_id not in around.by_course]:
        del memory.enrolments[identity]


def _forget_pair(draft: Draft, rule: Rule | None, rule_id: str, key: str) -> None:
    pair = draft.memory.pairs[rule_id][key]
    if rule is None or not _still_named(rule, key, pair, draft.person):
        del draft.memory.pairs[rule_id][key]
        text = f"{key} is named by no rule any more; what was agreed about it is forgotten"
        draft.plan.notes.append(
            Note(rule=rule_id, field=Field.ENROLMENT, reason="forgotten", text=text, record=key)
        )
        return
    for course in [course for course in pair.courses if course not in rule.course_ids]:
        del pair.courses[course]


def _bookkeep(draft: Draft, record: Record) -> None:
    """Remember how the record stood, so that its going, or a code taken back, can be understood later."""
    if record.stand is Stand.RESTS or not (record.row or record.why == "gone"):
        return  # not understood, or not even seen: what is remembered of it stands
    pair = draft.pair(record)
    pair.gone = record.why == "gone"
    if pair.gone:
        return
    pair.class_id, pair.enrol_id, pair.enrolled_at = record.class_id, record.enrol_id, record.enrolled_at
    pair.qualification = (record.row.qualification if record.row else "") or pair.qualification
    pair.open = record.stand is Stand.OPEN or record.is_locked
    pair.finished = (record.is_final and record.role is not Role.WITHDRAWN) or record.why == "module_finished"
    if record.is_final:
        pair.was_final = True
        pair.final_end = record.end.isoformat() if isinstance(record.end, date) else None
    elif not completion_date_left(record, pair):
        pair.was_final, pair.final_end = False, None


def _is_matched(draft: Draft, record: Record) -> bool:
    return any(draft.live(course) for course in record.rule.course_ids)


def _count_unmatched(draft: Draft, records: list[Record]) -> None:
    for record in records:
        if record.stand is Stand.OPEN:
            draft.count(record, matched=False, history=False)


def _is_known(draft: Draft, records: list[Record]) -> bool:
    """Whether outcomes may be decided: not while a link is contradicted and no person has confirmed it; asks what there is to ask."""
    person = draft.person
    if not records:
        return True
    known = True
    if person.identity == "link_contradicted":
        found = ", ".join(sorted(person.candidates))
        known = (
            draft.ask(
                records[0],
                Field.PERSON,
                "link_contradicted",
                ispring=draft.plan.user_id,
                axcelerate=str(person.contact.contact_id),
                proposed=None,
                evidence={"linked": draft.plan.user_id, "matchers_say": found},
            )
            is not None
        )
    if person.merged_into:
        draft.ask(
            records[0],
            Field.PERSON,
            "contact_merged",
            ispring=draft.plan.user_id,
            axcelerate=str(person.contact.contact_id),
            proposed=str(person.merged_into),
            evidence={"contact": str(person.contact.contact_id), "merged_into": str(person.merged_into)},
        )
    return known


def _say_strays(draft: Draft, courses: dict[CourseId, list[Record]]) -> None:
    """An LMS enrolment without a record in aXcelerate is reported, not touched."""
    for enrolment in sorted(draft.person.enrolments, key=lambda e: e.enrolment_id):
        if courses.get(enrolment.course_id):
            continue
        for rule in draft.around.by_course.get(enrolment.course_id, []):
            draft.skip_enrolment(
                rule, enrolment, "no_axcelerate_record", f"enrolled in {enrolment.course_id}"
            )
