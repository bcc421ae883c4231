"""How the build of an environment is told: the same facts as plain lines and as HTML."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from jupyter_ext.build.reporter import clean
from jupyter_ext.core.rendering.spelling import duration
from jupyter_ext.store.live.terminal_text import plain
from jupyter_ext.store.spelling import NO_FORMULA, size_text

if TYPE_CHECKING:
    from jupyter_ext.build import Built, Progress
    from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException

_LONGEST = 110
_TELLING = 3  # characters: a shorter line may stand in a message by chance
_LOG_CHARACTERS = 64 * 1024  # of the log's end that the display holds
_MONO = "font-family:var(--jp-code-font-family,monospace)"
_BOX = f"{_MONO};font-size:var(--jp-code-font-size,13px);line-height:1.5;color:var(--jp-content-font-color1,inherit)"
_ROW = "display:flex;gap:1em;align-items:center"
_ONE_LINE = "flex:1;min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap"
_BUTTON = (
    "font:inherit;line-height:1.3;padding:0 .6em;cursor:pointer;color:inherit;border-radius:2px;"
    "border:1px solid var(--jp-border-color1,#8888);background:var(--jp-layout-color2,transparent)"
)
_QUIET = "color:var(--jp-content-font-color2,#888)"
_BAR = "flex:none;width:9em;height:.5em;border-radius:.25em;overflow:hidden;background:var(--jp-layout-color3,#8884)"
_FROM = re.compile(r"\s*FROM\s+(?:--\S+\s+)?(\S+)", re.IGNORECASE)
_URL = re.compile(r"\w+://[^\s,'\"\]]{4,}")
_COLOURS = {
    "building": "var(--jp-brand-color1,#1976d2)",
    "done": "var(--jp-success-color1,#388e3c)",
    "failed": "var(--jp-error-color1,#d32f2f)",
    "stopped": "var(--jp-warn-color1,#f57c00)",
}


@dataclass
class Telling:
    """What is known of a build.

    Attributes
    ----------
    name
        ``<environment>:<version>``.
    what
        ``image`` or ``virtual environment``.
    lines
        What has happened, a line each: what plain text shows.
    stop
        What the display's button does, in JavaScript; nothing: there is no button.
    """

    name: str
    what: str
    state: str = "building"
    seconds: float = 0.0
    step: int = 0
    steps: int = 0
    doing: str = ""
    last: str = ""
    share: float = 0.0
    reused: int = 0
    stop: str = ""
    log: str = ""
    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def take(self, progress: Progress) -> str | None:
        """Note what has happened; return the line that tells it in plain text, if it is worth one."""
        self.seconds = max(self.seconds, progress.seconds)
        self.steps = max(progress.steps, self.steps)
        if progress.note and progress.line:
            self.notes.append(plain(progress.line))
            return self._told(plain(progress.line))
        if progress.line is not None:
            self.reused += progress.line == "(cached)"
            self.last = plain(progress.line)
            self.share = progress.done / progress.total if progress.total else self.share
            if not progress.total:
                self._keep(self.last)
            return None
        self.step, self.doing, self.last = progress.step, " ".join(plain(progress.text).split()), ""
        self.share = 0.0
        self._keep(f"[{self.step}/{self.steps}] {self.doing}")
        return self._told(f"{self.name}  step {self.step} of {self.steps}  {_cut(self.doing)}")

    def done(self, built: Built) -> str:
        """Note the end of the build, which may have gone on elsewhere; return its line."""
        self.state, self.seconds = "done", built.seconds or self.seconds
        facts = [f"built in {duration(self.seconds)}"]
        if built.size_bytes:
            facts.append(size_text(built.size_bytes))
        if built.image:
            facts.append(built.image[: len("sha256:") + 12])
        else:
            facts.append(f"Python {built.version}")
        if built.lock:
            facts.append("1 package" if len(built.lock) == 1 else f"{len(built.lock)} packages")
        if self.reused:
            facts.append(f"{self.steps - self.reused} of {self.steps} steps new")
        return self._ended(facts)

    def unchanged(self, built: Built) -> str:
        """Note that nothing had to be built; return the line that says so."""
        self.state = "done"
        for note in built.notes:
            self.notes.append(note)
            self._told(note)
        return self._ended(["up to date"])

    def registered(self) -> str:
        """Note that the environment was registered and not built; return the line that says so."""
        self.state = "done"
        return self._ended(["registered; its first run builds it"])

    def failed(self, seconds: float) -> str:
        """Note that the build has failed; return the line that says where."""
        self.state, self.seconds = "failed", seconds
        where = [f"failed at step {self.step} of {self.steps}", _cut(self.doing)] if self.step else ["failed"]
        return self._ended([*where, duration(seconds)])

    def stopped(self, seconds: float) -> str:
        """Note that the build was interrupted; return the line that says so."""
        self.state, self.seconds = "stopped", seconds
        return self._ended([f"stopped after {duration(seconds)}", "nothing is registered"])

    def html(self) -> str:
        """Return the build as it is now, as a self-contained piece of HTML."""
        colour = _COLOURS[self.state]
        name = f'<b style="color:{colour}">{html.escape(self.name)}</b>'
        if self.state != "building":
            _, _, facts = self.lines[-1].partition("  ")
            log = f"&emsp;{self._full_log()}" if self.state == "failed" else ""
            said = [f"<div>{name}&ensp;{_spaced(facts)}{log}</div>"]
        else:
            said = [f'<div style="{_ROW}">{name}<span>{self.what}</span>{self._bar(colour)}</div>', self._under()]
        said += [f'<div style="{_QUIET}">{html.escape(note)}</div>' for note in self.notes]
        return f'<div {NO_FORMULA} style="{_BOX}" role="status">{"".join(said)}</div>'

    def _bar(self, colour: str) -> str:
        share = round(100 * (max(0, self.step - 1) + min(1.0, self.share)) / self.steps) if self.steps else 0
        bar = (
            f'<span style="{_BAR}" role="progressbar" aria-valuenow="{share}" aria-valuemin="0" aria-valuemax="100">'
            f'<span style="display:block;width:{share}%;height:100%;background:{colour}"></span></span>'
        )
        where = f"step {self.step} of {self.steps}" if self.step else "starting"
        facts = (
            f'<span style="white-space:nowrap">{where}</span><span style="{_ONE_LINE}">{html.escape(self.doing)}</span>'
            f'<span style="white-space:nowrap;font-variant-numeric:tabular-nums">{duration(self.seconds)}</span>'
        )
        return f"{bar}{facts}{self._button()}"

    def _button(self) -> str:
        """Return the button; it acts when it is pressed, since the display may be drawn anew before it is let go."""
        if not self.stop:
            return ""
        handler = html.escape(f"if(event.type!=='keydown'||event.key==='Enter'||event.key===' '){{{self.stop}}}")
        return (
            f'<button type="button" style="{_BUTTON}" title="Stop this build; so does interrupting the '
            f'kernel" onpointerdown="{handler}" onkeydown="{handler}">Cancel</button>'
        )

    def _under(self) -> str:
        last = html.escape(self.last) or "&nbsp;"
        row = f'<span style="{_ONE_LINE};padding-left:1em">{last}</span><span>{self._full_log()}</span>'
        return f'<div style="{_ROW};{_QUIET}">{row}</div>'

    def _full_log(self) -> str:
        """Return a link that saves the log: the kernel's files may be out of the browser's reach."""
        told = ["interrupt the kernel to stop"] if self.state == "building" and not self.stop else []
        if self.log:
            file = html.escape(f"{self.name.replace(':', '-')}-build.log")
            told.append(f'<a download="{file}" href="data:text/plain;charset=utf-8,{quote(self.log)}">full log</a>')
        return "&emsp;".join(told)

    def _keep(self, line: str) -> None:
        self.log = f"{self.log}{line}\n"[-_LOG_CHARACTERS:]

    def _ended(self, facts: list[str]) -> str:
        return self._told("  ".join([self.name, *facts]))

    def _told(self, line: str) -> str:
        self.lines.append(line)
        return line


def excerpt(body: str, error: AzureMLException) -> str:
    """Return the cell's body around the line that is wrong, marked; nothing where no line is known.

    Parameters
    ----------
    body
        The cell's body, whose first line is the cell's second.
    error
        What is wrong: it tells the line of the body, counted from 1, or the package, or speaks of one of the lines.
    """
    lines = body.rstrip("\n").split("\n")
    package = getattr(error, "package", None)
    line = getattr(error, "line", None) or (_naming(lines, package) if package else _spoken_of(lines, error.message))
    if line is None or line > len(lines):
        return ""
    told = []
    for number in range(max(1, line - 2), min(len(lines), line + 2) + 1):
        mark = "---->" if number == line else "     "
        told.append(f"{mark} {number + 1:>3} {clean(lines[number - 1])}")
    return "\n".join(told) + "\n"


def _naming(lines: list[str], package: str) -> int | None:
    """Return the first line that has a package, however it is spelled."""
    words = re.split(r"[-_.]+", package)
    name = re.compile(rf"(?<![\w.-]){'[-_.]+'.join(map(re.escape, words))}(?![\w-])", re.IGNORECASE)
    return next((number for number, line in enumerate(lines, 1) if name.search(line)), None)


def _spoken_of(lines: list[str], message: str) -> int | None:
    numbered = re.search(r"[Ll]ine (\d+) of the (?:Dockerfile|conda specification)", message)
    if numbered:
        return int(numbered.group(1))
    pulled = (number for number, line in enumerate(lines, 1) if (image := _FROM.match(line)) and image[1] in message)
    if (found := next(pulled, None)) is not None:
        return found
    addressed = (number for number, line in enumerate(lines, 1) for url in _URL.findall(line) if url in message)
    if (found := next(addressed, None)) is not None:
        return found
    message = message.partition("\n")[2] or message  # the first of several lines names the step, with all its packages
    for number, line in enumerate(lines, 1):
        whole = line.strip()
        if len(whole) > _TELLING and whole in message:
            return number
        name = re.match(r"\s*(?:-\s+)?([A-Za-z0-9][\w.-]+)", line)
        if name and re.search(rf"(?<![\w.-]){re.escape(name.group(1))}(?![\w-])", message):
            return number
    return None


def _spaced(facts: str) -> str:
    """Return facts as HTML that keeps them apart, as two spaces do in plain text."""
    return html.escape(facts).replace("  ", " · ")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 2] + " …"
