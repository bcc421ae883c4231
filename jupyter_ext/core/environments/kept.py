"""The environments of a workspace as they lie on disk: what is built, how large it is, who uses it; and pruning."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext.build import inventory
from jupyter_ext.engines.docker_engine import engine_answers, image_id
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

from . import versions as registered
from .environment import Environment
from .usage import Usage, is_live

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_ext.build import Built
    from jupyter_ext.build.inventory import Kept
    from jupyter_ext.core.workspaces.workspace import Workspace


@dataclass(frozen=True)
class Stored:
    """A registered version, or something built that no registered version asks for.

    Attributes
    ----------
    environment
        The registered version; None where there is none.
    key
        The content hash of what it is built to; None where it cannot be built.
    kept
        What lies on disk; None where nothing does.
    runs
        The ids of the runs that used it, the newest first.
    live
        Those of them that have not ended.
    labels
        The labels that point to the version; ``latest`` is not told.
    asked_as
        The name and version under which a run last asked for it.
    """

    environment: Environment | None
    key: str | None
    kept: Kept | None
    runs: tuple[str, ...] = ()
    live: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    asked_as: str = ""

    @property
    def name(self) -> str:
        """``name:version``, or the beginning of the content hash."""
        if self.environment is not None:
            return f"{self.environment.name}:{self.environment.version}"
        return (self.key or "")[:12]

    @property
    def state(self) -> str:
        """``built``, ``building``, ``not built``, ``unfinished``, or ``removed`` where only its image is gone."""
        if self.kept is None:
            return "built" if self.environment and _needs_no_build(self.environment) else "not built"
        if self.kept.building:
            return "building"
        if self.kept.built is None:
            return "unfinished"
        return "built" if _is_there(self.kept.built) else "removed"

    @property
    def size(self) -> int:
        """Bytes, all layers of an image included."""
        return self.kept.built.size_bytes if self.kept and self.kept.built and self.state == "built" else 0


@dataclass(frozen=True)
class Pruned:
    """What pruning did with one of them.

    Attributes
    ----------
    stored
        What it was.
    size
        The bytes that it gave back, or would; None where it stays.
    replaced
        Whether that were only builds of it that a forced build has taken the place of.
    """

    stored: Stored
    size: int | None
    replaced: bool = False


def stored(workspace: Workspace, name: str | None = None) -> list[Stored]:
    """Return what there is: the latest version of every name and all else that is built, or every version of a name.

    Raises
    ------
    UserErrorException
        There is no environment of that name.
    """
    paths = workspace._paths
    known = _Known(workspace)
    if name is None:
        shown = [(one, registered.versions(paths, one)[-1]) for one in registered.names(paths)]
    else:
        latest = Environment.get(workspace, name)
        shown = [(name, version) for version in registered.versions(paths, name) or [str(latest.version)]]
    on_disk = {one.key: one for one in inventory.kept(paths.environments)}
    found = []
    for one, version in shown:
        environment = known.versions.get((one, version)) or Environment.get(workspace, one, version)
        key = known.keys.get((one, version)) or _key(environment)
        pointing = {label for label, other in registered.labels(paths, one).items() if other == version} - {"latest"}
        stored = Stored(environment, key, on_disk.get(key or ""), labels=tuple(sorted(pointing)))
        found.append(known.with_runs(stored))
    if name is None:
        asked_for = set(known.keys.values())
        found += [known.with_runs(Stored(None, key, one)) for key, one in on_disk.items() if key not in asked_for]
    return found


def prune(workspace: Workspace, names: Iterable[str] = (), *, every: bool = False, dry: bool = False) -> list[Pruned]:
    """Remove what was built and no live run uses; all of it can be built again.

    Parameters
    ----------
    workspace
        The workspace.
    names
        Only what these environments were built to, in any version. None: what no latest version asks for, and what
        builds have left that did not end well.
    every
        What the latest versions ask for, too.
    dry
        Only tell what would be removed.

    Raises
    ------
    UserErrorException
        There is no environment of such a name.
    """
    names, paths, known = list(names), workspace._paths, _Known(workspace)
    for name in names:
        Environment.get(workspace, name)
    of_names = {key for (name, _), key in known.keys.items() if name in names}
    newest = {(name, registered.versions(paths, name)[-1]) for name in registered.names(paths)}
    latest = set() if names or every else {known.keys.get(one) for one in newest}
    by_key = {key: known.versions[one] for one, key in known.keys.items()}
    done = []
    for kept in inventory.kept(paths.environments, failed=True):
        if names and kept.key not in of_names:
            continue
        one = known.with_runs(Stored(by_key.get(kept.key), kept.key, kept))
        size: int | None = None
        if kept.key in latest and (kept.built or kept.building):
            size = inventory.remove_superseded(paths.environments, kept.key, known.in_use, dry=dry)
            done += [Pruned(one, size, replaced=True)] if size else []
            continue
        if dry:
            if not (one.live or kept.building):
                size = inventory.size_on_disk(paths.environments, kept.key)
        else:
            size = inventory.remove(paths.environments, kept.key, lambda kept=kept: is_live(workspace, kept))  # type: ignore[misc]
        done.append(Pruned(one, size))
    return done


def remove(workspace: Workspace, environment: Environment) -> int:
    """Remove what one version was built to; it stays registered, and can be built again.

    Returns
    -------
    int
        How many bytes that gives back.

    Raises
    ------
    UserErrorException
        Nothing is built of it, it is being built, or a live run uses it.
    """
    root, key = workspace._paths.environments, _key(environment)
    name = f"{environment.name}:{environment.version}"
    kept = next((one for one in inventory.kept(root) if one.key == key), None)
    if kept is None:
        raise UserErrorException(f"Nothing is built of {name}, so there is nothing to remove.")
    size = inventory.remove(root, kept.key, lambda: is_live(workspace, kept))
    if size is None:
        why = "is being built: cancel the build" if kept.building else "is used by a run that goes on: cancel that"
        raise UserErrorException(f"{name} {why}, or wait for its end.")
    return size


class _Known:
    """Every registered version with the content hash of what it is built to, and which runs used what."""

    def __init__(self, workspace: Workspace) -> None:
        self.versions = {
            (name, version): Environment.get(workspace, name, version)
            for name in registered.names(workspace._paths)
            for version in registered.versions(workspace._paths, name)
        }
        self.keys = {one: _key(environment) for one, environment in self.versions.items()}
        self._usage = Usage(workspace)
        self.in_use = self._usage.in_use

    def with_runs(self, one: Stored) -> Stored:
        """Return it with the runs that used it."""
        usage, environment = self._usage, one.environment
        if environment is None:
            runs = usage.by_key.get(one.key or "", [])
        else:
            runs = usage.by_name.get((environment.name, environment.version), [])
        mine = {one.key, one.kept.built.image if one.kept and one.kept.built else None}
        live = tuple(run_id for run_id, used in usage.live.items() if mine & used)
        return replace(one, runs=tuple(runs), live=live, asked_as=usage.asked_as.get(one.key or "", ""))


def _key(environment: Environment) -> str | None:
    container = environment._asks_for_image() or (environment.docker.enabled and engine_answers())
    try:
        return inventory.key_of(environment._definition(), container=container)
    except (UserErrorException, OSError):  # a file that it names is gone
        return None


def _needs_no_build(environment: Environment) -> bool:
    """Tell whether an environment is a Python of this machine that the user looks after."""
    in_container = environment._asks_for_image() or environment.docker.enabled
    return environment.python.user_managed_dependencies and not in_container


def _is_there(built: Built) -> bool:
    if built.kind == "image":
        return image_id(built.tag or "") == built.image
    return Path(built.python).exists()
