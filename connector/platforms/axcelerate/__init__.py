"""aXcelerate: enrolments in classes, units and learning-plan modules, read and changed through its web service.

In reading order: `client.py` (addresses, and when an answer is a success), `payloads.py` (shapes), `rows.py` (the quick way
from a page to records), `listing.py` (a list from first page to end), `report.py` and `modules.py` (the module report),
`courses.py`, `people.py`, `translate.py` (meaning), `capabilities.py` (what an account shows), `adapter.py` (`VetPort`).
"""

from connector.platforms.axcelerate.adapter import AxcelerateVet

__all__ = ["AxcelerateVet"]
