/** Every sentence and label that the reader sees. */

export const waiting = "Waiting for an answer: this loads when it comes";
export const kernelBusy = "The kernel is busy: this loads when its cell ends";
export const reconnecting = "Reconnecting to the Jupyter server…";
export const connectionLost = "The connection broke before the answer came: look whether it was done, then try again.";
export const noRun = "Waiting for the run.";

export const monitor = "Run monitor";
export const copy = "Copy";
export const copied = "Copied";
export const close = "Close";
export const copyId = (id: string): string => `${id}: copy the run id`;
export const stateIs = (word: string): string => `The run is now: ${word}`;
export const elapsed = "Elapsed time";
export const created = (when: string): string => `Created ${when}`;
export const began = (when: string): string => `Started ${when}`;
export const finished = (when: string): string => `Ended ${when}`;

export const stop = "Stop";
export const stopQuestion = "Stop this run?";
export const keep = "Keep";
export const stopping = "Stopping…";
export const kernelBusyStop = "The kernel is busy: the run stops when its cell ends. At once, in a terminal:";
export const cancelCommand = (id: string, workspace: string): string =>
  `jupyter aml cancel ${id}${inWorkspace(workspace)}`;
/** A command means the default workspace where it names none, or that of a configuration file. */
const inWorkspace = (workspace: string): string => (workspace === "default" ? "" : ` --workspace ${workspace}`);
export const stopFailed = (why: string): string => `The run could not be stopped: ${why}`;

export const actions = "More";
export const rerun = "Run again";
export const compareWith = "Compare with…";
export const downloadOutputs = "Download outputs";
export const openSnapshot = "Open snapshot";
export const copyRunId = "Copy run id";
export const reproduce = "Reproduce…";
export const gathering = "Gathering the outputs…";
export const submitting = "Submitting the same run again…";
export const submittedAs = "Submitted again as";
export const open = "Open";
export const showCommand = (id: string, workspace: string): string => `%aml show ${id}${inWorkspace(workspace)}`;
export const rerunFailed = (why: string): string => `It could not be submitted again: ${why}`;
export const answerFailed = (why: string): string => `There is no answer: ${why}`;
export const reproduceTitle = "How to make this run again";
export const noRecipes = "This run was not submitted from a folder: run the cell that made it.";
export const snapshotTitle = "Snapshot: the files that were sent";
export const snapshotFiles = "Files of the snapshot";
export const firstOf = (shown: string, total: number): string => `The first ${shown}, of ${total.toLocaleString("en-US")}`;
export const compareTitle = "Compare with another run";
export const otherRuns = "Other runs";
export const findRun = "Find a run by its id or experiment";
export const pickRun = "Choose the other run.";
export const noOtherRun = "There is no such run.";
export const anotherRun = "Another run";
export const compareInTab = "Charts and code";
export const compareInTabHint = "Compare the charts and the code too, in a tab";
export const thisRun = "this run";
export const fact = "Fact";
export const differ = (different: number, same: number): string =>
  `${different === 1 ? "1 fact differs" : `${different} facts differ`}, ${same} ${same === 1 ? "is" : "are"} the same`;
export const nothingDiffers = "Nothing differs between these runs.";

export const words: Record<string, string> = {
  NotStarted: "Not started",
  CancelRequested: "Stopping",
  NotResponding: "Not responding",
};

export const phases = "Phases";
export const phaseStates: Record<string, string> = {
  pending: "not begun",
  active: "under way",
  done: "done",
  failed: "failed",
  canceled: "canceled",
};
export const phaseTimes = (start: string, end: string | null): string =>
  end === null ? `Since ${start}` : `${start} to ${end}`;
export const showInLog = "Show in the log";

export const tabs = { logs: "Logs", metrics: "Metrics", nodes: "Nodes", outputs: "Outputs", details: "Details" };
export const gpuCount = (n: number): string => (n === 1 ? "1 GPU" : `${n} GPUs`);

export const logFile = "Log file";
export const groups = { script: "Script", build: "Build", system: "System" };
export const find = "Find in the whole file";
export const findShort = "Find…";
export const matchCase = "Match case";
export const previous = "Previous match (Shift+Enter)";
export const next = "Next match (Enter)";
export const position = (at: string, all: string): string => `${at} of ${all}`;
export const noMatch = "none";
export const searchFailed = "failed";
export const searching = "…";
export const follow = "Follow";
export const followHint = "Stay at the end of the log as it grows (End)";
export const wrap = "Wrap";
export const wrapHint = "Wrap long lines";
export const times = "Time";
export const timesHint = "Show when each line was written, to the second";
export const noTime = "Nobody watched when this line was written";
export const afterStart = (span: string): string => `${span} after the start`;
export const openLog = "Open";
export const openLogHint = "Open this log by itself, in a tab of the browser";
export const logTooLarge = (name: string): string =>
  `This log is too large for the browser: in a cell, %aml logs --file ${name} shows it, and %aml download copies it.`;
export const logLines = (file: string): string => `Lines of ${file}`;
export const linesFailed = (why: string): string => `Some lines could not be read: ${why}`;
export const noLog = (status: string): string =>
  ["Completed", "Failed", "Canceled"].includes(status)
    ? "This run wrote no log."
    : "The log appears as soon as the environment's build or the script prints a line.";
export const queuedLog = "The log appears when the run starts.";
export const noLogYet = (phase: string, note: string, then: string): string => `${phase}: ${note}. ${then}`;
export const emptyLog = "This file is empty so far: its first line appears as soon as it is printed.";

export const axis = "Horizontal axis";
export const axes = { step: "Step", time: "Time" };
export const smoothing = "Smoothing";
export const resetZoom = "Reset zoom";
export const pointAtChart = "Point at a chart to see what the log said then.";
export const noLineThen = "Nobody knows what the log said then.";
export const marked = (when: string): string => `${when} is marked in the charts.`;
export const showCharts = "Show the charts";
export const unmark = "Marked by a line of the log: take the mark away";
export const last = "last";
export const at = (where: string): string => `at ${where}`;
export const oddValues = (n: number): string => (n === 1 ? "1 value is not finite" : `${n} values are not finite`);
export const atStep = (x: string): string => `step ${x}`;
export const chartOf = (name: string, last: string): string => `Chart of ${name}, last value ${last}`;
export const values = "Values";
export const noMetrics = "Metrics appear when the script calls run.log(…):";
export const noMetricsEnded = "This run logged no metrics. In the script, these two lines log one:";
export const metricsCode = 'from azureml.core import Run\nRun.get_context().log("loss", 0.5)';
export const rowsShown = (shown: number, all: number): string => `${shown} of ${all} rows`;
export const imageFailed = (why: string): string => `The image cannot be shown: ${why}`;
export const older = "Older image";
export const newer = "Newer image";
export const showText = "Show as text";

export const cpu = "CPU";
export const cpus = (n: number): string => (n === 1 ? "1 core" : `${n} cores`);
export const memory = "Memory";
export const temperature = "Temp.";
export const power = "Power";
export const clock = "Clock";
export const processOf = (name: string, pid: number, rank: number | null, memory: string): string =>
  [rank === null ? "" : `rank ${rank}:`, name, `(${pid})`, memory].filter(Boolean).join(" ");
export const otherProcesses = (n: number): string => (n === 1 ? "1 process of others" : `${n} processes of others`);
export const gpusIdle = (time: string): string => `Its GPUs have done nothing for ${time}.`;
export const utilisation = "Use";
export const gpu = (i: number): string => `GPU ${i}`;
export const ranks = (list: number[]): string => (list.length === 1 ? `rank ${list[0]}` : `ranks ${list.join(", ")}`);
export const noGpu = "No GPU on this node.";
export const noNodes = "CPU, memory and GPUs of each node appear when the script starts, and then every second.";
export const noNodesEnded = "This run ended before its script started on a node.";
export const unknown = "–";

export const noOutputs = "Files appear when the script writes into ./outputs or ./logs, for example:";
export const noOutputsEnded = "This run left no files in ./outputs or ./logs. In the script, this line leaves one:";
export const outputsCode = 'torch.save(model.state_dict(), "outputs/model.pt")';
export const fileCount = (n: number, size: string): string => (n === 1 ? `1 file, ${size}` : `${n} files, ${size}`);
export const files = "Output files";
export const download = "Download";
export const downloadAll = "Download all";
export const downloading = (percent: number): string => `Downloading ${percent} %`;
export const downloadFailed = (why: string): string => `The download failed: ${why}`;
export const tooLarge =
  "Together these files are too large for one archive: download them one by one, or call run.download_files().";
export const tooLargeOne = "This file is too large for the browser: call run.download_file() in a cell.";
export const register = "Register as model…";
export const registerHint = "Keep this file or folder as a version of a model";
export const registerAs = (path: string): string => `Register ${path} as model`;
export const modelName = "Name of the model";
export const registerNow = "Register";
export const registering = "Registering…";
export const registered = (id: string): string => `Registered as ${id}`;
export const pickFile = "Choose a file to see it here.";
export const loading = "Loading…";
export const noPreview = "There is no preview for this kind of file.";
export const emptyFile = "This file is empty.";
export const imageTooLarge = "This image is too large to show here: download it.";
export const firstPart = (size: string): string => `The first ${size} of this file`;
export const fileFailed = (why: string): string => `This file cannot be shown: ${why}`;
export const changed = (when: string): string => `Changed ${when}`;

export const noDetails = "The arguments, the environment and the snapshot appear when the run has been sent.";
export const tags = "Tags";
export const tagName = "Name";
export const tagValue = "Value";
export const addTag = "Add tag";
export const edit = "Edit";
export const save = "Save";
export const editTag = (name: string): string => `Edit tag ${name}`;
export const removeTag = (name: string): string => `Remove tag ${name}`;
export const tagsChanged = "The tags are changed";
export const tagsFailed = (why: string): string => `The tags could not be changed: ${why}`;
export const same = "Same as last run";
export const sameHint = "Fold what is as in the run of this experiment before";
export const firstRun = "This is the first run of its experiment.";
export const comparedWith = (id: string): string => `The last run was ${id}`;
export const asBefore = (n: number): string => `${n} as in the last run`;
export const was = (value: string): string => `was ${value}`;
export const nothing = "nothing";
export const copyValue = (name: string): string => `Copy ${name}`;
