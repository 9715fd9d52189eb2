"""Records as the wire shows them: fields in the order of reference sections 4.1, 6.1, 7.1, 8 and 9."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from .account import Account
from .dates import show_day, show_moment
from .entities import (
    SUCCESSFUL,
    TERMINATED,
    UNSUCCESSFUL,
    ContentItem,
    Department,
    Enrollment,
    Group,
    Module,
    User,
)
from .render import Format, Kind, Row

# U+0441 in place of the first letter, as the parameter tables of the list pages have it.
CYRILLIC_CERTIFICATE = "сertificate"


ENDED = SUCCESSFUL | UNSUCCESSFUL


@dataclass(frozen=True)
class Rows:
    """The kinds of records of one account, ready for the renderer."""

    account: Account

    @property
    def enrollment(self) -> Kind[Enrollment]:
        return Kind("enrollment", "enrollments", self._enrollment, spec_list="key")

    @property
    def result(self) -> Kind[Enrollment]:
        return Kind("result", "results", self._result, variant=self.is_overdue)

    @property
    def user(self) -> Kind[User]:
        return Kind("userProfile", "userProfiles", self._user_v1, lambda _: 1, spec_single="response")

    @property
    def user_v2(self) -> Kind[User]:
        return Kind("userProfile", "userProfiles", self._user, lambda _: 2, spec_single="response")

    @property
    def department(self) -> Kind[Department]:
        return Kind("department", "departments", self._department, spec_single="response", spec_list="key")

    @property
    def group(self) -> Kind[Group]:
        return Kind("group", "groups", self._group)

    @property
    def content(self) -> Kind[ContentItem]:
        return Kind("contentItem", "contentItems", self._content, spec_single="key")

    def _enrollment(self, one: Enrollment, form: Format) -> Row:
        schedule = one.schedule
        due = None if schedule.due is None else self._enrollment_date(schedule.due)
        row: Row = {
            "enrollmentId": one.id,
            "courseId": one.course,
            "learnerId": one.user,
            "accessDate": self._enrollment_date(schedule.access),
            "dueDate": due,
            "expirationDate": due if schedule.lock else None,
            "shouldLockAfterDueDate": self._lock_flag(schedule.lock, form),
            "enrollmentTypeGroup": one.type_group,
            **self._certificate(one),
        }
        return {name: value for name, value in row.items() if value is not None}

    def _enrollment_date(self, moment: datetime) -> str:
        zone = self.account.wire_zone
        if self.account.switches.enrollment_dates == "date":
            return show_day(moment, zone)
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    def _lock_flag(self, lock: bool, form: Format) -> bool | int | str:
        switches = self.account.switches
        if form == "xml":
            return lock if switches.lock_flag_xml == "int" else str(lock).lower()
        forms: dict[str, bool | int | str] = {"bool": lock, "int": int(lock), "text": str(int(lock))}
        return forms[switches.lock_flag_json]

    def _certificate(self, one: Enrollment) -> Row:
        if one.certificate is None:
            return {}
        issued = show_moment(one.certificate.issued, self._result_zone)
        expires = one.certificate.expires and show_moment(one.certificate.expires, self._result_zone)
        names = self.account.switches.certificate_names
        if names == "flat":
            flat = {
                "issuedCertificateId": one.certificate.id,
                "certIssueDate": issued,
                "certExpiryDate": expires,
            }
            return {name: value for name, value in flat.items() if value}
        inner: Row = {"issuedCertificateId": one.certificate.id, "issueDate": issued}
        if expires:
            inner["expiryDate"] = expires
        return {"certificate" if names == "latin" else CYRILLIC_CERTIFICATE: inner}

    @property
    def _result_zone(self) -> tzinfo:
        return self.account.zone if self.account.switches.result_offset == "account" else UTC

    def is_overdue(self, one: Enrollment) -> bool:
        """Past its due date and not finished; the one field that time alone changes."""
        due = one.schedule.due
        return due is not None and one.progress.status not in ENDED and due < self.account.clock.now()

    def _result(self, one: Enrollment, form: Format) -> Row:
        shown, schedule, switches = one.progress, one.schedule, self.account.switches
        access = schedule.access
        if switches.result_access_time == "midnight":
            access = access.astimezone(self.account.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        due = None if schedule.due is None else self._result_date(schedule.due)
        row: Row = {
            "userId": one.user,
            "courseId": one.course,
            "courseTitle": self.account.items[one.course].title,
            "enrollmentId": one.id,
            "accessDate": self._result_date(access),
            "dueDate": due,
            "expirationDate": due if schedule.lock else None,
            "completionDate": None if shown.completed is None else self._result_date(shown.completed),
            "completionStatus": shown.status,
            "progress": shown.percent,
            "awardedScore": shown.score,
            "timeSpent": shown.time_spent_s,
            "viewsCount": shown.views,
            "isOverdue": self.is_overdue(one),
            "duration": (shown.time_spent_s or 0) if switches.result_duration == "shown" else None,
        }
        return {name: value for name, value in row.items() if value is not None}

    def _result_date(self, moment: datetime) -> str:
        return moment.astimezone(self._result_zone).isoformat(timespec="seconds")

    def _user_v1(self, one: User, form: Format) -> Row:
        # The older reads cannot tell "employment ended" from blocked (reference 7.1).
        row = self._user(one, form)
        row["status"] = 3 if one.status == TERMINATED else one.status
        return row

    def _user(self, one: User, form: Format) -> Row:
        named = {
            "LOGIN": one.login,
            "EMAIL": one.email,
            "FIRST_NAME": one.first_name,
            "LAST_NAME": one.last_name,
            **one.fields,
        }
        row: Row = {
            "userId": one.id,
            "role": one.role,
            "roleId": one.role_id or None,
            "departmentId": one.department,
            "status": one.status,
            "fields": [{"name": name, "value": value} for name, value in named.items()],
            "addedDate": one.added and show_day(one.added, self.account.zone),
            "lastLoginDate": one.last_login and show_day(one.last_login, self.account.zone),
            "groups": [group.id for group in self.account.groups.values() if one.id in group.members],
            "manageableDepartmentIds": one.manageable_departments,
            "userRoles": [{"roleType": one.role, "manageableDepartmentIds": one.manageable_departments}],
        }
        return {name: value for name, value in row.items() if value is not None}

    def _department(self, one: Department, form: Format) -> Row:
        row: Row = {
            "departmentId": one.id,
            "name": one.name,
            "parentDepartmentId": one.parent,
            "code": one.code or None,
        }
        return {name: value for name, value in row.items() if value is not None}

    def _group(self, one: Group, form: Format) -> Row:
        return {
            "groupId": one.id,
            "name": one.name,
            "isSmart": False,
            "usersCount": len(one.members),
            "userIds": one.members,
        }

    def _content(self, one: ContentItem, form: Format) -> Row:
        row: Row = {
            "contentItemId": one.id,
            "title": one.title,
            "description": one.description or None,
            "addedDate": one.added and show_moment(one.added, UTC),
            "type": one.kind,
            "contentItemType": one.kind,
            "courseFields": [{"fieldId": name, "fieldValue": value} for name, value in one.fields.items()],
        }
        return {name: value for name, value in row.items() if value is not None}


def module_row(course: ContentItem, module: Module, position: int) -> Row:
    """One module of a course (reference 8.3)."""
    return {
        "moduleId": module.id,
        "itemId": module.item_id,
        "courseId": course.id,
        "title": module.title,
        "type": module.kind,
        "sequentialNumber": position,
    }
