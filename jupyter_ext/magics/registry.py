"""The magics, as IPython knows them. What they do is imported by the first cell that needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand

from jupyter_ext.commands.parser import aml_parser
from jupyter_ext.magics.arguments import env_parser, submit_parser
from jupyter_ext.magics.errors import short_errors
from jupyter_ext.magics.expansion import expanded

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_ext.core.environments.environment import Environment
    from jupyter_ext.core.runs.run import Run


@magics_class
class AmlMagics(Magics):
    """``%%aml_env``, ``%aml_submit`` and ``%aml``."""

    shell: InteractiveShell

    @line_cell_magic
    @short_errors
    def aml_env(self, line: str, cell: str | None = None) -> Environment | None:
        """See below."""
        __tracebackhide__ = True
        from jupyter_ext.magics.env import define  # noqa: PLC0415 - the first cell that needs it pays for it

        return define(self.shell, line, cell or "")

    @no_var_expand
    @line_cell_magic
    @short_errors
    def aml_submit(self, line: str, cell: str | None = None) -> Run | None:
        """See below."""
        __tracebackhide__ = True
        from jupyter_ext.magics.submit import submit  # noqa: PLC0415 - the first cell that needs it pays for it

        return submit(self.shell, expanded(line, self.shell.user_ns), cell)

    @line_magic
    @short_errors
    def aml(self, line: str) -> Any:
        """See below."""
        __tracebackhide__ = True
        from jupyter_ext.magics.aml import say  # noqa: PLC0415 - the first cell that needs it pays for it

        return say(self.shell, line)


# what `%aml_submit?` shows
AmlMagics.aml_env.__doc__ = env_parser().format_help()
AmlMagics.aml_submit.__doc__ = submit_parser().format_help()
AmlMagics.aml.__doc__ = aml_parser("%aml").format_help()
