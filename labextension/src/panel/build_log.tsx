/** How an environment was built, in a tab; while it is being built the log grows. */
import type { ILayoutRestorer, JupyterFrontEnd } from "@jupyterlab/application";
import { WidgetTracker } from "@jupyterlab/apputils";
import { ReactWidget } from "@jupyterlab/ui-components";
import * as React from "react";
import type { BuildLog } from "../lab/api.ts";
import { showTab, Tab } from "../lab/tab.ts";
import type { IAml } from "../lab/tokens.ts";
import { reasonOf } from "../view/asking.ts";
import { plain } from "./plain.ts";

const PAUSE_MS = 1000;
/** The browser draws so much of a log; its beginning is told to be missing. */
const MOST = 2_000_000;

/** Of which environment. */
interface Built {
  workspace: string;
  name: string;
  version: string;
}

/** The command that shows a log. */
export const BUILD_LOG = "aml:build-log";

export function addBuildLogs(app: JupyterFrontEnd, aml: IAml, restorer: ILayoutRestorer | null): void {
  const tracker = new WidgetTracker<BuildLogTab>({ namespace: "aml-build-log" });
  const properties = { workspace: { type: "string" }, name: { type: "string" }, version: { type: "string" } };
  app.commands.addCommand(BUILD_LOG, {
    label: aml.trans.__("Build log"),
    describedBy: { args: { type: "object", properties } },
    execute: ({ workspace, name, version }) => {
      const built = { workspace: String(workspace ?? aml.workspace), name: String(name), version: String(version) };
      showTab(app.shell, tracker, idOf(built), () => new BuildLogTab(aml, built));
    },
  });
  void restorer?.restore(tracker, { command: BUILD_LOG, args: ({ built }) => ({ ...built }), name: ({ id }) => id });
}

class BuildLogTab extends Tab {
  constructor(
    aml: IAml,
    readonly built: Built,
  ) {
    super();
    this.id = idOf(built);
    this.title.label = aml.trans.__("Build of %1", `${built.name}:${built.version}`);
    this.addClass("jp-AmlBuildLog");
    this.addWidget(ReactWidget.create(<Log aml={aml} built={built} />));
  }
}

function idOf({ workspace, name, version }: Built): string {
  return `jupyter-aml-build-${workspace}/${name}:${version}`;
}

interface Props {
  aml: IAml;
  built: Built;
}

function Log({ aml, built }: Props): React.ReactElement {
  const { trans } = aml;
  const { text, note } = useLog(aml, built);
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

function useLog({ api, trans }: IAml, { workspace, name, version }: Built): { text: string; note: string } {
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
