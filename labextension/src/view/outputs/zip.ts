/** A zip archive without compression: what a run leaves is mostly compressed already. */

export interface Entry {
  name: string;
  parts: Uint8Array[];
}

/** The plain format counts in 32 bits. */
export const MOST_BYTES = 0xffff_0000;

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit += 1) {
    c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  }
  return c;
});

export function crc32(parts: readonly Uint8Array[]): number {
  let crc = 0xffffffff;
  for (const part of parts) {
    for (let k = 0; k < part.length; k += 1) {
      crc = (TABLE[(crc ^ (part[k] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}

export function zip(entries: readonly Entry[]): Blob {
  const body: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, parts } of entries) {
    const path = new TextEncoder().encode(name);
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const common = fields(length, crc32(parts), path.length);
    const local = record(0x04034b50, [], common, [], path);
    body.push(local, ...parts);
    // Version made by; then comment, disk, attributes, and where the local record is.
    directory.push(record(0x02014b50, [20], common, [0, 0, 0, 0, 0, offset & 0xffff, offset >>> 16], path));
    offset += local.length + length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const count = entries.length;
  const end = record(0x06054b50, [0, 0, count, count], [...split(size), ...split(offset), 0], [], new Uint8Array());
  return new Blob([...body, ...directory, end], { type: "application/zip" });
}

/** Version needed, UTF-8 names, stored, no time (1980-01-01), checksum, sizes, lengths. */
function fields(length: number, crc: number, nameLength: number): number[] {
  return [20, 0x0800, 0, 0, 0x21, ...split(crc), ...split(length), ...split(length), nameLength, 0];
}

function split(value: number): number[] {
  return [value & 0xffff, value >>> 16];
}

/** A signature, then 16-bit numbers, little end first, then the name. */
function record(signature: number, before: number[], common: number[], after: number[], name: Uint8Array): Uint8Array {
  const words = [...split(signature), ...before, ...common, ...after];
  const bytes = new Uint8Array(words.length * 2 + name.length);
  const view = new DataView(bytes.buffer);
  words.forEach((word, k) => view.setUint16(k * 2, word, true));
  bytes.set(name, words.length * 2);
  return bytes;
}
