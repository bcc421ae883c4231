"""Requirement lines put together."""

from __future__ import annotations

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException


def merged(lines: list[str]) -> list[str]:
    """Return lines with those of the same package made one; options stay as they are.

    Raises
    ------
    UserErrorException
        A line is no requirement.
    """
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - slow, and seldom asked for
    from packaging.utils import canonicalize_name  # noqa: PLC0415 - as above

    found: dict[tuple[str, str], Requirement | str] = {}
    for line in lines:
        if line.lstrip().startswith("-"):
            found[(line, "")] = line
            continue
        try:
            one = Requirement(line)
        except InvalidRequirement as error:
            raise UserErrorException(f"{line!r} is not a requirement: {error}.") from None
        key = (canonicalize_name(one.name), str(one.marker or ""))
        before = found.setdefault(key, one)
        if isinstance(before, Requirement) and before is not one:
            before.extras |= one.extras
            before.specifier &= one.specifier
            before.url = one.url or before.url
    return [str(one) for one in found.values()]
