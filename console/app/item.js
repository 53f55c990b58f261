// One SKU: what the warehouse has of it, zone by zone, batch by batch, bin by bin.
import { html, useState } from '../vendor/preact.js';
import { everyPage, useAsk, useWork } from './ask.js';
import { History } from './history.js';
import { Amount, Answered, Expiry, Facts, Nothing, State } from './parts.js';
import { go } from './route.js';
import { t } from './words.js';
import { Holders } from './why.js';

const itemQuery = `query Item($warehouse: Code!, $sku: Code!) {
  skus(codes: [$sku]) { edges { node { code name unit packs { code numerator denominator } } } }
  warehouseStocks(warehouse: $warehouse, filter: {skus: [$sku]}, first: 50) { edges { node {
    owner onHand reserved frozen available promisable incoming } } } }`;

const rowsQuery = `query Rows($warehouse: Code!, $sku: Code!, $after: String) {
  zoneStocks(warehouse: $warehouse, filter: {skus: [$sku]}, first: 50, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { id zone owner batch pack expiresOn receivedOn
      onHold onHand reserved frozen available promisable
      bins(first: 50) { id bin batch pack owner onHand reserved frozen available } } } } }`;

const isThere = (row) => row.onHand !== '0' || row.reserved !== '0' || row.frozen !== '0';

function Head({ data }) {
  const sku = data.skus.edges[0]?.node;
  if (!sku) return html`<${Nothing}>${t('There is no such SKU.')}</${Nothing}>`;
  return html`<h2>${sku.code} <small>${sku.name}</small></h2>
    ${data.warehouseStocks.edges.length === 0 && html`<${Nothing}>${
      t('No stock of it was ever here.')
    }</${Nothing}>`}
    ${data.warehouseStocks.edges.map(({ node }) => html`<${Facts} of=${[
    node.owner && [t('Owner'), node.owner],
    [`${t('On hand')} (${sku.unit})`, html`<${Amount} of=${node.onHand}/>`],
    [t('Reserved'), html`<${Amount} of=${node.reserved}/>`],
    [t('Frozen'), html`<${Amount} of=${node.frozen}/>`],
    [t('Available'), html`<${Amount} of=${node.available}/>`],
    [t('Promisable'), html`<${Amount} of=${node.promisable}/>`],
    [t('Incoming'), html`<${Amount} of=${node.incoming}/>`]]}/>`)}
    ${sku.packs.length > 0 && html`<p class="note">${t('Packs')}: ${sku.packs.map((pack) =>
    `${pack.code} = ${pack.numerator}${pack.denominator === '1' ? '' : `/${pack.denominator}`}`)
    .join(', ')}</p>`}`;
}

const Cells = ({ of }) => ['onHand', 'reserved', 'frozen', 'available'].map((name) =>
  html`<td class="right"><${Amount} of=${of[name]} quiet/></td>`);

const Pick = ({ params, to, name, children }) => html`<button type="button" class="plain"
  aria-current=${Object.entries(to).every(([key, value]) => (params[key] ?? '') === value) ?
    'true' : null}
  title=${name} onClick=${() => go('stock', { find: params.find, sku: params.sku, row: 'yes',
    ...to })}
  >${children}</button>`;

function ZoneRow({ row, params, holders }) {
  const to = { zone: row.zone, batch: row.batch, pack: row.pack, owner: row.owner, bin: '' };
  return html`<tr class="zone"><td><${Pick} params=${params} to=${to} name=${
    t('History of this row')}
      >${row.zone}</${Pick}></td><td>${row.batch || html`<span class="none">${
        t('no batch')}</span>`}
      ${row.pack && html` <span class="state plain">${row.pack}</span>`}
      ${row.owner && html` <small>${row.owner}</small>`}</td><td></td>
    <td><${Expiry} date=${row.expiresOn}/>${row.onHold && html` <${State} of="HOLD"/>`}</td>
    <${Cells} of=${row}/><td>${row.reserved !== '0' && html`<button type="button" class="small"
      onClick=${() => holders(row)}>${t('Who holds it?')}</button>`}</td></tr>
    ${row.bins.filter(isThere).map((bin) => html`<tr class="bin"><td></td><td></td>
      <td><${Pick} params=${params} to=${{ ...to, bin: bin.bin }} name=${t('History of this row')}
      >${bin.bin}</${Pick}></td><td></td><${Cells} of=${bin}/><td></td></tr>`)}`;
}


function Rows({ warehouse, params }) {
  const [empty, showEmpty] = useState(false);
  const [holders, showHolders] = useState(null);
  const found = useWork((abort) => everyPage(rowsQuery, { warehouse, sku: params.sku },
    'zoneStocks',
    { most: 1000, abort }), [warehouse, params.sku]);
  return html`<${Answered} of=${found}>${({ rows, whole }) => {
    const shown = rows.filter((row) => empty || isThere(row));
    return html`<div class="table" role="group" tabindex="0" aria-label=${
      t('Zones, batches and bins')}>
      <table class="places"><thead><tr><th scope="col">${t('Zone')}</th><th scope="col">${
        t('Batch')}</th>
      <th scope="col">${t('Bin')}</th><th scope="col">${t('Expiry')}</th>
      ${['On hand', 'Reserved', 'Frozen', 'Available'].map((name) => html`<th scope="col"
        class="right">${t(name)}</th>`)}<th scope="col"><span class="unseen">${
          t('Holders')}</span></th>
      </tr></thead><tbody>${shown.map((row) => html`<${ZoneRow} key=${row.id} row=${row}
        params=${params} holders=${showHolders}/>`)}</tbody></table></div>
      ${!whole && html`<p class="note">${t('Only the first {count} rows are shown.',
    { count: rows.length })}</p>`}
      ${rows.length > shown.length || empty ? html`<label class="check"><input type="checkbox"
        checked=${empty} onChange=${(event) => showEmpty(event.target.checked)}/> ${
  t('show rows with nothing in them')}</label>` : ''}
      ${holders && html`<${Holders} warehouse=${warehouse} row=${{ ...holders, sku: params.sku }}
        close=${() => showHolders(null)}/>`}`;
  }}</${Answered}>`;
}

export function Item({ warehouse, params }) {
  const item = useAsk(itemQuery, { warehouse, sku: params.sku });
  return html`<section class="panel"><${Answered} of=${item}>${(data) => html`<${Head}
    data=${data}/>`}
    </${Answered}><${Rows} warehouse=${warehouse} params=${params}/></section>
    ${params.row ? html`<${History} warehouse=${warehouse} params=${params}/>` : html`<section
      class="panel"><${Nothing}>${t('Choose a zone or a bin to see its history.')}</${Nothing}>
      </section>`}`;
}
