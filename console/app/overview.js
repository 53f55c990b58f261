// How the warehouse is now.
import { html, useEffect, useMemo } from '../vendor/preact.js';
import { everyPage, useAsk, useWork } from './ask.js';
import { Chart } from './chart.js';
import { day, follow } from './feed.js';
import { count, percent, rate, span } from './format.js';
import { Ago, Answered, Nothing, Refused, State, Table, Waiting, When } from './parts.js';
import { address } from './route.js';
import { t } from './words.js';

const readMax = 10000;
const refresh = 60000; // of what is not followed

const reservationsQuery = `query Reservations($warehouse: Code!, $after: String,
    $states: [ReservationState!]) {
  reservations(warehouse: $warehouse, filter: {states: $states}, first: 200, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { held open createdAt } } } }`;

const shortagesQuery = `query Shortages($warehouse: Code!, $after: String) {
  shortages(warehouse: $warehouse, first: 200, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { qty covered state } } } }`;

const runs = (scope) => `${scope}: reconciliationRuns(warehouse: $warehouse, scope: ${scope},
  first: 1) { edges { node { scope state open startedAt finishedAt error } } }`;

const runsQuery = `query Runs($warehouse: Code!) {
  ${['LEDGER', 'TIERS', 'RESERVATIONS', 'EXTERNAL'].map(runs).join('\n')} }`;

const outboxQuery = `query Outbox { syncStreams { direction state lagSeconds dead } }`;

const atLeast = (list) => count(list.rows.length) + (list.whole ? '' : '+');

async function promises(warehouse, abort) {
  const most = { most: readMax, abort };
  const [open, ended, short] = await Promise.all([
    everyPage(reservationsQuery, { warehouse, states: ['OPEN'] }, 'reservations', most),
    everyPage(reservationsQuery, { warehouse, states: ['DEDUCTED', 'RELEASED', 'EXPIRED'] },
      'reservations', most),
    everyPage(shortagesQuery, { warehouse }, 'shortages', most)]);
  const all = [...open.rows, ...ended.rows];
  const held = all.reduce((sum, row) => sum + Number(row.held), 0);
  const missed = short.rows.reduce((sum, row) => sum + Number(row.qty) - Number(row.covered), 0);
  const oldest = open.rows.reduce((first, row) => (first && first < row.createdAt ? first :
    row.createdAt), '');
  const openShort = short.rows.filter((row) => row.state === 'OPEN').length;
  return { open: atLeast(open), oldest, short: count(openShort) + (short.whole ? '' : '+'),
    fill: held + missed > 0 ? held / (held + missed) : null, read: all.length + short.rows.length,
    whole: open.whole && ended.whole && short.whole };
}

const Tile = ({ name, value, children, to }) => html`<section class="tile">
  <h2>${to ? html`<a href=${to}>${name}</a>` : name}</h2><p class="figure">${value}</p>
  <p class="note">${children}</p></section>`;

function Promises({ of }) {
  if (of.error) return html`<${Refused} error=${of.error} again=${of.again}/>`;
  const facts = of.data;
  if (!facts) return html`<${Waiting}/>`;
  return html`<${Tile} name=${t('Fill rate')} value=${facts.fill === null ? '–' :
    percent(facts.fill)}
      to="#/orders">${facts.whole ? t('of what was asked for was promised; the rest is short') :
  t('of the first {count} reservations and shortages', { count: count(facts.read) })}</${Tile}>
    <${Tile} name=${t('Open reservations')} value=${facts.open} to="#/orders">${facts.oldest ?
  html`${t('the oldest is from')} <${Ago} at=${facts.oldest}/>` : t('nothing is waiting')}</${Tile}>
    <${Tile} name=${t('Open shortages')} value=${facts.short} to="#/orders?tab=shortages">${
  t('lines that stock did not serve')}</${Tile}>`;
}

function Now({ feed, today }) {
  const perLine = feed.data?.flows ? feed.data.lines / feed.data.flows : null;
  const lines = today.data && perLine ? today.data.sum * perLine : 0;
  return html`<${Tile} name=${t('Lines a second, now')} value=${feed.data ? rate(feed.data.now) :
    '…'}>${
    t('sampled by this page from the feed, every 3 seconds')}</${Tile}>
  <${Tile} name=${t('Lines, last 24 hours')} value=${today.data ? count(Math.round(lines)) : '…'}>${
    t('about {rate} a second; estimated from the numbers of the feed',
      { rate: rate(lines / 86400) })}</${Tile}>`;
}

// Outbox is what systems have not been told yet, with what was given up either way.
function Outbox({ of }) {
  if (of.error) return html`<${Refused} error=${of.error} again=${of.again}/>`;
  if (!of.data) return html`<${Waiting}/>`;
  const rows = of.data.syncStreams;
  const lags = rows.filter((row) => row.direction === 'PUSH' && row.lagSeconds !== null)
    .map((row) => row.lagSeconds);
  const dead = rows.reduce((sum, row) => sum + row.dead, 0);
  const failing = rows.filter((row) => row.state === 'FAILING').length;
  const bad = failing + dead > 0;
  return html`<${Tile} name=${t('Oldest outbox message')} to="#/sync" value=${lags.length > 0 ?
    span(Math.max(...lags)) : '–'}>${rows.length === 0 ? t('No system is connected yet.') :
  html`<span class=${bad ? 'state bad' : ''}>${t('{dead} dead letters, {failing} streams fail',
    { dead: count(dead), failing: count(failing) })}</span>`}</${Tile}>`;
}

function Hot({ feed }) {
  const hottest = feed ? [...feed.hot].sort((a, b) => b[1] - a[1]).slice(0, 10) : [];
  return html`<section class="panel"><h2>${t('Hottest SKUs')}</h2>
    <p class="note">${t('by flows among the last {count} that this page has read',
    { count: count(feed?.flows ?? 0) })}</p>
    ${hottest.length === 0 ? html`<${Nothing}>${t('No flow was seen yet.')}</${Nothing}>` :
    html`<ol class="bars">${hottest.map(([sku, times]) => html`<li><a
      href=${address('stock', { sku })}>${sku}</a><meter min="0" max=${hottest[0][1]} value=${times}
      aria-label=${sku}></meter><span>${count(times)}</span></li>`)}</ol>`}</section>`;
}

function Runs({ of }) {
  return html`<section class="panel"><h2><a href="#/reconciliation">${
    t('Last reconciliation')}</a></h2>
    <${Answered} of=${of}>${(data) => html`<${Table} name=${t('Last reconciliation')}
      rows=${Object.entries(data).map(([scope, { edges }]) => ({ scope, ...edges[0]?.node }))}
      columns=${[{ title: t('Scope'), cell: (row) => row.scope },
    { title: t('State'), cell: (row) => (row.state ? html`<${State} of=${row.state}/>` :
      t('never ran')) },
    { title: t('Open'), right: true, cell: (row) => row.open ?? '' },
    { title: t('Finished'), cell: (row) => html`<${When} at=${row.finishedAt}/>` }]}/>`}
    </${Answered}></section>`;
}

export default function Overview({ warehouse }) {
  const feed = useWork((abort, show) => follow(warehouse, abort, show), [warehouse]);
  const today = useWork((abort) => day(warehouse, abort), [warehouse]);
  const kept = useWork((abort) => promises(warehouse, abort), [warehouse]);
  const runs = useAsk(runsQuery, { warehouse });
  const outbox = useAsk(outboxQuery, {});
  useEffect(() => { // so that a page that hangs on a wall is not of yesterday
    const all = [today, kept, runs, outbox];
    const timer = setInterval(() => all.forEach((one) => one.again()), refresh);
    return () => clearInterval(timer);
  }, [warehouse]);
  const samples = feed.data?.samples ?? [];
  const now = useMemo(() => ({ times: samples.map((sample) => sample.time),
    series: [{ label: t('lines a second'), tone: '--accent',
      values: samples.map((one) => one.rate) }],
  }), [samples]);
  return html`<h1>${t('Overview')}</h1>
    <${Refused} error=${feed.error} again=${feed.again}/>
    <div class="tiles"><${Now} feed=${feed} today=${today}/><${Promises} of=${kept}/>
      <${Outbox} of=${outbox}/></div>
    <div class="halves">
      <section class="panel"><${Answered} of=${today}>${(data) => html`<${Chart} kind="bars"
        title=${t('Flows an hour, last 24 hours')} times=${data.times}
        series=${[{ label: t('flows'), tone: '--accent', values: data.flows }]}/>`}</${Answered}>
      </section>
      <section class="panel">${samples.length > 1 ? html`<${Chart} title=${
    t('Lines a second since this page was opened')} ...${now}/>` :
    html`<${Waiting} what=${t('The second sample comes in some seconds …')}/>`}</section>
      <${Hot} feed=${feed.data}/><${Runs} of=${runs}/>
    </div>`;
}
