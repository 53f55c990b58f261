// The rule sets that stock is chosen by, and what is wrong with their file.
import { html } from '../vendor/preact.js';
import { useAsk } from './ask.js';
import { Answered, Facts, Nothing, State, Table, When } from './parts.js';
import { t } from './words.js';

const rulesQuery = `query Rules { ruleSets { file loadedAt default error
  problems { set rule line reason remedy }
  sets { name rules { name when strategy summary line } } } }`;

const Problems = ({ of }) => html`<section class="panel"><h2>${
  t('The file cannot be loaded as it is')}</h2>
  <div class="refused" role="alert"><strong>${
    t('The rules that were loaded before stay in force.')}</strong>
    <span class="said">${of.error}</span></div>
  ${of.problems.length > 0 && html`<${Table} name=${t('Problems')} rows=${of.problems} columns=${[
    { title: t('Line'), right: true, cell: (row) => row.line },
    { title: t('Rule set'), cell: (row) => row.set ?? '–' },
    { title: t('Rule'), cell: (row) => row.rule ?? '–' },
    { title: t('What is wrong'), cell: (row) => row.reason },
    { title: t('What to do'), cell: (row) => row.remedy }]}/>`}</section>`;

const RuleSet = ({ of, isDefault }) => html`<section class="panel"><h2>${of.name} ${isDefault &&
  html`<${State} of=${t('used where none is named')} tone="good"/>`}</h2>
  <${Table} name=${of.name} rows=${of.rules} columns=${[
    { title: t('Rule'), cell: (row) => row.name },
    { title: t('When'), cell: (row) => (row.when ? html`<code>${row.when}</code>` : t('always')) },
    { title: t('Strategy'), cell: (row) => row.strategy },
    { title: t('In words'), cell: (row) => row.summary },
    { title: t('Line'), right: true, cell: (row) => row.line }]}/></section>`;

export default function Rules() {
  const found = useAsk(rulesQuery, {});
  return html`<h1>${t('Rules')}</h1><${Answered} of=${found}>${({ ruleSets: file }) => (!file ?
    html`<section class="panel"><${Nothing}>${
      t('The engine was started without rules: stock is chosen by strategy alone.')}
      ${' '}<code>--rules</code>
    </${Nothing}></section>` : html`
    <section class="panel"><${Facts} of=${[[t('File'), html`<code>${file.file}</code>`],
      [t('Loaded'), html`<${When} at=${file.loadedAt}/>`], [t('Default'),
        file.default ?? '–']]}/></section>
    ${file.error && html`<${Problems} of=${file}/>`}
    ${file.sets.map((set) => html`<${RuleSet} of=${set}
      isDefault=${set.name === file.default}/>`)}`)}
  </${Answered}>`;
}
