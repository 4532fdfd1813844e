// Colours of the two themes. The control hues were chosen for the largest smallest CIEDE2000
// distance between any two classes under normal vision and simulated protan, deutan and tritan
// vision; test/palette.test.ts computes the distances again and fails when an edit spoils them.
import type { ControlType, RoadStatus } from './model';

export type Theme = 'day' | 'night';

export interface Palette {
  control: Record<ControlType, string>;
  road: Record<RoadStatus, string>;
  /** Fill of a roadblock by who or what stands behind it. */
  obstacle: Record<'armed' | 'police' | 'community' | 'physical', string>;
  ui: Record<
    | 'paper' | 'sheet' | 'ink' | 'muted' | 'rule' | 'sea' | 'land' | 'coast' | 'boundary' | 'outline' | 'hatch'
    | 'casing' | 'street' | 'street-casing' | 'halo' | 'accent' | 'on-accent' | 'focus' | 'warn' | 'warn-ink' | 'rail-a' | 'rail-b' | 'ring' | 'ring-spent',
    string
  >;
}

export const palettes: Record<Theme, Palette> = {
  day: {
    control: {
      controlled: '#541723', influenced: '#c53800', contested: '#f7ae00', self_defence: '#a365dd',
      recovered: '#abdbfe', state_held: '#08367b', depopulated: '#76857f', unknown: '#efeed8',
    },
    road: { open: '#176b5f', restricted: '#ba7000', closed: '#6d001b', unknown: '#818baa' },
    obstacle: { armed: '#6d001b', police: '#08367b', community: '#8a46cc', physical: '#5a6684' },
    ui: {
      paper: '#ffffff', sheet: '#ffffff', ink: '#14181f', muted: '#4d5766', rule: '#c9d0d8', sea: '#cfdce2', land: '#f4f2ec',
      coast: '#8b98a0', boundary: '#8f8674', outline: '#2a0b12', hatch: '#ffffff', casing: '#ffffff', street: '#ffffff', 'street-casing': '#8d8676', halo: '#ffffff',
      accent: '#08367b', 'on-accent': '#ffffff', focus: '#0b57d0', warn: '#fff1c9', 'warn-ink': '#4a3200',
      'rail-a': '#14181f', 'rail-b': '#ffffff', ring: '#14181f', 'ring-spent': '#b9c2ca',
    },
  },
  night: {
    control: {
      controlled: '#ba4154', influenced: '#d68d58', contested: '#fedc35', self_defence: '#be91ff',
      recovered: '#acdae4', state_held: '#3b6eaa', depopulated: '#889294', unknown: '#313d52',
    },
    road: { open: '#74f9e7', restricted: '#ffd735', closed: '#da4d5f', unknown: '#7f9ad0' },
    obstacle: { armed: '#c73b50', police: '#3b6eaa', community: '#9b63e6', physical: '#5f7bb3' },
    ui: {
      paper: '#0b0f14', sheet: '#10161d', ink: '#dfe4e9', muted: '#a3adb8', rule: '#2d3742', sea: '#080b10', land: '#161d25',
      coast: '#55626f', boundary: '#5d6875', outline: '#e8ecf0', hatch: '#e8ecf0', casing: '#0b0f14', street: '#617083', 'street-casing': '#0b0f14', halo: '#0b0f14',
      accent: '#8ab8ff', 'on-accent': '#0b0f14', focus: '#8ab8ff', warn: '#33290b', 'warn-ink': '#f2d98a',
      'rail-a': '#e8ecf0', 'rail-b': '#0b0f14', ring: '#e8ecf0', 'ring-spent': '#46525f',
    },
  },
};

/** Sets the palette as custom properties; the style sheet and the map read nothing else. */
export function applyPalette(theme: Theme, root: HTMLElement): void {
  const { control, road, obstacle, ui } = palettes[theme];
  const set = (prefix: string, colours: Record<string, string>) => {
    for (const [name, value] of Object.entries(colours)) root.style.setProperty(`--${prefix}${name}`, value);
  };
  set('control-', control);
  set('road-', road);
  set('obstacle-', obstacle);
  set('', ui);
  root.dataset.theme = theme;
  root.style.setProperty('color-scheme', theme === 'night' ? 'dark' : 'light');
}
