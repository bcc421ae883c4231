"""Python imports this as it starts inside a run, to make the script's output live and fast.

A sitecustomize that is installed in the environment is loaded after it, as it would have been alone.
"""

import os
import sys

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from types import ModuleType


def _prepare() -> None:
    if not os.environ.get("AML_RUN_DIR"):
        return
    try:
        from jupyter_aml_run.live import install  # type: ignore[import-not-found]  # noqa: PLC0415 - not outside a run

        install()
        if "OMPI_COMM_WORLD_SIZE" in os.environ:
            from jupyter_aml_run import mpi_abort  # type: ignore[import-not-found]  # noqa: PLC0415 - under mpirun only

            mpi_abort.install()
    except Exception as error:  # noqa: BLE001 - output that is not live is better than no interpreter
        if os.environ.get("AML_DEBUG"):
            sys.stderr.write("jupyter-aml: output stays as it is: {!r}\n".format(error))


def _load_next() -> None:
    """Run the environment's own sitecustomize, without importlib.util, which is slow to import."""
    here = os.path.dirname(os.path.abspath(__file__))
    path = [entry for entry in sys.path if os.path.abspath(entry) != here]
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        spec = find("sitecustomize", path) if find is not None else None
        if spec is not None and spec.loader is not None:
            break
    else:
        return
    module: "ModuleType" = type(sys)("sitecustomize")
    module.__spec__, module.__loader__, module.__file__ = spec, spec.loader, spec.origin
    ours = sys.modules["sitecustomize"]
    sys.modules["sitecustomize"] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules["sitecustomize"] = ours
        raise  # site tells of it, as it would have


_prepare()
_load_next()
