// Charts, by uPlot, which is read only when the first chart is drawn.
import { html, useEffect, useRef, useState } from '../vendor/preact.js';
import { Refused } from './parts.js';
import { language, theme } from './state.js';

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

function settings(uPlot, element, { series, height, kind }) {
  const ink = colour(element, '--quiet');
  const grid = { stroke: colour(element, '--line'), width: 1 };
  const axis = { stroke: ink, grid, ticks: grid };
  const paths = kind === 'bars' ? uPlot.paths.bars({ size: [0.8, 60], align: 1 }) :
    uPlot.paths.stepped({ align: 1 });
  const stamp = language.get() === 'zh' ? '{YYYY}-{MM}-{DD} {HH}:{mm}' :
    '{D} {MMM} {YYYY}, {HH}:{mm}:{ss}';
  return { width: element.clientWidth, height, cursor: { y: false }, axes: [axis, { ...axis, size: 60 }],
    scales: { y: { range: (_, low, high) => [Math.min(0, low), Math.max(1, high * 1.08)] } },
    series: [{ value: stamp }, ...series.map(({ label, tone }) => ({ label, paths, width: 2,
      stroke: colour(element, tone), points: { show: kind !== 'bars' && undefined },
      fill: kind === 'bars' ? colour(element, tone) : undefined }))] };
}

// Chart draws series { label, tone, values } over times, which are seconds.
export function Chart({ title, times, series, height = 220, kind = 'steps' }) {
  const element = useRef(null);
  const [error, fail] = useState(null);
  const shade = theme.use();
  const tongue = language.use();
  useEffect(() => {
    let plot = null;
    let gone = false;
    const watch = new ResizeObserver(() => plot?.setSize({ width: element.current.clientWidth,
      height }));
    library().then((uPlot) => {
      if (gone) return;
      plot = new uPlot(settings(uPlot, element.current, { series, height, kind }),
        [times, ...series.map((one) => one.values)], element.current);
      watch.observe(element.current);
    }, (reason) => gone || fail(reason));
    return () => {
      gone = true;
      watch.disconnect();
      plot?.destroy();
    };
  }, [times, shade, tongue]);
  return html`<figure class="chart"><figcaption>${title}</figcaption>
    <div ref=${element} role="img" aria-label=${title} style=${{ minHeight: `${height}px` }}></div>
    <${Refused} error=${error}/></figure>`;
}
