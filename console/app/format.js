// How amounts and times are written.
import { language } from './state.js';
import { t } from './words.js';

const locale = () => (language.get() === 'zh' ? 'zh-CN' : 'en-GB');

// amount groups the digits of a decimal, which stays the text it came as: no float comes near it.
export function amount(text) {
  if (text === null || text === undefined) return '';
  const [whole, fraction] = String(text).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

export const signed = (text) => (/^-|^0$/.test(text) ? amount(text) : `+${amount(text)}`);

// before is after less delta, exactly: decimals have at most six digits behind the point.
export function before(after, delta) {
  const millionths = (text) => {
    const [whole, fraction = ''] = text.replace('-', '').split('.');
    const size = BigInt(whole + fraction.padEnd(6, '0'));
    return text.startsWith('-') ? -size : size;
  };
  const left = millionths(after) - millionths(delta);
  const digits = String(left < 0n ? -left : left).padStart(7, '0');
  const fraction = digits.slice(-6).replace(/0+$/, '');
  return `${left < 0n ? '-' : ''}${digits.slice(0, -6)}${fraction ? `.${fraction}` : ''}`;
}

export const count = (number) => new Intl.NumberFormat(locale()).format(number);

export const rate = (number) => new Intl.NumberFormat(locale(), number < 10 ?
  { maximumSignificantDigits: 2 } : { maximumFractionDigits: 0 }).format(number);

export const percent = (share) => new Intl.NumberFormat(locale(), { style: 'percent',
  maximumFractionDigits: 1 }).format(share);

export function when(text) {
  if (!text) return '';
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'medium' })
    .format(new Date(text));
}

// soon is a time without its year, for narrow places.
export const soon = (text) => new Intl.DateTimeFormat(locale(), { month: 'short', day: 'numeric',
  hour: '2-digit', minute: '2-digit' }).format(new Date(text));

const units = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];

// ago says how long it is since then, in the largest unit that is not 0.
export function ago(text, unitDisplay = 'long') {
  const seconds = Math.max(0, (Date.now() - new Date(text).getTime()) / 1000);
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? ['second', 1];
  return new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay })
    .format(Math.floor(seconds / size));
}

// days from today to a date, by the calendar of this device: a hint, never a decision.
export const daysUntil = (date) => Math.round(
  (new Date(`${date}T00:00:00`) - new Date().setHours(0, 0, 0, 0)) / 86400000);

// span is a length of time, in its largest unit.
export function span(seconds) {
  const whole = (size) => count(Math.floor(seconds / size));
  if (seconds < 60) return t('{count} s', { count: whole(1) });
  if (seconds < 3600) return t('{count} min', { count: whole(60) });
  if (seconds < 86400) return t('{count} h', { count: whole(3600) });
  return t('{count} d', { count: whole(86400) });
}

// until is how long it is to then.
export function until(text) {
  const seconds = Math.ceil((new Date(text).getTime() - Date.now()) / 1000);
  return seconds > 0 ? t('in {time}', { time: span(seconds) }) : t('now');
}

const spaces = (depth) => `\n${'  '.repeat(depth)}`;

// pretty sets JSON out in lines. It stays the text that it was: numbers are not read, which would
// round long ones. What is no JSON is left alone.
export function pretty(text) {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  let depth = 0;
  return text.match(/"(?:[^"\\]|\\.)*"|[{[]\s*[}\]]|[{}[\],:]|[^\s"{}[\],:]+/g).map((part) => {
    if (part === '{' || part === '[') return part + spaces(++depth);
    if (part === '}' || part === ']') return spaces(--depth) + part;
    if (part === ',') return part + spaces(depth);
    return part === ':' ? ': ' : part;
  }).join('');
}
