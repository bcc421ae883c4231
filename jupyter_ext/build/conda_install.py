"""Installs what a conda solve has found into a folder: downloads, checks the hashes, links."""

from __future__ import annotations

import asyncio
import hashlib
import time
import urllib.parse
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.build import failures
from jupyter_ext.store.data.addresses import without_passwords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
    from rattler import exceptions  # noqa: PLC0415 - where conda is asked for

    for package in lock.packages:
        _check_local(package, reporter)
    watching = _Watching(lock, reporter)
    try:
        asyncio.run(_install(lock, channels, prefix, watching, seen_as))
    except (exceptions.InstallerError, exceptions.TransactionError, exceptions.LinkError, exceptions.IoError) as error:
        reason = without_passwords(str(error))
        named = next((each.name for each in lock.packages if f"{each.name}-{each.version}" in reason), None)
        raise failures.failure(reason, reporter, package=named) from None
    except asyncio.CancelledError:
        raise watching.error or KeyboardInterrupt from None
    if channels.shown != channels.addresses:
        for file in prefix.glob("conda-meta/*.json"):  # rattler notes there whence each package came
            file.write_text(without_passwords(file.read_text(encoding="utf-8")), encoding="utf-8")


async def _install(lock: CondaLock, channels: Channels, prefix: Path, watching: _Watching, seen_as: str | None) -> None:
    import rattler  # noqa: PLC0415 - where conda is asked for

    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    watching.stop = lambda: task and loop.call_soon_threadsafe(task.cancel)
    await rattler.install(
        [_record(package, channels) for package in lock.packages],
        prefix,
        platform=rattler.Subdir(lock.platform),
        execute_link_scripts=seen_as is None,
        show_progress=False,
        reporter=watching.events(),
        alternative_target_prefix=seen_as,
    )


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
    """Tells the downloads and the packages of one install; rattler calls it from threads of its own."""

    def __init__(self, lock: CondaLock, reporter: Reporter) -> None:
        self.error: BaseException | None = None
        self.stop: Callable[[], Any] = lambda: None
        self._sizes = {package.name: package.size for package in lock.packages}
        self._texts = {package.name: str(package) for package in lock.packages}
        self._reporter = reporter
        self._names: list[str] = []
        self._begun: list[str] = []
        self._done: dict[int, int] = {}
        self._told = 0.0

    def events(self) -> Any:
        """Return what rattler calls."""
        import rattler  # noqa: PLC0415 - where conda is asked for

        watching = self

        class Events(rattler.InstallerReporter):
            def on_populate_cache_start(self, operation: int, package_name: str) -> int:
                del operation
                watching._names.append(package_name)
                return len(watching._names) - 1

            def on_download_start(self, cache_entry: int) -> int:
                watching._begun.append(watching._names[cache_entry])
                watching.tell("download", f"Downloading {watching._texts[watching._begun[-1]]}")
                return len(watching._begun) - 1

            def on_download_progress(self, download_idx: int, progress: int, total: int | None) -> None:
                del total
                watching._done[download_idx] = progress
                watching.tell_downloaded()

            def on_link_start(self, operation: int, package_name: str) -> int:
                del operation
                watching.tell("install", f"+ {watching._texts[package_name]}")
                return 0

        return Events()  # type: ignore[abstract]  # what is left out does nothing

    def tell(self, phase: str, line: str) -> None:
        """Pass on a line."""
        with self._stopping():
            self._reporter.phase(phase)
            self._reporter.line(line)

    def tell_downloaded(self) -> None:
        """Pass on how much has been downloaded, now and then."""
        if time.monotonic() - self._told > _PERIOD:
            self._told = time.monotonic()
            total = sum(self._sizes.get(name, 0) for name in self._begun)
            with self._stopping():
                self._reporter.downloaded(sum(self._done.values()), total)

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        """Stop the install where nobody listens any more: rattler goes on whatever is raised in what it calls."""
        try:
            yield
        except BaseException as error:  # noqa: BLE001 - it is raised where the install was called
            self.error = error
            self.stop()
