"""Switches: dataclass fields that know which open question they answer and which values they may take."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def switch(default: T, row: int | str, about: str, *, values: tuple[Any, ...] = ()) -> T:
    """A field with the row of the reference it answers; `values` are examples where the type is open."""
    return field(default=default, metadata={"row": row, "about": about, "values": values})


@dataclass
class Switchboard:
    """Base of a platform's switches: refuses unknown names and values, and counts its changes."""

    _hints: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        hints = get_type_hints(cls)
        cls._hints = {name: hint for name, hint in hints.items() if not name.startswith("_")}

    def __setattr__(self, name: str, value: Any) -> None:
        hints = self._hints
        if name not in hints:
            raise ValueError(f"unknown switch {name!r}")
        if not _fits(value, hints[name]):
            raise ValueError(f"{name} cannot be {value!r}; one of {values_of(type(self))[name]}")
        object.__setattr__(self, name, value)
        object.__setattr__(self, "_revision", self.revision + 1)

    @property
    def revision(self) -> int:
        """Grows with every change; what was rendered under an older one is stale."""
        return int(self.__dict__.get("_revision", 0))


def values_of(board: type[Switchboard]) -> dict[str, list[Any]]:
    """Every switch with the values to try, the default first."""
    hints = board._hints
    return {
        item.name: _values(item.default, item.metadata["values"], hints[item.name]) for item in fields(board)
    }


def help_of(board: type[Switchboard]) -> dict[str, str]:
    """Every switch in one line: the row of the reference and what it decides."""
    return {item.name: f"row {item.metadata['row']}: {item.metadata['about']}" for item in fields(board)}


def _values(default: Any, examples: tuple[Any, ...], hint: Any) -> list[Any]:
    possible = (False, True) if hint is bool else examples or get_args(hint)
    return [default, *(value for value in possible if value != default)]


def _fits(value: Any, hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(isinstance(item, str) for item in value)
    if hint is bool:
        return isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    return isinstance(value, str)
