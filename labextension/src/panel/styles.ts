/** The panel's rules, put once into the page. */
import rules from "./panel.css";

const ID = "jupyter-aml-panel-style";

export function ensureStyles(): void {
  if (document.getElementById(ID) === null) {
    const style = document.createElement("style");
    style.id = ID;
    style.textContent = rules;
    document.head.append(style);
  }
}
