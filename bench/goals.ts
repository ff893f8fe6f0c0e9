/** What a figure is held against. */
export interface Goal {
  readonly figure: string;
  readonly goal: number;
  readonly stretch: number | null;
  /** What is wanted is at most the goal, or at least it. */
  readonly wanted: '≤' | '≥';
  readonly unit: '×' | 'ms' | 'KiB' | 's';
}

const times = (figure: string, goal: number, stretch: number, wanted: Goal['wanted'] = '≤'): Goal => ({
  figure,
  goal,
  stretch,
  wanted,
  unit: '×',
});

export const goals = {
  relay: times('CPU of the server a delivered signal / bare relay', 2, 1.5),
  mercurius: times('the same / Mercurius, which keeps nothing', 0.6, 0.4),
  whole: times('server and Postgres together / Mercurius', 0.9, 0.7),
  p50: { figure: 'latency at 1,000 signals a second, stored: p50', goal: 3, stretch: null, wanted: '≤', unit: 'ms' },
  p99: { figure: 'latency at 1,000 signals a second, stored: p99', goal: 12, stretch: 6, wanted: '≤', unit: 'ms' },
  memory: {
    figure: 'memory of an idle subscribed device, at 10,000, without the garbage of its login',
    goal: 20,
    stretch: 12,
    wanted: '≤',
    unit: 'KiB',
  },
  calls: times('whole calls a second / the same three statements on bare pg', 0.5, 0.7, '≥'),
  crowd: times('CPU a signal beside 10,000 devices / beside 100', 1.25, 1.1),
  http: times('mutation over HTTP / Mercurius', 2.5, 1.2),
  history: times('page of the history at 10⁷ calls / at 10³, the worst one', 1.5, 1.1),
  start: { figure: 'npm start to ready, not the first time', goal: 3, stretch: 1.5, wanted: '≤', unit: 's' },
} as const satisfies Readonly<Record<string, Goal>>;

export type GoalName = keyof typeof goals;
export type Figures = Readonly<Record<GoalName, number>>;

export function holds({ wanted }: Goal, value: number, bound: number): boolean {
  return wanted === '≤' ? value <= bound : value >= bound;
}

/** A row each: what was measured, what is wanted, and whether it is had. */
export function goalRows(figures: Figures): string[][] {
  const names = Object.keys(goals) as GoalName[];
  return names.map((name) => {
    const goal: Goal = goals[name];
    const value = figures[name];
    const verdict = goal.stretch !== null && holds(goal, value, goal.stretch) ? 'stretch' : holds(goal, value, goal.goal) ? 'yes' : 'no';
    const bound = (number: number | null): string => (number === null ? '' : `${goal.wanted} ${written(goal, number)}`);
    return [goal.figure, written(goal, value), bound(goal.goal), bound(goal.stretch), verdict];
  });
}

function written({ unit }: Goal, value: number): string {
  const digits = unit === '×' || unit === 's' ? 2 : 1;
  const number = value.toFixed(digits);
  return unit === '×' ? number : `${number} ${unit}`;
}
