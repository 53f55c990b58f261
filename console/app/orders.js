// An order: what was promised to it, where it is fetched, what fell short, and why.
import { html, useState } from '../vendor/preact.js';
import { ask, useAsk } from './ask.js';
import { ago, before, when } from './format.js';
import { List } from './list.js';
import { Amount, Answered, Nothing, Search, State, Table, When } from './parts.js';
import { address, go } from './route.js';
import { Holders, WhatIf } from './why.js';
import { t } from './words.js';

const orderQuery = `query Order($warehouse: Code!, $order: Code!) {
  reservations(warehouse: $warehouse, filter: {orderId: $order}, first: 200) {
    pageInfo { hasNextPage } edges { node { id jobType orderId lineId revision sku owner priority
      requested held open deducted released state createdAt expiresAt
      holds { zone batch pack reserved pinned deducted released } } } }
  tasks(warehouse: $warehouse, filter: {orderId: $order}, first: 200) {
    pageInfo { hasNextPage } edges { node { id kind taskId state lineId zone bin toBin sku batch qty
      done } } }
  shortages(warehouse: $warehouse, filter: {orderId: $order}, first: 200) {
    pageInfo { hasNextPage } edges { node { id lineId sku qty covered state cover
      createdAt } } } }`;

const openQuery = `query Open($warehouse: Code!, $after: String) {
  reservations(warehouse: $warehouse, filter: {states: [OPEN]}, first: 200, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { orderId lineId sku open createdAt } } } }`;

const shortQuery = `query Short($warehouse: Code!, $after: String) {
  shortages(warehouse: $warehouse, filter: {states: [OPEN]}, first: 200, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { orderId lineId sku qty covered
      createdAt } } } }`;

const nodes = (connection) => connection.edges.map((edge) => edge.node);

const SkuLink = ({ sku }) => html`<a href=${address('stock', { sku })}>${sku}</a>`;

function Holds({ reservation, holders }) {
  return html`<ul class="holds">${reservation.holds.map((hold) => html`<li>${[hold.zone, hold.batch,
    hold.pack].filter(Boolean).join(' · ')}${hold.reserved !== '0' && html`: <${Amount}
    of=${hold.reserved}/> <button type="button" class="small" onClick=${() => holders({ ...hold,
    sku: reservation.sku, owner: reservation.owner })}>${
      t('Who holds it?')}</button>`}</li>`)}</ul>`;
}

const Reservations = ({ rows, why, holders }) => html`<${Table} name=${t('Reservations')}
  rows=${rows}
  columns=${[{ title: t('Line'), cell: (row) => row.lineId },
    { title: t('SKU'), cell: (row) => html`<${SkuLink} sku=${row.sku}/>` },
    { title: t('State'), cell: (row) => html`<${State} of=${row.state}/>` },
    { title: t('Asked'), right: true, cell: (row) => html`<${Amount} of=${row.requested}/>` },
    { title: t('Held'), right: true, cell: (row) => html`<${Amount} of=${row.held}/>` },
    { title: t('Open'), right: true, cell: (row) => html`<${Amount} of=${row.open}/>` },
    { title: t('Where'), cell: (row) => html`<${Holds} reservation=${row} holders=${holders}/>` },
    { title: t('Made'), cell: (row) => html`<${When} at=${row.createdAt}/>` },
    { title: t('Reason'), cell: (row) => row.sku && html`<button type="button" class="small"
      onClick=${() => why(row)}>${t('Why this batch?')}</button>` }]}/>`;

const Tasks = ({ rows }) => html`<${Table} name=${t('Tasks')} rows=${rows} columns=${[
  { title: t('Kind'), cell: (row) => row.kind },
  { title: t('State'), cell: (row) => html`<${State} of=${row.state}/>` },
  { title: t('Line'), cell: (row) => row.lineId },
  { title: t('Bin'), cell: (row) => row.bin },
  { title: t('To'), cell: (row) => row.toBin || '–' },
  { title: t('SKU'), cell: (row) => html`<${SkuLink} sku=${row.sku}/>` },
  { title: t('Batch'), cell: (row) => row.batch || '–' },
  { title: t('Quantity'), right: true, cell: (row) => html`<${Amount} of=${row.qty}/>` },
  { title: t('Done'), right: true, cell: (row) => html`<${Amount} of=${row.done}/>` },
  { title: t('Task'), cell: (row) => row.taskId }]}/>`;

const Shortages = ({ rows }) => html`<${Table} name=${t('Shortages')} rows=${rows} columns=${[
  { title: t('Line'), cell: (row) => row.lineId },
  { title: t('SKU'), cell: (row) => html`<${SkuLink} sku=${row.sku}/>` },
  { title: t('State'), cell: (row) => html`<${State} of=${row.state}/>` },
  { title: t('Short'), right: true, cell: (row) => html`<${Amount} of=${row.qty}/>` },
  { title: t('Covered'), right: true, cell: (row) => html`<${Amount} of=${row.covered}/>` },
  { title: t('Covered by itself'), cell: (row) => (row.cover ? t('yes') : t('no')) },
  { title: t('Made'), cell: (row) => html`<${When} at=${row.createdAt}/>` }]}/>`;

const Part = ({ name, rows, none, more,
  children }) => html`<h3>${name} <small>${rows.length}</small></h3>
  ${rows.length ? children : html`<${Nothing}>${none}</${Nothing}>`}
  ${more && html`<p class="note">${t('Only the first {count} rows are shown.',
    { count: 200 })}</p>`}`;

function Order({ warehouse, order }) {
  const [why, explain] = useState(null);
  const [row, holders] = useState(null);
  const found = useAsk(orderQuery, { warehouse, order });
  return html`<section class="panel"><h2>${t('Order')} ${order}</h2><${Answered}
    of=${found}>${(data) => {
    const [reservations, tasks, shortages] = [data.reservations, data.tasks,
      data.shortages].map(nodes);
    const none = reservations.length + tasks.length + shortages.length === 0;
    const unknown = t('Nothing is known of an order of that name.');
    return none ? html`<${Nothing}>${unknown}</${Nothing}>` : html`
      <${Part} name=${t('Reservations')} rows=${reservations} none=${
        t('Nothing was promised to it.')}
        more=${data.reservations.pageInfo.hasNextPage}>
        <${Reservations} rows=${reservations} why=${explain} holders=${holders}/></${Part}>
      <${Part} name=${t('Tasks')} rows=${tasks} none=${t('No task was made for it.')}
        more=${data.tasks.pageInfo.hasNextPage}><${Tasks} rows=${tasks}/></${Part}>
      <${Part} name=${t('Shortages')} rows=${shortages} none=${t('Nothing fell short.')}
        more=${data.shortages.pageInfo.hasNextPage}><${Shortages} rows=${shortages}/></${Part}>`;
  }}</${Answered}>
  ${why && html`<${WhatIf} warehouse=${warehouse} reservation=${why}
    close=${() => explain(null)}/>`}
  ${row && html`<${Holders} warehouse=${warehouse} row=${row}
    close=${() => holders(null)}/>`}</section>`;
}

const tabs = () => [['open', t('Open reservations')], ['shortages', t('Open shortages')]];

function Lines({ warehouse, params, tab }) {
  const isShort = tab === 'shortages';
  const load = async (after, abort) => (await ask(isShort ? shortQuery : openQuery,
    { warehouse, after }, { abort }))[isShort ? 'shortages' : 'reservations'];
  return html`<${List} name=${tabs().find(([code]) => code === tab)[1]} load=${load}
    reset=${`${warehouse} ${tab}`} tall=${560} pick=${(row) => go('orders', { tab,
      order: row.orderId })}
    picked=${(row) => row.orderId === params.order}
    empty=${isShort ? t('Nothing is short.') : t('No reservation is open.')} columns=${[
  { title: t('Order'), width: 'minmax(8.5rem, 1fr)', cell: (row) => row.orderId },
  { title: t('Line'), width: '3rem', cell: (row) => row.lineId },
  { title: t('Quantity'), width: '4.5rem', right: true, cell: (row) => html`<${Amount}
    of=${isShort ? before(row.qty, row.covered) : row.open}/>` },
  { title: t('Age'), width: '4rem', cell: (row) => html`<span title=${when(row.createdAt)}
    >${ago(row.createdAt, 'short')}</span>` }]}/>`;
}

export default function Orders({ warehouse, params }) {
  // What was typed counts for the order that was shown then; another one says its own name.
  const shown = params.order ?? '';
  const [last, keep] = useState({ of: shown, text: shown });
  const typed = last.of === shown ? last.text : shown;
  const type = (text) => keep({ of: shown, text });
  const tab = params.tab === 'shortages' ? 'shortages' : 'open';
  const submit = (event) => {
    event.preventDefault();
    go('orders', { tab: params.tab, order: typed.trim() });
  };
  return html`<h1>${t('Orders')}</h1><div class="sides"><section class="panel">
    <form class="line" onSubmit=${submit}><${Search} label=${t('Order')} value=${typed}
      change=${type}/>
      <button>${t('Find')}</button></form>
    <div class="tabs">${tabs().map(([code, name]) => html`<a href=${address('orders', { ...params,
      tab: code })} aria-current=${code === tab ? 'true' : null}>${name}</a>`)}</div>
    <${Lines} warehouse=${warehouse} params=${params} tab=${tab}/></section>
    <div>${params.order ? html`<${Order} key=${params.order} warehouse=${warehouse}
      order=${params.order}/>` : html`<section class="panel"><${Nothing}>${
  t('Choose an order, or name one.')}</${Nothing}></section>`}</div></div>`;
}
