import { Store } from './store.js';

/** What somebody has chosen for this browser: kept in localStorage, one of a closed list. */
export class Preference<Choice extends string> extends Store<Choice> {
  readonly #name: string;

  /** The first of the choices is what holds where nothing was chosen. */
  constructor(name: string, choices: readonly [Choice, ...Choice[]]) {
    super(choices.find((choice) => choice === localStorage.getItem(name)) ?? choices[0]);
    this.#name = name;
  }

  override set(next: Choice): void {
    localStorage.setItem(this.#name, next);
    super.set(next);
  }
}
