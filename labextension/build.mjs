// Builds the view and the JupyterLab extension where hatch finds them, or (`node build.mjs test`)
// the tests into build/test.
import { copyFile, cp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { build, transform } from "esbuild";

/** Packages that JupyterLab shares with its extensions: each exists once in a page. */
const SHARED = [
  "@jupyterlab/application",
  "@jupyterlab/apputils",
  "@jupyterlab/coreutils",
  "@jupyterlab/docregistry",
  "@jupyterlab/filebrowser",
  "@jupyterlab/launcher",
  "@jupyterlab/notebook",
  "@jupyterlab/rendermime",
  "@jupyterlab/services",
  "@jupyterlab/settingregistry",
  "@jupyterlab/statedb",
  "@jupyterlab/statusbar",
  "@jupyterlab/terminal",
  "@jupyterlab/translation",
  "@jupyterlab/ui-components",
  "@lumino/commands",
  "@lumino/coreutils",
  "@lumino/disposable",
  "@lumino/messaging",
  "@lumino/signaling",
  "@lumino/widgets",
  "react",
];
const LAB = "prebuilt";

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

/** Imports of a shared package take what JupyterLab has handed over by then. */
const sharedPackages = {
  name: "shared-packages",
  setup(builder) {
    builder.onResolve({ filter: /^(@(jupyterlab|lumino)\/|react)/ }, ({ path }) =>
      SHARED.includes(path) ? { path, namespace: "shared" } : { errors: [{ text: `${path} is not in SHARED` }] },
    );
    builder.onLoad({ filter: /.*/, namespace: "shared" }, ({ path }) => ({
      contents: `module.exports = require("./shared.ts").modules[${JSON.stringify(path)}];`,
      resolveDir: resolve("src/lab"),
    }));
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
    external: ["typescript"],
    target: "node20",
  });
} else {
  const forBrowsers = {
    ...common,
    minify: true,
    charset: "utf8",
    target: "es2023",
    legalComments: "none",
    banner: { js: "/* Contains uPlot, Copyright (c) Leon Sorokin, MIT License. */" },
  };
  await build({
    ...forBrowsers,
    entryPoints: ["src/view/widget.ts"],
    outfile: "../jupyter_ext/monitor/static/view.js",
  });
  await buildForLab(forBrowsers);
}

/** A prebuilt extension: a script under a name of its content, and a package.json that says so. */
async function buildForLab(options) {
  await rm(LAB, { recursive: true, force: true });
  const { metafile } = await build({
    ...options,
    format: "iife",
    plugins: [...options.plugins, sharedPackages],
    entryPoints: { remoteEntry: "src/lab/container.ts" },
    entryNames: "[name].[hash]",
    outdir: `${LAB}/static`,
    define: { SHARED: JSON.stringify(SHARED) },
    metafile: true,
  });
  const [script] = Object.keys(metafile.outputs);
  const { name, version, license } = JSON.parse(await readFile("package.json", "utf8"));
  const description = "Runs beside the notebook: a panel, commands, and monitors that outlive their kernel";
  const jupyterlab = { extension: true, schemaDir: "schema", _build: { load: `static/${basename(script)}`, extension: "./extension" } };
  const about = { name, version, description, license, jupyterlab };
  await writeFile(`${LAB}/package.json`, `${JSON.stringify(about, null, 2)}\n`);
  await copyFile("install.json", `${LAB}/install.json`);
  await cp("schema", `${LAB}/schemas/${name}`, { recursive: true });
}
