"""The base of everything that goes into a run configuration."""

from __future__ import annotations

import re
from typing import Any, ClassVar, TypeVar

from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean

ElementT = TypeVar("ElementT", bound="Element")


class Element:
    """An object with fixed attributes that is written with v1's keys, in v1's order.

    Once it is constructed, an attribute that does not exist cannot be set, so that a typing error is not silently
    ignored (v1). Values are not checked, as in v1: they are written as they are.
    """

    _keys: ClassVar[dict[str, str]] = {}
    _elements: ClassVar[dict[str, type[Element]]] = {}
    _by_name: ClassVar[frozenset[str]] = frozenset()
    _armed: bool = False

    def _arm(self) -> None:
        object.__setattr__(self, "_armed", True)

    def __setattr__(self, name: str, value: Any) -> None:
        if self._armed and not hasattr(self, name):
            known, near = ", ".join(sorted(self._keys)), did_you_mean(name, self._keys)
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}. It has: {known}.{near}")
        object.__setattr__(self, name, value)

    def _to_dict(self) -> dict[str, Any]:
        """Return the content under v1's keys."""
        return {key: _plain(getattr(self, name)) for name, key in self._keys.items()}

    @classmethod
    def _from_dict(cls: type[ElementT], data: dict[str, Any]) -> ElementT:
        """Return an object with the content of ``data``, whose keys may have any casing."""
        element = cls()
        element._fill(data)
        return element

    def _fill(self, data: dict[str, Any]) -> None:
        given = camel_keys(data)
        for name, key in self._keys.items():
            if key not in given:
                continue
            value = given[key]
            if name in self._elements and isinstance(value, dict):
                kind = self._elements[name]
                by_name = name in self._by_name
                value = {one: kind._from_dict(of) for one, of in value.items()} if by_name else kind._from_dict(value)
            object.__setattr__(self, name, value)


def camel_keys(data: dict[str, Any]) -> dict[str, Any]:
    """Return ``data`` with its keys as v1 writes them."""
    return {_camel(key): value for key, value in data.items()}


def _plain(value: Any) -> Any:
    if hasattr(value, "_to_dict"):
        return value._to_dict()
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value


def _camel(key: str) -> str:
    words = re.split(r"[_\s]+", key)
    joined = words[0] + "".join(word[:1].upper() + word[1:] for word in words[1:])
    return joined[:1].lower() + joined[1:]
