"""Curated environments: the names that SDK v1 offered ready-made, as definitions that build here.

A name says all there is to know: a family, the version of its library, and the machine. So there is a rule for each
family and no table of names. What v1's images had beside that library is not there.
"""

from __future__ import annotations

import re

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

from .conda_dependencies import CondaDependencies

_PREFIX = "azureml-"
_COMMON = ("matplotlib", "pandas", "scipy")
# each family's packages; a name's version is that of the first
_FAMILIES: dict[str, tuple[str, ...]] = {
    "minimal": (),
    "tutorial": ("scikit-learn", *_COMMON, "tqdm"),
    "sklearn": ("scikit-learn", *_COMMON),
    "scikit-learn": ("scikit-learn", *_COMMON),
    "pytorch": ("torch", "torchvision", "tensorboard"),
    "acpt-pytorch": ("torch", "torchvision", "tensorboard"),
    "tensorflow": ("tensorflow", "tensorboard"),
    "lightgbm": ("lightgbm", "scikit-learn", *_COMMON),
    "xgboost": ("xgboost", "scikit-learn", *_COMMON),
    "chainer": ("chainer",),
    "onnxruntime": ("onnxruntime",),
    "dask": ("dask[complete]", *_COMMON),
    "mlflow": ("mlflow", "scikit-learn", *_COMMON),
}
_NAME = re.compile(
    rf"{_PREFIX}(?P<family>{'|'.join(sorted(_FAMILIES, key=len, reverse=True))})"
    r"(-?(?P<version>\d+(\.\d+)*))?(?P<rest>-.*)?",
    re.IGNORECASE,
)
EXAMPLES = (
    "AzureML-Minimal",
    "AzureML-Tutorial",
    "AzureML-sklearn-1.5",
    "AzureML-PyTorch-1.13-CPU",
    "AzureML-TensorFlow-2.16-CPU",
    "AzureML-lightgbm-3.3",
)
_PYTHON = re.compile(r"-py(\d)\.?(\d+)", re.IGNORECASE)
# the Python that older versions of a library were made for: below a version, that Python
_PYTHONS: dict[str, tuple[tuple[tuple[int, ...], str], ...]] = {
    "torch": (((1, 4), "3.7"), ((2, 0), "3.8")),
    "scikit-learn": (((0, 22), "3.7"), ((1, 2), "3.8")),
    "tensorflow": (((2, 2), "3.7"), ((2, 12), "3.8")),
    "onnxruntime": (((1, 14), "3.8"),),
    "chainer": (((99,), "3.7"),),
}
_NEWEST_PYTHON = "3.11"
_PARTS = 3  # of a whole version
_ONE_PACKAGE = (2, 1)  # from here on TensorFlow's one package serves both CPU and GPU


def is_curated_name(name: str) -> bool:
    """Tell whether a name is one of those that are kept for curated environments."""
    return name.lower().startswith(_PREFIX)


def check_free(name: str) -> None:
    """Refuse a name that is kept for curated environments.

    Raises
    ------
    UserErrorException
        It is one.
    """
    if is_curated_name(name):
        raise UserErrorException(
            f"Names that begin with AzureML are kept for curated environments: choose another than {name!r}, such as "
            "with clone."
        )


def wants_gpu(name: str) -> bool:
    """Tell whether a curated environment is one for GPUs."""
    return "-gpu" in name.lower() or "-cuda" in name.lower()


def dependencies_of(name: str) -> CondaDependencies | None:
    """Return the Python and the packages of a curated environment, or None where no family has that name.

    Parameters
    ----------
    name
        Its name, such as ``AzureML-PyTorch-1.6-CPU``; upper and lower case are the same.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    packages = list(_FAMILIES[match["family"].lower()])
    numbers = tuple(int(number) for number in (match["version"] or "").split(".") if number)
    asked = _PYTHON.search(match["rest"] or "")
    python = f"{asked[1]}.{asked[2]}" if asked else _python_for(packages, numbers)
    if packages and numbers:
        if packages[0] == "tensorflow" and numbers < _ONE_PACKAGE and wants_gpu(name):
            packages[0] = "tensorflow-gpu"
        packages[0] += f"=={match['version']}" + ("" if len(numbers) >= _PARTS else ".*")
    document = {
        "name": "project_environment",
        "channels": ["conda-forge"],
        "dependencies": [f"python={python}", {"pip": packages}],
    }
    return CondaDependencies(_underlying_structure=document)


def _python_for(packages: list[str], numbers: tuple[int, ...]) -> str:
    limits = _PYTHONS.get(packages[0], ()) if packages and numbers else ()
    return next((python for limit, python in limits if numbers < limit), _NEWEST_PYTHON)
