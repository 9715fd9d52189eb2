"""`connector links`: who is who on the two sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli import options
from connector.cli.attempt import command

if TYPE_CHECKING:
    from connector.domain.learner import ContactId, UserId
    from connector.domain.ledger import Link

app = typer.Typer(
    no_args_is_help=True,
    help="Who is who: which iSpring user each aXcelerate contact is. A link stands until it is unpinned.",
)

ContactArgument = Annotated[
    int, typer.Argument(metavar="CONTACT_ID", help="The contact's number in aXcelerate.")
]
UserArgument = Annotated[str, typer.Argument(metavar="USER_ID", help="The user's id in iSpring Learn.")]
By = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who decides; default: your login name.")
]


@command(app, "list")
def list_links(config: options.Config = None, as_json: options.AsJson = False) -> None:
    """Every link, and how it was found."""
    from connector.cli.json_report import SCHEMA, instant
    from connector.cli.screen import print_json, say
    from connector.cli.setup import local_settings
    from connector.wiring import opened_store

    with opened_store(local_settings(config)) as store:
        found = list(store.stream_links())
    if as_json:
        rows = [
            {
                "contact_id": link.contact_id,
                "user_id": link.user_id,
                "how": link.how,
                "pinned": link.pinned,
                "linked_at": instant(link.linked_at),
            }
            for link in found
        ]
        print_json({"schema": SCHEMA, "links": rows})
        return
    for link in found:
        say(f"contact {link.contact_id} is user {link.user_id}", f"  {_how(link)}")
    say(f"{len(found)} link{'s' if len(found) != 1 else ''}")


def _how(link: Link) -> str:
    since = f" since {link.linked_at:%Y-%m-%d}" if link.linked_at else ""
    return ("pinned by a person" if link.pinned else f"found by {link.how}") + since


@command(app, "pin", epilog="Example: connector links pin 22041 90b1c1f2-5f0c-11ee-8c99-0242ac120002")
def pin(
    contact_id: ContactArgument,
    user_id: UserArgument,
    by: By = None,
    config: options.Config = None,
    as_json: options.AsJson = False,
) -> None:
    """Say that this contact is this user. It holds against every matcher until it is unpinned."""
    from connector.cli.setup import local_settings
    from connector.cli.who import login_name
    from connector.domain.learner import ContactId, UserId
    from connector.review import links
    from connector.wiring import opened_store

    contact, user = ContactId(contact_id), UserId(user_id.strip())
    with opened_store(local_settings(config)) as store:
        links.pin(store, contact, user, by=by or login_name())
    _done(as_json, contact, user, f"contact {contact} is user {user} from now on; the next run goes by it")


@command(app, "unpin")
def unpin(
    contact_id: ContactArgument,
    by: By = None,
    config: options.Config = None,
    as_json: options.AsJson = False,
) -> None:
    """Forget who this contact is; the next run asks the matchers again."""
    from connector.cli.setup import local_settings
    from connector.cli.who import login_name
    from connector.domain.learner import ContactId
    from connector.review import links
    from connector.wiring import opened_store

    contact = ContactId(contact_id)
    with opened_store(local_settings(config)) as store:
        links.unpin(store, contact, by=by or login_name())
    _done(
        as_json, contact, None, f"contact {contact} is linked to nobody now; the next run asks the matchers"
    )


def _done(as_json: bool, contact: ContactId, user: UserId | None, text: str) -> None:
    from connector.cli.json_report import SCHEMA
    from connector.cli.screen import print_json, say

    if as_json:
        print_json({"schema": SCHEMA, "link": {"contact_id": contact, "user_id": user}})
    else:
        say(text)
