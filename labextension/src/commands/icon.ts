/** What submitting looks like. */
import { LabIcon } from "@jupyterlab/ui-components";

const DRAWING =
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16"><path class="jp-icon3" fill="#616161" d="M1.5 2.2 15 8 1.5 13.8 3.8 8.8 9.5 8 3.8 7.2z"/></svg>';

export const submitIcon = new LabIcon({ name: "jupyter-aml:submit", svgstr: DRAWING });
