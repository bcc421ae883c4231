/** One WebSocket to the Jupyter server for everything on a page; it comes back by itself. */

/** JupyterLab's own settings of its server. */
export interface Server {
  readonly baseUrl: string;
  readonly wsUrl: string;
  readonly token: string;
  readonly appendToken: boolean;
  readonly init: RequestInit;
  readonly fetch: (request: string, init?: RequestInit) => Promise<Response>;
  readonly WebSocket: typeof WebSocket;
}

export interface Listener {
  /** The connection is there, for the first time or again. */
  opened(): void;
  /** The server has gone away; `absent` is for good, as it has no such extension. */
  closed(absent: boolean): void;
  received(message: Message, buffers: Uint8Array[]): void;
}

export interface Event {
  topic: string;
  event: string;
  n: number;
  data: unknown;
}

export interface Message {
  topic?: string;
  events?: Event[];
  epoch?: string;
  id?: number;
  ok?: object;
  error?: string;
  buffers?: number;
}

const FIRST_WAIT = 250;
const LONGEST_WAIT = 5000;
/** After so long without a word, a page that is looked at again asks on a new connection. */
const STALE = 45_000;

export class Connection {
  private readonly listeners = new Set<Listener>();
  private socket: WebSocket | undefined;
  private wait = FIRST_WAIT;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private partial: { message: Message; buffers: Uint8Array[] } | undefined;
  private heard = 0;

  constructor(private readonly server: Server) {
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) {
        this.hurry();
      }
    });
  }

  get isOpen(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  add(listener: Listener): void {
    this.listeners.add(listener);
    if (this.isOpen) {
      listener.opened();
    } else {
      this.connect();
    }
  }

  /** The connection ends with its last listener. */
  remove(listener: Listener): void {
    this.listeners.delete(listener);
    if (this.listeners.size === 0) {
      this.drop();
    }
  }

  send(message: object): void {
    this.socket?.send(JSON.stringify(message));
  }

  private connect(): void {
    if (this.socket !== undefined) {
      return;
    }
    clearTimeout(this.timer);
    const { wsUrl, token, appendToken } = this.server;
    const secret = appendToken && token !== "" ? `?token=${encodeURIComponent(token)}` : "";
    const socket = new this.server.WebSocket(`${wsUrl}aml/api/events${secret}`);
    socket.binaryType = "arraybuffer";
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
      this.wait = FIRST_WAIT;
      this.heard = Date.now();
      this.each((listener) => listener.opened());
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => this.take(data);
    socket.onclose = () => void this.lost(socket, wasOpen);
    this.socket = socket;
  }

  private async lost(socket: WebSocket, wasOpen: boolean): Promise<void> {
    if (this.socket !== socket) {
      return;
    }
    this.partial = undefined;
    const absent = !wasOpen && (await this.isAbsent());
    if (this.socket !== socket) {
      return;
    }
    this.socket = undefined;
    this.each((listener) => listener.closed(absent));
    if (!absent && this.listeners.size > 0) {
      this.timer = setTimeout(() => this.connect(), this.wait * (0.75 + Math.random() / 2));
      this.wait = Math.min(LONGEST_WAIT, 2 * this.wait);
    }
  }

  /** A server that answers, and has no such route or no such right, will not have it a moment later. */
  private async isAbsent(): Promise<boolean> {
    const { baseUrl, token, init, fetch } = this.server;
    const headers: Record<string, string> = token === "" ? {} : { Authorization: `token ${token}` };
    try {
      const { status } = await fetch(`${baseUrl}aml/api`, { ...init, headers, cache: "no-store" });
      return status === 404 || status === 403;
    } catch {
      return false;
    }
  }

  private take(data: string | ArrayBuffer): void {
    this.heard = Date.now();
    if (typeof data === "string") {
      this.partial = { message: JSON.parse(data) as Message, buffers: [] };
    } else {
      this.partial?.buffers.push(new Uint8Array(data));
    }
    if (this.partial !== undefined && this.partial.buffers.length === (this.partial.message.buffers ?? 0)) {
      const { message, buffers } = this.partial;
      this.partial = undefined;
      this.each((listener) => listener.received(message, buffers));
    }
  }

  private each(tell: (listener: Listener) => void): void {
    [...this.listeners].forEach(tell);
  }

  private hurry(): void {
    if (this.listeners.size === 0) {
      return;
    }
    if (this.isOpen && Date.now() - this.heard > STALE) {
      this.drop();
      this.each((listener) => listener.closed(false));
    }
    this.wait = FIRST_WAIT;
    this.connect();
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = undefined;
    clearTimeout(this.timer);
    socket?.close();
  }
}
