"""``envs``: the environments, and ``envs prune``, which gives back disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_ext.commands.answer import Answer, Table
from jupyter_ext.commands.asking import agreed
from jupyter_ext.core.runs.summaries import environment_summary
from jupyter_ext.core.times import iso
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.spelling import ago, size_text

if TYPE_CHECKING:
    from argparse import Namespace

    from jupyter_ext.core.environments.kept import Pruned, Stored
    from jupyter_ext.core.workspaces.workspace import Workspace

_PRUNE = "prune"
_COLUMNS = ("environment", "state", "size", "age", "runs", "kind", "what")


def envs(workspace: Workspace, options: Namespace) -> Answer:
    """List the environments, every version of one, or give back disk."""
    verb, *names = options.names or [""]
    if verb == _PRUNE:
        return _prune(workspace, names, options)
    if names or options.all or options.dry_run or options.yes:
        raise UserErrorException("--all, --yes, --dry-run and more names belong to 'envs prune'; else give one.")
    from jupyter_ext.core.environments import kept as environment_store  # noqa: PLC0415 - the other verbs do without what builds

    found = environment_store.stored(workspace, verb or None)
    if not found:
        return Answer([], text="No environment is registered yet: %%aml_env makes one.")
    data = [_facts(one) for one in found]
    rows = [
        (
            stored.name + (f" ({', '.join(stored.labels)})" if stored.labels else ""),
            one["state"],
            size_text(one["size_bytes"]) if one["size_bytes"] else "",
            ago(stored.kept.built_at) if stored.kept else "",
            _users(stored),
            one["kind"],
            one["what"],
        )
        for stored, one in zip(found, data, strict=True)
    ]
    return Answer(data, [Table(_COLUMNS, rows)])


def _prune(workspace: Workspace, names: list[str], options: Namespace) -> Answer:
    from jupyter_ext.core.environments import kept as environment_store  # noqa: PLC0415 - the other verbs do without what builds

    if options.all and not options.dry_run:
        going = [one for one in environment_store.prune(workspace, names, every=True, dry=True) if one.size is not None]
        said = (f"{one.stored.name}: {size_text(one.size or 0)}" for one in going)
        if going and not agreed(options, said, "Remove all of these, the latest versions too?"):
            return Answer([], text="Nothing is removed.")
    done = environment_store.prune(workspace, names, every=options.all, dry=options.dry_run)
    given = sum(one.size or 0 for one in done)
    data = {"bytes": given, "environments": [_pruned(one) for one in done]}
    if not done:
        return Answer(data, text="There is nothing to prune: what is built is what the latest versions ask for.")
    what = "would give back" if options.dry_run else "gave back"
    stay = sum(one.size is None for one in done)
    text = f"Pruning {what} {size_text(given)}" + (f"; {stay} in use stay." if stay else ".")
    rows = [
        (
            one.stored.name + _what_of(one),
            "stays" if one.size is None else "would go" if options.dry_run else "removed",
            size_text(one.size) if one.size else "",
            _users(one.stored),
        )
        for one in done
    ]
    return Answer(data, [Table(("environment", "state", "size", "runs"), rows)], text)


def _what_of(one: Pruned) -> str:
    if one.replaced:
        return ", builds it replaced"
    return ", a build that did not end well" if one.stored.state == "unfinished" else ""


def _pruned(one: Pruned) -> dict[str, Any]:
    return {"name": one.stored.name, "key": one.stored.key, "removed": one.size is not None, "bytes": one.size or 0}


def _users(one: Stored) -> str:
    told = [str(len(one.runs))] if one.runs else []
    return ", ".join([*told, *([f"{len(one.live)} live"] if one.live else [])])


def _facts(one: Stored) -> dict[str, Any]:
    built = one.kept.built if one.kept else None
    said: dict[str, Any] = {"name": None, "version": None, "kind": built.kind if built else "", "packages": []}
    if one.environment is not None:
        said = environment_summary(one.environment)
    return {
        "what": f"asked for as {one.asked_as}" if one.asked_as else (built.tag if built else "") or "not registered",
        **said,
        "labels": list(one.labels),
        "state": one.state,
        "size_bytes": one.size,
        "built_at": iso(one.kept.built_at) if one.kept else None,
        "runs": list(one.runs),
        "live": list(one.live),
        "key": one.key,
        "python": built.version if built else None,
        "image": built.image if built else None,
        "installed": built.lock if built else [],
    }
