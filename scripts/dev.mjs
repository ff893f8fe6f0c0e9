// The server, built again and restarted on a change of the source.
import { spawn } from 'node:child_process';

const run = (command, args) => spawn(command, args, { stdio: 'inherit' });

if (process.argv.includes('--help')) {
  process.stdout.write('npm run dev: the server of npm start, built again and restarted when a file under src/ changes.\n');
  process.exit(0);
}

await new Promise((resolve) => run('tsc', ['-p', 'tsconfig.build.json']).on('exit', resolve));
const children = [
  run('tsc', ['-p', 'tsconfig.build.json', '--watch', '--preserveWatchOutput']),
  run('node', ['--watch', '--watch-preserve-output', 'dist/main.js']),
];
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => children.forEach((child) => child.kill(signal)));
