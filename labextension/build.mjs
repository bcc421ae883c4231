// Builds the view into the Python package, or (`node build.mjs test`) the tests into build/test.
import { readFile, readdir } from "node:fs/promises";
import { build, transform } from "esbuild";

/** A style sheet becomes the text of its minified rules. */
const stylesAsText = {
  name: "styles-as-text",
  setup(builder) {
    builder.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

const common = { bundle: true, format: "esm", plugins: [stylesAsText], logLevel: "warning" };

if (process.argv[2] === "test") {
  const names = (await readdir("test")).filter((name) => name.endsWith(".test.ts"));
  await build({
    ...common,
    entryPoints: names.map((name) => `test/${name}`),
    outdir: "build/test",
    outExtension: { ".js": ".mjs" },
    platform: "node",
    target: "node20",
  });
} else {
  await build({
    ...common,
    entryPoints: ["src/view/widget.ts"],
    outfile: "../jupyter_ext/monitor/static/view.js",
    minify: true,
    charset: "utf8",
    target: "es2023",
    legalComments: "none",
    banner: { js: "/* Contains uPlot, Copyright (c) Leon Sorokin, MIT License. */" },
  });
}
