"""One run's reading: both sides staged, whoever has news found, and the facts of the account that decide."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, time

from connector.domain import memory as memories
from connector.domain.change import TaskState
from connector.domain.enrolment import ClassEnrolment, EnrolmentId, TrainingClass
from connector.domain.learner import ClassId, ContactId, UserId, same_address
from connector.domain.ledger import Counts, IntentState, PersonDigest
from connector.domain.outcome import is_interim
from connector.domain.plan import Act, Change, RuleCount, Skip
from connector.domain.report import CallCount, Report
from connector.domain.rule import Field, Rule, Rules, Side
from connector.engine.deciding import Decided, Decider, change_of
from connector.engine.parts import Parts, Request
from connector.errors import PlatformError, Unreadable, UsageError
from connector.planning.limits import Tally
from connector.planning.person import Circumstances
from connector.platforms.port import Calls, Kind, LmsScope, VetScope
from connector.reading.gather import Gathered, gather
from connector.reading.people import Reader, contact_of, staged
from connector.reading.scope import floor_of_reading, lms_scope, pages_up, rules_to_read, vet_scope
from connector.state.scratch import Scratch


@dataclass(frozen=True)
class Base:
    """What the limits are held against, of the whole account; `before` is what narrowed runs changed since the last full one."""

    matched: int
    history: int
    before: Tally = field(default_factory=Tally)


@dataclass
class Session:
    """What one run knows after reading."""

    request: Request
    parts: Parts
    report: Report
    scratch: Scratch
    rules: Rules
    contact: ContactId | None = None
    decider: Decider = field(init=False)
    floor: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))
    planned: set[ContactId] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._calls_before = {side: replace(self._platform_calls(side)) for side in Side}
        self.results_read = False
        self.nameless: list[str] = []

    def _platform_calls(self, side: Side) -> Calls:
        return self.parts.lms.calls if side is Side.ISPRING else self.parts.vet.calls

    def calls(self) -> dict[str, CallCount]:
        """Calls of this run by platform."""
        found = {}
        for side in Side:
            now, before = self._platform_calls(side), self._calls_before[side]
            found[str(side)] = CallCount(
                now.read - before.read, now.write - before.write, self.floor[side], now.other - before.other
            )
        return found

    @contextmanager
    def counting_floor(self) -> Iterator[None]:
        """The list pages that read back belong to the floor as they are."""
        before = {side: self._platform_calls(side).read for side in Side}
        yield
        for side in Side:
            self.floor[side] += self._platform_calls(side).read - before[side]

    # -- people -------------------------------------------------------------------------------------------------------

    def contacts(self) -> Iterator[ContactId]:
        """Whom to plan: everybody with news; in a narrowed run everybody in scope."""
        for contact in self._contacts():
            self.planned.add(contact)
            yield contact

    def _contacts(self) -> Iterator[ContactId]:
        if self.contact is not None:
            yield self.contact
        elif self.request.is_full:
            yield from self.scratch.news()
        else:
            yield from self._in_scope()

    def _in_scope(self) -> Iterator[ContactId]:
        """Every contact that was read, and everybody whom these rules remember."""
        ids = [json.dumps(rule.id) + ":" for rule in self.rules.rules]
        ids += [json.dumps(rule.was) + ":" for rule in self.rules.rules if rule.was]
        remembered = {
            person.contact_id
            for person in self.parts.store.all_people()
            if any(rule in person.memory for rule in ids)
        }
        yield from sorted(remembered.union(self.scratch.contacts()))

    def meet_people(self) -> None:
        """Find users for contacts without a link; two that claim one user are both seen, because all are asked at once."""
        self.decider.meet(self.scratch.contacts_without_link())
        self.scratch.load_links((link.contact_id, link.user_id) for link in self.decider.out.links)

    def say_strays(self, decided: Decided) -> None:
        """LMS enrolments of users who are linked to nobody: reported, not touched. And what quiet people repeat."""
        if self.contact is None:
            decided.skips += self._strays(decided)
        if self.request.is_full:
            decided.skips += self._repeated()
        first = self.rules.rules[0].id
        decided.skips += [_nameless(first, place) for place in self.nameless]

    def _strays(self, decided: Decided) -> Iterator[Skip]:
        ambiguous = {user for users in decided.ambiguous.values() for user in users}
        by_course = self.decider.around.by_course
        reader = Reader(self.scratch, self.parts.lms, self.parts.vet)
        strays = [user for user in self.scratch.users_without_contact() if user not in ambiguous]
        for start in range(0, len(strays), 500):
            for user, side in reader.lms_sides(strays[start : start + 500]).items():
                for enrolment in side.enrolments:
                    for rule in by_course.get(enrolment.course_id, []):
                        yield _stray(rule, user, side.user.email if side.user else "", enrolment.enrolment_id)

    def _repeated(self) -> Iterator[Skip]:
        reader = Reader(self.scratch, self.parts.lms, self.parts.vet)
        quiet = [row for row in self.parts.store.repeated() if row[0] not in self.planned]
        for start in range(0, len(quiet), 500):
            batch = quiet[start : start + 500]
            sides = reader.vet_sides([contact for contact, _, _ in batch])
            for contact, user, said in batch:
                address = contact_of(contact, sides[contact], {}).email
                for one in json.loads(said):
                    yield _said(one, contact, user, address)

    # -- counts and limits --------------------------------------------------------------------------------------------

    def known(self) -> Counts:
        return self.parts.store.counts()

    def base_of_narrowed_run(self, counts: dict[str, RuleCount]) -> Base:
        """A narrowed run is held against the whole account as it is known, at least against what it saw itself."""
        known = self.known()
        before = Tally(**(self.parts.store.fact("narrowed_since") or {}))
        matched = sum(count.matched for count in counts.values())
        history = sum(count.history for count in counts.values())
        return Base(max(known.matched, matched), max(known.history, history), before)

    def remember_run(self, base: Base, applied: Tally) -> None:
        """Facts for the next run: what the account has shown, and what limits are held against."""
        store = self.parts.store
        if self.decider.around.shows_end_dates:
            store.set_fact("shows_end_dates", True)
        if not self.request.is_full:
            total = base.before + applied
            store.set_fact("narrowed_since", {name: getattr(total, name) for name in total.__slots__})
            return
        store.set_fact("narrowed_since", None)
        store.set_fact("last_full_read", self.decider.around.today.isoformat())
        store.set_fact("decided_by", _decided_by(self.decider.around))

    # -- time of day --------------------------------------------------------------------------------------------------

    def times_of_day(self, changes: list[Change]) -> dict[str, time]:
        """By enrolment: the time of day of its access date, as results show it, else as we last wrote it."""
        edited = {
            c.enrolment_id: (c.enrolment_id, c.user_id, c.course_id)
            for c in changes
            if c.act in (Act.RESCHEDULE, Act.CLOSE, Act.RESTORE)
            and c.enrolment_id
            and c.user_id
            and c.course_id
        }
        if not edited:
            return {}
        found: dict[str, time] = {}
        for state in self.parts.store.people({c.contact_id for c in changes}).values():
            for identity, known in memories.load(state.memory).enrolments.items():
                if known.access_time:
                    found[identity] = time.fromisoformat(known.access_time)
        if self.results_read:
            reader = Reader(self.scratch, self.parts.lms, self.parts.vet)
            sides = reader.lms_sides({user for _, user, _ in edited.values()}).values()
            completions = [c for side in sides for c in side.completions.values()]
        else:
            completions = self.parts.lms.completions_of(list(edited.values()))
            self.floor[Side.ISPRING] += pages_up(len(edited), self.parts.pages.ispring)
        for completion in completions:
            if completion.access_at is not None and completion.enrolment_id in edited:
                wall = completion.access_at.astimezone(self.parts.lms_zone).time()
                found[completion.enrolment_id] = wall.replace(microsecond=0)
        return found

    def time_unknown(self, change: Change) -> Skip:
        return Skip(
            rule=change.rule,
            contact_id=change.contact_id,
            user_id=change.user_id,
            email=change.email,
            record=change.record,
            reason="time_unknown",
            detail="no time of day is shown for the access date; 00:00 was sent",
            field=Field.START_DATE,
            once=True,
        )


def _stray(rule: Rule, user: UserId, email: str, enrolment_id: str) -> Skip:
    return Skip(
        rule=rule.id,
        contact_id=None,
        user_id=user,
        email=email,
        record=f"enrolment:{enrolment_id}",
        reason="no_axcelerate_record",
        detail="enrolled in iSpring Learn, and no contact in aXcelerate is linked to this user",
    )


def _nameless(rule: str, place: str) -> Skip:
    return Skip(
        rule=rule,
        contact_id=None,
        user_id=None,
        email="",
        record=None,
        reason="unreadable_record",
        detail=f"{place}: the row does not say whose it is",
    )


def _said(one: dict[str, str | None], contact: ContactId, user: UserId | None, email: str) -> Skip:
    name = one.get("field")
    return Skip(
        rule=one["rule"] or "",
        contact_id=contact,
        user_id=user,
        email=email,
        record=one.get("record"),
        reason=one["reason"] or "",
        detail=one["detail"] or "",
        field=Field(name) if name else None,
    )


# -- opening a session ----------------------------------------------------------------------------------------------------


@contextmanager
def open_session(request: Request, parts: Parts, report: Report) -> Iterator[Session | None]:
    """Read what the request needs. None where a platform could not be read whole: `report.trouble` says why."""
    chosen = rules_to_read(parts.rules, request.rules)
    _refuse_unknown_rules(request, parts)
    rules = (
        parts.rules if len(chosen) == len(parts.rules.rules) else replace(parts.rules, rules=tuple(chosen))
    )
    with Scratch() as scratch:
        session = Session(request, parts, report, scratch, rules)
        try:
            ready = _prepare(session)
        except PlatformError as problem:
            report.trouble.append(str(problem))
            ready = False
        if not ready:
            report.calls = session.calls()
        yield session if ready else None


def _refuse_unknown_rules(request: Request, parts: Parts) -> None:
    unknown = sorted(request.rules - {rule.id for rule in parts.rules.rules})
    if unknown:
        known = ", ".join(rule.id for rule in parts.rules.rules)
        raise UsageError(f"no mapping file has a rule {unknown[0]}; there are {known}")


def _prepare(session: Session) -> bool:
    parts, report = session.parts, session.report
    if session.request.learner is not None:
        session.contact = _contact_of(session.request.learner, parts)
    rested = _rested_rules(session)
    vet = replace(vet_scope(session.rules.rules), contact=session.contact)
    lms = lms_scope(session.rules.rules)
    session.results_read = lms.completions
    # Asked before the reading: a task that had ended by then shows its effect in it, one that had not must not be judged by it.
    running = _running_tasks(session)
    gathered = _gather(session, vet, lms)
    report.trouble += [str(problem) for problem in gathered.trouble]
    if parts.stop.is_set() and not report.trouble:
        report.stopped = True
        report.trouble.append("stopped while reading; nothing was written")
    if report.trouble:
        return False
    session.nameless = gathered.nameless
    classes = session.scratch.groups(Kind.CLASS_ENROLMENT)
    ispring, axcelerate = floor_of_reading(vet, lms, gathered.rows, len(classes), parts.pages)
    session.floor = {Side.ISPRING: ispring, Side.AXCELERATE: axcelerate}
    if _lists_are_emptied(session, vet, lms, gathered):
        return False
    around = _circumstances(session, rested)
    _load_known(session, around)
    allow = "emptied" in session.request.allow
    session.decider = Decider(
        lms=parts.lms,
        vet=parts.vet,
        store=parts.store,
        scratch=session.scratch,
        around=around,
        run=report.run,
        read_rules=frozenset(rule.id for rule in session.rules.rules),
        full=session.request.is_full,
        results_read=session.results_read,
        empty_classes=_empty_classes(session, vet, gathered, allow),
        allows_emptied=allow,
        running=running,
    )
    return True


def _empty_classes(
    session: Session, vet: VetScope, gathered: Gathered, allow: bool
) -> dict[ClassId, bool] | None:
    """Class lists that came back empty, and whether an operator said that this is true; None where no class list was read."""
    if session.contact is not None:
        return None
    return {c: allow for c in vet.classes if not gathered.rows.get(f"class:{c}")}


def _contact_of(learner: str, parts: Parts) -> ContactId:
    """`--learner` is a contact id or an e-mail address."""
    if learner.strip().isdigit():
        return ContactId(int(learner))
    found = [
        c for c in parts.vet.contacts_by_email(learner) if same_address(c.email) == same_address(learner)
    ]
    if len(found) == 1:
        return found[0].contact_id
    if not found:
        raise UsageError(f"no contact in aXcelerate has the address {learner}; name the contact id instead")
    ids = ", ".join(str(contact.contact_id) for contact in found)
    raise UsageError(f"several contacts share the address {learner}: {ids}; name one of them")


def _rested_rules(session: Session) -> dict[str, str]:
    """Rules whose course has another title than the mapping says, or is unknown."""
    named = [
        (rule, course) for rule in session.rules.rules for course in rule.courses if course.title is not None
    ]
    if not named:
        return {}
    titles = session.parts.lms.course_titles([course.course_id for _, course in named])
    rested = {}
    for rule, course in named:
        shown = titles.get(course.course_id)
        if shown is None:
            rested[rule.id] = "unknown_course"
            session.report.rested.append(f"{rule.id}: iSpring Learn shows no course {course.course_id}")
        elif shown.strip() != (course.title or "").strip():
            rested[rule.id] = "title_moved"
            session.report.rested.append(
                f"{rule.id}: title_moved: the course {course.course_id} is called {shown!r}, "
                f"the mapping says {course.title!r} ({rule.place_of('ispring.courses')})"
            )
    return rested


def _gather(session: Session, vet: VetScope, lms: LmsScope) -> Gathered:
    """One reading; for one learner in two steps, because whose enrolments to read is known only after matching."""
    parts, scratch = session.parts, session.scratch
    shared = {"progress": parts.progress, "stop": parts.stop}
    if session.contact is None:
        return gather(scratch, lms=parts.lms, vet=parts.vet, lms_scope=lms, vet_scope=vet, **shared)  # type: ignore[arg-type]
    link = parts.store.links([session.contact]).get(session.contact)
    if link is not None:
        narrowed = replace(lms, users=(link.user_id,))
        only = gather(scratch, lms=parts.lms, vet=parts.vet, lms_scope=narrowed, vet_scope=vet, **shared)  # type: ignore[arg-type]
        if not only.trouble and _probe(session).doubts(session.contact, link):
            _read_rest(session, replace(lms, courses=()), only)  # only among all users is another one found
        return only
    people = replace(lms, courses=())
    first = gather(scratch, lms=parts.lms, vet=parts.vet, lms_scope=people, vet_scope=vet, **shared)  # type: ignore[arg-type]
    if first.trouble:
        return first
    found = _match_one(session)
    if found is not None:
        _read_rest(session, replace(lms, people=False, users=(found,)), first)
    return first


def _match_one(session: Session) -> UserId | None:
    """Whom the matchers would choose for the one contact of this run."""
    probe = _probe(session)
    probe.meet([session.contact] if session.contact is not None else [])
    return next((link.user_id for link in probe.out.links), None)


def _probe(session: Session) -> Decider:
    """A decider for questions about who is who only; it plans nobody."""
    parts = session.parts
    return Decider(
        lms=parts.lms,
        vet=parts.vet,
        store=parts.store,
        scratch=session.scratch,
        around=_circumstances(session, {}),
        run=session.report.run,
        read_rules=frozenset(),
        full=False,
        results_read=False,
        empty_classes={},
    )


def _read_rest(session: Session, scope: LmsScope, gathered: Gathered) -> None:
    """More of the LMS, into the same reading."""
    for batch in session.parts.lms.read(scope):
        session.scratch.add(batch.records)
        gathered.rows[batch.listing] += len(batch.records)


def _lists_are_emptied(session: Session, vet: VetScope, lms: LmsScope, gathered: Gathered) -> bool:
    """A whole side that came back empty although it was not before: nothing is written (law 9)."""
    if "emptied" in session.request.allow or session.contact is not None:
        return False
    wanted = (["users"] if lms.people else []) + (["enrolments"] if lms.courses else [])
    wanted += ["completions"] if lms.courses and lms.completions else []
    empty = [name for name in wanted if not gathered.rows.get(name)]
    listed = [name for name in gathered.rows if name.startswith(("class:", "qualification:", "account"))]
    if not any(gathered.rows[name] for name in listed):
        empty.append("class enrolments")
    known = _places_known(session) if empty else 0
    if not known:
        return False
    session.report.trouble += [
        f"the list of {name} came back empty although {known} places in these courses are known; nothing was written "
        "(--allow emptied says that it is true)"
        for name in empty
    ]
    return True


def _places_known(session: Session) -> int:
    """LMS enrolments that are remembered in the courses of this run; those of other rules say nothing about its lists."""
    courses = {course for rule in session.rules.rules for course in rule.course_ids}
    return sum(
        known.course_id in courses
        for person in session.parts.store.all_people()
        for known in memories.load(person.memory).enrolments.values()
    )


def _circumstances(session: Session, rested: dict[str, str]) -> Circumstances:
    parts, store = session.parts, session.parts.store
    now = parts.now()
    last = store.fact("last_full_read")
    around = Circumstances(
        rules=session.rules,
        today=now.astimezone(parts.zone).date(),
        zone=parts.zone,
        now=now,
        last_full_read=date.fromisoformat(last) if last else None,
        details=_details(session),
        rested_rules=rested,
    )
    return replace(around, shows_end_dates=bool(store.fact("shows_end_dates")) or _end_date_shown(session))


def _details(session: Session) -> dict[ClassId, TrainingClass]:
    found = {}
    for record in session.scratch.of_kind(Kind.TRAINING_CLASS):
        try:
            value = session.parts.vet.parse(staged(record))
        except Unreadable as problem:
            session.report.rested.append(str(problem))
            continue
        if isinstance(value, TrainingClass):
            found[value.class_id] = value
    return found


def _end_date_shown(session: Session) -> bool:
    """Whether this reading shows one end date of a unit without a final code; stops at the first."""
    jurisdiction = {rule.unit.upper(): rule.jurisdiction for rule in session.rules.rules if rule.unit}
    if not jurisdiction:
        return False
    for record in session.scratch.of_kind(Kind.CLASS_ENROLMENT):
        try:
            row = session.parts.vet.parse(staged(record))
        except Unreadable:
            continue
        assert isinstance(row, ClassEnrolment)
        for unit in row.units:
            home = jurisdiction.get(unit.code.upper())
            if unit.end is not None and home is not None and is_interim(unit.outcome, home):
                return True
    return False


def _decided_by(around: Circumstances) -> str:
    """What quiet people were decided by: when it changes, everybody is looked at again."""
    return f"{around.rules.digest} {around.zone.key} {around.shows_end_dates}"


def _load_known(session: Session, around: Circumstances) -> None:
    """Load what was known, so that the scratch can say who has news; nobody is quiet when the rules changed or rest."""
    store, scratch = session.parts.store, session.scratch
    scratch.load_links(store.linked_ids())
    if not session.request.is_full:
        return
    same = store.fact("decided_by") == _decided_by(around) and not around.rested_rules
    digests: Iterator[PersonDigest] = iter(store.digests())
    scratch.load_known(digests if same else (d._replace(quiet=False) for d in digests))


def _running_tasks(session: Session) -> frozenset[EnrolmentId]:
    """Enrolments whose status change still runs at the LMS: a restart takes them up."""
    found = set()
    for intent in session.parts.store.open_intents():
        if intent.task_id is None or intent.state is not IntentState.ACCEPTED:
            continue
        change = change_of(intent)
        if change.enrolment_id and session.parts.lms.task(intent.task_id) is TaskState.RUNNING:
            found.add(change.enrolment_id)
    return frozenset(found)
