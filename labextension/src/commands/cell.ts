/** The cell that submits what the form does. */

const LOAD = "%load_ext jupyter_ext";
const LOADED = /^\s*(%load_ext\s+jupyter_ext\b|(\w+\s*=\s*)?%%?aml)/m;
const PLAIN = /^[\w@%+=:,./-]+$/;

/** From one folder to another, both under the server's root. */
export function relativePath(from: string, to: string): string {
  const parts = (path: string): string[] => path.split("/").filter((part) => part !== "");
  const [here, there] = [parts(from), parts(to)];
  const first = here.findIndex((part, k) => part !== there[k]);
  const shared = first < 0 ? here.length : first;
  return [...here.slice(shared).map(() => ".."), ...there.slice(shared)].join("/") || ".";
}

/**
 * The cell for a notebook in `at`, of the line that is right in the folder itself. It loads the extension where no cell
 * of the notebook seems to have done that.
 */
export function submitCell(line: string, folder: string, at: string, cells: readonly string[]): string {
  const source = `--source ${quoted(relativePath(at, folder))} `;
  const here = folder === at ? line : line.replace(/(%aml_submit )/, (magic) => magic + source);
  const cell = `run = ${here}`;
  return cells.some((text) => LOADED.test(text)) ? cell : `${LOAD}\n${cell}`;
}

/** A word as a shell needs it. */
function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}
