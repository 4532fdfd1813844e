// The client in a real browser against a real server:
//
//   npm run e2e -- http://127.0.0.1:8080 'http://127.0.0.1:8080/signin#…'
//
// The second argument is the one-time link that `pasaj serve` prints while no password is set.
// Prints one line for each failure and exits with 1 if there was any. CHROMIUM names the browser;
// SHOTS names a folder for screenshots. The run leaves one roadblock behind, marked as cleared.
import { chromium } from 'playwright-core';
import { join } from 'node:path';

const [base, link] = process.argv.slice(2);
if (!base || !link) {
  console.error('usage: npm run e2e -- <address of the server> <one-time sign-in link>');
  process.exit(2);
}
const origin = new URL(base).origin;
const DAY = '2024-09-01T17:00:00Z';
const CAPITAL = '-72.3300,18.5500,12.00';
const LIVE_MS = 3000;

const failures = [];
const check = (ok, text) => { if (!ok) { failures.push(text); console.log(`FAIL ${text}`); } };
const figure = (name, value) => console.log(`${name}: ${value}`);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

/** A fresh browser profile whose pages report errors, refused content and foreign requests. */
async function visitor(name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 820 }, reducedMotion: 'reduce', ...options });
  await context.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
  });
  const page = await context.newPage();
  page.on('console', (m) => { if (m.type() === 'error' || /Content Security Policy/i.test(m.text())) check(false, `${name}: console: ${m.text()} ${m.location().url}`); });
  page.on('pageerror', (e) => check(false, `${name}: uncaught: ${e.message}`));
  page.on('request', (r) => { const u = r.url(); if (!u.startsWith(origin) && !/^(data|blob):/.test(u)) check(false, `${name}: third party: ${u}`); });
  page.setDefaultTimeout(15_000);
  return page;
}

const ready = (page) => page.waitForSelector('.page[aria-busy="false"]');
async function open(page, query = '') {
  await page.goto(`${origin}/${query}`, { waitUntil: 'load' });
  await ready(page);
}
async function leave(page, name) {
  const violations = await page.evaluate(() => window.violations);
  check(violations.length === 0, `${name}: content security policy: ${violations.join('; ')}`);
  await page.context().close();
}
const shot = async (page, name) => { if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`) }); };

/** One step: what it throws is a failure, and the next step runs all the same. */
async function step(name, work) {
  try {
    await work();
    console.log(`done ${name}`);
  } catch (error) {
    check(false, `${name}: ${String(error.message).split('\n').slice(0, 3).join(' | ')}`);
  }
}

const noSideways = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && document.body.scrollWidth <= innerWidth);

await step('boots in three languages', async () => {
  for (const [language, tab] of [['fr', 'Légende'], ['ht', null], ['en', 'Legend']]) {
    const page = await visitor(`boot ${language}`);
    await open(page, `?lg=${language}`);
    check(await page.getAttribute('html', 'lang') === language, `boot ${language}: the page says lang ${await page.getAttribute('html', 'lang')}`);
    if (tab) check(await page.textContent('#tab-legend') === tab, `boot ${language}: the first tab is not “${tab}”`);
    check(await page.locator('.map .land').count() === 1, `boot ${language}: no coast`);
    await page.waitForSelector('.streets .core', { state: 'attached' });
    check((await page.textContent('.attribution')).includes('OpenStreetMap contributors (2010, CC BY-SA 2.0)'), `boot ${language}: streets without their credit`);
    await leave(page, `boot ${language}`);
  }
});

await step('anonymous', async () => {
  const page = await visitor('anonymous');
  await open(page, `?t=${DAY}&c=${CAPITAL}`);
  await page.waitForSelector('.public-line');
  for (const layer of ['controlled-zones', 'roadblocks']) {
    const n = await page.locator(`[data-key^="${layer}:"]`).count();
    check(n === 0, `anonymous: ${n} features of ${layer} in the page`);
  }
  await page.waitForSelector('.streets .core', { state: 'attached' });
  await shot(page, 'anonymous');
  await leave(page, 'anonymous');
});

await step('phone', async () => {
  const page = await visitor('phone', { viewport: { width: 360, height: 720 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
  await open(page);
  for (const tab of ['legend', 'view', 'passage', 'coverage', 'time']) {
    await page.click(`#tab-${tab}`);
    await page.waitForTimeout(300);
    check(await noSideways(page), `phone: tab ${tab} scrolls sideways`);
  }
  await leave(page, 'phone');
});

const page = await visitor('editor');

await step('sign-in link', async () => {
  await page.goto(new URL(link).href, { waitUntil: 'load' });
  await page.waitForSelector('dialog[open] form');
  check(!page.url().includes('#'), 'sign-in link: the token stays in the address');
  const [answer] = await Promise.all([
    page.waitForResponse((r) => r.url().endsWith('/v1/session') && r.request().method() === 'POST'),
    page.click('dialog form button[type=button]'), // enter without setting a password
  ]);
  check(answer.ok(), `sign-in link: answered ${answer.status()}`);
  await page.waitForSelector('dialog[open]', { state: 'detached' }).catch(() => check(false, 'sign-in link: the dialog stays'));
  await page.waitForSelector('.account .who');
});

await step('the capital on 1 September 2024', async () => {
  await open(page, `?t=${DAY}&c=${CAPITAL}`);
  const zones = await page.locator('.zone .fill').count();
  const blocks = await page.locator('.symbol[data-key^="roadblocks:"]').count();
  check(zones > 5, `2024-09-01: ${zones} zones`);
  check(blocks > 0, `2024-09-01: ${blocks} roadblocks`);
  figure('zones, roadblock symbols', `${zones}, ${blocks}`);
  await page.waitForSelector('.streets .core', { state: 'attached' });
  await page.evaluate(() => document.fonts.ready);
  await shot(page, 'capital');
});

const cardText = async () => { await page.waitForSelector('.card #card-title'); return page.innerText('.card'); };
await step('click, then card', async () => {
  // A zone is clicked where its own fill is on top, which need not be its middle.
  const at = await page.evaluate(() => {
    const box = document.querySelector('.map').getBoundingClientRect();
    for (let y = box.top + 60; y < box.bottom - 60; y += 14) {
      for (let x = box.left + 60; x < box.right - 60; x += 14) {
        if (document.elementFromPoint(x, y)?.matches('.zone .fill')) return { x, y };
      }
    }
    return null;
  });
  check(at, 'card: no zone can be clicked');
  await page.mouse.click(at.x, at.y);
  const text = await cardText();
  const has = (pattern, what) => check(pattern.test(text), `card: no ${what}`);
  has(/cote [A-F?][1-6?]/, 'grade');
  has(/il y a |à l’instant/, 'age');
  has(/références/, 'references');
  has(/Démonstration/, 'demonstration marker');
  await shot(page, 'card');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.card', { state: 'detached' });
});

await step('passage in two clicks', async () => {
  await page.click('#tab-passage');
  await page.waitForSelector('#end-from');
  const box = await page.locator('.map').boundingBox();
  const asked = page.waitForRequest((r) => r.url().endsWith('/v1/passage'));
  const answered = page.waitForResponse((r) => r.url().endsWith('/v1/passage'));
  await page.mouse.click(box.x + box.width * 0.42, box.y + box.height * 0.62);
  await page.mouse.click(box.x + box.width * 0.62, box.y + box.height * 0.40);
  const url = new URL((await asked).url());
  check(url.search === '', 'passage: something of the question is in the address');
  check((await answered).ok(), `passage: answered ${(await answered).status()}`);
  await page.waitForSelector('.answer h3');
  const words = await page.innerText('.answer h3 >> nth=0');
  check(/Aucun obstacle signalé|Passable sous conditions|Négociation nécessaire|Pas de passage|Information insuffisante/.test(words), `passage: advice in words is “${words}”`);
  check(await page.locator('.reasons li').count() > 0, 'passage: no reason');
  check(/sept\. 2024/.test(await page.innerText('.answer .figures')), `passage: does not depart on the day looked at: ${await page.innerText('.answer .figures')}`);
  check(await page.locator('.rails .outer').count() === 1, 'passage: no way on the map');
  figure('advice', words);
  await page.waitForTimeout(500);
  check(!/[?&]c=/.test(page.url()), 'passage: the address gives its view away');
  await shot(page, 'passage');
  await page.evaluate(() => { document.querySelector('.theme').click(); });
  await page.waitForTimeout(200);
  await shot(page, 'passage-night');
  await page.evaluate(() => { document.querySelector('.theme').click(); });
});

await step('territory', async () => {
  await open(page, `?t=${DAY}&c=${CAPITAL}`);
  await page.click('#tab-coverage');
  await page.waitForSelector('.area .bar');
  const text = await page.innerText('.coverage');
  check(/contours généralisés/.test(text) && !/generalised|November/.test(text), 'territory: the source is not in French');
  await shot(page, 'territory');
});

const focused = (selector, otherwise) => page
  .waitForFunction((s) => document.activeElement?.matches(s), selector, { timeout: 2000 })
  .catch(() => check(false, `keyboard: ${otherwise}`));
await step('keyboard only', async () => {
  await open(page, `?t=${DAY}&c=${CAPITAL}`);
  await page.focus('#tab-legend');
  await page.keyboard.press('ArrowRight');
  await page.waitForSelector('.entries .entry');
  let reached = false;
  for (let i = 0; i < 12 && !reached; i++) {
    await page.keyboard.press('Tab');
    reached = await page.evaluate(() => document.activeElement?.matches('.entries .entry') ?? false);
  }
  check(reached, 'keyboard: the list is not reached by tabbing');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.card #card-title');
  await focused('.card', 'the card does not take the focus');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.card', { state: 'detached' });
  await focused('.entries .entry', 'the focus does not come back to the list');
});

await step('live', async () => {
  await open(page, `?c=${CAPITAL}`);
  await page.waitForSelector('.status.live');
  const made = await page.evaluate(async ({ limitMs }) => {
    const { csrf } = await (await fetch('/v1/session')).json();
    const headers = { 'Content-Type': 'application/geo+json', 'X-CSRF-Token': csrf };
    const seen = (id) => document.querySelector(`.symbols [data-key="roadblocks:${id}"], .symbols [data-group~="${id}"]`);
    const began = performance.now();
    const answer = await fetch('/collections/roadblocks/items', {
      method: 'POST', headers,
      body: JSON.stringify({
        type: 'Feature', geometry: { type: 'Point', coordinates: [-72.3151, 18.5652] },
        properties: { subtype: 'burning_barricade', state: 'active', name_fr: 'Barricade d’essai', reliability: 'C', credibility: 3, demonstration: true, compartment: 'hum', sensitivity: 'high' },
      }),
    });
    const committed = performance.now();
    if (!answer.ok) return { status: answer.status, text: await answer.text() };
    const id = answer.headers.get('Location').split('/').at(-1);
    while (!seen(id) && performance.now() - began < limitMs * 3) await new Promise((r) => requestAnimationFrame(r));
    const drawn = performance.now();
    return { status: answer.status, id, postMs: committed - began, afterPostMs: drawn - committed, totalMs: drawn - began, there: Boolean(seen(id)) };
  }, { limitMs: LIVE_MS });
  check(made.status === 201, `live: the roadblock is not taken: ${made.status} ${made.text ?? ''}`);
  if (!made.id) return;
  check(made.there && made.totalMs < LIVE_MS, `live: on the map after ${Math.round(made.totalMs)} ms, at most ${LIVE_MS}`);
  figure('live ms (post, then until drawn, total)', [made.postMs, made.afterPostMs, made.totalMs].map(Math.round).join(', '));
  await page.waitForSelector('.changes .pill');
  await shot(page, 'live');
  const cleared = await page.evaluate(async (id) => {
    const { csrf } = await (await fetch('/v1/session')).json();
    const path = `/collections/roadblocks/items/${id}`;
    const etag = (await fetch(path)).headers.get('ETag');
    return (await fetch(path, { method: 'PATCH', headers: { 'Content-Type': 'application/merge-patch+json', 'X-CSRF-Token': csrf, 'If-Match': etag }, body: '{"properties":{"state":"cleared"}}' })).status;
  }, made.id);
  check(cleared === 200 || cleared === 204, `live: clearing is answered ${cleared}`);
});

await step('phone, signed in', async () => {
  await page.setViewportSize({ width: 360, height: 720 });
  await open(page, `?t=${DAY}&c=${CAPITAL}`);
  await page.waitForSelector('.streets .core', { state: 'attached' });
  await page.waitForTimeout(400);
  await shot(page, 'phone');
  check(await noSideways(page), 'phone, signed in: scrolls sideways');
  await page.click('#tab-view');
  await page.click('.entries .entry >> nth=0');
  await page.waitForSelector('.card #card-title');
  await shot(page, 'phone-card');
  check(await noSideways(page), 'phone, signed in: the card scrolls sideways');
});
await leave(page, 'editor');

await step('weight', async () => {
  // What comes over the wire until all layers are drawn: page, code, styles and font.
  const context = await browser.newContext();
  await context.addInitScript(() => {
    const watch = new MutationObserver(() => {
      if (!document.querySelector('.page[aria-busy="false"]')) return;
      window.mapMs = performance.now();
      watch.disconnect();
    });
    watch.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['aria-busy'] });
  });
  const first = await context.newPage();
  await first.goto(`${origin}/`, { waitUntil: 'load' });
  await first.waitForFunction(() => window.mapMs);
  const { bytes, ms, files } = await first.evaluate(() => {
    const before = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .filter((e) => e.startTime < window.mapMs && (e.entryType === 'navigation' || /[.](js|css|woff2)$/.test(e.name)));
    return { bytes: before.reduce((sum, e) => sum + e.transferSize, 0), ms: window.mapMs, files: before.length };
  });
  figure('first map: kB of page, code, styles and font over the wire, files, ms', `${(bytes / 1000).toFixed(1)}, ${files}, ${Math.round(ms)}`);
  await context.close();
});

await browser.close();
console.log(failures.length === 0 ? 'all steps passed' : `${failures.length} failures`);
process.exit(failures.length === 0 ? 0 : 1);
