"""Replace an object wherever it is held, and put it back.

Patching `time.monotonic` alone is not enough: programs bind clocks under other names at import
(`from time import monotonic`, a default argument, a class attribute, a closure), and one missed alias turns a
simulation into a confident liar. So we ask the garbage collector who refers to the object.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

from discord_sim.loop._heap import Walk, classes_of

__all__ = ["Aliases", "Originals"]


_EXEMPT = frozenset({"_pytest.timing"})
"""Modules that watch us from outside and shall go on telling real time."""


class Originals(dict[str, Callable[..., Any]]):
    """Holds the real functions for the stand-ins' own use; `Aliases` leaves it alone."""


class Aliases:
    """A reversible set of replacements. `restore()` undoes all of them, last first."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def __repr__(self) -> str:
        return f"<Aliases replaced={len(self._undo)}>"

    def set_attribute(self, owner: Any, name: str, value: Any) -> None:
        """Set `owner.name`, remembering what stood in `owner`'s own namespace."""
        missing = object()
        old = vars(owner).get(name, missing)
        setattr(owner, name, value)
        if old is missing:
            self._undo.append(lambda: delattr(owner, name))
        else:
            self._undo.append(lambda: setattr(owner, name, old))

    def replace_in_holders(self, replacements: Mapping[Any, Any], walk: Walk) -> None:
        """Replace each key by its value in every class, default argument, closure, list and dict.

        `walk` is one that had the keys for targets; the namespaces of modules are left to `replace_in_modules`.

        Not reached: `functools.partial` objects, tuples other than default arguments, and C code that holds
        a pointer.
        """
        by_id = {id(old): new for old, new in replacements.items()}
        ours = {id(replacements), id(by_id)}
        tuples, class_dicts = [], []
        for holder in walk.holders:
            if id(holder) in ours or issubclass(type(holder), Originals | types.FrameType):
                continue
            if type(holder) is tuple:
                tuples.append(holder)
            elif issubclass(type(holder), dict) and "__module__" in holder and "__spec__" not in holder:
                class_dicts.append(holder)
            else:
                self._replace_in(holder, by_id)
        for function in walk.owners_of_defaults(tuples):
            self._replace_in_defaults(function, by_id)
        for namespace, owner in zip(class_dicts, classes_of(class_dicts), strict=True):
            if owner is None:
                self._replace_in_dict(namespace, by_id)
            else:
                self._replace_in_class(owner, namespace, by_id)

    def replace_in_modules(self, replacements: Mapping[Any, Any]) -> None:
        """Replace each key by its value in the global names of every module (all there is to do for classes, whose
        other referrers, such as `__mro__` tuples, must stay)."""
        by_id = {id(old): new for old, new in replacements.items()}
        own = __name__.rpartition(".")[0]
        for module_name, module in sorted(sys.modules.items(), key=lambda item: item[0]):
            if isinstance(module, types.ModuleType) and not module_name.startswith(own):
                self._replace_in_dict(vars(module), by_id)

    def restore(self) -> None:
        """Undo every replacement, last first. Safe to call twice."""
        while self._undo:
            self._undo.pop()()

    def _replace_in(self, holder: Any, by_id: dict[int, Any]) -> None:
        if issubclass(type(holder), dict):
            self._replace_in_dict(holder, by_id)
        elif type(holder) is types.CellType:
            old = holder.cell_contents
            if id(old) in by_id:
                holder.cell_contents = by_id[id(old)]
                self._undo.append(lambda: setattr(holder, "cell_contents", old))
        elif issubclass(type(holder), list):
            for index, value in enumerate(holder):
                if id(value) in by_id:
                    holder[index] = by_id[id(value)]
                    self._undo.append(lambda index=index, value=value: holder.__setitem__(index, value))  # type: ignore[misc]
        elif not issubclass(type(holder), types.ModuleType | types.FunctionType | type):
            self._replace_in_instance(holder, by_id)

    def _replace_in_defaults(self, function: types.FunctionType, by_id: dict[int, Any]) -> None:
        held = function.__defaults__ or ()
        function.__defaults__ = tuple(by_id.get(id(value), value) for value in held)
        self._undo.append(lambda: setattr(function, "__defaults__", held))

    def _replace_in_class(self, owner: type, namespace: dict[str, Any], by_id: dict[int, Any]) -> None:
        for name, value in list(namespace.items()):
            if id(value) in by_id:
                self._swap_class_attribute(owner, name, value, by_id[id(value)])

    def _swap_class_attribute(self, owner: type, name: str, old: Any, new: Any) -> None:
        try:
            setattr(owner, name, staticmethod(new))  # a builtin does not bind to an instance, a Python function does
        except (AttributeError, TypeError):  # an immutable type: C code, nothing to do
            return
        self._undo.append(lambda: setattr(owner, name, old))

    def _replace_in_dict(self, namespace: dict[Any, Any], by_id: dict[int, Any]) -> None:
        if by_id.keys().isdisjoint(map(id, namespace.values())) or namespace.get("__name__") in _EXEMPT:
            return
        for key, value in list(namespace.items()):
            if id(value) in by_id:
                namespace[key] = by_id[id(value)]
                self._undo.append(lambda key=key, value=value: namespace.__setitem__(key, value))  # type: ignore[misc]

    def _replace_in_instance(self, holder: Any, by_id: dict[int, Any]) -> None:
        names = list(getattr(holder, "__dict__", ()))
        for cls in type(holder).__mro__:
            slots = cls.__dict__.get("__slots__", ())
            names.extend([slots] if isinstance(slots, str) else slots)
        for name in names:
            value = getattr(holder, name, None)
            if id(value) not in by_id:
                continue
            try:
                object.__setattr__(holder, name, by_id[id(value)])
            except (AttributeError, TypeError):
                continue
            self._undo.append(lambda name=name, value=value: object.__setattr__(holder, name, value))  # type: ignore[misc]
