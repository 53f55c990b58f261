// Systems that are connected: how far each stream is, and syncing them now.
import { html, useEffect, useRef, useState } from '../vendor/preact.js';
import { tell, useAsk } from './ask.js';
import { count, span, until, when } from './format.js';
import { adviceOf, Messages } from './messages.js';
import { Ago, Answered, Choice, Dialog, Nothing, Refused, State } from './parts.js';
import { t } from './words.js';

const refresh = 3000;

const shown = `system stream direction state lagSeconds pending dead failures lastError
  lastSuccessAt lastRunAt nextRunAt schedule timezone`;

const streamsQuery = `query Streams { syncStreams { ${shown} } }`;

const syncQuery = `mutation Sync($system: Code!, $streams: [Code!], $fullResync: Boolean!) {
  syncNow(system: $system, streams: $streams, fullResync: $fullResync) { ${shown} } }`;

// useSync syncs streams of a system, one request at a time; run is what became of the last.
function useSync(system, done) {
  const [run, show] = useState(null);
  const sync = async (stream, fullResync = false) => {
    const what = stream ? `${system} · ${stream}` : system;
    const began = Date.now();
    show({ what, fullResync, busy: true });
    try {
      const { syncNow } = await tell(syncQuery, { system, streams: stream ? [stream] : null,
        fullResync });
      show({ what, seconds: Math.ceil((Date.now() - began) / 1000),
        rows: syncNow.filter((row) => !stream || row.stream === stream) });
    } catch (error) {
      show({ what, error });
    }
    done();
  };
  return [run, sync];
}

function Outcome({ run }) {
  if (!run) return null;
  if (run.error) return html`<${Refused} error=${run.error}/>`;
  if (run.busy) {
    return html`<p role="status" class="busy">${run.fullResync ?
      t('Reading all of {what} anew …', { what: run.what }) :
      t('Syncing {what} …', { what: run.what })}</p>`;
  }
  const failing = run.rows.filter((row) => row.state === 'FAILING');
  const sum = (name) => count(run.rows.reduce((all, row) => all + row[name], 0));
  return html`<p role="status"><${State} of=${failing.length > 0 ? 'FAILING' : 'OK'}/> ${
    failing.length > 0 ? t('{streams} could not be synced', {
      streams: failing.map((row) => `${row.system} · ${row.stream}`).join(', ') }) :
    t('{what} was synced in {time}: {pending} pending, {dead} dead', { what: run.what,
      time: span(run.seconds), pending: sum('pending'), dead: sum('dead') })}</p>`;
}

// Resync asks first: a snapshot is large, and what it does not name is gone.
function Resync({ system, streams, close, sync }) {
  const [stream, choose] = useState('');
  return html`<${Dialog} title=${t('Full resync of {system}', { system })} close=${close}>
    <p>${t('The system is asked for a snapshot, and for the changes after it.')}</p>
    <ul class="does"><li>${
  t('SKUs, orders and notices become what it says. What it does not name is taken for gone.')}</li>
    <li>${t('Stock is taken from it only into a warehouse that is still empty.')}</li>
    <li>${t('Movements are delivered as ever.')}</li></ul>
    <form onSubmit=${(event) => {
    event.preventDefault();
    close();
    sync(stream, true);
  }}>
      <${Choice} label=${t('Streams')} value=${stream} change=${choose} of=${[['', t('all')],
  ...streams.filter((row) => row.direction === 'PULL').map((row) => row.stream)]}/>
      <div class="line"><button class="danger">${t('Read all anew')}</button>
        <button type="button" onClick=${close}>${t('Cancel')}</button></div></form></${Dialog}>`;
}

const Count = ({ of, tone }) => (of > 0 && tone ? html`<span class=${`state ${tone}`}>${
  count(of)}</span>` : count(of));

// Next: what is due and did not run yet is run at once; what goes out has no time of its own.
const Next = ({ row }) => {
  if (row.nextRunAt) return html`<time title=${when(row.nextRunAt)}>${until(row.nextRunAt)}</time>`;
  return row.direction === 'PULL' ? t('at once') : '–';
};

const Times = ({ at }) => (at ? html`<${Ago} at=${at} short/>` : html`<span class="none">–</span>`);

function Stream({ row, sync, busy }) {
  const advice = adviceOf(row.lastError);
  const note = row.lastError ? 'noted' : '';
  return html`<tr class=${note}><th scope="row">${row.stream} <small>${row.direction}</small></th>
    <td><${State} of=${row.state}/>${row.failures > 0 && html` <small>${
  t('{count} in a row', { count: count(row.failures) })}</small>`}</td>
    <td class="right">${row.lagSeconds === null ? '–' : span(row.lagSeconds)}</td>
    <td class="right"><${Count} of=${row.pending}/></td>
    <td class="right"><${Count} of=${row.dead} tone="bad"/></td>
    <td><${Times} at=${row.lastRunAt}/></td><td><${Times} at=${row.lastSuccessAt}/></td>
    <td><${Next} row=${row}/> <small title=${row.timezone}>${row.schedule}</small></td>
    <td class="right"><button type="button" class="small" disabled=${busy}
      aria-label=${t('Sync now: {what}', { what: `${row.system} · ${row.stream}` })}
      onClick=${() => sync(row.stream)}>${t('Sync now')}</button></td></tr>
  ${row.lastError && html`<tr class="fault"><td colspan="9"><span class="said">${
  row.lastError}</span>${advice && html`<p class="note">${advice}</p>`}</td></tr>`}`;
}

const titles = () => [t('Stream'), t('State'), t('Lag'), t('Pending'), t('Dead'), t('Last run'),
  t('Last success'), t('Next run')];

function System({ name, rows, done }) {
  const [run, sync] = useSync(name, done);
  const [asks, ask] = useState(false);
  const busy = Boolean(run?.busy);
  return html`<section class="panel"><div class="line titled"><h2>${name}</h2>
    <button type="button" class="main" disabled=${busy} aria-label=${
  t('Sync now: {what}', { what: name })} onClick=${() => sync('')}>${t('Sync now')}</button>
    <button type="button" disabled=${busy} onClick=${() => ask(true)}>${
  t('Full resync …')}</button></div>
    <${Outcome} run=${run}/>
    <div class="table" role="group" aria-label=${t('Streams of {system}', { system: name })}
      tabindex="0"><table class="streams"><thead><tr>${titles().map((title, place) => html`<th
        scope="col" class=${place >= 2 && place <= 4 ? 'right' : ''}>${title}</th>`)}<td></td></tr>
      </thead><tbody>${rows.map((row) => html`<${Stream} key=${row.stream} row=${row} sync=${sync}
        busy=${busy}/>`)}</tbody></table></div>
    ${asks && html`<${Resync} system=${name} streams=${rows} sync=${sync}
      close=${() => ask(false)}/>`}</section>`;
}

// useStreams looks again and again, but never before it had its answer.
function useStreams() {
  const streams = useAsk(streamsQuery, {});
  const last = useRef(null);
  last.current = streams;
  useEffect(() => {
    const timer = setInterval(() => last.current.busy || last.current.again(), refresh);
    return () => clearInterval(timer);
  }, []);
  return streams;
}

export default function Sync({ params }) {
  const streams = useStreams();
  return html`<h1>${t('Sync')}</h1><${Answered} of=${streams}>${({ syncStreams: rows }) => {
    if (rows.length === 0) {
      return html`<section class="panel"><${Nothing}>${
        t('No system is connected yet.')}</${Nothing}><p class="note">${
        t('Systems are listed in the file that --config names, under systems.')}</p></section>`;
    }
    const names = [...new Set(rows.map((row) => row.system))];
    return html`${names.map((name) => html`<${System} key=${name} name=${name}
        rows=${rows.filter((row) => row.system === name)} done=${streams.again}/>`)}
      <${Messages} params=${params} systems=${names} done=${streams.again}
        fresh=${rows.map((row) => row.dead).join()}/>`;
  }}</${Answered}>`;
}
