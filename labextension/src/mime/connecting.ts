/** Says over a monitor that the server does not answer, for as long as that is so. */
import type { SocketSource } from "../view/socket.ts";
import { strings } from "../view/strings.ts";

const STYLE = {
  position: "absolute",
  right: "8px",
  bottom: "8px",
  padding: "4px 10px",
  borderRadius: "4px",
  zIndex: "10",
  background: "var(--jp-inverse-layout-color2, #424242)",
  color: "var(--jp-ui-inverse-font-color0, #fff)",
  font: "var(--jp-ui-font-size1, 13px) var(--jp-ui-font-family, sans-serif)",
};

export class Connecting {
  private readonly element = document.createElement("div");
  private readonly off: () => void;

  constructor(place: HTMLElement, source: SocketSource) {
    place.style.position = "relative";
    this.element.setAttribute("role", "status");
    this.off = source.onLost((lost) => {
      this.element.textContent = lost ? strings.reconnecting : "";
      Object.assign(this.element.style, lost ? STYLE : { padding: "0" });
    });
    place.append(this.element);
  }

  dispose(): void {
    this.off();
    this.element.remove();
  }
}
