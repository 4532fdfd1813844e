// What works, on whose ground it stands, and what works but cannot be reached.
import { hasWord, t, text3, word } from '../i18n';
import { number } from '../i18n/format';
import { reveal } from '../map/map';
import { isCollection } from '../model';
import { datetime } from '../state';
import { choose } from '../store';
import * as ask from './ask';
import { refusal, workingParts, workings } from './figures';
import type { CutOffFacility, ExposedArea, ExposedType, FacilityCount, Value } from './model';
import { area, placeName, showBox } from './places';
import { colon } from './text';
import { Stacks, type StackRow } from './stack';
import { Answered, Refused } from './value';
import { c } from './words';

export function Facilities({ values }: { values: readonly Value[] }) {
  const id = area.value;
  const answer = ask.useAnswer(`exposure ${id}`, (signal) => ask.exposure(id, datetime.value, signal));
  return (
    <>
      <Working values={values} />
      <h4>{c('exposed')}</h4>
      <Answered answer={answer} room={260}>{({ areas, notice }) => <>{areas.map((a) => <Exposed key={a.id} area={a} />)}<p class="hint">{text3(notice)}</p></>}</Answered>
    </>
  );
}

function Working({ values }: { values: readonly Value[] }) {
  const rows = (['L1', 'H1'] as const).map((code) => ({ code, name: c(code === 'L1' ? 'police' : 'health'), parts: workingParts(values, code) }));
  const told = rows.flatMap((r): StackRow[] => (r.parts ? [{ key: r.code, name: r.name, parts: r.parts }] : []));
  return (
    <>
      {told.length > 0 && <Stacks rows={told} names={workings} words="works" caption={c('worksTable')} first={c('type')} />}
      {rows.filter((r) => !r.parts).map((r) => {
        const value = refusal(values, r.code);
        return value && <div key={r.code}><p><strong>{r.name}</strong></p><Refused value={value} /></div>;
      })}
      {told.length > 0 && <Note value={values.find((v) => v.indicator === told[0]!.key && v.note)} />}
    </>
  );
}
const Note = ({ value }: { value: Value | undefined }) => (value?.note ? <p class="note">{text3(value.note)}</p> : null);

/** In the words of the map; with its layer where two layers hold the same type. */
function typeName(x: ExposedType, all: readonly ExposedType[]): string {
  if (!hasWord('facility', x.facility_type)) return text3(x.label);
  const name = word('facility', x.facility_type);
  const twice = all.some((y) => y !== x && y.facility_type === x.facility_type);
  return twice && hasWord('layer', x.layer) ? `${name} (${word('layer', x.layer)})` : name;
}

const central = (list: readonly FacilityCount[] | null, ...of: string[]) => (list ?? []).filter((x) => of.includes(x.of)).reduce((sum, x) => sum + x.central, 0);
export const heldOf = (type: ExposedType): number => central(type.contexts, 'controlled', 'contested', 'influenced');
export const unknownOf = (type: ExposedType): number => central(type.contexts, 'unknown', 'unassessed');

function Exposed({ area: a }: { area: ExposedArea }) {
  if (a.status !== 'assessed') return <Refused value={{ status: a.status }} />;
  const types = a.types ?? [];
  const cut = a.cut_off;
  const list = cut.facilities ?? [];
  return (
    <>
      {types.length === 0 && <p class="empty">{c('nothing')}</p>}
      {types.length > 0 && (
        <div class="table" tabIndex={0} role="region" aria-label={c('exposedTable')}>
          <table>
            <caption>{c('exposedTable')}</caption>
            <thead><tr><th scope="col">{c('type')}</th><th scope="col">{c('inZone')}</th><th scope="col">{c('unknownGround')}</th><th scope="col">{c('onRecord')}</th></tr></thead>
            <tbody>
              {types.map((x) => (
                <tr key={`${x.layer} ${x.facility_type}`}><th scope="row">{typeName(x, types)}</th><td>{number(heldOf(x))}</td><td>{number(unknownOf(x))}</td><td>{number(x.n)}</td></tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {types.length > 0 && <p class="hint">{c('inZoneNote')}</p>}
      <h4 id="cut-off">{c('cutOff')} {cut.status === 'assessed' && list.length > 0 && <span class="count">{c('cutOffOf', { n: number(list.length), of: number(cut.looked) })}</span>}</h4>
      {cut.status !== 'assessed' && <Refused value={cut} />}
      {cut.status === 'assessed' && list.length === 0 && <p class="empty">{c('cutOffNone', { n: number(cut.looked) })}</p>}
      <ul class="change-list" aria-labelledby="cut-off">{list.map((f) => <li key={f.id}><CutOff facility={f} /></li>)}</ul>
      {cut.status === 'assessed' && cut.note && <p class="note">{text3(cut.note)}</p>}
    </>
  );
}

function CutOff({ facility: f }: { facility: CutOffFacility }) {
  const show = () => {
    if (isCollection(f.layer)) {
      const target = { collection: f.layer, id: f.id };
      choose(target);
      reveal(target);
    } else if (f.geometry) {
      const [lon, lat] = f.geometry.coordinates;
      showBox({ west: lon, east: lon, south: lat, north: lat });
    }
  };
  return (
    <button type="button" class="entry" onClick={show}>
      <span class="grow">
        <strong>{text3(f.name) || word('facility', f.facility_type)}</strong>
        <small>{[word('facility', f.facility_type), placeName(f.commune), c(f.connection === 'closed' ? 'connection.closed' : 'connection.unknown'), `${t('legend.control').toLowerCase()}${colon()}${f.control_context === 'unassessed' ? c('unassessed') : word('control', f.control_context)}`].filter(Boolean).join(' · ')}</small>
      </span>
    </button>
  );
}
