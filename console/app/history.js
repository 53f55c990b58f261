// The history of a stock row: a chart, and the ledger below it; each flow can be traced to the call
// that made it.
import { html, useMemo, useState } from '../vendor/preact.js';
import { ask, everyPage, useWork } from './ask.js';
import { Chart } from './chart.js';
import { amount, before, count, signed, when } from './format.js';
import { List } from './list.js';
import { Answered, Dialog, Facts, Nothing, Table, When } from './parts.js';
import { address } from './route.js';
import { t } from './words.js';

const flowsMax = 5000;

export const flowFields = `seq rowSeq tier action leg jobType orderId lineId taskId revision
  reservation zone bin owner sku batch pack onHandDelta reservedDelta frozenDelta onHandAfter
  reservedAfter frozenAfter reason reference note actor occurredAt recordedAt`;

const flowsQuery = `query Flows($warehouse: Code!, $filter: FlowFilter!, $after: String) {
  flows(warehouse: $warehouse, filter: $filter, first: 200, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { ${flowFields} } } } }`;

const byLineQuery = `query ByLine($warehouse: Code!, $key: LineKey!) {
  flows: flowsByLine(warehouse: $warehouse, key: $key) { ${flowFields} } }`;

const byTaskQuery = `query ByTask($warehouse: Code!, $key: TaskKey!) {
  flows: flowsByTask(warehouse: $warehouse, key: $key) { ${flowFields} } }`;

export const keyText = (flow) => [flow.jobType, flow.taskId || `${flow.orderId} / ${flow.lineId}`,
  flow.revision === '0' ? '' : `#${flow.revision}`].filter(Boolean).join(' · ');

function Change({ after, delta }) {
  if (delta === '0') return html`<span class="none">${amount(after)}</span>`;
  const was = amount(before(after, delta));
  return html`<span title=${signed(delta)}>${was} → <b>${amount(after)}</b></span>`;
}

const ledgerColumns = () => [
  { title: t('Recorded'), width: '12.5rem', cell: (flow) => when(flow.recordedAt) },
  { title: t('Action'), width: '6.5rem', cell: (flow) => flow.action },
  { title: t('Key'), width: 'minmax(9rem, 1fr)', cell: (flow) => html`<span title=${keyText(flow)}
    >${keyText(flow)}</span>` },
  { title: t('Actor'), width: '6rem', cell: (flow) => flow.actor },
  { title: t('On hand'), width: '6.5rem', right: true, cell: (flow) => html`<${Change}
    after=${flow.onHandAfter} delta=${flow.onHandDelta}/>` },
  { title: t('Reserved'), width: '6.5rem', right: true, cell: (flow) => html`<${Change}
    after=${flow.reservedAfter} delta=${flow.reservedDelta}/>` },
  { title: t('Frozen'), width: '6rem', right: true, cell: (flow) => html`<${Change}
    after=${flow.frozenAfter} delta=${flow.frozenDelta}/>` }];

// Trace shows all that one call did, by the key of one of its flows.
export function Trace({ warehouse, flow, close }) {
  const { jobType, orderId, lineId, taskId, revision } = flow;
  const isTask = taskId !== '';
  const found = useWork((abort) => ask(isTask ? byTaskQuery : byLineQuery, { warehouse,
    key: isTask ? { jobType, taskId, revision } : { jobType, orderId, lineId, revision } },
  { abort }), [warehouse, flow]);
  return html`<${Dialog} title=${t('Flow {seq}', { seq: flow.seq ?? '' })} close=${close}>
    <${Facts} of=${[[t('Action'), flow.action], [t('Key'), keyText(flow)], [t('Actor'), flow.actor],
    [t('Recorded'), html`<${When} at=${flow.recordedAt}/>`],
    flow.occurredAt && [t('Occurred'), html`<${When} at=${flow.occurredAt}/>`],
    flow.reason && [t('Reason'), flow.reason], flow.reference && [t('Reference'), flow.reference],
    flow.note && [t('Note'), flow.note],
    flow.orderId && [t('Order'), html`<a href=${address('orders', { order: flow.orderId })}
      >${flow.orderId}</a>`]]}/>
    <h3>${t('All that this key did')}</h3>
    <${Answered} of=${found}>${(data) => html`<${Table} name=${t('All that this key did')}
      rows=${data.flows} columns=${[{ title: t('Number'), right: true,
        cell: (row) => row.seq ?? '–' },
    { title: t('Action'), cell: (row) => row.action },
    { title: t('Tier'), cell: (row) => row.tier },
    { title: t('Place'), cell: (row) => row.bin || row.zone },
    { title: t('SKU'), cell: (row) => row.sku }, { title: t('Batch'), cell: (row) => row.batch ||
      '–' },
    ...ledgerColumns().slice(4)]}/>`}</${Answered}></${Dialog}>`;
}

async function read(warehouse, params, abort, show) {
  const { sku, zone, bin, batch = '', pack = '', owner = '' } = params;
  const filter = bin ? { sku, bin, batch, tier: 'BIN' } : { sku, zone, batch, tier: 'ZONE' };
  // The filter has no pack or owner, so those of other packs and owners are left out here.
  const mine = (rows) => rows.filter((flow) => flow.pack === pack && flow.owner === owner);
  const { rows, whole } = await everyPage(flowsQuery, { warehouse, filter }, 'flows', { abort,
    most: flowsMax, found: (some) => show({ rows: mine(some), whole: true, reading: true }) });
  return { rows: mine(rows), whole, reading: false };
}

const pageOf = (rows) => async () => ({ edges: rows.map((node) => ({ node })),
  pageInfo: { hasNextPage: false, endCursor: null } });

function Drawn({ found, title, trace }) {
  const rows = found.rows;
  const newest = useMemo(() => [...rows].reverse(), [rows]);
  const chart = useMemo(() => {
    let last = 0;
    const times = rows.map((flow) => { // told late is no step back in time
      last = Math.max(last, new Date(flow.occurredAt ?? flow.recordedAt).getTime() / 1000);
      return last;
    });
    const amounts = (name) => rows.map((flow) => Number(flow[name]));
    return { times, series: [
      { label: t('On hand'), tone: '--accent', values: amounts('onHandAfter') },
      { label: t('Reserved'), tone: '--second', values: amounts('reservedAfter') },
      { label: t('Frozen'), tone: '--third', values: amounts('frozenAfter') }] };
  }, [rows]);
  if (rows.length === 0) return html`<${Nothing}>${t('Nothing has happened here.')}</${Nothing}>`;
  return html`${rows.length > 1 && html`<${Chart} ...${chart}
      title=${t('What was there, by when it occurred')}/>`}
    ${!found.whole && html`<p class="note">${t('Only the first {count} flows are shown.',
    { count: count(flowsMax) })}</p>`}
    <${List} name=${t('Ledger of {row}', { row: title })} columns=${ledgerColumns()}
      load=${pageOf(newest)}
      reset=${rows.length} tall=${360} pick=${trace}/>`;
}

export function History({ warehouse, params }) {
  const [traced, trace] = useState(null);
  const { sku, zone, bin, batch, pack } = params;
  const found = useWork((abort, show) => read(warehouse, params, abort, show),
    [warehouse, sku, zone, bin, batch, pack, params.owner]);
  const title = [bin || zone, sku, batch, pack].filter(Boolean).join(' · ');
  return html`<section class="panel"><h2>${t('History')} <small>${title}</small></h2>
    <p class="note">${t('Newest first. Choose a flow to trace it.')}</p>
    <${Answered} of=${found}>${(data) => (data.reading ? html`<p class="waiting" role="status">${
    t('{count} flows read …', { count: count(data.rows.length) })}</p>` :
    html`<${Drawn} found=${data} title=${title} trace=${trace}/>`)}</${Answered}>
    ${traced && html`<${Trace} warehouse=${warehouse} flow=${traced} close=${() => trace(null)}/>`}
    </section>`;
}
