/** A part of the panel that can be folded; its line stays and says the most important of it. */
import * as React from "react";
import { Shape, SHAPE } from "./icons.tsx";

interface Props {
  name: string;
  title: string;
  about: string;
  open: boolean;
  onFold(): void;
  tools?: React.ReactNode;
  children: React.ReactNode;
}

export function Section({ name, title, about, open, onFold, tools, children }: Props): React.ReactElement {
  const body = React.useId();
  return (
    <section className={`jp-AmlSection jp-mod-${name}${open ? " jp-mod-open" : ""}`} aria-label={title}>
      <div className="jp-AmlSection-head">
        <h2>
          <button type="button" aria-expanded={open} aria-controls={body} onClick={onFold}>
            <Shape path={SHAPE.fold} name="jp-AmlFold" />
            <span className="jp-AmlSection-title">{title}</span>
            <span className="jp-AmlSection-about" title={about}>
              {about}
            </span>
          </button>
        </h2>
        {tools}
      </div>
      <div id={body} className="jp-AmlSection-body" hidden={!open}>
        {open ? children : null}
      </div>
    </section>
  );
}

interface ToolProps {
  label: string;
  path: string;
  pressed?: boolean;
  onClick(event: React.MouseEvent): void;
}

export function Tool({ label, path, pressed, onClick }: ToolProps): React.ReactElement {
  return (
    <button type="button" className="jp-AmlTool" title={label} aria-label={label} aria-pressed={pressed} onClick={onClick}>
      <Shape path={path} name="jp-AmlShape" />
    </button>
  );
}

export function Empty({ children }: { children: React.ReactNode }): React.ReactElement {
  return <p className="jp-AmlEmpty">{children}</p>;
}

/** Under a list: what can be done with what is selected in it. */
export function Buttons({ items }: { items: readonly (Action | undefined)[] }): React.ReactElement {
  return (
    <div className="jp-AmlButtons">
      {items.map(
        (item) =>
          item && (
            <button key={item.label} type="button" disabled={item.disabled} aria-haspopup={item.menu} onClick={item.act}>
              {item.label}
            </button>
          ),
      )}
    </div>
  );
}

export interface Action {
  label: string;
  act(event: React.MouseEvent): void;
  disabled?: boolean;
  menu?: "menu";
}
