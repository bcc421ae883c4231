"""Installs what a conda solve has found into a folder: downloads, checks the hashes, links."""

from __future__ import annotations

import asyncio
import hashlib
import time
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.build import conda_channels, failures
from jupyter_ext.store.spelling import size_text

if TYPE_CHECKING:
    from jupyter_ext.build.conda_channels import Channels
    from jupyter_ext.build.conda_lock import CondaLock, CondaPackage
    from jupyter_ext.build.reporter import Reporter

_PIECE = 1 << 20  # bytes
_PERIOD = 0.5  # seconds between two reports of how much has been downloaded


def install(
    lock: CondaLock, channels: Channels, prefix: Path, reporter: Reporter, *, seen_as: str | None = None
) -> None:
    """Make a conda environment of exactly the packages of a lock.

    Parameters
    ----------
    lock
        What is installed, for the platform that it was solved for.
    channels
        Those of the specification: they know the passwords that the lock does not have.
    prefix
        The folder to fill; it need not be there.
    reporter
        Gets the downloads and the packages as they are linked.
    seen_as
        The path under which the environment will be used, where that is not ``prefix``, such as inside an image.

    Raises
    ------
    EnvironmentBuildException
        A package cannot be had, is not the one of the lock, or cannot be written.
    """
    import rattler  # noqa: PLC0415 - where conda is asked for
    from rattler import exceptions  # noqa: PLC0415 - where conda is asked for

    for package in lock.packages:
        _check_local(package, reporter)
    records = [_record(package, channels) for package in lock.packages]
    watching = _Watching(lock, reporter)
    try:
        asyncio.run(
            rattler.install(
                records,
                prefix,
                platform=rattler.Subdir(lock.platform),
                execute_link_scripts=seen_as is None,
                show_progress=False,
                reporter=watching.events(),
                alternative_target_prefix=seen_as,
            )
        )
    except (exceptions.InstallerError, exceptions.TransactionError, exceptions.LinkError, exceptions.IoError) as error:
        reason = conda_channels.without_secret(str(error))
        named = next((each.name for each in lock.packages if f"{each.name}-{each.version}" in reason), None)
        raise failures.failure(reason, reporter, package=named) from None


def _check_local(package: CondaPackage, reporter: Reporter) -> None:
    """Compare the hash of an archive on this machine, which rattler does for downloads only."""
    path = urllib.parse.urlparse(package.url).path
    if not package.url.startswith("file://") or not package.sha256:
        return
    digest = hashlib.sha256()
    try:
        with Path(urllib.parse.unquote(path)).open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    except OSError as error:
        raise failures.failure(f"{package.url} cannot be read: {error.strerror}", reporter) from None
    if digest.hexdigest() != package.sha256:
        raise failures.failure(f"Hash mismatch for {package.name}: {package.url} has {digest.hexdigest()}", reporter)


def _record(package: CondaPackage, channels: Channels) -> Any:
    import rattler  # noqa: PLC0415 - where conda is asked for

    record = rattler.PackageRecord(
        package.name,
        package.version,
        rattler.BuildString.new_unchecked(package.build),
        package.build_number,
        package.subdir,
        noarch=package.noarch,
        depends=package.depends,
        sha256=bytes.fromhex(package.sha256) if package.sha256 else None,
        md5=bytes.fromhex(package.md5) if package.md5 else None,
        size=package.size or None,
        python_site_packages_path=package.site_packages,
    )
    channel, _, file = package.url.rpartition("/")
    return rattler.RepoDataRecord(record, file, channels.opened(package.url), channel.rpartition("/")[0])


class _Watching:
    """Tells the downloads and the packages of one install."""

    def __init__(self, lock: CondaLock, reporter: Reporter) -> None:
        self._sizes = {package.name: package.size for package in lock.packages}
        self._texts = {package.name: str(package) for package in lock.packages}
        self._reporter = reporter
        self._names: list[str] = []
        self._begun: list[str] = []
        self._done: dict[int, int] = {}
        self._told = 0.0

    def events(self) -> Any:
        """Return what rattler calls, from threads of its own."""
        import rattler  # noqa: PLC0415 - where conda is asked for

        watching = self

        class Events(rattler.InstallerReporter):
            def on_populate_cache_start(self, operation: int, package_name: str) -> int:  # noqa: ARG002 - rattler gives it
                return watching.named(package_name)

            def on_download_start(self, cache_entry: int) -> int:
                return watching.download(cache_entry)

            def on_download_progress(self, download_idx: int, progress: int, total: int | None) -> None:  # noqa: ARG002 - rattler gives it
                watching.progress(download_idx, progress)

            def on_link_start(self, operation: int, package_name: str) -> int:  # noqa: ARG002 - rattler gives it
                return watching.link(package_name)

        return Events()  # type: ignore[abstract]  # what is left out does nothing

    def named(self, name: str) -> int:
        self._names.append(name)
        return len(self._names) - 1

    def download(self, entry: int) -> int:
        self._begun.append(self._names[entry])
        self._reporter.line(f"Downloading {self._text(self._names[entry])}")
        return len(self._begun) - 1

    def progress(self, index: int, done: int) -> None:
        self._done[index] = done
        if time.monotonic() - self._told > _PERIOD:
            self._told = time.monotonic()
            total = sum(self._sizes.get(name, 0) for name in self._begun)
            self._reporter.line(
                f"Downloaded {size_text(sum(self._done.values()))} of {size_text(total)}", lasting=False
            )

    def link(self, name: str) -> int:
        self._reporter.line(f"+ {self._text(name)}")
        return 0

    def _text(self, name: str) -> str:
        return self._texts.get(name, name)
