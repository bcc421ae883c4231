/** What stands for runs: in the side bar, and in tabs. */
import { LabIcon } from "@jupyterlab/ui-components";

/** A curve that goes down as a loss does, and the point where it is now. */
export const amlIcon = new LabIcon({
  name: "jupyter-aml:panel",
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><g class="jp-icon3" fill="none" stroke="#616161"
    stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M4 3v17h17"/><path d="M7 6c2 8 5 9 9 9.500"/>
    <circle cx="18.500" cy="15.500" r="1.500"/></g></svg>`,
});
