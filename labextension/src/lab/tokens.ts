/** What our plugins share: one of each on a page. */
import type { TranslationBundle } from "@jupyterlab/translation";
import { Token } from "@lumino/coreutils";
import type { ISignal } from "@lumino/signaling";
import type { Connection } from "../view/connection.ts";
import type { Sources } from "../view/socket.ts";
import type { Api } from "./api.ts";

export interface IAml {
  readonly api: Api;
  /** The page's one WebSocket; `follow` of topic.ts subscribes to what is told there. */
  readonly connection: Connection;
  readonly sources: Sources;
  readonly trans: TranslationBundle;
  /** The workspace that the panel shows, and that commands act in. */
  workspace: string;
  readonly workspaceChanged: ISignal<IAml, string>;
  /** Shows a run's monitor in a tab; does nothing where the page has no tabs, as in Notebook 7. */
  openMonitor(run: string, workspace?: string): void;
}

export const IAml = new Token<IAml>("jupyter-aml:IAml", "The Jupyter server's runs, and what is chosen of them.");
