/** Requests to the source, with a notice for those that wait. */
import { h, setText, show } from "./dom.ts";
import type { Scope } from "./scope.ts";
import type { Operation, Requests, Source } from "./source.ts";
import { strings } from "./strings.ts";

const PATIENCE = 2000;

export type Ask = <O extends Operation>(
  op: O,
  params: Requests[O]["params"],
  wait?: Wait,
) => Promise<Requests[O]["result"]>;

/** Told when an answer is late, and when it has come after all. */
export type Wait = (late: boolean) => void;

export function asking(source: Source, scope: Scope): { ask: Ask; notice: HTMLElement } {
  const notice = h("div", "notice", { role: "status" });
  show(notice, false);
  let late = 0;
  let gone = false;
  scope.add(() => (gone = true));

  const count: Wait = (isLate) => {
    late += isLate ? 1 : -1;
    setText(notice, late > 0 ? (source.waitingNotice ?? strings.waiting) : "");
    show(notice, late > 0);
  };

  const ask: Ask = (op, params, wait = count) =>
    new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        wait(true);
      }, PATIENCE);
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        if (gone) {
          return;
        }
        if (isLate) {
          wait(false);
        }
        then();
      };
      source.request(op, params).then(
        (result) => settle(() => resolve(result)),
        (error: unknown) => settle(() => reject(error)),
      );
      scope.add(() => clearTimeout(timer));
    });
  return { ask, notice };
}

/** The sentence of whatever a request was rejected with. */
export function reasonOf(error: unknown): string {
  return strings.told(error instanceof Error ? error.message : String(error));
}
