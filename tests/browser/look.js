// look.js: what a browser sees of the web face, by Debian's Chromium. Reads one JSON object from standard input:
//   {web, out, pages: [path…], forms: [path…], answered: path, cookie: {name, value} of who is signed in, languages: [code…],
//   sizes: [phone, desk], name: of the pictures, walk: whether to go from the start page of staff and back by keyboard};
//   without forms the pages alone are looked at; those of who is signed in also by keyboard alone
// Every page is opened on a phone and on a desk, in three languages: axe-core and html-validate find nothing, nothing
// has to be scrolled sideways at 320 CSS pixels (400 % of 1280), nothing is refused by the page's own policy; a picture of
// each goes to the folder out. Then the forms are filled in: by keyboard alone, without script, and half, with a look back.
// Ends with 1 and a line for each fault. Run where node_modules holds playwright-core, axe-core and html-validate.
'use strict';
const { createRequire } = require('module');
const fs = require('fs');
const load = createRequire(process.cwd() + '/');
const { chromium } = load('playwright-core');
const { HtmlValidate } = load('html-validate');
const axe = fs.readFileSync(load.resolve('axe-core/axe.min.js'), 'utf8');

const SIZES = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 900 } };
const SCALE = 11;
const validator = new HtmlValidate({
  extends: ['html-validate:recommended'],
  // Written by an XML writer: void elements close themselves, attributes that are flags are empty.
  rules: { 'void-style': ['error', { style: 'selfclosing' }], 'attribute-boolean-style': ['error', { style: 'empty' }],
           'no-redundant-role': 'off', // a table's parts say their role, since some browsers forget it of what is displayed as a block
           'long-title': 'off', 'no-trailing-whitespace': 'off' },
});

let faults = 0;
function check(good, words) {
  if (!good) {
    faults += 1;
    console.log('FAULT: ' + words);
  }
}

async function open(context, url) {
  const page = await context.newPage();
  page.on('console', (message) => check(message.type() !== 'error' || /40[349]|410|422/.test(message.text()),
    url + ': ' + message.text()));
  page.on('pageerror', (error) => check(false, url + ': ' + error));
  await page.goto(url);
  return page;
}

async function examine(page, name) {
  const source = await (await page.context().request.get(page.url())).text();
  const report = await validator.validateString(source);
  for (const result of report.results) {
    result.messages.forEach((m) => check(false, `${name}: ${m.line}:${m.column} ${m.ruleId}: ${m.message}`));
  }
  const found = await page.evaluate((script) => { (0, eval)(script); return null; }, axe).catch(() => 'policy');
  if (found === 'policy') { // the page forbids eval, as it should: axe comes by the debugger instead
    const session = await page.context().newCDPSession(page);
    await session.send('Runtime.evaluate', { expression: axe });
  }
  const { violations } = await page.evaluate(() => window.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }));
  violations.forEach((v) => check(false, `${name}: axe ${v.id}: ${v.help}: ${v.nodes[0].html}`));
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
// one, the arrows the others; in a day's field it stops at each part and at the calendar.
async function isReached(page, name) {
  const usable = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const all = await page.evaluate((names) => {
    window.left = new Set([...document.querySelectorAll(names)].filter((e) => e.checkVisibility()));
    return window.left.size + 3 * document.querySelectorAll('input[type=date]').length;
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
      return { html: e.outerHTML.slice(0, 80), seen: e === document.body || appears || marked };
    });
    check(at.seen, `${name}: the focus is seen on ${at.html}`);
  }
  const left = await page.evaluate(() => [...window.left].map((e) => e.outerHTML.slice(0, 80)));
  check(left.length === 0, `${name}: Tab does not reach ${left.join(', ')}`);
}

// From the start page of staff to the first of the own pages and back.
async function goByKeyboard(browser, job) {
  const context = await browser.newContext({ viewport: SIZES.phone, locale: 'nb' });
  await addCookie(context, job);
  const page = await open(context, job.web + '/staff');
  for (const within of ['#ways', 'main > p:last-of-type']) {
    let there = null;
    for (let stop = 0; stop < 60 && !there; stop += 1) {
      await page.keyboard.press('Tab');
      there = await page.evaluate((place) => document.activeElement.closest(place) && document.activeElement.pathname, within);
    }
    check(there, `the keyboard reaches ${within} of ${page.url()}`);
    await Promise.all([page.waitForURL('**' + there), page.keyboard.press('Enter')]);
  }
  check(new URL(page.url()).pathname === '/staff', 'the keyboard leads back to the start page of staff');
  await context.close();
}

async function addCookie(context, job) {
  await context.addCookies([{ ...job.cookie, url: job.web.replace('http:', 'https:'), secure: true, httpOnly: true }]);
}

async function lookAtPages(browser, job) {
  for (const lang of job.languages || ['nb', 'nn', 'en']) {
    for (const [size, viewport] of Object.entries(SIZES).filter(([which]) => !job.sizes || job.sizes.includes(which))) {
      const context = await browser.newContext({ viewport, locale: lang });
      if (job.cookie) {
        await addCookie(context, job);
      }
      for (const path of job.forms ? job.pages.concat(job.forms[0], job.answered) : job.pages) {
        const name = `${job.name || ''}${path.replace(/\/e\/.*/, path === job.answered ? '/answered' : '/form').replace(/\W+/g, '-')}-${lang}-${size}`;
        const page = await open(context, job.web + path + (path.includes('?') ? '&' : '?') + 'lang=' + lang);
        await page.screenshot({ path: `${job.out}/${name}.png`, fullPage: true });
        if (size === 'phone') {
          await examine(page, name);
          await reflows(page, name);
          if (job.cookie) {
            await isReached(page, name);
          }
        }
        check(new URL(page.url()).pathname === path.split('?')[0], name + ': it leads to ' + page.url());
        check(await page.getAttribute('html', 'lang') === lang, name + ': its language');
        await page.close();
      }
      await context.close();
    }
  }
}

// Tab, arrows, blank and Enter are all that is needed; what has the focus can be seen.
async function answerByKeyboard(browser, url) {
  const context = await browser.newContext({ viewport: SIZES.phone, locale: 'nb' });
  const page = await open(context, url);
  await page.keyboard.press('Tab');
  check(await page.evaluate(() => document.activeElement.getAttribute('href')) === '#content', 'the first stop skips to the content');
  let answered = 0, words = 0;
  for (let stop = 0; stop < 60; stop += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const e = document.activeElement; // of a choice the whole field is marked, label and all
      const style = getComputedStyle(e.type === 'radio' ? e.closest('.ds-field') : e);
      return { tag: e.tagName, type: e.type, seen: style.outlineStyle !== 'none' || style.boxShadow !== 'none' };
    });
    check(at.seen, `the focus is seen on ${at.tag}`);
    if (at.type === 'radio') {
      await page.keyboard.press('Space');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      answered += 1;
    } else if (at.tag === 'TEXTAREA') {
      await page.keyboard.type('Mer tid i grupper');
      words += 1;
    } else if (at.type === 'submit') {
      break;
    }
  }
  check(answered === SCALE && words === 3, `the keyboard reached ${answered} scales and ${words} texts`);
  await Promise.all([page.waitForURL('**/thanks'), page.keyboard.press('Enter')]);
  check(/Takk/.test(await page.textContent('h1')), 'thanked');
  check(await page.evaluate(() => sessionStorage.length + localStorage.length) === 0, 'the browser has forgotten the answer');
  await context.close();
}

async function answerWithoutScript(browser, url) {
  const context = await browser.newContext({ javaScriptEnabled: false, locale: 'nn' });
  const page = await open(context, url);
  await page.fill('textarea >> nth=0', 'Ho er fødd 010190 12345');
  await page.click('button[type=submit]');
  check(/fødselsnummer/.test(await page.textContent('#faults')), 'without script the server catches the number');
  check(await page.inputValue('textarea >> nth=0') === 'Ho er fødd 010190 12345', 'what was written is kept');
  await page.fill('textarea >> nth=0', 'Meir øving');
  await page.check('#q1-4');
  await page.click('button[type=submit]');
  check(/Takk/.test(await page.textContent('h1')), 'thanked without script');
  await context.close();
}

async function answerHalf(browser, url) {
  const context = await browser.newContext({ locale: 'nb' });
  const sent = [];
  context.on('request', (request) => { if (request.method() === 'POST') { sent.push(request.url()); } });
  const page = await open(context, url);
  await page.check('#q3-2');
  await page.fill('textarea >> nth=1', 'halvferdig');
  await page.reload();
  check(await page.isChecked('#q3-2') && await page.inputValue('textarea >> nth=1') === 'halvferdig',
    'what is half filled in is there after a reload');
  check((await context.cookies()).length === 0, 'it is kept in no cookie');
  const other = await open(context, url);
  check(await other.inputValue('textarea >> nth=1') === '', 'who opens the link in another tab does not see it');
  await other.close();
  await page.fill('textarea >> nth=2', 'født 01019012345');
  await page.click('button[type=submit]');
  check(sent.length === 0, 'a national number does not leave the browser');
  await page.fill('textarea >> nth=2', '');
  await page.click('button[type=submit]');
  await page.waitForURL('**/thanks');
  await context.close();
}

(async () => {
  const job = JSON.parse(fs.readFileSync(0, 'utf8'));
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu',
    '--no-first-run', '--disable-background-networking', '--disable-quic', '--disable-component-update', '--disable-sync'] });
  try {
    await lookAtPages(browser, job);
    if (job.walk) {
      await goByKeyboard(browser, job);
    }
    if (job.forms) {
      await answerByKeyboard(browser, job.web + job.forms[0]);
      await answerWithoutScript(browser, job.web + job.forms[1]);
      await answerHalf(browser, job.web + job.forms[2]);
    }
  } finally {
    await browser.close();
  }
  process.exit(faults ? 1 : 0);
})().catch((error) => { console.log('FAULT: ' + error.stack); process.exit(1); });
