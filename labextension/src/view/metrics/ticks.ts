/** Short labels along the axes. */

export function axisNumber(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e4 || (magnitude > 0 && magnitude < 1e-3)) {
    const units: [number, string][] = [
      [1e9, "G"],
      [1e6, "M"],
      [1e3, "k"],
    ];
    const unit = units.find(([size]) => magnitude >= size && magnitude < 1e12);
    return unit === undefined
      ? value.toExponential(1).replace(".0e", "e").replace("e+", "e")
      : `${Number((value / unit[0]).toPrecision(4))}${unit[1]}`;
  }
  return String(Number(value.toPrecision(6)));
}

export function axisDuration(seconds: number): string {
  const units: [number, string][] = [
    [86400, "d"],
    [3600, "h"],
    [60, "m"],
  ];
  const [size, letter] = units.find(([length]) => seconds >= length) ?? [1, "s"];
  return `${Number((seconds / size).toFixed(1))}${letter}`;
}
