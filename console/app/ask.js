// Asking the server. All data of all views come through here, from the public API alone.
import { useEffect, useRef, useState } from '../vendor/preact.js';
import { needsToken, token, trouble } from './state.js';

// Refusal is what the engine says no with, in its own words.
export class Refusal extends Error {
  constructor(message, code = '', field = '') {
    super(message);
    this.code = code;
    this.field = field;
  }
}

// Reads are repeated over some fifteen seconds, which a restart of the server takes. Writes are not
// repeated without being told to: only some of them have a key.
const waits = [500, 1000, 2000, 4000, 8000];

const sleep = (time, abort) => new Promise((wake, fail) => {
  const timer = setTimeout(wake, time);
  abort?.addEventListener('abort', () => {
    clearTimeout(timer);
    fail(new DOMException('given up', 'AbortError'));
  });
});

async function send(query, variables, abort) {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
  if (token.get()) headers.Authorization = `Bearer ${token.get()}`;
  const response = await fetch('/graphql', { method: 'POST', headers, signal: abort,
    body: JSON.stringify({ query, variables }) });
  const text = await response.text();
  let answer = null;
  try {
    answer = JSON.parse(text);
  } catch {
    // What stands between us and the server may answer in its own way; its text is shown.
  }
  return { status: response.status, answer, text,
    wait: Number(response.headers.get('Retry-After') || 0) * 1000 };
}

function refusalOf({ status, answer, text }) {
  const first = answer?.errors?.[0];
  if (!first) return new Refusal(text.slice(0, 300) || `HTTP ${status}`, `HTTP ${status}`);
  const { code = '', field = '', requestId = '' } = first.extensions ?? {};
  return new Refusal(requestId ? `${first.message} (${requestId})` : first.message, code, field);
}

const passes = (status) => status === 429 || status === 502 || status === 503 || status === 504;

async function attempt(query, variables, abort) {
  try {
    return await send(query, variables, abort);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    return { status: 0, text: error.message, wait: 0 };
  }
}

async function repeatedly(query, variables, abort, repeats) {
  for (let tried = 0; ; tried++) {
    const reply = await attempt(query, variables, abort);
    if (reply.status !== 0 && !passes(reply.status)) {
      trouble.set('');
      return reply;
    }
    if (tried >= repeats) {
      trouble.set(''); // nobody goes on trying; who asked is told what came
      return reply;
    }
    trouble.set(reply.text || `HTTP ${reply.status}`);
    await sleep(Math.max(reply.wait, waits[tried]), abort);
  }
}

// ask gives the data of a query, and throws a Refusal.
export async function ask(query, variables = {}, { abort, repeats = waits.length } = {}) {
  const reply = await repeatedly(query, variables, abort, repeats);
  const refusal = reply.answer?.data && !reply.answer.errors ? null : refusalOf(reply);
  if (reply.status === 401) needsToken.set(refusal.message);
  if (refusal) throw refusal;
  return reply.answer.data;
}

// tell sends a mutation, once.
export const tell = (query, variables) => ask(query, variables, { repeats: 0 });

// everyPage reads a list to its end, or to `most` rows; found tells how far it is.
export async function everyPage(query, variables, name, { most = 5000, abort, found } = {}) {
  const rows = [];
  let after = null;
  for (;;) {
    const data = await ask(query, { ...variables, after }, { abort });
    rows.push(...data[name].edges.map((edge) => edge.node));
    found?.(rows);
    if (!data[name].pageInfo.hasNextPage) return { rows, whole: true };
    if (rows.length >= most) return { rows, whole: false };
    after = data[name].pageInfo.endCursor;
  }
}

// useWork runs work(abort, show) whenever one of what it depends on changes, and gives what it
// showed last. What comes late, for an earlier question, is dropped.
export function useWork(work, dependencies) {
  const [round, again] = useState(0);
  const [shown, show] = useState({ data: null, error: null, busy: true });
  const last = useRef(null);
  useEffect(() => {
    const stop = new AbortController();
    const put = (next) => {
      if (stop.signal.aborted) return;
      last.current = { ...last.current, ...next };
      show(last.current);
    };
    last.current = { data: last.current?.data ?? null, error: null, busy: true };
    show(last.current);
    work(stop.signal, (data) => put({ data })).then(
      (data) => put({ data, busy: false }),
      (error) => put({ error, busy: false }));
    return () => stop.abort();
  }, [...dependencies, round]);
  return { ...shown, again: () => again((count) => count + 1) };
}

export const useAsk = (query, variables) => useWork(
  (abort) => ask(query, variables, { abort }), [query, JSON.stringify(variables)]);
