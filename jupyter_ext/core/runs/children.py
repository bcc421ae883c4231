"""A run's children."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.children import tags_of_children
from jupyter_ext.runtime.inside.jupyter_aml_run.metric_logger import child_dirs
from jupyter_ext.store.paths import RunPaths

from .base import RunBase
from .listing import fits, of_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .run import Run


class RunChildren(RunBase):
    """What a run offers of the runs below it, and of the one above."""

    @property
    def parent(self) -> Run | None:
        """The run that this one is a child of."""
        return self.experiment.workspace.get_run(self._spec.parent) if self._spec.parent else None

    def get_children(
        self,
        recursive: bool = False,
        tags: Any = None,
        properties: Any = None,
        type: str | None = None,  # noqa: A002 - v1's name
        status: str | None = None,
        _rehydrate_runs: bool = True,
    ) -> Iterator[Run]:
        """Yield the child runs, newest first, as they are asked for."""
        catalogue = self.experiment.workspace._catalogue
        for folder in child_dirs(str(self.paths.root)):  # those that the script itself has made
            if catalogue.find_run(Path(folder).name) is None:
                catalogue.index(RunPaths(Path(folder)))
        for row in catalogue.runs(parent=self.id):
            child = of_row(self.experiment, row)
            if child is None:
                continue
            if fits(child, tags, properties, type, status):
                yield child
            if recursive:
                yield from child.get_children(True, tags, properties, type, status)

    def child_run(self, name: str | None = None, run_id: str | None = None, outputs: Any = None) -> Run:
        """Start a child of this run, of the notebook itself; its display name is ``<this one's>><name>`` (v1)."""
        from .interactive import begin, track_outputs  # noqa: PLC0415 - it makes runs

        child = begin(self.experiment, f"{self.display_name}>{name}" if name else None, run_id, parent=self)
        if outputs:
            track_outputs(child)
        return child

    def create_children(
        self, count: int | None = None, tag_key: str | None = None, tag_values: list[Any] | None = None
    ) -> list[Run]:
        """Start several children of this run, each with the tag ``azureml.batch_child_number`` (v1).

        Parameters
        ----------
        count
            How many, at most 100.
        tag_key, tag_values
            In place of ``count``: the tag by which they differ, and its value for each.

        Raises
        ------
        UserErrorException
            Neither or both forms are used, or there would be more than 100.
        """
        children = []
        for tags in tags_of_children(count, tag_key, tag_values):
            child = self.child_run()
            child.set_tags(tags)
            children.append(child)
        return children

    def submit_child(self, config: Any, tags: dict[str, str] | None = None, **kwargs: Any) -> Run:
        """Submit a child of this run: what :meth:`Experiment.submit` takes."""
        return self.experiment._submit(config, tags, self.id, kwargs)
