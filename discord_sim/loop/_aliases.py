"""Replace an object wherever it is held, and put it back.

Patching `time.monotonic` alone is not enough: programs bind clocks under other names at import
(`from time import monotonic`, a default argument, a class attribute, a closure), and one missed alias turns a
simulation into a confident liar. So we ask the garbage collector who refers to the object.
"""

from __future__ import annotations

import gc
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

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

    def replace_everywhere(self, replacements: Mapping[Any, Any]) -> None:
        """Replace each key by its value in every namespace, class, default argument, closure, list and dict.

        Not reached: `functools.partial` objects, tuples other than default arguments, and C code that holds
        a pointer. Cost: one pass over the heap, about 50 ms for a process with discord.py and hikari loaded.
        """
        by_id = {id(old): new for old, new in replacements.items()}
        ours = {id(replacements), id(by_id)}
        tuples, class_dicts = [], []
        for holder in gc.get_referrers(*replacements):
            if id(holder) in ours or issubclass(type(holder), Originals | types.FrameType):
                continue
            if type(holder) is tuple:
                tuples.append(holder)
            elif issubclass(type(holder), dict) and "__module__" in holder and "__spec__" not in holder:
                class_dicts.append(holder)
            else:
                self._replace_in(holder, by_id)
        # Each search walks the whole heap, so there is one for all of them.
        if tuples or class_dicts:
            self._replace_in_owners(gc.get_referrers(*tuples, *class_dicts), tuples, class_dicts, by_id)

    def replace_in_modules(self, replacements: Mapping[Any, Any]) -> None:
        """Replace each key by its value in the global names of every module (for classes, whose other
        referrers, such as `__mro__` tuples, must stay)."""
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

    def _replace_in_owners(
        self,
        owners: list[Any],
        tuples: list[tuple[Any, ...]],
        class_dicts: list[dict[Any, Any]],
        by_id: dict[int, Any],
    ) -> None:
        """Default arguments belong to functions and class attributes to classes; both are set through their owner."""
        tuple_ids = {id(held) for held in tuples}
        owned: set[int] = set()
        for owner in owners:
            if type(owner) is types.FunctionType:
                held = owner.__defaults__
                if held is not None and id(held) in tuple_ids:
                    owner.__defaults__ = tuple(by_id.get(id(value), value) for value in held)
                    self._undo.append(lambda f=owner, held=held: setattr(f, "__defaults__", held))  # type: ignore[misc]
            elif issubclass(type(owner), type):
                for namespace in class_dicts:
                    if _is_dict_of(namespace, owner):
                        owned.add(id(namespace))
                        for name, value in list(namespace.items()):
                            if id(value) in by_id:
                                self._swap_class_attribute(owner, name, value, by_id[id(value)])
        for namespace in class_dicts:
            if id(namespace) not in owned:
                self._replace_in_dict(namespace, by_id)

    def _swap_class_attribute(self, owner: type, name: str, old: Any, new: Any) -> None:
        try:
            setattr(owner, name, staticmethod(new))  # a builtin does not bind to an instance, a Python function does
        except (AttributeError, TypeError):  # an immutable type: C code, nothing to do
            return
        self._undo.append(lambda: setattr(owner, name, old))

    def _replace_in_dict(self, namespace: dict[Any, Any], by_id: dict[int, Any]) -> None:
        if namespace.get("__name__") in _EXEMPT:
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


def _is_dict_of(namespace: dict[Any, Any], owner: type) -> bool:
    name = next(iter(namespace), None)
    return name is not None and owner.__dict__.keys() == namespace.keys() and owner.__dict__[name] is namespace[name]
