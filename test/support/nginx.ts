import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { freePort } from './free-port.js';
import { Program } from './program.js';

/** Debian's nginx on loopback in front of nodes at those ports: who is away is passed over, and a request goes to the next. */
export class Nginx {
  readonly url: string;
  readonly webSocketUrl: string;
  readonly #program: Program;

  private constructor(port: number, folder: string) {
    this.url = `http://127.0.0.1:${port}/graphql`;
    this.webSocketUrl = `ws://127.0.0.1:${port}/graphql`;
    this.#program = new Program({
      package: 'nginx',
      command: '/usr/sbin/nginx',
      args: ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'],
      answers: () =>
        fetch(`http://127.0.0.1:${port}/healthz`).then(
          () => true,
          () => false,
        ),
    });
  }

  /** Stopped when the test is over. */
  static async startForTest(ports: readonly number[]): Promise<Nginx> {
    const folder = await mkdtemp(join(tmpdir(), 'switchboard-nginx-'));
    const port = await freePort(['127.0.0.1']);
    await writeFile(join(folder, 'nginx.conf'), configuration(port, ports));
    const nginx = new Nginx(port, folder);
    onTestFinished(async () => {
      await nginx.#program.stop();
      await rm(folder, { recursive: true, force: true });
    });
    await nginx.#program.start();
    return nginx;
  }
}

function configuration(port: number, nodes: readonly number[]): string {
  return `
daemon off;
pid nginx.pid;
worker_processes 1;
events { worker_connections 16384; }
worker_rlimit_nofile 32768;
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  upstream switchboard {
    least_conn;
    # A node that failed once would be tried once a second until the first of its WebSockets ends: nginx takes that for its
    # success. Where a node is away the next one is asked anyway.
${nodes.map((node) => `    server 127.0.0.1:${node} max_fails=0;`).join('\n')}
  }
  server {
    listen 127.0.0.1:${port} backlog=8192;
    location / {
      proxy_pass http://switchboard;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_connect_timeout 2s;
      proxy_read_timeout 60s;
      proxy_next_upstream error timeout http_503;
    }
  }
}
`;
}
