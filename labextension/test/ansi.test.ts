import assert from "node:assert/strict";
import { test } from "node:test";
import { parse, plain, settled } from "../src/view/logs/ansi.ts";

const ESC = "\u001b";

test("colours, weights and their ends", () => {
  assert.deepEqual(parse(`a${ESC}[1;31mb${ESC}[22mc${ESC}[0md`), [
    { text: "a", style: {} },
    { text: "b", style: { bold: true, fg: 1 } },
    { text: "c", style: { fg: 1 } },
    { text: "d", style: {} },
  ]);
});

test("bright, indexed and true colours", () => {
  const styles = (codes: string): unknown => parse(`${ESC}[${codes}mx`)[0]?.style;
  assert.deepEqual(styles("92;103"), { fg: 10, bg: 11 });
  assert.deepEqual(styles("38;5;9"), { fg: 9 });
  assert.deepEqual(styles("38;5;196"), { fg: "rgb(255,0,0)" });
  assert.deepEqual(styles("48;5;232;4"), { bg: "rgb(8,8,8)", underline: true });
  assert.deepEqual(styles("38;2;1;2;300"), { fg: "rgb(1,2,255)" });
  assert.deepEqual(styles("7;3;2"), { inverse: true, italic: true, dim: true });
});

test("every other escape is dropped", () => {
  assert.equal(plain(`a${ESC}[2Kb${ESC}]0;title\u0007c${ESC}]8;;http://x${ESC}\\d${ESC}(Be${ESC}7\u0008f`), "abcdef");
  assert.equal(plain(`cut ${ESC}[3`), "cut 3");
  assert.equal(plain(`never ended ${ESC}]0;title`), "never ended ");
  assert.equal(plain("tab\there, é, 漢, 🐦"), "tab\there, é, 漢, 🐦");
});

test("a line rewritten in place shows its last part", () => {
  assert.equal(settled("10%\r50%\r100%"), "100%");
  assert.equal(settled("windows\r"), "windows");
  assert.equal(settled("\r\r"), "");
});

test("a long hostile line is quick", () => {
  const line = `${ESC}]`.repeat(2000) + `${ESC}[`.repeat(2000) + ";".repeat(4000);
  const before = performance.now();
  plain(line);
  assert.ok(performance.now() - before < 200);
});
