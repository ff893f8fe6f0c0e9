import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Rollup } from 'vite';
import { expect, test } from 'vitest';
import { root } from './support/build.js';

const mostKib = 25;

test(`the SDK is one file of at most ${mostKib} KiB, made of itself and graphql-ws alone`, async () => {
  const outputs = (await build({
    configFile: false,
    root,
    logLevel: 'silent',
    build: {
      write: false,
      lib: { entry: join(root, 'src/client/index.ts'), formats: ['es'], fileName: 'switchboard' },
      rolldownOptions: { external: [/^node:/] },
    },
  })) as Rollup.RollupOutput[];
  const chunks = outputs.flatMap(({ output }) => output).filter((part) => part.type === 'chunk');
  expect(chunks).toHaveLength(1);
  const [{ code, imports, moduleIds }] = chunks as [Rollup.OutputChunk];
  expect(imports).toEqual([]);
  const own = [join(root, 'src/client/'), '/node_modules/graphql-ws/', '\0rolldown/runtime'];
  const foreign = moduleIds.filter((id) => !own.some((part) => id.includes(part)));
  expect(foreign).toEqual([]);
  // The names of modules, of Node and of GraphQL, as they would stand in what was not bundled.
  expect(/["'`](?:node:|graphql["'`]|graphql\/)[^\n]{0,40}|\b(?:import|require)\([^\n]{0,40}/.exec(code)).toBeNull();
  const kib = gzipSync(code).length / 1_024;
  console.log(`The SDK: ${kib.toFixed(1)} KiB, ${(code.length / 1_024).toFixed(1)} KiB before compression.`);
  expect(kib).toBeLessThanOrEqual(mostKib);
});
