// The floor: each bin a square, coloured by how full it is, how long nothing moved, or what is to
// be fetched there.
import { html, useEffect, useRef, useState } from '../vendor/preact.js';
import { everyPage, useAsk, useWork } from './ask.js';
import { count } from './format.js';
import { Ago, Amount, Answered, Choice, Dialog, Nothing, State, Table } from './parts.js';
import { address, go, turn } from './route.js';
import { t } from './words.js';

const binsMax = 3000; // of a zone: each is an element of the page

const zonesQuery = `query Zones($warehouse: Code!) {
  zones(warehouse: $warehouse, first: 200) { edges { node { code name allocatable } } } }`;

const binsQuery = `query Bins($warehouse: Code!, $zone: Code!, $after: String) {
  bins(warehouse: $warehouse, zone: $zone, first: 200, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { code kind blocked } } } }`;

const stocksQuery = `query Stocks($warehouse: Code!, $zones: [Code!], $after: String) {
  binStocks(warehouse: $warehouse, filter: {zones: $zones}, first: 200, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { bin onHand updatedAt } } } }`;

const tasksQuery = `query Tasks($warehouse: Code!, $zone: Code!, $after: String) {
  tasks(warehouse: $warehouse, filter: {zone: $zone, states: [OPEN], kinds: [PICK]}, first: 200,
    after: $after) { pageInfo { hasNextPage endCursor } edges { node { bin } } } }`;

const binQuery = `query Bin($warehouse: Code!, $bins: [Code!], $bin: Code!) {
  binStocks(warehouse: $warehouse, filter: {bins: $bins}, first: 200) { edges { node { id sku batch
    pack owner onHand reserved frozen available updatedAt zone } } }
  tasks(warehouse: $warehouse, filter: {bin: $bin, states: [OPEN]}, first: 50) { edges { node {
    id kind orderId sku qty done } } } }`;

const levels = 5;

async function zoneOf(warehouse, zone, abort) {
  const most = { abort, most: binsMax };
  const [bins, stocks, tasks] = await Promise.all([
    everyPage(binsQuery, { warehouse, zone }, 'bins', most),
    everyPage(stocksQuery, { warehouse, zones: [zone] }, 'binStocks', { abort, most: 4 * binsMax }),
    everyPage(tasksQuery, { warehouse, zone }, 'tasks', most)]);
  const found = new Map(bins.rows.map((bin) => [bin.code, { ...bin, onHand: 0, rows: 0, picks: 0,
    moved: '' }]));
  for (const row of stocks.rows) {
    const bin = found.get(row.bin);
    if (!bin || row.onHand === '0') continue;
    bin.onHand += Number(row.onHand);
    bin.rows++;
    if (row.updatedAt > bin.moved) bin.moved = row.updatedAt;
  }
  for (const task of tasks.rows) if (found.has(task.bin)) found.get(task.bin).picks++;
  return { bins: [...found.values()], whole: bins.whole && stocks.whole && tasks.whole };
}

const measures = {
  fill: (bin) => bin.onHand,
  age: (bin) => (bin.moved ? Date.now() - new Date(bin.moved).getTime() : 0),
  picks: (bin) => bin.picks,
};

function saying(bin, by) {
  const what = [bin.code, t('{count} pieces', { count: count(bin.onHand) })];
  if (by === 'picks') what.push(t('{count} open picks', { count: bin.picks }));
  if (bin.blocked) what.push(t('blocked'));
  return what.join(', ');
}

// Plan is one stop of the Tab key; the arrows go from bin to bin.
function Plan({ bins, by, choose, name }) {
  const element = useRef(null);
  const [at, goTo] = useState(0);
  const most = Math.max(...bins.map(measures[by]), 0);
  const level = (bin) => {
    const value = measures[by](bin);
    return value <= 0 || most <= 0 ? 0 : Math.max(1, Math.ceil(value / most * levels));
  };
  const press = (event) => {
    const wide = getComputedStyle(element.current).gridTemplateColumns.split(' ').length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -wide, ArrowDown: wide }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = Math.min(bins.length - 1, Math.max(0, at + step));
    goTo(next);
    element.current.children[next].focus();
  };
  return html`<div class="map" ref=${element} role="group" aria-label=${name} onKeyDown=${press}>${
    bins.map((bin, index) => html`<button type="button" key=${bin.code} title=${saying(bin, by)}
      aria-label=${saying(bin, by)} tabindex=${index === at ? 0 : -1} data-bin=${bin.code}
      class=${`cell level${level(bin)}${bin.blocked ? ' blocked' : ''}`}
      onClick=${() => { goTo(index); choose(bin.code); }}></button>`)}</div>`;
}

function Zone({ warehouse, zone, by, choose, done, wait }) {
  const found = useWork(async (abort) => (wait ? null : zoneOf(warehouse, zone.code, abort)),
    [warehouse, zone.code, wait]);
  useEffect(() => {
    if (found.data || found.error) done();
  }, [found.data, found.error]);
  return html`<section class="panel"><h2>${zone.name || zone.code} <small>${zone.code}</small>
    ${!zone.allocatable && html` <small>${t('not promised from')}</small>`}</h2>
    <${Answered} of=${found}>${({ bins, whole }) => (bins.length === 0 ? html`<${Nothing}>${
    t('No bins.')}</${Nothing}>` : html`<p class="note">${t('{count} bins, {full} with goods', {
    count: count(bins.length), full: count(bins.filter((bin) => bin.rows > 0).length) })}${
    whole ? '' : ` · ${t('more than can be drawn; the rest is left out')}`}</p>
    <${Plan} bins=${bins} by=${by} choose=${choose} name=${zone.name ||
      zone.code}/>`)}</${Answered}>
  </section>`;
}

function Bin({ warehouse, bin, close }) {
  const found = useAsk(binQuery, { warehouse, bins: [bin], bin });
  return html`<${Dialog} title=${`${t('Bin')} ${bin}`} close=${close}><${Answered}
    of=${found}>${(data) => {
    const rows = data.binStocks.edges.map((edge) => edge.node).filter((row) => row.onHand !== '0');
    const tasks = data.tasks.edges.map((edge) => edge.node);
    return html`${rows.length === 0 ? html`<${Nothing}>${t('Nothing lies here.')}</${Nothing}>` :
      html`<${Table} name=${t('What lies here')} rows=${rows} columns=${[
        { title: t('SKU'), cell: (row) => html`<a href=${address('stock', {
          sku: row.sku, row: 'yes', zone: row.zone, bin, batch: row.batch, pack: row.pack,
          owner: row.owner })}>${row.sku}</a>` },
        { title: t('Batch'), cell: (row) => row.batch || '–' },
        { title: t('Pack'), cell: (row) => row.pack || '–' },
        { title: t('On hand'), right: true, cell: (row) => html`<${Amount} of=${row.onHand}/>` },
        { title: t('Reserved'), right: true, cell: (row) => html`<${Amount} of=${row.reserved}/>` },
        { title: t('Frozen'), right: true, cell: (row) => html`<${Amount} of=${row.frozen}/>` },
        { title: t('Last change'), cell: (row) => html`<${Ago} at=${row.updatedAt}/>` }]}/>`}
    ${tasks.length > 0 && html`<h3>${t('Open tasks')}</h3><${Table} name=${t('Open tasks')}
      rows=${tasks}
      columns=${[{ title: t('Kind'), cell: (row) => html`<${State} of=${row.kind} tone="plain"/>` },
    { title: t('Order'), cell: (row) => row.orderId && html`<a href=${address('orders',
      { order: row.orderId })}>${row.orderId}</a>` },
    { title: t('SKU'), cell: (row) => row.sku },
    { title: t('Quantity'), right: true, cell: (row) => html`<${Amount} of=${row.qty}/>` },
    { title: t('Done'), right: true, cell: (row) => html`<${Amount} of=${row.done}/>` }]}/>`}`;
  }}</${Answered}></${Dialog}>`;
}

const legends = () => ({ fill: [t('empty'), t('fullest of its zone')],
  age: [t('empty, or just moved'), t('longest without a change')],
  picks: [t('no open pick'), t('most open picks of its zone')] });

export default function Floor({ warehouse, params }) {
  const by = params.by in measures ? params.by : 'fill';
  const [drawn, draw] = useState(0); // zones are read one after the other
  const zones = useAsk(zonesQuery, { warehouse });
  const [low, high] = legends()[by];
  return html`<h1>${t('Floor')}</h1><div class="line panel">
    <${Choice} label=${t('Colour by')} value=${by} change=${(next) => turn('floor', { ...params,
      by: next })}
      of=${[['fill', t('fill: pieces in it')], ['age', t('age: since its last change')],
    ['picks', t('open picks')]]}/>
    <p class="legend"><span>${low}</span>${Array.from({ length: levels + 1 }, (_, level) => html`<i
      class=${`cell level${level}`}></i>`)}<span>${high}</span></p></div>
    <${Answered} of=${zones}>${(data) => data.zones.edges.map(({ node }, index) => html`<${Zone}
      key=${node.code} warehouse=${warehouse} zone=${node} by=${by} wait=${index > drawn}
      done=${() => draw((last) => Math.max(last, index + 1))}
      choose=${(bin) => go('floor', { ...params, bin })}/>`)}</${Answered}>
    ${params.bin && html`<${Bin} key=${params.bin} warehouse=${warehouse} bin=${params.bin}
      close=${() => go('floor', { ...params, bin: '' })}/>`}`;
}
