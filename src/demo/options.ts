import { parseArgs } from 'node:util';

export interface Options {
  readonly help: boolean;
  /** Of the callee. */
  readonly devices: number;
}

export const mostDevices = 5;

/** Throws with what to tell where an option is none, or its value is of no use. */
export function readOptions(args: readonly string[]): Options {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: { devices: { type: 'string' }, help: { type: 'boolean' } },
  });
  let [help, devices] = [false, 1];
  for (const token of tokens) {
    const name = token.kind === 'option' ? token.rawName : token.kind === 'positional' ? token.value : '--';
    if (name === '--help') {
      help = true;
    } else if (name === '--devices') {
      const value = token.kind === 'option' ? (token.value ?? 'nothing') : '';
      devices = Number(value);
      if (!/^\d+$/.test(value) || devices < 1 || devices > mostDevices)
        throw new Error(`--devices takes a number from 1 to ${mostDevices}, not ${value}.`);
    } else {
      throw new Error(`${name} is no option of the demo; try --help.`);
    }
  }
  return { help, devices };
}
