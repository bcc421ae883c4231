import assert from "node:assert/strict";
import { test } from "node:test";
import { toldIn } from "../src/view/told.ts";
import { english, fill } from "../src/view/translation.ts";
import { serverSentences } from "../src/lab/sentences.ts";

const bracketed = toldIn({ ...english, __: (text, ...values) => `⟦${fill(text, ...values)}⟧` });

test("what the server says is put into the reader's language, with what it names", () => {
  assert.equal(bracketed("Prepare"), "⟦Prepare⟧");
  assert.equal(bracketed("12 files, 48 KB"), "⟦12 files, 48 KB⟧");
  assert.equal(bracketed("waiting until gpu has 2 nodes free"), "⟦waiting until gpu has 2 nodes free⟧");
  assert.equal(bracketed("step 3 of 8: RUN pip install a; true"), "⟦step 3 of 8: RUN pip install a⟧; true");
  assert.equal(bracketed("2nd in line for gpu; waits for 2 GPUs of a_1, b_1"), "⟦2nd in line for gpu⟧; ⟦waits for 2 GPUs of a_1, b_1⟧");
});

test("the values stand where the sentence of that language has them", () => {
  const turned = toldIn({ ...english, __: (text, ...values) => (text === "%1 built in %2 s" ? fill("nach %2 s: %1", ...values) : text) });
  assert.equal(turned("birds:2 built in 14 s"), "nach 14 s: birds:2");
});

test("what is not known stays, and so does English where there is no translation", () => {
  const text = "image cached; 12 files, 48 KB; ValueError: Run";
  assert.equal(bracketed(text), "image cached; ⟦12 files, 48 KB⟧; ValueError: Run");
  assert.equal(toldIn(english)(text), text);
});

const wholly = toldIn({ ...english, __: (text, ...values) => `⟦${fill(text, ...values)}⟧` }, serverSentences);

test("what the server and the runner say is known as a whole, also where one sentence holds another", () => {
  const refused = "There is no run 'birds_1' in workspace default.";
  assert.equal(bracketed(refused), refused);
  assert.equal(wholly(refused), `⟦${refused}⟧`);
  assert.equal(wholly("torchrun on node 2 failed: ValueError: no"), "⟦torchrun on node 2 failed: ValueError: no⟧");
  assert.equal(
    wholly("The script was killed by signal 9 (SIGKILL). Often the machine ran out of memory."),
    "⟦The script was killed by signal 9 (SIGKILL). ⟦Often the machine ran out of memory.⟧⟧",
  );
  assert.equal(wholly("The script ended with exit code 1 and said nothing. Placed again (1 of 3)."), "⟦⟦The script ended with exit code 1 and said nothing.⟧ Placed again (1 of 3).⟧");
  assert.equal(wholly("ValueError: shapes differ (train.py:41)"), "ValueError: shapes differ (train.py:41)");
});
