// Answers the questions of a job with Valhalla and tells how long each took.
// It reads the job as JSON from standard input: config, the name of the
// configuration file; pairs of [[lon, lat], [lon, lat]]; zones, rings of
// [lon, lat]. It writes, as JSON, for each setting and pair, milliseconds and the
// seconds of the route, null where there is none.
import { readFileSync, writeFileSync } from 'node:fs';
import { Actor } from '@valhallajs/valhallajs';

const job = JSON.parse(readFileSync(0, 'utf8'));
const actor = await Actor.fromConfigFile(job.config);

async function ask(pair, zones) {
  const request = { locations: pair.map(([lon, lat]) => ({ lon, lat })), costing: 'auto', directions_type: 'none' };
  if (zones.length > 0) request.exclude_polygons = zones;
  const start = process.hrtime.bigint();
  let seconds = null;
  let refusal = null;
  try {
    let answer = await actor.route(request);
    if (typeof answer === 'string') answer = JSON.parse(answer);
    seconds = answer.trip.summary.time;
  } catch (error) {
    refusal = String(error.message ?? error);
  }
  return { ms: Number(process.hrtime.bigint() - start) / 1e6, seconds, refusal };
}

const out = [];
for (const zones of [[], job.zones]) {
  await ask(job.pairs[0], zones); // warms the tiles
  const answers = [];
  for (const pair of job.pairs) answers.push(await ask(pair, zones));
  out.push(answers);
}
// In one go: whatever the library itself has printed comes before.
writeFileSync(job.result, JSON.stringify(out));
