"""Solves a conda specification: which packages of which channels, exactly."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.build import conda_channels, failures
from jupyter_ext.build.conda_lock import CondaLock, CondaPackage
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException, UserErrorException
from jupyter_ext.store.data.addresses import without_passwords

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rattler import GenericVirtualPackage, MatchSpec, RepoDataRecord

    from jupyter_ext.build.conda_channels import Channels

_PATIENCE = 10.0  # seconds until it is asked whether the channels answer at all
_NO_FOLDER = "could not find subdir"


def this_platform() -> str:
    """Return the name that conda has for this machine, such as ``linux-64``."""
    from rattler import Subdir  # noqa: PLC0415 - where conda is asked for

    return str(Subdir.current())


def solve(
    channels: Channels,
    specs: Iterable[str],
    *,
    platform: str | None = None,
    virtual_packages: Iterable[str] | None = None,
) -> CondaLock:
    """Find the packages of an environment.

    Parameters
    ----------
    channels
        Where packages come from; see :func:`jupyter_ext.build.conda_channels.read`.
    specs
        As a conda specification has them, such as ``scipy=1.2`` or ``conda-forge::numpy>=1.20``.
    platform
        Such as ``linux-64``; None for this machine's.
    virtual_packages
        What the machine offers, such as ``__glibc=2.31`` or ``__cuda=11.8``; None to look at this one.

    Raises
    ------
    UserErrorException
        A specification is none.
    EnvironmentBuildException
        The solver has found no packages, with its reason, or a channel does not answer. ``kind`` tells which.
    """
    read = [_spec(text) for text in specs]
    wider = _with_named(channels, read)
    return asyncio.run(_solve(wider, read, platform or this_platform(), virtual_packages))


async def _solve(
    channels: Channels, specs: list[MatchSpec], platform: str, virtual_packages: Iterable[str] | None
) -> CondaLock:
    task = asyncio.create_task(_ask(channels, specs, platform, virtual_packages))
    try:
        done, _ = await asyncio.wait({task}, timeout=_PATIENCE)
        if not done and (silent := await channels.silent()):
            raise _no_answer(silent, "it says nothing")
        return CondaLock(platform, sorted((_package(each) for each in await task), key=lambda each: each.name))
    finally:
        task.cancel()


async def _ask(
    channels: Channels, specs: list[MatchSpec], platform: str, virtual_packages: Iterable[str] | None
) -> list[RepoDataRecord]:
    import rattler  # noqa: PLC0415 - where conda is asked for
    from rattler import exceptions  # noqa: PLC0415 - where conda is asked for

    try:
        return await rattler.solve(
            [rattler.Channel(address) for address in channels.addresses],
            specs,
            platforms=[rattler.Subdir(platform), rattler.Subdir("noarch")],
            virtual_packages=_virtual(virtual_packages),
            channel_priority=rattler.ChannelPriority.Flexible,  # conda's own default, and so v1's
            channel_relations="disabled",  # the channels that are named, and no others
        )
    except exceptions.SolverError as error:
        raise _unsatisfiable(str(error), channels) from None
    except exceptions.GatewayError as error:
        raise _unreachable(str(error), channels) from None


def _virtual(names: Iterable[str] | None) -> list[GenericVirtualPackage | Any]:
    import rattler  # noqa: PLC0415 - where conda is asked for

    if names is None:
        return list(rattler.VirtualPackage.detect(rattler.VirtualPackageOverrides.from_env()))
    split = [[*name.split("="), "0", "0"][:3] for name in names]
    return [
        rattler.GenericVirtualPackage(rattler.PackageName(name), rattler.Version(version), rattler.BuildString(build))
        for name, version, build in split
    ]


def _spec(text: str) -> MatchSpec:
    import rattler  # noqa: PLC0415 - where conda is asked for
    from rattler import exceptions  # noqa: PLC0415 - where conda is asked for

    channel, colons, package = text.rpartition("::")
    where = conda_channels.address(channel, Path.cwd()) + colons if colons else ""
    try:
        return rattler.MatchSpec(where + package)
    except exceptions.InvalidMatchSpecError as error:
        shown, reason = without_passwords(text), without_passwords(str(error).splitlines()[0])
        raise UserErrorException(
            f"{shown!r} is not a conda package: {reason}. Write it as 'name', 'name=version' or 'name>=version'."
        ) from None


def _with_named(channels: Channels, specs: list[MatchSpec]) -> Channels:
    """Return the channels with those that a specification names before ``::``, as conda does."""
    named = [str(spec.channel.base_url).rstrip("/") for spec in specs if spec.channel is not None]
    return conda_channels.Channels(tuple(dict.fromkeys([*channels.addresses, *named])))


def _package(record: RepoDataRecord) -> CondaPackage:
    return CondaPackage(
        name=record.name.normalized,
        version=str(record.version),
        build=str(record.build),
        url=without_passwords(record.url),
        subdir=record.subdir,
        build_number=record.build_number,
        sha256=record.sha256.hex() if record.sha256 else None,
        md5=record.md5.hex() if record.md5 else None,
        size=record.size or 0,
        noarch="python" if record.noarch.python else "generic" if record.noarch.generic else None,
        depends=list(record.depends),
        site_packages=record.python_site_packages_path,
    )


def _unsatisfiable(reason: str, channels: Channels) -> EnvironmentBuildException:
    text = without_passwords(reason.strip())
    where = ", ".join(channels.shown)
    missing = text.startswith("Cannot solve the request because of: No candidates")
    if missing:
        return failures.of(f"The channels {where} have no such conda package:\n{text}", failures.NOT_FOUND)
    return failures.of(f"The conda packages cannot be had together from {where}:\n{text}", failures.UNSATISFIABLE)


def _unreachable(reason: str, channels: Channels) -> EnvironmentBuildException:
    text = without_passwords(reason)
    channel = channels.named_in(text) or ", ".join(channels.shown)
    if _NO_FOLDER in text:
        return failures.of(f"There is no conda channel {channel}:\n{text}", failures.NOT_FOUND)
    if failures.kind_of(text) == failures.AUTHENTICATION:
        return failures.of(f"The conda channel {channel} lets nobody in without a password:\n{text}")
    return _no_answer(channel, text)


def _no_answer(channel: str, reason: str) -> EnvironmentBuildException:
    return failures.of(f"The conda channel {channel} does not answer: {reason}", failures.NO_NETWORK)
