"""Puts the packages of the index on top of an image, and those of this machine that lines name."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from jupyter_ext.build import local_sources, requirements
from jupyter_ext.build.recipe import folder_with

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from jupyter_ext.build.contexts import Context
    from jupyter_ext.build.requirements import Requirements

VENV = "/opt/aml/venv"
_CACHE = "/var/cache/jupyter-aml/pip"
_LINES = "/opt/aml/requirements.txt"
_DOCKERFILE = f"""\
FROM {{base}}
USER root
{{venv}}{{local}}COPY requirements.txt {_LINES}
RUN {{cache}}{{python}} -m pip install --disable-pip-version-check {{option}} -r {_LINES}
{{path}}USER {{user}}
"""
_MAKE_VENV = f"RUN {{python}} -m venv --system-site-packages {VENV}\n"
_LOCAL = f"COPY {local_sources.FOLDER} {local_sources.INSIDE}\n"
_PATH = f'ENV PATH="{VENV}/bin:$PATH"\n'


def steps(pip: Requirements) -> int:
    """Return how many steps that takes, at most."""
    return (4 + bool(local_sources.paths(pip))) * pip.names_packages


@contextmanager
def context(
    pip: Requirements, base: str, python: str, user: str, scratch: Path, *, conda: bool, cached: bool
) -> Iterator[tuple[Context, Mapping[str, str]]]:
    """Give for a while what to build, and what its steps are called.

    Parameters
    ----------
    pip
        The requirements.
    base
        The image to start from.
    python
        Its Python; the packages go into a virtual environment of it, unless it is conda's.
    user
        Who the image's programs run as.
    scratch
        Where files may lie meanwhile.
    conda
        Whether the Python is one of ours, from a conda channel.
    cached
        Whether the builder keeps downloads.
    """
    with folder_with({}, scratch) as made:
        lines = local_sources.copy(pip, made.folder)
        text = _DOCKERFILE.format(
            base=base,
            venv="" if conda else _MAKE_VENV.format(python=python),
            local=_LOCAL if (made.folder / local_sources.FOLDER).exists() else "",
            python=python if conda else f"{VENV}/bin/python",
            path="" if conda else _PATH,
            user=user,
            cache=f"--mount=type=cache,id=jupyter-aml-pip,target={_CACHE} " if cached else "",
            option=f"--cache-dir {_CACHE}" if cached else "--no-cache-dir",
        )
        (made.folder / "Dockerfile").write_text(text, encoding="utf-8")
        (made.folder / "requirements.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        yield (
            made,
            {
                f"RUN {python} -m venv": "Make a virtual environment",
                f"COPY {local_sources.FOLDER}": "Copy the packages of this machine",
                "COPY": "Copy the requirements",
                "RUN": f"pip install {requirements.summary(pip.effective)}",
            },
        )
