"""``%%aml_env``: an environment from a cell, built and registered."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext import build
from jupyter_ext.build.apart import build_apart
from jupyter_ext.commands.find import current_workspace
from jupyter_ext.core.environments import curated
from jupyter_ext.core.environments.containers import needs_container
from jupyter_ext.core.environments.versions import check_name
from jupyter_ext.core.short_errors import shortened
from jupyter_ext.magics import body, notebook
from jupyter_ext.magics.arguments import parse_env
from jupyter_ext.magics.build_text import Telling, excerpt
from jupyter_ext.magics.build_view import DisplayView, LinesView
from jupyter_ext.monitor.front_end import in_notebook
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException, UserErrorException

if TYPE_CHECKING:
    from argparse import Namespace

    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_ext.build import Built
    from jupyter_ext.core.environments.environment import Environment
    from jupyter_ext.core.workspaces.workspace import Workspace


def define(shell: InteractiveShell, line: str, cell: str) -> Environment:
    """Build and register the environment that a cell describes; return it.

    Raises
    ------
    AzureMLException
        It cannot be, or did not build; nothing is registered.
    """
    __tracebackhide__ = True
    options = parse_env(line)
    text = cell.strip("\n") and cell
    try:
        curated.check_free(check_name(options.name))
        environment = body.read(shell, text, options)
        password = _password(environment)
        particular = environment._asks_for_image()
        build.check(environment._definition(), container=particular)
        container = particular if options.no_build else needs_container(environment)
        if container != particular:
            build.check(environment._definition(), container=container)
        registered = _make(shell, environment, options, container=container, password=password)
    except AzureMLException as error:
        marked = excerpt(text, error) if text else ""
        raise shortened(error, excerpt=marked) from None
    notebook.already_shown(shell, registered)
    return registered


def _make(
    shell: InteractiveShell, environment: Environment, options: Namespace, *, container: bool, password: str | None
) -> Environment:
    __tracebackhide__ = True
    workspace = current_workspace()
    version, _ = environment._version_in(workspace)
    telling = Telling(f"{environment.name}:{version}", "image" if container else "virtual environment")
    view = DisplayView(telling) if in_notebook(shell) else LinesView(telling)
    if options.no_build:
        registered = environment.register(workspace)
        view.registered()
        return registered
    built = None
    if not options.force:
        built = build.find(environment._definition(), container=container, root=workspace._paths.environments)
    if built is not None:
        registered = environment.register(workspace)
        view.unchanged(built)
        return registered
    built = _build(environment, workspace, view, container=container, password=password, force=options.force)
    registered = environment.register(workspace)
    view.done(built)
    return registered


def _build(
    environment: Environment,
    workspace: Workspace,
    view: LinesView,
    *,
    container: bool,
    password: str | None,
    force: bool,
) -> Built:
    __tracebackhide__ = True
    view.look()
    try:
        return build_apart(
            environment._to_build(),
            container=container,
            root=workspace._paths.environments,
            report=view.take,
            look=view.look,
            force=force,
            folder=Path.cwd(),
            password=password,
        )
    except KeyboardInterrupt as error:
        view.stopped()
        message = "The build was stopped, and nothing is registered. Run the cell again to go on."
        raise shortened(error, message) from None
    except AzureMLException:
        view.failed()
        raise


def _password(environment: Environment) -> str | None:
    registry = environment.docker.base_image_registry
    if registry.password_variable and registry.password_variable not in os.environ:
        raise UserErrorException(
            f"There is no environment variable {registry.password_variable}, which is to hold the password of "
            f"{registry.address}. Set it before Jupyter starts, or with os.environ from a keyring; not in the notebook."
        )
    return registry._found_password()
