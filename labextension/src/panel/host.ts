/** What the panel's parts are given. */
import type { CommandRegistry } from "@lumino/commands";
import type { IAml } from "../lab/tokens.ts";
import type { Latest, RunFeed } from "./live.ts";
import type { Memory } from "./memory.ts";
import type { RunActions } from "./run_actions.ts";

export interface Host {
  readonly aml: IAml;
  readonly commands: CommandRegistry;
  readonly memory: Memory;
  readonly runs: RunFeed;
  readonly actions: RunActions;
  readonly computes: Latest;
  readonly environments: Latest;
  readonly models: Latest;
  /** Puts a cell below the current one of the notebook in front; false where there is none. */
  insertCell(source: string): boolean;
}
