// What did not go through between systems, either way: to read, and to queue again.
import { html, useRef, useState } from '../vendor/preact.js';
import { ask, tell } from './ask.js';
import { ago, count, pretty, when } from './format.js';
import { List } from './list.js';
import { Choice, Dialog, Facts, Refused, State, When } from './parts.js';
import { address, turn } from './route.js';
import { t } from './words.js';

const atOnce = 200; // as many ids as one call takes
const soon = 3000;

const outboxQuery = `query Outbox($system: Code, $dead: Boolean, $after: String) {
  outbox(system: $system, dead: $dead, first: 100, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { id system topic warehouse sku state attempts
    body lastError nextAttemptAt createdAt } } } }`;

const requeueQuery = `mutation Requeue($ids: [ID!]!) { requeueMessages(ids: $ids) }`;

const discardQuery = `mutation Discard($ids: [ID!]!, $note: Text!) {
  discardMessages(ids: $ids, note: $note) }`;

async function requeue(ids) {
  let sum = 0;
  for (let from = 0; from < ids.length; from += atOnce) {
    sum += (await tell(requeueQuery, { ids: ids.slice(from, from + atOnce) })).requeueMessages;
  }
  return sum;
}

const outcome = (sum, done) => (sum > 0 ? done : t('None of them was dead any more.'));

async function requeued(ids) {
  const sum = await requeue(ids);
  return outcome(sum, t('{count} queued again', { count: count(sum) }));
}

async function discard(id, note) {
  const sum = (await tell(discardQuery, { ids: [id], note })).discardMessages;
  return outcome(sum, t('Given up for good.'));
}

// What can be done about an error, by how the engine words it.
const advices = () => [
  [/is not among the warehouses/,
    t('Name the warehouse in the configuration, and queue it again after a restart.')],
  [/^NOT_FOUND|there is no \w+/,
    t('Make what is missing here, or map its code in the configuration.')],
  [/^INSUFFICIENT/, t('Less was here than it takes. Count, or book what is missing.')],
  [/^(INVALID|KEY_CONFLICT|data|op:|occurredAt|the item cannot)/,
    t('As it is it fails again. Have it corrected over there and sent anew.')],
  [/: 40[13] /, t('The system does not accept our token. Look at the configuration.')],
  [/: (408|425|429|5\d\d) |no whole answer|refused|no such host|reset|EOF|tried again/,
    t('The system is away or busy. It is tried again by itself.')],
];

export const adviceOf = (error) => (error &&
  advices().find(([words]) => words.test(error))?.[1]) ?? '';

function whatToDo({ topic, state, lastError }) {
  if (state === 'DISCARDED') return '';
  if (state === 'QUEUED') return t('It was queued again, and is tried in a moment.');
  if (state === 'HELD') return t('It waits for an earlier message of its SKU.');
  if (state === 'WAITING') return t('It is tried again by itself.');
  if (topic !== 'movements') return adviceOf(lastError);
  return t('The system did not take it. Ask there why, end the cause, and queue it again.');
}

function Letter({ letter, close, done }) {
  const [error, fail] = useState(null);
  const [busy, work] = useState(false);
  const [note, write] = useState('');
  const advice = whatToDo(letter);
  const act = (action) => async () => {
    work(true);
    try {
      await action();
      close();
    } catch (reason) {
      fail(reason);
      work(false);
    }
  };
  const again = act(async () => done(await requeued([letter.id])));
  const giveUp = act(async () => done(await discard(letter.id, note)));
  return html`<${Dialog} title=${`${letter.system} · ${letter.topic}`} close=${close}>
    <${Facts} of=${[[t('State'), html`<${State} of=${letter.state}/>`],
    letter.sku && [t('SKU'), letter.sku], letter.warehouse && [t('Warehouse'), letter.warehouse],
    [t('Attempts'), count(letter.attempts)],
    letter.nextAttemptAt && [t('Next attempt'), html`<${When} at=${letter.nextAttemptAt}/>`],
    [t('Made'), html`<${When} at=${letter.createdAt}/>`], [t('Number'), letter.id]]}/>
    <h3>${t('Last error')}</h3><pre tabindex="0">${letter.lastError ?? '–'}</pre>
    ${advice && html`<h3>${t('What to do')}</h3><p>${advice}</p>`}
    <h3>${t('Body')}</h3><pre tabindex="0">${pretty(letter.body)}</pre>
    <${Refused} error=${error}/>
    ${letter.state === 'DEAD' && html`<button type="button" class="main" disabled=${busy}
      onClick=${again}>${t('Queue it again')}</button>
    <div class="line"><label>${t('Note')} <input value=${note} maxlength="400"
      onInput=${(event) => write(event.target.value)}/></label><button type="button"
      disabled=${busy || note.trim() === ''} onClick=${giveUp}>${
  t('Give it up for good')}</button></div>`}</${Dialog}>`;
}

// useChosen keeps which of the rows that were read are chosen. Only dead ones can be.
function useChosen() {
  const [chosen, choose] = useState(() => new Set());
  const rows = useRef(new Map());
  const [, redraw] = useState(0);
  const dead = [...rows.current.values()].filter((row) => row.state === 'DEAD')
    .map((row) => row.id);
  return { ids: dead.filter((id) => chosen.has(id)), dead,
    has: (id) => chosen.has(id),
    turn: (id) => choose((was) => {
      const now = new Set(was);
      if (!now.delete(id)) now.add(id);
      return now;
    }),
    all: (wanted) => choose(new Set(wanted ? dead : [])),
    read: (page, isFirst) => {
      if (isFirst) rows.current.clear();
      for (const { node } of page.edges) rows.current.set(node.id, node);
      redraw((drawn) => drawn + 1);
      return page;
    } };
}

const Tick = ({ row, chosen }) => (row.state === 'DEAD' ? html`<input type="checkbox"
  checked=${chosen.has(row.id)} aria-label=${t('Choose message {id}', { id: row.id })}
  onClick=${(event) => event.stopPropagation()} onChange=${() => chosen.turn(row.id)}/>` : '');

function Tools({ chosen, done }) {
  const [error, fail] = useState(null);
  const [busy, work] = useState(false);
  const again = async () => {
    work(true);
    fail(null);
    try {
      done(await requeued(chosen.ids));
      chosen.all(false);
    } catch (reason) {
      fail(reason);
    }
    work(false);
  };
  if (chosen.dead.length === 0) return html`<${Refused} error=${error}/>`;
  const whole = chosen.ids.length === chosen.dead.length;
  return html`<div class="line"><label class="check"><input type="checkbox" checked=${whole}
      onChange=${() => chosen.all(!whole)}/>${
  t('all {count} dead that were read', { count: count(chosen.dead.length) })}</label>
    <button type="button" class="main" disabled=${busy || chosen.ids.length === 0}
      onClick=${again}>${chosen.ids.length === 0 ? t('Queue the chosen again') :
  t('Queue {count} again', { count: count(chosen.ids.length) })}</button></div>
    <${Refused} error=${error}/>`;
}

const tabs = () => [['dead', t('Dead letters')], ['all', t('All messages')]];

const columns = (chosen) => [
  { title: html`<span class="unseen">${t('Chosen')}</span>`, width: '1.4rem', bare: true,
    cell: (row) => html`<${Tick} row=${row} chosen=${chosen}/>` },
  { title: t('System'), width: '7rem', cell: (row) => row.system },
  { title: t('Topic'), width: '6.5rem', cell: (row) => row.topic },
  { title: t('SKU'), width: 'minmax(6rem, 10rem)', cell: (row) => row.sku || '–' },
  { title: t('State'), width: '5.5rem', cell: (row) => html`<${State} of=${row.state}/>` },
  { title: t('Attempts'), width: '5rem', right: true, cell: (row) => count(row.attempts) },
  { title: t('Last error'), width: 'minmax(14rem, 1fr)', cell: (row) => html`<span
    title=${row.lastError ?? ''}>${row.lastError ?? ''}</span>` },
  { title: t('Age'), width: '5rem', cell: (row) => html`<span title=${when(row.createdAt)}>${
    ago(row.createdAt, 'short')}</span>` }];

// Messages are read anew whenever fresh changes, which the streams say.
export function Messages({ params, systems, fresh, done }) {
  const [round, again] = useState(0);
  const [letter, open] = useState(null);
  const [queued, say] = useState(null);
  const chosen = useChosen();
  const [tab, system] = [params.show === 'all' ? 'all' : 'dead', params.system ?? ''];
  const list = `${system} ${tab}`;
  const load = async (after, abort) => {
    const wanted = { system: system || null, dead: tab === 'dead' ? true : null, after };
    return chosen.read((await ask(outboxQuery, wanted, { abort })).outbox, !after);
  };
  const ready = (text) => {
    say({ text, of: list });
    done();
    again((last) => last + 1);
    setTimeout(() => again((last) => last + 1), soon); // when they have been tried
  };
  return html`<section class="panel"><h2>${t('Messages')}</h2>
    <div class="line"><div class="tabs">${tabs().map(([code, name]) => html`<a href=${
  address('sync', { ...params, show: code === 'all' ? 'all' : '' })}
      aria-current=${code === tab ? 'true' : null}>${name}</a>`)}</div>
      <${Choice} label=${t('System')} value=${system} of=${[['', t('all')], ...systems]}
        change=${(next) => turn('sync', { ...params, system: next })}/></div>
    <${Tools} chosen=${chosen} done=${ready}/>
    ${queued?.of === list && html`<p role="status">${queued.text}</p>`}
    <${List} name=${t('Messages')} load=${load} reset=${list}
      fresh=${`${round} ${fresh}`} pick=${open} columns=${columns(chosen)} empty=${tab === 'dead' ?
  t('Every message was delivered, or will be.') : t('Nothing waits, and nothing is dead.')}/>
    ${letter && html`<${Letter} letter=${letter} close=${() => open(null)}
      done=${ready}/>`}</section>`;
}
