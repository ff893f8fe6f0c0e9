import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { metricsOf, type MetricsPage } from './support/metrics-page.js';
import { startServer } from './support/server.js';
import { WebhookReceiver } from './support/webhook-receiver.js';

interface Dashboard {
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly description?: string;
    readonly datasource?: { readonly uid: string };
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}

const documentation = readFileSync('docs/metrics.md', 'utf8');
const dashboard = JSON.parse(readFileSync('deploy/grafana-dashboard.json', 'utf8')) as Dashboard;
const alerts = readFileSync('deploy/alerts.yml', 'utf8')
  .split(/^ {6}- alert: /m)
  .slice(1)
  .map((text) => ({ name: text.slice(0, text.indexOf('\n')), text }));

let page: MetricsPage;

beforeAll(async () => {
  const receiver = await WebhookReceiver.start();
  const server = await startServer(receiver.environment);
  try {
    page = await metricsOf(server);
  } finally {
    await server.stop();
    await receiver.stop();
  }
});

/** The metric that a name of a series belongs to: `x_bucket` is one of the histogram `x`. */
function metricOf(name: string): string {
  const histogram = name.replace(/_(?:bucket|sum|count)$/, '');
  return page.types.get(histogram) === 'histogram' ? histogram : name;
}

const named = (text: string): string[] => [...new Set(text.match(/\bswitchboard_\w+/g))];
const expressions = () => dashboard.panels.flatMap(({ targets }) => targets?.map(({ expr }) => expr) ?? []);

test('docs/metrics.md explains each metric, and each that it names is there', () => {
  const ownNames = [...page.types.keys()].filter((name) => !/^switchboard_(?:process|nodejs)_/.test(name));
  expect(ownNames.filter((name) => !documentation.includes(`| \`${name}\` |`))).toEqual([]);
  expect(named(documentation).filter((name) => !page.types.has(metricOf(name)))).toEqual([]);
});

test('what the dashboard and the alerts ask for is in /metrics, with the labels that they select', () => {
  const asked = [...expressions(), ...alerts.map(({ text }) => text)].join('\n');
  expect(named(asked).filter((name) => !page.types.has(metricOf(name)))).toEqual([]);
  // Of name{label="value", other=~"a|b"} each value that is written out.
  for (const [, name = '', selectors = ''] of asked.matchAll(/(switchboard_\w+)\{([^}]*)\}/g)) {
    for (const [, label = '', values = ''] of selectors.matchAll(/(\w+)(?:=|!=|=~)"([^"$]*)"/g)) {
      for (const value of values.split('|')) {
        expect(page.series.filter((series) => series.startsWith(`${name}{`) && series.includes(`${label}="${value}"`))).not.toEqual([]);
      }
    }
  }
});

test('counters end in _total and no label tells who somebody is', () => {
  const own = page.series.filter((series) => !/^switchboard_(?:process|nodejs)_/.test(series));
  for (const [name, type] of page.types) if (!/_(?:process|nodejs)_/.test(name)) expect(name.endsWith('_total')).toBe(type === 'counter');
  const labels = new Set(own.flatMap((series) => [...series.matchAll(/(\w+)="/g)].map(([, label]) => label)));
  expect(labels).toEqual(new Set(['code', 'le', 'outcome', 'reason', 'step', 'transport']));
  expect(own.length).toBeLessThan(200);
});

test('the dashboard can be imported: a data source to choose, and panels that explain themselves', () => {
  expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(36);
  expect(dashboard.templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
  expect(dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual([
    'Traffic',
    'Calls',
    'Inbox and commits',
    'Database and nodes',
    'Process',
  ]);
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  for (const panel of dashboard.panels.filter(({ type }) => type !== 'row')) {
    expect(panel.datasource?.uid).toBe('${datasource}');
    expect(panel.description).toMatch(/\.$/);
    expect(panel.targets).not.toEqual([]);
  }
});

test('a counter is only looked at by its rate or its growth, and a quantile only of buckets', () => {
  for (const text of [...expressions(), ...alerts.map((alert) => alert.text)]) {
    for (const [all, before = ''] of text.matchAll(/(\w*\()?switchboard_\w+(?:_total|_bucket|_sum|_count)\b/g)) {
      expect([all, before]).toEqual([all, expect.stringMatching(/^(?:rate|increase)\($/)]);
    }
    if (text.includes('histogram_quantile'))
      expect(text).toMatch(/histogram_quantile\(0\.\d+, sum by \((?:instance, )?le\) \(rate\(\w+_bucket/);
  }
});

test('each alert waits a while, says how bad it is and what is wrong, and leads to what to do', () => {
  expect(alerts.length).toBeGreaterThan(9);
  for (const { name, text } of alerts) {
    expect(text).toMatch(/^ {8}for: \d+m$/m);
    expect(text).toMatch(/^ {10}severity: (?:critical|warning)$/m);
    expect(text).toMatch(/^ {10}summary: .+\.'?$/m);
    const [, file = '', anchor = ''] = /^ {10}runbook: (\S+)#(\S+)$/m.exec(text) ?? [];
    expect(existsSync(file)).toBe(true);
    expect(anchor).toBe(name.toLowerCase());
  }
  const headings = [...documentation.matchAll(/^### (\w+)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(alerts.map(({ name }) => name));
});
