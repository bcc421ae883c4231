/** The form that submits a folder as a run. */
import { ReactWidget } from "@jupyterlab/apputils";
import type { TranslationBundle } from "@jupyterlab/translation";
import * as React from "react";
import { size } from "../view/format.ts";
import type { Asked, Field, FormModel } from "./form_model.ts";

let serial = 0;

export class Form extends ReactWidget {
  private readonly prefix = `aml-submit-${++serial}`;

  constructor(
    private readonly model: FormModel,
    private readonly trans: TranslationBundle,
  ) {
    super();
    this.addClass("jp-AmlSubmission");
  }

  /** Puts the focus where the reader has to do something. */
  focusWrong(): void {
    const field = this.model.firstWrong;
    this.node.querySelector<HTMLElement>(`#${this.prefix}-${field === "" ? "script" : field}`)?.focus();
  }

  protected override render(): React.ReactElement {
    const { model, trans, prefix } = this;
    const { asked, choices, preview } = model;
    const part = { model, prefix };
    const python = preview?.python ?? trans.__("this Jupyter's own");
    return (
      <form onSubmit={(event) => event.preventDefault()} aria-busy={model.busy}>
        <Row {...part} field="folder" label={trans.__("Folder")}>
          {(given) => <output {...given}>{asked.folder === "" ? trans.__("the server's root folder") : asked.folder}</output>}
        </Row>
        <Text {...part} field="script" label={trans.__("Script")} options={choices.scripts} isRequired hint={trans.__("relative to the folder")} />
        <Text {...part} field="arguments" label={trans.__("Arguments")} hint="--lr 0.1" />
        <Choice {...part} field="environment" label={trans.__("Environment")} none={trans.__("None: the Python %1", python)} options={choices.environments} />
        <Choice {...part} field="compute" label={trans.__("Compute")} options={choices.computes} />
        <Count {...part} field="nodes" label={trans.__("Nodes")} />
        <Count {...part} field="processes_per_node" label={trans.__("Processes on each")} />
        <Text {...part} field="experiment" label={trans.__("Experiment")} options={choices.experiments} hint={preview?.experiment ?? ""} />
        <Sent model={model} trans={trans} />
        <p className="jp-AmlSubmission-fault" role="alert">
          {model.fault("") ?? model.fault("tags") ?? model.fault("kernel_name") ?? ""}
        </p>
      </form>
    );
  }
}

interface Given {
  id: string;
  "aria-invalid": boolean;
  "aria-describedby": string;
}

interface PartProps {
  model: FormModel;
  prefix: string;
  field: Field;
  label: string;
}

type TextField = { [F in Field]: Asked[F] extends string ? F : never }[Field];
type CountField = Exclude<Field, TextField>;

/** A label, its control, and what is wrong with it. */
function Row({ model, prefix, field, label, children }: PartProps & { children: (given: Given) => React.ReactNode }): React.ReactElement {
  const id = `${prefix}-${field}`;
  const fault = model.fault(field);
  return (
    <div className="jp-AmlSubmission-row">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-invalid": fault !== undefined, "aria-describedby": `${id}-fault` })}
      <span className="jp-AmlSubmission-fault" id={`${id}-fault`} role="status">
        {fault ?? ""}
      </span>
    </div>
  );
}

interface TextProps extends PartProps {
  field: TextField;
  options?: readonly string[];
  hint?: string;
  isRequired?: boolean;
}

function Text({ options = [], hint = "", isRequired = false, ...part }: TextProps): React.ReactElement {
  const { model, field, prefix } = part;
  const list = `${prefix}-${field}-options`;
  return (
    <Row {...part}>
      {(given) => (
        <>
          <input
            {...given}
            type="text"
            className="jp-mod-styled"
            spellCheck={false}
            autoComplete="off"
            aria-required={isRequired}
            placeholder={hint}
            list={options.length > 0 ? list : undefined}
            value={model.asked[field]}
            onChange={({ target }) => model.set(field, target.value)}
          />
          <datalist id={list}>
            {options.map((option) => (
              <option key={option} value={option} />
            ))}
          </datalist>
        </>
      )}
    </Row>
  );
}

function Count({ field, ...part }: PartProps & { field: CountField }): React.ReactElement {
  const { model } = part;
  const value = model.asked[field];
  return (
    <Row {...part} field={field}>
      {(given) => (
        <input
          {...given}
          type="number"
          className="jp-mod-styled"
          min={1}
          step={1}
          value={Number.isNaN(value) ? "" : value}
          onChange={({ target }) => model.set(field, target.valueAsNumber)}
        />
      )}
    </Row>
  );
}

interface ChoiceProps extends PartProps {
  field: TextField;
  options: readonly { name: string; about: string }[];
  /** What nothing chosen means. */
  none?: string;
}

/** What was remembered and is not there any more stays chosen: the server says what is wrong with it. */
function Choice({ options, none, ...part }: ChoiceProps): React.ReactElement {
  const { model, field } = part;
  const value = model.asked[field];
  const isKnown = (value === "" && none !== undefined) || options.some(({ name }) => name === value);
  return (
    <Row {...part}>
      {(given) => (
        <select {...given} className="jp-mod-styled" value={value} onChange={({ target }) => model.set(field, target.value)}>
          {none !== undefined && <option value="">{none}</option>}
          {!isKnown && <option value={value}>{value}</option>}
          {options.map(({ name, about }) => (
            <option key={name} value={name}>
              {about === "" ? name : `${name} · ${about}`}
            </option>
          ))}
        </select>
      )}
    </Row>
  );
}

/** What would be sent: how much, what is largest, and what looks like a secret. */
function Sent({ model, trans }: { model: FormModel; trans: TranslationBundle }): React.ReactElement {
  const { preview } = model;
  if (preview === undefined || preview.files === null || preview.size === null) {
    return <p className="jp-AmlSubmission-sent">{preview === undefined ? trans.__("Looking at what would be sent…") : ""}</p>;
  }
  const { files, limit, largest, secrets } = preview;
  const told = trans._n("%1 file, %2, is sent", "%1 files, %2, are sent", files, size(preview.size));
  return (
    <>
      <details className="jp-AmlSubmission-sent">
        <summary>
          {told} <span className="jp-AmlSubmission-quiet">{trans.__("(at most %1)", size(limit))}</span>
        </summary>
        <Named label={trans.__("The largest files")} rows={largest.map((file) => [file.name, size(file.size)])} />
        <p className="jp-AmlSubmission-quiet">{trans.__("A file .amlignore in the folder names what is not to be sent, as .gitignore does.")}</p>
      </details>
      {secrets.length > 0 && (
        <div className="jp-AmlSubmission-secrets" role="status">
          <strong>
            ⚠ {trans._n("%1 file looks like a secret and would be sent", "%1 files look like secrets and would be sent", secrets.length)}
          </strong>
          <Named label={trans.__("What looks like a secret")} rows={secrets.map(({ name, why }) => [name, why])} />
          {trans.__("Name them in .amlignore to keep them here.")}
        </div>
      )}
    </>
  );
}

function Named({ label, rows }: { label: string; rows: [string, string][] }): React.ReactElement {
  return (
    <ul aria-label={label}>
      {rows.map(([name, about]) => (
        <li key={name}>
          <code>{name}</code> <span className="jp-AmlSubmission-quiet">{about}</span>
        </li>
      ))}
    </ul>
  );
}
