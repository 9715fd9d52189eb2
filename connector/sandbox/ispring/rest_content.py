"""REST handlers: content, course modules, learning tracks, certificates (reference sections 8 and 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from .entities import ContentItem
from .refusals import Refused
from .render import Reply, element
from .rest import RestCall, Route
from .rows import module_row
from .statistics import unknown_content

CERTIFICATE_LINK_MINUTES = 10


def _items(call: RestCall) -> Sequence[ContentItem]:
    call.actor.may("read_content")
    account = call.services.account
    ids, kinds = call.fields.ids("contentItemIds"), call.fields.ids("contentTypes")
    call.services.selections.known(ids, account.items, "Unknown content item")
    wanted = account.items.values() if ids is None else [account.items[one] for one in ids]
    return call.services.selections.sorted(one for one in wanted if kinds is None or one.kind in kinds)


def list_contents(call: RestCall) -> Reply:
    return call.page(_items(call), call.services.rows.content)


def post_contents(call: RestCall) -> Reply:
    """POST /contents: pages as the switch of row 30 says."""
    if call.services.account.switches.post_list_paging == "none":
        return call.services.renderer.page(_items(call), call.services.rows.content, "")
    return list_contents(call)


def all_content(call: RestCall) -> Reply:
    return call.services.renderer.all(_items(call), call.services.rows.content)


def one_item(call: RestCall) -> Reply:
    call.actor.may("read_content")
    found = call.services.account.items.get(call.path["id"])
    if found is None:
        raise call.services.selections.unknown("Unknown content item")
    return call.services.renderer.one(found, call.services.rows.content)


def course_modules(call: RestCall) -> Reply:
    call.actor.may("read_content")
    course = call.services.account.items.get(call.path["id"])
    if course is None:
        raise unknown_content()
    rows = [module_row(course, module, position) for position, module in enumerate(course.modules, start=1)]
    return _keyed(call, rows, "modules", "module")


def course_fields(call: RestCall) -> Reply:
    call.actor.may("read_content")
    rows = [
        {"fieldId": one.id, "fieldLabel": one.label, "fieldType": "TEXT"}
        for one in call.services.account.course_fields
    ]
    return _keyed(call, rows, "courseFields", "courseField")


def track_courses(call: RestCall) -> Reply:
    call.actor.may("read_content")
    account = call.services.account
    tracks = call.fields.required_ids("learningTrackIds")
    call.services.selections.known(tracks, account.items, "Unknown content item")
    rows = [
        {"learningTrackId": track, "courseId": course}
        for track in tracks
        for course in account.items[track].courses
    ]
    inner = b"".join(element("learningTracksCourse", call.services.renderer.children(row)) for row in rows)
    return Reply(json=lambda: rows, xml=lambda: element("response", inner))


def certificate(call: RestCall) -> Reply:
    """A link to the PDF, good for ten minutes; only of live enrollments."""
    call.actor.may("read_users")
    services, wanted = call.services, call.path["id"]
    held = next((one for one, issued in services.account.certificates() if issued.id == wanted), None)
    if held is None:
        raise Refused(404, "Issued certificate not found", plain=True)
    call.actor.must_see(services.account.users[held.user])
    until = services.account.clock.now() + timedelta(minutes=CERTIFICATE_LINK_MINUTES)
    url = f"{services.gate.account_url()}/certificate/{wanted}.pdf?token={services.account.ids.secret()}&exp={int(until.timestamp())}"
    inner = element("issuedCertificate", element("url", url))
    return Reply(json=lambda: {"url": url}, xml=lambda: element("response", inner))


def _keyed(call: RestCall, rows: Sequence[Mapping[str, Any]], plural: str, item: str) -> Reply:
    inner = b"".join(element(item, call.services.renderer.children(row)) for row in rows)
    empty = not rows and call.services.account.switches.omit_empty
    return Reply(
        json=lambda: {} if empty else {plural: rows},
        xml=lambda: element("response", b"" if empty else element(plural, inner)),
    )


ROUTES = (
    Route("GET", "/contents", list_contents),
    Route("POST", "/contents", post_contents),
    Route("GET", "/content", all_content),
    Route("GET", "/content/{id}", one_item),
    Route("GET", "/course/{id}/modules", course_modules),
    Route("GET", "/course_fields", course_fields),
    Route("GET", "/learning_track/courses", track_courses),
    Route("GET", "/certificate/{id}", certificate),
)
