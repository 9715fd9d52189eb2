"""The naive planner's first half: what every record says, which one governs, and the outcomes."""

from __future__ import annotations

from datetime import date
from typing import Any

from connector.domain.learner import UNKNOWN
from tests.planning.simulate import World

WITHDRAWN_CODES, GRANTED_CODES, INTERIM_CODES = ("40", "41"), ("51", "60"), ("", "70", "85")


class NaiveOutcomes:
    """The records of a person, who governs, and the outcomes."""

    def __init__(self, world: World, course: str = "c1") -> None:
        self.world, self.course = world, course
        self.changes: set[tuple[str, str, str | None, str | None]] = set()
        self.questions: list[str] = []
        self.skips: list[str] = []
        self.records = self._records()
        self._outcomes()

    # -- the records and what they say ----------------------------------------------------------------------------------

    def _records(self) -> list[dict[str, Any]]:
        found = []
        for rule in self.world.rules:
            for row in self.world.rows.values():
                base = {
                    "rule": rule,
                    "row": row,
                    "order": (row.enrolled_at.isoformat(), row.enrol_id, -rule.position),
                    "class": str(row.status),
                    "start": row.start,
                    "code": None,
                    "override": None,
                    "kind": str(rule.target),
                }
                if rule.target == "class":
                    found.append(
                        base
                        | {"key": f"class:{row.class_id}", "end": self.world.details[row.class_id].finish}
                    )
                elif rule.target == "unit":
                    for unit in row.units:
                        if unit.code == rule.unit:
                            hidden = unit.end is None and unit.outcome in INTERIM_CODES
                            end = UNKNOWN if hidden and not self.world.shows_end_dates else unit.end
                            key = f"unit:{row.class_id}/{unit.code}"
                            found.append(
                                base | {"key": key, "start": unit.start, "end": end, "code": unit.outcome}
                            )
                else:
                    for module in self.world.modules.values():
                        if module.class_id == row.class_id:
                            found.append(
                                base
                                | {
                                    "key": f"module:{module.module_enrolment_id}",
                                    "start": module.start,
                                    "end": module.end,
                                    "override": module.override,
                                    "done": str(module.status) == "other",
                                }
                            )
        for record in found:
            record["says"] = self._says(record)
        return found

    def _says(self, record: dict[str, Any]) -> str:
        """open, locked, closing, withdrawn, finished, nothing or rests."""
        if record["class"] == "unknown":
            return "rests"
        code = record["code"]
        if code in WITHDRAWN_CODES:
            return "withdrawn"
        if code in GRANTED_CODES:
            return "closing"
        if code is not None and code not in INTERIM_CODES:
            return "finished"
        if record.get("done"):
            return "finished"
        if record["class"] == "cancelled":
            return "withdrawn"
        if record["class"] in ("suspended", "deferred"):
            return "closing"
        if record["override"] is False:
            return "locked"
        return "open" if record["class"] == "in_progress" else "nothing"

    def _is_candidate(self, record: dict[str, Any]) -> bool:
        if record["says"] == "locked":
            return bool(record["class"] == "in_progress")
        return record["says"] in ("open", "rests")

    def _best(self, records: list[dict[str, Any]]) -> dict[str, Any]:
        return max([r for r in records if self._is_candidate(r)] or records, key=lambda r: r["order"])

    # -- outcomes -------------------------------------------------------------------------------------------------------

    def _outcomes(self) -> None:
        for unit in ("AAA", "BBB"):
            same = [r for r in self.records if r["kind"] == "unit" and r["rule"].unit == unit]
            mine = [r for r in same if r["rule"].outcome.to_axcelerate or r["rule"].outcome.to_ispring]
            if mine:
                self._outcome_of_unit(same, mine)

    def _outcome_of_unit(self, same: list[dict[str, Any]], mine: list[dict[str, Any]]) -> None:
        best = self._best(mine)
        self.skips += ["governed_by_other_record" for r in mine if r is not best and r["says"] == "open"]
        if best["says"] == "rests":
            return
        live = self._live()
        result = self.world.results.get(live[0].enrolment_id) if live else None
        known = self.world.memory.enrolments.get(live[0].enrolment_id) if live else None
        ours = known.status_set if known else None
        if ours and result and ours.status != result.status:
            ours = None
        self._to_ispring(best, result, ours)
        if result is None or ours is not None:
            return
        code = best["rule"].outcome.to_axcelerate.get(result.status)
        if code is None or code == best["code"]:
            return
        others = [r for r in same if r["row"].class_id != best["row"].class_id]
        if best["says"] == "open" and any(r["code"] not in INTERIM_CODES for r in others):
            self.skips.append("already_assessed")
        elif best["code"] not in INTERIM_CODES:
            if code not in INTERIM_CODES:
                self.questions.append("conflict")
        elif best["says"] == "open":
            self._propose(
                best,
                code,
                result,
                later=any(r["order"] > best["order"] and r["says"] in ("closing", "nothing") for r in others),
            )

    def _propose(self, best: dict[str, Any], code: str, result: Any, *, later: bool) -> None:
        if code in INTERIM_CODES:
            if isinstance(best["end"], date) and best["end"] < self.world.today:
                self.questions.append("avetmiss_interim_past_end")
                return
            self.changes.add(("outcome", "axcelerate", best["code"], code))
            return
        done = result.completed_at.date() if result.completed_at else None
        if done is None:
            self.questions.append("no_completion_date")
        elif done > self.world.today or (best["start"] and done < best["start"]):
            self.questions.append("completion_date_implausible")
        elif later:
            self.questions.append("superseded_by_later_enrolment")
        elif best["rule"].outcome.approval == "required":
            self.questions.append("approval_required")
        else:
            self.changes.add(("outcome", "axcelerate", best["code"], code))
            for record in self.records:  # from now on its end date is a completion date
                if record["key"] == best["key"]:
                    record["says"], record["code"] = "finished", code

    def _to_ispring(self, best: dict[str, Any], result: Any, ours: Any) -> None:
        wanted = best["rule"].outcome.to_ispring.get(best["code"])
        if result is None:
            return
        if ours is not None:
            if ours.rule == best["rule"].id and ours.code != best["code"] and wanted != ours.status:
                after = str(wanted) if wanted else "automatic"
                self.changes.add(("outcome", "ispring", str(result.status), after))
        elif wanted and result.status in ("not_started", "in_progress"):
            self.changes.add(("outcome", "ispring", str(result.status), str(wanted)))

    def _statuses_of_new(self) -> None:
        """What the codes set on an enrolment that is made in the same run; the rule that stands first decides."""
        bests = []
        for unit in ("AAA", "BBB"):
            same = [r for r in self.records if r["kind"] == "unit" and r["rule"].unit == unit]
            mine = [r for r in same if r["rule"].outcome.to_axcelerate or r["rule"].outcome.to_ispring]
            bests += [self._best(mine)] if mine else []
        for best in sorted(
            bests, key=lambda r: min(s["rule"].position for s in self.records if s["key"] == r["key"])
        ):
            wanted = best["rule"].outcome.to_ispring.get(best["code"])
            if wanted and best["says"] != "rests":
                self.changes.add(("outcome", "ispring", "not_started", str(wanted)))
                return

    def _live(self) -> list[Any]:
        known = self.world.memory.enrolments

        def newest(enrolment: Any) -> tuple[str, str]:
            mine = known.get(enrolment.enrolment_id)
            return (max(str(enrolment.access_from), mine.counted if mine else ""), enrolment.enrolment_id)

        mine = [e for e in self.world.enrolments.values() if e.course_id == self.course]
        return sorted(mine, key=newest, reverse=True)
