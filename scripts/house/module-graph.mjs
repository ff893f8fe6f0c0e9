// What each file imports, types included, resolved to files of the project, packages or Node's own modules.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

/** Every TypeScript file below `folder`, as paths relative to `root`, in a stable order. */
export function sourceFiles(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/node_modules|\bdist\b/.test(entry.parentPath.slice(root.length)))
    .map((entry) => posix.join(folder, entry.parentPath.slice(join(root, folder).length), entry.name))
    .sort();
}

/** Edges { from, to, line } of the given files. Throws on a file that does not parse: an unread file is an unchecked one. */
export function readImports(root, files) {
  const known = new Set(files);
  return files.flatMap((from) => {
    const text = readFileSync(join(root, from), 'utf8');
    return specifiersOf(from, text).map(({ specifier, start }) => ({
      from,
      to: resolve(from, specifier, known),
      line: text.slice(0, start).split('\n').length,
    }));
  });
}

function specifiersOf(file, text) {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0].message}`);
  const found = [];
  const add = (source) => {
    if (source?.type === 'Literal' && typeof source.value === 'string') {
      found.push({ specifier: source.value, start: source.start });
    }
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
    TSExternalModuleReference: (node) => add(node.expression),
    CallExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'require') add(node.arguments[0]);
    },
  }).visit(program);
  return found;
}

function resolve(from, specifier, known) {
  if (isBuiltin(specifier)) return specifier.startsWith('node:') ? specifier : `node:${specifier}`;
  if (!specifier.startsWith('.')) return `npm:${specifier}`;
  const path = posix.join(dirname(from), specifier);
  const source = path.replace(/\.js$/, '.ts');
  return [path, source, `${source}x`].find((file) => known.has(file)) ?? source;
}

/** Import cycles, as lists of files that begin and end with the same one. Empty only where there is none. */
export function findCycles(edges) {
  const imports = new Map();
  for (const { from, to } of edges) imports.set(from, (imports.get(from) ?? new Set()).add(to));
  const cycles = [];
  const done = new Set();
  const visit = (file, path) => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file]);
      return;
    }
    if (done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return cycles;
}
