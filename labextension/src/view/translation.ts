/** A language's sentences, as JupyterLab has them. */

/** What is used of JupyterLab's `TranslationBundle`; %1 stands for the first value, or for the number of a plural. */
export interface Translation {
  __(text: string, ...values: (string | number)[]): string;
  _n(one: string, many: string, n: number, ...values: (string | number)[]): string;
}

export const fill = (text: string, ...values: (string | number)[]): string =>
  text.replace(/%(\d)/g, (_, k: string) => String(values[Number(k) - 1]));

export const english: Translation = { __: fill, _n: (one, many, n, ...values) => fill(n === 1 ? one : many, n, ...values) };
