"""Do what an explanation suggests, as a person would: at the simulated platforms, by a command, or in the mapping file."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from connector.domain.learner import ContactId, UserId
from connector.domain.ledger import Link
from connector.explaining.facts import FieldFacts, PairFacts, Suggestion, Where
from tests.story.provider import WHS_COURSE, user_of
from tests.story.world import Account

OVERRIDES = {"open": True, "closed": False, "closes_after_due": None}


def carry_out(account: Account, contact: int, pair: PairFacts, suggestion: Suggestion) -> None:
    """Make the suggested change, nothing else."""
    match suggestion.platform:
        case Where.AXCELERATE:
            _in_axcelerate(account, contact, suggestion)
        case Where.ISPRING:
            _in_ispring(account, contact, pair, suggestion)
        case Where.CONNECTOR:
            _in_connector(account, suggestion)
        case Where.MAPPING:
            account.use(_edited(account.rules_text, suggestion))


def _in_axcelerate(account: Account, contact: int, suggestion: Suggestion) -> None:
    person, (kind, identity), value = account.axcelerate.person, suggestion.record, suggestion.value
    name = {"start_date": "start", "due_date": "end"}.get(suggestion.field, suggestion.field)
    if suggestion.action == "show":
        switch, shown = {
            "end_dates": ("unit_finishdate", "activity_end"),
            "access_override": ("override_column", "present"),
        }[suggestion.field]
        setattr(account.axcelerate.switches, switch, shown)
        account.restart()  # what an account shows is asked once by each process
    elif suggestion.action in ("enrol", "repair"):
        _enrol(account, contact, kind, identity)
    elif kind == "unit":
        class_id, _, code = identity.partition("/")
        person.set_unit(contact, int(class_id), code, **{name: value})
    elif kind == "module":
        given: Any = OVERRIDES[value or ""] if name == "access" else value
        person.set_module(int(identity), **{"override" if name == "access" else name: given})
    elif kind == "contact":
        person.set_contact(contact, email=value or "mia@example.org")
    elif name == "status":
        person.set_class_enrolment(contact, int(identity), status=value)
    elif name == "start":
        person.set_class_enrolment(contact, int(identity), start=value)
    else:
        person.set_class(int(identity), finish=value)


def _enrol(account: Account, contact: int, kind: str, identity: str) -> None:
    class_id, _, code = identity.partition("/")
    person = account.axcelerate.person
    places = account.axcelerate.rows("class_enrolments")
    if any((p["contact_id"], p["class_id"]) == (contact, int(class_id)) for p in places):
        person.add_unit_enrolment(contact, int(class_id), code, outcome="70", start=account.boxes.world.today)
    else:
        person.enrol(contact, int(class_id), start=account.boxes.world.today, units=[code] if code else None)


def _in_ispring(account: Account, contact: int, pair: PairFacts, suggestion: Suggestion) -> None:
    person, (_, identity), value = account.ispring.person, suggestion.record, suggestion.value
    match suggestion.action:
        case "enrol":
            shown = {facts.field.value: facts for facts in pair.fields}
            due = _day(shown["due_date"])
            person.enrol(
                _user_of(account, contact), identity, access=_day(shown["start_date"]), due=due,
                lock=due is not None and shown["access"].axcelerate != "open",
            )  # fmt: skip
        case "unenrol":
            person.unenrol(identity)
        case "activate":
            person.activate_user(identity)
        case "add_user":
            person.add_user(value or "", value or "", "New", "User")
        case "rename":
            person.rename_course(identity, value or "")
        case "wait":
            account.ispring.switches.task_end = "complete"
            account.clock.advance(timedelta(hours=1))
        case "set" if suggestion.field == "outcome":
            person.set_status(identity, value or "")
        case "set":
            _reschedule(account, identity, suggestion)


def _reschedule(account: Account, identity: str, suggestion: Suggestion) -> None:
    value = suggestion.value or ""
    if suggestion.field == "access":
        account.ispring.person.edit_enrollment(identity, lock=value == "closes_after_due")
    elif suggestion.field == "due_date":
        account.ispring.person.edit_enrollment(identity, due=date.fromisoformat(value))
    else:
        account.ispring.person.edit_enrollment(identity, access=date.fromisoformat(value))


def _in_connector(account: Account, suggestion: Suggestion) -> None:
    identity, value = suggestion.record[1], suggestion.value
    match suggestion.action:
        case "approve":
            if identity not in account.store.decisions():
                account.reconcile()  # a question can be answered once a run has asked it
            take = value if value in ("ispring", "axcelerate") else None
            on_date = date.fromisoformat(value) if value and not take else None
            account.approve(identity, take=take, on_date=on_date)
        case "reject":
            account.reject(identity)
        case "pin":
            contact, user = ContactId(int(identity)), UserId(value or "")
            account.store.save_links([Link(contact, user, "pinned", pinned=True)])
        case "unpin":
            account.store.drop_link(ContactId(int(identity)))


def _user_of(account: Account, contact: int) -> str:
    link = account.store.links([ContactId(contact)]).get(ContactId(contact))
    return link.user_id if link else user_of(contact)


def _day(facts: FieldFacts) -> date | None:
    shown = facts.axcelerate
    return date.fromisoformat(shown) if shown and shown != "?" else None


def _edited(text: str, suggestion: Suggestion) -> str:
    """The mapping file with one key of one rule changed."""
    yaml = YAML()
    document = yaml.load(text)
    rule = next(one for one in document["rules"] if one["id"] == suggestion.record[1])
    *groups, last = suggestion.field.split(".")
    if suggestion.field == "ispring.courses.title":
        rule["ispring"]["courses"][0]["title"] = suggestion.value
    elif suggestion.field == "ispring.courses":
        rule["ispring"]["courses"] = [WHS_COURSE]
    else:
        for group in groups:
            rule = rule.setdefault(group, {})
        value = suggestion.value
        rule[last] = {"true": True, "false": False}.get(value or "", value)
    out = StringIO()
    yaml.dump(document, out)
    return out.getvalue()
