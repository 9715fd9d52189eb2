"""Open a session: read both sides as far as the request needs, and say why where they could not be read whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from connector.domain.learner import ClassId, ContactId, UserId
from connector.domain.report import Report
from connector.engine.account import circumstances, load_known, places_known, rested_rules
from connector.engine.deciding import Decider
from connector.engine.leftovers import running_tasks
from connector.engine.parts import Parts, Request
from connector.engine.session import Session
from connector.errors import PlatformError, UsageError
from connector.platforms.port import LmsScope, VetScope
from connector.reading.beyond import Beyond
from connector.reading.gather import Gathered, gather
from connector.reading.named import named_contact
from connector.reading.scope import lms_scope, rules_to_read, vet_scope
from connector.state.scratch import Scratch


@contextmanager
def open_session(request: Request, parts: Parts, report: Report) -> Iterator[Session | None]:
    """Read what the request needs. None where a platform could not be read whole: `report.trouble` says why."""
    chosen = rules_to_read(parts.rules, request.rules)
    _refuse_unknown_rules(request, parts)
    rules = (
        parts.rules if len(chosen) == len(parts.rules.rules) else replace(parts.rules, rules=tuple(chosen))
    )
    beyond = Beyond(
        parts.rules,
        parts.vet,
        one_learner=request.learner is not None,
        reads_all_rules=len(chosen) == len(parts.rules.rules),
    )
    with Scratch() as scratch, beyond:
        session = Session(request, parts, report, scratch, rules, None if request.is_full else beyond)
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
        session.contact = named_contact(session.request.learner, parts.vet.contacts_by_email)
    rested = rested_rules(parts, session.rules, report)
    vet = replace(vet_scope(session.rules.rules), contact=session.contact)
    # Matchers of rules that are not read may decide who is who; users are one list, whatever fields are taken from it.
    lms = replace(lms_scope(session.rules.rules), profile_fields=lms_scope(parts.rules.rules).profile_fields)
    session.results_read = lms.completions
    # Asked before the reading: a task that had ended by then shows its effect in it, one that had not must not be judged by it.
    running = running_tasks(parts.store, parts.lms)
    gathered = _gather(session, vet, lms)
    report.trouble += [str(problem) for problem in gathered.trouble]
    if parts.stop.is_set() and not report.trouble:
        report.stopped = True
        report.trouble.append("stopped while reading; nothing was written")
    if report.trouble:
        return False
    session.nameless = gathered.nameless
    session.begin_floor()
    if _lists_are_emptied(session, vet, lms, gathered):
        return False
    around = circumstances(parts, session.rules, session.scratch, report, rested)
    load_known(parts, session.scratch, around, is_full=session.request.is_full)
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
        nameless=frozenset(gathered.nameless),
        running=running,
        beyond=session.beyond,
    )
    return True


def _empty_classes(
    session: Session, vet: VetScope, gathered: Gathered, allow: bool
) -> dict[ClassId, bool] | None:
    """Class lists that came back empty, and whether an operator said that this is true; None where no class list was read."""
    if session.contact is not None:
        return None
    return {c: allow for c in vet.classes if not gathered.rows.get(f"class:{c}")}


def refuse_unknown_contact(learner: str, parts: Parts) -> None:
    """For a contact number about which nothing was found: raises UsageError where it is nobody's, a slip of the keyboard.

    Asked afterwards and only then, so that it costs a call only where there is nothing else to say.
    """
    if not learner.strip().isdecimal():
        return  # an address was looked up before the reading
    contact = ContactId(int(learner))
    if next(iter(parts.store.entries(contact=contact)), None) is not None:
        return  # somebody was here: gone or merged by now, perhaps, and no slip
    try:
        is_there = bool(parts.vet.contacts([contact]))
    except PlatformError:
        return  # whether the number is somebody's stays open
    if not is_there:
        raise UsageError(f"aXcelerate shows no contact {contact}, and the journal knows none")


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
        if not only.trouble and _probe(session).who.doubts(session.contact, link):
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
        around=circumstances(parts, session.rules, session.scratch, session.report, {}),
        run=session.report.run,
        read_rules=frozenset(),
        full=False,
        results_read=False,
        empty_classes={},
        beyond=session.beyond,
    )


def _read_rest(session: Session, scope: LmsScope, gathered: Gathered) -> None:
    """More of the LMS, into the same reading."""
    for batch in session.parts.lms.read(scope):
        session.scratch.add(batch.records)
        gathered.rows[batch.listing] += len(batch.records)


def _lists_are_emptied(session: Session, vet: VetScope, lms: LmsScope, gathered: Gathered) -> bool:
    """A whole side that came back empty although it was not before: nothing is written (law 9).

    An operator says once that it is true; until the list holds a row again, its emptiness is no news.
    """
    if session.contact is not None:
        return False
    lists = _whole_lists(vet, lms, gathered)
    session.empty = {part for parts, rows in lists.values() if not rows for part in parts}
    session.filled = {part for parts, rows in lists.values() if rows for part in parts}
    news = [name for name, (parts, rows) in lists.items() if not rows and _is_news(session, name, parts)]
    if "emptied" in session.request.allow or not news:
        return False
    known = places_known(session.parts, session.rules)
    session.report.trouble += [
        f"the list of {name} came back empty although {known} places in these courses are known; nothing was written "
        "(--allow emptied says that it is true)"
        for name in news
        if known
    ]
    return known > 0


def _is_news(session: Session, name: str, parts: frozenset[str]) -> bool:
    """Results are missed only where some were shown before: not every account shows one of a course that nobody has begun."""
    store = session.parts.store
    if name == "completions" and parts.isdisjoint(store.fact("known_filled") or ()):
        return False
    return not parts <= frozenset(store.fact("known_empty") or ())


def _whole_lists(vet: VetScope, lms: LmsScope, gathered: Gathered) -> dict[str, tuple[frozenset[str], int]]:
    """The lists that must not be empty: by name, what of the account each holds, and how many rows came.

    Parts stand for what a list is about, so that a narrowed run knows again what a full run was told.
    """
    rows = gathered.rows
    narrower = [f"class:{c}" for c in vet.classes] + [f"qualification:{q}" for q in vet.qualifications]
    listed = ["account"] if vet.whole_account else narrower
    lists = {"class enrolments": (frozenset(listed), sum(rows[name] for name in listed))}
    if lms.people:
        lists["users"] = (frozenset({"users"}), rows.get("users", 0))
    for name in ("enrolments", "completions") if lms.courses else ():
        if name == "enrolments" or lms.completions:
            lists[name] = (frozenset(f"{name}:{course}" for course in lms.courses), rows.get(name, 0))
    return lists
