"""Images that are logged: files that are images, and figures that can be drawn."""

import io
import os

from .exceptions import UserErrorException

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

_SIGNATURES = (
    (0, b"\x89PNG\r\n\x1a\n"),
    (0, b"\xff\xd8\xff"),
    (0, b"GIF8"),
    (0, b"BM"),
    (0, b"II*\0"),
    (0, b"MM\0*"),
    (8, b"WEBP"),
)


def check(path: str) -> None:
    """Refuse a file that is not there, or that is no image.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    UserErrorException
        When it is none of PNG, JPEG, GIF, BMP, TIFF, WebP and SVG.
    """
    try:
        with open(path, "rb") as file:
            begin = file.read(512)
    except OSError as error:
        raise UserErrorException("The image {!r} cannot be read: {}.".format(path, error.strerror)) from None
    if any(begin[place : place + len(mark)] == mark for place, mark in _SIGNATURES):
        return
    if str(path).lower().endswith(".svg") and b"<" in begin:
        return
    raise UserErrorException(
        "{!r} is not an image that can be shown; use a PNG, JPEG, GIF, BMP, TIFF, WebP or SVG file.".format(path)
    )


def name_of(path: str) -> str:
    """Name the artifact of an image file: its path as written, or its base name when it leads elsewhere.

    Parameters
    ----------
    path
        The file.
    """
    normal = os.path.normpath(path)
    if os.path.isabs(normal):
        below = os.path.relpath(normal)
        normal = below if not below.startswith(os.pardir) else os.path.basename(normal)
    elif normal.startswith(os.pardir):
        normal = os.path.basename(normal)
    return normal.replace(os.sep, "/")


def draw(plot: "Any") -> io.BytesIO:
    """Draw a figure as PNG.

    Parameters
    ----------
    plot
        A matplotlib figure, or ``matplotlib.pyplot`` itself.

    Raises
    ------
    UserErrorException
        When it has no ``savefig``.
    """
    save = getattr(plot, "savefig", None)
    if save is None:
        raise UserErrorException("A plot has a savefig() method, as pyplot and its figures have; this has none.")
    target = io.BytesIO()
    save(target, format="png")
    target.seek(0)
    return target
