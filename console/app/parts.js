// The parts that views are made of.
import { html, useEffect, useRef } from '../vendor/preact.js';
import { ago, amount, daysUntil, when } from './format.js';
import { t } from './words.js';

export const Amount = ({ of, quiet }) => html`<span class=${quiet && of === '0' ? 'amount none' :
  'amount'}>${amount(of)}</span>`;

export const When = ({ at }) => (at ? html`<time datetime=${at}
  title=${when(at)}>${when(at)}</time>`
  : html`<span class="none">–</span>`);

export const Ago = ({ at, short }) => html`<time datetime=${at} title=${when(at)}>${
  t('{time} ago', { time: ago(at, short ? 'short' : 'long') })}</time>`;

const tones = { APPLIED: 'good', REPLAYED: 'good', DONE: 'good', COVERED: 'good', CLEARED: 'good',
  RESOLVED: 'good', DEDUCTED: 'good', OPEN: 'plain', TIMING: 'plain', RUNNING: 'plain',
  PARTIAL: 'warn', SHORT: 'warn', OK: 'good', NEW: 'plain',
  WAITING: 'warn', HELD: 'warn', QUEUED: 'plain',
  RELEASED: 'plain', CANCELLED: 'plain', IGNORED: 'plain' };

// State is a code of the engine. Its colour only repeats what it says.
export const State = ({ of, tone }) => html`<span class=${`state ${tone ?? tones[of] ?? 'bad'}`}
  >${of}</span>`;

// Expiry is a date, with how near it is.
export function Expiry({ date }) {
  if (!date) return html`<span class="none">–</span>`;
  const days = daysUntil(date);
  let words = t('in {days} days', { days });
  if (days < 0) words = t('expired');
  else if (days === 0) words = t('today');
  return html`<span class=${days < 0 ? 'state bad' : days <= 30 ? 'state warn' : 'state plain'}
    >${date} · ${words}</span>`;
}

// Refused shows what the engine, or the network, said, with a way to try again.
export function Refused({ error, again }) {
  if (!error || error.name === 'AbortError') return null;
  return html`<div class="refused" role="alert">
    <strong>${error.code || t('No answer')}</strong>
    <span>${error.field ? `${error.field}: ` : ''}${error.message}</span>
    ${again && html`<button type="button" onClick=${again}>${t('Try again')}</button>`}
  </div>`;
}

export const Waiting = ({ what }) => html`<p class="waiting" role="status">${
  what ?? t('Loading …')}</p>`;

export const Nothing = ({ children }) => html`<p class="nothing">${children}</p>`;

// Answered is for what was asked: a refusal, a wait, or what came of it.
export function Answered({ of, children }) {
  if (of.error) return html`<${Refused} error=${of.error} again=${of.again}/>`;
  if (!of.data) return html`<${Waiting}/>`;
  return children(of.data);
}

export const Field = ({ label, children, hint }) => html`<label class="field">
  <span>${label}</span>${children}${hint && html`<small>${hint}</small>`}</label>`;

// Search is what / goes to.
export const Search = ({ label, value, change, hint }) => html`<${Field} label=${label}
  hint=${hint}>
  <input type="search" data-search value=${value} placeholder=${t('press / to search')}
    autocomplete="off" autocapitalize="off" spellcheck="false" aria-keyshortcuts="/"
    onInput=${(event) => change(event.target.value)}/></${Field}>`;

export const Choice = ({ label, value, of, change }) => html`<${Field} label=${label}>
  <select value=${value} onChange=${(event) => change(event.target.value)}>${of.map((entry) => {
    const [code, name] = Array.isArray(entry) ? entry : [entry, entry];
    return html`<option value=${code} selected=${code === value}>${name}</option>`;
  })}</select></${Field}>`;

// Table is for short lists; long ones are in list.js. cells are functions of a row.
export const Table = ({ name, columns, rows }) => html`<div class="table" role="group"
    aria-label=${name} tabindex="0"><table><thead><tr>${
  columns.map((column) => html`<th scope="col" class=${column.right ? 'right' : ''}
    >${column.title}</th>`)}</tr></thead><tbody>${
  rows.map((row) => html`<tr class=${row.class ?? ''}>${columns.map((column) => html`<td
    class=${column.right ? 'right' : ''}>${column.cell(row)}</td>`)}</tr>`)}</tbody></table></div>`;

// Dialog is open while it is drawn. The browser gives it Esc and keeps the focus inside.
export function Dialog({ title, close, children }) {
  const element = useRef(null);
  useEffect(() => element.current.showModal(), []);
  return html`<dialog ref=${element} aria-label=${title} onClose=${close}
      onClick=${(event) => event.target === element.current && element.current.close()}>
    <header><h2>${title}</h2><button type="button" onClick=${() => element.current.close()}
      aria-label=${t('Close')}>✕</button></header>
    <div class="inside">${children}</div></dialog>`;
}

export const Facts = ({ of }) => html`<dl class="facts">${of.filter(Boolean).map(([name, value]) =>
  html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
