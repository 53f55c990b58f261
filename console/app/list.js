// Lists of any length: pages are read as one scrolls towards their end, and only the rows that can
// be seen are drawn, so that the hundred-thousandth scrolls as the first did.
import { html, useEffect, useRef, useState } from '../vendor/preact.js';
import { Nothing, Refused, Waiting } from './parts.js';
import { count } from './format.js';
import { t } from './words.js';

const rowHeight = 36; // as in page.css
const spare = 12; // rows drawn above and below, so that a quick finger sees no gap

// useRows reads load(after, abort) page by page; reset, where it changes, begins anew. So does
// fresh, with the rows of before in sight until there are new ones.
function useRows(load, reset, fresh) {
  const [shown, show] = useState({ rows: [], more: true, error: null });
  const state = useRef(null);
  useEffect(() => {
    const stop = new AbortController();
    if (state.current?.reset !== reset) show({ rows: [], more: true, error: null });
    state.current = { rows: [], after: null, more: true, busy: false, stop, reset };
    next();
    return () => stop.abort();
  }, [reset, fresh]);
  async function next() {
    const mine = state.current;
    if (!mine || mine.busy || !mine.more) return;
    mine.busy = true;
    try {
      const page = await load(mine.after, mine.stop.signal);
      for (const edge of page.edges) mine.rows.push(edge.node);
      mine.after = page.pageInfo.endCursor;
      mine.more = page.pageInfo.hasNextPage;
      mine.busy = false;
      if (mine === state.current) show({ rows: mine.rows, more: mine.more, error: null });
    } catch (error) {
      mine.busy = false;
      if (mine === state.current) show({ rows: mine.rows, more: mine.more, error });
    }
  }
  return { ...shown, next };
}

// Row can be picked by its first cell, but for a bare one, which has something to click on itself.
function Row({ row, index, columns, layout, pick, picked }) {
  const isPicked = picked?.(row);
  const handle = columns.findIndex((column) => !column.bare);
  return html`<div role="row" aria-rowindex=${index + 2} style=${layout}
      class=${`row${isPicked ? ' picked' : ''}${pick ? ' can' : ''}`}
      onClick=${pick && (() => pick(row))}>${columns.map((column, place) => html`<div role="cell"
        class=${column.right ? 'right' : ''}>${pick && place === handle
    ? html`<button type="button" class="plain" aria-current=${isPicked ? 'true' : null}
        onClick=${(event) => { event.stopPropagation(); pick(row); }}>${column.cell(row)}</button>`
    : column.cell(row)}</div>`)}</div>`;
}

// List shows what load gives. columns are { title, width, right, cell(row) }.
export function List({ name, columns, load, reset, fresh, pick, picked, empty, tall = 420 }) {
  const { rows, more, error, next } = useRows(load, reset, fresh);
  const [top, setTop] = useState(0);
  const layout = { gridTemplateColumns: columns.map((column) => column.width ?? 'minmax(0, 1fr)')
    .join(' ') };
  // Narrower, a list of many columns scrolls sideways.
  const wide = { minWidth: columns.length > 5 ? `${columns.length * 5.6}rem` : '0' };
  // A list that was read anew may be shorter than where it was scrolled to.
  const first = Math.min(rows.length, Math.max(0, Math.floor(top / rowHeight) - spare));
  const last = Math.min(rows.length, Math.ceil((top + tall) / rowHeight) + spare);
  useEffect(() => {
    if (more && !error && last >= rows.length - spare) next();
  }, [last, rows.length, more, error]);
  if (!more && rows.length === 0) {
    return html`<${Nothing}>${empty ?? t('Nothing here.')}</${Nothing}>`;
  }
  return html`<div class="list"><div class="scroll" role="table" aria-label=${name} tabindex="0"
        aria-rowcount=${more ? -1 : rows.length + 1} style=${{ maxHeight: `${tall}px` }}
        onScroll=${(event) => setTop(event.currentTarget.scrollTop)}>
      <div style=${wide}><div role="rowgroup" class="head"><div role="row" aria-rowindex="1"
        class="row" style=${layout}
        >${columns.map((column) => html`<div role="columnheader"
          class=${column.right ? 'right' : ''}>${column.title}</div>`)}</div></div>
      <div role="rowgroup" class="body" style=${{ paddingTop: `${first * rowHeight}px`,
        paddingBottom: `${(rows.length - last) * rowHeight}px` }}>${
  rows.slice(first, last).map((row, offset) => html`<${Row} key=${first + offset} row=${row}
    index=${first + offset} columns=${columns} layout=${layout} pick=${pick} picked=${picked}/>`)}
      </div></div>
    </div>
    <${Refused} error=${error} again=${next}/>
    ${more && !error && rows.length === 0 && html`<${Waiting}/>`}
    <p class="foot">${rows.length === 0 ? '' : more ? t('{count} read; more as you scroll',
    { count: count(rows.length) }) : t('{count} in all', { count: count(rows.length) })}</p>
  </div>`;
}
