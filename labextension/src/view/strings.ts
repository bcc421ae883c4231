/** Every sentence and label that the reader sees, in the reader's language where JupyterLab has a translation. */

/** What is used of JupyterLab's `TranslationBundle`; %1 stands for the first value, or for the number of a plural. */
export interface Translation {
  __(text: string, ...values: (string | number)[]): string;
  _n(one: string, many: string, n: number, ...values: (string | number)[]): string;
}

const fill = (text: string, ...values: (string | number)[]): string =>
  text.replace(/%(\d)/g, (_, k: string) => String(values[Number(k) - 1]));

const english: Translation = { __: fill, _n: (one, many, n, ...values) => fill(n === 1 ? one : many, n, ...values) };

/** A command means the default workspace where it names none, or that of a configuration file. */
const inWorkspace = (workspace: string): string => (workspace === "default" ? "" : ` --workspace ${workspace}`);

const make = (trans: Translation) => ({
  waiting: trans.__("Waiting for an answer: this loads when it comes"),
  kernelBusy: trans.__("The kernel is busy: this loads when its cell ends"),
  reconnecting: trans.__("Reconnecting to the Jupyter server…"),
  connectionLost: trans.__("The connection broke before the answer came: look whether it was done, then try again."),
  noRun: trans.__("Waiting for the run."),

  monitor: trans.__("Run monitor"),
  copy: trans.__("Copy"),
  copied: trans.__("Copied"),
  close: trans.__("Close"),
  copyId: (id: string): string => trans.__("%1: copy the run id", id),
  stateIs: (word: string): string => trans.__("The run is now: %1", word),
  elapsed: trans.__("Elapsed time"),
  created: (when: string): string => trans.__("Created %1", when),
  began: (when: string): string => trans.__("Started %1", when),
  finished: (when: string): string => trans.__("Ended %1", when),

  stop: trans.__("Stop"),
  stopQuestion: trans.__("Stop this run?"),
  keep: trans.__("Keep"),
  stopping: trans.__("Stopping…"),
  kernelBusyStop: trans.__("The kernel is busy: the run stops when its cell ends. At once, in a terminal:"),
  cancelCommand: (id: string, workspace: string): string => `jupyter aml cancel ${id}${inWorkspace(workspace)}`,
  stopFailed: (why: string): string => trans.__("The run could not be stopped: %1", why),

  actions: trans.__("More"),
  rerun: trans.__("Run again"),
  compareWith: trans.__("Compare with…"),
  downloadOutputs: trans.__("Download outputs"),
  openSnapshot: trans.__("Open snapshot"),
  copyRunId: trans.__("Copy run id"),
  reproduce: trans.__("Reproduce…"),
  gathering: trans.__("Gathering the outputs…"),
  submitting: trans.__("Submitting the same run again…"),
  submittedAs: trans.__("Submitted again as"),
  open: trans.__("Open"),
  showCommand: (id: string, workspace: string): string => `%aml show ${id}${inWorkspace(workspace)}`,
  rerunFailed: (why: string): string => trans.__("It could not be submitted again: %1", why),
  answerFailed: (why: string): string => trans.__("There is no answer: %1", why),
  reproduceTitle: trans.__("How to make this run again"),
  noRecipes: trans.__("This run was not submitted from a folder: run the cell that made it."),
  snapshotTitle: trans.__("Snapshot: the files that were sent"),
  snapshotFiles: trans.__("Files of the snapshot"),
  firstOf: (shown: string, total: number): string =>
    trans.__("The first %1, of %2", shown, total.toLocaleString("en-US")),
  compareTitle: trans.__("Compare with another run"),
  otherRuns: trans.__("Other runs"),
  findRun: trans.__("Find a run by its id or experiment"),
  pickRun: trans.__("Choose the other run."),
  noOtherRun: trans.__("There is no such run."),
  anotherRun: trans.__("Another run"),
  compareInTab: trans.__("Charts and code"),
  compareInTabHint: trans.__("Compare the charts and the code too, in a tab"),
  thisRun: trans.__("this run"),
  fact: trans.__("Fact"),
  differ: (different: number, same: number): string =>
    [
      trans._n("%1 fact differs", "%1 facts differ", different),
      trans._n("%1 is the same", "%1 are the same", same),
    ].join(", "),
  nothingDiffers: trans.__("Nothing differs between these runs."),

  words: {
    NotStarted: trans.__("Not started"),
    Starting: trans.__("Starting"),
    Provisioning: trans.__("Provisioning"),
    Preparing: trans.__("Preparing"),
    Queued: trans.__("Queued"),
    Running: trans.__("Running"),
    Finalizing: trans.__("Finalizing"),
    Completed: trans.__("Completed"),
    Failed: trans.__("Failed"),
    CancelRequested: trans.__("Stopping"),
    Canceled: trans.__("Canceled"),
    NotResponding: trans.__("Not responding"),
  } as Record<string, string>,

  phases: trans.__("Phases"),
  phaseStates: {
    pending: trans.__("not begun"),
    active: trans.__("under way"),
    done: trans.__("done"),
    failed: trans.__("failed"),
    canceled: trans.__("canceled"),
  } as Record<string, string>,
  phaseTimes: (start: string, end: string | null): string =>
    end === null ? trans.__("Since %1", start) : trans.__("%1 to %2", start, end),
  showInLog: trans.__("Show in the log"),

  tabs: {
    logs: trans.__("Logs"),
    metrics: trans.__("Metrics"),
    nodes: trans.__("Nodes"),
    outputs: trans.__("Outputs"),
    details: trans.__("Details"),
  },
  gpuCount: (n: number): string => trans._n("%1 GPU", "%1 GPUs", n),

  logFile: trans.__("Log file"),
  groups: {
    script: trans.__("Script"),
    build: trans.__("Build"),
    system: trans.__("System"),
  },
  find: trans.__("Find in the whole file"),
  findShort: trans.__("Find…"),
  matchCase: trans.__("Match case"),
  previous: trans.__("Previous match (Shift+Enter)"),
  next: trans.__("Next match (Enter)"),
  position: (at: string, all: string): string => trans.__("%1 of %2", at, all),
  noMatch: trans.__("none"),
  searchFailed: trans.__("failed"),
  searching: "…",
  follow: trans.__("Follow"),
  followHint: trans.__("Stay at the end of the log as it grows (End)"),
  wrap: trans.__("Wrap"),
  wrapHint: trans.__("Wrap long lines"),
  times: trans.__("Time"),
  timesHint: trans.__("Show when each line was written, to the second"),
  noTime: trans.__("Nobody watched when this line was written"),
  afterStart: (span: string): string => trans.__("%1 after the start", span),
  openLog: trans.__("Open"),
  openLogHint: trans.__("Open this log by itself, in a tab of the browser"),
  logTooLarge: (name: string): string => 
    trans.__(
      "This log is too large for the browser: in a cell, %1 shows it, and %2 copies it.",
      `%aml logs --file ${name}`,
      "%aml download",
    ),
  logLines: (file: string): string => trans.__("Lines of %1", file),
  linesFailed: (why: string): string => trans.__("Some lines could not be read: %1", why),
  noLog: (status: string): string =>
    ["Completed", "Failed", "Canceled"].includes(status)
      ? trans.__("This run wrote no log.")
      : trans.__("The log appears as soon as the environment's build or the script prints a line."),
  queuedLog: trans.__("The log appears when the run starts."),
  noLogYet: (phase: string, note: string, then: string): string => trans.__("%1: %2. %3", phase, note, then),
  emptyLog: trans.__("This file is empty so far: its first line appears as soon as it is printed."),

  axis: trans.__("Horizontal axis"),
  axes: {
    step: trans.__("Step"),
    time: trans.__("Time"),
  },
  smoothing: trans.__("Smoothing"),
  resetZoom: trans.__("Reset zoom"),
  pointAtChart: trans.__("Point at a chart to see what the log said then."),
  noLineThen: trans.__("Nobody knows what the log said then."),
  marked: (when: string): string => trans.__("%1 is marked in the charts.", when),
  showCharts: trans.__("Show the charts"),
  unmark: trans.__("Marked by a line of the log: take the mark away"),
  last: trans.__("last"),
  at: (where: string): string => trans.__("at %1", where),
  oddValues: (n: number): string => trans._n("%1 value is not finite", "%1 values are not finite", n),
  atStep: (x: string): string => trans.__("step %1", x),
  chartOf: (name: string, last: string): string => trans.__("Chart of %1, last value %2", name, last),
  values: trans.__("Values"),
  noMetrics: trans.__("Metrics appear when the script calls run.log(…):"),
  noMetricsEnded: trans.__("This run logged no metrics. In the script, these two lines log one:"),
  metricsCode: 'from azureml.core import Run\nRun.get_context().log("loss", 0.5)',
  rowsShown: (shown: number, all: number): string => trans.__("%1 of %2 rows", shown, all),
  imageFailed: (why: string): string => trans.__("The image cannot be shown: %1", why),
  older: trans.__("Older image"),
  newer: trans.__("Newer image"),
  showText: trans.__("Show as text"),

  cpu: trans.__("CPU"),
  cpus: (n: number): string => trans._n("%1 core", "%1 cores", n),
  memory: trans.__("Memory"),
  temperature: trans.__("Temp."),
  power: trans.__("Power"),
  clock: trans.__("Clock"),
  processOf: (name: string, pid: number, rank: number | null, memory: string): string =>
    [rank === null ? "" : trans.__("rank %1:", rank), name, `(${pid})`, memory].filter(Boolean).join(" "),
  otherProcesses: (n: number): string => trans._n("%1 process of others", "%1 processes of others", n),
  gpusIdle: (time: string): string => trans.__("Its GPUs have done nothing for %1.", time),
  utilisation: trans.__("Use"),
  gpu: (i: number): string => trans.__("GPU %1", i),
  ranks: (list: number[]): string => trans._n("rank %2", "ranks %2", list.length, list.join(", ")),
  noGpu: trans.__("No GPU on this node."),
  noNodes: trans.__("CPU, memory and GPUs of each node appear when the script starts, and then every second."),
  noNodesEnded: trans.__("This run ended before its script started on a node."),
  unknown: "–",

  noOutputs: trans.__("Files appear when the script writes into ./outputs or ./logs, for example:"),
  noOutputsEnded: trans.__("This run left no files in ./outputs or ./logs. In the script, this line leaves one:"),
  outputsCode: 'torch.save(model.state_dict(), "outputs/model.pt")',
  fileCount: (n: number, size: string): string => trans._n("%1 file, %2", "%1 files, %2", n, size),
  files: trans.__("Output files"),
  download: trans.__("Download"),
  downloadAll: trans.__("Download all"),
  downloading: (percent: number): string => trans.__("Downloading %1 %", percent),
  downloadFailed: (why: string): string => trans.__("The download failed: %1", why),
  tooLarge: trans.__(
    "Together these files are too large for one archive: download them one by one, or call run.download_files().",
  ),
  tooLargeOne: trans.__("This file is too large for the browser: call run.download_file() in a cell."),
  register: trans.__("Register as model…"),
  registerHint: trans.__("Keep this file or folder as a version of a model"),
  registerAs: (path: string): string => trans.__("Register %1 as model", path),
  modelName: trans.__("Name of the model"),
  registerNow: trans.__("Register"),
  registering: trans.__("Registering…"),
  registered: (id: string): string => trans.__("Registered as %1", id),
  pickFile: trans.__("Choose a file to see it here."),
  loading: trans.__("Loading…"),
  noPreview: trans.__("There is no preview for this kind of file."),
  emptyFile: trans.__("This file is empty."),
  imageTooLarge: trans.__("This image is too large to show here: download it."),
  firstPart: (size: string): string => trans.__("The first %1 of this file", size),
  fileFailed: (why: string): string => trans.__("This file cannot be shown: %1", why),
  changed: (when: string): string => trans.__("Changed %1", when),

  noDetails: trans.__("The arguments, the environment and the snapshot appear when the run has been sent."),
  tags: trans.__("Tags"),
  tagName: trans.__("Name"),
  tagValue: trans.__("Value"),
  addTag: trans.__("Add tag"),
  edit: trans.__("Edit"),
  save: trans.__("Save"),
  editTag: (name: string): string => trans.__("Edit tag %1", name),
  removeTag: (name: string): string => trans.__("Remove tag %1", name),
  tagsChanged: trans.__("The tags are changed"),
  tagsFailed: (why: string): string => trans.__("The tags could not be changed: %1", why),
  same: trans.__("Same as last run"),
  sameHint: trans.__("Fold what is as in the run of this experiment before"),
  firstRun: trans.__("This is the first run of its experiment."),
  comparedWith: (id: string): string => trans.__("The last run was %1", id),
  asBefore: (n: number): string => trans.__("%1 as in the last run", n),
  was: (value: string): string => trans.__("was %1", value),
  nothing: trans.__("nothing"),
  copyValue: (name: string): string => trans.__("Copy %1", name),
});

export let strings = make(english);

/** From here on, what is shown anew is in this language. */
export function translateWith(trans: Translation): void {
  strings = make(trans);
}
