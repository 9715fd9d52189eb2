"""Mapping files for a generated world, as an operator of that provider would have written them."""

from __future__ import annotations

from collections.abc import Iterable

from .people import Course, TrainingClass, Unit, World

WA_STANDARD = "WA"
NATIONAL_OUTCOME = (
    "to_axcelerate: {passed: 20, complete: 20, accepted: 20, in_progress: 70}",
    "to_ispring: {51: complete, 60: complete}",
)
WA_OUTCOME = (
    "to_axcelerate: {passed: 1, complete: 1, accepted: 1, in_progress: 5}",
    "to_ispring: {6: complete, 9: complete}",
)


def world_mappings(world: World, *, scope: str = "classes") -> dict[str, str]:
    """File name -> YAML text, one file a course. A course's title says what it belongs to.

    "CODE …" with the code of a unit makes unit rules, "Class: NAME" a class rule, the name of a module a module rule;
    other courses are left out. `scope` decides how unit rules name classes: "classes" by id, "qualification" by code
    (one rule each), "account" not at all; Western Australian classes get rules of their own, and then the others are named.
    """
    files: dict[str, str] = {}
    for number, course in enumerate(world.courses, start=1):
        rules = [
            *_unit_rules(world, course, scope),
            *_class_rules(world, course),
            *_module_rules(world, course),
        ]
        if rules:
            files[f"{number:02d}-{_slug(course.title)}.yaml"] = (
                "version: 1\nrules:\n" + "\n".join(rules) + "\n"
            )
    return files


def _unit_rules(world: World, course: Course, scope: str) -> list[str]:
    unit = next((unit for unit in world.units if course.title.split(" ", 1)[0] == unit.code), None)
    if unit is None:
        return []
    teaching = [one for one in world.classes if unit.code in one.units]
    western = [one for one in teaching if one.reporting_standard.startswith(WA_STANDARD)]
    national = [one for one in teaching if one not in western]
    rules = []
    if scope == "qualification":
        for code in sorted({one.qualification_code for one in national}):
            rule_id = f"{_slug(unit.code)}-{_slug(code)}"
            rules.append(_unit_rule(rule_id, course, unit, f"qualification: {code}", NATIONAL_OUTCOME))
    elif national:
        where = "" if scope == "account" and not western else _classes(national)
        rules.append(_unit_rule(_slug(unit.code), course, unit, where, NATIONAL_OUTCOME))
    if western:
        where = _classes(western) + "\n      jurisdiction: WA"
        rules.append(_unit_rule(f"{_slug(unit.code)}-wa", course, unit, where, WA_OUTCOME))
    return rules


def _unit_rule(rule_id: str, course: Course, unit: Unit, where: str, outcome: tuple[str, str]) -> str:
    target = f"target: unit\n      unit: {unit.code}" + (f"\n      {where}" if where else "")
    lines = "\n".join(f"      {line}" for line in outcome)
    return _rule(rule_id, course, target) + f"\n    outcome:\n      approval: required\n{lines}"


def _class_rules(world: World, course: Course) -> list[str]:
    named = [one for one in world.classes if course.title == f"Class: {one.name}"]
    return [_rule(_slug(course.title), course, f"target: class\n      {_classes(named)}")] if named else []


def _module_rules(world: World, course: Course) -> list[str]:
    places = [
        one for one in world.class_enrolments if any(module.name == course.title for module in one.modules)
    ]
    ids = {one.class_id for one in places}
    taught = [one for one in world.classes if one.class_id in ids]
    if not taught:
        return []
    target = f'target: module\n      module: "{course.title}"\n      {_classes(taught)}'
    return [_rule(_slug(course.title), course, target)]


def _rule(rule_id: str, course: Course, target: str) -> str:
    return (
        f"  - id: {rule_id}\n"
        f'    title: "{course.title}"\n'
        f"    ispring:\n"
        f'      courses: [{{id: {course.course_id}, title: "{course.title}"}}]\n'
        f"    axcelerate:\n"
        f"      {target}\n"
        f"    learner: {{match: [email, optional_id=login]}}"
    )


def _classes(classes: Iterable[TrainingClass]) -> str:
    return f"classes: [{', '.join(str(one.class_id) for one in classes)}]"


def _slug(text: str) -> str:
    kept = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in text.lower())
    return "-".join(part for part in kept.split("-") if part)
