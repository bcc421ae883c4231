/** A list of rows of which only those that are seen exist, with one place in the order of the Tab key. */
import * as React from "react";
import { type Layout, layoutOf, scrolledTo, visible } from "./layout.ts";
import { type Selection, select, type Way, wayOf } from "./selection.ts";

export interface Node {
  key: string;
  /** For who hears it; what it says is drawn by `row`. */
  label: string;
  level: number;
  height: number;
  /** Of a row that can be folded: whether it is unfolded. */
  open?: boolean;
  draggable?: boolean;
}

export interface Point {
  x: number;
  y: number;
}

interface Props {
  label: string;
  nodes: readonly Node[];
  selection: Selection;
  several?: boolean;
  row(node: Node): React.ReactNode;
  onSelect(selection: Selection): void;
  onOpen(key: string): void;
  onFold?(key: string): void;
  onMenu(key: string, point: Point): void;
  onDelete?(): void;
  /** Rows before `end` are drawn. */
  onSeen?(end: number): void;
}

const MORE = 8;
const DEFAULT_HEIGHT = 400;

export function Tree(props: Props): React.ReactElement {
  const { nodes } = props;
  const layout = React.useMemo(() => layoutOf(nodes.map(({ height }) => height)), [nodes]);
  const keys = React.useMemo(() => nodes.map(({ key }) => key), [nodes]);
  const view = useView();
  const focus = useFocus(keys, layout, view);
  const { first, end } = visible(layout, view.top, view.height, MORE);
  React.useEffect(() => props.onSeen?.(end), [end]);
  // The row that has the focus is there even where it is out of sight, or the focus would be lost.
  const drawn = nodes.slice(first, end).map((node, at) => ({ node, index: first + at }));
  const active = nodes[focus.index];
  if (active !== undefined && (focus.index < first || focus.index >= end)) {
    drawn.push({ node: active, index: focus.index });
  }
  const act = (key: string, way: Way): void => {
    props.onSelect(select(props.selection, keys, key, props.several ? way : "only"));
  };
  return (
    <div
      className="jp-AmlTree"
      role="tree"
      aria-label={props.label}
      aria-multiselectable={props.several === true}
      ref={view.element}
      onScroll={view.scrolled}
      onBlur={focus.left}
      onKeyDown={(event) => keyed(event, props, keys, focus, act)}
    >
      <div role="none" style={{ height: layout.height, position: "relative" }}>
        {drawn.map(({ node, index }) => (
          <div
            key={node.key}
            role="treeitem"
            data-key={node.key}
            className="jp-AmlTree-row"
            aria-label={node.label}
            aria-level={node.level}
            aria-setsize={nodes.length}
            aria-posinset={index + 1}
            aria-selected={props.selection.keys.has(node.key)}
            aria-expanded={node.open}
            tabIndex={index === focus.index ? 0 : -1}
            style={{ top: layout.offsets[index], height: node.height }}
            onFocus={() => focus.at(node.key)}
            onClick={(event) => {
              focus.move(index);
              act(node.key, wayOf(event));
              if (node.open !== undefined) {
                props.onFold?.(node.key);
              }
            }}
            onDoubleClick={() => node.open === undefined && props.onOpen(node.key)}
            onContextMenu={(event) => {
              event.preventDefault();
              event.stopPropagation();
              if (!props.selection.keys.has(node.key)) {
                act(node.key, "only");
              }
              props.onMenu(node.key, pointOf(event));
            }}
          >
            {props.row(node)}
          </div>
        ))}
      </div>
    </div>
  );
}

/** The menu key has no place on the screen: the menu opens at its row. */
function pointOf({ clientX, clientY, currentTarget }: React.MouseEvent): Point {
  const { left, bottom, top } = currentTarget.getBoundingClientRect();
  const pointed = clientX > 0 && clientY >= top && clientY <= bottom;
  return pointed ? { x: clientX, y: clientY } : { x: left + 16, y: bottom };
}

interface View {
  element: React.RefObject<HTMLDivElement>;
  top: number;
  height: number;
  scrolled(): void;
}

function useView(): View {
  const element = React.useRef<HTMLDivElement>(null);
  const [top, setTop] = React.useState(0);
  const [height, setHeight] = React.useState(DEFAULT_HEIGHT);
  React.useLayoutEffect(() => {
    const { current } = element;
    if (current === null) {
      return;
    }
    const observer = new ResizeObserver(() => setHeight(current.clientHeight));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return { element, top, height, scrolled: () => setTop(element.current?.scrollTop ?? 0) };
}

interface Focus {
  index: number;
  /** The focus has come to a row. */
  at(key: string): void;
  /** The focus has gone elsewhere. */
  left(): void;
  /** Takes the focus to a row, and the row into sight. */
  move(index: number): void;
}

function useFocus(keys: readonly string[], layout: Layout, view: View): Focus {
  const [key, setKey] = React.useState<string>();
  const last = React.useRef(0);
  const wanted = React.useRef(false);
  const had = React.useRef(false);
  const found = key === undefined ? 0 : keys.indexOf(key);
  // Where the row has gone, the one in its place has the focus.
  const index = found < 0 ? Math.min(last.current, keys.length - 1) : found;
  last.current = index;
  React.useLayoutEffect(() => {
    const tree = view.element.current;
    // A row that had the focus and is gone has left it to nobody.
    const lost = found < 0 && had.current && document.activeElement === document.body;
    if (tree !== null && (wanted.current || lost)) {
      wanted.current = false;
      tree.querySelector<HTMLElement>(`[role=treeitem][tabindex="0"]`)?.focus({ preventScroll: true });
    }
  });
  return {
    index,
    at: (to) => {
      had.current = true;
      setKey(to);
    },
    left: () => {
      had.current = false;
    },
    move: (to) => {
      const tree = view.element.current;
      const target = keys[to];
      if (tree !== null && target !== undefined) {
        tree.scrollTop = scrolledTo(layout, to, tree.scrollTop, tree.clientHeight);
        wanted.current = true;
        view.scrolled();
        setKey(target);
      }
    },
  };
}

function keyed(
  event: React.KeyboardEvent<HTMLDivElement>,
  props: Props,
  keys: readonly string[],
  focus: Focus,
  act: (key: string, way: Way) => void,
): void {
  const node = props.nodes[focus.index];
  if (node === undefined || !handled(event, props, node, focus)) {
    const to = destination(event, props.nodes, focus.index);
    const key = keys[to];
    if (to < 0 || key === undefined) {
      return;
    }
    focus.move(to);
    if (!event.ctrlKey && !event.metaKey) {
      act(key, event.shiftKey ? "range" : "only");
    }
  }
  event.preventDefault();
  event.stopPropagation();
}

/** Says whether the key did something other than moving. */
function handled(event: React.KeyboardEvent, props: Props, node: Node, focus: Focus): boolean {
  const { key, ctrlKey, metaKey } = event;
  const command = ctrlKey || metaKey;
  if (key === "Enter") {
    return node.open === undefined ? (props.onOpen(node.key), true) : (props.onFold?.(node.key), true);
  }
  if (key === " ") {
    props.onSelect(select(props.selection, props.nodes.map((one) => one.key), node.key, props.several ? "toggle" : "only"));
    return true;
  }
  if (key === "a" && command && props.several) {
    const all = props.nodes.filter(({ open }) => open === undefined).map((one) => one.key);
    props.onSelect({ keys: new Set(all), anchor: node.key });
    return true;
  }
  if (key === "Delete" || (key === "Backspace" && metaKey)) {
    if (!props.selection.keys.has(node.key)) {
      props.onSelect(select(props.selection, [node.key], node.key, "only"));
    }
    props.onDelete?.();
    return props.onDelete !== undefined;
  }
  return folded(key, props, node, focus);
}

function folded(key: string, props: Props, node: Node, focus: Focus): boolean {
  const isFold = (key === "ArrowRight" && node.open === false) || (key === "ArrowLeft" && node.open === true);
  if (isFold) {
    props.onFold?.(node.key);
    return true;
  }
  if (key === "ArrowLeft" && node.level > 1) {
    for (let at = focus.index; at >= 0; at -= 1) {
      if ((props.nodes[at]?.level ?? 1) < node.level) {
        focus.move(at);
        break;
      }
    }
    return true;
  }
  return false;
}

/** Where a key leads; less than 0 where it leads nowhere. */
function destination(event: React.KeyboardEvent<HTMLDivElement>, nodes: readonly Node[], index: number): number {
  const page = Math.max(1, Math.floor(event.currentTarget.clientHeight / (nodes[index]?.height ?? 1)) - 1);
  const steps: Record<string, number> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: index + page,
    PageUp: index - page,
    Home: 0,
    End: nodes.length - 1,
    ArrowRight: nodes[index]?.open === true ? index + 1 : -1,
  };
  const to = steps[event.key];
  return to === undefined || (event.key === "ArrowRight" && to < 0) ? -1 : Math.max(0, Math.min(nodes.length - 1, to));
}
