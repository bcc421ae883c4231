import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import ts from "typescript";

/** What a reader sees or hears of an element. */
const SHOWN = /^(title|label|caption|placeholder|alt|aria-(label|roledescription|valuetext|description))$/;
/** More than one word, the first of them a capital one. */
const PROSE = /^\s*[A-Z][a-z]*('s)?,? [a-z]+/;
const WORD = /\p{L}{2}/u;

function isTranslated(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node.parent; at !== undefined; at = at.parent) {
    if (ts.isCallExpression(at) && /(^|\.)_[_n]$/.test(at.expression.getText())) {
      return true;
    }
  }
  return false;
}

/** What is for developers: an error that is thrown, a plugin's description, and code that is shown as such. */
function isTechnical(node: ts.Node): boolean {
  const { parent } = ts.isTemplateHead(node) ? node.parent : node;
  return (
    (ts.isNewExpression(parent) && ts.isThrowStatement(parent.parent)) ||
    (ts.isPropertyAssignment(parent) && (parent.name === node || parent.name.getText() === "description")) ||
    (ts.isJsxElement(parent) && parent.openingElement.tagName.getText() === "code") ||
    (ts.isJsxAttribute(parent) && parent.name.getText() === "placeholder" && (node as ts.StringLiteral).text === "gpu-cluster")
  );
}

function isShown({ parent }: ts.Node): boolean {
  const name = ts.isJsxAttribute(parent) || ts.isPropertyAssignment(parent) ? parent.name.getText().replace(/^["']|["']$/g, "") : "";
  return SHOWN.test(name);
}

function literals(file: ts.SourceFile): string[] {
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isJsxText(node) ? WORD.test(node.text) : ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) {
      const { text } = node as ts.StringLiteralLike;
      if (!isTranslated(node) && !isTechnical(node) && (ts.isJsxText(node) || PROSE.test(text) || (isShown(node) && WORD.test(text)))) {
        found.push(text.trim());
      }
    }
    ts.forEachChild(node, look);
  };
  look(file);
  return found;
}

const literalsOf = (text: string): string[] => literals(ts.createSourceFile("x.tsx", text, ts.ScriptTarget.Latest, true));

test("a text that no translator would find is found", () => {
  assert.deepEqual(literalsOf('const a = <p title="Name">Two words {trans.__("All is well")}</p>;'), ["Name", "Two words"]);
  assert.deepEqual(literalsOf('h("p", "", { "aria-label": "Runs" }, "No run yet", trans._n("%1 run", "%1 runs", n));'), ["Runs", "No run yet"]);
  assert.deepEqual(literalsOf("say(`Run ${id} is gone`); throw new Error(`It is not ${n}`);"), []);
});

test("every text that a reader sees goes through the translator", () => {
  const files = (readdirSync("src", { recursive: true }) as string[]).filter((name) => /\.tsx?$/.test(name));
  assert.ok(files.length > 100);
  const found = files.flatMap((name) => literalsOf(readFileSync(join("src", name), "utf8")).map((text) => `${name}: ${text}`));
  assert.deepEqual(found, ["view/details/pane.ts: Runs in"]); // the server's name of a fact, which told.ts translates
});
