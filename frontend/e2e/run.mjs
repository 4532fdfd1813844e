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
let expected = null; // what the console may say while a fault is made on purpose
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
  page.on('console', (m) => { if (expected?.test(m.text())) return; if (m.type() === 'error' || /Content Security Policy/i.test(m.text())) check(false, `${name}: console: ${m.text()} ${m.location().url}`); });
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

await step('what the public is told of territory', async () => {
  const page = await visitor('public');
  await open(page, `?t=${DAY}&c=${CAPITAL}`);
  await page.click('#tab-coverage');
  await page.waitForSelector('.area');
  const text = await page.innerText('.coverage');
  check(/Retenu pour ce public|Publié le/.test(text), 'public: neither released nor withheld');
  check(await page.locator('#coverage-area, .section').count() === 0, 'public: parts for those who are signed in');
  const share = (central) => ({ low: central, central, high: central + 0.05 });
  await page.route('**/v1/coverage?**', (route) => route.fulfill({
    json: {
      released_at: '2024-08-31T09:30:00Z', datetime: '2024-08-30T09:30:00Z', revision: 5, audience: 'public', least_sources: 3, rounding: 0.01, notice: { fr: '« Inconnu » ne veut pas dire libre.' },
      areas: [
        { id: 'ZMPP-admin', name: { fr: 'Zone d’essai' }, level: 'named', status: 'assessed', denominator: { name: 'Zone d’essai', area_km2: 700, members: ['HT0111'], missing: ['HT0112'], source: 'essai' }, classes: ['controlled', 'contested_or_influenced', 'other', 'unknown'].map((x, i) => ({ class: x, share: share(i / 10) })) },
        { id: 'lower-artibonite', name: { fr: 'Zone retenue' }, level: 'named', status: 'withheld', denominator: null, classes: null },
      ],
    },
  }));
  await page.reload({ waitUntil: 'load' });
  await ready(page);
  await page.click('#tab-coverage');
  await page.waitForSelector('.released');
  const released = await page.innerText('.coverage');
  check(/Publié le 31 août 2024/.test(released) && /moins de 3 sources/.test(released), 'public: no date or no rule of the release');
  check(await page.locator('.area.assessed .bar').count() === 4 && /inconnu ou non évalué/.test(released), 'public: not all four classes');
  check(/Retenu pour ce public/.test(await page.innerText('.area.withheld')), 'public: a withheld area does not say so');
  await shot(page, 'released');
  await leave(page, 'public');
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

const openSection = async (on, id) => {
  const section = `details[data-section="${id}"]`;
  if (!await on.locator(`${section}[open]`).count()) await on.click(`${section} > summary`);
  await on.waitForSelector(`${section} .section-body`);
  await on.waitForFunction((x) => !document.querySelector(`${x} .answered[aria-busy="true"]`), section);
  return section;
};

await step('territory', async () => {
  await open(page, `?t=${DAY}&c=${CAPITAL}`);
  await page.click('#tab-coverage');
  await page.waitForSelector('.figure-card .amounts');
  const text = await page.innerText('.coverage');
  const has = (pattern, what) => check(pattern.test(text), `territory: no ${what}`);
  has(/Valable au 1 sept\. 2024 · connu à la révision \d/, 'date and revision');
  has(/sur 72\d\skm² — Zone métropolitaine/, 'denominator in words');
  has(/non évalué/, 'share that nobody assessed');
  has(/confiance (élevée|moyenne|faible) · \d+ objets?/, 'confidence and number of records');
  check(/contours généralisés/.test(text) && !/generalised|November/.test(text), 'territory: the source is not in French');
  await shot(page, 'territory');
  await openSection(page, 'compare');
  check(await page.locator('.area .bar').count() > 3, 'territory: no areas to compare');
  await page.selectOption('#coverage-area', 'HT');
  await page.waitForFunction(() => /26\s\d{3}\skm²/.test(document.querySelector('.figure-card')?.textContent ?? ''));
  const trend = await openSection(page, 'trend');
  await page.selectOption('#trend-measure', 'L1');
  await openSection(page, 'trend');
  const told = await page.evaluate(async () => (await (await fetch('/v1/coverage/values?indicator=L1&area=HT&datetime=2024-09-01T17:00:00Z')).json()).values.some((v) => v.baseline));
  figure('baseline of L1 told by the server', told);
  if (told) {
    await page.waitForSelector(`${trend} svg .baseline`, { state: 'attached' });
    check(/référence 67\/412 = 16,3\s% \(31 déc\. 2024\)/.test(await page.innerText(trend)), 'territory: the line has no dated baseline');
  }
  await page.selectOption('#trend-measure', 'T1');
});

await step('territory in full', async () => {
  await page.selectOption('#coverage-area', 'ZMPP-admin');
  const trend = await openSection(page, 'trend');
  const label = await page.getAttribute(`${trend} svg[role="img"]`, 'aria-label');
  check(/ le 1 sept\. 2024 \(de .* à .*\), contre /.test(label ?? ''), `territory: the line is told as “${label}”`);
  const read = () => page.innerText(`${trend} .read span`);
  const before = await read();
  await page.focus(`${trend} input[type=range]`);
  await page.keyboard.press('Home');
  check(await read() !== before, 'territory: the line cannot be read by keyboard');
  check(await page.locator(`${trend} tbody tr`).count() === 91, 'territory: not 91 days in the table of the line');
  const roads = await openSection(page, 'roads');
  check(await page.locator(`${roads} .stack-bar[role="img"]`).count() > 2, 'territory: no roads by state');
  check(/ inconnus, sur /.test(await page.getAttribute(`${roads} .stack-bar`, 'aria-label')), 'territory: the unknown kilometres are not told');
  const facilities = await openSection(page, 'facilities');
  check(await page.locator(`${facilities} .stack-bar`).count() === 2, 'territory: police and health are not both there');
  check(await page.locator(`${facilities} table caption`).count() === 2, 'territory: a table of facilities without a caption');
  const blind = await openSection(page, 'blind');
  check(/\d+ communes? sur \d+ sans observation|Chaque commune/.test(await page.innerText(blind)), 'territory: no blind communes');
  const objectives = await openSection(page, 'objectives');
  check(await page.locator(`${objectives} .objectives > li`).count() === 6, 'territory: not six objectives');
  const words = await page.innerText(objectives);
  check(/67\/412 = 16,3\s%/.test(words), 'territory: no baseline 67/412 = 16,3 %');
  check(/Non mesuré ici/.test(words), 'territory: nothing is said to be not measured');
  const csv = await page.evaluate(async () => {
    const answer = await fetch(document.querySelector('.csv a').href, { headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
    return { status: answer.status, type: answer.headers.get('Content-Type'), text: (await answer.text()).slice(0, 200) };
  });
  check(csv.status === 200 && /^text\/csv/.test(csv.type ?? '') && /indicator,formula/.test(csv.text), `territory: the values as CSV are ${csv.status} ${csv.type}`);
  await shot(page, 'territory-full');
});

await step('why it moved', async () => {
  await open(page, `?t=2024-08-10T17:00:00Z&c=${CAPITAL}`);
  await page.click('#tab-coverage');
  const why = await openSection(page, 'why');
  await page.click(`${why} .segments button >> nth=2`);
  await page.waitForSelector(`${why} .change-list .entry`);
  const rows = await page.locator(`${why} .fall li`).allInnerTexts();
  check(rows.length === 4, `why: ${rows.length} rows of the change`);
  check(/\+\d/.test(rows[0] ?? ''), `why: the situation is “${rows[0]}”`);
  const view = () => page.getAttribute('.map > svg > g', 'transform');
  const before = await view();
  await page.focus(`${why} .change-list .entry`);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.pointed-ground .over', { state: 'attached' });
  await page.waitForTimeout(300);
  check(await view() !== before, 'why: the map does not go to the change');
  await shot(page, 'why');
  await page.click('#tab-legend');
  check(await page.locator('.pointed-ground').count() === 0, 'why: the ground stays marked when the panel is left');
});

await step('territory fails, then not', async () => {
  await open(page, `?t=${DAY}&c=${CAPITAL}`);
  await page.route('**/v1/coverage/values?**', (route) => route.abort());
  expected = /ERR_FAILED/;
  await page.click('#tab-coverage');
  await page.waitForSelector('.coverage .problem .link');
  await page.unroute('**/v1/coverage/values?**');
  await page.click('.coverage .problem .link');
  await page.waitForSelector('.figure-card .amounts');
  expected = null;
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
  await page.click('.card .close');
  await page.click('#tab-coverage');
  await page.click('.handle');
  await page.waitForSelector('.figure-card .amounts');
  for (const id of ['trend', 'why', 'roads', 'facilities', 'objectives', 'compare']) {
    await openSection(page, id);
    check(await noSideways(page) && await page.evaluate(() => { const p = document.querySelector('#panel'); return p.scrollWidth <= p.clientWidth; }), `phone, signed in: ${id} scrolls sideways`);
  }
  await shot(page, 'phone-territory');
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
