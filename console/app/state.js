// State that more than one part looks at, and state that outlives a reload.
import { useLayoutEffect, useState } from '../vendor/preact.js';

// signal is a value that tells those who use it when it changes.
export function signal(first) {
  let value = first;
  const listeners = new Set();
  const listen = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    get: () => value,
    set: (next) => {
      value = next;
      for (const listener of [...listeners]) listener(next);
    },
    use: () => {
      const [shown, show] = useState(value);
      useLayoutEffect(() => {
        show(value); // it may have changed between drawing and listening
        return listen(show);
      }, []);
      return shown;
    },
  };
}

// A browser may refuse storage altogether; then nothing outlives a reload, and all else works.
export function recall(store, name, first) {
  try {
    const text = store.getItem(`tierstock.${name}`);
    return text === null ? first : JSON.parse(text);
  } catch {
    return first;
  }
}

export function remember(store, name, value) {
  try {
    if (value === null || value === undefined) store.removeItem(`tierstock.${name}`);
    else store.setItem(`tierstock.${name}`, JSON.stringify(value));
  } catch {
    // Full or refused: the page goes on with what it has in memory.
  }
}

// keptSignal is a signal that is remembered: in localStorage what suits a person (language, theme),
// in sessionStorage what belongs to this tab.
export function keptSignal(store, name, first) {
  const kept = signal(recall(store, name, first));
  return { ...kept, set: (value) => {
    remember(store, name, value);
    kept.set(value);
  } };
}

// useKept is useState whose value a reload of this tab does not lose. As there, a function is given
// the value of now: what runs for long must not write back what it began with.
export function useKept(name, first) {
  const [value, show] = useState(() => recall(sessionStorage, name, first));
  return [value, (next) => show((was) => {
    const now = typeof next === 'function' ? next(was) : next;
    remember(sessionStorage, name, now);
    return now;
  })];
}

// When the page was asked for with a token, the token is for this tab only.
export const token = keptSignal(sessionStorage, 'token', '');
export const needsToken = signal('');
// What is wrong with the network now, '' for nothing.
export const trouble = signal('');
export const theme = keptSignal(localStorage, 'theme', '');
export const language = keptSignal(localStorage, 'language',
  (navigator.language || '').toLowerCase().startsWith('zh') ? 'zh' : 'en');
export const warehouse = keptSignal(sessionStorage, 'warehouse', '');
