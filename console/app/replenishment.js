// Replenishment: what to bring to where it is picked, and what to buy.
import { html, useState } from '../vendor/preact.js';
import { ask, tell, useAsk } from './ask.js';
import { List } from './list.js';
import { Amount, Answered, Facts, Field, Nothing, Refused, State, When } from './parts.js';
import { address } from './route.js';
import { useKept } from './state.js';
import { t } from './words.js';

const runFields = 'id businessDate number moves buys leftOut createTasks createdAt';

const latestQuery = `query Latest($warehouse: Code!) {
  replenishmentSuggestions(warehouse: $warehouse, first: 1) { edges { node {
    run { ${runFields} } } } } }`;

const suggestionsQuery = `query Suggestions($warehouse: Code!, $after: String) {
  replenishmentSuggestions(warehouse: $warehouse, first: 100, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { line kind reason sku batch pack owner qty
      zone bin toZone toBin present wanted taskId } } } }`;

const runQuery = `mutation Run($warehouse: Code!, $number: Int!, $cover: Int!, $lead: Int!,
    $level: Decimal!, $tasks: Boolean!) {
  runReplenishment(warehouse: $warehouse, number: $number, coverDays: $cover, leadDays: $lead,
    serviceLevel: $level, createTasks: $tasks) { code field message run { ${runFields} } } }`;

const Run = ({ run }) => html`<${Facts} of=${[[t('Business date'), run.businessDate],
  [t('Number'), run.number], [t('Moves'), run.moves], [t('Buys'), run.buys],
  [t('Left out'), run.leftOut], [t('Tasks'), run.createTasks ? t('yes') : t('no')],
  [t('Made'), html`<${When} at=${run.createdAt}/>`]]}/>`;

function RunNow({ warehouse, next, done }) {
  const [kept, keep] = useKept('replenishment', { number: null, cover: 7, lead: 14, level: '0.95',
    tasks: true });
  const [answer, show] = useState(null);
  const [busy, work] = useState(false);
  const number = kept.number ?? next;
  const field = (name, type = 'number') => html`<input type=${type} required min="0"
    inputmode="decimal"
    value=${name === 'number' ? number : kept[name]} onInput=${(event) => keep({ ...kept,
  [name]: type === 'number' ? event.target.valueAsNumber : event.target.value })}/>`;
  const submit = async (event) => {
    event.preventDefault();
    work(true);
    show(null);
    try {
      const { runReplenishment: said } = await tell(runQuery, { warehouse, ...kept, number });
      show(said);
      keep((now) => ({ ...now, number: said.run ? said.run.number + 1 : number }));
      if (said.run) done();
    } catch (error) {
      show(error);
    }
    work(false);
  };
  const isDone = answer?.code === 'APPLIED' || answer?.code === 'REPLAYED';
  return html`<form class="panel" onSubmit=${submit}><h2>${t('Run now')}</h2><div class="line">
    <${Field} label=${t('Number of the run today')}>${field('number')}</${Field}>
    <${Field} label=${t('Days to cover')}>${field('cover')}</${Field}>
    <${Field} label=${t('Lead time, days')}>${field('lead')}</${Field}>
    <${Field} label=${t('Service level')}>${field('level', 'text')}</${Field}>
    <label class="check"><input type="checkbox" checked=${kept.tasks} onChange=${(event) => keep({
    ...kept, tasks: event.target.checked })}/> ${t('make tasks')}</label>
    <button class="main" disabled=${busy}>${busy ? t('Computing …') : t('Run now')}</button></div>
    ${answer && (isDone ? html`<p role="status"><${State} of=${answer.code}/></p>` :
    html`<${Refused} error=${answer}/>`)}
    ${isDone && answer.run && html`<${Run} run=${answer.run}/>`}</form>`;
}

const place = (zone, bin) => (bin || zone ? [zone, bin].filter(Boolean).join(' / ') : '–');

const columns = () => [{ title: t('Kind'), width: '5rem', cell: (row) => row.kind },
  { title: t('Reason'), width: '7rem', cell: (row) => row.reason },
  { title: t('SKU'), width: 'minmax(9rem, 1.2fr)', cell: (row) => html`<a href=${address('stock',
    { sku: row.sku })}>${row.sku}</a>` },
  { title: t('Batch'), width: '7rem', cell: (row) => row.batch || '–' },
  { title: t('Quantity'), width: '6rem', right: true, cell: (row) => html`<b><${Amount}
    of=${row.qty}/></b> ${row.pack}` },
  { title: t('From'), width: 'minmax(8rem, 1fr)', cell: (row) => place(row.zone, row.bin) },
  { title: t('To'), width: 'minmax(8rem, 1fr)', cell: (row) => place(row.toZone, row.toBin) },
  { title: t('Present'), width: '5.5rem', right: true, cell: (row) => html`<${Amount}
    of=${row.present}/>` },
  { title: t('Wanted'), width: '5.5rem', right: true, cell: (row) => html`<${Amount}
    of=${row.wanted}/>` },
  { title: t('Task'), width: 'minmax(7rem, 1fr)', cell: (row) => row.taskId || '–' }];

export default function Replenishment({ warehouse }) {
  const [round, again] = useState(0);
  const latest = useAsk(latestQuery, { warehouse });
  const load = async (after, abort) => (await ask(suggestionsQuery, { warehouse, after },
    { abort })).replenishmentSuggestions;
  return html`<h1>${t('Replenishment')}</h1><${Answered} of=${latest}>${(data) => {
    const run = data.replenishmentSuggestions.edges[0]?.node.run;
    return html`<${RunNow} warehouse=${warehouse} next=${run ? run.number + 1 : 0} done=${() => {
      latest.again();
      again(round + 1);
    }}/>
    <section class="panel"><h2>${t('Latest suggestions')}</h2>${run ? html`<${Run} run=${run}/>` :
      html`<${Nothing}>${t('The latest run suggested nothing, or there was none.')}</${Nothing}>`}
      ${run && html`<${List} name=${t('Latest suggestions')} load=${load} columns=${columns()}
        reset=${`${warehouse} ${round}`}/>`}</section>`;
  }}</${Answered}>`;
}
