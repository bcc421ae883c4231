/** What the server tells in English, in the reader's language: it knows no page's language. */
import { english, fill, type Translation } from "./translation.ts";

/** %1 and the others stand for what is named: given as themselves, they stay in the sentence. */
const sentences = (trans: Translation): string[] => [
  // phases
  trans.__("Snapshot"),
  trans.__("Prepare"),
  trans.__("Queue"),
  trans.__("Run"),
  trans.__("Finish"),
  // what happened in them
  trans.__("%1 file", "%1"),
  trans.__("%1 files", "%1"),
  trans.__("%1 file, %2", "%1", "%2"),
  trans.__("%1 files, %2", "%1", "%2"),
  trans.__("%1 was there", "%1"),
  trans.__("%1 built in %2 s", "%1", "%2"),
  trans.__("step %1 of %2: %3", "%1", "%2", "%3"),
  trans.__("The same environment is being built elsewhere: this is its progress."),
  trans.__("The build elsewhere has stopped: it goes on here."),
  trans.__("the engine gives containers no GPU: it runs without one"),
  trans.__("%1st in line for %2", "%1", "%2"),
  trans.__("%1nd in line for %2", "%1", "%2"),
  trans.__("%1rd in line for %2", "%1", "%2"),
  trans.__("%1th in line for %2", "%1", "%2"),
  trans.__("waits for %1 GPU of %2", "%1", "%2"),
  trans.__("waits for %1 GPUs of %2", "%1", "%2"),
  trans.__("waits for %1 GPU", "%1"),
  trans.__("waits for %1 GPUs", "%1"),
  trans.__("waiting until %1 has %2 free", "%1", "%2"),
  trans.__("Scaling: waiting until %1 has %2 free", "%1", "%2"),
  trans.__(
    "waiting until %1 has %2 free; %3 of its machines have %4, and none is on its way yet",
    "%1",
    "%2",
    "%3",
    "%4",
  ),
  trans.__("node %1: %2 of its files sent", "%1", "%2"),
  trans.__("node %1 was lost: the run goes on without it", "%1"),
  trans.__("waiting up to %1 s for the container engine to come back", "%1"),
  trans.__(
    "no container engine answers on %1: waiting up to %2 s for it, or for another machine",
    "%1",
    "%2",
  ),
  trans.__("the clock of node %1 is %2 s ahead of this machine's, and so are its times: let NTP set both", "%1", "%2"),
  trans.__("the clock of node %1 is %2 s behind this machine's, and so are its times: let NTP set both", "%1", "%2"),
  trans.__("its GPUs have done nothing for %1 min", "%1"),
  trans.__("its GPUs are at work again"),
  trans.__("The run's directory was deleted: this is what was read before."),
  trans.__("Did you mean %1?", "%1"),
  // details
  trans.__("Environment"),
  trans.__("Data"),
  trans.__("Git"),
  trans.__("Parameters"),
  trans.__("Properties"),
  trans.__("Run id"),
  trans.__("Display name"),
  trans.__("Description"),
  trans.__("Experiment"),
  trans.__("Workspace"),
  trans.__("Parent"),
  trans.__("Script"),
  trans.__("Arguments"),
  trans.__("Command"),
  trans.__("Compute"),
  trans.__("Nodes"),
  trans.__("Processes per node"),
  trans.__("Retries"),
  trans.__("at most %1", "%1"),
  trans.__("Submitted by"),
  trans.__("Name"),
  trans.__("Version"),
  trans.__("Runs in"),
  trans.__("container"),
  trans.__("process"),
  trans.__("Base image"),
  trans.__("Dockerfile"),
  trans.__("Image"),
  trans.__("Interpreter"),
  trans.__("Python"),
  trans.__("Packages"),
  trans.__("Installed"),
  trans.__("Variables"),
  trans.__("Id"),
  trans.__("Folder"),
  trans.__("Files"),
  trans.__("Size"),
  // what is compared
  trans.__("experiment"),
  trans.__("status"),
  trans.__("script"),
  trans.__("target"),
  trans.__("nodes"),
  trans.__("snapshot"),
  trans.__("environment"),
  trans.__("base image"),
  trans.__("runs in"),
  trans.__("image"),
  // why the lines of a file that differs are not shown
  trans.__("a link"),
  trans.__("binary"),
  trans.__("larger than %1", "%1"),
  trans.__("more than %1 lines", "%1"),
  trans.__("only what its cells have put out"),
  trans.__("left out, as there is much that differs"),
  // curves
  trans.__("ROC curve"),
  trans.__("ROC curve, %1 of %2 classes", "%1", "%2"),
  trans.__("Precision-recall curve"),
  trans.__("Precision-recall curve, %1 of %2 classes", "%1", "%2"),
  trans.__("true positive rate over false positive rate"),
  trans.__("precision over recall"),
  trans.__("chance"),
  trans.__("Residuals"),
  trans.__("how many there are over how far off"),
  trans.__("Predicted and true"),
  trans.__("average prediction over true value"),
  trans.__("exact"),
  // how to make a run again
  trans.__("The same files, arguments, environment and target"),
  trans.__("The same, in a terminal"),
  trans.__("From a cell"),
  trans.__("The source from git"),
  trans.__("The folder is sent as it is now."),
  trans.__("The folder is sent as it is now. Left out: %1.", "%1"),
  trans.__("The folder had changes that were not committed."),
  trans.__("Set these variables first, as their values are not kept: %1.", "%1"),
];

/** Gives the sentences of a language, each at the same place. */
export type Sentences = (trans: Translation) => readonly string[];

interface Known {
  pattern: RegExp;
  own: string;
  /** How much of it is not what it names. */
  weight: number;
}

/** A sentence is known by its English form, and what it names put into the reader's; what is not known stays as it is. */
export function toldIn(trans: Translation, more: Sentences = () => []): (text: string) => string {
  const own = [...sentences(trans), ...more(trans)];
  const originals = [...sentences(english), ...more(english)];
  if (originals.every((text, k) => text === own[k])) {
    return (text) => text;
  }
  const known = originals.map((text, k): Known => ({ pattern: patternOf(text), own: own[k] ?? text, weight: weightOf(text) }));
  known.sort((a, b) => b.weight - a.weight);

  const whole = (text: string, mayHoldMore: boolean): string | undefined => {
    for (const { pattern, own } of known) {
      const named = pattern.exec(text)?.slice(1);
      if (named !== undefined && (mayHoldMore || !named.some((name) => name.includes("; ")))) {
        return fill(own, ...named.map((name) => (name.includes(" ") ? name.replace(/\S.*/s, (words) => told(words)) : name)));
      }
    }
    return undefined;
  };
  const parts = (text: string, between: RegExp, mark: string): string | undefined => {
    const all = text.split(between);
    const changed = all.map((part) => (all.length > 1 ? told(part) : part));
    return changed.some((part, k) => part !== all[k]) ? changed.join(mark) : undefined;
  };
  const told = (text: string): string =>
    whole(text, false) ?? parts(text, /; /, "; ") ?? whole(text, true) ?? parts(text, /(?<=[.?]) (?=\S)/, " ") ?? text;
  return told;
}

function patternOf(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/%\d/g, "(.*?)")}$`, "s");
}

function weightOf(text: string): number {
  return text.replace(/%\d/g, "").length;
}
