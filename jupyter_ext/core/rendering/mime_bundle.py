"""What a notebook keeps of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.core.rendering import static_html, text

if TYPE_CHECKING:
    from jupyter_ext.store.live.feed import RunFeed


def mime_bundle(feed: RunFeed) -> dict[str, str]:
    """Make the HTML and the text of a run as it is now, by their MIME types.

    Parameters
    ----------
    feed
        The run's feed, refreshed by its owner.
    """
    return {"text/html": static_html.render(feed), "text/plain": text.render(feed)}
