"""A workspace: a folder under the home that holds experiments, runs, environments, compute targets and models."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jupyter_ext.core.notices import ignored, notice_once
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException, WorkspaceException
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.store.image_registry import ImageRegistry, read_registry, write_registry
from jupyter_ext.store.paths import WorkspacePaths, home

from .base import WorkspaceBase, checked_name
from .config import find_config, read_config
from .record import make_record

if TYPE_CHECKING:
    from jupyter_ext.core.computes.compute import ComputeTarget
    from jupyter_ext.core.data.datastore import Datastore
    from jupyter_ext.core.environments.environment import Environment
    from jupyter_ext.core.models.model import Model
    from jupyter_ext.core.runs.run import Run

    from .experiment import Experiment
    from .keyvault import Keyvault

DEFAULT_NAME = "default"
_REGISTRY = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?(/[a-z0-9][a-z0-9._-]*)*")


class Workspace(WorkspaceBase):
    """A workspace of this user.

    A workspace that a notebook names and that is not there yet is made, with one line that says so: a configuration
    file from v1's cloud names one that only ever existed there.

    Parameters
    ----------
    subscription_id, resource_group
        Kept, and given back; they have no meaning here.
    workspace_name
        Its name, 3 to 33 letters, digits, ``-`` and ``_``.
    """

    @staticmethod
    def from_config(
        path: str | None = None, auth: Any = None, _logger: Any = None, _file_name: str | None = None
    ) -> Workspace:
        """Return the workspace that a configuration file names; with no file, this user's default workspace.

        Looked for, as in v1: ``path`` when it is a file; else ``.azureml/``, ``aml_config/`` and the folder itself,
        each walking up to the root, for ``config.json`` and then ``project.json``.

        Raises
        ------
        UserErrorException
            ``path`` is not there, or the file names no workspace.
        """
        del auth, _logger
        file = find_config(path, _file_name)
        if file is None:
            workspace = _default()
            notice_once(f"No config.json here: using your default workspace, {workspace._paths.root}")
            return workspace
        subscription_id, resource_group, name = read_config(file)
        return Workspace(subscription_id, resource_group, name)

    @staticmethod
    def create(
        name: str,
        auth: Any = None,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        location: str | None = None,
        create_resource_group: bool = True,
        sku: str = "basic",
        tags: dict[str, str] | None = None,
        friendly_name: str | None = None,
        storage_account: Any = None,
        key_vault: Any = None,
        app_insights: Any = None,
        container_registry: Any = None,
        adb_workspace: Any = None,
        primary_user_assigned_identity: Any = None,
        cmk_keyvault: Any = None,
        resource_cmk_uri: Any = None,
        hbi_workspace: bool = False,
        default_cpu_compute_target: Any = None,
        default_gpu_compute_target: Any = None,
        private_endpoint_config: Any = None,
        private_endpoint_auto_approval: bool = True,
        exist_ok: bool = False,
        show_output: bool = True,
        user_assigned_identity_for_cmk_encryption: Any = None,
        system_datastores_auth_mode: str = "accessKey",
        v1_legacy_mode: Any = None,
        **kwargs: Any,
    ) -> Workspace:
        """Make a workspace.

        Parameters
        ----------
        default_cpu_compute_target, default_gpu_compute_target
            Provisioning configurations of compute targets that are made with it (v1).
        **kwargs
            And v1's other parameters for cloud resources: accepted, and without meaning here.

        Raises
        ------
        WorkspaceException
            It exists, and ``exist_ok`` is False.
        """
        del auth, create_resource_group, sku, private_endpoint_auto_approval, system_datastores_auth_mode
        ignored(
            "cloud resources and identities",
            storage_account=storage_account,
            key_vault=key_vault,
            app_insights=app_insights,
            container_registry=container_registry,
            adb_workspace=adb_workspace,
            primary_user_assigned_identity=primary_user_assigned_identity,
            cmk_keyvault=cmk_keyvault,
            resource_cmk_uri=resource_cmk_uri,
            hbi_workspace=hbi_workspace,
            private_endpoint_config=private_endpoint_config,
            user_assigned_identity_for_cmk_encryption=user_assigned_identity_for_cmk_encryption,
            v1_legacy_mode=v1_legacy_mode,
            **kwargs,
        )
        paths = WorkspacePaths(home() / checked_name(name))
        if paths.record.exists():
            if not exist_ok:
                raise WorkspaceException(f"Workspace {name!r} exists. Use Workspace.get, or pass exist_ok=True.")
        else:
            make_record(
                paths,
                subscription_id,
                resource_group,
                location=location,
                tags=tags,
                friendly_name=friendly_name,
            )
            if show_output:
                print(f"Workspace {name!r} is made: {paths.root}")  # noqa: T201 - asked for by show_output
        workspace = Workspace.get(name)
        workspace._make_default_targets(default_cpu_compute_target, default_gpu_compute_target)
        return workspace

    @staticmethod
    def setup() -> Workspace:
        """Return this user's default workspace, made where it is not there."""
        return _default()

    @staticmethod
    def get(
        name: str,
        auth: Any = None,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        location: str | None = None,
        cloud: str = "AzureCloud",
        id: str | None = None,  # noqa: A002 - v1's name
    ) -> Workspace:
        """Return a workspace that exists.

        Raises
        ------
        WorkspaceException
            There is none of this name.
        """
        del auth, location, cloud, id
        if not WorkspacePaths(home() / checked_name(name)).record.exists():
            names = [*Workspace.list()]
            raise WorkspaceException(
                f"There is no workspace {name!r} in {home()} (there: {', '.join(names) or 'none yet'})."
                f"{did_you_mean(name, names)} Make it with Workspace.create({name!r})."
            )
        return Workspace(subscription_id, resource_group, name)

    @staticmethod
    def list(
        subscription_id: str | None = None, auth: Any = None, resource_group: str | None = None
    ) -> dict[str, list[Workspace]]:
        """Return this user's workspaces: name -> a list of one, as v1 shapes it."""
        del subscription_id, auth, resource_group
        folders = sorted(home().iterdir()) if home().is_dir() else []
        names = [folder.name for folder in folders if WorkspacePaths(folder).record.exists()]
        return {name: [Workspace(workspace_name=name)] for name in names}

    @property
    def compute_targets(self) -> dict[str, ComputeTarget]:
        """The compute targets by name."""
        from jupyter_ext.core.computes.compute import ComputeTarget  # noqa: PLC0415 - compute needs the workspace

        return {target.name: target for target in ComputeTarget.list(self)}

    @property
    def environments(self) -> dict[str, Environment]:
        """The latest version of each registered environment by name."""
        from jupyter_ext.core.environments.environment import Environment  # noqa: PLC0415 - environment needs the workspace

        return Environment.list(self)

    @property
    def experiments(self) -> dict[str, Experiment]:
        """The experiments by name."""
        from .experiment import Experiment  # noqa: PLC0415 - experiment needs the workspace

        return {experiment.name: experiment for experiment in Experiment.list(self)}

    @property
    def models(self) -> dict[str, Model]:
        """The latest version of each model by name."""
        from jupyter_ext.core.models.model import Model  # noqa: PLC0415 - model needs the workspace

        return {model.name: model for model in Model.list(self, latest=True)}

    @property
    def image_registry(self) -> str | None:
        """(ours) The address of the registry that gets the images that are built here, or None."""
        registry = read_registry(self._paths.environments)
        return registry.address if registry else None

    def set_image_registry(
        self, address: str | None, username: str | None = None, password_variable: str | None = None
    ) -> None:
        """(ours) Name the registry that gets every image that is built here, so that other machines can pull it.

        Parameters
        ----------
        address
            Its host, with a port and a path where it has them, such as ``registry.example.com/team``; None for none.
        username
            Who pushes; None to leave it to what ``docker login`` has stored.
        password_variable
            The name of the environment variable that holds the password: the name is kept, never the password.
            None looks into the keyring, and then into what ``docker login`` has stored.

        Raises
        ------
        UserErrorException
            ``address`` is none.
        """
        if address is not None:
            address = address.removeprefix("https://").removeprefix("http://").rstrip("/")
            if not _REGISTRY.fullmatch(address):
                raise UserErrorException(
                    f"{address!r} is not the address of a registry: write it as registry.example.com/team."
                )
        registry = ImageRegistry(address, username, password_variable) if address else None
        write_registry(self._paths.environments, registry)

    def get_default_compute_target(self, type: str) -> ComputeTarget:  # noqa: A002 - v1's name
        """Return the compute target for ``CPU`` or ``GPU``.

        It is the one that the workspace was made with, else the one that is named ``cpu-cluster`` or ``gpu-cluster``.
        Notebooks that ask for it had a workspace that came with both, so where there is none, it is made.

        Raises
        ------
        UserErrorException
            ``type`` is neither.
        """
        from jupyter_ext.core.computes.defaults import default_target  # noqa: PLC0415 - compute needs the workspace

        return default_target(self, type, {"cpu": self._record.default_cpu, "gpu": self._record.default_gpu})

    def _make_default_targets(self, cpu: Any, gpu: Any) -> None:
        from jupyter_ext.core.computes.compute import ComputeTarget  # noqa: PLC0415 - compute needs the workspace

        for kind, asked in (("cpu", cpu), ("gpu", gpu)):
            if asked is not None:
                self._change(**{f"default_{kind}": ComputeTarget.create(self, f"{kind}-cluster", asked).name})

    def get_default_keyvault(self) -> Keyvault:
        """Return the workspace's key vault."""
        from .keyvault import Keyvault  # noqa: PLC0415 - few notebooks have secrets

        return Keyvault(self)

    def get_mlflow_tracking_uri(self) -> str:
        """Return the URI under which MLflow finds this workspace; it needs no server.

        ``mlflow.set_tracking_uri`` takes it in a notebook, ``mlflow ui --backend-store-uri`` in a terminal. A run
        finds it set.
        """
        from jupyter_ext.runtime.inside.jupyter_aml_run.mlflow_plugin.places import uri_of  # noqa: PLC0415 - as above

        return uri_of(str(self._paths.root))

    @property
    def datastores(self) -> dict[str, Datastore]:
        """The datastores by name."""
        from jupyter_ext.core.data.datastore import Datastore  # noqa: PLC0415 - datastore needs the workspace
        from jupyter_ext.store.data.datastores import names  # noqa: PLC0415 - few notebooks list them

        return {name: Datastore(self, name) for name in names(self._paths)}

    @property
    def datasets(self) -> dict[str, Any]:
        """The latest version of each registered dataset by name."""
        from jupyter_ext.core.data.base import AbstractDataset  # noqa: PLC0415 - dataset needs the workspace

        return AbstractDataset.get_all(self)

    def get_default_datastore(self) -> Datastore:
        """Return the default datastore, ``workspaceblobstore`` where no other was chosen."""
        from jupyter_ext.core.data.datastore import Datastore  # noqa: PLC0415 - datastore needs the workspace

        return Datastore.get_default(self)

    def set_default_datastore(self, name: str) -> None:
        """Make a datastore the default one."""
        from jupyter_ext.core.data.datastore import Datastore  # noqa: PLC0415 - datastore needs the workspace

        Datastore(self, name).set_as_default()

    def get_run(self, run_id: str) -> Run:
        """Return a run by its id."""
        from jupyter_ext.core.runs.run import Run  # noqa: PLC0415 - run needs the workspace

        return Run.get(self, run_id)


def _default() -> Workspace:
    paths = WorkspacePaths(home() / DEFAULT_NAME)
    if not paths.record.exists():
        make_record(paths, None, None)
    return Workspace(workspace_name=DEFAULT_NAME)
