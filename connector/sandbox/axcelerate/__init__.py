"""aXcelerate's simulator: the account a connector meets, with the habits its documentation leaves open."""

from .box import AxcelerateSandbox
from .switches import AxcelerateSwitches, switch_help, switch_values

__all__ = ["AxcelerateSandbox", "AxcelerateSwitches", "switch_help", "switch_values"]
