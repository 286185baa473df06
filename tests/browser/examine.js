// examine.js: what is judged of a page that a browser shows. Whatever is found goes to standard output, a line a fault.
'use strict';
const { createRequire } = require('module');
const fs = require('fs');
const load = createRequire(process.cwd() + '/');
const { HtmlValidate } = load('html-validate');
const axe = fs.readFileSync(load.resolve('axe-core/axe.min.js'), 'utf8');

const SIZES = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 900 } };
const REFUSED = /status of (40[349]|410|422|429|503)/; // what the console says of a page that refuses
const validator = new HtmlValidate({
  extends: ['html-validate:recommended'],
  // Written by an XML writer: void elements close themselves, attributes that are flags are empty.
  rules: { 'void-style': ['error', { style: 'selfclosing' }], 'attribute-boolean-style': ['error', { style: 'empty' }],
           'no-redundant-role': 'off', // a table's parts say their role, since some browsers forget it of what is displayed as a block
           'long-title': 'off', 'no-trailing-whitespace': 'off' },
});


const faults = [];
function check(good, words) {
  if (!good) {
    faults.push(words);
    console.log('FAULT: ' + words);
  }
}

// A page whose .answer is what the server answered last, whether a link, a form or a redirection led there.
async function open(context, url) {
  const page = await context.newPage();
  page.on('console', (message) => check(message.type() !== 'error' || REFUSED.test(message.text()), url + ': ' + message.text()));
  page.on('pageerror', (error) => check(false, url + ': ' + error));
  page.on('response', (response) => {
    if (response.request().isNavigationRequest()) {
      page.answer = response;
    }
  });
  await page.goto(url);
  return page;
}

async function isValid(page, name) {
  const report = await validator.validateString(await page.answer.text());
  for (const result of report.results) {
    result.messages.forEach((m) => check(false, `${name}: ${m.line}:${m.column} ${m.ruleId}: ${m.message}`));
  }
}

// What labels, descriptions and links name within the page is there.
async function isWhole(page, name) {
  const lost = await page.evaluate(() => ['for', 'aria-describedby', 'aria-labelledby', 'href'].flatMap((key) =>
    [...document.querySelectorAll(key === 'href' ? 'a[href^="#"]' : `[${key}]`)].flatMap((e) => e.getAttribute(key).replace('#', '').split(' '))
      .filter((id) => !document.getElementById(id))));
  check(lost.length === 0, `${name}: named, but not there: ${lost.join(', ')}`);
}

// axe comes by the debugger: the page forbids eval, as it should. On a desk, where tables are not cut off, what it cannot judge
// is a fault, too; so that it can, tables stand without the shadow at their sides, lists to choose from without their arrow. It
// judges no text within a chart, which is ink on paper (chart.c).
async function isAccessible(page, name) {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe });
  await session.detach();
  const { violations, incomplete } = await page.evaluate(async () => {
    const drawn = [...document.querySelectorAll('.wide, select')];
    drawn.forEach((place) => { place.style.backgroundImage = 'none'; });
    window.axe._audit.checks['color-contrast'].options.ignoreLength = true; // a single digit is judged, too
    const found = await window.axe.run(document, { resultTypes: ['violations', 'incomplete'],
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] });
    drawn.forEach((place) => { place.style.backgroundImage = ''; });
    return found;
  });
  const whole = page.viewportSize().width >= SIZES.desk.width;
  for (const { id, help, nodes } of [...violations, ...(whole ? incomplete : [])]) {
    nodes.filter(({ html }) => !(id === 'color-contrast' && html.startsWith('<text'))).slice(0, 1).forEach(({ html, any }) =>
      check(false, `${name}: axe ${id}: ${help}: ${html} ${any.map((judged) => judged.message)}`));
  }
}

async function reflows(page, name) {
  await page.setViewportSize({ width: 320, height: 640 });
  const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
  check(wide <= 320, `${name}: ${wide} pixels wide at 320`);
  const faulty = await page.evaluate(() => [...document.querySelectorAll('table')].filter((table) => {
    const region = table.closest('section.wide');
    const scrolls = region && region.scrollWidth > region.clientWidth;
    const labelled = [...table.querySelectorAll('tbody :is(td, th)')].every((cell) => cell.dataset.label);
    return !region || region.tabIndex !== 0 || !region.getAttribute('aria-label') ||
      region.classList.contains('stack') && (scrolls || !labelled);
  }).map((table) => table.caption.textContent));
  check(faulty.length === 0, `${name}: at 320 these tables are cut off, or cannot be scrolled by keyboard: ${faulty.join('; ')}`);
}

// Everything that can be used is reached by Tab, and what has the focus can be seen. Of radio buttons of one name Tab reaches
// one, the arrows the others; in a day's or a time's field it stops at each part and at the calendar or clock.
async function isReached(page, name) {
  const usable = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const all = await page.evaluate((names) => {
    window.left = new Set([...document.querySelectorAll(names)].filter((e) => e.checkVisibility()));
    return window.left.size + 3 * document.querySelectorAll('input:is([type=date], [type=time])').length;
  }, usable);
  for (let stop = 0; stop <= all; stop += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      const marked = [e, e.closest('.ds-field')].filter(Boolean).map((place) => getComputedStyle(place))  // a box's whole line is
        .some((style) => style.outlineStyle !== 'none' || style.boxShadow !== 'none');
      const appears = e.matches('.ds-skip-link') && e.getBoundingClientRect().height > 10 && e.getBoundingClientRect().top >= 0;
      window.left.delete(e);
      [...window.left].filter((other) => e.type === 'radio' && other.type === 'radio' && other.name === e.name)
        .forEach((other) => window.left.delete(other));
      return { html: e.outerHTML.slice(0, 80), seen: e === document.body || appears || marked, last: window.left.size === 0 };
    });
    check(at.seen, `${name}: the focus is seen on ${at.html}`);
    if (at.last) {
      return;
    }
  }
  const left = await page.evaluate(() => [...window.left].map((e) => e.outerHTML.slice(0, 80)));
  check(left.length === 0, `${name}: Tab does not reach ${left.join(', ')}`);
}

module.exports = { SIZES, check, faults, isAccessible, isReached, isValid, isWhole, open, reflows };
