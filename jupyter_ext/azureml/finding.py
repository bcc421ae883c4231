"""Lets ``import azureml.core`` find our modules, unless the real SDK is installed.

``azureml.core.run`` and ``jupyter_ext.azureml.core.run`` are then one module, so that a class is the same under both
names. Other ``azureml`` packages that are really installed stay importable beside ours.
"""

from __future__ import annotations

import importlib
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec, spec_from_loader
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

_TOP = "azureml"
_OURS = __name__.rpartition(".")[0]


class _Loader(Loader):
    """Gives one of our modules under v1's name."""

    def __init__(self, ours: str) -> None:
        self._ours = ours
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        del spec
        module = importlib.import_module(self._ours)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Undo what the import system wrote into the module: it keeps the name that it was first imported by."""
        module.__spec__ = self._spec
        if self._ours == f"{_OURS}.core":
            vars(sys.modules[_TOP]).setdefault("__getattr__", _imported_by_core)
        if not hasattr(module, "__path__"):
            # a package is asked for a submodule where a name is missing, which is how _Missing comes to tell why
            module.__path__ = []


class _Finder(MetaPathFinder):
    """Finds our modules under v1's names; it stands first, and knows only names that we have."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if name == _TOP:
            return _top_spec()
        ours = _our_name(name)
        if ours is None or find_spec(ours) is None:
            return None
        return spec_from_loader(name, _Loader(ours))


class _Missing(MetaPathFinder):
    """Tells about a name of v1 that is not there; it stands last, when nobody has found it."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        __tracebackhide__ = True
        del path, target
        if name.startswith(f"{_TOP}."):
            spec = _elsewhere(name)
            if spec is not None:
                return spec
            raise ModuleNotFoundError(f"No module named {name!r}. {_why(name)}", name=name)
        within, _, wanted = name.rpartition(".")
        if within.startswith(f"{_OURS}.") and within in sys.modules:
            known = within.replace(_OURS, _TOP, 1)
            raise ImportError(
                f"cannot import name {wanted!r} from {known!r} ({sys.modules[within].__file__}). "
                f"{_why(f'{known}.{wanted}')}",
                name=known,
            )
        return None


def _imported_by_core(name: str) -> ModuleType:
    """Return a package that v1's ``azureml.core`` has imported when it is imported itself."""
    if name not in {"data", "exceptions"}:
        raise AttributeError(f"module {_TOP!r} has no attribute {name!r}")
    return importlib.import_module(f"{_TOP}.{name}")


def _why(name: str) -> str:
    return next((text for part, text in _WHY.items() if f"{name}.".startswith(f"{_TOP}.{part}.")), _REMEDY)


_NOT_V1 = frozenset({"enable", "finding", "installing"})  # modules here that v1 has not
_REMEDY = "jupyter-aml does not provide this part of SDK v1."
_WHY = {
    "pipeline": "Pipelines are not run by jupyter-aml: submit the script of each step as a run, one after the other.",
    "train.automl": "Automated ML is a service of the cloud: tune your own script with azureml.train.hyperdrive.",
    "automl": "Automated ML is a service of the cloud: tune your own script with azureml.train.hyperdrive.",
    "opendatasets": "jupyter-aml has no open datasets: give the addresses of their files to Dataset.File.from_files or "
    "Dataset.Tabular.from_parquet_files.",
    "dataprep": "jupyter-aml reads tables with Dataset.Tabular, and with pandas.",
}
_finder = _Finder()
_missing = _Missing()


def enable() -> str | None:
    """Let ``azureml`` be ours from now on; return why not where the real SDK is installed."""
    real = real_sdk()
    if real is not None:
        return f"azureml.core is the real SDK here ({real}), and goes first. Ours is jupyter_ext.azureml.core."
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
        sys.meta_path.append(_missing)
    return None


def late_spec(name: str) -> ModuleSpec | None:
    """Enable at the first ``import azureml``; return where the module of that name is.

    What ``jupyter aml enable`` writes calls this, for a name that nobody has found; the real SDK has been, if it is
    there.
    """
    return None if enable() else _finder.find_spec(name)


def disable() -> None:
    """Undo :func:`enable`."""
    for finder in (_finder, _missing):
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
    for name, module in list(sys.modules.items()):
        if name == _TOP or (name.startswith(f"{_TOP}.") and module.__name__.startswith(f"{_OURS}.")):
            del sys.modules[name]


def real_sdk() -> Path | None:
    """Return where the real ``azureml.core`` is installed, or None."""
    spec = PathFinder.find_spec(_TOP)
    if spec is None or spec.submodule_search_locations is None:
        return None
    core = PathFinder.find_spec(f"{_TOP}.core", list(spec.submodule_search_locations))
    return Path(core.origin).parent if core is not None and core.origin else None


def _our_name(name: str) -> str | None:
    top, dot, rest = name.partition(".")
    return f"{_OURS}.{rest}" if top == _TOP and dot and rest not in _NOT_V1 else None


def _top_spec() -> ModuleSpec | None:
    """Return an empty package for ``azureml``; None where an installed package makes one, which serves as well."""
    if PathFinder.find_spec(_TOP) is not None:
        return None
    spec = ModuleSpec(_TOP, None, is_package=True)
    spec.submodule_search_locations = []
    return spec


def _elsewhere(name: str) -> ModuleSpec | None:
    """Find an ``azureml`` package that was installed after ``azureml`` was first imported."""
    parent, _, _ = name.rpartition(".")
    if parent != _TOP:
        return None
    spec = PathFinder.find_spec(_TOP)
    return PathFinder.find_spec(name, list(spec.submodule_search_locations or [])) if spec else None
