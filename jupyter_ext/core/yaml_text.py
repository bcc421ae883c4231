"""YAML, whose library is loaded when there is some: it costs every notebook's first import otherwise."""

from __future__ import annotations

from typing import Any


def read_yaml(text: str) -> Any:
    """Return what a text holds.

    Raises
    ------
    ValueError
        It is not YAML.
    """
    import yaml  # noqa: PLC0415 - see above

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def write_yaml(document: Any) -> str:
    """Return a document as text, its keys in their order."""
    import yaml  # noqa: PLC0415 - see above

    text: str = yaml.safe_dump(document, sort_keys=False, default_flow_style=False)
    return text
