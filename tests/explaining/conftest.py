"""The provider of the stories."""

from __future__ import annotations

from tests.story.conftest import account

__all__ = ["account"]
