// look.js: what a browser sees of the web face, by Debian's Chromium. Reads one JSON object from standard input:
//   {web, out, pages: [page…], forms: [path…], show: path of the page that counts them, cookie: {name, value} of who is signed
//   in, languages: [code…], sizes: [phone, desk] of the pictures, name: of the pictures, walk: whether to go from the start page
//   of staff and back by keyboard, hold: the session to hold by keyboard}
// A page is a path, or {path, name, status, to: where it leads, send: {field: value} to send with its form, of: which form,
// before: how often that was sent already, once: in the first language alone}. Each is opened in three languages: axe-core finds
// nothing on a phone and on a desk, html-validate nothing in what the server sent, nothing has to be scrolled sideways at 320 CSS
// pixels (400 % of 1280), Tab reaches all that can be used, nothing is refused by the page's own policy; a picture of each goes
// to the folder out.
// Ends with 1 and a line for each fault. Run where node_modules holds playwright-core, axe-core and html-validate.
'use strict';
const { createRequire } = require('module');
const fs = require('fs');
const { SIZES, check, faults, isAccessible, isReached, isValid, isWhole, open, reflows } = require('./examine');
const walk = require('./walk');
const { chromium } = createRequire(process.cwd() + '/')('playwright-core');

const LANGUAGES = ['nb', 'nn', 'en'];

async function begin(browser, job, more) {
  const context = await browser.newContext({ viewport: SIZES.phone, locale: 'nb', ...more });
  if (job.cookie) {
    await context.addCookies([{ ...job.cookie, url: job.web.replace('http:', 'https:'), secure: true, httpOnly: true }]);
  }
  return context;
}

// Sends a page's form with these fields, past what the browser would hold back.
async function send(page, { send: fields, of, before }) {
  for (let times = 0; times < (before || 0); times += 1) {
    await page.request.post(page.url(), { form: fields });
  }
  await Promise.all([page.waitForEvent('domcontentloaded'), page.evaluate(([which, sent]) => {
    const form = document.querySelector(which);
    for (const [name, value] of Object.entries(sent)) {
      form.querySelectorAll(`[name="${name}"]`).forEach((field) => { field.disabled = true; });
      const field = form.appendChild(document.createElement('input'));
      Object.assign(field, { type: 'hidden', name, value });
    }
    HTMLFormElement.prototype.submit.call(form);
  }, [of || 'main form', fields])]);
}

async function lookAt(context, job, page, lang) {
  const { path, to, status } = page;
  const name = `${job.name || ''}${page.name || path.replace(/\/e\/.*/, '/form').replace(/\W+/g, '-')}-${lang}`;
  const url = job.web + path + (path.includes('?') ? '&' : '?') + 'lang=' + lang;
  const tab = await open(context, url);
  if (page.send) {
    await send(tab, page);
  }
  if (page.before && tab.answer.status() !== status) { // between two of them another minute began, and they are counted anew
    await tab.goto(url);
    await send(tab, page);
  }
  check(new URL(tab.url()).pathname === (to || path.split('?')[0]), name + ': it leads to ' + tab.url());
  check(!status || tab.answer.status() === status, `${name}: its status is ${tab.answer.status()}`);
  check(await tab.getAttribute('html', 'lang') === lang, name + ': its language');
  await isValid(tab, name);
  await isWhole(tab, name);
  for (const [size, viewport] of Object.entries(SIZES)) {
    await tab.setViewportSize(viewport);
    if (!job.sizes || job.sizes.includes(size)) {
      await tab.screenshot({ path: `${job.out}/${name}-${size}.png`, fullPage: true });
    }
    await isAccessible(tab, name + '-' + size);
  }
  await reflows(tab, name);
  if (lang === (job.languages || LANGUAGES)[0]) {
    await isReached(tab, name);
  }
  await tab.close();
}

async function lookAtPages(browser, job) {
  const languages = job.languages || LANGUAGES;
  for (const lang of languages) {
    const context = await begin(browser, job, { locale: lang });
    for (const page of job.pages.filter(({ once }) => !once || lang === languages[0])) {
      await lookAt(context, job, page.path ? page : { path: page }, lang);
    }
    await context.close();
  }
}

async function goThrough(browser, job) {
  if (job.walk) {
    await walk.goByKeyboard(await begin(browser, job), job);
  }
  if (job.hold) {
    await walk.holdByKeyboard(await begin(browser, job), job);
  }
  if (job.forms) {
    const [first, second, third] = job.forms.map((path) => job.web + path);
    await walk.countsWhile(await begin(browser, job), job.web + job.show, () => walk.answerByKeyboard(browser, first));
    await walk.answerWithoutScript(browser, second);
    await walk.answerHalf(browser, third);
  }
}

(async () => {
  const job = JSON.parse(fs.readFileSync(0, 'utf8'));
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu',
    '--no-first-run', '--disable-background-networking', '--disable-quic', '--disable-component-update', '--disable-sync'] });
  try {
    await lookAtPages(browser, job);
    await goThrough(browser, job);
  } finally {
    await browser.close();
  }
  process.exit(faults.length ? 1 : 0);
})().catch((error) => { console.log('FAULT: ' + error.stack); process.exit(1); });
