// Charts, by uPlot, which is read only when the first chart is drawn.
import { html, useEffect, useRef, useState } from '../vendor/preact.js';
import { Refused } from './parts.js';
import { language, theme } from './state.js';
import { t } from './words.js';

let loading = null;

function library() {
  loading ??= new Promise((done, fail) => {
    const style = document.createElement('link');
    Object.assign(style, { rel: 'stylesheet', href: '/vendor/uplot.css' });
    const script = document.createElement('script');
    script.src = '/vendor/uplot.js';
    script.onload = () => done(window.uPlot);
    script.onerror = () => {
      loading = null;
      fail(new Error('/vendor/uplot.js'));
    };
    document.head.append(style, script);
  });
  return loading;
}

// colour is what a custom property comes to in the theme of now.
function colour(element, name) {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

const two = (number) => String(number).padStart(2, '0');

// stamp is a time as short as its neighbours let it be.
function stamp(seconds, step) {
  const at = new Date(seconds * 1000);
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (step >= 86400) return date;
  if (step < 60) return `${time}:${two(at.getSeconds())}`;
  return time === '00:00' ? date : time;
}

function settings(uPlot, element, { times, series, height, kind }) {
  const isBars = kind === 'bars';
  const ink = colour(element, '--quiet');
  const grid = { stroke: colour(element, '--line'), width: 1 };
  const axis = { stroke: ink, grid, ticks: grid };
  const below = { ...axis, space: 90, values: (_, splits, __, ___, step) => splits.map((seconds) =>
    stamp(seconds, step)) };
  const paths = isBars ? uPlot.paths.bars({ size: [0.8, 60], align: 1 }) :
    uPlot.paths.stepped({ align: 1 });
  const bar = times.length > 1 ? times[1] - times[0] : 1; // as wide as one is apart from the next
  return { width: element.clientWidth, height, cursor: { y: false },
    axes: [below, { ...axis, size: 60 }],
    scales: { x: { range: (_, low, high) => [low, isBars ? high + bar : Math.max(high, low + 1)] },
      y: { range: (_, low, high) => [Math.min(0, low), Math.max(1, high * 1.08)] } },
    series: [{ label: t('Time'), value: (_, seconds) => (seconds === null ? '–' :
      `${stamp(seconds, 86400)} ${stamp(seconds, 1)}`) },
    ...series.map(({ label, tone }) => ({ label, paths, width: 2, stroke: colour(element, tone),
      points: { show: (plot) => !isBars && plot.data[0].length < 60, size: 5 }, fill: isBars ?
        colour(element, tone) : undefined }))] };
}

// The system's own change of theme; the page's switch is a signal.
function useShade() {
  const [dark, turn] = useState(matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const asked = matchMedia('(prefers-color-scheme: dark)');
    const hear = () => turn(asked.matches);
    asked.addEventListener('change', hear);
    return () => asked.removeEventListener('change', hear);
  }, []);
  return `${theme.use()} ${dark}`;
}

// Chart draws series { label, tone, values } over times, which are seconds.
export function Chart({ title, times, series, height = 220, kind = 'steps' }) {
  const element = useRef(null);
  const drawn = useRef(null);
  const [error, fail] = useState(null);
  const shade = useShade();
  const tongue = language.use();
  const data = [times, ...series.map((one) => one.values)];
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    let gone = false;
    const watch = new ResizeObserver(() => drawn.current?.setSize({
      width: element.current.clientWidth, height }));
    library().then((uPlot) => {
      if (gone) return;
      drawn.current = new uPlot(settings(uPlot, element.current, { times, series, height, kind }),
        latest.current, element.current);
      watch.observe(element.current);
    }, (reason) => gone || fail(reason));
    return () => {
      gone = true;
      watch.disconnect();
      drawn.current?.destroy();
      drawn.current = null;
    };
  }, [shade, tongue]);
  // New figures are put into the chart that is there, so that the pointer stays where it was.
  useEffect(() => drawn.current?.setData(latest.current), [times]);
  return html`<figure class="chart"><figcaption>${title}</figcaption>
    <div ref=${element} role="img" aria-label=${title} style=${{ minHeight: `${height}px` }}></div>
    <${Refused} error=${error}/></figure>`;
}
