"""The commands run in this process against both sandboxes, as tests of the command line do."""

from tests.cli.conftest import bare, boxes, connector, set_up

__all__ = ["bare", "boxes", "connector", "set_up"]
