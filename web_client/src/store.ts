/** A value that changes by messages, and those who want to know: the one place where a page's state lives. */
import { useEffect, useState } from 'preact/hooks';

export interface Store<State, Message> {
  readonly get: () => State;
  readonly dispatch: (message: Message) => void;
  /** Calls `listener` after every change; returns what ends it. */
  readonly subscribe: (listener: (state: State) => void) => () => void;
}

export function createStore<State, Message>(
  initial: State,
  update: (state: State, message: Message) => State,
): Store<State, Message> {
  let state = initial;
  const listeners = new Set<(state: State) => void>();
  return {
    get: () => state,
    dispatch: message => {
      const next = update(state, message);
      if (next === state) return;
      state = next;
      for (const listener of [...listeners]) listener(state);
    },
    subscribe: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The store's state; the component is drawn again when it changes. */
export function useStore<State, Message>(store: Store<State, Message>): State {
  const [state, setState] = useState(store.get);
  useEffect(() => {
    setState(store.get());
    return store.subscribe(setState);
  }, [store]);
  return state;
}
