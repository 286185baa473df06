// walk.js: what is gone through, by keyboard alone, without script, and half, with a look back.
'use strict';
const { SIZES, check, open } = require('./examine');

const SCALE = 11;

// Presses Tab until what has the focus is of that kind.
async function tabTo(page, kind) {
  for (let stop = 0; stop < 100; stop += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((names) => document.activeElement.matches(names), kind)) {
      return;
    }
  }
  check(false, `Tab does not reach ${kind} of ${page.url()}`);
}

async function enter(page, kind, leadsTo) {
  await tabTo(page, kind);
  await Promise.all([page.waitForEvent('domcontentloaded'), page.keyboard.press('Enter')]);
  check(new URL(page.url()).pathname === leadsTo, `${kind} leads to ${page.url()}`);
}

// From the start page of staff to the first of the own pages and back.
async function goByKeyboard(context, job) {
  const page = await open(context, job.web + '/staff');
  await enter(page, '#ways a', await page.evaluate(() => document.querySelector('#ways a').pathname));
  await enter(page, 'main > p:last-of-type a', '/staff');
}

// Notes who was there, and says that the session was held.
async function holdByKeyboard(context, job) {
  const path = '/staff/held/' + job.hold;
  const page = await open(context, job.web + path);
  await tabTo(page, 'summary');
  await page.keyboard.press('Enter');
  await tabTo(page, 'input[type=checkbox]');
  await page.keyboard.press('Space');
  await enter(page, 'form:has([value=attend]) button', path);
  await enter(page, 'form:has([value=hold]) button', path);
  check(await page.locator('form:has([value=hold])').count() === 0, 'it is held: nobody is asked any more');
}

// While something is done, the page that is shown to all counts one more, without being loaded anew.
async function countsWhile(context, url, something) {
  const page = await open(context, url);
  const count = () => page.evaluate(() => parseInt(document.getElementById('count').textContent, 10));
  const before = await count();
  await page.evaluate(() => { window.same = true; });
  await something();
  await page.waitForFunction((number) => parseInt(document.getElementById('count').textContent, 10) === number, before + 1,
    { timeout: 60000 }).catch(() => check(false, `${url} goes on saying ${before}`));
  check(await page.evaluate(() => window.same), url + ' was not loaded anew');
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

module.exports = { answerByKeyboard, answerHalf, answerWithoutScript, countsWhile, goByKeyboard, holdByKeyboard };
