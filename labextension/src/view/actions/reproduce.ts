/** The ways to make a run again, each to be copied. */
import { copyFrom } from "../copy.ts";
import { button, h, setAttribute, setText } from "../dom.ts";
import type { Recipe } from "../source.ts";
import { strings } from "../strings.ts";

export interface RecipeList {
  element: HTMLElement;
  show(recipes: readonly Recipe[]): void;
  fail(why: string): void;
}

export function recipeList(say: (message: string) => void): RecipeList {
  const status = h("p", "quiet", { role: "status" }, strings.loading);
  const element = h("div", "recipes", {}, status);

  const one = ({ title: name, note, code }: Recipe): HTMLElement => {
    const title = strings.told(name);
    const copy = button(strings.copy, "", () => copyFrom(copy, code, say));
    setAttribute(copy, "aria-label", strings.copyValue(title));
    const paste = h("div", "paste", {}, h("pre", "code", { tabindex: 0, "aria-label": title }, code), copy);
    return h("section", "recipe", {}, h("h3", "title", {}, title), note === "" ? null : h("p", "quiet", {}, strings.told(note)), paste);
  };
  return {
    element,
    show(recipes) {
      setText(status, recipes.length > 0 ? "" : strings.noRecipes);
      element.replaceChildren(...(recipes.length > 0 ? recipes.map(one) : [status]));
    },
    fail: (why) => setText(status, why),
  };
}
