/** What JupyterLab loads: a container of module federation, which hands JupyterLab's own packages to the plugins. */
import { modules } from "./shared.ts";

interface Offer {
  get(): Promise<() => unknown> | (() => unknown);
  /** Set where the package has been loaded already. */
  lib?: () => unknown;
  loaded?: unknown;
}

type Scope = Record<string, Record<string, Offer>>;

declare const SHARED: readonly string[];

declare global {
  interface Window {
    _JUPYTERLAB?: Record<string, object>;
  }
}

let scope: Scope = {};

async function load(name: string): Promise<void> {
  const offers = Object.entries(scope[name] ?? {}).sort(([a], [b]) => newest(a, b));
  const offer = (offers.find(([, { loaded }]) => loaded) ?? offers[0])?.[1];
  if (offer === undefined) {
    throw new Error(`This JupyterLab does not share ${name}.`);
  }
  offer.loaded = 1;
  modules[name] = (offer.lib ?? (await offer.get()))();
}

function newest(a: string, b: string): number {
  return b.localeCompare(a, "en", { numeric: true });
}

(window._JUPYTERLAB ??= {})["jupyter-aml"] = {
  init(offered: Scope): void {
    scope = offered;
  },
  async get(name: string): Promise<() => object> {
    if (name !== "./extension") {
      throw new Error(`There is no module ${name} in jupyter-aml.`);
    }
    await Promise.all(SHARED.map(load));
    const { default: plugins } = await import("./plugins.ts");
    return () => ({ __esModule: true, default: plugins });
  },
};
