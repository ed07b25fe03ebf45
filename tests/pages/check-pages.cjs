// SPDX-License-Identifier: MIT
//
//     NODE_PATH=… node tests/pages/check-pages.cjs CHROMIUM FOLDER FACTS
//
// Pages as a browser shows them, at the widths of a phone and of a desktop, light and dark. FACTS is JSON: of each page its
// `file`, whether it is looked at as a `whole` or only on a phone, light or `dark`, on how many `sheets` it is printed, and the
// `facts`: a number of elements or a text for each selector, as the database says. Prints TAP. Each rule is first shown something
// that it has to refuse.

'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { Browser } = require('./browser.cjs');

const [program, folder, factsFile] = process.argv.slice(2);
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const sizes = [{ width: 390, height: 844 }, { width: 1280, height: 900 }];

let number = 0, failed = 0;

// Passed if there is nothing to say against it.
function result(name, found) {
  const lines = [].concat(found).filter(Boolean);

  number++;
  console.log(`${lines.length ? 'not ok' : 'ok'} ${number} - ${name}`);
  lines.slice(0, 20).forEach((line) => console.log(`# ${String(line).slice(0, 300).replaceAll('\n', ' ')}`));
  failed += lines.length > 0;
}

// -- What is looked at in the page --

const inPage = {
  // What the accessibility checker says, a line for each element.
  async accessibility(browser) {
    await browser.evaluate(`${axe}; void 0`);
    return browser.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.flatMap((rule) => rule.nodes.map((node) => rule.id + ': ' + node.html)))`);
  },

  // Nothing to scroll sideways to, and no two texts of an axis one over the other.
  layout: (browser) => browser.evaluate(`(() => {
    const found = [];
    if (document.documentElement.scrollWidth > innerWidth) found.push('wider than the window: ' + document.documentElement.scrollWidth);
    for (const axis of document.querySelectorAll('svg.x')) {
      const boxes = [...axis.querySelectorAll('text')].map((text) => text.getBoundingClientRect()).filter((box) => box.width > 0);
      for (let i = 1; i < boxes.length; i++)
        if (boxes[i].left < boxes[i - 1].right + 2) found.push('texts overlap: ' + axis.textContent);
      if (boxes.some((box) => box.right > innerWidth || box.left < 0)) found.push('a text is cut off');
    }
    for (const chart of document.querySelectorAll('svg.chart'))
      if (chart.getBoundingClientRect().width < 200) found.push('a picture is narrow');
    return found;
  })()`),

  // WCAG 2.2, 1.4.3 and 1.4.11, of what the checker does not look at: the texts and lines of pictures.
  contrast: (browser) => browser.evaluate(`(() => {
    const luminance = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map((value) => value / 255)
      .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const back = luminance(getComputedStyle(document.documentElement).backgroundColor);
    const ratio = (colour) => { const own = luminance(colour); return (Math.max(own, back) + 0.05) / (Math.min(own, back) + 0.05); };
    const found = new Set();
    for (const text of document.querySelectorAll('svg text'))
      if (ratio(getComputedStyle(text).fill) < 4.5) found.add('text ' + text.textContent + ': ' + ratio(getComputedStyle(text).fill));
    for (const line of document.querySelectorAll('path.trace, path.ceiling'))
      if (ratio(getComputedStyle(line).stroke) < 3) found.add('line ' + line.parentNode.getAttribute('class') + ': ' + ratio(getComputedStyle(line).stroke));
    for (const bar of document.querySelectorAll('td.bar rect, .swatch rect, rect.bar'))
      if (getComputedStyle(bar).fillOpacity === '1' && bar.getAttribute('class') !== 'none' && ratio(getComputedStyle(bar).fill) < 3)
        found.add('bar ' + bar.getAttribute('class') + ': ' + ratio(getComputedStyle(bar).fill));
    return [...found];
  })()`),

  // Each picture has a name and something said of it, and a table behind it or in it.
  described: (browser) => browser.evaluate(`[...document.querySelectorAll('figure')].flatMap((figure) => {
    const chart = figure.querySelector('svg.chart'), said = document.getElementById(chart?.getAttribute('aria-describedby'));
    const rows = figure.querySelectorAll('tbody tr').length;
    return [chart?.getAttribute('aria-label') ? '' : figure.id + ' has no name', said?.textContent ? '' : figure.id + ' is not described',
      rows > 0 ? '' : figure.id + ' has no table'];
  }).filter(Boolean)`),

  facts: (browser, facts) => browser.evaluate(`Object.entries(${JSON.stringify(facts)}).flatMap(([selector, wanted]) => {
    const found = [...document.querySelectorAll(selector)];
    const is = typeof wanted === 'number' ? found.length : found.map((element) => element.textContent.trim()).join(' | ');
    return is === wanted ? [] : [selector + ': ' + is + ', not ' + wanted];
  })`),
};

// -- What happens in it --

// The value under the pointer is there, and that of the place.
async function pointer(browser) {
  const box = await browser.evaluate(`(() => {
    const chart = document.querySelector('svg.chart[data-values]');
    chart.scrollIntoView();
    const { left, top, width, height } = chart.getBoundingClientRect();
    return { left, top, width, height, values: chart.dataset.values.split(',') };
  })()`);
  const share = 0.5, value = box.values[Math.floor(share * box.values.length)];

  await browser.command('Input.dispatchMouseEvent', { type: 'mouseMoved', x: box.left + share * box.width, y: box.top + box.height / 2 });
  return browser.evaluate(`(() => {
    const text = document.querySelector('text.tip').textContent;
    return /^\\d\\d:\\d\\d:\\d\\d {2}${value} \\S+$/.test(text) ? '' : 'it says: ' + text;
  })()`);
}

// Neither a script nor a style nor a picture that comes into the page is taken.
async function policy(browser) {
  const found = await browser.evaluate(`(async () => {
    const found = [];
    const script = document.createElement('script');
    script.textContent = 'window.entered = true';
    document.body.append(script);
    if (window.entered) found.push('a script ran');
    const box = document.createElement('p');
    box.setAttribute('style', 'color: rgb(1, 2, 3)');
    document.body.append(box);
    if (getComputedStyle(box).color === 'rgb(1, 2, 3)') found.push('a style was taken');
    const picture = new Image();
    const taken = new Promise((resolve) => { picture.onload = () => resolve(true); picture.onerror = () => resolve(false); });
    picture.src = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
    if (await taken) found.push('a picture was loaded');
    return found;
  })()`);
  const complaints = browser.complaints().filter((text) => /Content Security Policy/.test(text));

  return complaints.length >= 3 ? found : [...found, `${complaints.length} refusals`];
}

async function sheets(browser, file) {
  await browser.pdf(file);
  return (fs.readFileSync(file, 'latin1').match(/\/Type *\/Page\b/g) ?? []).length;
}

// -- The rules themselves --

const bad = `<!DOCTYPE html><html lang="en"><head><title>bad</title><style>html { background: #ffffff }</style></head><body><main>
<h1>Bad</h1><p style="color: #999">grey</p><div style="width: 3000px">wide</div>
<figure id="one"><svg class="chart" role="img" viewBox="0 0 9 9" width="20"><g class="z9"><path class="trace" stroke="#eeeeee" d="M0 0L9 9"/></g></svg>
<svg class="x" width="400"><text x="20" y="12" fill="#aaaaaa">06:30</text><text x="30" y="12">06:35</text></svg></figure>
<script>console.error('no'); undefined.x</script></main></body></html>`;

async function rules(browser) {
  const file = path.join(folder, 'bad.html');

  fs.writeFileSync(file, bad);
  await browser.open(file, { ...sizes[1] });
  const complaints = browser.complaints(), checked = (await inPage.accessibility(browser)).join('\n');
  const wants = (name, found, patterns) => result(`what is wrong is seen: ${name}`,
    patterns.filter((pattern) => !pattern.test([].concat(found).join('\n'))).map((pattern) => `not seen: ${pattern}`));

  wants('accessibility', checked, [/color-contrast/, /svg-img-alt|role-img-alt/]);
  wants('layout', await inPage.layout(browser), [/wider/, /overlap/, /narrow/]);
  wants('contrast', await inPage.contrast(browser), [/text 06:30/, /line z9/]);
  wants('pictures without words', await inPage.described(browser), [/no name/, /not described/, /no table/]);
  wants('complaints', complaints, [/console/, /Uncaught/]);
  wants('facts', await inPage.facts(browser, { h1: 'Good', p: 2, div: 1 }), [/h1: Bad/, /p: 1, not 2/]);
  wants('a page that lets others in', await policy(browser), [/a script ran/, /a style was taken/, /a picture was loaded/]);
}

async function look(browser, page) {
  const name = path.basename(page.file, '.html');

  for (const size of page.whole ? sizes : [sizes[0]])
    for (const dark of page.whole ? [false, true] : [page.dark ?? false]) {
      const said = `${name}, ${size.width} wide, ${dark ? 'dark' : 'light'}`;

      await browser.open(page.file, { ...size, dark });
      result(`${said}: the page is as it has to be`, [...browser.complaints(), ...await inPage.facts(browser, page.facts),
        ...await inPage.described(browser), ...await inPage.layout(browser), ...await inPage.contrast(browser)]);
      // It takes longer than all the rest: narrow and light, wide and dark.
      if (!page.whole || (size.width < 500) !== dark) result(`${said}: nothing in the way of anybody`, await inPage.accessibility(browser));
    }
  if (page.whole && await browser.evaluate("document.querySelector('svg.chart[data-values]') !== null")) {
    await browser.open(page.file, { ...sizes[1] });
    result(`${name}: the value under the pointer`, await pointer(browser));
  }
  if (page.whole) {
    browser.complaints();
    result(`${name}: its policy holds`, await policy(browser));
    await browser.open(page.file, { ...sizes[1], script: false });
    result(`${name}: all is there without a script`, [...await inPage.facts(browser, page.facts), ...await inPage.described(browser)]);
  }
  if (page.sheets) {
    const n = await sheets(browser, path.join(folder, `${name}.pdf`));

    result(`${name}: printed on ${page.sheets} sheet`, n === page.sheets ? '' : `${n} sheets`);
  }
}

async function main() {
  const browser = new Browser(program, path.join(folder, 'profile'));

  try {
    await browser.begin();
    await rules(browser);
    for (const page of JSON.parse(fs.readFileSync(factsFile, 'utf8'))) await look(browser, page);
  } catch (error) {
    result('the browser does what it is told', error.stack);
  }
  await browser.end();
  console.log(`1..${number}`);
  process.exitCode = failed ? 1 : 0;
}

main();
