/** Every plugin that JupyterLab and Notebook 7 are given. */
import { commands } from "../commands/plugins.ts";
import { mime } from "../mime/plugin.ts";
import { panel } from "../panel/plugin.ts";
import { base } from "./base.ts";

export default [base, mime, panel, ...commands];
