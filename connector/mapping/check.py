"""What the grammar alone cannot say: keys that belong together, codes of a jurisdiction, ids over all files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from connector.domain.outcome import describe, is_readable, nearest, shown, valid_codes
from connector.domain.rule import Direction, MissingLearner, Place, Target
from connector.mapping.build import matcher_of
from connector.mapping.document import RuleDocument
from connector.mapping.draft import Draft, FileDraft
from connector.mapping.problems import Path, Problem, nearest_word, spell

Check = Callable[[Draft], Iterator[Problem]]


def check_rule(draft: Draft, jurisdiction: str) -> Iterator[Problem]:
    """Everything wrong with one rule; `jurisdiction` is the setting, for rules that name none."""
    for check in (
        _required,
        _target_keys,
        _class_scope,
        _repetitions,
        _matchers,
        _without_outcome,
        _class_dates,
        _department,
    ):
        yield from check(draft)
    yield from _codes(draft, jurisdiction)


def _required(draft: Draft) -> Iterator[Problem]:
    document = draft.document
    needed: list[tuple[Path, object, str]] = [
        (("id",), document.id, "every rule has a name of its own"),
        (("ispring",), document.ispring, "name the courses: `ispring: {courses: […]}`"),
        (("axcelerate",), document.axcelerate, "name the target: `axcelerate: {target: unit, unit: …}`"),
    ]
    if document.ispring is not None:
        needed.append((("ispring", "courses"), document.ispring.courses, "name at least one content item id"))
        for position, course in enumerate(document.ispring.courses or []):
            needed.append(
                (
                    ("ispring", "courses", position, "id"),
                    course.id,
                    "a course is named by its content item id",
                )
            )
    if document.axcelerate is not None:
        needed.append((("axcelerate", "target"), document.axcelerate.target, "write unit, module or class"))
    for position, example in enumerate(document.examples or []) if draft.is_own("examples") else []:
        needed.append(
            (
                ("examples", position, "given"),
                example.given,
                "say what both sides show: `given: {ispring: passed, axcelerate: 70}`",
            )
        )
        needed.append(
            (
                ("examples", position, "expect"),
                example.expect,
                "say what is written: `expect: {axcelerate: 20}`, or `{}`",
            )
        )
    for path, value, fix in needed:
        if value is None and not draft.shaped.is_rejected((*draft.position, *path)):
            yield draft.missing(path, fix)


def _target_keys(draft: Draft) -> Iterator[Problem]:
    """`unit` belongs to target unit, `module` to target module, and neither to a class."""
    side = draft.document.axcelerate
    if side is None or side.target is None:
        return
    for target, value, name in (
        (Target.UNIT, side.unit, "the unit's code"),
        (Target.MODULE, side.module, "the module's name"),
    ):
        path = ("axcelerate", target.value)
        if side.target is target and value is None and draft.is_sound(*path):
            missing = draft.problem(("axcelerate", "target"), f"is missing; target {target} needs {name}")
            yield Problem(missing.place, spell(path), missing.message)
        elif side.target is not target and value is not None:
            yield draft.problem(path, f"does not belong to target {side.target}; leave it out", at_key=True)


def _class_scope(draft: Draft) -> Iterator[Problem]:
    side = draft.document.axcelerate
    if side is not None and side.classes and side.qualification:
        yield draft.problem(
            ("axcelerate", "qualification"), "stands beside `classes`; keep one of the two", at_key=True
        )


def _repetitions(draft: Draft) -> Iterator[Problem]:
    ispring, axcelerate = draft.document.ispring, draft.document.axcelerate
    lists: list[tuple[Path, list[str]]] = [(("learner", "match"), draft.document.learner.match)]
    if ispring is not None:
        lists.append((("ispring", "courses"), [course.id or "" for course in ispring.courses or []]))
    if axcelerate is not None:
        lists.append((("axcelerate", "classes"), [str(number) for number in axcelerate.classes or []]))
    for path, values in lists:
        for position, value in enumerate(values):
            if value and value in values[:position]:
                yield draft.problem((*path, position), f"{value} stands twice; leave one out")


def _matchers(draft: Draft) -> Iterator[Problem]:
    if not draft.is_own("learner", "match"):
        return
    for position, text in enumerate(draft.document.learner.match):
        if matcher_of(text) is None:
            known = ("email", "login", "optional_id=login", "optional_id=<profile field>")
            message = f"{text} is not one of {', '.join(known)}"
            yield draft.problem(("learner", "match", position), message, nearest_word(text, known))


def _without_outcome(draft: Draft) -> Iterator[Problem]:
    """Only a unit has an outcome; class and module rules that speak of one would never be heard."""
    if draft.target in (None, Target.UNIT):
        return
    for key in ("outcome", "examples"):
        if draft.is_own(key):
            message = f"does not belong to target {draft.target}: only a unit has an outcome; leave it out"
            yield draft.problem((key,), message, at_key=True)


def _class_dates(draft: Draft) -> Iterator[Problem]:
    """The dates of a class belong to the class, not to one learner (contract, section 3)."""
    if draft.target is not Target.CLASS:
        return
    for name, rule in (("start_date", draft.document.start_date), ("due_date", draft.document.due_date)):
        if draft.is_own(name, "direction") and rule.direction not in (Direction.TO_ISPRING, Direction.OFF):
            message = (
                f"{rule.direction} is not possible in a class rule, whose dates are those of the whole class"
            )
            yield draft.problem((name, "direction"), message, Direction.TO_ISPRING)


def _department(draft: Draft) -> Iterator[Problem]:
    rule = draft.document.enrolment
    if (
        rule.missing_learner is MissingLearner.CREATE
        and rule.department is None
        and draft.is_sound("enrolment", "department")
    ):
        message = "create needs a department: add `department: <id>` beside it"
        yield draft.problem(("enrolment", "missing_learner"), message)


def _codes(draft: Draft, setting: str) -> Iterator[Problem]:
    # A target still to be mended hides no problem of the codes: all are said at once (contract, section 3).
    if draft.target not in (None, Target.UNIT) or not draft.is_sound("axcelerate", "jurisdiction"):
        return
    jurisdiction = jurisdiction_of_rule(draft.document, setting)
    yield from _written_codes(draft, jurisdiction)
    yield from _read_codes(draft, jurisdiction)


def jurisdiction_of_rule(document: RuleDocument, setting: str) -> str:
    return (document.axcelerate.jurisdiction if document.axcelerate else None) or setting


def _written_codes(draft: Draft, jurisdiction: str) -> Iterator[Problem]:
    """Codes that would be written must be valid in the rule's jurisdiction."""
    codes: list[tuple[Path, str]] = [
        (("outcome", "to_axcelerate", status.value), code)
        for status, code in (draft.document.outcome.to_axcelerate or {}).items()
    ]
    for position, example in enumerate(draft.document.examples or []):
        if example.expect is not None and example.expect.axcelerate is not None:
            codes.append((("examples", position, "expect", "axcelerate"), example.expect.axcelerate))
    for path, code in codes:
        if code not in valid_codes(jurisdiction):
            what = (
                "no longer in use in"
                if is_readable(code, jurisdiction) and code
                else "not an outcome code of"
            )
            yield draft.problem(
                path, f"{shown(code)} is {what} {jurisdiction}", _suggestion(code, jurisdiction)
            )


def _read_codes(draft: Draft, jurisdiction: str) -> Iterator[Problem]:
    """Codes that are only looked for may be deprecated or blank, but must exist."""
    table = draft.document.outcome.to_ispring or {}
    codes: list[tuple[Path, str, bool]] = [
        (("outcome", "to_ispring", _as_written(draft, code)), code, True) for code in table
    ]
    for position, example in enumerate(draft.document.examples or []):
        if example.given is not None:
            codes.append((("examples", position, "given", "axcelerate"), example.given.axcelerate, False))
    for path, code, at_key in codes:
        if not is_readable(code, jurisdiction):
            message = f"{shown(code)} is not an outcome code of {jurisdiction}"
            yield draft.problem(path, message, _suggestion(code, jurisdiction), at_key=at_key)


def _as_written(draft: Draft, code: str) -> str:
    """The key under which a code stands in the file: a blank may be `blank` or an empty text."""
    for root in (draft.own, draft.shared):
        table = root.get("outcome", {}).get("to_ispring", {})
        for key in table:
            if key == code or key == shown(code):
                return str(key)
    return code


def _suggestion(code: str, jurisdiction: str) -> str:
    meant = nearest(code, jurisdiction)
    return f"{meant} ({describe(meant, jurisdiction)})"


def check_file(file: FileDraft) -> Iterator[Problem]:
    """What is wrong with a file as a whole."""
    document, shaped = file.document, file.shaped
    start = Place(file.file, 1, 1)
    if document.version is None and not shaped.is_rejected(("version",)):
        yield Problem(start, "version", "is missing; write `version: 1` at the top")
    if document.rules is None and document.limits is None and not shaped.is_rejected(("rules",)):
        yield Problem(start, "rules", "is missing; a file holds rules, limits, or both")


def check_together(files: Iterable[FileDraft]) -> Iterator[Problem]:
    """What is wrong only when all files are seen together."""
    files = list(files)
    drafts = [draft for file in files for draft in file.rules]
    yield from _unique(drafts, "id")
    yield from _unique(drafts, "was")
    ids = {draft.document.id: draft for draft in drafts if draft.document.id}
    for draft in drafts:
        if draft.document.was and draft.document.was in ids:
            message = f"{draft.document.was} is still the id of a rule ({_id_place(ids[draft.document.was])}); a renamed rule has left its old id"
            yield draft.problem(("was",), message)
    with_limits = [file for file in files if file.document.limits is not None]
    for file in with_limits[1:]:
        yield Problem(
            file.place("limits"),
            "limits",
            f"stand already at {with_limits[0].place('limits')}; limits hold for all files",
        )


def _unique(drafts: list[Draft], key: str) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for draft in drafts:
        value = getattr(draft.document, key)
        if not value:
            continue
        problem = draft.problem(
            (key,), f"{value} stands already at {first.get(value)}; each `{key}` stands once in all files"
        )
        if value in first:
            yield problem
        first.setdefault(value, problem.place)


def _id_place(draft: Draft) -> Place:
    return draft.node.nearest(("id",)).place
