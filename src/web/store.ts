import { useLayoutEffect, useReducer } from 'preact/hooks';

/** A value that changes, and those who want to know. Nobody is told of a value that is the one it was. */
export class Store<Value> {
  readonly #listeners = new Set<() => void>();
  #value: Value;

  constructor(value: Value) {
    this.#value = value;
  }

  get value(): Value {
    return this.#value;
  }

  set(next: Value): void {
    if (Object.is(next, this.#value)) return;
    this.#value = next;
    for (const listener of this.#listeners) listener();
  }

  /** Sets what `change` makes of the value. */
  update(change: (value: Value) => Value): void {
    this.set(change(this.#value));
  }

  /** Calls `listener` after each change, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** The store's value, drawn again at each change. */
export function useStore<Value>(store: Store<Value>): Value {
  const [, redraw] = useReducer<number, void>((count) => count + 1, 0);
  const drawn = store.value;
  useLayoutEffect(() => {
    // It may have changed between the drawing and now.
    if (!Object.is(drawn, store.value)) redraw();
    return store.subscribe(() => redraw());
  }, [store]);
  return drawn;
}
