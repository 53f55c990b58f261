// The console: the frame around the views, its keys, and who may come in.
import { html, render, useEffect, useRef, useState } from '../vendor/preact.js';
import { useAsk } from './ask.js';
import { Answered, Choice, Field, Nothing, Refused, Waiting } from './parts.js';
import { go, route } from './route.js';
import { language, needsToken, theme, token, trouble, warehouse } from './state.js';
import { t } from './words.js';

// Each view by its key after g. Its module is read when it is first looked at.
const views = [
  { name: 'overview', key: 'v', title: 'Overview', read: () => import('./overview.js') },
  { name: 'stock', key: 's', title: 'Stock', read: () => import('./stock.js') },
  { name: 'floor', key: 'f', title: 'Floor', read: () => import('./floor.js') },
  { name: 'orders', key: 'o', title: 'Orders', read: () => import('./orders.js') },
  { name: 'allocate', key: 'a', title: 'Allocate', read: () => import('./allocate.js') },
  { name: 'reconciliation', key: 'r', title: 'Reconciliation',
    read: () => import('./reconciliation.js') },
  { name: 'replenishment', key: 'p', title: 'Replenishment',
    read: () => import('./replenishment.js') },
  { name: 'rules', key: 'u', title: 'Rules', read: () => import('./rules.js') },
  { name: 'sync', key: 'y', title: 'Sync', read: () => import('./sync.js') }];

const warehousesQuery = 'query Warehouses { warehouses { code name timezone } }';
const pairTime = 1500; // between g and the letter after it

const isTyping = (element) => element.matches('input:not([type=checkbox]), textarea, select');

// useKeys: / searches, g and a letter change the view. Esc is the browser's for dialogs; in a
// search it is for us.
function useKeys() {
  const begun = useRef(0);
  useEffect(() => {
    const press = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (event.key === 'Escape' && isTyping(event.target)) event.target.blur();
      if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
      if (event.key === '/') {
        const search = document.querySelector('[data-search]');
        if (search) search.focus();
        else go('stock');
        event.preventDefault();
      } else if (Date.now() - begun.current < pairTime) {
        begun.current = 0;
        const view = views.find((one) => one.key === event.key);
        if (view) go(view.name);
      } else if (event.key === 'g') begun.current = Date.now();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

function SignIn({ why }) {
  const [typed, type] = useState('');
  const submit = (event) => {
    event.preventDefault();
    token.set(typed.trim());
    needsToken.set('');
  };
  return html`<main id="main" class="alone"><form class="panel" onSubmit=${submit}>
    <h1>${t('An access token is needed')}</h1>
    <p>${t('It stays in this tab only, and is gone when the tab is closed.')}
      ${' '}<code>tierstock token --help</code></p>
    ${token.get() && html`<${Refused} error=${{ code: 'UNAUTHENTICATED', message: why }}/>`}
    <${Field} label=${t('Access token')}><input type="password" autocomplete="off" required
      value=${typed} onInput=${(event) => type(event.target.value)}/></${Field}>
    <button class="main">${t('Enter')}</button></form></main>`;
}

const themes = () => [['', t('as the system')], ['light', t('light')], ['dark', t('dark')]];

function Switches({ warehouses, chosen }) {
  return html`<div class="switches">
    ${warehouses && html`<${Choice} label=${t('Warehouse')} value=${chosen} change=${warehouse.set}
      of=${warehouses.map(({ code, name }) => [code, name ? `${code} · ${name}` : code])}/>`}
    <${Choice} label=${t('Theme')} value=${theme.use()} change=${theme.set} of=${themes()}/>
    <${Choice} label=${t('Language')} value=${language.use()} change=${language.set}
      of=${[['en', 'English'], ['zh', '中文']]}/>
    ${token.use() && html`<button type="button" onClick=${() => {
    token.set('');
    needsToken.set(t('Signed out.'));
  }}>${t('Sign out')}</button>`}</div>`;
}

const Navigation = ({ current }) => html`<nav aria-label=${t('Views')}>${views.map((view) => html`<a
  href=${`#/${view.name}`} aria-current=${view === current ? 'page' : null}
  aria-keyshortcuts=${`g ${view.key}`}>${t(view.title)}<kbd
    aria-hidden="true">g ${view.key}</kbd></a>`)}
  <a href="/graphiql">GraphiQL</a></nav>`;

function View({ view, ...rest }) {
  const [read, show] = useState({});
  const load = () => view.read().then((module) => show({ view, Inside: module.default }),
    (error) => show({ view, error }));
  useEffect(() => {
    document.title = `${t(view.title)} · tierstock`;
    load();
  }, [view, language.get()]);
  useEffect(() => {
    if (read.Inside) performance.mark('ready');
  }, [read.Inside]);
  if (read.view !== view) return html`<${Waiting}/>`;
  if (read.error) return html`<${Refused} error=${read.error} again=${() => location.reload()}/>`;
  return html`<${read.Inside} ...${rest}/>`;
}

function Inside({ view, params }) {
  const found = useAsk(warehousesQuery, {});
  const kept = warehouse.use();
  const warehouses = found.data?.warehouses ?? [];
  const chosen = warehouses.some(({ code }) => code === kept) ? kept : warehouses[0]?.code;
  return html`<header class="top"><a class="brand" href="#/overview"><svg viewBox="0 0 16 16"
      aria-hidden="true"><path d="M1 2h14v3H1zM1 7h9v3H1zM1 12h5v3H1z"/></svg>tierstock</a>
    <${Navigation} current=${view}/><${Switches} warehouses=${warehouses}
      chosen=${chosen}/></header>
  <main id="main" tabindex="-1"><${Answered} of=${found}>${() => (chosen ? html`<${View}
    key=${chosen}
    view=${view} warehouse=${chosen} params=${params}/>` : html`<${Nothing}>${
  t('There is no warehouse here yet, or none that you may see.')}</${Nothing}>`)}
    </${Answered}></main>`;
}

function Console() {
  useKeys();
  const { view: name, params } = route.use();
  const [shade, tongue, why, bad] = [theme.use(), language.use(), needsToken.use(), trouble.use()];
  const signed = token.use();
  useEffect(() => {
    document.documentElement.lang = tongue === 'zh' ? 'zh-CN' : 'en';
    if (shade) document.documentElement.dataset.theme = shade;
    else delete document.documentElement.dataset.theme;
  }, [shade, tongue]);
  const view = views.find((one) => one.name === name) ?? views[0];
  return html`<a class="skip" href="#main" onClick=${(event) => {
    event.preventDefault();
    document.querySelector('#main').focus();
  }}>${t('Skip to the content')}</a>
    ${bad && html`<p class="trouble" role="alert">${
    t('The server does not answer; this page goes on trying.')} ${bad}</p>`}
    ${why ? html`<${SignIn} why=${why}/>` : html`<${Inside} key=${signed} view=${view}
      params=${params}/>`}`;
}

document.querySelector('#page').replaceChildren();
render(html`<${Console}/>`, document.querySelector('#page'));
