"""Container or virtual environment: what an environment asks for, and what this machine can give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EngineNotAnswering

if TYPE_CHECKING:
    from jupyter_ext.core.submission.runconfig_parts import DockerConfiguration

    from .environment import Environment


def needs_container(environment: Environment, docker: DockerConfiguration | None = None) -> bool:
    """Decide between container and processes, and refuse what no engine can give.

    A particular image needs an engine. Where just "a container" is asked for and no engine answers, a virtual
    environment serves, and one line says so.

    Parameters
    ----------
    environment
        The environment.
    docker
        What a run's configuration says of Docker.

    Raises
    ------
    EngineNotAnswering
        A particular image is asked for, and no engine answers.
    UserErrorException
        The configuration has an option of ``docker run`` that cannot be given.
    """
    particular = environment._asks_for_image()
    if not (particular or environment.docker.enabled or (docker and docker.use_docker)):
        return False
    from jupyter_ext.engines.docker_arguments import container_options  # noqa: PLC0415 - a container only
    from jupyter_ext.engines.docker_engine import engine_answers, not_answering  # noqa: PLC0415 - a container only

    container_options([str(argument) for argument in (docker or environment.docker).arguments])
    if engine_answers():
        return True
    if particular:
        reason: EngineNotAnswering = not_answering()
        raise EngineNotAnswering(f"Environment {environment.name!r} needs a container. {reason.message}")
    print("No container engine answers: a virtual environment is used, which has what the environment names alone.")  # noqa: T201 - one line, as promised
    return False
