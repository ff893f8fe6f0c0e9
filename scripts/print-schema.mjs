// Writes schema/schema.graphql from the built server: the API as it is reviewed and as clients generate from.
import { mkdir, writeFile } from 'node:fs/promises';
import { printSchema } from 'graphql';
import { createSchema } from '../dist/graphql/schema.js';

await mkdir('schema', { recursive: true });
await writeFile('schema/schema.graphql', `${printSchema(createSchema())}\n`);
