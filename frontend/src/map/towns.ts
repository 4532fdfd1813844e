// Towns that the base map names at once, before any layer arrives: departmental capitals
// (rank 1) and large or well-placed towns (rank 2, 3). Positions are of the town centre to about
// one kilometre, from general knowledge, for drawing only.
import type { Position } from '../model';

export interface Town { name: string; ht: string; at: Position; rank: 1 | 2 | 3 }

const town = (rank: 1 | 2 | 3, name: string, ht: string, lon: number, lat: number): Town => ({ rank, name, ht, at: [lon, lat] });

export const towns: readonly Town[] = [
  town(1, 'Port-au-Prince', 'Pòtoprens', -72.338, 18.543),
  town(1, 'Cap-Haïtien', 'Okap', -72.204, 19.758),
  town(1, 'Gonaïves', 'Gonayiv', -72.689, 19.449),
  town(1, 'Les Cayes', 'Okay', -73.75, 18.194),
  town(1, 'Jérémie', 'Jeremi', -74.117, 18.645),
  town(1, 'Port-de-Paix', 'Pòdepè', -72.83, 19.939),
  town(1, 'Hinche', 'Ench', -72.01, 19.145),
  town(1, 'Jacmel', 'Jakmèl', -72.535, 18.234),
  town(1, 'Fort-Liberté', 'Fòlibète', -71.839, 19.663),
  town(1, 'Miragoâne', 'Miragwàn', -73.088, 18.442),
  town(2, 'Saint-Marc', 'Sen Mak', -72.694, 19.108),
  town(2, 'Mirebalais', 'Mibalè', -72.105, 18.834),
  town(2, 'Léogâne', 'Leyogàn', -72.633, 18.511),
  town(2, 'Petit-Goâve', 'Tigwav', -72.863, 18.431),
  town(2, 'Ouanaminthe', 'Wanament', -71.724, 19.549),
  town(3, 'Pétion-Ville', 'Petyonvil', -72.285, 18.512),
  town(3, 'Carrefour', 'Kafou', -72.399, 18.541),
  town(3, 'Croix-des-Bouquets', 'Kwadèboukè', -72.226, 18.575),
  town(3, 'Kenscoff', 'Kenskòf', -72.286, 18.448),
  town(3, 'Cabaret', 'Kabarè', -72.417, 18.735),
  town(3, 'Arcahaie', 'Lakayè', -72.514, 18.77),
];
