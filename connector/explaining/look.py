"""Ask the engine about one learner: the same narrow reading and the same decision as `plan --learner`; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, replace

from connector.domain.learner import ContactId, User, UserId
from connector.domain.ledger import EntryKind, Link
from connector.domain.memory import Memory
from connector.domain.plan import Act, PersonPlan
from connector.domain.report import Report
from connector.engine.opening import open_session, refuse_unknown_contact
from connector.engine.parts import PLAN, Parts, Request
from connector.engine.saying import time_unknown
from connector.engine.session import Session
from connector.explaining.calls import last_calls
from connector.explaining.explain import explain
from connector.explaining.facts import Explanation
from connector.explaining.hypothesis import World
from connector.explaining.subject import Around
from connector.planning.person import Circumstances, Person
from connector.reading.people import Reader


@dataclass
class _Seen:
    """What the engine's decision about one person was made from."""

    world: World | None = None
    plan: PersonPlan | None = None

    def take(self, person: Person, memory: Memory, around: Circumstances, plan: PersonPlan) -> None:
        self.world, self.plan = World(person, memory, around), plan


def explain_learner(
    learner: str, parts: Parts, *, rules: frozenset[str] = frozenset(), allow: frozenset[str] = frozenset()
) -> Explanation:
    """Explain one learner (e-mail or contact id), all rules or these. Reads both platforms narrowly, writes nothing.

    `allow` explains a run with these limits lifted ("emptied" believes an emptied list).

    Raises: UsageError for an unknown learner or rule; StateError. A platform that could not be read is told in `trouble`.
    """
    request = Request(PLAN, rules=rules, learner=learner, allow=allow)
    report = Report("", PLAN, parts.now())
    with open_session(request, parts, report) as session:
        if session is None:
            return Explanation(None, trouble=tuple(report.trouble), exit_code=report.exit_code)
        seen = _Seen()
        session.decider.witness = seen.take
        session.meet_people()
        decided = session.decider.decide(session.contacts())
        decided.states.close()
        assert seen.world is not None
        assert seen.plan is not None
        contact = seen.world.person.contact.contact_id
        if not seen.world.person.classes:
            refuse_unknown_contact(learner, parts)
        _say_time_unknown(session, seen.plan)
        told = explain(
            seen.world,
            seen.plan,
            _around(session, seen.world),
            link=_link(session, contact),
            calls=last_calls(
                parts.store.entries(contact=contact, kind=EntryKind.WRITE), parts.store.intents_of(contact)
            ),
            wanted=rules,
        )
        return replace(
            told,
            rested=tuple(report.rested),
            exit_code=report.exit_code,
            asked=frozenset(parts.store.decisions([contact])),
            calls={platform: count.read for platform, count in session.calls().items()},
        )


def _say_time_unknown(session: Session, plan: PersonPlan) -> None:
    """A change of a schedule resends the time of day: said beforehand where nobody knows it (a run says it when it writes)."""
    schedules = [c for c in plan.changes if c.act in (Act.RESCHEDULE, Act.CLOSE, Act.RESTORE)]
    starts = session.known_starts(schedules)
    plan.skips += [time_unknown(c) for c in schedules if c.enrolment_id not in starts]


def _link(session: Session, contact: ContactId) -> Link | None:
    found = session.parts.store.links([contact]).get(contact)
    return found or next((one for one in session.decider.out.links if one.contact_id == contact), None)


def _around(session: Session, world: World) -> Around:
    """The users who could be the contact, and the titles of courses that rest."""
    parts = session.parts
    sides = Reader(session.scratch, parts.lms, parts.vet).lms_sides(world.person.candidates)
    users: dict[UserId, User] = {user: side.user for user, side in sides.items() if side.user is not None}
    rested = [rule for rule in session.rules.rules if rule.id in world.around.rested_rules]
    courses = [course for rule in rested for course in rule.course_ids]
    titles = parts.lms.course_titles(courses) if courses else {}
    return Around(users=users, titles=titles)
