// Where the page is: #/view?name=value. It is all in the address, so that a reload, a bookmark and
// the way back lead to the same.
import { signal } from './state.js';

function read() {
  const [view, text] = location.hash.replace(/^#\/?/, '').split('?');
  return { view: view || 'overview', params: Object.fromEntries(new URLSearchParams(text)) };
}

export const route = signal(read());
addEventListener('hashchange', () => route.set(read()));

// address leaves out what is empty.
export function address(view, params = {}) {
  const filled = Object.entries(params).filter(([, value]) => value || value === 0);
  const text = new URLSearchParams(filled).toString();
  return text ? `#/${view}?${text}` : `#/${view}`;
}

export const go = (view, params) => {
  location.hash = address(view, params);
};

// turn changes the address where it is a matter of typing, which is nothing to go back through.
export function turn(view, params) {
  history.replaceState(null, '', address(view, params));
  route.set(read());
}
