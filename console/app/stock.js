// Finding a SKU, and all of its stock.
import { html, useEffect, useState } from '../vendor/preact.js';
import { ask } from './ask.js';
import { Item } from './item.js';
import { List } from './list.js';
import { Nothing, Search } from './parts.js';
import { go, turn } from './route.js';
import { t } from './words.js';

const skusQuery = `query Skus($prefix: Code, $after: String) {
  skus(prefix: $prefix, first: 200, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { code name unit active } } } }`;

const pause = 120; // between keys, so that a quick typist asks once

export default function Stock({ warehouse, params }) {
  const [typed, type] = useState(params.find ?? '');
  const find = params.find ?? '';
  useEffect(() => {
    if (typed === find) return undefined;
    const timer = setTimeout(() => turn('stock', { ...params, find: typed.trim() }), pause);
    return () => clearTimeout(timer);
  }, [typed]);
  const load = async (after, abort) => (await ask(skusQuery, { prefix: find || null, after },
    { abort })).skus;
  const columns = [{ title: t('SKU'), width: 'minmax(9rem, 11rem)', cell: (row) => row.code },
    { title: t('Name'), cell: (row) => html`<span title=${row.name}>${row.name}${row.active ? '' :
      ` (${t('inactive')})`}</span>` }];
  return html`<h1>${t('Stock')}</h1><div class="sides">
    <section class="panel"><${Search} label=${t('SKU begins with')} value=${typed} change=${type}/>
      <${List} name=${t('SKUs')} columns=${columns} load=${load} reset=${find} tall=${620}
        picked=${(row) => row.code === params.sku} empty=${t('No SKU begins with that.')}
        pick=${(row) => go('stock', { find, sku: row.code })}/></section>
    <div>${params.sku ? html`<${Item} key=${params.sku} warehouse=${warehouse} params=${params}/>` :
    html`<section class="panel"><${Nothing}>${t('Choose a SKU to see where it lies.')}</${Nothing}>
      </section>`}</div></div>`;
}
