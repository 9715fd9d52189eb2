"""iSpring Learn, over REST with JSON or XML bodies and over SOAP.

In reading order: `client.py` (addresses, credentials), `wire.py` (what is asked of a wire form), `forms.py` and `rest.py` (REST
in JSON and XML), `envelope.py` and `soap.py` (SOAP), `shapes.py` (finding rows in an answer), `listing.py` (a list from first
page to end), `records.py` (the quick way from a row to a record), `payloads.py` and `translate.py` (meaning), `writing.py` and
`commands.py` (writes), `capabilities.py` (what an account shows), `adapter.py` (`LmsPort`), `connect.py` (from settings).
"""

from connector.platforms.ispring.adapter import IspringPlatform
from connector.platforms.ispring.client import Account
from connector.platforms.ispring.connect import connect

__all__ = ["Account", "IspringPlatform", "connect"]
