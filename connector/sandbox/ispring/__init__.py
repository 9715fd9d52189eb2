"""The simulator of one iSpring Learn account: REST, SOAP and webhooks as their reference describes them.

account.py and entities.py hold the state; enrolling.py, statistics.py, results.py and directory.py are what
callers can do with it; rest*.py and soap*.py speak the wire; switches.py holds what the documents leave open.
"""

from .box import IspringSandbox
from .person import KEEP
from .switches import IspringSwitches, switch_values

__all__ = ["KEEP", "IspringSandbox", "IspringSwitches", "switch_values"]
