// The rules of the house that no linter knows: who may import whom, no cycles, no file named for nothing.
// docs/decisions/0003-house-rules-by-tool.md says why this is a script.
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { importRules } from './house/import-rules.mjs';
import { findCycles, readImports, sourceFiles } from './house/module-graph.mjs';

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    root: { type: 'string', default: resolve(import.meta.dirname, '..') },
  },
});

if (values.help) {
  console.log('node scripts/check-house.mjs [--root folder]\n\nHolds every file against these rules, and exits 1 where one is broken:\n');
  for (const rule of importRules) console.log(`  ${rule.name.padEnd(32)}${rule.why}`);
  console.log(`  ${'no-cycles'.padEnd(32)}No file of src imports itself, by any way round.`);
  console.log(`  ${'names-that-say-something'.padEnd(32)}No file named utils, helpers, common or index (but client/index.ts).`);
  process.exit(0);
}

const root = resolve(values.root);
const source = sourceFiles(root, 'src');
const faults = [...importFaults(readImports(root, source)), ...nameFaults()];
for (const fault of faults) console.error(fault);
if (source.length === 0) console.error(`There is no src below ${root}: nothing was checked.`);
console.log(`Files of src: ${source.length}. Rules broken: ${faults.length}.`);
process.exitCode = faults.length > 0 || source.length === 0 ? 1 : 0;

function importFaults(edges) {
  const broken = edges.flatMap(({ from, to, line }) =>
    importRules
      .filter((rule) => rule.from.test(from) && !rule.notFrom?.test(from) && rule.to.some((pattern) => pattern.test(to)))
      .map((rule) => `${from}:${line} imports ${to} (${rule.name}): ${rule.why}`),
  );
  return [...broken, ...findCycles(edges).map((cycle) => `${cycle.join(' -> ')} (no-cycles)`)];
}

function nameFaults() {
  return ['src', 'test', 'bench', 'scripts']
    .flatMap((folder) => sourceFiles(root, folder))
    .filter((file) => /^(?:utils?|helpers?|common|index)\b/.test(basename(file)) && file !== 'src/client/index.ts')
    .map((file) => `${file} (names-that-say-something): name it for what it holds.`);
}
