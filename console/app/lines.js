// Order lines as text: CSV with a heading, or pasted from a spreadsheet with tabs.

// Each column, by the names that people give it.
const columns = { order: 'order', orderid: 'order', 'order id': 'order', line: 'line',
  lineid: 'line', 'line id': 'line', sku: 'sku', qty: 'qty', quantity: 'qty', batch: 'batch',
  lot: 'batch', pack: 'pack', owner: 'owner', priority: 'priority', channel: 'channel',
  'min days': 'days', mindays: 'days', minremainingdays: 'days', 'ship complete': 'whole',
  shipcomplete: 'whole' };

const needed = ['order', 'line', 'sku', 'qty'];
export const linesMax = 5000;

export class ParseError extends Error {}

const fail = (line, column, message) => {
  throw new ParseError(`line ${line}, column ${column}: ${message}`);
};

// records splits the text; a quoted value may hold the separator, quotes twice, and line ends.
function records(text) {
  const separator = text.split('\n', 1)[0].includes('\t') ? '\t' :
    text.split('\n', 1)[0].includes(';') ? ';' : ',';
  const found = [];
  let [value, row, quoted, line, begun] = ['', [], false, 1, 1];
  const end = () => { row.push(value.trim()); value = ''; };
  const endRow = () => {
    end();
    if (row.some((one) => one !== '')) found.push({ line: begun, values: row });
    row = [];
  };
  for (let place = 0; place < text.length; place++) {
    const sign = text[place];
    if (sign === '\n') line++;
    if (quoted) {
      if (sign !== '"') value += sign;
      else if (text[place + 1] === '"') { value += '"'; place++; } else quoted = false;
    } else if (sign === '"' && value.trim() === '') [quoted, value] = [true, ''];
    else if (sign === separator) end();
    else if (sign === '\n') { endRow(); begun = line; } else if (sign !== '\r') value += sign;
  }
  if (quoted) fail(begun, row.length + 1, 'a quote is not closed');
  endRow();
  return found;
}

function heading(record) {
  const names = record.values.map((value, place) => columns[
    value.toLowerCase().replace('_', ' ')] ?? fail(record.line, place + 1,
    `"${value}" is no column; known are ${needed.join(', ')}, ` +
    'batch, pack, owner, priority, channel, min days, ship complete'));
  for (const name of needed) {
    if (!names.includes(name)) fail(record.line, 1, `the heading has no column "${name}"`);
  }
  names.forEach((name, place) => names.indexOf(name) === place ||
    fail(record.line, place + 1, `the column "${name}" is there twice`));
  return names;
}

const isWhole = (text) => /^(yes|true|1|y)$/i.test(text);

// lineOf reads a record into { order, line, sku, qty, ... }.
function lineOf(record, names) {
  const place = (name) => names.indexOf(name) + 1;
  const line = { at: record.line };
  if (record.values.length > names.length) {
    fail(record.line, names.length + 1, `there are more values than the heading has columns`);
  }
  names.forEach((name, index) => { line[name] = record.values[index] ?? ''; });
  for (const name of needed) {
    if (line[name] === '') fail(record.line, place(name), `"${name}" is empty`);
  }
  if (!/^\d{1,12}(\.\d{1,6})?$/.test(line.qty) || Number(line.qty) === 0) {
    fail(record.line, place('qty'),
      `"${line.qty}" is no quantity: digits, and at most six behind a point`);
  }
  for (const name of ['priority', 'days']) {
    if (line[name] && !/^-?\d{1,9}$/.test(line[name])) {
      fail(record.line, place(name), `"${line[name]}" is no whole number`);
    }
  }
  return line;
}

// An order's own values must be the same in all of its lines, or nobody knows which is meant.
function join(orders, line, names) {
  const order = { orderId: line.order, owner: line.owner ?? '',
    priority: Number(line.priority || 0), channel: line.channel ?? '',
      shipComplete: isWhole(line.whole ?? ''), lines: [] };
  const known = orders.get(line.order) ?? order;
  for (const [name, field] of [['owner', 'owner'], ['priority', 'priority'], ['channel', 'channel'],
    ['whole', 'shipComplete']]) {
    if (known[field] !== order[field]) {
      fail(line.at, names.indexOf(name) + 1,
        `order ${line.order} has another value in an earlier line`);
    }
  }
  if (known.lines.some((other) => other.lineId === line.line)) {
    fail(line.at, names.indexOf('line') + 1, `order ${line.order} has line ${line.line} already`);
  }
  known.lines.push({ lineId: line.line, sku: line.sku, qty: line.qty,
    ...(line.batch ? { batch: line.batch } : {}), ...(line.pack ? { pack: line.pack } : {}),
    ...(line.days ? { minRemainingDays: Number(line.days) } : {}) });
  orders.set(line.order, known);
}

// parse gives the orders of a text, or throws a ParseError that names line and column.
export function parse(text) {
  const [first, ...rest] = records(text.replace(/^\uFEFF/, ''));
  if (!first) throw new ParseError('there is nothing here');
  const names = heading(first);
  if (rest.length === 0) throw new ParseError('there is a heading, and no line below it');
  if (rest.length > linesMax) fail(rest[linesMax].line, 1, `more than ${linesMax} lines at once`);
  const orders = new Map();
  for (const record of rest) join(orders, lineOf(record, names), names);
  return [...orders.values()];
}
