// Following the feed: what the overview says about now comes from flows that this page has read.
import { ask } from './ask.js';

const tick = 3000;
const firstTick = 1000; // until there is a line to draw
const pagesMax = 10; // of 200 flows a tick; beyond that the rest is only counted by its numbers
const samplesMax = 20 * 60; // an hour
const lookBack = 1000; // flows read to begin with, so that the first sight is not empty

const headQuery = `query Head($warehouse: Code!) {
  flows(warehouse: $warehouse, first: 1) { safeSeq } }`;

const feedQuery = `query Feed($warehouse: Code!, $seq: Long!) {
  flows(warehouse: $warehouse, filter: {afterSeq: $seq}, first: 200) {
    safeSeq pageInfo { hasNextPage }
    edges { node { seq sku action jobType orderId lineId taskId revision } } } }`;

const hourOf = (name) => `${name}: flows(warehouse: $warehouse, first: 1,
  filter: {from: $${name}, to: $${name}to}) { edges { node { seq } } }`;

const keyOf = (flow) => [flow.action, flow.jobType, flow.orderId, flow.lineId, flow.taskId,
  flow.revision].join('\u0000');

// readOn reads what is new after seq. A line writes a flow for each row it touches, so lines are
// counted by their keys.
async function readOn(warehouse, seq, abort) {
  const keys = new Set();
  const skus = new Map();
  let flows = 0;
  for (let page = 0; page < pagesMax; page++) {
    const data = await ask(feedQuery, { warehouse, seq }, { abort });
    for (const { node } of data.flows.edges) {
      keys.add(keyOf(node));
      skus.set(node.sku, (skus.get(node.sku) ?? 0) + 1);
      flows++;
    }
    if (!data.flows.pageInfo.hasNextPage) {
      return { seq: data.flows.safeSeq, lines: keys.size, flows, skus };
    }
    seq = data.flows.edges.at(-1).node.seq;
  }
  const head = (await ask(headQuery, { warehouse }, { abort })).flows.safeSeq;
  const more = Number(BigInt(head) - BigInt(seq));
  return { seq: head, lines: Math.round(keys.size * (1 + more / flows)), flows: flows + more, skus,
    guessed: true };
}

const wait = (time, abort) => new Promise((wake) => {
  const timer = setTimeout(wake, time);
  abort.addEventListener('abort', () => { clearTimeout(timer); wake(); });
});

// follow samples the feed until it is aborted, and shows { samples, hot, lines, flows, seen }.
export async function follow(warehouse, abort, show) {
  const head = BigInt((await ask(headQuery, { warehouse }, { abort })).flows.safeSeq);
  let seq = String(head > BigInt(lookBack) ? head - BigInt(lookBack) : 0n);
  let last = null;
  const shown = { samples: [], hot: new Map(), lines: 0, flows: 0, now: 0 };
  while (!abort.aborted) {
    const read = await readOn(warehouse, seq, abort);
    const time = Date.now();
    for (const [sku, times] of read.skus) shown.hot.set(sku, (shown.hot.get(sku) ?? 0) + times);
    shown.lines += read.lines;
    shown.flows += read.flows;
    if (last !== null) { // the first reading is of the past, and says nothing about now
      shown.now = read.lines / ((time - last) / 1000);
      shown.samples = [...shown.samples.slice(1 - samplesMax), { time: time / 1000,
        rate: shown.now }];
    }
    last = time;
    seq = read.seq;
    show({ ...shown });
    await wait(shown.samples.length < 2 ? firstTick : tick, abort);
  }
  return shown;
}

// day finds the first flow of each of the last 24 hours: how far their numbers are apart is how
// many flows an hour had, but for holes in the numbers, and no ledger has to be read for it.
export async function day(warehouse, abort) {
  const hour = 3600000;
  const end = Math.floor(Date.now() / hour) * hour + hour;
  const starts = Array.from({ length: 24 }, (_, index) => end - (24 - index) * hour);
  const variables = { warehouse };
  const declared = starts.map((start, index) => {
    variables[`h${index}`] = new Date(start).toISOString();
    variables[`h${index}to`] = new Date(start + hour).toISOString();
    return `$h${index}: DateTime!, $h${index}to: DateTime!`;
  });
  const data = await ask(`query Day($warehouse: Code!, ${declared.join(', ')}) {
    head: flows(warehouse: $warehouse, first: 1) { safeSeq }
    ${starts.map((_, index) => hourOf(`h${index}`)).join('\n')} }`, variables, { abort });
  let next = Number(data.head.safeSeq) + 1;
  const flows = starts.map((_, index) => data[`h${index}`].edges[0]?.node.seq ?? null);
  for (let index = 23; index >= 0; index--) {
    const first = flows[index] === null ? next : Number(flows[index]);
    flows[index] = next - first;
    next = first;
  }
  return { times: starts.map((start) => start / 1000), flows,
    sum: flows.reduce((sum, some) => sum + some, 0) };
}
