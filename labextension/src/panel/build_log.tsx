/** How an environment was built, in a tab; while it is being built the log grows. */
import { ReactWidget } from "@jupyterlab/ui-components";
import * as React from "react";
import type { BuildLog } from "../lab/api.ts";
import type { IAml } from "../lab/tokens.ts";
import { reasonOf } from "../view/asking.ts";
import { plain } from "./plain.ts";

const PAUSE_MS = 1000;
/** The browser draws so much of a log; its beginning is told to be missing. */
const MOST = 2_000_000;

export class BuildLogTab extends ReactWidget {
  constructor(
    private readonly aml: IAml,
    private readonly name: string,
    private readonly version: string,
  ) {
    super();
    this.id = idOf(name, version);
    this.title.label = aml.trans.__("Build of %1", `${name}:${version}`);
    this.title.closable = true;
    this.addClass("jp-AmlBuildLog");
  }

  protected override render(): React.ReactElement {
    return <Log aml={this.aml} name={this.name} version={this.version} />;
  }

  protected override onCloseRequest(): void {
    this.dispose();
  }
}

export function idOf(name: string, version: string): string {
  return `jupyter-aml-build-${name}:${version}`;
}

interface Props {
  aml: IAml;
  name: string;
  version: string;
}

function Log({ aml, name, version }: Props): React.ReactElement {
  const { trans } = aml;
  const { text, note } = useLog(aml, name, version);
  const element = React.useRef<HTMLPreElement>(null);
  const follows = React.useRef(true);
  React.useLayoutEffect(() => {
    const { current } = element;
    if (current !== null && follows.current) {
      current.scrollTop = current.scrollHeight;
    }
  }, [text]);
  return (
    <>
      <pre
        ref={element}
        tabIndex={0}
        aria-label={trans.__("Build log")}
        onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
          follows.current = scrollTop + clientHeight >= scrollHeight - 4;
        }}
      >
        {text}
      </pre>
      <p role="status">{note}</p>
    </>
  );
}

function useLog({ api, workspace, trans }: IAml, name: string, version: string): { text: string; note: string } {
  const [text, setText] = React.useState("");
  const [note, setNote] = React.useState(trans.__("Looking…"));
  React.useEffect(() => {
    let offset = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const read = async (): Promise<void> => {
      let again = PAUSE_MS;
      try {
        const part: BuildLog = await api.buildLog(workspace, name, version, offset);
        if (gone) {
          return;
        }
        const isMore = part.offset > offset;
        offset = part.offset;
        setText((before) => (before + plain(part.text)).slice(-MOST));
        setNote(part.state === "building" ? trans.__("Being built…") : part.size === 0 ? trans.__("There is no log of a build.") : "");
        if (part.state !== "building" && !isMore) {
          return;
        }
        again = offset < part.size ? 0 : PAUSE_MS;
      } catch (error) {
        if (gone) {
          return;
        }
        setNote(reasonOf(error));
        again = 5 * PAUSE_MS;
      }
      timer = setTimeout(() => void read(), again);
    };
    void read();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, []);
  return { text, note };
}
