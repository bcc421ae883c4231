"""Where a run belongs, as far as a script can see it: its experiment and its workspace."""

from .asking import ask

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, NoReturn


class _Described:
    """A noun of which only the description is there inside a run."""

    def __getattr__(self, name: str) -> "NoReturn":
        raise AttributeError(
            "{0}.{1} is not available inside a run, where a {0} has only {2}; use it in the notebook, "
            "and pass the script what it needs as an argument.".format(
                type(self).__name__, name, ", ".join(one for one in sorted(dir(self)) if not one.startswith("_"))
            )
        )


class Keyvault(_Described):
    """The secrets of the workspace that a run belongs to, to be read."""

    def get_secret(self, name: str) -> "str | None":
        """Give a secret; None where there is none of this name."""
        value: "str | None" = ask("secret", name=name)
        return value

    def get_secrets(self, secrets: "list[str]") -> "dict[str, str | None]":
        """Give several secrets by their names."""
        return {name: self.get_secret(name) for name in secrets}


class Workspace(_Described):
    """The names of the workspace that a run belongs to.

    Parameters
    ----------
    asked
        The run's run.json.
    """

    def __init__(self, asked: "dict[str, Any]") -> None:
        self.name: str = asked.get("workspace", "")
        self.subscription_id: str = asked.get("subscription_id", "")
        self.resource_group: str = asked.get("resource_group", "")
        self.location: str = asked.get("location", "local")

    def get_default_keyvault(self) -> Keyvault:
        """Give the workspace's key vault, to read secrets from."""
        return Keyvault()

    def __repr__(self) -> str:
        return "Workspace.create(name={!r}, subscription_id={!r}, resource_group={!r})".format(
            self.name, self.subscription_id, self.resource_group
        )


class Experiment(_Described):
    """The name and the workspace of the experiment that a run belongs to.

    Parameters
    ----------
    asked
        The run's run.json.
    """

    def __init__(self, asked: "dict[str, Any]") -> None:
        self.name: str = asked.get("experiment", "")
        self.workspace = Workspace(asked)

    def __repr__(self) -> str:
        return "Experiment(Name: {},\nWorkspace: {})".format(self.name, self.workspace.name)


class RunElsewhere:
    """A run whose directory cannot be reached from this one, such as the parent of a run in a container.

    Parameters
    ----------
    run_id
        Its id.
    """

    def __init__(self, run_id: str) -> None:
        self.id = run_id

    def __repr__(self) -> str:
        return "Run(Id: {})".format(self.id)

    def __getattr__(self, name: str) -> "NoReturn":
        raise AttributeError(
            "{} of run {} is not available: its directory is not reachable from inside this run.".format(name, self.id)
        )
