// Systems that are connected: how far each stream is, and what could not be delivered.
import { html, useState } from '../vendor/preact.js';
import { ask, tell, useAsk } from './ask.js';
import { List } from './list.js';
import { Answered, Dialog, Facts, Nothing, Refused, State, Table, When } from './parts.js';
import { t } from './words.js';

// An engine without connections has no such fields; then nothing else is asked for.
const schemaQuery = `query Schema { __schema { queryType { fields { name } } } }`;

const streamsQuery = `query Streams { syncStreams { system stream direction state cursor lagSeconds
  pending dead failures lastError lastSuccessAt } }`;

const deadQuery = `query Dead($after: String) {
  outbox(dead: true, first: 100, after: $after) { pageInfo { hasNextPage endCursor } edges { node {
    id system topic state attempts body lastError createdAt } } } }`;

const requeueQuery = `mutation Requeue($ids: [ID!]!) { requeueMessages(ids: $ids) }`;

const Streams = ({ rows }) => (rows.length === 0 ? html`<${Nothing}>${
  t('No system is connected yet.')
}</${Nothing}>` : html`<${Table} name=${t('Streams')} rows=${rows} columns=${[
  { title: t('System'), cell: (row) => row.system }, { title: t('Stream'),
    cell: (row) => row.stream },
  { title: t('Direction'), cell: (row) => row.direction },
  { title: t('State'), cell: (row) => html`<${State} of=${row.state} tone=${row.lastError ? 'warn' :
    'plain'}/>` },
  { title: t('Lag, seconds'), right: true, cell: (row) => row.lagSeconds ?? '–' },
  { title: t('Pending'), right: true, cell: (row) => row.pending },
  { title: t('Dead'), right: true, cell: (row) => row.dead },
  { title: t('Failures'), right: true, cell: (row) => row.failures },
  { title: t('Last success'), cell: (row) => html`<${When} at=${row.lastSuccessAt}/>` },
  { title: t('Last error'), cell: (row) => html`<span
    class="said">${row.lastError ?? ''}</span>` }]}/>`);

function Letter({ letter, close, done }) {
  const [error, fail] = useState(null);
  const requeue = async () => {
    try {
      await tell(requeueQuery, { ids: [letter.id] });
      done();
      close();
    } catch (reason) {
      fail(reason);
    }
  };
  return html`<${Dialog} title=${`${letter.system} · ${letter.topic}`} close=${close}>
    <${Facts} of=${[[t('State'), letter.state], [t('Attempts'), letter.attempts],
    [t('Made'), html`<${When} at=${letter.createdAt}/>`]]}/>
    <h3>${t('Last error')}</h3><pre tabindex="0">${letter.lastError ?? '–'}</pre>
    <h3>${t('Body')}</h3><pre tabindex="0">${letter.body}</pre>
    <${Refused} error=${error}/>
    <button type="button" class="main" onClick=${requeue}>${
      t('Queue it again')}</button></${Dialog}>`;
}

function Connected() {
  const [round, again] = useState(0);
  const [letter, open] = useState(null);
  const streams = useAsk(streamsQuery, { });
  const load = async (after, abort) => (await ask(deadQuery, { after }, { abort })).outbox;
  return html`<section class="panel"><h2>${t('Streams')}</h2><${Answered} of=${streams}>${(data) =>
    html`<${Streams} rows=${data.syncStreams}/>`}</${Answered}></section>
    <section class="panel"><h2>${t('Dead letters')}</h2><${List} name=${t('Dead letters')}
      load=${load}
      reset=${round} pick=${open} empty=${t('Every message was delivered, or will be.')} columns=${[
  { title: t('System'), width: '8rem', cell: (row) => row.system },
  { title: t('Topic'), width: '10rem', cell: (row) => row.topic },
  { title: t('Attempts'), width: '6rem', right: true, cell: (row) => row.attempts },
  { title: t('Last error'), width: 'minmax(12rem, 1fr)', cell: (row) => row.lastError ?? '' },
  { title: t('Made'), width: '12rem', cell: (row) => html`<${When}
    at=${row.createdAt}/>` }]}/></section>
    ${letter && html`<${Letter} letter=${letter} close=${() => open(null)} done=${() => {
    again(round + 1);
    streams.again();
  }}/>`}`;
}

export default function Sync() {
  const found = useAsk(schemaQuery, {});
  return html`<h1>${t('Sync')}</h1><${Answered} of=${found}>${(data) => {
    const names = data.__schema.queryType.fields.map((field) => field.name);
    return names.includes('syncStreams') ? html`<${Connected}/>` : html`<section class="panel"><${
      Nothing}>${t('No system is connected yet.')}</${Nothing}></section>`;
  }}</${Answered}>`;
}
