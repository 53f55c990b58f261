// Reconciliation: runs, their differences side by side, and what somebody decides about them.
import { html, useState } from '../vendor/preact.js';
import { ask, tell } from './ask.js';
import { amount, signed, soon, when } from './format.js';
import { List } from './list.js';
import { Choice, Dialog, Facts, Field, Nothing, Refused, State } from './parts.js';
import { go } from './route.js';
import { recall, remember } from './state.js';
import { t } from './words.js';

const scopes = ['LEDGER', 'TIERS', 'RESERVATIONS', 'EXTERNAL'];

const runsQuery = `query Runs($warehouse: Code!, $after: String) {
  reconciliationRuns(warehouse: $warehouse, first: 50, after: $after) {
    pageInfo { hasNextPage endCursor } edges { cursor node { id scope state compared
      matched timing open
      startedAt finishedAt error } } } }`;

const differencesQuery = `query Differences($warehouse: Code!, $run: String, $after: String) {
  reconciliationRuns(warehouse: $warehouse, first: 1, after: $run) { edges { node { id scope state
    compared matched timing open startedAt finishedAt error
    differences(first: 100, after: $after) { pageInfo { hasNextPage endCursor } edges { node {
      id kind state tier zone bin owner sku batch pack quantity ours theirs diff seenRuns note
    } } } } } } }`;

const runQuery = `mutation Run($warehouse: Code!, $scope: ReconciliationScope!) {
  runReconciliation(warehouse: $warehouse, scope: $scope) { code message run { id open } } }`;

const resolveQuery = `mutation Resolve($id: ID!, $action: DifferenceAction!, $expected: Decimal!,
    $note: Text!) {
  resolveDifference(id: $id, action: $action, expectedDiff: $expected, note: $note) {
    code message } }`;

async function cursorBefore(warehouse, id, abort) {
  const { edges } = (await ask(runsQuery, { warehouse, after: null },
    { abort })).reconciliationRuns;
  return edges[edges.findIndex((edge) => edge.node.id === id) - 1]?.cursor ?? null;
}

// systemOf is the system whose books a difference is about, '' for one inside ours.
const systemOf = ({ kind }) => (kind.startsWith('BOOK:') ? kind.slice('BOOK:'.length) : '');

const placeOf = (difference) => difference.bin || difference.zone || systemOf(difference) || '–';

const actionsFor = (difference) => [...systemOf(difference) ? [
  ['ACCEPT_THEIRS', t('ACCEPT_THEIRS: theirs is right, book it here')],
  ['ACCEPT_OURS', t('ACCEPT_OURS: ours is right, have it booked there')],
  ['RECOUNT', t('RECOUNT: have it counted')]] :
  [['REBUILD', t('REBUILD: compute the row anew from its flows')]],
['IGNORE', t('IGNORE: leave it, and say why')]];

// Resolve is kept while one looks elsewhere: the note is in this tab's storage until it is sent.
function Resolve({ difference, close, done }) {
  // By the row and not the difference: each run has differences of its own.
  const actions = actionsFor(difference);
  const name = ['resolve', difference.kind, difference.zone, difference.bin, difference.owner,
    difference.sku, difference.batch, difference.pack, difference.quantity].join('.');
  const kept = recall(sessionStorage, name, {});
  const [action, choose] = useState(kept.action ?? actions[0][0]);
  const [note, write] = useState(kept.note ?? '');
  const [answer, show] = useState(null);
  const [busy, work] = useState(false);
  const keep = (next) => remember(sessionStorage, name, next);
  const submit = async (event) => {
    event.preventDefault();
    work(true);
    try {
      const { resolveDifference: said } = await tell(resolveQuery, {
        id: difference.id, action, note,
        expected: difference.diff });
      show(said);
      if (said.code === 'APPLIED' || said.code === 'REPLAYED') {
        keep(null);
        done();
      }
    } catch (error) {
      show(error);
    }
    work(false);
  };
  const isDone = answer && (answer.code === 'APPLIED' || answer.code === 'REPLAYED');
  return html`<${Dialog} title=${t('Resolve a difference')} close=${close}>
    <${Facts} of=${[[t('Place'), placeOf(difference)], [t('SKU'), difference.sku],
    [t('Batch'), difference.batch || '–'], [t('Amount'), difference.quantity],
    [t('Ours'), amount(difference.ours)], [t('Theirs'), amount(difference.theirs)],
    [t('Difference'), signed(difference.diff)],
    difference.note && [t('Note'), difference.note]]}/>
    ${isDone ? html`<p role="status"><${State}
      of=${answer.code}/> ${answer.message ?? t('Done.')}</p>` :
    html`<form onSubmit=${submit}>
      <${Choice} label=${t('What to do')} value=${action} of=${actions} change=${(next) => {
  choose(next);
  keep({ action: next, note });
}}/>
      <${Field} label=${t('Note')} hint=${t('Why, for whoever looks at it later.')}><textarea
        rows="3"
        required maxlength="500" value=${note} onInput=${(event) => {
  write(event.target.value);
  keep({ action, note: event.target.value });
}}></textarea></${Field}>
      <${Refused} error=${answer}/>
      <button class="main" disabled=${busy}>${t('Resolve')}</button></form>`}</${Dialog}>`;
}

function Differences({ warehouse, run, before, round, reload }) {
  const [chosen, choose] = useState(null);
  // The API gives a run only as part of the list of runs; `before` is where the list is cut.
  const load = async (after, abort) => {
    // Only in front of the newest are new ones put.
    const cut = before ?? await cursorBefore(warehouse, run.id, abort);
    const data = await ask(differencesQuery, { warehouse, run: cut, after }, { abort });
    const node = data.reconciliationRuns.edges[0]?.node;
    if (node?.id !== run.id) throw new Error(t('The list of runs has moved on; try again.'));
    return node.differences;
  };
  const isOpen = (row) => row.state === 'OPEN';
  return html`<section class="panel"><h2>${t('Differences')} <small>${run.scope} · ${
    when(run.startedAt)}</small></h2>
    <${Facts} of=${[[t('State'), html`<${State} of=${run.state}/>`], [t('Compared'), run.compared],
    [t('Matched'), run.matched], [t('Timing'), run.timing], [t('Open'), run.open],
    run.error && [t('Error'), run.error]]}/>
    <p class="note">${t('Choose an open difference to resolve it.')}</p>
    <${List} name=${t('Differences')} load=${load} reset=${`${run.id} ${round}`}
      empty=${t('Everything matched.')} pick=${(row) => isOpen(row) && choose(row)} columns=${[
  { title: t('Place'), width: 'minmax(5rem, 0.6fr)', cell: placeOf },
  { title: t('SKU'), width: 'minmax(9.5rem, 1.3fr)', cell: (row) => row.sku },
  { title: t('Batch'), width: '5.5rem', cell: (row) => row.batch || '–' },
  { title: t('Amount'), width: '6rem', cell: (row) => row.quantity },
  { title: t('Ours'), width: '4rem', right: true, cell: (row) => amount(row.ours) },
  { title: t('Theirs'), width: '4rem', right: true, cell: (row) => amount(row.theirs) },
  { title: t('Difference'), width: '5.2rem', right: true, cell: (row) => html`<b>${
    signed(row.diff)}</b>` },
  { title: t('Seen'), width: '2.8rem', right: true, cell: (row) => row.seenRuns },
  { title: t('State'), width: '6rem', cell: (row) => html`<${State} of=${row.state}/>` },
  { title: t('Note'), width: 'minmax(4rem, 1fr)', cell: (row) => row.note ?? '' }]}/>
    ${chosen && html`<${Resolve} key=${chosen.id} difference=${chosen} done=${reload}
      close=${() => choose(null)}/>`}</section>`;
}

function RunNow({ warehouse, done }) {
  const [scope, choose] = useState('LEDGER');
  const [answer, show] = useState(null);
  const [busy, work] = useState(false);
  const run = async () => {
    work(true);
    show(null);
    try {
      const { runReconciliation: said } = await tell(runQuery, { warehouse, scope });
      show(said);
      if (said.run) done(said.run.id);
    } catch (error) {
      show(error);
    }
    work(false);
  };
  const refused = answer && answer.code !== 'APPLIED' && answer.code !== 'REPLAYED';
  return html`<div class="line"><${Choice} label=${t('Scope')} value=${scope} of=${scopes}
      change=${choose}/><button type="button" class="main" onClick=${run} disabled=${busy}>${
  busy ? t('Comparing …') : t('Run now')}</button></div>
    ${refused ? html`<${Refused} error=${answer}/>` : answer && html`<p role="status"><${State}
      of=${answer.code}/> ${t('{count} open', { count: answer.run?.open ?? 0 })}</p>`}`;
}

export default function Reconciliation({ warehouse, params }) {
  const [round, setRound] = useState(0);
  const [runs] = useState(() => new Map()); // by id: the run, and the cursor in front of it
  const [, redraw] = useState(0);
  const load = async (after, abort) => {
    const page = (await ask(runsQuery, { warehouse, after }, { abort })).reconciliationRuns;
    let before = after;
    for (const edge of page.edges) {
      runs.set(edge.node.id, { run: edge.node, before });
      before = edge.cursor;
    }
    redraw((drawn) => drawn + 1);
    return page;
  };
  const chosen = runs.get(params.run);
  return html`<h1>${t('Reconciliation')}</h1><div class="sides"><section class="panel">
    <${RunNow} warehouse=${warehouse} done=${(id) => { setRound(round + 1);
    go('reconciliation', { run: id }); }}/>
    <${List} name=${t('Runs')} load=${load} reset=${`${warehouse} ${round}`} tall=${520}
      empty=${t('Nothing was compared yet.')} picked=${(row) => row.id === params.run}
      pick=${(row) => go('reconciliation', { run: row.id })} columns=${[
  { title: t('Started'), width: '8.5rem', cell: (row) => html`<span
    title=${when(row.startedAt)}>${soon(row.startedAt)}</span>` },
  { title: t('Scope'), width: 'minmax(0, 1fr)', cell: (row) => row.scope },
  { title: t('Open'), width: '2.5rem', right: true, cell: (row) => row.open },
  { title: t('State'), width: '4.5rem', cell: (row) => html`<${State}
    of=${row.state}/>` }]}/></section>
    <div>${chosen ? html`<${Differences} key=${chosen.run.id} warehouse=${warehouse} ...${chosen}
      round=${round} reload=${() => setRound((last) => last + 1)}/>` : html`<section
        class="panel"><${
  Nothing}>${t('Choose a run to see its differences.')}</${Nothing}></section>`}</div></div>`;
}
