"""Our own code for the nodes of a cluster, as one zip file with a name that tells its content."""

from __future__ import annotations

import hashlib
import io
import zipfile
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parent.parent.parent
_FOLDERS = ("runtime", "store", "engines", "build")


@cache
def kit() -> tuple[str, bytes]:
    """Return the content hash of what a node needs of this package, and the zip file."""
    files = {f"jupyter_ext/{file.name}": file for file in [_PACKAGE / "__init__.py"]}
    for folder in _FOLDERS:
        files.update({file.relative_to(_PACKAGE.parent).as_posix(): file for file in _sources(_PACKAGE / folder)})
    files["pynvml.py"] = _pynvml()
    digest, packed = hashlib.sha256(), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in sorted(files):
            content = files[name].read_bytes()
            digest.update(f"{name} {len(content)} ".encode() + content)
            archive.writestr(name, content)
    return digest.hexdigest()[:32], packed.getvalue()


def _sources(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and file.suffix != ".pyc"]


def _pynvml() -> Path:
    import pynvml  # noqa: PLC0415 - 15 ms that other runs need not wait for

    return Path(str(pynvml.__file__))
