/** What is asked in the form, what the server says of it, and what may be chosen. Nothing of the page here. */
import { strings } from "../view/strings.ts";

/** As `POST submit` takes it, but that empty text stands for null. */
export interface Asked {
  /** As the file browser has it: relative to the server's root, which is "". */
  folder: string;
  script: string;
  /** As typed: words as in a shell. */
  arguments: string;
  environment: string;
  compute: string;
  /** NaN while the field is empty. */
  nodes: number;
  processes_per_node: number;
  experiment: string;
}

export type Field = keyof Asked;

export interface Fault {
  /** Empty where it is of no field. */
  field: string;
  message: string;
}

export interface Preview {
  experiment: string;
  files: number | null;
  size: number | null;
  limit: number;
  largest: { name: string; size: number }[];
  secrets: { name: string; why: string }[];
  python: string | null;
  line: string;
  errors: Fault[];
}

export interface Choices {
  scripts: string[];
  experiments: string[];
  environments: { name: string; about: string }[];
  computes: { name: string; about: string }[];
}

/** The server, as far as the form needs it. */
export interface Desk {
  preview(asked: object): Promise<Preview>;
  /** Gives the run's id; rejects with what is wrong, in `faults` where it is known. */
  submit(asked: object): Promise<{ id: string }>;
  choices(folder: string): Promise<Choices>;
  faults(error: unknown): Fault[];
}

const PAUSE = 250;

export class FormModel {
  preview: Preview | undefined;
  choices: Choices = { scripts: [], experiments: [], environments: [], computes: [] };
  /** Being sent, or given up: nothing can be changed. */
  busy = false;
  private wrong: Fault[] = [];
  private readonly touched = new Set<string>();
  /** The reader has asked for it once: from then on everything wrong is told. */
  private tried = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ticket = 0;

  constructor(
    private readonly desk: Desk,
    public asked: Asked,
    private readonly kernel: string | null,
    private readonly changed: () => void,
  ) {}

  /** Asks what may be chosen, and what would be sent. */
  async open(): Promise<void> {
    const choosing = this.desk.choices(this.asked.folder).then(
      (choices) => {
        this.choices = choices;
        const [only, ...others] = choices.scripts.filter((name) => !name.endsWith(".ipynb"));
        if (this.asked.script === "" && only !== undefined && others.length === 0) {
          this.set("script", only);
        }
        this.changed();
      },
      () => undefined, // the preview says why
    );
    await Promise.all([choosing, this.look()]);
  }

  close(): void {
    clearTimeout(this.timer);
    this.ticket += 1;
  }

  set<F extends Field>(field: F, value: Asked[F]): void {
    this.asked = { ...this.asked, [field]: value };
    this.touched.add(field);
    this.wrong = this.wrong.filter((fault) => fault.field !== field && fault.field !== "");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), PAUSE);
    this.changed();
  }

  /** What is wrong with a field, as far as it is fair to say so. */
  fault(field: string): string | undefined {
    const fair = this.tried || field === "" || field === "folder" || this.touched.has(field);
    const wrong = fair ? this.wrong.find((fault) => fault.field === field) : undefined;
    return wrong && strings.told(wrong.message);
  }

  get firstWrong(): string | undefined {
    return this.wrong[0]?.field;
  }

  /** The run's id; undefined where it was refused. */
  async submit(): Promise<string | undefined> {
    this.begin();
    try {
      return (await this.desk.submit(this.body)).id;
    } catch (error) {
      this.refuse(this.desk.faults(error));
      return undefined;
    }
  }

  /** The line that does the same from a cell; undefined where something is wrong with it. */
  async line(): Promise<string | undefined> {
    this.begin();
    await this.look();
    this.busy = false;
    this.changed();
    return this.wrong.length === 0 ? this.preview?.line : undefined;
  }

  private begin(): void {
    clearTimeout(this.timer);
    this.tried = true;
    this.busy = true;
    this.changed();
  }

  private refuse(wrong: Fault[]): void {
    this.ticket += 1; // what is on its way knows less
    this.wrong = wrong;
    this.busy = false;
    this.changed();
  }

  private async look(): Promise<void> {
    const ticket = ++this.ticket;
    let found: Fault[];
    try {
      const preview = await this.desk.preview(this.body);
      found = preview.errors;
      if (ticket === this.ticket) {
        this.preview = preview;
      }
    } catch (error) {
      found = this.desk.faults(error);
    }
    if (ticket === this.ticket) {
      this.wrong = found;
      this.changed();
    }
  }

  private get body(): object {
    const { environment, experiment, nodes, processes_per_node, ...rest } = this.asked;
    return {
      ...rest,
      arguments: rest.arguments.trim(),
      script: rest.script.trim(),
      environment: environment || null,
      experiment: experiment.trim() || null,
      nodes: Number.isNaN(nodes) ? null : nodes,
      processes_per_node: Number.isNaN(processes_per_node) ? null : processes_per_node,
      kernel_name: this.kernel,
    };
  }
}

/** What a folder is submitted with when nothing is remembered of it. */
export function fresh(folder: string): Asked {
  return {
    folder,
    script: "",
    arguments: "",
    environment: "",
    compute: "local",
    nodes: 1,
    processes_per_node: 1,
    experiment: "",
  };
}

/** What was kept of the folder's last submission, as far as it can be believed. */
export function remembered(kept: unknown, folder: string, script = ""): Asked {
  const asked = fresh(folder);
  if (typeof kept === "object" && kept !== null) {
    for (const name of Object.keys(asked) as Field[]) {
      const value = (kept as Record<string, unknown>)[name];
      if (typeof value === typeof asked[name]) {
        Object.assign(asked, { [name]: value });
      }
    }
  }
  // arguments belong to the script that they were typed for
  const another = script !== "" && script !== asked.script;
  return { ...asked, folder, ...(another && { script, arguments: "" }) };
}
