/** JupyterLab's own packages by name: there before any module that imports one of them begins. */
export const modules: Record<string, unknown> = {};
