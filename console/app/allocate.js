// Allocate: order lines in, what would be chosen and why, then the same for good.
import { html, useRef, useState } from '../vendor/preact.js';
import { tell } from './ask.js';
import { count } from './format.js';
import { parse } from './lines.js';
import { Amount, Choice, Dialog, Field, Refused, State, Table } from './parts.js';
import { address } from './route.js';
import { useKept } from './state.js';
import { candidateFields, Explanation } from './why.js';
import { t } from './words.js';

// A wave is sent in parts, so that there is progress to show; each order is whole in its part.
const linesAtOnce = 100;

const allocateQuery = `mutation Allocate($orders: [AllocateOrder!]!, $dryRun: Boolean!,
    $createTasks: Boolean!, $strategy: Code) {
  allocate(orders: $orders, dryRun: $dryRun, createTasks: $createTasks, strategy: $strategy) {
    orders { orderId code lines { index code field message qtyApplied shortage decidedBy
      tasks { bin qty } explanation { ${candidateFields} } } } } }`;

const example = `order,line,sku,qty
`;

const strategies = () => [['', t('as the engine is set')], 'FEFO', 'FIFO', 'LIFO',
  'NEAREST', 'FEWEST_BINS', 'EMPTY_BIN', 'FULL_PACKS'];

function parts(orders) {
  const found = [];
  let lines = linesAtOnce;
  for (const order of orders) {
    if (lines + order.lines.length > linesAtOnce) {
      found.push([]);
      lines = 0;
    }
    found.at(-1).push(order);
    lines += order.lines.length;
  }
  return found;
}

// rowsOf puts answers beside what was asked for.
const rowsOf = (orders, answers) => answers.flatMap((answer, place) => answer.lines.map(
  (result, index) => ({ ...result, ...orders[place].lines[index], orderId: answer.orderId })));

async function send(orders, options, progress) {
  const { warehouse, jobType, strategy, dryRun, createTasks } = options;
  const rows = [];
  for (const part of parts(orders)) {
    const data = await tell(allocateQuery, { dryRun, createTasks, strategy: strategy || null,
      orders: part.map(({ owner, channel, ...order }) => ({ ...order, warehouse, jobType,
        ...(owner ? { owner } : {}), ...(channel ? { channel } : {}) })) });
    rows.push(...rowsOf(part, data.allocate.orders));
    progress(rows);
  }
  return rows;
}

function Results({ rows, dryRun, explain }) {
  const short = rows.filter((row) => row.shortage !== '0' || row.message).length;
  return html`<p role="status">${dryRun ? t('A dry run: nothing was changed.') : t('Done.')} ${
    t('{count} lines, of which {short} are short or refused', { count: count(rows.length),
      short: count(short) })}</p>
    <${Table} name=${t('Answers')} rows=${rows.slice(0, 500)} columns=${[
    { title: t('Order'), cell: (row) => (dryRun ? row.orderId : html`<a href=${address('orders',
      { order: row.orderId })}>${row.orderId}</a>`) },
    { title: t('Line'), cell: (row) => row.lineId },
    { title: t('SKU'), cell: (row) => row.sku },
    { title: t('Asked'), right: true, cell: (row) => html`<${Amount} of=${row.qty}/>` },
    { title: t('Answer'), cell: (row) => html`<${State} of=${row.code}/>` },
    { title: t('Served'), right: true, cell: (row) => html`<${Amount} of=${row.qtyApplied}/>` },
    { title: t('Short'), right: true, cell: (row) => html`<${Amount} of=${row.shortage} quiet/>` },
    { title: t('Bins'), cell: (row) => row.tasks.map(({ bin, qty }) =>
      `${bin} × ${qty}`).join(', ') },
    { title: t('Why'), cell: (row) => html`${row.message && html`<span class="said">${row.field ?
      `${row.field}: ` : ''}${row.message}</span> `}${row.explanation.length > 0 && html`<button
      type="button" class="small" onClick=${() => explain(row)}>${
        t('Why this stock?')}</button>`}` },
  ]}/>${rows.length > 500 && html`<p class="note">${t('Only the first {count} rows are shown.',
    { count: 500 })}</p>`}`;
}

function Form({ kept, keep, busy, run, checked }) {
  const file = useRef(null);
  const set = (name) => (value) => keep({ ...kept, [name]: value, ...(name === 'text' ?
    { answer: null } : {}) });
  const upload = async () => {
    const [chosen] = file.current.files;
    if (chosen) set('text')(await chosen.text());
    file.current.value = '';
  };
  return html`<form class="panel" onSubmit=${(event) => { event.preventDefault(); run(true); }}>
    <${Field} label=${t('Order lines')} hint=${[t('CSV, or pasted from a spreadsheet.'),
      t('Columns: order, line, sku, qty.'),
      t('If you like: batch, pack, owner, priority, channel, min days, ship complete.')].join(' ')}>
      <textarea data-search rows="10" class="code" spellcheck="false" value=${kept.text}
        placeholder=${example}
          onInput=${(event) => set('text')(event.target.value)}></textarea></${Field}>
    <div class="line"><${Field} label=${t('or a file')}><input type="file" ref=${file}
        accept=".csv,.tsv,.txt,text/csv" onChange=${upload}/></${Field}>
      <${Field} label=${t('Job type')}><input value=${kept.jobType} required maxlength="64"
        onInput=${(event) => set('jobType')(event.target.value)}/></${Field}>
      <${Choice} label=${t('Strategy')} value=${kept.strategy} of=${strategies()}
        change=${set('strategy')}/>
      <label class="check"><input type="checkbox" checked=${kept.createTasks}
        onChange=${(event) => set('createTasks')(event.target.checked)}/> ${
  t('make pick tasks')}</label>
    </div>
    <div class="line"><button class="main" disabled=${busy || !kept.text.trim()}>${
      t('Dry run')}</button>
      <button type="button" class="danger" disabled=${busy || !checked} onClick=${() => run(false)}
        title=${checked ? '' : t('Do the dry run first.')}>${
          t('Allocate for good')}</button></div></form>`;
}

export default function Allocate({ warehouse }) {
  const [kept, keep] = useKept('allocate', { text: '', jobType: 'ORDER', strategy: '',
    createTasks: true, answer: null });
  const [state, show] = useState({ busy: false, done: 0, all: 0, error: null });
  const [explained, explain] = useState(null);
  const run = async (dryRun) => {
    let orders;
    try {
      orders = parse(kept.text);
    } catch (error) {
      show({ busy: false, error });
      return;
    }
    const all = orders.reduce((sum, order) => sum + order.lines.length, 0);
    const question = JSON.stringify([warehouse, kept.text, kept.jobType, kept.strategy]);
    const progress = (rows) => {
      show({ busy: true, done: rows.length, all, error: null });
      keep((now) => ({ ...now,
        answer: { dryRun, rows: [...rows], question, whole: rows.length === all } }));
    };
    show({ busy: true, done: 0, all, error: null });
    try {
      await send(orders, { ...kept, warehouse, dryRun }, progress);
      show({ busy: false, error: null });
    } catch (error) {
      show({ busy: false, error, unsure: !dryRun });
    }
  };
  const { answer } = kept;
  const checked = answer?.question === JSON.stringify([warehouse, kept.text, kept.jobType,
    kept.strategy]) && ((answer.dryRun && answer.whole) || state.unsure);
  return html`<h1>${t('Allocate')}</h1>
    <${Form} kept=${kept} keep=${keep} busy=${state.busy} run=${run} checked=${checked}/>
    ${state.busy && html`<p role="status" class="waiting"><progress max=${state.all}
      value=${state.done}
      aria-label=${t('Progress')}></progress> ${count(state.done)} / ${count(state.all)}</p>`}
    <${Refused} error=${state.error}/>
    ${state.unsure && html`<p class="note">${
    t('Send it again when you like: what was done already is answered REPLAYED, not done twice.')
  }</p>`}
    ${answer && html`<section class="panel"><h2>${answer.dryRun ? t('What would be done') :
    t('What was done')}</h2><${Results} rows=${answer.rows} dryRun=${answer.dryRun}
      explain=${explain}/></section>`}
    ${explained && html`<${Dialog}
      title=${`${explained.orderId} / ${explained.lineId}: ${explained.sku}`}
      close=${() => explain(null)}><${Explanation} of=${explained.explanation}
      decidedBy=${explained.decidedBy}/></${Dialog}>`}`;
}
