// Why this stock and not that, and who keeps it from others.
import { html } from '../vendor/preact.js';
import { tell, useAsk, useWork } from './ask.js';
import { Ago, Amount, Answered, Dialog, Expiry, Nothing, Refused, State, Table } from './parts.js';
import { address } from './route.js';
import { t } from './words.js';

export const candidateFields = `rank zone bin batch pack expiresOn available taken skipped score`;

// Explanation is the list of rows that were looked at, in order.
export function Explanation({ of, decidedBy }) {
  if (of.length === 0) {
    return html`<${Nothing}>${t('No row of it was looked at: there is none.')}</${Nothing}>`;
  }
  const scored = of.some((row) => row.score !== null);
  const binned = of.some((row) => row.bin);
  return html`${decidedBy && html`<p class="note">${t('Decided by')}: <b>${decidedBy}</b></p>`}
    <${Table} name=${t('Rows looked at, in order')} rows=${of.map((row) => ({ ...row,
    class: row.taken === '0' ? 'passed' : 'taken' }))} columns=${[
    { title: '#', right: true, cell: (row) => row.rank },
    { title: t('Zone'), cell: (row) => row.zone },
    binned && { title: t('Bin'), cell: (row) => row.bin },
    { title: t('Batch'), cell: (row) => row.batch || '–' },
    { title: t('Pack'), cell: (row) => row.pack || '–' },
    { title: t('Expiry'), cell: (row) => html`<${Expiry} date=${row.expiresOn}/>` },
    { title: t('Available'), right: true, cell: (row) => html`<${Amount} of=${row.available}/>` },
    scored && { title: t('Score'), right: true, cell: (row) => row.score },
    { title: t('Taken'), right: true, cell: (row) => html`<b><${Amount} of=${row.taken}/></b>` },
    { title: t('Why not'), cell: (row) => (row.skipped ? html`<${State} of=${row.skipped}
      tone="plain"/>` : html`<${State} of=${t('taken')} tone="good"/>`) }].filter(Boolean)}/>`;
}

const whatIfQuery = `mutation WhatIf($lines: [ReserveLine!]!) {
  reserve(dryRun: true, lines: $lines) { results { code field message decidedBy qtyApplied shortage
    explanation { ${candidateFields} } } } }`;

// WhatIf asks for the same demand again, in a dry run under a revision that nobody uses.
export function WhatIf({ warehouse, reservation, close }) {
  const { jobType, orderId, lineId, sku, requested, owner, priority } = reservation;
  const found = useWork(() => tell(whatIfQuery, { lines: [{ warehouse, sku, qty: requested, owner,
    priority, allowPartial: true,
    key: { jobType, orderId, lineId, revision: '9223372036854775807' } }] }), [reservation.id]);
  return html`<${Dialog} title=${t('What would be chosen now')} close=${close}>
    <p>${t(
      'A dry run: {qty} of {sku} for order {order}, line {line}, as if it were asked for again.',
    { qty: requested, sku, order: orderId, line: lineId })}
    ${' '}${t('What the order holds already is not available to it twice.')}
    ${' '}${
      t('Limits that the line itself named (batch, zones, days left) are not asked for.')}</p>
    <h3>${t('What was chosen then')}</h3>
    ${reservation.holds.length === 0 ? html`<${Nothing}>${t('Nothing is held.')}</${Nothing}>` :
    html`<ul>${reservation.holds.map((hold) => html`<li>${[hold.zone, hold.batch, hold.pack]
      .filter(Boolean).join(' · ')}: ${t('{held} held, {out} deducted, {back} given back',
      { held: hold.reserved, out: hold.deducted, back: hold.released })}</li>`)}</ul>`}
    <h3>${t('What would be chosen now')}</h3>
    <${Answered} of=${found}>${(data) => {
    const result = data.reserve.results[0];
    const applied = result.code === 'APPLIED' || result.code === 'PARTIAL';
    return html`${!applied && html`<${Refused} error=${result}/>`}
      <${Explanation} of=${result.explanation} decidedBy=${result.decidedBy}/>`;
  }}</${Answered}></${Dialog}>`;
}

const holdersQuery = `query Holders($warehouse: Code!, $sku: Code!, $zone: Code, $bin: Code,
    $batch: Label, $pack: Label, $owner: Label) {
  stockHolders(warehouse: $warehouse, sku: $sku, zone: $zone, bin: $bin, batch: $batch, pack: $pack,
    owner: $owner) { jobType orderId lineId revision priority reserved pinned createdAt task } }`;

// Holders are those that keep a row from others.
export function Holders({ warehouse, row, close }) {
  const { sku, zone, bin, batch, pack, owner } = row;
  const found = useAsk(holdersQuery, { warehouse, sku, zone, bin, batch, pack, owner });
  return html`<${Dialog} title=${t('Who holds it?')} close=${close}>
    <p class="note">${[zone, bin, sku, batch, pack].filter(Boolean).join(' · ')}</p>
    <${Answered} of=${found}>${(data) => (data.stockHolders.length === 0 ?
    html`<${Nothing}>${t('Nobody holds any of it.')}</${Nothing}>` :
    html`<${Table} name=${t('Holders')} rows=${data.stockHolders} columns=${[
      { title: t('Order'), cell: (holder) => html`<a href=${address('orders',
        { order: holder.orderId })}>${holder.orderId}</a>` },
      { title: t('Line'), cell: (holder) => holder.lineId },
      { title: t('Priority'), right: true, cell: (holder) => holder.priority },
      { title: t('Reserved'), right: true, cell: (holder) => html`<${Amount}
        of=${holder.reserved}/>` },
      { title: t('Pinned'), right: true, cell: (holder) => html`<${Amount} of=${holder.pinned}/>` },
      { title: t('Since'), cell: (holder) => html`<${Ago} at=${holder.createdAt}/>` }]}/>`)}
    </${Answered}></${Dialog}>`;
}
