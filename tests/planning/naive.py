"""A second planner, deliberately simple: one person, one course, every sentence of the contract an `if`.

It shares no code with `connector.planning`; it reads the same values and the same memory. Where the two differ, one of
them is wrong, and the contract says which.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from connector.domain.learner import UNKNOWN
from tests.planning.naive_outcomes import INTERIM_CODES, NaiveOutcomes
from tests.planning.simulate import World


class Naive(NaiveOutcomes):
    """Collects (field, platform, before, after), reasons of questions, reasons of skips."""

    def __init__(self, world: World, course: str = "c1") -> None:
        super().__init__(world, course)
        self._course()
        if ("enrolment", "ispring", None, "enrolled") in self.changes:
            self._statuses_of_new()
        if not self.records:
            self.skips += ["no_axcelerate_record"] * len(world.rules) * len(self._live())

    # -- the course -----------------------------------------------------------------------------------------------------

    def _course(self) -> None:
        if not self.records:
            return
        best = self._best(self.records)
        self.skips += ["governed_by_other_record" for r in self.records if r is not best]
        if best["says"] == "rests":
            self.skips.append("unknown_status")
            return
        live = self._live()
        if not live:
            self._missing(best)
            return
        self.skips += ["duplicate_enrolment"] * (len(live) - 1)
        self._present(best, live[0])

    def _missing(self, best: dict[str, Any]) -> None:
        locked = best["says"] == "locked" and self._is_candidate(best)
        in_anyway = any(r["says"] == "open" for r in self.records)
        if best["says"] != "open" and not (
            locked and (in_anyway or all(self._wants_closing(r) for r in self.records))
        ):
            return
        pair = self.world.memory.pair(best["rule"].id, best["key"])
        if isinstance(best["end"], date) and best["end"] < self.world.today:
            self.skips.append("already_over")
        elif pair is not None and self.course in pair.courses:
            policy = best["rule"].enrolment.on_unenrolment
            if policy == "keep":
                self.skips.append("unenrolled")
            elif policy == "recreate" and self.course not in pair.recreated:
                self.changes.add(("enrolment", "ispring", None, "enrolled"))
            else:
                self.questions.append("unenrolled")
        elif best["rule"].enrolment.create:
            self.changes.add(("enrolment", "ispring", None, "enrolled"))
        else:
            self.skips.append("create_off")

    def _wants_closing(self, record: dict[str, Any]) -> bool:
        if record["says"] == "withdrawn":
            return bool(record["rule"].enrolment.on_withdrawal != "keep")
        if record["says"] in ("closing", "locked"):
            return str(record["rule"].access.direction) in ("both", "axcelerate_to_ispring")
        return False

    def _present(self, best: dict[str, Any], enrolment: Any) -> None:
        rule, memory = best["rule"], self.world.memory
        pair = memory.pair(rule.id, best["key"])
        known = memory.enrolments.get(enrolment.enrolment_id)
        held = pair.courses.get(self.course) if pair else None
        same = (
            known is not None
            and known.governed_by == f"{rule.id}|{best['key']}"
            and held is not None
            and held.enrolment_id == enrolment.enrolment_id
        )
        aXcelerate_gives = False
        if not same:
            met = any(self.course in p.courses for of in memory.pairs.values() for p in of.values())
            aXcelerate_gives = met or (known is not None and pair is not None)
            held = None
        elif held is not None:
            aXcelerate_gives = held.vet_gives
        closed = known.closed if known else None
        taken = known.taken if known and same else False
        may_close = all(self._wants_closing(r) for r in self.records)
        to_axcelerate = str(rule.access.direction) in ("both", "ispring_to_axcelerate")
        if may_close and closed is None:
            if best["says"] == "locked" and (
                taken or self._ispring_decides(best, enrolment, held, aXcelerate_gives)
            ):
                self._open_fields(best, enrolment, held, aXcelerate_gives, taken, to_axcelerate)
            else:
                self._close(best, enrolment)
        elif may_close:
            self._while_closed(best, enrolment, closed, to_axcelerate)
        elif closed is not None:
            lock = closed.real_locks
            if best["kind"] == "module" and str(rule.access.direction) in ("both", "axcelerate_to_ispring"):
                lock = rule.lock_after and best["override"] is not True
            self.changes.add(("access", "ispring", "closed", "closes_after_due" if lock else "open"))
            self._completion_date_left(best)
        else:
            self._open_fields(best, enrolment, held, aXcelerate_gives, taken, to_axcelerate)

    def _ispring_decides(self, best: dict[str, Any], enrolment: Any, held: Any, gives: bool) -> bool:
        rule = best["rule"]
        if str(rule.access.direction) != "both" or rule.access.on_conflict == "axcelerate":
            return False
        if held is None or held.access is None:
            return not gives
        lock = enrolment.locks if enrolment.due else held.access[0]
        return held.access[1] is not False and lock != held.access[0]

    def _close(self, best: dict[str, Any], enrolment: Any) -> None:
        if best["says"] == "withdrawn":
            self.changes.add(("enrolment", "ispring", "enrolled", "withdrawn"))
            return
        pair = self.world.memory.pair(best["rule"].id, best["key"])
        held = pair.courses.get(self.course) if pair else None
        mine = held if held and held.enrolment_id == enrolment.enrolment_id else None
        lock = enrolment.locks if enrolment.due else bool(mine and mine.access and mine.access[0])
        self.changes.add(("access", "ispring", "closes_after_due" if lock else "open", "closed"))

    def _lets_in(self, enrolment: Any) -> bool:
        return not enrolment.locks or enrolment.due is None or enrolment.due >= self.world.today

    def _while_closed(self, best: dict[str, Any], enrolment: Any, closed: Any, to_axcelerate: bool) -> None:
        if best["says"] == "withdrawn" and all(
            r["says"] == "withdrawn" and r["rule"].enrolment.on_withdrawal == "unenrol" for r in self.records
        ):
            result = self.world.results.get(enrolment.enrolment_id)
            if result is None or result.status == "not_started":
                self.changes.add(("enrolment", "ispring", "enrolled", "withdrawn"))
                return
        shown = (closed.shown_due, closed.shown_access, closed.shown_locks)
        if (enrolment.due, enrolment.access_from, enrolment.locks) == shown:
            return
        if best["says"] == "locked" and to_axcelerate and self._lets_in(enrolment):
            self._unlock(best, enrolment)
            if enrolment.due != closed.shown_due:
                self._date_to_axcelerate_after_unlock(best, enrolment)
            direction = str(best["rule"].start_date.direction)
            edits_start = enrolment.access_from != closed.shown_access
            into_axcelerate = direction in ("both", "ispring_to_axcelerate")
            if edits_start and enrolment.access_from != best["start"] and into_axcelerate:
                self._write_date(best, "start_date", enrolment.access_from, best["start"])
            if self._keeps_our_dates(best, enrolment, closed):
                lock = "closes_after_due" if enrolment.locks else "open"
                self.changes.add(("access", "ispring", "closed", lock))
        else:
            self.questions.append("conflict")

    def _keeps_our_dates(self, best: dict[str, Any], enrolment: Any, closed: Any) -> bool:
        """Whether a date of the closing still stands where another one belongs."""
        into_ispring = ("both", "axcelerate_to_ispring")
        gives_due = str(best["rule"].due_date.direction) in into_ispring
        gives_start = str(best["rule"].start_date.direction) in into_ispring and best["start"]
        due = best["end"] if gives_due else closed.real_due
        start = str(best["start"]) if gives_start else closed.real_access[:10]
        return (enrolment.due == closed.shown_due != due) or (
            enrolment.access_from == closed.shown_access and str(enrolment.access_from) != start
        )

    def _unlock(self, best: dict[str, Any], enrolment: Any) -> None:
        after = "open" if not enrolment.locks or not best["rule"].lock_after else "closes_after_due"
        self.changes.add(("access", "axcelerate", "closed", after))

    def _date_to_axcelerate_after_unlock(self, best: dict[str, Any], enrolment: Any) -> None:
        direction = str(best["rule"].due_date.direction)
        if direction in ("both", "ispring_to_axcelerate") and enrolment.due != best["end"]:
            self._write_date(best, "due_date", enrolment.due, best["end"])

    # -- field by field ---------------------------------------------------------------------------------------------------

    def _open_fields(
        self, best: dict[str, Any], enrolment: Any, held: Any, gives: bool, taken: bool, to_axcelerate: bool
    ) -> None:
        rule = best["rule"]
        into_ispring = str(rule.access.direction) in ("both", "axcelerate_to_ispring")
        if best["kind"] == "module" and to_axcelerate and taken:
            if best["override"] is False:
                edited = held.due is None or enrolment.due != held.due[0] or enrolment.locks != held.access[0]
                if edited and self._lets_in(enrolment):
                    self._unlock(best, enrolment)
                    if held.due is None or enrolment.due != held.due[0]:
                        self._date_to_axcelerate_after_unlock(best, enrolment)
                return
            if into_ispring:
                lock = rule.lock_after and best["override"] is not True
                self.changes.add(("access", "ispring", "closed", "closes_after_due" if lock else "open"))
                return
        could_be_taken = best["kind"] == "module" and to_axcelerate and best["override"] is not False
        if could_be_taken and self._takes_access(enrolment, held):
            before = "open" if best["override"] is True or not rule.lock_after else "closes_after_due"
            self.changes.add(("access", "axcelerate", before, "closed"))
            return
        if (
            best["override"] is False
            and into_ispring
            and not all(self._wants_closing(r) for r in self.records)
        ):
            self.skips.append("kept_open")
        self._dates(best, enrolment, held, gives)
        self._access(best, enrolment, held, gives)

    def _takes_access(self, enrolment: Any, held: Any) -> bool:
        read = self.world.last_read
        if held is None or held.access is None or read is None:
            return False
        seen = held.due or held.seen_due
        if seen is None or not enrolment.locks or enrolment.due is None or enrolment.due >= read:
            return False
        edited = enrolment.due != seen[0] or enrolment.locks != held.access[0]
        begun = (held.start[0] if held.start else enrolment.access_from) <= self.world.today
        could_get_in = begun and (seen[0] is None or not held.access[0] or seen[0] >= read)
        return bool(edited and could_get_in)

    def _completion_date_left(self, best: dict[str, Any]) -> bool:
        pair = self.world.memory.pair(best["rule"].id, best["key"])
        if best["says"] in ("finished", "withdrawn") or (
            best["code"] is not None and best["code"] not in INTERIM_CODES
        ):
            return True
        if (
            pair
            and pair.was_final
            and pair.final_end
            and best["end"] in (UNKNOWN, date.fromisoformat(pair.final_end))
        ):
            if str(best["rule"].due_date.direction) != "off":
                self.skips.append("completion_date_left")
            return True
        return False

    def _dates(self, best: dict[str, Any], enrolment: Any, held: Any, gives: bool) -> None:
        if self._completion_date_left(best):
            self._say_resting_edits(best, enrolment, held)
            return
        rule = best["rule"]
        givers: dict[str, str | None] = {}
        for field, choice, lms, vet, agreed in (
            (
                "start_date",
                rule.start_date,
                enrolment.access_from,
                best["start"],
                held.start if held else None,
            ),
            ("due_date", rule.due_date, enrolment.due, best["end"], held.due if held else None),
        ):
            direction = str(choice.direction)
            if direction == "off":
                continue
            if vet is UNKNOWN:
                self.skips.append("end_date_not_shown")
                continue
            givers[field] = self._giver(
                direction, str(choice.on_conflict), lms, vet, agreed, lms == vet, gives
            )
        start, due = enrolment.access_from, enrolment.due
        beside = best
        if set(givers.values()) == {"ispring"} and len(givers) == 2 and due is not None:
            past = best["kind"] == "unit" and due < self.world.today
            beside = best if past or due < start else best | {"start": start, "end": due}
        for field, giver in givers.items():
            lms, vet = (start, best["start"]) if field == "start_date" else (due, best["end"])
            if giver == "axcelerate":
                if vet is None and field == "start_date":
                    if (held.start if held else None) is not None:
                        self.skips.append("cannot_clear")
                else:
                    self.changes.add((field, "ispring", _text(lms), _text(vet)))
            elif giver == "ispring":
                self._write_date(beside, field, lms, vet)
            elif giver:
                self._say_or_ask(giver)

    def _say_resting_edits(self, best: dict[str, Any], enrolment: Any, held: Any) -> None:
        if best["says"] == "withdrawn" or held is None:
            return
        rule = best["rule"]
        for choice, lms, agreed in (
            (rule.start_date, enrolment.access_from, held.start),
            (rule.due_date, enrolment.due, held.due),
        ):
            if str(choice.direction) in ("both", "ispring_to_axcelerate") and agreed and agreed[0] != lms:
                self.skips.append("dates_rest")

    def _write_date(self, best: dict[str, Any], field: str, lms: Any, vet: Any) -> None:
        if lms is None:
            self.skips.append("cannot_clear")
            return
        if field == "due_date" and best["kind"] == "unit" and lms < self.world.today:
            self.questions.append("avetmiss_interim_past_end")
            return
        too_early = field == "due_date" and best["start"] and lms < best["start"]
        too_late = field == "start_date" and isinstance(best["end"], date) and lms > best["end"]
        if too_early or too_late:
            self.questions.append("end_before_start")
            return
        self.changes.add((field, "axcelerate", _text(vet), _text(lms)))

    def _say_or_ask(self, word: str) -> None:
        if word == "ask":
            self.questions.append("conflict")
        else:
            self.skips.append("one_way")

    def _giver(
        self, direction: str, on_conflict: str, lms: Any, vet: Any, agreed: Any, same: bool, gives: bool
    ) -> str | None:
        """Which side gives the value: "axcelerate", "ispring", "ask" a person, "left" alone, or None."""
        if agreed is None:
            if same:
                return None
            if gives:
                return None if direction == "ispring_to_axcelerate" else "axcelerate"
            if direction == "both":
                return "ask" if on_conflict == "review" else on_conflict
            return "axcelerate" if direction == "axcelerate_to_ispring" else "ispring"
        lms_moved, vet_moved = lms != agreed[0], vet != agreed[1]
        if same or not (lms_moved or vet_moved):
            return None
        if lms_moved and vet_moved:
            if direction == "both":
                return "ask" if on_conflict == "review" else on_conflict
            return "axcelerate" if direction == "axcelerate_to_ispring" else "ispring"
        if vet_moved:
            return "left" if direction == "ispring_to_axcelerate" else "axcelerate"
        return "left" if direction == "axcelerate_to_ispring" else "ispring"

    def _access(self, best: dict[str, Any], enrolment: Any, held: Any, gives: bool) -> None:
        rule = best["rule"]
        direction = str(rule.access.direction)
        if direction == "off" or best["says"] in ("finished", "withdrawn"):
            return
        wanted = False if best["override"] is True else rule.lock_after
        agreed = held.access if held else None
        unseen = agreed[0] if agreed else wanted
        lock = unseen if enrolment.due is None else enrolment.locks
        given = held.lock_given if held else None
        into = direction != "ispring_to_axcelerate"
        moved = given is not None and given != rule.lock_after and lock == given and lock != rule.lock_after
        if moved and into and best["override"] is None:
            self._lock(enrolment, rule.lock_after)
        elif best["kind"] != "module":
            source = gives or direction == "axcelerate_to_ispring" or rule.access.on_conflict == "axcelerate"
            if agreed is None and into and source and lock != rule.lock_after:
                self._lock(enrolment, rule.lock_after)
            elif agreed is not None and lock != agreed[0]:
                self.skips.append("no_override")
        else:
            self._module_access(best, enrolment, agreed, lock, wanted, gives)

    def _module_access(
        self, best: dict[str, Any], enrolment: Any, agreed: Any, lock: bool, wanted: bool, gives: bool
    ) -> None:
        rule, override = best["rule"], best["override"]
        direction = str(rule.access.direction)
        kept = override is False and "kept_open" in self.skips
        same = lock == wanted and (override is not False or kept)
        giver = self._giver(direction, str(rule.access.on_conflict), lock, override, agreed, same, gives)
        if giver == "axcelerate":
            self._lock(enrolment, wanted)
        elif giver == "ispring":
            before = {True: "open", False: "closed", None: "closes_after_due" if rule.lock_after else "open"}
            after = "closes_after_due" if lock and rule.lock_after else "open"
            becomes = None if lock else True
            if becomes is override or before[override] == after:
                if lock != wanted:
                    self.skips.append("no_override")
            else:
                self.changes.add(("access", "axcelerate", before[override], after))
        elif giver:
            self._say_or_ask(giver)

    def _lock(self, enrolment: Any, lock: bool) -> None:
        if enrolment.due is not None:
            words = {True: "closes_after_due", False: "open"}
            self.changes.add(("access", "ispring", words[enrolment.locks], words[lock]))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
