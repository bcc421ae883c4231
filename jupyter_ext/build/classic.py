"""Builds an image with the engine's classic builder, which docker-py and Podman's socket offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_ext.build import dockerfile, sending, stream

if TYPE_CHECKING:
    from jupyter_ext.build.recipe import Recipe
    from jupyter_ext.build.reporter import Reporter


def build(engine: Any, recipe: Recipe, reporter: Reporter) -> str:
    """Build an image and return its id.

    Parameters
    ----------
    engine
        A docker-py client.
    recipe
        What to build.
    reporter
        Gets the steps and the output.

    Raises
    ------
    EnvironmentBuildException
        A step has failed.
    """
    import docker.errors  # noqa: PLC0415 - loaded with the client

    instructions = dockerfile.parse(recipe.context.text)
    follow = stream.Follow(recipe, instructions, reporter)
    with sending.archive(recipe.context, reporter) as archive:
        try:
            events = engine.api.build(
                fileobj=archive,
                custom_context=True,
                dockerfile=recipe.context.dockerfile,
                tag=recipe.tag,
                platform=recipe.platform,
                rm=True,
                forcerm=True,
                nocache=recipe.fresh,
                decode=True,
            )
            return follow.build(events)
        except docker.errors.APIError as error:
            raise follow.failure(str(error.explanation)) from error
