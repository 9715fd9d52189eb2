"""Every reason that a report can give, with its meaning and what a person can do: closed lists (contract, section 6).

A reason stands in one of four lists, and the same word may stand in several: why something is changed, why a person is
asked, why something is left alone, and why a decision needed no write. docs/reasons.md is made from these lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Reason:
    """`says` is half a sentence for a plan on the screen; `meaning` and `fix` are whole sentences."""

    word: str
    says: str
    meaning: str
    fix: str


def _table(*reasons: Reason) -> Mapping[str, Reason]:
    return MappingProxyType({reason.word: reason for reason in reasons})


CHANGES = _table(
    Reason(
        "changed_in_axcelerate",
        "it was changed in aXcelerate",
        "The value in aXcelerate is another one than when both sides last agreed, and the rule lets it move to iSpring Learn.",
        "If the change is not wanted, put the old value back in aXcelerate before the next run.",
    ),
    Reason(
        "changed_in_ispring",
        "it was changed in iSpring Learn",
        "The value in iSpring Learn is another one than when both sides last agreed, and the rule lets it move to aXcelerate.",
        "If the change is not wanted, put the old value back in iSpring Learn before the next run.",
    ),
    Reason(
        "first_sight",
        "the two sides meet for the first time",
        "Nothing was agreed about this field yet; the side that the rule prefers (`on_conflict`, or the only direction) gives the value.",
        "To let the other side give it, change `on_conflict` of the field in the mapping.",
    ),
    Reason(
        "open_target",
        "enrolled in aXcelerate and not yet in the course",
        "The learner has an open class, unit or module in aXcelerate and no place in the rule's course.",
        "To enrol nobody by this rule, write `enrolment: {create: false}` in the mapping.",
    ),
    Reason(
        "recreated",
        "removed in iSpring Learn, and the rule makes it again once",
        "Somebody removed the place in the course; `on_unenrolment: recreate` makes it again, once for each record.",
        "To be asked instead, write `on_unenrolment: review` in the mapping.",
    ),
    Reason(
        "withdrawn",
        "the learner has left in aXcelerate",
        "The class enrolment is cancelled or gone, or the unit carries a withdrawn code; `on_withdrawal` says what follows.",
        "If the learner has not left, correct aXcelerate; to leave iSpring Learn alone, write `on_withdrawal: keep`.",
    ),
    Reason(
        "has_results",
        "the learner has left; the place is locked, not deleted, because it holds results",
        "`on_withdrawal: unenrol` deletes only a place that was never started and has no certificate.",
        "Nothing needs to be done; delete the place in iSpring Learn if the results are not wanted.",
    ),
    Reason(
        "access_closed",
        "aXcelerate says that access ends",
        "The class enrolment is suspended or deferred, the outcome was granted, or the module is locked in aXcelerate.",
        "Take the suspension or lock back in aXcelerate, and the access returns with the next run.",
    ),
    Reason(
        "access_restored",
        "the reason to close access is gone",
        "The connector had closed this place; what made it do so no longer holds, and the dates come back.",
        "Nothing needs to be done.",
    ),
    Reason(
        "mapping_changed",
        "`lock_after` was edited in the mapping",
        "The lock is still what the mapping gave before, and the mapping now says otherwise.",
        "Put the old `lock_after` back if this is not wanted.",
    ),
    Reason(
        "completion",
        "the result in iSpring Learn maps to this outcome",
        "The status of the course maps to an outcome code, and the rule writes it without asking.",
        "To be asked first, write `approval: required` in the mapping.",
    ),
    Reason(
        "code_taken_back",
        "the outcome that made us set this status was taken back",
        "The connector had set the course status because of an outcome code; without the code the status is handed back.",
        "Nothing needs to be done.",
    ),
    Reason(
        "approved",
        "a person approved it",
        "Somebody approved the question about this change (`connector review approve`).",
        "Nothing needs to be done; `connector history` shows who and when.",
    ),
)

REVIEWS = _table(
    Reason(
        "approval_required",
        "a final outcome needs a person's approval",
        "The result in iSpring Learn maps to a final outcome code, and the rule does not write those on its own.",
        "Look at the evidence; `connector review approve ID` writes the code, `reject` leaves it.",
    ),
    Reason(
        "conflict",
        "both sides were changed, or say different final things",
        "The two sides hold different values and the rule asks a person which one stands.",
        "`connector review approve ID --take axcelerate` or `--take ispring`; a final outcome is changed in aXcelerate only.",
    ),
    Reason(
        "unenrolled",
        "somebody removed the place in iSpring Learn",
        "The learner is still enrolled in aXcelerate, and the place in the course was removed in iSpring Learn.",
        "`connector review approve ID` enrols again, `reject` accepts the removal.",
    ),
    Reason(
        "ambiguous_person",
        "several users could be this contact",
        "The matchers of the rule find more than one user, or one user for several contacts, or a user is to be made with an address that "
        "somebody else has too; the connector does not guess.",
        "`connector links pin CONTACT_ID USER_ID` says who is who; or give each contact its own address.",
    ),
    Reason(
        "link_contradicted",
        "the matchers now point to another user",
        "The contact is linked to one user, and address or id now belong to another one; outcomes rest, dates go on.",
        "`connector links pin CONTACT_ID USER_ID` with the right user, or approve to keep the link as it is.",
    ),
    Reason(
        "contact_merged",
        "the contact was merged into another one",
        "aXcelerate merged this contact; the records now belong to the surviving contact.",
        "`connector review approve ID` lets the link and what was agreed go on with the surviving contact; `reject` leaves the records resting.",
    ),
    Reason(
        "avetmiss_interim_past_end",
        "an open outcome would stand beside an end date in the past (rule C1)",
        "A unit that is still open would stand with an end date before today, which fails AVETMISS validation.",
        "Choose a later date, or record the final outcome first; `approve` writes the value all the same.",
    ),
    Reason(
        "end_before_start",
        "it would end before it starts (rule C2)",
        "The date would make the unit or module end before it starts.",
        "Correct one of the dates; `approve` writes the date all the same.",
    ),
    Reason(
        "no_completion_date",
        "a final outcome without a completion date (rule C3)",
        "iSpring Learn shows no completion date, and a final outcome is written with its end date.",
        "`connector review approve ID --date YYYY-MM-DD` with the day of completion.",
    ),
    Reason(
        "completion_date_implausible",
        "the completion date is in the future or before the start (rules C4 and C7)",
        "The date of completion cannot be the end date of the unit, and the connector does not bend dates.",
        "`connector review approve ID --date YYYY-MM-DD`, or correct the start date in aXcelerate.",
    ),
    Reason(
        "not_started_after_start",
        "85 (not yet started) after the start (rule C5)",
        "The mapping would write 85 although the unit's start has passed.",
        "Map the status to 70 (continuing), or approve the code this once.",
    ),
    Reason(
        "withdrawn_without_engagement",
        "40 (withdrawn) for a learner who never took part (rule C6)",
        "Code 40 says that the learner took part before leaving, and iSpring Learn shows no start.",
        "Record the right code in aXcelerate, or approve this one.",
    ),
    Reason(
        "code_not_valid_here",
        "the rule's jurisdiction does not have this code (rule C8)",
        "The mapping gives an outcome code that the reporting jurisdiction of the rule does not have, or has given up.",
        "Write one of the jurisdiction's codes in the mapping (`connector mappings check` names the nearest), or reject.",
    ),
    Reason(
        "superseded_by_later_enrolment",
        "the learner was enrolled in the unit again since (rule C9)",
        "Another class holds a newer enrolment in the same unit, which is not open; the final outcome may belong there.",
        "End the enrolment that is not meant, or approve the code for this one.",
    ),
)

SKIPS = _table(
    Reason(
        "no_ispring_user",
        "no user in iSpring Learn matches this contact",
        "None of the rule's matchers finds a user.",
        "Add the user or correct the address in iSpring Learn, pin the link, or write `missing_learner: create`.",
    ),
    Reason(
        "ambiguous_person",
        "several users could be this contact",
        "The matchers find more than one user, or one user for several contacts, or a user is to be made with an address that somebody else "
        "has too.",
        "`connector links pin CONTACT_ID USER_ID` says who is who; or give each contact its own address.",
    ),
    Reason(
        "no_axcelerate_record",
        "in the course without a record in aXcelerate",
        "aXcelerate owns who is enrolled: a place in iSpring Learn without a record there is reported and not touched.",
        "Enrol the learner in aXcelerate, or remove the place in iSpring Learn.",
    ),
    Reason(
        "no_address",
        "the contact has no e-mail address",
        "A user cannot be made without an address.",
        "Enter an e-mail address in aXcelerate.",
    ),
    Reason(
        "user_inactive",
        "the user is blocked or gone in iSpring Learn",
        "Nobody is enrolled who may not sign in.",
        "Activate the user in iSpring Learn.",
    ),
    Reason(
        "already_over",
        "the end date has passed",
        "An open record whose end date lies before today makes no new place in a course.",
        "Move the end date in aXcelerate if study goes on.",
    ),
    Reason(
        "create_off",
        "the rule enrols nobody",
        "The rule says `enrolment: {create: false}`.",
        "Enrol by hand in iSpring Learn, or write `create: true`.",
    ),
    Reason(
        "unenrolled",
        "the place was removed in iSpring Learn, and the rule accepts that",
        "The rule says `on_unenrolment: keep`.",
        "Write `review` or `recreate` to have it otherwise.",
    ),
    Reason(
        "governed_by_other_record",
        "another record of this learner decides",
        "Several records stand behind one place; the open one that was enrolled last decides dates and access.",
        "Nothing needs to be done.",
    ),
    Reason(
        "duplicate_enrolment",
        "a second live place in the same course",
        "The place with the newest access date counts; the other one is left alone.",
        "Remove the superfluous place in iSpring Learn.",
    ),
    Reason(
        "unknown_status",
        "a status word that is not known",
        "The class enrolment carries a word that the connector does not know, so it concludes nothing.",
        "Report the word; the record goes on as soon as the status is a known one.",
    ),
    Reason(
        "unreadable_record",
        "the record cannot be read",
        "The platform shows the record in a form that cannot be understood; it is set aside, not taken for gone.",
        "Open the record in the platform and save it again; if that does not help, report it.",
    ),
    Reason(
        "not_proven_gone",
        "missing from the list, and not proven gone",
        "What is missing means something only after a second reading that shows it missing too.",
        "Nothing needs to be done; the next run looks again.",
    ),
    Reason(
        "listing_emptied",
        "the class list came back empty",
        "Open records are known in this class and its list is empty; nothing is concluded from that.",
        "Check the rights of the token's user; if everybody has left, run once with `--allow emptied`.",
    ),
    Reason(
        "title_moved",
        "the course has another title than the mapping says",
        "The title guards against a course id that now means something else; the rule rests.",
        "Look at the course, then correct `title` in the mapping.",
    ),
    Reason(
        "unknown_course",
        "iSpring Learn does not know the course",
        "The content item id of the mapping is not in the account, or the key may not see it.",
        "Correct the id in the mapping, or the rights of the key.",
    ),
    Reason(
        "contact_merged",
        "the contact was merged into another one",
        "The records rest until a person has said who is who.",
        "See the review of the same name.",
    ),
    Reason(
        "one_way",
        "changed on the side that only receives",
        "The field goes one way, and somebody edited the receiving side; the edit stays until the source changes.",
        "Edit the other side, or write `direction: both`.",
    ),
    Reason(
        "cannot_clear",
        "a date was removed on one side and cannot be removed on the other",
        "The other platform has no documented way to clear the date; the difference counts as agreed.",
        "Clear the date by hand where that is wanted.",
    ),
    Reason(
        "end_date_not_shown",
        "this account has not shown an end date yet",
        "Until the account shows one end date of an open unit, an empty one is unknown, and due dates of units rest; "
        "so do those of a class whose details aXcelerate does not show.",
        "`connector check` says whether end dates are shown; ask aXcelerate to show them to the token's user.",
    ),
    Reason(
        "override_not_shown",
        "this account does not show access overrides",
        "The module report has no override column, so access of modules rests.",
        "`connector check` says which columns the report offers.",
    ),
    Reason(
        "no_override",
        "the lock was changed in iSpring Learn and has nowhere to go",
        "A unit or class has no access override; the edit stays and counts as agreed.",
        "Nothing needs to be done.",
    ),
    Reason(
        "kept_open",
        "the module is locked, and another record keeps the place open",
        "Several records stand behind one place; access ends only when every one of them says so.",
        "Lock or end the other record in aXcelerate too, if access should end.",
    ),
    Reason(
        "completion_date_left",
        "the end date of an outcome that was taken back",
        "The date that stands there is still the completion date; iSpring Learn keeps its dates until a person changes it.",
        "Enter the real end date in aXcelerate.",
    ),
    Reason(
        "dates_rest",
        "a date was edited in iSpring Learn while the dates rest",
        "Once a code is final the end date is a completion date: an edit in iSpring Learn stays there and goes no further.",
        "Nothing needs to be done; where study goes on, take the final code back and enter the real end date in aXcelerate.",
    ),
    Reason(
        "time_unknown",
        "the time of day of the start is not shown",
        "An edit resends the whole schedule, and no reading shows the time; the last one written stands, else 00:00.",
        "Nothing needs to be done.",
    ),
    Reason(
        "already_assessed",
        "the unit holds a final outcome in another class",
        "Of one unit in several classes, none is written once another holds a final code.",
        "Nothing needs to be done; record an outcome by hand if both classes report it.",
    ),
    Reason(
        "outcome_conflict",
        "iSpring Learn says otherwise than the final outcome, which stands",
        "The rule lets aXcelerate's final code stand and only reports the difference.",
        "A final code is changed by a person in aXcelerate only.",
    ),
    Reason(
        "status_running",
        "iSpring Learn is still changing the status",
        "A status change takes time there; the next run takes it up.",
        "Nothing needs to be done.",
    ),
    Reason(
        "rejected",
        "a person rejected it",
        "The rejection holds until the evidence of the question changes.",
        "Change the value on either side to bring the question up again.",
    ),
)

NOTES = _table(
    Reason(
        "same_on_both",
        "both sides were changed to the same",
        "Two edits to the same value are an agreement.",
        "Nothing needs to be done.",
    ),
    Reason(
        "conflict",
        "both sides were changed, and the rule decided",
        "`on_conflict` names the side whose value stands.",
        "Write `on_conflict: review` to be asked.",
    ),
    Reason(
        "forgotten",
        "no rule names the record any more",
        "What was agreed about it is forgotten; nothing is written, nobody is withdrawn.",
        "Nothing needs to be done.",
    ),
    Reason(
        "approved",
        "a person decided that it stays",
        "The decision needs no write.",
        "Nothing needs to be done.",
    ),
)

KINDS: Mapping[str, Mapping[str, Reason]] = MappingProxyType(
    {"change": CHANGES, "review": REVIEWS, "skipped": SKIPS, "note": NOTES}
)


def says(kind: str, word: str) -> str:
    """The reason as half a sentence; an unlisted word is shown as it is."""
    reason = KINDS[kind].get(word)
    return reason.says if reason else word.replace("_", " ")


def fix(kind: str, word: str) -> str:
    """What a person can do about it, "" where the word is not listed."""
    reason = KINDS[kind].get(word)
    return reason.fix if reason else ""
